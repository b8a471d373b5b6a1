"""Funnels: each site's share by how many people it rests on, around the share of all, with limits for ordinary
variation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.report.drawing.canvas import INK, MUTE, as_svg, canvas
from pipeline.report.drawing.gaps import number
from pipeline.report.names import arm_label, arm_styles
from pipeline.report.numbers import percent, plural
from pipeline.report.released import Released
from pipeline.results import FigurePoint, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST_SITES = 10  # fewer dots are a list of places, not a pattern


def funnel_figure(released: Released, rows: Sequence[Result], name: str) -> str:
    """A panel for each level as SVG; empty text where fewer than ten sites can be shown at every level."""
    panels = [(row, shown(released, row, "funnel"), shown(released, row, "funnel_95")) for row in rows]
    panels = [panel for panel in panels if len(panel[1]) >= LEAST_SITES]
    if not panels:
        return ""
    figure, axes = canvas(2.7, columns=len(panels), sharey=True, squeeze=False)
    said = []
    for (row, outer, inner), ax in zip(panels, axes[0], strict=True):
        color = arm_styles(released.study)[row.arm].color
        draw(ax, row, outer, inner, color)
        ax.set_title(arm_label(row.arm), fontsize=9, fontweight="bold", color=color, pad=5)
        far = [p.label for p in outer if beyond(p)]
        said.append(
            f"{arm_label(row.arm)}: {percent(row.estimate)} of all, {plural(len(outer), 'site')}"
            + (f", beyond the limits: {', '.join(far)}" if far else "")
        )
    axes[0][0].yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    figure.supxlabel("People behind the share", fontsize=8.3, color=MUTE, y=0.02)
    figure.subplots_adjust(left=0.1, right=0.985, top=0.9, bottom=0.2, wspace=0.1)
    return as_svg(figure, name, "Sites around the share of all, as observed", f"{'; '.join(said)}.")


def shown(released: Released, row: Result, figure: str) -> list[FigurePoint]:
    """The marks of one level that may be shown, by size."""
    found = [p for p in released.tables.points if p.result_id == row.result_id and p.figure == figure]
    return sorted((p for p in found if isinstance(p.y, float) and isinstance(p.x, float)), key=lambda p: p.x or 0.0)


def beyond(point: FigurePoint) -> bool:
    if not (isinstance(point.y, float) and isinstance(point.low, float) and isinstance(point.high, float)):
        return False
    return not point.low <= point.y <= point.high


def places(points: Sequence[FigurePoint]) -> tuple[list[float], list[float]]:
    return [number(p.x) for p in points], [number(p.y) for p in points]


def draw(ax: Axes, row: Result, outer: list[FigurePoint], inner: list[FigurePoint], color: str) -> None:
    """Dots, limits, the share of all; sites beyond the outer limits are diamonds with their name."""
    for points, line in ((outer, "solid"), (inner, (0, (4, 3)))):
        for side in ("low", "high"):
            known = [p for p in points if isinstance(getattr(p, side), float)]
            heights = [min(max(getattr(p, side), 0.0), 1.0) for p in known]
            ax.plot(places(known)[0], heights, color=MUTE, lw=0.8, ls=line)
    if isinstance(row.estimate, float):
        ax.axhline(row.estimate, color=INK, lw=0.8)
    near, far = [p for p in outer if not beyond(p)], [p for p in outer if beyond(p)]
    ax.plot(*places(near), "o", color=color, ms=4.2)
    ax.plot(*places(far), "D", color=color, ms=6, mec=INK)
    for p, x, y in zip(far, *places(far), strict=True):
        ax.annotate(p.label, (x, y), xytext=(5, 4), textcoords="offset points", fontsize=7.8, color=INK)
    ax.grid(axis="y")
    ax.locator_params(axis="x", nbins=3)
