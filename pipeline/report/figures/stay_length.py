"""C14 drawn: the share of stays still going on by week, and below it the weeks in which they end."""

from pipeline.report.drawing.canvas import INK, MUTE, as_svg, canvas
from pipeline.report.drawing.gaps import draw_lines, in_percent, line, number, steps, worth_drawing
from pipeline.report.names import STYLES, arm_styles
from pipeline.report.numbers import percent, plain
from pipeline.report.released import Released
from pipeline.results import Result

WEEK = 7
FROM, TO = 21 / WEEK, 120 / WEEK  # several weeks to a few months, as the answer counts them


def stays_figure(released: Released, row: Result, name: str) -> str:
    """Curve and histogram as SVG, hidden weeks as dots; empty text where neither may be shown."""
    curve = {p.day / WEEK: p for p in released.curves("stay_length", arm=row.arm, state="in care")}
    ended = [p for p in released.tables.points if p.figure == "stay_length" and p.x is not None]
    style = arm_styles(released.study).get(row.arm, STYLES["IOP"])
    lines = worth_drawing([line("still going on", style, curve, steps(curve, 1))])
    if not lines:
        return ""
    last = max([*curve, *(p.x for p in ended if p.x is not None)])
    figure, (top, bottom) = canvas(3.6, rows_ratio=(1.5, 1), sharex=True)
    for axes in (top, bottom):
        axes.axvspan(FROM, min(TO, last), facecolor="#EEF3F6", edgecolor="none")
    draw_lines(top, lines)
    in_percent(top)
    top.text(FROM + 0.1, 1.0, "three weeks to four months", fontsize=7.8, color=MUTE, va="top")
    half = released.row(question="C14", analysis="stay_length", measure="median_stay_days", outcome="")
    if half is not None and isinstance(half.estimate, float):
        top.plot([0, half.estimate / WEEK, half.estimate / WEEK], [0.5, 0.5, 0], color=INK, lw=0.8, ls=(0, (4, 3)))
        top.text(
            half.estimate / WEEK + 0.15,
            0.52,
            f"half end by day {plain(half.estimate, 0)}",
            fontsize=8,
            color=INK,
            va="bottom",
        )
    for p in ended:
        if isinstance(p.y, float):
            bottom.bar(number(p.x) - 0.5, p.y, width=0.86, color=style.color)
        else:
            bottom.plot(number(p.x) - 0.5, 0, "x", color=MUTE, ms=3.5, clip_on=False)
    in_percent(bottom, max((number(p.y) for p in ended if isinstance(p.y, float)), default=1.0))
    top.set(ylabel="Stays still going on")
    bottom.set(
        xlim=(0, last),
        xticks=range(0, int(last) + 1, 2),
        xlabel="Weeks since the first session",
        ylabel="Ended in this week",
    )
    bottom.grid(axis="y")
    figure.subplots_adjust(left=0.12, right=0.97, top=0.98, bottom=0.13, hspace=0.12)
    said = f"{percent(lines[0].end[1])} still going on after {plain(lines[0].end[0], 0)} weeks"
    return as_svg(
        figure,
        name,
        "How long stays last, as observed",
        f"Curve with 95% limits, and the share ending in each week. {said}.",
    )
