"""C11 drawn: the difference along severity, hatched where nobody could be compared, and who is there by risk and
severity."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.drawing.canvas import INK, MUTE, as_svg, canvas
from pipeline.report.drawing.cells import cell, name_cells
from pipeline.report.drawing.gaps import GAP, PLAIN, line, number, placed
from pipeline.report.names import arm_label, arm_phrase, arm_styles, scale
from pipeline.report.numbers import HIDDEN, count, percent, plain
from pipeline.report.released import Released
from pipeline.report.words import points_of
from pipeline.results import FigurePoint, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EACH, WHOLE, NOBODY = "each score", "whole curve", "no comparators"


def effect_figure(released: Released, row: Result, name: str) -> str:
    """The difference at each score as SVG, with limits for each score and for the whole curve; empty text where none
    may be shown."""
    points = [p for p in released.tables.points if p.figure == "effect_curve" and p.result_id == row.result_id]
    marks = placed(p for p in points if p.series == EACH and isinstance(p.y, float))
    if len(marks) < 2:
        return ""
    places = sorted(placed(points))
    empty = list(placed(p for p in points if p.series == NOBODY))
    around = line("", PLAIN, placed(p for p in points if p.series == WHOLE), places)
    own = line("", PLAIN, marks, places)
    figure, axes = canvas(3.0)
    half = 0.5 * min(b - a for a, b in pairwise(places))
    for first, last in runs(places, empty):
        axes.axvspan(first - half, last + half, facecolor="none", edgecolor="#9aa5b1", hatch="////", lw=0)
        name_gap(axes, (first + last) / 2, (last - first + 2 * half) / (places[-1] - places[0] + 2 * half))
    axes.axhline(0, color=INK, lw=0.9)
    axes.plot(own.x, own.y, color="#14305C", lw=1.9)
    axes.fill_between(own.x, own.low, own.high, color="#14305C", alpha=0.16, lw=0)
    for side in (around.low, around.high):
        axes.plot(around.x, side, color=MUTE, lw=0.9, ls=(0, (4, 3)))
    draw_margin(axes, row)
    axes.set(
        xlim=(places[0] - half, places[-1] + half),
        xlabel=f"{scale(released.study, row.outcome)[0]} at the start",
        ylabel=f"Difference in {points_of(row)}",
    )
    bottom, top = axes.get_ylim()
    axes.set_ylim(bottom - 0.1 * (top - bottom), top + 0.1 * (top - bottom))  # room for the words
    axes.yaxis.set_major_formatter(lambda value, _: plain(value, 0 if float(value).is_integer() else 1))
    for height, arm, end in ((0.98, row.arm, "top"), (0.02, row.reference, "bottom")):
        axes.text(
            0.99,
            height,
            f"{arm_label(arm)} does better",
            transform=axes.transAxes,
            ha="right",
            va=end,
            fontsize=7.8,
            color=MUTE,
        )
    figure.subplots_adjust(left=0.12, right=0.97, top=0.97, bottom=0.17)
    ends = [f"{plain(number(p.y), 1)} at {plain(x, 0)}" for x, p in sorted(marks.items())]
    said = f"{ends[0]}, {ends[-1]}. Hatched: {len(empty)} of {len(places)} scores at which nobody can be compared."
    title = (
        f"Difference by score at the start, {arm_label(row.arm)} and {arm_phrase(row.reference)}, similar people"
        " compared"
    )
    return as_svg(figure, name, title, f"Difference in {points_of(row)}: {said}")


def name_gap(axes: Axes, middle: float, width: float) -> None:
    """What the hatch means, upright where it is narrow; width: of the axes.  The narrowest are left to the caption."""
    if width < 0.06:
        return
    said, turned = ("nobody to\ncompare here", 0) if width > 0.2 else ("nobody to compare here", 90)
    around = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    axes.text(
        middle,
        0.5,
        said,
        transform=axes.get_xaxis_transform(),
        ha="center",
        va="center",
        rotation=turned,
        fontsize=8,
        bbox=around,
    )


def draw_margin(axes: Axes, row: Result) -> None:
    """The margin that was fixed beforehand, where there is one."""
    if isinstance(row.margin, float):
        axes.axhline(-row.margin, color=MUTE, lw=0.9, ls=(0, (1, 2)))


def runs(places: list[float], wanted: list[float]) -> list[tuple[float, float]]:
    """First and last of each unbroken run of the wanted places."""
    found: list[tuple[float, float]] = []
    before = GAP
    for place in places:
        if place in wanted:
            found[-1:] = [(found[-1][0], place)] if found and found[-1][1] == before else [*found[-1:], (place, place)]
        before = place
    return found


def people_figure(released: Released, row: Result, name: str) -> str:
    """Head counts by risk and severity at both levels as SVG, darker where more can be compared; empty text where all
    are hidden."""
    points = [p for p in released.tables.points if p.figure == "positivity" and p.result_id == row.result_id]
    arms = [arm for arm in (row.arm, row.reference) if any(p.series == arm and isinstance(p.y, float) for p in points)]
    if not arms:
        return ""
    labels = [tuple(p.label.split("; ", 1)) for p in points if p.series == arms[0]]
    risks, bands = list(dict.fromkeys(risk for risk, _ in labels)), list(dict.fromkeys(band for _, band in labels))
    figure, panels = canvas(0.85 + 0.32 * len(risks), columns=len(arms), sharey=True, squeeze=False)
    for axes, arm in zip(panels[0], arms, strict=True):
        for p in (p for p in points if p.series == arm):
            risk, band = p.label.split("; ", 1)
            cell(axes, (bands.index(band), risks.index(risk)), number(p.y), people(p), size=7.2)
        name_cells(
            axes,
            [short(band) for band in bands],
            [risk[:1].upper() + risk[1:].replace(" and ", "\nand ") for risk in risks],
        )
        axes.set_title(
            f"{arm_label(arm)}: people",
            fontsize=8.6,
            fontweight="bold",
            color=arm_styles(released.study)[arm].color,
            pad=4,
        )
    figure.supxlabel(f"{scale(released.study, row.outcome)[0]} at the start", fontsize=8, color=MUTE, y=0.02)
    height = figure.get_figheight()
    figure.subplots_adjust(left=0.2, right=0.99, top=1 - 0.24 / height, bottom=0.42 / height, wspace=0.06)
    said = (
        f"{arm_label(row.arm)} and {arm_phrase(row.reference)}, {len(risks)} degrees of suicide risk by {len(bands)}"
        " bands of severity."
    )
    return as_svg(figure, name, "Who could have started at the other level, by risk and severity", said)


def people(point: FigurePoint) -> str:
    """How many, and the share of them who could plausibly have started at the other level."""
    if any(map(is_suppressed, (point.n, point.y))):
        return HIDDEN
    if isinstance(point.y, float):
        return f"{count(point.n)}\n{percent(point.y)}"
    return "nobody" if point.n == 0 else count(point.n)


def short(band: str) -> str:
    """'a PHQ9 of 10 to 14 at the start' as '10–14'."""
    words = band.removesuffix(" at the start").split(" ", 2)[-1].removeprefix("of ")
    return words.replace(" to ", "–").replace(" or more", "+").replace("below ", "<")
