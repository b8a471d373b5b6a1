"""What followed each person's first stay: arms on the left, what came next on the right."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.drawing.canvas import INK, MUTE, NEUTRAL, as_svg, canvas, spread
from pipeline.report.names import arm_label, arm_styles
from pipeline.report.numbers import count, percent
from pipeline.report.released import Released

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ORDER = (
    "Completed",
    "Stepped down",
    "Moved to other care",
    "Stepped up",
    "Still in care",
    "Left early",
    "Ended by the program",
    "Ended for another reason",
    "Not known",
)
LEFT, RIGHT, BAR = 0.2, 0.66, 0.028
GAP, ROOM = 0.025, 0.07
Place = dict[str, tuple[float, float]]


def pathways_figure(released: Released, name: str = "pathways") -> str:
    """The alluvial diagram as SVG; empty text where no flow may be shown.

    Flows too small to show are not drawn, nor is an arm that does not show how many started: its bar would be their
    number.
    """
    starts = starters(released)
    flows = {(p.series, p.label): p.n for p in released.tables.points if p.figure == "pathways" and p.series in starts}
    shown = {key: n for key, n in flows.items() if isinstance(n, int) and n > 0}
    if not shown:
        return ""
    concealed = {label for (_, label), n in flows.items() if is_suppressed(n)}
    right = [
        label
        for label in (*ORDER, *sorted({label for _, label in shown} - set(ORDER)))
        if any(key[1] == label for key in shown)
    ]
    figure, axes = canvas(3.4)
    axes.axis("off")
    axes.set(xlim=(0, 1), ylim=(1, 0))
    arrive: dict[str, int] = defaultdict(int)
    for (_, label), n in shown.items():
        arrive[label] += n
    scale = fitting([list(starts.values()), [arrive[label] for label in right]])
    sources, targets = stacked(starts, scale), stacked({label: arrive[label] for label in right}, scale)
    draw_flows(axes, shown, sources, targets, right, scale, released)
    draw_bars(
        axes,
        sources,
        targets,
        starts,
        {label: None if label in concealed else arrive[label] for label in right},
        released,
    )
    figure.subplots_adjust(left=0, right=1, top=1, bottom=0)
    early = "; ".join(
        f"{arm_label(arm)} {percent(n / starts[arm])}" for (arm, label), n in shown.items() if label == "Left early"
    )
    return as_svg(
        figure,
        name,
        "What followed the first stay, as observed",
        f"Flows from each level to what came next. Left early: {early}.",
    )


def starters(released: Released) -> dict[str, int]:
    """How many started in each arm that shows it."""
    rows = {arm: released.row(analysis="scorecard", measure="starts", arm=arm) for arm in released.arms}
    return {arm: row.n for arm, row in rows.items() if row is not None and isinstance(row.n, int)}


def fitting(stacks: list[list[int]]) -> float:
    """Height of one person such that every stack of bars, each with room for its label, fits the figure."""
    scale = 1 / max(sum(stack) for stack in stacks)
    while any(sum(max(size * scale, ROOM) + GAP for size in stack) > 1 for stack in stacks):
        scale *= 0.98
    return scale


def stacked(sizes: dict[str, int], scale: float) -> Place:
    """(top, height) of each bar, one under another, centered; a thin bar takes the room of its label."""
    top = (1 - sum(max(size * scale, ROOM) + GAP for size in sizes.values()) + GAP) / 2
    places = {}
    for key, size in sizes.items():
        room = max(size * scale, ROOM)
        places[key] = (top + (room - size * scale) / 2, size * scale)
        top += room + GAP
    return places


def draw_flows(
    axes: Axes,
    shown: dict[tuple[str, str], int],
    sources: Place,
    targets: Place,
    right: list[str],
    scale: float,
    released: Released,
) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    styles, leave, land = (
        arm_styles(released.study),
        {k: v[0] for k, v in sources.items()},
        {k: v[0] for k, v in targets.items()},
    )
    middle = (LEFT + BAR + RIGHT) / 2
    for arm in sources:
        for label in (label for label in right if (arm, label) in shown):
            height, a, b = shown[arm, label] * scale, leave[arm], land[label]
            leave[arm] += height
            land[label] += height
            ends = [
                (LEFT + BAR, a),
                (middle, a),
                (middle, b),
                (RIGHT, b),
                (RIGHT, b + height),
                (middle, b + height),
                (middle, a + height),
                (LEFT + BAR, a + height),
                (LEFT + BAR, a),
            ]
            axes.add_patch(PathPatch(Path(ends, [1, 4, 4, 4, 2, 4, 4, 4, 79]), fc=styles[arm].color, alpha=0.38, lw=0))
            if height > 0.034:
                axes.text(
                    LEFT + BAR + 0.012,
                    a + height / 2,
                    percent(shown[arm, label] / (sources[arm][1] / scale)),
                    fontsize=7.5,
                    va="center",
                    color=INK,
                )


def draw_bars(
    axes: Axes,
    sources: Place,
    targets: Place,
    starts: dict[str, int],
    arrive: dict[str, int | None],
    released: Released,
) -> None:
    from matplotlib.patches import Rectangle

    styles = arm_styles(released.study)
    middles = spread([top + height / 2 for top, height in sources.values()], 0.135)
    for (arm, (top, height)), middle in zip(sources.items(), middles, strict=True):
        axes.add_patch(Rectangle((LEFT, top), BAR, height, fc=styles[arm].color, lw=0))
        axes.text(
            LEFT - 0.015,
            middle,
            f"{arm_label(arm)}\n{count(starts[arm])}",
            ha="right",
            va="center",
            fontsize=8.5,
            fontweight="bold",
            color=styles[arm].color,
            linespacing=1.25,
        )
    for label, (top, height) in targets.items():
        axes.add_patch(Rectangle((RIGHT, top), BAR, height, fc=NEUTRAL, lw=0))
        told = f"  {arrive[label]:,}" if arrive[label] is not None else ""
        axes.text(
            RIGHT + BAR + 0.015,
            top + height / 2,
            f"{label}{told}",
            va="center",
            fontsize=8.2,
            color=INK if told else MUTE,
        )
