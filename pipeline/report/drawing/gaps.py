"""Lines of released marks: what is hidden is a gap that nothing bridges, and each line is named at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.report.drawing.canvas import INK, spread
from pipeline.report.names import Style
from pipeline.results import FigurePoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAP = float("nan")
GAPS = "A gap: hidden, to protect small groups."  # below a figure that may have some
PLAIN = Style(INK, "solid", "o")
BESIDE = Style("#56626e", (0, (4, 2)), "D")  # what stands beside the first line where neither is an arm


@dataclass(frozen=True, slots=True)
class GapLine:
    """A line's name, look, places, and heights with their limits; GAP where nothing may be shown."""

    name: str
    style: Style
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def end(self) -> tuple[float, float]:
        """The last place that is shown, and its height."""
        return [(x, y) for x, y in zip(self.x, self.y, strict=True) if y == y][-1]


def number(value: Any) -> float:
    """A mark's number; GAP for what is hidden or unknown."""
    return float(value) if isinstance(value, int | float) else GAP


def placed(points: Iterable[FigurePoint]) -> dict[float, FigurePoint]:
    """Marks of a figure by their place along it; one whose place is hidden or unknown has none."""
    return {p.x: p for p in points if isinstance(p.x, int | float)}


def line(name: str, style: Style, marks: Mapping[float, Any], places: Iterable[float]) -> GapLine:
    """The line of marks (by place, each with y or estimate, low and high) over all places of the figure."""
    where = tuple(sorted(places))
    found = [marks.get(place) for place in where]
    heights = tuple(number(getattr(one, "y", getattr(one, "estimate", None))) for one in found)
    low, high = (tuple(number(getattr(one, side, None)) for one in found) for side in ("low", "high"))
    return GapLine(name, style, where, heights, low, high)


def steps(days: Iterable[float], every: float) -> list[float]:
    """Every step up to the last of these days: where no curve has a point, all of them are open."""
    known = set(days)
    return sorted(known | {every * i for i in range(1, int(max(known, default=0) // every) + 1)})


def worth_drawing(lines: Sequence[GapLine]) -> list[GapLine]:
    """The lines with at least two heights that may be shown."""
    return [one for one in lines if sum(y == y for y in one.y) > 1]


def draw_lines(axes: Axes, lines: Sequence[GapLine], *, marked: bool = True) -> None:
    """Lines with their limits as a band, or as a stroke between two gaps; marked: a marker at each place that is
    shown."""
    for one in lines:
        axes.plot(
            one.x,
            one.y,
            color=one.style.color,
            ls=one.style.line,
            marker=one.style.marker if marked else "",
            ms=3.4,
            lw=1.7,
        )
        axes.fill_between(one.x, one.low, one.high, color=one.style.color, alpha=0.12, lw=0)
        for x, low, high in alone(one):
            axes.plot([x, x], [low, high], color=one.style.color, lw=1, alpha=0.5)
    axes.grid(axis="y")


def alone(one: GapLine) -> list[tuple[float, float, float]]:
    """Place and limits of the heights between two gaps, which no band shows."""
    known = [False, *(y == y for y in one.y), False]
    places = zip(one.x, one.low, one.high, known, known[1:], known[2:], strict=False)
    return [
        (x, low, high)
        for x, low, high, before, here, after in places
        if here and not before and not after and low == low
    ]


def name_ends(axes: Axes, lines: Sequence[GapLine], written: Callable[[float], str], apart: float = 0.085) -> None:
    """Each line's name and last height right of the axes, pulled apart where they would touch; apart: of the axes'
    height."""
    bottom, top = axes.get_ylim()
    places = spread([(one.end[1] - bottom) / (top - bottom) for one in lines], apart)
    last = max(one.end[0] for one in lines)
    for one, place in zip(lines, places, strict=True):
        if one.end[0] < last:  # a thread from where the line ends to its name
            edge = axes.get_xlim()[1], bottom + place * (top - bottom)
            axes.plot(
                *zip(one.end, edge, strict=True), color=one.style.color, lw=0.6, ls=":", scalex=False, scaley=False
            )
        look: dict[str, Any] = {"color": one.style.color, "fontweight": "bold", "fontsize": 8.2}
        told = f"{one.name} {written(one.end[1])}"
        axes.text(1.03, place, told, transform=axes.transAxes, va="center", linespacing=1.1, **look)


def in_percent(axes: Axes, top: float = 1.0) -> None:
    """The vertical axis as shares up to top."""
    axes.set_ylim(0, 1.02 * top)
    axes.locator_params(axis="y", nbins=5)
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
