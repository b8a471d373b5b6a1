"""Overlap: how likely each person was to start at the first arm, in tenths, for those who did and those who did not."""

from pipeline.report.drawing.canvas import as_svg, canvas
from pipeline.report.drawing.gaps import number
from pipeline.report.names import arm_label, arm_phrase, arm_styles
from pipeline.report.numbers import percent
from pipeline.report.released import Released
from pipeline.results import Result


def overlap_figure(released: Released, row: Result, name: str = "overlap") -> str:
    """Two outlines over the chance of starting at row.arm as SVG; hidden tenths are left open.  Empty text where
    nothing was measured."""
    points = [p for p in released.tables.points if p.figure == "overlap" and p.result_id == row.result_id]
    series = [
        arm for arm in (row.arm, row.reference) if sum(isinstance(p.y, float) for p in points if p.series == arm) > 1
    ]
    if len(series) < 2:
        return ""
    styles = arm_styles(released.study)
    figure, axes = canvas(2.7)
    axes.grid(axis="y")
    for arm in series:
        mine = sorted((p for p in points if p.series == arm), key=lambda p: number(p.x))
        heights = [100 * p.y if isinstance(p.y, float) else float("nan") for p in mine]
        style = styles[arm]
        axes.stairs(heights, [0.1 * i for i in range(len(mine) + 1)], color=style.color, lw=1.8, ls=style.line)
        axes.plot([p.x for p in mine], heights, style.marker, color=style.color, ms=4.5)
        at, side = (0.99, "right") if arm == row.arm else (0.01, "left")
        axes.text(
            at,
            1.0,
            f"started in {arm_phrase(arm)}",
            transform=axes.transAxes,
            ha=side,
            va="top",
            fontsize=8.4,
            fontweight="bold",
            color=style.color,
        )
    top = 120 * max(p.y for p in points if isinstance(p.y, float))
    axes.set(
        xlim=(0, 1),
        ylim=(0, top),
        xticks=[0, 0.25, 0.5, 0.75, 1],
        yticks=range(0, int(top) + 1, 5 if top < 40 else 20),
        xlabel=f"Chance of starting in {arm_phrase(row.arm)}, given needs and site",
        ylabel="Share of the group",
    )
    axes.xaxis.set_major_formatter(lambda value, _: percent(value))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0f}%")
    figure.subplots_adjust(left=0.12, right=0.97, top=0.97, bottom=0.17)
    return as_svg(
        figure,
        name,
        f"Who could have started at either level: {arm_label(row.arm)} and {arm_phrase(row.reference)}",
        "Two outlines by tenths of the chance of starting at the first level. Where both have height, people can be"
        " compared.",
    )
