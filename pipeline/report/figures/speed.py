"""C3 drawn: the share reliably better by day among similar people, and improvement along time and along hours as
observed."""

from pipeline.report.drawing.canvas import as_svg, canvas
from pipeline.report.drawing.gaps import draw_lines, in_percent, line, name_ends, placed, steps, worth_drawing
from pipeline.report.names import arm_label, arm_styles
from pipeline.report.numbers import percent, plain
from pipeline.report.released import Released
from pipeline.results import Result

FIRST = "first reliable improvement"
ALONG = {"trajectory_week": "Weeks since the first session", "trajectory_hours": "Hours attended by then (doubling)"}


def first_improvement_figure(released: Released, row: Result, name: str) -> str:
    """Both curves as SVG; empty text where its curves are hidden."""
    points = [p for p in released.tables.curves if p.result_id == row.result_id and p.state == FIRST]
    styles, days = arm_styles(released.study), steps({p.day for p in points}, released.study.schedule.every_days)
    lines = worth_drawing(
        [
            line(arm_label(arm), styles[arm], {p.day: p for p in points if p.arm == arm}, days)
            for arm in (row.arm, row.reference)
        ]
    )
    if not lines:
        return ""
    figure, axes = canvas(2.7)
    draw_lines(axes, lines)
    in_percent(axes)
    axes.set(
        xlim=(0, max(days) + 2), xticks=days, xlabel="Days since the first session", ylabel="Reliably better by then"
    )
    name_ends(axes, lines, percent)
    figure.subplots_adjust(left=0.13, right=0.78, top=0.97, bottom=0.19)
    said = "; ".join(f"{one.name} {percent(one.end[1])} by day {plain(one.end[0], 0)}" for one in lines)
    return as_svg(
        figure, name, "Share reliably better by day, similar people compared", f"Curves with 95% limits. {said}."
    )


def trajectory_figure(released: Released, row: Result, figure_name: str, name: str) -> str:
    """Mean improvement of those measured as SVG, along weeks or along hours; empty text where few points may be
    shown."""
    points = [p for p in released.tables.points if p.figure == figure_name and p.result_id == row.result_id]
    styles, places = arm_styles(released.study), placed(points)
    lines = worth_drawing(
        [
            line(arm_label(arm), styles[arm], placed(p for p in points if p.series == arm), places)
            for arm in (row.arm, row.reference)
        ]
    )
    if not lines:
        return ""
    figure, axes = canvas(2.7)
    if figure_name == "trajectory_hours":
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
        axes.xaxis.set_minor_formatter(lambda value, _: "")  # its own would be a formula
    draw_lines(axes, lines)
    axes.set(ylim=(min(0, *axes.get_ylim()), None), xlabel=ALONG[figure_name], ylabel="Points better than at the start")
    name_ends(axes, lines, plain)
    figure.subplots_adjust(left=0.11, right=0.8, top=0.97, bottom=0.19)
    said = "; ".join(f"{one.name} {plain(one.end[1])} points at the last place shown" for one in lines)
    return as_svg(figure, name, "Mean improvement of those measured, as observed, not comparable", f"{said}.")
