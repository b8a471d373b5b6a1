"""Control charts of a later edition: center line and limits from the periods that the first edition's baseline was of,
until somebody begins anew."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.errors import NotEstimable
from pipeline.results import FigurePoint, Result

CHART = "control_chart"
FROZEN = "Held against the baseline that the first edition showed, {period}."


def with_frozen(
    results: Sequence[Result], points: Sequence[FigurePoint], first: Mapping[str, int], least: int
) -> tuple[tuple[Result, ...], tuple[FigurePoint, ...]]:
    """Stored rows whose charts keep the baseline periods that were released first; one that never was keeps its own.

    first  the lines of charts that were released, each with the place of the first edition that showed it
    least  people: a period with fewer on either side is not named
    The counts of those periods are today's: where records came later the line is restated under its old name, and the
    gate holds it against what was shown, as any other figure.
    """
    marks: dict[str, list[FigurePoint]] = {}
    for point in points if first else ():
        if point.figure == CHART:
            marks.setdefault(point.result_id, []).append(point)
    lines = [row for row in results if row.analysis == CHART and row.result_id in marks]
    made = {row.result_id: redrawn(row, marks[row.result_id], first, least) for row in lines}
    shown = tuple(made[row.result_id][0] if row.analysis == CHART and row.result_id in made else row for row in results)
    return shown, tuple(swapped(points, {name: new for name, (_, new) in made.items()})) if made else tuple(points)


def redrawn(
    line: Result, points: Sequence[FigurePoint], first: Mapping[str, int], least: int
) -> tuple[Result, list[FigurePoint]]:
    """A chart with the baseline that was shown first; unchanged where none was, or where it has no limits."""
    from pipeline.stats.monitoring.control_charts import p_prime

    drawn = sorted(points, key=lambda one: one.x or 0.0)
    labels, people = [one.label for one in drawn], [one.n or 0 for one in drawn]
    spans = {size: f"{labels[0]} to {labels[size - 1]}" for size in range(2, len(labels) + 1)}
    known = {
        size: first[name] for size, span in spans.items() if (name := replace(line, period=span).result_id) in first
    }
    size = min(known, key=lambda one: known[one], default=0)
    if not size or spans[size] == line.period:
        return line, list(points)
    events = [round((one.y or 0.0) * n) for one, n in zip(drawn, people, strict=True)]
    try:
        chart = p_prime(events, people, baseline=size)
    except NotEstimable:
        return line, list(points)
    counted, asked = sum(events[:size]), sum(people[:size])
    told = replace(
        line, period=spans[size], estimate=chart.center, numerator=counted, denominator=asked, n=asked, events=counted
    )
    named = [
        label
        for label, far, part, n in zip(labels, chart.outside, events, people, strict=True)
        if far and min(part, n - part) >= least
    ]
    said = f"Beyond the limits in {', '.join(named)}." if named else "No period is known to lie beyond the limits."
    told = replace(told, note=f"{said} {FROZEN.format(period=told.period)}")
    limits = zip(drawn, chart.lower, chart.upper, strict=True)
    return told, [replace(one, result_id=told.result_id, low=float(low), high=float(high)) for one, low, high in limits]


def swapped(points: Iterable[FigurePoint], made: Mapping[str, list[FigurePoint]]) -> Iterable[FigurePoint]:
    """The points in their order, those of each chart in the place of its first."""
    done: set[str] = set()
    for point in points:
        if point.figure != CHART or point.result_id not in made:
            yield point
        elif point.result_id not in done:
            done.add(point.result_id)
            yield from made[point.result_id]
