"""Periods that overlap, as a calendar year and a rolling one do: what two of them tell of what only one holds.

Every row of one place counts the people between two quarters, and so is the difference of two running totals.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from pipeline.periods import Grain, grain_of, quarter_number, quarters_of
from pipeline.report.disclosure.measure_sums import CHART, MEASURES
from pipeline.report.disclosure.rates.axes import Axis, Cell, Span
from pipeline.results import Result


def axes_of(rows: Mapping[int, Result]) -> Iterator[Axis]:
    """One axis for each place of a family of rates of which two periods overlap, neither inside the other."""
    places: dict[tuple[str, ...], dict[int, Span | None]] = defaultdict(dict)
    for i, row in rows.items():
        counted = None not in (row.numerator, row.denominator)  # of a year told before, the part may have been hidden
        if counted and row.analysis in (MEASURES, CHART) and grain_of(row.period) is not Grain.MONTH:
            places[row.arm, row.site, row.payer, row.stratum][i] = quarters_in(row.period)
    for at in places.values():
        spans = {i: span for i, span in at.items() if span is not None}
        if any(a < c < b < d for a, b in spans.values() for c, d in spans.values()):
            yield axis(spans, [i for i, span in at.items() if span is None and not rows[i].period])


def quarters_in(period: str) -> Span | None:
    """The first quarter of a period, and the one after its last; of a chart's as well; None of any other."""
    first, *last = period.split(" to ") if grain_of(period) is None else [period]
    ends = [quarters_of(first), quarters_of(last[0] if last else first)]
    return (quarter_number(ends[0][0]), quarter_number(ends[1][-1]) + 1) if all(ends) else None


def axis(spans: Mapping[int, Span], everybody: Sequence[int]) -> Axis:
    """Spans as places of running totals; what no period holds comes after them all."""
    ends = sorted({end for span in spans.values() for end in span})
    at = {end: number for number, end in enumerate(ends)}
    found: dict[Cell, Span] = {i: (at[a], at[b]) for i, (a, b) in spans.items()}
    return Axis(len(ends) + 1, found | {i: (0, len(ends)) for i in everybody})
