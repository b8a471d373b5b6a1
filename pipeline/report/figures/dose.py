"""Hours of care as scheduled and as attended: by week of the stay, by period, and the share of weeks within the lines,
site by site."""

from pipeline.report.drawing.canvas import INK, MUTE, as_svg, canvas
from pipeline.report.drawing.gaps import BESIDE, GapLine, draw_lines, line, name_ends, placed, worth_drawing
from pipeline.report.names import arm_styles
from pipeline.report.numbers import percent, plain, plural
from pipeline.report.released import Released
from pipeline.results import FigurePoint, Result

BANDS = {"below": ("#C9783F", ""), "within": ("#2F6B57", ""), "above": ("#B9C2CB", "///")}
HIDDEN_SHADE = ("#FFFFFF", "xxx")
MOST = 30  # sites in one figure; the tables hold them all


def hours_figure(released: Released, row: Result, figure_name: str, name: str) -> str:
    """Scheduled and attended hours as SVG, by week of the stay or by period; empty text where few weeks may be
    shown."""
    points = [p for p in released.tables.points if p.figure == figure_name and p.result_id == row.result_id]
    by_week = figure_name == "dose_by_week"
    lines = worth_drawing([of_series(released, row, points, series) for series in ("scheduled", "attended")])
    if not lines:
        return ""
    low, high = released.study.episodes.iop_hours, released.study.episodes.php_hours
    figure, axes = canvas(2.5)
    axes.axhspan(low, high, facecolor="#EEF3F6", edgecolor="none")
    axes.text(
        0.99,
        high,
        f"{plain(low, 0)} to {plain(high, 0)} hours",
        transform=axes.get_yaxis_transform(),
        ha="right",
        va="bottom",
        fontsize=7.8,
        color=MUTE,
    )
    draw_lines(axes, lines)
    places = lines[0].x
    axes.set(
        ylim=(0, 1.15 * high),
        xlim=(places[0] - 0.3, places[-1] + 0.3),
        ylabel="Hours a week",
        xlabel="Week of the stay" if by_week else "",
    )
    ticks = places[:: max(1, (len(places) + 5) // 6)]
    labels = {p.x: p.label for p in points}
    axes.set_xticks(ticks, [plain(x, 0) if by_week else labels[x] for x in ticks])
    # the last week of long stays is of few people, and no number to remember
    name_ends(axes, lines, lambda hours: "" if by_week else f"\n{plain(hours)} hours", apart=0.17)
    figure.subplots_adjust(left=0.1, right=0.8, top=0.97, bottom=0.2 if by_week else 0.12)
    said = "; ".join(f"{one.name} {plain(one.end[1])} hours at the last place shown" for one in lines)
    where = "by week of the stay" if by_week else "by period"
    return as_svg(
        figure,
        name,
        f"Mean hours a week, {where}, as observed",
        f"{said}. Shaded: {plain(low, 0)} to {plain(high, 0)}.",
    )


def of_series(released: Released, row: Result, points: list[FigurePoint], series: str) -> GapLine:
    """The hours as scheduled or as attended, over all places of the figure."""
    style = arm_styles(released.study).get(row.arm, BESIDE) if series == "attended" else BESIDE
    return line(series.capitalize(), style, placed(p for p in points if p.series == series), placed(points))


def weeks_figure(released: Released, row: Result, name: str) -> str:
    """Each site's weeks below, within and above the lines as SVG, sites in their own order; empty text where no site
    may be shown."""
    points = [p for p in released.tables.points if p.figure == "dose_by_site" and p.result_id == row.result_id]
    sites = [
        site
        for site in dict.fromkeys(p.series for p in points)
        if any(isinstance(p.y, float) for p in points if p.series == site)
    ]
    if not sites:
        return ""
    left_out, sites = len(sites[MOST:]), sites[:MOST]
    low, high = plain(released.study.episodes.iop_hours, 0), plain(released.study.episodes.php_hours, 0)
    words = {
        "below": f"under {low} hours",
        "within": f"{low} to under {high}",
        "above": f"{high} or more",
        "hidden": "hidden",
    }
    figure, axes = canvas(0.75 + 0.2 * len(sites))
    used = {}
    for place, site in enumerate(sites):
        left = 0.0
        for band, share in shares_of({p.label: p.y for p in points if p.series == site}):
            color, hatch = BANDS.get(band, HIDDEN_SHADE)
            look = {"color": color, "hatch": hatch, "edgecolor": "#5b6875" if hatch else color}
            used[words[band]] = axes.barh(place, share, left=left, lw=0.3, height=0.74, **look)
            if share > 0.08 and band != "hidden":
                axes.text(
                    left + share / 2,
                    place,
                    percent(share),
                    ha="center",
                    va="center",
                    fontsize=7.6,
                    color="white" if band == "within" else INK,
                )
            left += share
    axes.set(xlim=(0, 1), ylim=(len(sites) - 0.5, -0.6), xticks=[], xlabel="")
    axes.set_yticks(range(len(sites)), sites)
    for spine in axes.spines.values():
        spine.set_visible(False)
    order = [word for word in words.values() if word in used]
    figure.legend(
        [used[word] for word in order],
        order,
        loc="lower center",
        ncols=4,
        frameon=False,
        fontsize=7.8,
        handlelength=1.4,
    )
    figure.subplots_adjust(left=0.12, right=0.97, top=0.96 if left_out else 0.98, bottom=0.34 / figure.get_figheight())
    rest = f" The tables hold {left_out} more." if left_out else ""
    axes.set_title(rest.strip(), fontsize=7.8, loc="left", pad=3)
    return as_svg(
        figure,
        name,
        "Attended weeks by hours, by site, as observed",
        f"{plural(len(sites), 'site')}, in their own order.{rest}",
    )


def shares_of(by_band: dict[str, object]) -> list[tuple[str, float]]:
    """The bands of one site that may be shown, then what is hidden of it as one."""
    shown = [(band, float(share)) for band in BANDS if isinstance(share := by_band.get(band), float) and share > 0]
    unseen = any(not isinstance(share, float) for share in by_band.values())
    return [*shown, ("hidden", max(1 - sum(share for _, share in shown), 0.0))] if unseen else shown
