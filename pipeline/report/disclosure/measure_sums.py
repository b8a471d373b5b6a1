"""Measures divided by site, period, payer and race add up to those of their arm: what must be hidden so that no small
part is known."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.counting import Marks
from pipeline.periods import Grain, grain_of, longer_periods
from pipeline.report.disclosure.declared import marks_of
from pipeline.report.disclosure.secondary_suppression import Cell, Sum, protect
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
LATER_WITHIN_EARLIER = ("retention_any_level", "retention_level_started")
EARLIER_WITHIN_LATER = ("follow_up_after_24h",)


def is_measure(row: Result) -> bool:
    """A counted rate of the measure library, of an arm or of a part of it, or the center line of its chart."""
    return row.analysis in (MEASURES, CHART) and row.n is not None


def place_of(row: Result) -> Place:
    return (row.site, row.period, row.payer, row.stratum)


def nested_too_closely(rows: Iterable[Result], threshold: int) -> set[str]:
    """Rows that say, beside one that holds all they count, how few were counted by the other alone."""
    cells = {
        (row.measure, row.outcome, row.day, row.arm, place_of(row)): row
        for row in rows
        if row.analysis == MEASURES and row.numerator is not None
    }
    days: dict[tuple[object, ...], list[Result]] = defaultdict(list)
    close = set()
    for (measure, outcome, day, arm, place), row in cells.items():
        around = [cells.get((other, outcome, day, arm, place)) for inner, other in WITHIN if inner == measure]
        if measure in (*LATER_WITHIN_EARLIER, *EARLIER_WITHIN_LATER):
            around += days[(measure, arm, place)]
            days[(measure, arm, place)].append(row)
        if any(
            other is not None and 0 < abs((other.numerator or 0) - (row.numerator or 0)) < threshold for other in around
        ):
            close.add(row.result_id)
    return close


def hidden_on_scorecard(rows: Sequence[Result], hidden: set[str]) -> set[str]:
    """Every row of a measure whose scorecard row is hidden for this arm: parts would give the whole back."""
    gone = {
        (ON_SCORECARD[(row.measure, row.stratum)], row.arm, row.outcome, row.day)
        for row in rows
        if row.result_id in hidden and row.analysis == "scorecard" and (row.measure, row.stratum) in ON_SCORECARD
    }
    return {
        row.result_id
        for row in rows
        if row.analysis in (MEASURES, CHART) and (row.measure, row.arm, row.outcome, row.day) in gone
    }


def hidden_measures(
    rows: Sequence[Result], already: set[str], delicate: set[str], packed: set[str], changed: set[str], threshold: int
) -> tuple[set[str], set[str]]:
    """The measure rows that are hidden beside those in already, so that neither who was counted, nor who was not, nor
    how many were asked can be worked out from arms, sites, periods, payers and races that add up; and those that only
    lose their head count, since it would give back one that is not shown.

    delicate  rows hidden because none or all were counted
    packed    rows whose head count alone is not shown, because it is too near another: whole percents of them are
    changed   rows hidden because few people changed them, so that sums must not give them back, however large they are
    """
    families: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        if is_measure(row):
            families[(row.measure, row.outcome, row.day)].append(i)
    hidden: set[str] = set()
    uncounted: set[str] = set()
    for family in families.values():
        names = {rows[i].result_id: i for i in family}
        gone, where = {names[name] for name in names.keys() & already}, {i: rows[i] for i in family}
        sums = list(additions(where))
        rests = [
            count_of(rows[total]) - sum(count_of(rows[part]) for part in parts)
            for total, parts in sums
            for count_of in (counted, not_counted, asked)
        ]
        close = {names[name] for name in names.keys() & packed}
        if gone or close or any(0 < rest < threshold for rest in rests):
            nought = {names[name] for name in names.keys() & delicate}
            few = {names[name] for name in names.keys() & changed}
            found, quiet = settled(sums, where, gone, nought, close, few, threshold)
            hidden |= {rows[i].result_id for i in found - gone}
            uncounted |= {rows[i].result_id for i in quiet - close - found}
    return hidden, uncounted


def settled(
    sums: list[tuple[int, list[int]]],
    rows: Mapping[int, Result],
    gone: set[int],
    delicate: set[int],
    packed: set[int],
    changed: set[int],
    threshold: int,
) -> tuple[set[int], set[int]]:
    """Hides whole rows until those counted and not counted are safe together, and head counts until those asked are;
    cells are the rows' places."""
    entire = {i for i, row in rows.items() if row.analysis == MEASURES and place_of(row) == WHOLE}
    while True:
        before = len(gone) + len(packed)
        gone = gone | of_all_levels(rows, sums, gone)
        packed = packed | of_all_levels(rows, sums, packed) - gone
        for count_of in (counted, not_counted, asked):
            counts: dict[Cell, int] = {i: count_of(row) for i, row in rows.items()}
            uncounted = packed if count_of is asked else set()
            together: list[Sum] = []
            left_over: set[Cell] = set()
            for number, (total, parts) in enumerate(sums):
                rest = counts[total] - sum(counts[part] for part in parts)
                extra: tuple[Cell, ...] = (("rest", number),) if rest > 0 else ()
                counts |= dict.fromkeys(extra, rest)
                left_over |= set(extra)
                if rest >= 0:
                    together.append(Sum(total, (*parts, *extra)))
            found = protect(
                together,
                counts,
                threshold=threshold,
                unpublished=left_over | gone | uncounted,
                fixed=entire - gone - uncounted,
                sensitive={i for i in gone & delicate if counts[i] == 0},
                wanted={i for i, row in rows.items() if grain_of(row.period) is not Grain.HALF},  # halves go first
                withheld=uncounted | changed,
            )
            more = {cell for cell in found if isinstance(cell, int)} - gone - uncounted
            if count_of is asked:
                packed = packed | more
            else:
                gone = gone | more
        if len(gone) + len(packed) == before:
            return gone, packed


def of_all_levels(rows: Mapping[int, Result], sums: Iterable[tuple[int, list[int]]], untold: set[int]) -> set[int]:
    """Rows of all levels together beside a level that is hidden or not told: it is they that are hidden, so that no
    other level need be."""
    return {
        total
        for total, parts in sums
        if rows[total].arm == ALL_LEVELS
        and rows[parts[0]].arm != ALL_LEVELS
        and (set(parts) & untold or sum(asked(rows[part]) for part in parts) != asked(rows[total]))
    }


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
