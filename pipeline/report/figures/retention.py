"""Share still in care by day, with its limits: everybody, with the number in follow-up, and similar people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipeline.report.drawing.canvas import MUTE, as_svg, bare, canvas, spread
from pipeline.report.drawing.gaps import number
from pipeline.report.names import Style, arm_label, arm_styles
from pipeline.report.numbers import count, percent
from pipeline.report.released import Released
from pipeline.results import CurvePoint, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Curves = dict[str, list[CurvePoint]]
COUNTED = range(28, 175, 28)  # days of the curves on which the number in follow-up is told


def retention_figure(released: Released, name: str = "retention") -> str:
    """The retention curves as SVG, each named at its end; empty text where no curve has an end that may be shown."""
    last = max(released.study.retention.days)
    curves = {arm: until(released, arm, last) for arm in released.arms}
    curves = {arm: points for arm, points in curves.items() if readable(points)}
    if not curves:
        return ""
    styles, ticks = arm_styles(released.study), [0, *sorted(released.study.retention.days)]
    figure, (axes, table) = canvas(4.1, rows_ratio=(4.6, 0.28 * len(curves) + 0.1))
    for arm, points in curves.items():
        draw_curve(axes, points, styles[arm])
    label_ends(axes, curves, styles, last)
    axes.set(ylim=(0, 1.02), xlim=(0, last), yticks=[0, 0.25, 0.5, 0.75, 1], xticks=ticks)
    axes.set_yticklabels(["0%", "25%", "50%", "75%", "100%"])
    axes.set(xlabel="Days since the first session", ylabel="Still in care")
    axes.grid(axis="y")
    started = {row.arm: row.n for row in released.rows(analysis="scorecard", measure="starts")}
    number_in_follow_up(table, curves, started, styles, last)
    figure.subplots_adjust(left=0.15, right=0.79, top=0.97, bottom=0.03, hspace=0.42)
    said = "; ".join(
        f"{arm_label(arm)} {percent(points[-1].estimate)} at day {points[-1].day}" for arm, points in curves.items()
    )
    return as_svg(figure, name, "Share still in care by day, as observed", f"Curves with 95% limits. {said}.")


def similar_figure(released: Released, row: Result, name: str) -> str:
    """The curves of the similar people of an answer on staying, those of everybody beside them as thin dashes; empty
    text where they are hidden."""
    styles, last = arm_styles(released.study), row.day or 0
    curves = {arm: of_similar(released, row, arm) for arm in (row.reference, row.arm)}
    if not all(map(readable, curves.values())):
        return ""
    figure, axes = canvas(2.9)
    for arm, points in curves.items():
        draw_curve(axes, points, styles[arm])
        everybody = until(released, arm, last)
        days, heights = [p.day for p in everybody], [number(p.estimate) for p in everybody]
        axes.plot(days, heights, color=styles[arm].color, ls=(0, (2, 2)), lw=0.9)
    label_ends(axes, curves, styles, last)
    axes.set(ylim=(0, 1.02), xlim=(0, last), yticks=[0, 0.25, 0.5, 0.75, 1])
    axes.set_yticklabels(["0%", "25%", "50%", "75%", "100%"])
    axes.set(xlabel="Days since the first session", ylabel="Still in care")
    axes.grid(axis="y")
    figure.subplots_adjust(left=0.13, right=0.76, top=0.97, bottom=0.19)
    said = "; ".join(f"{arm_label(arm)} {percent(p[-1].estimate)} at day {p[-1].day}" for arm, p in curves.items())
    return as_svg(figure, name, "Share of similar people still in care by day", f"Curves with 95% limits. {said}.")


def of_similar(released: Released, row: Result, arm: str) -> list[CurvePoint]:
    """One arm's weighted curve of an answer, up to its day."""
    known = released.row(analysis="staying", measure="survival", arm=arm, day=row.day, twin_of=row.result_id)
    if known is None or not isinstance(known.estimate, float):
        return []
    end = {name: getattr(known, name) for name in ("estimate", "low", "high")}
    last = CurvePoint(result_id=known.result_id, arm=arm, state="", day=row.day or 0, **end)
    return [*released.curves("staying", result_id=known.result_id), last]


def until(released: Released, arm: str, last: int) -> list[CurvePoint]:
    """An arm's curve up to the last day that pages speak of, which the results hold for every curve."""
    points = [p for p in released.curves("retention", arm=arm, state="in care") if p.day < last]
    row = released.row(analysis="retention", measure="survival", arm=arm, day=last)
    if row is None or not isinstance(row.estimate, float):
        return points
    end = {name: getattr(row, name) for name in ("estimate", "low", "high")}
    return [*points, CurvePoint(result_id=row.result_id, arm=arm, state="in care", day=last, **end)]


def readable(points: list[CurvePoint]) -> bool:
    return len(points) > 1 and isinstance(points[-1].estimate, float)


def draw_curve(axes: Axes, points: list[CurvePoint], style: Style) -> None:
    """One curve and its limits."""
    axes.plot([p.day for p in points], [number(p.estimate) for p in points], color=style.color, ls=style.line, lw=1.9)
    limits = [p for p in points if isinstance(p.low, float) and isinstance(p.high, float)]
    days = [p.day for p in limits]
    low, high = [number(p.low) for p in limits], [number(p.high) for p in limits]
    axes.fill_between(days, low, high, color=style.color, alpha=0.12, lw=0)


def label_ends(axes: Axes, curves: Curves, styles: Mapping[str, Style], last: int) -> None:
    """Each arm's name and last value at the end of its curve, pulled apart where they would touch."""
    places = spread([number(points[-1].estimate) for points in curves.values()], 0.07)
    for (arm, points), place in zip(curves.items(), places, strict=True):
        color, end = styles[arm].color, (points[-1].day, number(points[-1].estimate))
        line = {"arrowstyle": "-", "color": color, "lw": 0.8, "shrinkA": 0, "shrinkB": 0}
        words: dict[str, Any] = {"color": color, "va": "center", "fontweight": "bold", "fontsize": 8.5}
        label = f"{arm_label(arm)} {percent(points[-1].estimate)}"
        axes.annotate(label, end, xytext=(last * 1.04, place), annotation_clip=False, arrowprops=line, **words)


def number_in_follow_up(
    table: Axes, curves: Curves, started: Mapping[str, Any], styles: Mapping[str, Style], last: int
) -> None:
    """Rows of head counts under the curves: who started, then who is in follow-up on the days that are shown."""
    bare(table)
    table.set(xlim=(0, last), ylim=(len(curves) - 0.5, -0.9), xticks=[])
    table.text(0, -0.95, "Started, then number in follow-up", fontsize=7.8, color=MUTE, va="center")
    for row, (arm, points) in enumerate(curves.items()):
        words: dict[str, Any] = {"va": "center", "fontsize": 8, "color": styles[arm].color}
        table.text(-0.03 * last, row, arm_label(arm), ha="right", fontweight="bold", **words)
        table.text(0, row, count(started.get(arm)), ha="left", **words)
        for tick in (day for day in COUNTED if day <= last):
            known = next((p for p in points if p.day == tick and isinstance(p.at_risk, int)), None)
            table.text(tick, row, count(known.at_risk) if known else "·", ha="center", **words)
