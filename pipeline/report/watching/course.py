"""The course of a measure at a level: the latest twelve months, the periods it is drawn by, the latest of them, and
what it was before; all of it from released numbers, so that nothing hidden can show through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import sqrt

from pipeline.periods import Grain, before, grain_of, quarter_number, quarters_of
from pipeline.report.released import Released
from pipeline.report.watching.measured import Key, is_told, rows_of, told_beside_harm
from pipeline.results import Result

SERIES = (Grain.QUARTER, Grain.HALF, Grain.YEAR)  # finest first
READABLE = 0.6  # of the periods of a series, over all levels: with fewer it would be gaps
LATE = 1  # quarters since the end of a period that still counts as the latest
LOOKED_BACK = {Grain.MONTH: 12, Grain.QUARTER: 4, Grain.HALF: 2, Grain.YEAR: 1}  # twelve months before


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its counts and its variance; periods: which it is of.

    Where its counts are not told the share is a whole percent, counted is None, and asked is how many started then: the
    variance is the largest that as many people could have.
    """

    value: float
    counted: int | None
    asked: int
    variance: float
    periods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """One measure at one level.

    headline  the row of the latest twelve months, of all periods where none are known; None where it was not counted
    periods, values  the drawn series, None for what is hidden
    latest    the row of the edition's period, or the last complete one; earlier: the twelve months before it
    """

    key: Key
    arm: str
    headline: Result | None
    grain: Grain | None
    periods: tuple[str, ...]
    values: tuple[float | None, ...]
    latest: Result | None
    now: Share | None
    earlier: Share | None


def courses(released: Released, keys: Sequence[Key], arms: Sequence[str], period: str, site: str = "") -> list[Course]:
    """The courses of these measures at these levels; period: the edition's, '' for the latest of each measure."""
    found = []
    for key in keys:
        rows = {arm: rows_of(released, key, arm, site) for arm in arms}
        shown = {arm: told_rows(released, of) for arm, of in rows.items()}
        grain = grain_of_series(shown)
        for arm in (arm for arm in arms if rows[arm]):
            found.append(course(key, arm, rows[arm], shown[arm], grain, period, starters(released, arm, site)))
    return found


def starters(released: Released, arm: str, site: str) -> dict[str, int]:
    """How many people started at a level in each period, where that is told."""
    points = () if site else released.tables.points
    return {p.label: p.n for p in points if p.figure == "quarter_starts" and p.series == arm and isinstance(p.n, int)}


def told_rows(released: Released, rows: Mapping[str, Result]) -> dict[str, Result | None]:
    """The rows by period, None for one that is not told."""
    return {period: row if is_told(row) and told_beside_harm(released, row) else None for period, row in rows.items()}


def grain_of_series(shown: Mapping[str, Mapping[str, Result | None]]) -> Grain | None:
    """The finest grain at which most periods of all levels are told: one grain for all of them."""
    for grain in SERIES:
        cells = [row for of in shown.values() for period, row in of.items() if grain_of(period) is grain]
        if cells and sum(row is not None for row in cells) >= READABLE * len(cells):
            return grain
    return None


def course(
    key: Key,
    arm: str,
    rows: Mapping[str, Result],
    shown: Mapping[str, Result | None],
    grain: Grain | None,
    period: str,
    started: Mapping[str, int],
) -> Course:
    periods = sorted(one for one in rows if grain and grain_of(one) is grain)
    values = tuple(row.estimate if (row := shown[one]) is not None else None for one in periods)
    chosen = period if period and grain_of(period) is not Grain.ROLLING else latest_told(shown)
    latest = shown.get(chosen) if chosen else None
    shares = {one: share_of(row, started) if row is not None else None for one, row in shown.items()}
    earlier = before_of(chosen, shares) if latest is not None else None
    return Course(key, arm, headline_of(rows), grain, tuple(periods), values, latest, shares.get(chosen), earlier)


