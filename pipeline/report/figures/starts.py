"""How many people started in each period, by arm."""

from pipeline.report.drawing.canvas import as_svg, canvas, spread
from pipeline.report.names import arm_label, arm_styles
from pipeline.report.numbers import count
from pipeline.report.released import Released


def starts_figure(released: Released, name: str = "starts") -> str:
    """Lines by period as SVG, hidden periods left open; empty text where there are fewer than two periods, or none may
    be shown."""
    points = [p for p in released.tables.points if p.figure == "quarter_starts" and p.series in released.arms]
    periods = sorted({p.label for p in points})
    counts = [float(p.n) for p in points if isinstance(p.n, int)]
    if len(periods) < 2 or not counts:
        return ""
    styles, ends = arm_styles(released.study), {}
    figure, axes = canvas(2.8)
    axes.grid(axis="y")
    for arm in released.arms:
        by_period = {p.label: p.n for p in points if p.series == arm}
        heights = [float(n) if isinstance(n := by_period.get(period), int) else float("nan") for period in periods]
        axes.plot(heights, color=styles[arm].color, ls=styles[arm].line, lw=1.8, marker=styles[arm].marker, ms=5)
        last = max((i for i, height in enumerate(heights) if height == height), default=None)
        if last is not None:
            ends[arm] = (last, heights[last])
    places = spread([height for _, height in ends.values()], 0.075 * max(counts))
    for (arm, (i, height)), place in zip(ends.items(), places, strict=True):
        axes.annotate(
            f"{arm_label(arm)} {count(int(height))}",
            (i, height),
            xytext=(len(periods) - 1 + 0.12 * len(periods) / 4, place),
            color=styles[arm].color,
            va="center",
            fontsize=8.4,
            fontweight="bold",
            annotation_clip=False,
        )
    axes.yaxis.get_major_locator().set_params(integer=True)  # people, not 2.5 of them
    axes.set(ylim=(0, None), xticks=range(len(periods)), ylabel="People starting")
    axes.set_xticklabels([p if i % max(1, (len(periods) + 4) // 5) == 0 else "" for i, p in enumerate(periods)])
    figure.subplots_adjust(left=0.11, right=0.77, top=0.96, bottom=0.1)
    said = "; ".join(f"{arm_label(arm)} {count(int(height))} in {periods[i]}" for arm, (i, height) in ends.items())
    return as_svg(figure, name, "People starting in each period, by level", f"{said}.")
