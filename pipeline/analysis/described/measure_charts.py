"""Rates over time and across sites: control charts with a frozen baseline, and funnels where ten sites or more have
one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from statistics import median

from pipeline.analysis.described.measure_ideas import readable
from pipeline.analysis.headline import Asking
from pipeline.errors import NotEstimable
from pipeline.measures.library import Measure, measures
from pipeline.periods import Grain, grain_of
from pipeline.results import ALL_LEVELS, FigurePoint, Result
from pipeline.stats.monitoring.control_charts import ControlChart, p_prime, runs_signals
from pipeline.stats.monitoring.funnel import LEAST_UNITS, funnel

BASELINE = 12  # periods: with fewer, limits move too much to be held against later ones
LEAST_PERIODS = 6  # fewer periods show no movement


def charts(asking: Asking) -> Iterator[Result | FigurePoint]:
    """A control chart for each arm of the measures that move; a funnel of each arm's sites."""
    library = {measure.id: measure for measure in measures()}
    series: dict[tuple[str, ...], list[Result]] = defaultdict(list)
    by_site: dict[tuple[str, ...], list[Result]] = defaultdict(list)
    whole: dict[tuple[str, ...], float] = {}
    for row in asking.answers:
        if row.analysis != "measures" or row.numerator is None or row.denominator is None or row.payer or row.stratum:
            continue
        whose = (row.measure, row.outcome, str(row.day), row.arm)
        if not row.site:
            whole[(*whose, row.period)] = row.numerator / row.denominator if row.denominator else 0.0
        elif library[row.measure].rule.kind != "attendance":
            by_site[(*whose, row.period)].append(row)
        if row.period and not row.site and row.arm != ALL_LEVELS and library[row.measure].moves_by:
            series[(*whose, str(grain_of(row.period)))].append(row)
    for named in dict.fromkeys(key[:-1] for key in series):
        yield from control_chart(chosen(named, series, library[named[0]]), asking.study.disclosure.threshold)
    for arm, rows in by_site.items():
        if arm in whole:
            yield from site_funnel(rows, whole[arm])


def chosen(whose: tuple[str, ...], series: dict[tuple[str, ...], list[Result]], measure: Measure) -> list[Result]:
    """The rows of one series in time order: by month where months are large enough, else by quarter or recorded
    period."""
    grains = [Grain.MONTH] if measure.moves_by == "month" else []
    for grain in (*grains, Grain.QUARTER, Grain.HALF, Grain.YEAR):
        rows = sorted(series.get((*whose, str(grain)), []), key=lambda row: row.period)
        if len(rows) >= LEAST_PERIODS and median(row.denominator or 0 for row in rows) >= measure.least_denominator:
            return rows
    return []


def control_chart(rows: list[Result], least: int) -> Iterator[Result | FigurePoint]:
    """The center line as a row with what the chart says of change, and one point per period with its limits."""
    if not rows:
        return
    baseline = BASELINE if len(rows) > BASELINE else len(rows)
    first, events, people = rows[0], [row.numerator or 0 for row in rows], [row.denominator or 1 for row in rows]
    line = replace(
        first.blank(),
        analysis="control_chart",
        period=f"{first.period} to {rows[baseline - 1].period}",
        estimator="Laney p-prime chart",
        note="",
    )
    try:
        chart = p_prime(events, people, baseline=baseline)
        words = movement(chart, rows, least, frozen=len(rows) > BASELINE)
    except NotEstimable as why:
        yield replace(line, reason=str(why))
        return
    known = sum(events[:baseline]), sum(people[:baseline])
    line = replace(
        line, estimate=chart.center, numerator=known[0], denominator=known[1], n=known[1], events=known[0], note=words
    )
    yield line
    for i, row in enumerate(rows):
        yield FigurePoint(
            result_id=line.result_id,
            figure="control_chart",
            series=" ".join(filter(None, (row.arm, row.site))),
            x=float(i),
            y=float(chart.value[i]),
            low=float(chart.lower[i]),
            high=float(chart.upper[i]),
            n=people[i],
            label=row.period,
        )


def movement(chart: ControlChart, rows: list[Result], least: int, *, frozen: bool) -> str:
    """What the rules for control charts say, in a sentence; nothing about causes, and no period with a count below
    least is named."""
    said = []
    if outside := [row.period for row, out in zip(rows, chart.outside, strict=True) if out and readable(row, least)]:
        said.append(f"beyond the limits in {', '.join(outside)}")
    if shifted(chart):
        said.append("an unusually long stretch on one side of the center line, or too few crossings of it")
    words = f"Signs of change: {'; '.join(said)}." if said else "No sign of change beyond what varies anyway."
    return words if frozen else f"{words} The first edition that shows this baseline freezes it."


def shifted(chart: ControlChart) -> bool:
    """Whether runs or crossings point to a shift; points that all lie on the line have neither."""
    try:
        return runs_signals(chart.value, chart.center).signal
    except NotEstimable:
        return False


def site_funnel(rows: list[Result], common: float) -> Iterator[Result | FigurePoint]:
    """Shares of sites around the share of the whole arm, with limits that allow for ordinary variation between sites
    (99.8 %, and 95 %)."""
    if len(rows) < LEAST_UNITS:
        return
    rows = sorted(rows, key=lambda row: row.site)
    events, people = [row.numerator or 0 for row in rows], [row.denominator or 1 for row in rows]
    target = replace(rows[0].blank(), analysis="funnel", site="", estimator="overdispersed funnel", note="")
    try:
        found = funnel(events, people, target=common)
    except NotEstimable as why:
        yield replace(target, reason=str(why))
        return
    if found.limits is None:
        return
    far = int(found.limits.outside.sum())
    target = replace(
        target,
        estimate=found.target,
        note=(
            "Some sites lie beyond the limits: look into why, before anything else."
            if far
            else "No site lies beyond what varies between sites anyway."
        ),
    )
    yield target
    for figure, low, high in (
        ("funnel", found.limits.lower_998, found.limits.upper_998),
        ("funnel_95", found.limits.lower_95, found.limits.upper_95),
    ):
        for i, row in enumerate(rows):
            yield FigurePoint(
                result_id=target.result_id,
                figure=figure,
                series=row.arm,
                x=float(people[i]),
                y=float(found.value[i]),
                low=float(low[i]),
                high=float(high[i]),
                n=people[i],
                label=row.site,
            )
