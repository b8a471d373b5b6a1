"""What yes-or-no screens found, week by week, among the people who were seen; as observed."""

from pipeline.report.drawing.canvas import as_svg, canvas, spread
from pipeline.report.names import arm_label, arm_styles
from pipeline.report.numbers import percent
from pipeline.report.released import Released
from pipeline.results import Result

TICKS = range(0, 27, 4)


def screens_figure(released: Released, outcome: str, name: str = "screens") -> str:
    """Shares by week as SVG, weeks of small groups left out; empty text where no arm has two weeks to show."""
    lines = {arm: shown(released.rows(analysis="screens", outcome=outcome, arm=arm)) for arm in released.arms}
    lines = {arm: rows for arm, rows in lines.items() if len(rows) > 1}
    if not lines:
        return ""
    styles, last = arm_styles(released.study), max(week(rows[-1]) for rows in lines.values())
    figure, axes = canvas(3.0)
    for arm, rows in lines.items():
        style, weeks = styles[arm], [week(row) for row in rows]
        axes.plot(
            weeks, [row.estimate for row in rows], color=style.color, ls=style.line, marker=style.marker, ms=3.5, lw=1.6
        )
        axes.fill_between(
            weeks, [row.low for row in rows], [row.high for row in rows], color=style.color, alpha=0.12, lw=0
        )
    ends = [rows[-1] for rows in lines.values()]
    for row, place in zip(ends, spread([row.estimate or 0 for row in ends], 0.07), strict=True):
        axes.text(
            last + 0.8,
            place,
            f"{arm_label(row.arm)} {percent(row.estimate)}",
            color=styles[row.arm].color,
            va="center",
            fontweight="bold",
            fontsize=8.5,
        )
    axes.set(
        ylim=(0, 1.02),
        xlim=(0, last),
        yticks=[0, 0.25, 0.5, 0.75, 1],
        xticks=[t for t in TICKS if t <= last],
        xlabel="Weeks since the first session",
        ylabel="Found, of those seen",
    )
    axes.set_yticklabels(["0%", "25%", "50%", "75%", "100%"])
    axes.grid(axis="y")
    figure.subplots_adjust(left=0.15, right=0.79, top=0.96, bottom=0.17)
    said = "; ".join(f"{arm_label(row.arm)} {percent(row.estimate)} in week {week(row)}" for row in ends)
    title = "Share of people seen whose screen found something, by week, as observed"
    return as_svg(figure, name, title, f"Lines with 95% limits. {said}.")


def shown(rows: tuple[Result, ...]) -> list[Result]:
    """The weeks whose share and limits may be shown."""
    return [row for row in rows if all(isinstance(value, float) for value in (row.estimate, row.low, row.high))]


def week(row: Result) -> int:
    return (row.day or 0) // 7
