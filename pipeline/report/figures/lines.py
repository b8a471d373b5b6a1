"""Lines of stored points: one per series, with limits where there are any, direct labels, and a hatch where nobody could be compared."""

import textwrap
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.figures.canvas import GRID, INK, MUTE, as_svg, canvas, spread
from pipeline.report.names import Style, arm_label, arm_styles
from pipeline.report.numbers import percent, plain
from pipeline.report.released import Released
from pipeline.results import FigurePoint

NOBODY = "no comparators"
OTHERS = (
    Style("#14305C", "solid", "o"),
    Style("#B8470F", (0, (5, 2)), "s"),
    Style("#187F75", (0, (1, 1)), "D"),
    Style("#7A4FA3", (0, (4, 1.5, 1, 1.5)), "^"),
    Style("#4B5563", (0, (3, 1)), "v"),
)


@dataclass(frozen=True, slots=True)
class Axes:
    """What a figure of lines is called and what its axes measure; share: written as percents."""

    title: str
    below: str
    x: str
    y: str
    share: bool = False
    zero: bool = False


def lines_figure(released: Released, points: Sequence[FigurePoint], name: str, words: Axes) -> str:
    """The series as SVG, hidden points left open; empty text where no series has two points to show."""
    series: dict[str, list[FigurePoint]] = defaultdict(list)
    for point in points:
        if isinstance(point.x, float) and isinstance(point.y, float) and point.series != NOBODY:
            series[point.series].append(point)
    series = {one: sorted(some, key=lambda p: p.x or 0.0) for one, some in list(series.items())[: len(OTHERS)] if len(some) > 1}
    if not series:
        return ""
    styles = styles_of(released, list(series))
    figure, ax = canvas(3.0)
    for one, some in series.items():
        draw(ax, some, styles[one])
    empty = [p.x for p in points if p.series == NOBODY and isinstance(p.x, float)]
    for x in empty:
        ax.axvspan(x - 0.5, x + 0.5, facecolor="none", edgecolor="#9aa5b1", hatch="////", lw=0)
    if words.zero:
        ax.axhline(0, color=INK, lw=0.9)
    if words.share:
        ax.set_ylim(0, min(max(ax.get_ylim()[1], 0.05), 1.02))
    label_ends(ax, series, styles, words)
    ax.set(xlabel=words.x, ylabel=words.y)
    ax.grid(axis="y", color=GRID)
    if words.share:
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    figure.subplots_adjust(left=0.13, right=0.74, top=0.96, bottom=0.17)
    ends = "; ".join(f"{label_of(one)} {written(some[-1], words)} at {plain(some[-1].x or 0.0, 0)}" for one, some in series.items())
    nobody = f" Hatched: nobody to compare ({len(empty)} places)." if empty else ""
    return as_svg(figure, name, words.title, f"{words.y} by {words.x.lower()}. {ends}.{nobody}")


def styles_of(released: Released, names: Sequence[str]) -> dict[str, Style]:
    """An arm in its own style; anything else in the next of the others."""
    arms, spare = arm_styles(released.study), iter(OTHERS)
    return {name: arms[name] if name in arms else next(spare) for name in names}


def label_of(series: str) -> str:
    return arm_label(series)


def written(point: FigurePoint, words: Axes) -> str:
    return percent(point.y) if words.share else plain(point.y or 0.0)


def draw(ax: object, points: Sequence[FigurePoint], style: Style) -> None:
    """One line with its limits."""
    places = [p.x for p in points]
    ax.plot(
        places,
        [p.y for p in points],
        color=style.color,
        ls=style.line,
        marker=style.marker if len(points) <= 30 else "",
        ms=3.6,
        lw=1.6,
    )
    if all(isinstance(p.low, float) and isinstance(p.high, float) for p in points):
        ax.fill_between(places, [p.low for p in points], [p.high for p in points], color=style.color, alpha=0.12, lw=0)


def label_ends(ax: object, series: dict[str, list[FigurePoint]], styles: dict[str, Style], words: Axes) -> None:
    """Each line's name and last value beside its end, pulled apart where they would touch."""
    low, high = ax.get_ylim()
    tall = max(len(textwrap.wrap(label_of(one), 20)) for one in series)
    places = spread([some[-1].y or 0.0 for some in series.values()], 0.085 * tall * (high - low))
    over = max(places) - (high - 0.04 * tall * (high - low))
    places = [place - max(over, 0.0) for place in places]
    right = max(some[-1].x or 0.0 for some in series.values())
    for (one, some), place in zip(series.items(), places, strict=True):
        ax.annotate(
            "\n".join(textwrap.wrap(f"{label_of(one)} {written(some[-1], words)}", 20)),
            (right, place),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            linespacing=1.15,
            fontweight="bold",
            color=styles[one].color,
            annotation_clip=False,
        )
    ax.spines["left"].set_color(MUTE)
