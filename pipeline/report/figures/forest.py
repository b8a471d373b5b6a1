"""Like for like: each contrast as observed (hollow) and adjusted (solid), with the margin; withheld ones say why in
place of marks."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.report.disclosure.held_back import is_held_back
from pipeline.report.disclosure.suppressed import HELD_BACK
from pipeline.report.drawing.canvas import GRID, INK, MUTE, as_svg, canvas
from pipeline.report.drawing.gaps import number
from pipeline.report.names import arm_label, arm_phrase, arm_styles
from pipeline.report.numbers import MINUS, plain
from pipeline.report.released import Released
from pipeline.report.words import is_harm, is_share, number_of, reason
from pipeline.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEP, PAIR_GAP = 1.0, 1.45
LABEL_WIDTH, LINE_HEIGHT = 24, 0.165  # letters of a line beside the marks; inches


def forest_figure(released: Released, rows: Sequence[Result], name: str, unit: str) -> str:
    """Contrasts of one unit as SVG, in the order given; empty text where every one is withheld."""
    if not any(isinstance(row.estimate, float) for row in rows):
        return ""
    styles = arm_styles(released.study)
    factor = 100.0 if is_share(rows[0]) else 1.0
    tall = max(0.54, LINE_HEIGHT * max(label_of(row).count("\n") + 1 for row in rows))
    figure, axes = canvas(0.72 + tall * len(rows))
    axes.grid(axis="x")
    axes.axvline(0, color=INK, lw=0.9)
    draw_margin(axes, rows, factor)
    place, said = 0.0, []
    for row in rows:
        twin = released.row(analysis="as_observed", twin_of=row.result_id)
        said.append(draw_pair(axes, row, twin, place, styles[row.arm].color, factor))
        place += STEP + PAIR_GAP
    shown = [
        abs(v) * factor
        for row in rows
        for one in (row, released.row(analysis="as_observed", twin_of=row.result_id))
        if one
        for v in (one.low, one.estimate, one.high, row.margin)
        if isinstance(v, float)
    ]
    axes.set(xlim=(-1.12 * max(shown), 1.12 * max(shown)), ylim=(place - 0.75, -0.75), yticks=[])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(lambda value, _: plain(value, 0 if float(value).is_integer() else 1))
    axes.set_xlabel(unit)
    height = figure.get_figheight()
    figure.subplots_adjust(left=0.33, right=0.74, top=1 - 0.2 / height, bottom=0.42 / height)
    return as_svg(
        figure,
        name,
        f"Like for like: {unit}",
        "Hollow: as observed; solid: people with similar needs compared. " + " ".join(said),
    )


def draw_margin(axes: Axes, rows: Sequence[Result], factor: float) -> None:
    """The zone of differences too small to matter, where one margin was fixed beforehand."""
    margins = {row.margin for row in rows if isinstance(row.margin, float)}
    if len(margins) == 1:
        margin = factor * margins.pop()
        axes.axvspan(-margin, 0, color="#DCE6EE", lw=0)
        axes.axvline(-margin, color=MUTE, lw=0.9, ls=(0, (4, 3)))
        axes.text(
            -margin,
            1.0,
            f"margin {MINUS}{plain(margin, 0 if margin == int(margin) else 1)}",
            transform=axes.get_xaxis_transform(),
            fontsize=7.6,
            color=MUTE,
            ha="center",
            va="bottom",
        )


def label_of(row: Result) -> str:
    """Who is compared, and on what share, in as many lines as fit beside the marks."""
    label = f"{arm_label(row.arm)} vs {arm_phrase(row.reference).removesuffix(' care')}"
    lines = textwrap.wrap(label, LABEL_WIDTH)
    if is_share(row):
        counted = "still in care" if row.outcome.startswith("retained") else "reliably better"
        lines = [*lines[:-1], f"{lines[-1]},", "left early" if is_harm(row) else counted]
    return "\n".join(lines)


def draw_pair(axes: Axes, row: Result, twin: Result | None, place: float, color: str, factor: float) -> str:
    """One contrast's two lines and their numbers; what was drawn, in words."""
    across = axes.get_yaxis_transform()
    label = label_of(row)
    axes.text(
        -0.03,
        place + STEP / 2,
        label,
        transform=across,
        ha="right",
        va="center",
        fontsize=8.6,
        fontweight="bold",
        linespacing=1.25,
    )
    if not isinstance(row.estimate, float):
        why = (
            f"withheld: {reason(row).split(':')[0].split(';')[0]}"
            if row.gate == "withheld"
            else (HELD_BACK if is_held_back(row) else "hidden: a small group")
        )
        axes.text(
            0.02,
            place + STEP / 2,
            "\n".join(textwrap.wrap(why, 46)),
            transform=across,
            va="center",
            fontsize=8,
            color=INK,
            style="italic",
            bbox={"facecolor": "white", "edgecolor": GRID, "pad": 3},
        )
        return f"{label}: {why}."
    for one, at, solid in ((twin, place, False), (row, place + STEP, True)):
        if one is None or not isinstance(one.estimate, float):
            continue
        draw_line(axes, one, at, color, factor, solid)
        axes.text(
            1.03,
            at,
            with_limits(one, factor),
            transform=across,
            va="center",
            fontsize=8.1,
            color=INK if solid else MUTE,
            fontweight="bold" if solid else "normal",
        )
    return f"{label}: {with_limits(row, factor)}."


def draw_line(axes: Axes, row: Result, at: float, color: str, factor: float, solid: bool) -> None:
    """A difference between its limits; the mark alone where those are hidden."""
    low, middle, high = (factor * number(value) for value in (row.low, row.estimate, row.high))
    if low <= high:
        axes.plot([low, high], [at, at], color=color, lw=2.3 if solid else 1.2, solid_capstyle="butt")
    axes.plot(
        middle, at, "s" if solid else "o", ms=7 if solid else 5.5, mfc=color if solid else "white", mec=color, mew=1.4
    )


def with_limits(row: Result, factor: float) -> str:
    """'+1.1 (+0.5 to +1.7)'; in place of limits that are hidden, or that nobody worked out, that they are not shown."""
    told = signed(factor * number_of(row))
    if not isinstance(row.low, float) or not isinstance(row.high, float):
        return f"{told} (range not shown)"
    return f"{told} ({signed(factor * row.low)} to {signed(factor * row.high)})"


def signed(value: float) -> str:
    """A difference with its sign."""
    written = plain(value)
    return written if value <= 0 or written in ("0.0", "0") else f"+{written}"
