"""What is assumed to cause what: adjusted for, what no record tells, the level, being measured, the outcome."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.report.drawing.canvas import INK, MUTE, as_svg, canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LETTERS = 58  # of a line within a box over the whole width
PLACES = {"adjusted": (0.5, 0.89), "level": (0.13, 0.44), "measured": (0.5, 0.44), "outcome": (0.87, 0.44)}
UNKNOWN = (0.5, 0.1)
ARROWS = (("adjusted", "level"), ("adjusted", "measured"), ("adjusted", "outcome"), ("level", "measured"))


def assumed_figure(level: str, outcome: str, adjusted: Sequence[str], unmeasured: Sequence[str]) -> str:
    """The diagram as SVG: solid arrows are allowed for, dashed ones are what could still bias the answer."""
    figure, axes = canvas(4.0)
    axes.axis("off")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    figure.subplots_adjust(left=0.01, right=0.99, top=0.99, bottom=0.01)
    words = {
        "adjusted": f"Adjusted for: {'; '.join(adjusted)}",
        "level": level,
        "measured": "Measured again",
        "outcome": outcome,
    }
    for name, place in PLACES.items():
        box(axes, place, words[name], LETTERS if name == "adjusted" else 13)
    for start, end in ARROWS:
        arrow(axes, PLACES[start], PLACES[end], dashed=False)
    asked(axes)
    if unmeasured:
        box(axes, UNKNOWN, f"In no record: {'; '.join(unmeasured)}", LETTERS, dashed=True)
        for end in ("level", "measured", "outcome"):
            arrow(axes, UNKNOWN, PLACES[end], dashed=True)
    described = (
        f"{words['adjusted']}: causes of {level}, of being measured again and of {outcome}."
        f" In no record, and not allowed for: {'; '.join(unmeasured) or 'nothing is named'}."
    )
    return as_svg(figure, "assumed", "What is assumed to cause what", described)


def box(axes: Axes, place: tuple[float, float], words: str, letters: int, *, dashed: bool = False) -> None:
    look = {"boxstyle": "square,pad=0.5", "facecolor": "white", "edgecolor": MUTE if dashed else INK, "linewidth": 0.9}
    axes.text(
        *place,
        "\n".join(textwrap.wrap(words, letters)),
        ha="center",
        va="center",
        fontsize=9,
        color=INK,
        linespacing=1.25,
        zorder=3,
        bbox=look | {"linestyle": (0, (3, 2)) if dashed else "solid"},
    )


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], *, dashed: bool) -> None:
    """From box to box; the boxes lie above it, so it is seen only between them."""
    (x0, y0), (x1, y1) = start, end
    short = 0.09 if y0 != y1 else 0.0
    stop = (x1 - 0.12 if y0 == y1 else x1, y1 + (short if y0 > y1 else -short))
    line = {"arrowstyle": "-|>", "color": MUTE, "lw": 1.0, "linestyle": (0, (3, 2)) if dashed else "solid"}
    axes.annotate("", stop, xytext=(x0, y0), arrowprops=line, zorder=1)


def asked(axes: Axes) -> None:
    """The arrow that is asked about, past being measured."""
    line = {"arrowstyle": "-|>", "color": INK, "lw": 1.8, "connectionstyle": "arc3,rad=-0.3"}
    axes.annotate("", (0.85, 0.5), xytext=(0.15, 0.5), arrowprops=line, zorder=2)
    axes.text(0.33, 0.63, "asked", ha="center", va="center", fontsize=9, color=INK)
