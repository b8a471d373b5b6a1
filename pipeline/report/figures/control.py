"""Control charts: each period's share around a baseline, with the limits of what varies anyway, a panel for each
level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.report.drawing.canvas import GRID, INK, MUTE, as_svg, canvas
from pipeline.report.names import arm_label, arm_styles
from pipeline.report.numbers import percent
from pipeline.report.released import Released
from pipeline.results import FigurePoint, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Panel = tuple[str, object, list[FigurePoint]]  # arm, baseline, points in order
LEAST, MOST_OF = 3, 0.6  # periods that must be shown, and of all of them, for a line to say anything


def control_figure(released: Released, rows: Sequence[Result], name: str) -> str:
    """A panel for each of the rows, which hold the baselines, as SVG; empty text where no level has enough periods to
    show."""
    return panels_figure(released, [(row.arm, row.estimate, points_of(released, row)) for row in rows], name)


def panels_figure(released: Released, panels: Sequence[Panel], name: str) -> str:
    """Panels one under another as SVG, hidden periods left open; empty text where no level has enough periods to
    show."""
    panels = [panel for panel in panels if readable(panel[2])]
    if not panels:
        return ""
    figure, axes = canvas(0.5 + 1.1 * len(panels), rows_ratio=(1,) * len(panels), squeeze=False)
    said = []
    for (arm, baseline, points), [ax] in zip(panels, axes, strict=True):
        draw(ax, arm, baseline, points, arm_styles(released.study)[arm].color)
        far = [p.label for p in points if outside(p)]
        said.append(
            f"{arm_label(arm)}: baseline {percent(baseline)}"
            + (f", beyond the limits in {', '.join(far)}" if far else "")
        )
    spans = [[p.label for p in points] for *_, points in panels]
    for place, [ax] in enumerate(axes):
        last = place + 1 == len(spans) or spans[place + 1] != spans[place]
        step = max(1, (len(spans[place]) + 3) // 4)
        ticks = range(0, len(spans[place]), step)
        ax.set_xticks(ticks, [spans[place][i] if last else "" for i in ticks])
    height = figure.get_figheight()
    figure.subplots_adjust(left=0.1, right=0.83, top=1 - 0.12 / height, bottom=0.32 / height, hspace=0.34)
    return as_svg(figure, name, "Control chart by period, as observed", f"{'; '.join(said)}.")


def points_of(released: Released, row: Result) -> list[FigurePoint]:
    found = [p for p in released.tables.points if p.result_id == row.result_id and p.figure == "control_chart"]
    return sorted(found, key=lambda p: p.label)


def readable(points: Sequence[FigurePoint]) -> bool:
    return sum(isinstance(p.y, float) for p in points) >= max(LEAST, MOST_OF * len(points))


def outside(point: FigurePoint) -> bool:
    if not (isinstance(point.y, float) and isinstance(point.low, float) and isinstance(point.high, float)):
        return False
    return not point.low <= point.y <= point.high


def draw(ax: Axes, arm: str, baseline: object, points: list[FigurePoint], color: str) -> None:
    """One level: line and dots, baseline, limits; diamonds beyond them."""
    missing = float("nan")
    places = range(len(points))
    heights = [p.y if isinstance(p.y, float) else missing for p in points]
    ax.plot(places, heights, "-o", color=color, lw=1.2, ms=3.6)
    for side in ("low", "high"):
        limits = [getattr(p, side) if isinstance(getattr(p, side), float) else missing for p in points]
        ax.plot(places, limits, color=MUTE, lw=0.8, ls=(0, (4, 3)))
    far = [i for i, p in enumerate(points) if outside(p)]
    ax.plot(far, [heights[i] for i in far], "D", color=INK, ms=6.5, mfc="none", mew=1.3)
    if isinstance(baseline, float):
        ax.axhline(baseline, color=INK, lw=0.8)
        ax.text(
            1.015,
            baseline,
            f"{arm_label(arm)}\nbaseline {percent(baseline)}",
            transform=ax.get_yaxis_transform(),
            va="center",
            fontsize=8,
            color=color,
            fontweight="bold",
            linespacing=1.2,
        )
    shown = [v for p in points for v in (p.y, p.low, p.high) if isinstance(v, float)]
    room = 0.12 * (max(shown) - min(shown)) or 0.02
    ax.set(xlim=(-0.5, len(points) - 0.5), ylim=(max(min(shown) - room, -0.02), min(max(shown) + room, 1.02)))
    ax.locator_params(axis="y", nbins=3)
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    ax.grid(axis="y", color=GRID)
