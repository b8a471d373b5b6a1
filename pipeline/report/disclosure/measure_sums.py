"""Measures divided by site, period, payer and race add up to those of their arm: what must be hidden so that no small
part is known."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.counting import Marks
from pipeline.periods import Grain, grain_of, longer_periods
from pipeline.report.disclosure.declared import marks_of
from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.results import ALL_LEVELS, FigurePoint, Result

MEASURES, CHART = "measures", "control_chart"
FIGURES = (CHART, "funnel")
OWN = ("M.control_chart.", "M.funnel.")
Place = tuple[str, str, str, str]  # site, period, payer, stratum: all empty for the whole arm
WHOLE: Place = ("", "", "", "")
# The same people counted by the same rule on the scorecard: measure and stratum there, measure here.
ON_SCORECARD = {
    ("retained", ""): "retention_any_level",
    ("retained", "level started"): "retention_level_started",
    ("reliably_improved", ""): "reliable_improvement_observed",
    ("reliably_deteriorated", ""): "reliable_deterioration",
    ("readmitted", ""): "readmission_30",
    ("visits_kept", ""): "attendance",
}
# Whoever is counted by the first is counted by the second: how many more the second has is a count of people too.
WITHIN = (
    ("recovery", "reliable_improvement"),
    ("recovery_observed", "reliable_improvement_observed"),
    ("reliable_improvement", "assessed_again"),
    ("retention_level_started", "retention_any_level"),
    ("engagement_iet", "initiation_14d"),
    ("depression_response_120_240", "depression_follow_up_120_240"),
    ("depression_remission_120_240", "depression_follow_up_120_240"),
    ("nhs_reliable_recovery", "nhs_recovery"),
    ("nhs_reliable_recovery", "nhs_reliable_improvement"),
    ("nhs_reliable_recovery_from_intake", "nhs_recovery_from_intake"),
)
WAYS = ("improvement", "deterioration")
SCORED = ("recovery", "reliable_improvement", "remission", "response")
AT_DISCHARGE = tuple(f"nhs_{one}" for one in ("recovery", "reliable_recovery", *(f"reliable_{way}" for way in WAYS)))
# What one measure counts, another of the same scale asks or counts too.
ONE_NUMBER = (
    ("assessed_at_start", "part", "assessed_again", "whole"),
    ("assessed_again", "part", "reliable_deterioration", "whole"),
    ("readmission_30", "rest", "follow_up_after_24h", "whole"),
    *((one, "part", f"{one}_observed", "part") for one in SCORED),
    *((one, "part", f"{one}_from_intake", "part") for one in AT_DISCHARGE),
)
LATER_WITHIN_EARLIER = ("retention_any_level", "retention_level_started")
EARLIER_WITHIN_LATER = ("follow_up_after_24h",)


def is_measure(row: Result) -> bool:
    """A counted rate of the measure library, of an arm or of a part of it, or the center line of its chart."""
    return row.analysis in (MEASURES, CHART) and row.n is not None


def place_of(row: Result) -> Place:
    return (row.site, row.period, row.payer, row.stratum)


def nesting(rows: Sequence[Result]) -> Iterator[tuple[int, int]]:
    """Places of a rate and of one that counts everybody in it."""
    cells = {
        (row.measure, row.outcome, row.day, row.arm, place_of(row)): i
        for i, row in enumerate(rows)
        if row.analysis == MEASURES and row.numerator is not None
    }
    around: dict[str, list[str]] = defaultdict(list)
    for inner, outer in WITHIN:
        around[inner].append(outer)
    for (measure, outcome, day, arm, place), i in cells.items():
        named = [cells.get((outer, outcome, day, arm, place)) for outer in around[measure]]
        yield from ((i, j) for j in named if j is not None)


def same_numbers(
    rows: Sequence[Result], counts: Mapping[tuple[str, int], int]
) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    """Counts of two rates that are one number, as part, rest or whole of its row, wherever both are counted."""
    places: dict[tuple[object, ...], dict[int | None, int]] = defaultdict(dict)
    for i in {i for _, i in counts}:
        row = rows[i]
        places[row.measure, row.outcome, row.arm, row.analysis, place_of(row)][row.day] = i
    found: dict[tuple[object, ...], list[tuple[tuple[str, int], tuple[str, int]]]] = defaultdict(list)
    for (measure, outcome, *where), here in list(places.items()):
        for one, kind, other, of in ONE_NUMBER:
            for day, j in places.get((other, outcome, *where), {}).items() if measure == one else ():
                for own, i in here.items():
                    found[one, other, outcome, own, day].append(((kind, i), (of, j)))
    for same in found.values():
        if all(counts[a] == counts[b] for a, b in same):
            yield from same


def close_nests(rows: Sequence[Result], threshold: int) -> dict[int, list[int]]:
    """Places of rows that say, beside one that holds all they count, how few were counted by the other alone; with the
    places of those."""
    cells = {
        (row.measure, row.outcome, row.day, row.arm, place_of(row)): i
        for i, row in enumerate(rows)
        if row.analysis == MEASURES and row.numerator is not None
    }
    days: dict[tuple[object, ...], list[int]] = defaultdict(list)
    close: dict[int, list[int]] = {}
    for (measure, outcome, day, arm, place), i in cells.items():
        named = [cells.get((other, outcome, day, arm, place)) for inner, other in WITHIN if inner == measure]
        around = [j for j in named if j is not None]
        if measure in (*LATER_WITHIN_EARLIER, *EARLIER_WITHIN_LATER):
            around += days[(measure, arm, place)]
            days[(measure, arm, place)].append(i)
        near = [j for j in around if 0 < abs((rows[j].numerator or 0) - (rows[i].numerator or 0)) < threshold]
        if near:
            close[i] = near
    return close


def hidden_on_scorecard(rows: Sequence[Result], hidden: set[str], threshold: int) -> set[str]:
    """The measure's row of a whole arm whose scorecard row is hidden: what is hidden in one place is hidden in all."""
    gone = {
        (ON_SCORECARD[(row.measure, row.stratum)], row.arm, row.outcome, row.day)
        for row in rows
        if row.result_id in hidden and row.analysis == "scorecard" and (row.measure, row.stratum) in ON_SCORECARD
    }
    return {
        row.result_id
        for row in rows
        if is_measure(row)
        and place_of(row) == WHOLE
        and (row.measure, row.arm, row.outcome, row.day) in gone
        and not any(one < threshold for one in (counted(row), not_counted(row)))  # those are told as what they are
    }


