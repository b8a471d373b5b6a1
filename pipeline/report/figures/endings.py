"""How care ended, by arm: endings stacked below those still in care, each ending competing with the others."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pipeline.endings import DROPPED_OUT, GROUPS
from pipeline.report.drawing.canvas import INK, MUTE, as_svg, canvas
from pipeline.report.names import arm_label, arm_styles
from pipeline.report.numbers import percent
from pipeline.report.released import Released

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

SHADES = {
    "completed": ("#2F6B57", ""),
    "transferred": ("#8FB8A8", "---"),
    DROPPED_OUT: ("#C9783F", ""),
    "ended by program": ("#E3B98F", "///"),
    "died": ("#1d2733", ""),
    "other or unknown": ("#B9C2CB", ""),
}
HIDDEN_SHADE = ("#FFFFFF", "xxx")
WORDS = {group.name: group.words for group in GROUPS} | {"": "Hidden endings, together"}

UNSEEN = "#DFE4E9"
JOINED = 14  # days that a straight line may bridge
BAR = 0.16  # width of a bar, of the whole time
Band = tuple[str, list[int], list[float]]


def endings_figure(released: Released, name: str = "endings") -> str:
    """Small multiples as SVG; empty text where no arm has an ending that may be shown."""
    arms = {arm: bands(released, arm) for arm in released.arms}
    arms = {arm: shown for arm, shown in arms.items() if shown and len(shown[0][1]) > 1}
    if not arms:
        return ""
    last = max(released.study.retention.days)
    figure, panels = canvas(3.5, columns=len(arms), sharey=True, squeeze=False)
    styles = arm_styles(released.study)
    used: dict[str, Artist] = {}
    for axes, (arm, shown) in zip(panels[0], arms.items(), strict=True):
        draw(axes, shown, used)
        unseen = grey_out(axes, shown[0][1], last)
        axes.set(xlim=(0, last), ylim=(0, 1), xticks=[0, last], yticks=[0, 0.25, 0.5, 0.75, 1])
        axes.set_yticklabels(["0%", "25%", "50%", "75%", "100%"])
        axes.set_title(arm_label(arm), fontsize=9, fontweight="bold", color=styles[arm].color, pad=5)
        words = "not shown" if unseen > last / 2 else "still in care"
        axes.text(last * 0.5, 0.97, words, ha="center", va="top", fontsize=7.8, color=MUTE)
    figure.supxlabel(f"Days since the first session, to day {last}", fontsize=8.3, color=MUTE, y=0.16)
    figure.legend(
        used.values(),
        [WORDS[state] for state in used],
        loc="lower center",
        ncols=2,
        frameon=False,
        fontsize=7.8,
        handlelength=1.4,
        columnspacing=1.2,
        borderaxespad=0,
    )
    figure.subplots_adjust(left=0.09, right=0.985, top=0.92, bottom=0.28, wspace=0.16)
    rows = released.rows(analysis="retention", measure="cumulative_incidence", stratum=DROPPED_OUT)
    said = "; ".join(f"{arm_label(row.arm)} {percent(row.estimate)}" for row in rows)
    return as_svg(
        figure,
        name,
        "How care ended, by level, as observed",
        f"Stacked shares by day. Left early by day {last}: {said}.",
    )


def bands(released: Released, arm: str) -> list[Band]:
    """(ending, days, share) on the days that all shown endings of an arm have; what is hidden comes last, under the
    name ''.

    Only those days: between them a stack of curves with different steps would show shares that nobody had.  The last
    day comes from the results, which hold every shown ending for it.
    """
    last = max(released.study.retention.days)
    series: dict[str, dict[int, float]] = {}
    for point in released.curves("retention", arm=arm):
        if point.day < last and isinstance(point.estimate, float):
            series.setdefault(point.state, {})[point.day] = point.estimate
    rows = released.rows(analysis="retention", measure="cumulative_incidence", arm=arm, day=last)
    for row in (*rows, *released.rows(analysis="retention", measure="survival", arm=arm, day=last)):
        if isinstance(row.estimate, float):
            series.setdefault(row.stratum or "in care", {})[last] = row.estimate
    cared = series.pop("in care", None)
    if not cared or not series:
        return []
    days = sorted(set(cared).intersection(*series.values()))
    shown = [(state, days, [series[state][day] for day in days]) for state in SHADES if state in series]
    rest = [max(1 - cared[day] - sum(values[i] for _, _, values in shown), 0.0) for i, day in enumerate(days)]
    shown = [band for band in shown if max(band[2], default=0) > 0.0005]
    return [*shown, ("", days, rest)] if any(not isinstance(row.estimate, float) for row in rows) else shown


def follow_closely(days: list[int]) -> bool:
    """Whether no two days in a row are farther apart than JOINED."""
    return all(later - earlier <= JOINED for earlier, later in pairwise(days))


def grey_out(axes: Axes, days: list[int], last: int) -> float:
    """Days of which nothing is shown: white there would say that everybody was still in care.  How many there are."""
    spans = [(days[0], days[-1])] if follow_closely(days) else [(day - BAR * days[-1], day) for day in days]
    before = unseen = 0.0
    for first, end in [*spans, (last, last)]:
        if first - before > 1:
            axes.axvspan(before, first, facecolor=UNSEEN, edgecolor="none", zorder=0)
            unseen += first - before
        before = max(before, end)
    return unseen


def draw(axes: Axes, shown: list[Band], used: dict[str, Artist]) -> None:
    """One panel's bands, bottom up: joined where their days follow closely, else a bar that ends on each day, because
    a straight line over weeks would show shares that nobody had."""
    floor = [0.0] * len(shown[0][1])
    for state, days, values in shown:
        color, hatch = SHADES.get(state, HIDDEN_SHADE)
        top = [a + b for a, b in zip(floor, values, strict=True)]
        look: dict[str, Any] = {
            "facecolor": color,
            "hatch": hatch,
            "edgecolor": "#5b6875" if hatch else color,
            "lw": 0.3,
        }
        if follow_closely(days):
            used[state] = axes.fill_between(days, floor, top, **look)
        else:
            used[state] = axes.bar(days, values, bottom=floor, width=-BAR * days[-1], align="edge", **look)[0]
        if values[-1] > 0.07 and state:
            dark = state in ("completed", "died")
            axes.text(
                days[-1] * 0.97,
                (floor[-1] + top[-1]) / 2,
                percent(values[-1]),
                ha="right",
                va="center",
                fontsize=7.8,
                color="white" if dark else INK,
                bbox={"facecolor": color, "edgecolor": "none", "pad": 1.2},  # a number may be wider than its bar
            )
        floor = top
