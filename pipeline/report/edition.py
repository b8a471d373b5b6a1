"""One edition of the quality page: its period, the one before, its site, and what a page of that site may hold."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.errors import UsageError
from pipeline.periods import ROLLING, Grain, grain_of, longer_periods, quarter_of_month, quarters_of
from pipeline.report.released import Released
from pipeline.results import FigurePoint, Result

MEASURES = "measures"
TOO_EARLY = "too early"
NOT_USED = "nobody was measured with this scale"
LAST_YEAR = "last-12-months"
WRITTEN = "write 2026, 2026H1, 2026Q3, 2026-09 or last-12-months"
ENOUGH = 0.5  # of the measures: a period in which fewer can be told is too short for them


@dataclass(frozen=True, slots=True)
class Edition:
    """What a quality page is about: a period ('' where no measure has one) and a site ('' for all of them); asked: the
    period that was asked for, '' where the latest of each measure is looked at."""

    period: str
    site: str = ""
    asked: str = ""

    @property
    def title(self) -> str:
        """'Quality of care, 2026Q3, site s01'; without a period where the latest of each measure stands on it."""
        return ", ".join(
            part for part in ("Quality of care", self.asked, f"site {self.site}" if self.site else "") if part
        )

    @property
    def name(self) -> str:
        """'quality-2026Q3-s01', a file name; two sites never share one, whatever their letters."""
        return "-".join(part for part in ("quality", self.period.replace(" ", "-"), file_word(self.site)) if part)


def file_word(site: str) -> str:
    """A site's code as part of a file name; one that had to be changed, or that some file systems would not tell from
    another, carries the beginning of its hash."""
    plain = re.sub(r"[^a-z0-9_-]+", "_", site.lower())[:40]
    return plain if plain == site else f"{plain}-{hashlib.sha256(site.encode()).hexdigest()[:8]}"


def periods(released: Released) -> tuple[str, ...]:
    """Every period that some measure is counted by: years, half-years, quarters, months, then rolling years."""
    found = {row.period for row in released.rows(analysis=MEASURES) if row.period}
    order = list(Grain)
    return tuple(sorted(found, key=lambda one: (order.index(grain) if (grain := grain_of(one)) else -1, one)))


def sites(released: Released) -> tuple[str, ...]:
    """Every site with a measure of its own, in order."""
    return tuple(sorted({row.site for row in released.rows(analysis=MEASURES) if row.site}))


def latest(released: Released) -> str:
    """The last period that can be observed in full: a quarter where there are quarters, else a year; '' where there is
    none."""
    known = periods(released)
    early = {row.period for row in released.rows(analysis=MEASURES) if row.reason.startswith(TOO_EARLY)}
    for grain in (Grain.QUARTER, Grain.YEAR, Grain.MONTH):
        whole = [period for period in known if grain_of(period) is grain and period not in early]
        if whole:
            return whole[-1]
    return ""


def edition(released: Released, period: str = "", site: str = "") -> Edition:
    """The edition asked for.  Raises UsageError for a period outside the records, one that is none, or a site that the
    measures do not know, with those they do."""
    if site and site not in sites(released):
        raise UsageError(
            f"--site {site} is not known; known are:"
            f" {', '.join(sites(released)) or 'none, for no measure is counted by site'}"
        )
    asked = asked_for(released, period) if period else ""
    return Edition(asked or latest(released), site, asked)


def asked_for(released: Released, period: str) -> str:
    """The period as results name it.  Raises UsageError where it is none, or lies outside the records."""
    known = periods(released)
    if period == LAST_YEAR:
        rolling = [one for one in known if grain_of(one) is Grain.ROLLING]
        if rolling:
            return rolling[-1]
        raise UsageError(f"--period {LAST_YEAR}: no measure is known for twelve months yet; {known_words(released)}")
    if period in known or inside(period, known):
        return period
    asked = "is not in the records" if grain_of(period) else f"is no period; {WRITTEN}"
    raise UsageError(f"--period {period} {asked}; {known_words(released)}")


def inside(period: str, known: Iterable[str]) -> bool:
    """Whether a period that no measure is told by lies among those that are."""
    quarters = quarters_of(period) or ((quarter_of_month(period),) if grain_of(period) is Grain.MONTH else ())
    return bool(quarters) and any(one in known for one in quarters)


def known_words(released: Released) -> str:
    whole = latest(released)
    last = f"; the latest that everybody was followed through is {whole}" if whole else ""
    return f"known are: {known_periods(released) or 'none, for no measure has a period'}{last}"


def known_periods(released: Released) -> str:
    """'2024 to 2026, 2024Q1 to 2026Q1'."""
    spans = []
    for grain in (Grain.YEAR, Grain.HALF, Grain.QUARTER, Grain.MONTH):
        some = [period for period in periods(released) if grain_of(period) is grain]
        spans += [f"{some[0]} to {some[-1]}" if len(some) > 1 else some[0]] if some else []
    return ", ".join(spans)


def would_do(released: Released, issue: Edition) -> str:
    """A longer period in which at least half of the measures can be told, where they cannot be in this one; '' where
    they can be, or in none."""
    if not issue.asked or share_told(released, issue.period) >= ENOUGH:
        return ""
    longer = [one for one in longer_periods(issue.period) if grain_of(one) is not Grain.ROLLING]
    found = next((one for one in longer if share_told(released, one) >= ENOUGH), "")
    rolling = [one for one in periods(released) if grain_of(one) is Grain.ROLLING]
    return found or (LAST_YEAR if rolling and share_told(released, rolling[-1]) > 0 else "")


def share_told(released: Released, period: str) -> float:
    """Share of the measures and levels that can be told of all periods which can be told of one."""
    ever: set[tuple[object, ...]] = set()
    now: set[tuple[object, ...]] = set()
    for row in released.rows(analysis=MEASURES, site="", payer="", stratum=""):
        if isinstance(row.estimate, float):
            ever.add(about(row))
            now |= {about(row)} if row.period == period else set()
    return len(now) / len(ever) if ever else 0.0


def about(row: Result) -> tuple[object, ...]:
    return row.measure, row.outcome, row.day, row.arm


def spoken(some: tuple[str, ...]) -> str:
    """'2025Q3', '2024Q4 to 2025Q2', 'the 12 months to 2025Q3'."""
    words = [f"the {one}" if one.startswith(ROLLING) else one for one in some]
    return words[0] if len(words) == 1 else f"{words[0]} to {words[-1]}"


def of_site(released: Released, site: str) -> Released:
    """The same without anything of another site; a page of one site is made from this, and from how much sites differ
    (pulled_of).  '' leaves all sites in."""
    if not site:
        return released
    others = {row.result_id for row in released.tables.results if row.site not in ("", site)}
    tables = replace(
        released.tables,
        results=tuple(row for row in released.tables.results if row.result_id not in others),
        curves=tuple(one for one in released.tables.curves if one.result_id not in others),
        diagnostics=tuple(one for one in released.tables.diagnostics if one.result_id not in others),
        points=tuple(own(released.tables.points, others, set(sites(released)) - {site})),
    )
    return replace(released, tables=tables)


def own(points: Iterable[FigurePoint], others: set[str], names: set[str]) -> Iterable[FigurePoint]:
    """Points of no other site's result and of no other site's mark."""
    return (point for point in points if point.result_id not in others and not names & {point.label, point.series})
