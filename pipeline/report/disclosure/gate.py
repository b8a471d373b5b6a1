"""The disclosure gate: every number leaves through `release`, as a value or as SUPPRESSED, and nothing leaves another
way.

The rule, in order.  A count of 1 to threshold-1 is small.
1. A row with a small count, a small remainder (denominator minus numerator), or 0 or 100 % of a sensitive ending is
hidden whole.
2. Where shown counts add up, as many more are hidden as it takes that no small one can be worked out (bounds.protect).
3. Two head counts of nested groups of one arm that differ by few are not shown side by side: the later row keeps a
rounded
   estimate and loses its counts; so it loses its numbers of events where they differ by few.
4. A row about a hidden row (its naive twin, its sensitivity) is hidden with it, and so are the marks of its figures.
5. Curves go in steps (curves.coarsened).  Numbers are rounded to three significant digits, counts to round_to.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.errors import DisclosureError
from pipeline.report.disclosure.curves import coarsened
from pipeline.report.disclosure.measure_sums import (
    MEASURES,
    WHOLE,
    Marks,
    hidden_marks,
    hidden_measures,
    hidden_on_scorecard,
    is_measure,
    nested_too_closely,
    place_of,
)
from pipeline.report.disclosure.nested_counts import (
    Heads,
    close_events,
    close_steps,
    crowded_counts,
    head_counts,
    is_small,
    started,
    started_by_period,
)
from pipeline.report.disclosure.secondary_suppression import Cell, protect
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.disclosure.table_sums import (
    LEFT_EARLY,
    NOT_PEOPLE,
    Margins,
    attrition_margins,
    leaving_points,
    part_margins,
    point_margins,
    result_margins,
    side_margins,
)
from pipeline.results import COUNTS, NUMBERS, AttritionStep, CurvePoint, Diagnostic, FigurePoint, Result
from pipeline.study import Disclosure

DIGITS = 3
BLURRED_FROM = 100  # with fewer people, even a whole percent gives the count away
COUNTED = ("numerator", "remainder", "denominator")  # of the rows that add up over arms and sites
MARKED = ("n", "y", "low", "high")  # what a mark of a figure says; in a funnel its place along x is a head count too
SENSITIVE = (
    "high_risk",
    "screen_positive",
    "reliably_deteriorated",
    "reliable_deterioration",
    "nhs_reliable_deterioration",
    "nhs_reliable_deterioration_from_intake",
    "died",
    "relapsed",
    "self_harm",
    "dropped out",
    "dropped_out",
    "ended by program",
    "ended_by_program",
)  # 0 or 100 % of these tells something of everybody


@dataclass(frozen=True, slots=True)
class Tables:
    """The result tables; after `release`, any number in them may be SUPPRESSED (which is neither 0 nor None, the
    unknown)."""

    results: tuple[Result, ...] = ()
    curves: tuple[CurvePoint, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    attrition: tuple[AttritionStep, ...] = ()
    points: tuple[FigurePoint, ...] = ()


def release(tables: Tables, rule: Disclosure) -> Tables:
    """The tables as they may leave.  Raises DisclosureError where the check of what is about to leave finds a small
    count."""
    hidden, crowded = hidden_and_crowded(tables.results, rule.threshold, started_by_period(tables.points))
    close = close_events(tables.results, hidden, rule.threshold)
    results = tuple(
        conceal(out, ("events", "events_reference")) if out.result_id in close else out
        for out in (result(row, row.result_id in hidden, crowded, rule) for row in tables.results)
    )
    dropped = hidden_cells(point_margins(tables.points, rule.threshold), rule.threshold)
    for side in ("yes", "no"):
        dropped |= hidden_cells(side_margins(tables.points, dropped, side), rule.threshold)
    near = leaving_points(tables.points, dropped, rule.threshold)
    leaving, flow = unrounded(tables.results, results), tables.attrition
    steps = hidden_cells(attrition_margins(flow, leaving, close_steps(flow, leaving, rule.threshold)), rule.threshold)
    marks = hidden_marks(tables.points, results)
    released = Tables(
        results,
        tuple(
            rounded(point, ("estimate", "low", "high"), ("at_risk",), rule)
            for point in coarsened(tables.curves, hidden, started(tables.results), rule.threshold)
        ),
        tuple(
            rounded(row, ("before", "after"), (), rule) for row in diagnostics(tables, hidden, crowded, rule.threshold)
        ),
        tuple(
            rounded(
                conceal(row, [c for c in ("n_left", "n_removed") if (c, i) in steps]), (), ("n_left", "n_removed"), rule
            )
            for i, row in enumerate(tables.attrition)
        ),
        tuple(
            rounded(
                coarse(conceal(row, hidden_of_mark(row, i, marks, dropped, near, hidden)), i in marks.coarse),
                ("y", "low", "high"),
                ("n",),
                rule,
            )
            for i, row in enumerate(tables.points)
        ),
    )
    check(released, rule.threshold, rule.round_to)
    return released


def unrounded(rows: Sequence[Result], leaving: Sequence[Result]) -> list[Result]:
    """The rows as they leave, their counts before rounding."""
    return [
        replace(out, **{name: getattr(row, name) for name in COUNTS if isinstance(getattr(out, name), int)})
        for row, out in zip(rows, leaving, strict=True)
    ]


def hidden_and_crowded(
    rows: Sequence[Result], threshold: int, by_period: Mapping[tuple[str, str], int]
) -> tuple[set[str], set[tuple[Heads, int]]]:
    """result_ids of the rows that are hidden whole, and the head counts that are not shown.

    by_period  how many started in each arm and period, shown by a figure

    Parts of an arm that would give back a hidden part, or a head count that is not shown, are hidden too.
    """
    hidden = hidden_results(rows, threshold) | nested_too_closely(rows, threshold)
    hidden |= hidden_on_scorecard(rows, hidden)
    delicate, crowded = {row.result_id for row in rows if tells_of_all(row)}, set()
    while True:
        crowded |= crowded_counts(rows, hidden, threshold, by_period)
        packed = {
            row.result_id: row for row in rows if is_measure(row) and any(head in crowded for head in head_counts(row))
        }
        more = {
            name for name, row in packed.items() if row.numerator is not None and (row.denominator or 0) < BLURRED_FROM
        }
        more |= hidden_measures(rows, hidden | more, delicate, set(packed), threshold)
        if more <= hidden:
            return hidden, crowded
        hidden |= more


def hidden_of_mark(
    point: FigurePoint, i: int, marks: Marks, dropped: set[Cell], near: set[int], hidden: set[str]
) -> Sequence[str]:
    """What the mark at place i loses."""
    if i in marks.hidden:
        return ("x", *MARKED)
    if i in dropped or point.result_id in hidden:
        return MARKED
    return ("n",) if i in near or i in marks.uncounted else ()


def coarse(point: Any, is_coarse: bool) -> Any:
    """A mark in whole percent: its head count is not shown, or it stands beside a hidden one that helped to make its
    limits."""
    if not is_coarse:
        return point
    told = ("y", "low", "high") if point.n is SUPPRESSED else ("low", "high")
    return replace(
        point, **{name: round(getattr(point, name), 2) for name in told if isinstance(getattr(point, name), float)}
    )


def hidden_results(rows: Sequence[Result], threshold: int) -> set[str]:
    """result_ids of the rows that are hidden whole."""
    primary = {
        row.result_id
        for row in rows
        if any(is_small(count, threshold) for count in counts_behind(row)) or tells_of_all(row)
    }
    hidden = primary | {
        cell for cell in hidden_cells(result_margins(rows, primary), threshold) if isinstance(cell, str)
    }
    for count in COUNTED:
        hidden |= {str(cell) for cell in hidden_cells(part_margins(rows, hidden, count), threshold)}
    left_early = {(row.arm, row.day) for row in rows if row.result_id in hidden and row.stratum == LEFT_EARLY}
    hidden |= {row.result_id for row in rows if row.measure == "dropped_out" and (row.arm, row.day) in left_early}
    entire = [row for row in rows if row.result_id in hidden and (row.analysis != MEASURES or place_of(row) == WHOLE)]
    taken = {(row.arm, count) for row in entire for count in (row.numerator, row.events) if count}
    hidden |= {
        row.result_id
        for row in rows
        if row.reference and taken & {(row.arm, row.events), (row.reference, row.events_reference)}
    }
    while more := {row.result_id for row in rows if row.twin_of in hidden} - hidden:
        hidden |= more
    return hidden


def counts_behind(row: Result) -> Iterator[int | None]:
    """Every count a row gives away: its own, what remains of them, and half of a group for a median."""
    yield from (getattr(row, name) for name in COUNTS)
    for part, whole in (("numerator", "denominator"), ("events", "n"), ("events_reference", "n_reference")):
        inside, around = getattr(row, part), getattr(row, whole)
        if inside is not None and around is not None:
            yield around - inside
    if row.measure.startswith("median") and row.n is not None:
        yield row.n // 2
    if row.measure.startswith("quartile") and row.n is not None:
        yield row.n // 4


def tells_of_all(row: Result) -> bool:
    """True for a share of 0 or 100 % of a sensitive ending."""
    named = row.measure in SENSITIVE or row.stratum in SENSITIVE or row.outcome.startswith(SENSITIVE)
    shares = ((row.numerator, row.denominator), (row.events, row.n), (row.events_reference, row.n_reference))
    return named and any(whole and count in (0, whole) for count, whole in shares)


def hidden_cells(margins: Margins, threshold: int) -> set[Cell]:
    return protect(
        margins.sums,
        margins.counts,
        threshold=threshold,
        unpublished=margins.unpublished,
        fixed=margins.fixed,
        wanted=margins.wanted,
        withheld=margins.withheld,
    )


def result(row: Result, is_hidden: bool, crowded: set[tuple[Heads, int]], rule: Disclosure) -> Result:
    """One results row as it may leave."""
    if is_hidden:
        return conceal(row, (*NUMBERS, *COUNTS, "ess"))
    if not any(head in crowded for head in head_counts(row)):
        return rounded(row, (*NUMBERS, "ess"), COUNTS, rule)
    if row.numerator is None:
        return rounded(conceal(row, (*COUNTS, "ess")), NUMBERS, (), rule)
    if (row.denominator or 0) < BLURRED_FROM:
        return conceal(row, (*NUMBERS, *COUNTS, "ess"))
    blurred = None if row.estimate is None else round(row.estimate, 2)
    if row.estimate and blurred in (0, 1):  # a share that is not 0 or 1 is not shown as one
        return conceal(row, (*NUMBERS, *COUNTS, "ess"))
    return replace(conceal(row, (*NUMBERS, *COUNTS, "ess")), estimate=blurred)


def diagnostics(
    tables: Tables, hidden: set[str], crowded: set[tuple[Heads, int]], threshold: int
) -> Iterator[Diagnostic]:
    """Diagnostics without the counts they would give away: of people measured, and of people with something
    recorded."""
    starts, people = started(tables.results), people_behind(tables.diagnostics)
    numbers = {(whose[0], count) for whose, count in crowded}

    def telling(row: Diagnostic) -> bool:
        asked = people.get((row.result_id, row.arm), 0)
        if row.check in ("observed_n", "followed_n"):
            counts = [round(v) for v in (row.before, row.after) if v is not None]
            return any(
                is_small(n, threshold) or is_small(asked - n, threshold) or (row.arm, n) in numbers for n in counts
            )
        if row.check == "effective_size":
            return any(v < threshold for v in (row.before, row.after) if v is not None)
        if row.check in ("recorded", "observed_share"):
            whole = people.get((row.result_id, row.arm), starts.get(row.arm, 0))
            parts = [share * whole for share in (row.before, row.after) if share is not None]
            return any(0.5 <= min(c, whole - c) < threshold - 0.5 for c in parts)
        return False

    quiet = {(row.result_id, row.covariate) for row in tables.diagnostics if row.check == "recorded" and telling(row)}
    for row in tables.diagnostics:
        gap = row.check == "recorded_gap" and (row.result_id, row.covariate) in quiet
        yield conceal(row, ("before", "after") if row.result_id in hidden or telling(row) or gap else ())


def people_behind(rows: Iterable[Diagnostic]) -> dict[tuple[str, str], int]:
    """How many people of an arm a result's checks are about: those with the outcome over their share."""
    found = {
        (row.check, row.result_id, row.arm): row.after
        for row in rows
        if row.check in ("observed_n", "observed_share", "followed_n")
    }
    followed = {
        (result_id, arm): round(n) for (check, result_id, arm), n in found.items() if check == "followed_n" and n
    }
    return followed | {
        (result_id, arm): round(n / found["observed_share", result_id, arm])
        for (check, result_id, arm), n in found.items()
        if check == "observed_n" and n and found.get(("observed_share", result_id, arm))
    }


