"""C8 drawn: mean attended hours by week of the stay, for people by when they had reliably improved."""

from pipeline.report.drawing.canvas import as_svg, canvas
from pipeline.report.drawing.cells import cell, name_cells
from pipeline.report.drawing.gaps import number
from pipeline.report.numbers import plain
from pipeline.report.released import Released
from pipeline.results import Result


def tapering_figure(released: Released, row: Result, name: str) -> str:
    """A heat map as SVG, its numbers written in it and hidden weeks left white with a dot; empty text where every one
    is hidden."""
    points = [p for p in released.tables.points if p.figure == "dose_response" and p.result_id == row.result_id]
    points = [p for p in points if isinstance(p.x, int | float)]
    shown = [number(p.y) for p in points if isinstance(p.y, float)]
    if not shown:
        return ""
    groups, weeks = list(dict.fromkeys(p.series for p in points)), sorted({number(p.x) for p in points})
    top = max(shown)
    figure, axes = canvas(0.62 + 0.36 * len(groups))
    for p in points:
        hours, x, y = number(p.y), weeks.index(number(p.x)), groups.index(p.series)
        if hours == hours:
            cell(axes, (x, y), hours / top, plain(hours), size=7.2)
        else:
            axes.text(x, y, "·", ha="center", va="center", fontsize=8)
    name_cells(axes, [plain(week, 0) for week in weeks], [broken(group) for group in groups])
    axes.set_xlabel("Week of the stay")
    figure.subplots_adjust(left=0.25, right=0.99, top=0.98, bottom=0.42 / figure.get_figheight())
    said = (
        f"{plain(min(shown))} to {plain(top)} hours a week; {len(points) - len(shown)} of {len(points)} places hidden."
    )
    return as_svg(figure, name, "Mean attended hours by week and by when people improved, as observed", said)


def broken(group: str) -> str:
    """'improved in weeks 1 and 2' on two lines."""
    first, mark, rest = group.partition(" in ")
    return f"{first[:1].upper()}{first[1:]}\n{mark.strip()} {rest}"
