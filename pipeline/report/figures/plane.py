"""Cost-effectiveness plane: the difference in costs against the difference in effect, with the region that the records leave open."""

from collections.abc import Sequence

from pipeline.report.figures.canvas import INK, MUTE, as_svg, canvas
from pipeline.report.names import arm_label, arm_phrase
from pipeline.report.numbers import in_hundred, plain
from pipeline.report.released import Released
from pipeline.results import FigurePoint, Result


def plane_figure(released: Released, row: Result, points: Sequence[FigurePoint], name: str) -> str:
    """The estimate and its ellipse as SVG; empty text where either is missing."""
    shown = [p for p in points if isinstance(p.x, float) and isinstance(p.y, float)]
    middle, around = [p for p in shown if p.series == "estimate"], [p for p in shown if p.series != "estimate"]
    if not middle or len(around) < 3:
        return ""
    figure, ax = canvas(3.0)
    ax.fill([100 * p.x for p in around], [p.y for p in around], color="#DCE6EE", lw=0)
    ax.plot(100 * middle[0].x, middle[0].y, "s", color="#14305C", ms=7)
    low, high = ax.get_ylim()
    ax.set_ylim(min(low, -0.15 * (high - low)), max(high, 0.15 * (high - low)))  # both sides of no difference are in sight
    ax.axhline(0, color=INK, lw=0.9)
    ax.axvline(0, color=INK, lw=0.9)
    pair = f"{arm_label(row.arm)} vs {arm_phrase(row.reference)}"
    ax.set(
        xlabel=f"More (right) or fewer people reliably better, per 100, {pair}",
        ylabel=f"{row.unit.split()[0]} more (up) or less a person",
    )
    ax.yaxis.set_major_formatter(lambda value, _: plain(value, 0))
    ax.text(0.98, 0.03, "better and cheaper", transform=ax.transAxes, ha="right", fontsize=8, color=MUTE)
    ax.text(0.02, 0.95, "worse and dearer", transform=ax.transAxes, fontsize=8, color=MUTE)
    figure.subplots_adjust(left=0.16, right=0.97, top=0.97, bottom=0.17)
    said = f"{pair}: {plain(middle[0].y, 0)} a person, {in_hundred(middle[0].x)} in 100 {'more' if middle[0].x > 0 else 'fewer'} better."
    return as_svg(figure, name, f"Costs against effect: {pair}", f"{said} Shaded: 95 % region.")