def conceal(row: Any, names: Iterable[str]) -> Any:
    """The row with what it says under these names replaced by the marker; what is unknown stays unknown."""
    return replace(row, **{name: SUPPRESSED for name in names if getattr(row, name) is not None})


def rounded(row: Any, numbers: Iterable[str], counts: Iterable[str], rule: Disclosure) -> Any:
    """The row with published precision."""
    new = {name: float(f"{getattr(row, name):.{DIGITS}g}") for name in numbers if isinstance(getattr(row, name), float)}
    whole = {name: rounded_count(getattr(row, name), rule) for name in counts if isinstance(getattr(row, name), int)}
    return replace(row, **new, **whole)


def rounded_count(count: int, rule: Disclosure) -> int:
    """A count to the nearest step; one that may be shown is not rounded down among those that may not."""
    nearest = rule.round_to * round(count / rule.round_to)
    return nearest if nearest >= rule.threshold or count < rule.threshold else nearest + rule.round_to


def check(released: Tables, threshold: int, round_to: int = 1) -> None:
    """A second look at what is about to leave, without trusting the first.

    Two rounded counts may lie a step and a half nearer to each other than they are.
    """
    nearer = 0 if round_to == 1 else 1.5 * round_to
    for row in released.results:
        shown = {name: getattr(row, name) for name in COUNTS if isinstance(getattr(row, name), int)}
        rest = [
            shown[b] - shown[a] for a, b in (("numerator", "denominator"), ("events", "n")) if a in shown and b in shown
        ]
        small = [is_small(count, threshold) for count in shown.values()]
        if any(small) or any(is_small(count, threshold - nearer) for count in rest):
            raise DisclosureError(
                f"{row.result_id} would have left with a count under {threshold}; nothing was written. Please report"
                " this fault"
            )
    others: list[Any] = [
        *(p.at_risk for p in released.curves),
        *(p.n for p in released.points if p.series not in NOT_PEOPLE),
        *(n for a in released.attrition for n in (a.n_left, a.n_removed)),
    ]
    if any(isinstance(count, int) and is_small(count, threshold) for count in others):
        raise DisclosureError(
            f"a count under {threshold} would have left in a curve, figure or flow; nothing was written. Please report"
            " this fault"
        )
