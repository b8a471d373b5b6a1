"""The disclosure gate: every number leaves through `release`, as a value or as SUPPRESSED, and nothing leaves another
way.

The rule, in order.  A count of 1 to threshold-1 is small.
0. What is not declared is hidden: rows, curves, marks, checks, flows and columns (declared.py).
1. A row with a small count, a small remainder (denominator minus numerator), or 0 or 100 % of a sensitive ending is
   hidden whole: primary suppression.
2. Where shown counts add up, as many more are hidden as it takes that no small one can be worked out: secondary
   suppression (secondary_suppression.protect).  A difference and the figures it is made of are one fact (decisions.py).
3. Of two head counts of nested groups of one arm that differ by few, one is not shown, in any table (nested_counts.py).
   What is a function of it is hidden with it, or told too coarsely to give it back (derived.py); so a row loses its
   numbers of events where they differ by few.
4. A row about a hidden row (its naive twin, its sensitivity) is hidden with it, and so are the marks of its figures.
5. Curves go in steps (curves.py).  Numbers are rounded to three significant digits, counts to round_to.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from pipeline.choices.answered import Disclosure
from pipeline.errors import DisclosureError
from pipeline.report.disclosure.checks import checks_as_they_leave
from pipeline.report.disclosure.curves import coarsened
from pipeline.report.disclosure.declared import knows_flow, outcomes_of, unknown_columns
from pipeline.report.disclosure.derived import DIGITS, WHOLE_PERCENT_FROM, Row, conceal, from_limits, without_head_count
from pipeline.report.disclosure.earlier import NOTHING, Earlier, changed_by_few, changed_rows
from pipeline.report.disclosure.hidden_rows import Hiding, hidden_and_crowded, told_on_scorecard, with_twins
from pipeline.report.disclosure.marks import marks_as_they_leave
from pipeline.report.disclosure.measure_sums import told_twice
from pipeline.report.disclosure.nested_counts import (
    Crowded,
    close_events,
    close_steps,
    crowded_columns,
    heads_changed,
    heads_of,
    is_crowded,
    is_small,
    marks_changed,
    started,
    started_by_period,
)
from pipeline.report.disclosure.rates.bounds import in_words_of_range
from pipeline.report.disclosure.rates.families import Told
from pipeline.report.disclosure.rates.together import read_together
from pipeline.report.disclosure.table_sums import NOT_PEOPLE, attrition_margins, hidden_cells
from pipeline.results import COUNTS, NUMBERS, AttritionStep, CurvePoint, Diagnostic, FigurePoint, Result

HEIGHT = ("y", "low", "high")  # of a mark
STEPS = ("n_left", "n_removed")  # what a step of a flow says


@dataclass(frozen=True, slots=True)
class Tables:
    """The result tables; after `release`, any number in them may be SUPPRESSED (which is neither 0 nor None, the
    unknown)."""

    results: tuple[Result, ...] = ()
    curves: tuple[CurvePoint, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    attrition: tuple[AttritionStep, ...] = ()
    points: tuple[FigurePoint, ...] = ()


def release(tables: Tables, rule: Disclosure, earlier: Earlier = NOTHING) -> Tables:
    """The tables as they may leave.  Raises DisclosureError where the check of what is about to leave finds a small
    count.

    earlier  the counts that were last shown: one that changed by few since then would tell of those few
    """
    threshold = rule.threshold
    changed, large = changed_rows(tables.results, earlier, told_twice(tables.results), threshold)
    uncounted = heads_of(tables.results, large) | heads_changed(tables.results, earlier.results, threshold)
    uncounted |= marks_changed(tables.attrition, earlier.attrition, threshold)
    uncounted |= marks_changed(tables.curves, earlier.curves, threshold)
    found = hidden_and_crowded(
        tables.results, threshold, started_by_period(tables.points), changed, uncounted, earlier.results
    )
    hidden, told_of = as_read_together(tables.results, found, rule, earlier)
    crowded = found.crowded
    results = tuple(rows_as_they_leave(tables.results, hidden, crowded, told_of, rule))
    curves = coarsened(
        unchanged_curves(tables, earlier, threshold), hidden, crowded, started(tables.results), threshold
    )
    checks = checks_as_they_leave(tables.diagnostics, tables.results, results, hidden, threshold)
    told = unrounded(tables.results, results)
    flows = flows_as_they_leave(tables.attrition, tables.results, told, crowded, earlier, threshold)
    in_flows = {step.n_left for step in tables.attrition if not step.arm}
    marks = marks_as_they_leave(tables.points, tables.results, results, hidden, in_flows, earlier, threshold)
    released = Tables(
        results,
        tuple(rounded(point, ("estimate", "low", "high"), ("at_risk",), rule) for point in curves),
        tuple(rounded(row, ("before", "after", "threshold"), (), rule) for row in checks),
        tuple(rounded(step, (), STEPS, rule) for step in flows),
        tuple(rounded(mark, HEIGHT, ("n",), rule) for mark in marks),
    )
    check(released, threshold, rule.round_to)
    return released


def as_read_together(
    rows: Sequence[Result], found: Hiding, rule: Disclosure, earlier: Earlier
) -> tuple[set[str], dict[str, Told]]:
    """What is hidden, and what is told of it, when everything that rates tell has been put together."""
    reading, here = found.reading, [i for i in found.reading.pairs if i < len(rows)]
    rates = [rows[i] for i in here]
    out = unrounded(rates, list(rows_as_they_leave(rates, found.rows, found.crowded, found.told, rule)))
    leaving = {i: reading.rows[i] for i in reading.pairs} | dict(zip(here, out, strict=True))
    before = {i: as_told_before(rows[i], earlier) for i in here}
    gone, told = read_together(reading, leaving, before, found.rows, found.barred)
    told |= {name: said for name, said in found.told.items() if name not in gone | told.keys()}
    hidden = with_twins(rows, found.rows | gone)
    return hidden, told | told_on_scorecard(rows, hidden, told, rule.threshold)


def as_told_before(row: Result, earlier: Earlier) -> dict[str, tuple[float, float]]:
    """Between which numbers the last edition told that the part and the whole of a rate lie, where they still do."""
    _, last = earlier.told.get("results", {}).get(row.result_id, ("", ()))
    found = {}
    for then in last:
        for kind, name in (("part", "numerator"), ("whole", "denominator")):
            told, count = then.get(name), getattr(row, name)
            low, high = told if isinstance(told, list) else (None, None)
            ends = low or 0, inf if high is None else high
            if isinstance(told, list) and count is not None and ends[0] <= count <= ends[1]:
                found[kind] = ends
    return found


def rows_as_they_leave(
    rows: Sequence[Result], hidden: set[str], crowded: Crowded, told: Mapping[str, Told], rule: Disclosure
) -> Iterator[Result]:
    """Results rows without what they would give away; told: of some hidden ones, between which numbers they lie."""
    close = close_events(rows, hidden, rule.threshold)
    uncounted = uncounted_rows(rows, crowded)
    for row in rows:
        out = conceal(result(row, row.result_id in hidden, crowded, uncounted, rule), unknown_columns(type(row)))
        out = conceal(out, ("events", "events_reference")) if row.result_id in close else out
        lies = told.get(row.result_id) if row.result_id in hidden else None
        untold = lies is None or (lies.whole is None and is_crowded(row, crowded))
        yield out if lies is None or untold else in_words_of_range(row, out, lies, rule)


def flows_as_they_leave(
    steps: Sequence[AttritionStep],
    rows: Sequence[Result],
    told: Sequence[Result],
    crowded: Crowded,
    earlier: Earlier,
    threshold: int,
) -> Iterator[AttritionStep]:
    """Steps of flows without those few who were left out by one, or stand between it and a head count that is shown;
    told: the rows as they leave, before rounding."""
    outcomes, close = outcomes_of(rows), close_steps(steps, told, crowded, threshold)
    close |= {(n, i) for i, one in enumerate(steps) for n in changed_by_few(one, earlier.attrition, threshold)}
    gone = hidden_cells(attrition_margins(steps, told, close), threshold)
    for i, step in enumerate(steps):
        yield conceal(step, [name for name in STEPS if (name, i) in gone or not knows_flow(step, outcomes)])


def unrounded(rows: Sequence[Result], leaving: Sequence[Result]) -> list[Result]:
    """The rows as they leave, their counts before rounding."""
    return [
        replace(out, **{name: getattr(row, name) for name in COUNTS if isinstance(getattr(out, name), int)})
        for row, out in zip(rows, leaving, strict=True)
    ]


def unchanged_curves(tables: Tables, earlier: Earlier, threshold: int) -> list[CurvePoint]:
    """The curves of arms in which not just a few more, or fewer, started since curves of them were shown."""
    starts = [row for row in tables.results if row.measure == "starts"]
    few = {row.arm for row in starts if any(changed_by_few(row, earlier.results, threshold))}
    few |= {point.arm for point in tables.curves if any(changed_by_few(point, earlier.curves, threshold))}
    return [point for point in tables.curves if point.arm not in few]


def uncounted_rows(rows: Iterable[Result], crowded: Crowded) -> dict[str, int]:
    """The rows whose head count is not shown, with the smallest of their head counts."""
    return {row.result_id: crowded_columns(row, crowded)[1] for row in rows if is_crowded(row, crowded)}


def of_unknown(row: Result) -> bool:
    """Whether a row has a number and does not say of how many people: what counts them in another way is not told."""
    return row.estimate is not None and row.n is None and row.denominator is None


def result(row: Result, is_hidden: bool, crowded: Crowded, uncounted: Mapping[str, int], rule: Disclosure) -> Result:
    """One results row as it may leave; uncounted: the head counts that rows do not show, by result."""
    if is_hidden:
        return conceal(row, (*NUMBERS, *COUNTS, "ess"))
    if not is_crowded(row, crowded):
        about = uncounted.get(row.twin_of)
        told = row if about is None else from_limits(row, about, rule.threshold)
        bare = conceal(told, ("df", "ess")) if of_unknown(row) else told
        return rounded(bare, (*NUMBERS, "ess"), COUNTS, rule)
    if row.numerator is None:
        return rounded(without_head_count(row, *crowded_columns(row, crowded), rule.threshold), NUMBERS, COUNTS, rule)
    if (row.denominator or 0) < WHOLE_PERCENT_FROM + rule.threshold - 1:
        return conceal(row, (*NUMBERS, *COUNTS, "ess"))
    blurred = None if row.estimate is None else round(row.estimate, 2)
    if row.estimate and blurred in (0, 1):  # a share that is not 0 or 1 is not shown as one
        return conceal(row, (*NUMBERS, *COUNTS, "ess"))
    return replace(conceal(row, (*NUMBERS, *COUNTS, "ess")), estimate=blurred)


def rounded(row: Row, numbers: Iterable[str], counts: Iterable[str], rule: Disclosure) -> Row:
    """The row with published precision, and without numbers of columns that nothing is declared of."""
    new: dict[str, Any] = {
        name: float(f"{getattr(row, name):.{DIGITS}g}") for name in numbers if isinstance(getattr(row, name), float)
    }
    whole: dict[str, Any] = {
        name: rounded_count(getattr(row, name), rule) for name in counts if isinstance(getattr(row, name), int)
    }
    told = {name: value for name, value in {**new, **whole}.items() if value != getattr(row, name)}
    return conceal(replace(row, **told) if told else row, unknown_columns(type(row)))


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
