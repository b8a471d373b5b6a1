"""C7 drawn: the difference in cost against the difference in effect, and the chance that it is worth it."""

from pipeline.report.drawing.canvas import INK, MUTE, as_svg, canvas
from pipeline.report.drawing.gaps import PLAIN, draw_lines, in_percent, line, number, placed, worth_drawing
from pipeline.report.names import arm_label, arm_phrase
from pipeline.report.numbers import in_hundred, percent, plain
from pipeline.report.released import Released
from pipeline.results import FigurePoint, Result

CORNERS = {
    "cheaper and better": (0.985, 0.03, "right", "bottom"),
    "cheaper but worse": (0.015, 0.03, "left", "bottom"),
    "dearer but better": (0.985, 0.97, "right", "top"),
    "dearer and worse": (0.015, 0.97, "left", "top"),
}


def points_of(released: Released, row: Result, figure_name: str) -> list[FigurePoint]:
    return [p for p in released.tables.points if p.figure == figure_name and p.result_id == row.result_id]


def plane_figure(released: Released, row: Result, name: str) -> str:
    """The estimate, its region and the chance of each quarter as SVG; empty text where either is hidden."""
    points = points_of(released, row, "cost_plane")
    shown = [p for p in points if isinstance(p.x, float) and isinstance(p.y, float)]
    middle, around = [p for p in shown if p.series == "estimate"], [p for p in shown if p.series == "ellipse"]
    if not middle or len(around) < 3:
        return ""
    figure, axes = canvas(3.0)
    across, up = [100 * number(p.x) for p in around], [number(p.y) for p in around]
    axes.fill(across, up, facecolor="#DCE6EE", edgecolor=MUTE, lw=0.8)
    effect, money = number(middle[0].x), number(middle[0].y)
    axes.plot(100 * effect, money, "s", color="#14305C", ms=6)
    axes.axhline(0, color=INK, lw=0.9)
    axes.axvline(0, color=INK, lw=0.9)
    wide, tall = (1.45 * max(abs(v) for v in values) for values in (across, up))
    axes.set(
        xlim=(-wide, wide),
        ylim=(-tall, tall),
        xlabel=f"More people in 100 reliably better in {arm_phrase(row.arm)} →",
        ylabel=f"{row.unit} more a person →",
    )
    axes.xaxis.set_major_formatter(lambda value, _: plain(value, 0 if float(value).is_integer() else 1))
    axes.yaxis.set_major_formatter(lambda value, _: plain(value, 0))
    said = []
    for label, (x, y, side, end) in CORNERS.items():
        chance = next((p.y for p in points if p.series == "chance" and p.label == label), None)
        told = f"{label}: {percent(chance)}"
        axes.text(x, y, told, transform=axes.transAxes, ha=side, va=end, fontsize=7.8, color=MUTE)
        said.append(told)
    figure.subplots_adjust(left=0.17, right=0.97, top=0.97, bottom=0.17)
    more = "more" if effect > 0 else "fewer"
    told = (
        f"{row.unit} {plain(money, 0)} a person, {in_hundred(effect)} in 100 {more} reliably better. Chances:"
        f" {'; '.join(said)}."
    )
    return as_svg(figure, name, f"Cost against effect, {arm_label(row.arm)} beside {arm_phrase(row.reference)}", told)


def same_throughout(released: Released, row: Result) -> str:
    """'Whatever one person more is worth up to USD 40,000, …' where the chance of being worth it does not move; else
    empty text."""
    points = [p for p in points_of(released, row, "acceptability") if isinstance(p.y, float)]
    chances = {percent(number(p.y)) for p in points}
    if len(points) < 2 or len(chances) > 1:
        return ""
    most = plain(max(number(p.x) for p in points), 0)
    return (
        f" Whatever one more person reliably better is worth, up to {row.unit} {most}, the chance that"
        f" {arm_phrase(row.arm)} is worth its cost is {chances.pop()}: a hint, not a finding."
    )


def acceptability_figure(released: Released, row: Result, name: str) -> str:
    """The chance that the first level is worth its cost, by what one more person better is worth; empty text where none
    is stored, or where it is the same throughout."""
    points = placed(points_of(released, row, "acceptability"))
    lines = worth_drawing([line("chance", PLAIN, points, points)])
    if not lines or same_throughout(released, row):
        return ""
    figure, axes = canvas(3.0)
    draw_lines(axes, lines, marked=False)
    axes.axhline(0.5, color=MUTE, lw=0.8, ls=(0, (4, 3)))
    in_percent(axes)
    axes.set(
        xlim=(0, max(points)),
        xlabel=f"{row.unit} that one more person reliably better is worth",
        ylabel="Chance of being worth it",
    )
    axes.xaxis.set_major_formatter(lambda value, _: plain(value, 0))
    figure.subplots_adjust(left=0.13, right=0.95, top=0.97, bottom=0.17)
    first, last = lines[0].y[0], lines[0].end[1]
    said = f"Chance {percent(first)} where it is worth nothing, {percent(last)} at {plain(max(points), 0)}."
    return as_svg(figure, name, f"Chance that {arm_phrase(row.arm)} is worth its cost", said)
