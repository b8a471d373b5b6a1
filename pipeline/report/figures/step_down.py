"""C6 drawn: back in 24-hour care by day, had everybody started IOP in time and had nobody."""

from pipeline.report.drawing.canvas import as_svg, canvas
from pipeline.report.drawing.gaps import BESIDE, draw_lines, in_percent, line, name_ends, steps, worth_drawing
from pipeline.report.names import STYLES
from pipeline.report.numbers import percent, plain
from pipeline.report.released import Released
from pipeline.results import CurvePoint, Result

ANALYSIS = "strategies"
WEEK = 7
ROOM = 1.18  # above the curves, for the names of both


def step_down_figure(released: Released, row: Result, name: str) -> str:
    """Both curves as SVG; empty text where its curves are hidden."""
    styles = {row.arm: STYLES["IOP"], row.reference: BESIDE}
    curves: dict[str, dict[float, CurvePoint]] = {
        arm: {p.day: p for p in released.curves(ANALYSIS, arm=arm, state="readmitted")} for arm in styles
    }
    days = steps({day for points in curves.values() for day in points}, WEEK)
    lines = worth_drawing([line(words(arm), styles[arm], points, days) for arm, points in curves.items()])
    if not lines:
        return ""
    figure, axes = canvas(2.7)
    draw_lines(axes, lines)
    in_percent(axes, ROOM * max(value for one in lines for value in (*one.y, *one.high) if value == value))
    axes.set(xlim=(0, max(days) + 2), xticks=range(0, int(max(days)) + 1, 2 * WEEK))
    axes.set(xlabel="Days since 24-hour care ended", ylabel="Back by then")
    name_ends(axes, lines, lambda share: f"\n{percent(share)}", apart=0.2)
    figure.subplots_adjust(left=0.11, right=0.76, top=0.97, bottom=0.19)
    said = "; ".join(f"{one.name} {percent(one.end[1])} by day {plain(one.end[0], 0)}" for one in lines)
    return as_svg(figure, name, "Back in 24-hour care by day, under two strategies", f"Curves with 95% limits. {said}.")


def words(arm: str) -> str:
    """'IOP within\\n14 days' as the two lines of a label."""
    return arm.replace(" within ", " within\n", 1)[:1].upper() + arm.replace(" within ", " within\n", 1)[1:]