def told_twice(rows: Iterable[Result]) -> dict[str, str]:
    """Rows of the scorecard and of the measure library that tell the same of the same people: each with the other."""
    kinds = {(measure, ""): measure for measure in ON_SCORECARD.values()} | ON_SCORECARD
    named: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for row in rows:
        measure = kinds.get((row.measure, row.stratum)) if row.analysis in (MEASURES, "scorecard") else None
        if measure and row.numerator is not None and (row.site, row.period, row.payer) == WHOLE[:3]:
            named[measure, row.arm, row.outcome, row.day, row.numerator, row.denominator].append(row.result_id)
    pairs = [names for names in named.values() if len(names) == 2]
    return dict(pairs) | {other: one for one, other in pairs}


def counted(row: Result) -> int:
    return row.numerator or 0


def not_counted(row: Result) -> int:
    return (row.denominator or 0) - (row.numerator or 0)


def asked(row: Result) -> int:
    return row.n or 0


def additions(rows: Mapping[int, Result]) -> Iterator[tuple[int, list[int]]]:
    """Each row that is a sum of others in its family, with those: by level, by site, by period of each length, by
    payer, by race; charts."""
    family = {(row.arm, place_of(row)): i for i, row in rows.items() if row.analysis == MEASURES}
    by_whole: dict[tuple[str, Place, str], list[int]] = defaultdict(list)
    for (arm, place), i in family.items():
        for whose, whole, how in wholes(arm, place):
            by_whole[(whose, whole, how)].append(i)
    for (whose, whole, _), parts in by_whole.items():
        if (whose, whole) in family:
            yield family[whose, whole], parts
    for line, row in rows.items():
        if row.analysis == CHART:
            first, last = row.period.split(" to ")
            inside = [
                i
                for (arm, (site, period, payer, stratum)), i in family.items()
                if not payer
                and not stratum
                and (arm, site) == (row.arm, row.site)
                and grain_of(period) == grain_of(first)
                and first <= period <= last
            ]
            yield line, inside


def wholes(arm: str, place: Place) -> Iterator[tuple[str, Place, str]]:
    """The larger groups that a part of an arm belongs to, and the way it divides them."""
    site, period, payer, stratum = place
    if payer or stratum:
        yield arm, ("", period, "", ""), "payer" if payer else "stratum"
        return
    grain = grain_of(period)
    if site:
        yield arm, ("", period, "", ""), "site"
    elif arm != ALL_LEVELS:
        yield ALL_LEVELS, place, "level"
    if period:
        how = period if grain is Grain.ROLLING else f"by {grain}"
        yield arm, (site, "", "", ""), how
        for longer in longer_periods(period):
            yield arm, (site, longer, "", ""), f"by {grain}"


def is_mark(point: FigurePoint) -> bool:
    """A mark of a measure's control chart or funnel: it is hidden with the row it stands for."""
    return marks_of(point) is Marks.OF_ROWS and point.result_id.startswith(OWN)


@dataclass(frozen=True, slots=True)
class LostMarks:
    """Places of marks that are hidden, that lose their head count, and whose limits are told in whole percent."""

    hidden: set[int]
    uncounted: set[int]
    coarse: set[int]


def hidden_marks(points: Sequence[FigurePoint], rows: Iterable[Result]) -> LostMarks:
    """What marks of control charts and funnels lose with the rows they stand for, those of their period or site; rows
    are those that leave.

    A site without a head count has no place in a funnel.  Where a mark loses anything, the limits of the whole figure
    are coarse.
    """
    leaving = list(rows)
    figures = {row.result_id: row for row in leaving if row.analysis in FIGURES}
    behind = {
        (row.measure, row.outcome, row.day, row.arm, place_of(row)): row for row in leaving if row.analysis == MEASURES
    }
    hidden: set[int] = set()
    uncounted: set[int] = set()
    of_figure: dict[tuple[str, str], set[int]] = defaultdict(set)
    for i, point in enumerate(points):
        row = figures.get(point.result_id)
        if row is not None and is_mark(point):
            place = (row.site, point.label, "", "") if row.analysis == CHART else (point.label, row.period, "", "")
            of_figure[(point.result_id, point.figure)].add(i)
            stands_for = behind.get((row.measure, row.outcome, row.day, row.arm, place))
            if stands_for is None or not isinstance(stands_for.estimate, float) or is_suppressed(row.estimate):
                hidden.add(i)
            elif is_suppressed(stands_for.n):
                (uncounted if row.analysis == CHART else hidden).add(i)
    touched = [marks for marks in of_figure.values() if marks & (hidden | uncounted)]
    return LostMarks(hidden, uncounted, set().union(*touched) - hidden)
