"""Grids of cells: a word in each, darker where a share is larger, so light that the word is always readable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.report.drawing.canvas import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def cell(
    axes: Axes, place: tuple[int, int], share: float, told: str, *, framed: bool = False, size: float = 7.4
) -> None:
    """A cell at (column, line); white where its share is a gap."""
    column, line = place
    shade = 0.0 if share != share else share
    color = (1 - 0.42 * shade, 1 - 0.27 * shade, 1 - 0.12 * shade)
    axes.bar(
        column,
        0.88,
        width=0.92,
        bottom=line - 0.44,
        color=color,
        ec=INK if framed else "#cfd6dd",
        lw=1.3 if framed else 0.6,
    )
    axes.text(column, line, told, ha="center", va="center", fontsize=size, linespacing=1.05)


def name_cells(axes: Axes, columns: Sequence[str], lines: Sequence[str], size: float = 7.8) -> None:
    """The names of columns and lines around a grid without spines, the first line at the top."""
    axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(lines) - 0.5, -0.5))
    axes.set_xticks(range(len(columns)), columns, fontsize=size)
    axes.set_yticks(range(len(lines)), lines, fontsize=size)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
