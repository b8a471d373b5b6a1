"""The specification curve of an outcome: every comparison of it, made in every way that was counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipeline.report.certainty import READS, STANDS, choice
from pipeline.report.drawing.canvas import INK, MUTE, as_svg, canvas
from pipeline.report.drawing.gaps import number
from pipeline.report.names import arm_label, arm_phrase, arm_styles
from pipeline.report.numbers import plain
from pipeline.report.released import Released
from pipeline.report.words import is_share, points_of
from pipeline.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PRIMARY = "the answer"
FEWEST = 3  # ways that make a curve


def specification_figure(released: Released, rows: Sequence[Result], name: str) -> str:
    """One column a comparison, one line a way: the answer first, then the others by name; a filled mark reads the same.

    Empty text where no comparison was made in three ways.
    """
    ways = {row.result_id: counted_ways(released, row) for row in rows}
    rows = [row for row in rows if len(ways[row.result_id]) >= FEWEST and isinstance(row.estimate, float)]
    if not rows:
        return ""
    labels = [PRIMARY, *dict.fromkeys(choice(way) for row in rows for way in ways[row.result_id])]
    figure, panels = canvas(0.23 * len(labels) + 0.9, columns=len(rows), sharey=True, squeeze=False)
    for axes, row in zip(panels[0], rows, strict=True):
        draw(axes, released, row, ways[row.result_id], labels)
    panels[0][0].set_yticks(range(len(labels)), labels)
    panels[0][0].set_ylim(len(labels) - 0.5, -0.5)
    height = figure.get_figheight()
    figure.subplots_adjust(left=0.42, right=0.98, top=1 - 0.5 / height, bottom=0.45 / height, wspace=0.14)
    unit = "People per 100" if is_share(rows[0]) else points_of(rows[0]).capitalize()
    figure.supxlabel(unit, fontsize=9, color=MUTE, y=0.02)
    told = "; ".join(pair(row).replace("\n", " ") for row in rows)
    return as_svg(figure, name, "Every other way the answer was made", f"{told}. Filled: reads the same.")


def counted_ways(released: Released, row: Result) -> list[Result]:
    """The other ways that are counted as reading the same or otherwise."""
    beside = released.rows(twin_of=row.result_id, measure=row.measure, analysis="sensitivity")
    return [one for one in beside if one.note.startswith((STANDS, READS)) and isinstance(one.estimate, float)]


def draw(axes: Axes, released: Released, row: Result, ways: Sequence[Result], labels: Sequence[str]) -> None:
    """The answer and each way with its range, where its name stands."""
    color, factor = arm_styles(released.study).get(row.arm, None), 100.0 if is_share(row) else 1.0
    ink = color.color if color else INK
    axes.axvline(0, color=INK, lw=0.8)
    for one in (row, *ways):
        place = 0 if one is row else labels.index(choice(one))
        low, middle, high = (factor * number(value) for value in (one.low, one.estimate, one.high))
        same = one is row or one.note.startswith(STANDS)
        axes.plot([low, high], [place, place], color=ink, lw=2.0 if one is row else 1.1)
        look: dict[str, Any] = {"mfc": ink if same else "white", "mec": ink, "ms": 6 if one is row else 4.6}
        axes.plot(middle, place, "s" if one is row else "o", **look)
    axes.set_title(pair(row), fontsize=9, pad=4, linespacing=1.15)
    axes.grid(axis="x")
    axes.locator_params(axis="x", nbins=4)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(lambda value, _: plain(value, 0 if float(value).is_integer() else 1))


def pair(row: Result) -> str:
    return f"{arm_label(row.arm)} vs\n{arm_phrase(row.reference).removesuffix(' care')}"
