"""Share still in care by day, with its limits and the number in follow-up."""

from pipeline.report.figures.canvas import MUTE, as_svg, bare, canvas, spread
from pipeline.report.names import arm_label, arm_styles
from pipeline.report.numbers import count, percent
from pipeline.report.released import Released
from pipeline.results import CurvePoint

TICKS = range(0, 175, 28)


def retention_figure(released: Released, name: str = "retention") -> str:
    """The retention curves as SVG; empty text where no curve may be shown."""
    curves = {arm: [p for p in released.tables.curves if p.arm == arm and p.state == "in care"] for arm in released.arms}
    curves = {arm: points for arm, points in curves.items() if len(points) > 1}
    if not curves:
        return ""
    styles, last = arm_styles(released.study), max(points[-1].day for points in curves.values())
    figure, (axes, table) = canvas(3.4, rows_ratio=(4.2, 0.28 * len(curves) + 0.1))
    for arm, points in curves.items():
        day, style = [p.day for p in points], styles[arm]
        axes.plot(day, [p.estimate for p in points], color=style.color, ls=style.line, lw=1.9)
        limits = [p for p in points if isinstance(p.low, float) and isinstance(p.high, float)]
        axes.fill_between([p.day for p in limits], [p.low for p in limits], [p.high for p in limits], color=style.color, alpha=0.12, lw=0)
    for (arm, points), place in zip(curves.items(), spread([p[-1].estimate for p in curves.values()], 0.085), strict=True):
        axes.annotate(f"{arm_label(arm)} {percent(points[-1].estimate)}", (points[-1].day, points[-1].estimate), xytext=(last + 7, place),
                      color=styles[arm].color, va="center", fontweight="bold", fontsize=8.5, annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": styles[arm].color, "lw": 0.8, "shrinkA": 0, "shrinkB": 0})
    axes.set(ylim=(0, 1.02), xlim=(0, last), yticks=[0, 0.25, 0.5, 0.75, 1], xticks=[t for t in TICKS if t <= last], ylabel="Still in care")
    axes.set_yticklabels(["0%", "25%", "50%", "75%", "100%"])
    axes.grid(axis="y")
    axes.set_xlabel("Days since the first session")
    number_in_follow_up(table, curves, styles, last)
    figure.subplots_adjust(left=0.15, right=0.79, top=0.97, bottom=0.03, hspace=0.42)
    said = "; ".join(f"{arm_label(arm)} {percent(points[-1].estimate)} at day {points[-1].day}" for arm, points in curves.items())
    return as_svg(figure, name, "Share still in care by day, as observed", f"Curves with 95% limits. {said}.")


def number_in_follow_up(table: object, curves: dict[str, list[CurvePoint]], styles: object, last: int) -> None:
    """Rows of head counts under the curves, at the days that are shown."""
    bare(table)
    table.set(xlim=(0, last), ylim=(len(curves) - 0.5, -0.9), xticks=[])
    table.text(0, -0.95, "Number in follow-up", fontsize=7.8, color=MUTE, va="center")
    for row, (arm, points) in enumerate(curves.items()):
        table.text(-6, row, arm_label(arm), ha="right", va="center", fontsize=8, color=styles[arm].color, fontweight="bold")
        for tick in (t for t in TICKS if t <= last):
            known = next((p for p in points if p.day == tick), None)
            table.text(tick, row, count(known.at_risk) if known else "·", ha="center" if tick else "left", va="center", fontsize=8,
                       color=styles[arm].color)
