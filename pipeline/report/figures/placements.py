"""C15 drawn: the level that was recommended against the level that was received."""

from pipeline.levels import LEVELS, WORDS
from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.drawing.canvas import as_svg, canvas
from pipeline.report.drawing.cells import cell, name_cells
from pipeline.report.drawing.gaps import number
from pipeline.report.numbers import HIDDEN, count, percent
from pipeline.report.released import Released

SHORT = ("IOP", "PHP")  # known by these letters; in full two of them side by side run into each other


def placement_figure(released: Released, name: str) -> str:
    """A row for each recommended level as SVG, its people by the level received; empty text where every cell is
    hidden."""
    points = [p for p in released.tables.points if p.figure == "placement_matrix"]
    if not any(isinstance(p.y, float) for p in points):
        return ""
    levels = [level for level in LEVELS if any(level in (p.series, p.label) for p in points)]
    cells = {(p.series, p.label): p for p in points}
    figure, axes = canvas(0.7 + 0.36 * len(levels))
    for down, recommended in enumerate(levels):
        for along, received in enumerate(levels):
            point = cells.get((recommended, received))
            share = number(point.y) if point else 0.0
            told = (
                "nobody"
                if point is None
                else HIDDEN
                if any(map(is_suppressed, (point.n, point.y)))
                else f"{percent(share)}\n{count(point.n)}"
            )
            cell(axes, (along, down), share, told, framed=down == along, size=7.8)
    words = [level if level in SHORT else WORDS[level].replace(" ", "\n") for level in levels]
    name_cells(axes, words, words)
    axes.set(xlabel="Level received", ylabel="Level recommended")
    figure.subplots_adjust(left=0.23, right=0.99, top=0.98, bottom=0.56 / figure.get_figheight())
    said = "; ".join(
        f"{WORDS[level]} {percent(cells[(level, level)].y)}" for level in levels if (level, level) in cells
    )
    return as_svg(figure, name, "Recommended and received levels, as observed", f"Received as recommended: {said}.")
