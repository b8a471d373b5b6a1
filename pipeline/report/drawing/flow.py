"""The flow of the first comparison: who started, who was left out by what, who is compared, who was measured."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.report.drawing.canvas import INK, MUTE, as_svg, canvas
from pipeline.report.names import arm_label
from pipeline.report.numbers import count
from pipeline.report.released import Released
from pipeline.report.sentences.strata import read
from pipeline.report.words import spelled
from pipeline.results import AttritionStep

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Step = tuple[str, dict[str, AttritionStep]]  # a step's sentence, and its numbers by arm


def flow_figure(released: Released, steps: Sequence[Step], name: str = "flow") -> str:
    """Boxes from top to bottom, what each step took out beside the arrow; empty text where there is nothing to draw."""
    if not steps:
        return ""
    figure, axes = canvas(0.85 * len(steps) + 0.2)
    axes.axis("off")
    axes.set(xlim=(0, 1), ylim=(len(steps) - 0.45, -0.55))
    for place, (sentence, found) in enumerate(steps):
        box(axes, place, found)
        if place:
            arrow(axes, place, sentence, found)
        else:
            axes.text(0.46, 0, said(sentence), va="center", fontsize=9, color=INK)
    figure.subplots_adjust(left=0.01, right=0.99, top=0.99, bottom=0.01)
    last = ", ".join(f"{arm_label(arm)} {count(step.n_left)}" for arm, step in steps[-1][1].items())
    return as_svg(
        figure, name, "Flow of the first comparison", f"From everybody who started to those compared: {last}."
    )


def box(axes: Axes, place: int, found: dict[str, AttritionStep]) -> None:
    """How many of each level are left."""
    told = "\n".join(f"{arm_label(arm)} {count(step.n_left)}" for arm, step in found.items())
    frame = {"boxstyle": "square,pad=0.5", "facecolor": "white", "edgecolor": INK, "linewidth": 0.9}
    axes.text(0.2, place, told, ha="center", va="center", fontsize=9.4, fontweight="bold", linespacing=1.3, bbox=frame)


def arrow(axes: Axes, place: int, sentence: str, found: dict[str, AttritionStep]) -> None:
    """The arrow from the box above, and beside it who was left out."""
    line = {"arrowstyle": "-|>", "color": MUTE, "lw": 1.0}
    axes.annotate("", (0.2, place - 0.3), xytext=(0.2, place - 0.7), arrowprops=line)
    gone = ", ".join(f"{arm_label(arm)} {count(step.n_removed)}" for arm, step in found.items())
    words = "\n".join(textwrap.wrap(said(sentence), 44))
    axes.text(0.46, place - 0.5, f"{words}\n{gone}", va="center", fontsize=9, color=INK, linespacing=1.25)


def said(sentence: str) -> str:
    told = spelled(read(sentence))
    return f"{told[:1].upper()}{told[1:]}"