def headline_of(rows: Mapping[str, Result]) -> Result | None:
    """The latest twelve months; all periods together where there are none."""
    rolling = sorted(period for period in rows if grain_of(period) is Grain.ROLLING)
    return rows[rolling[-1]] if rolling else rows.get("")


def latest_told(shown: Mapping[str, Result | None]) -> str:
    """The last complete quarter where it is told, else the half-year or year that ends with it or one quarter before;
    '' where none is."""
    ends = [quarter_number(quarters_of(one)[-1]) for one in shown if grain_of(one) in SERIES]
    for grain in SERIES:
        of_grain = sorted(period for period in shown if grain_of(period) is grain)
        if of_grain and shown[of_grain[-1]] is not None:
            is_new = max(ends) - quarter_number(quarters_of(of_grain[-1])[-1]) <= LATE
            return of_grain[-1] if is_new else ""
    return ""


def before_of(period: str, shares: Mapping[str, Share | None]) -> Share | None:
    """The twelve months before a period: its neighbors where all are told, else the rest of the rolling year that ends
    with it; else as many neighbors as are told."""
    grain = grain_of(period)
    if grain is None:
        return None
    near, one = [], period
    for _ in range(LOOKED_BACK.get(grain, 0)):
        one = before(one)
        if one not in shares:
            break
        near.append(one)
    rest = rest_of_year(period, shares)
    if rest is not None and any(shares[one] is None for one in near):
        return rest
    told = [share for share in takewhile(lambda share: share is not None, (shares[one] for one in near)) if share]
    return together(told) if told else rest


def rest_of_year(period: str, shares: Mapping[str, Share | None]) -> Share | None:
    """The rolling year that ends with a period, without it; None where one of them has no counts."""
    inside, part = quarters_of(period), shares[period]
    for name, whole in shares.items():
        if grain_of(name) is Grain.ROLLING and inside and quarters_of(name)[-1:] == inside[-1:] and whole and part:
            rest = tuple(one for one in quarters_of(name) if one not in inside)
            return without(whole, part, rest)
    return None


def without(whole: Share, part: Share, periods: tuple[str, ...]) -> Share | None:
    """What is left of a share; chances resemble each other as much as in the whole.  None without counts."""
    if whole.counted is None or part.counted is None or whole.asked <= part.asked or whole.counted < part.counted:
        return None
    counted, asked = whole.counted - part.counted, whole.asked - part.asked
    value = counted / asked
    chance = whole.value * (1 - whole.value) / whole.asked
    factor = max(whole.variance / chance, 1.0) if chance > 0 else 1.0
    return Share(value, counted, asked, factor * value * (1 - value) / asked, periods)


def together(shares: Sequence[Share]) -> Share:
    """Shares of different people as one; without counts where one has none."""
    asked = sum(one.asked for one in shares)
    counts = [one.counted for one in shares]
    counted = None if None in counts else sum(count for count in counts if count is not None)
    value = sum(one.asked * one.value for one in shares) / asked
    variance = sum((one.asked / asked) ** 2 * one.variance for one in shares)
    return Share(value, counted, asked, variance, tuple(sorted(period for one in shares for period in one.periods)))


def share_of(row: Result, started: Mapping[str, int] | None = None) -> Share | None:
    """A released row as a share; without counts where they are not told and it is known how many started then."""
    if isinstance(row.numerator, int) and isinstance(row.denominator, int) and row.denominator:
        value = row.numerator / row.denominator
        spread = row.se if isinstance(row.se, float) else sqrt(value * (1 - value) / row.denominator)
        return Share(value, row.numerator, row.denominator, spread**2, (row.period,))
    people = sum((started or {}).get(one, 0) for one in quarters_of(row.period))
    if not isinstance(row.estimate, float) or not people or not row.population.startswith("people"):
        return None
    return Share(row.estimate, None, people, row.estimate * (1 - row.estimate) / people, (row.period,))
