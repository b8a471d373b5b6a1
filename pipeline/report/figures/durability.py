"""C13 drawn: from the start to remission and on to half a year later, those not measured being a band of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.report.figures.canvas import MUTE, as_svg, canvas, spread
from pipeline.report.names import arm_label, arm_styles
from pipeline.report.numbers import percent
from pipeline.report.released import Released
from pipeline.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AT_FIRST = {"in_remission": "in remission", "not_in_remission": "not in remission", "remission_unknown": "not known"}
LATER = {"still_recovered": "still", "relapsed": "relapsed", "recovery_unknown": "not known"}
SHADES = {
    "in_remission": ("#2F6B57", ""),
    "not_in_remission": ("#E3B98F", ""),
    "remission_unknown": ("#DDE2E7", "///"),
    "still_recovered": ("#2F6B57", ""),
    "relapsed": ("#C9783F", ""),
    "recovery_unknown": ("#DDE2E7", "///"),
    "hidden": ("#FFFFFF", "xxx"),
}
PALE = "#9aa5b1"  # of flows to what is not known or hidden
WIDE, FAN = 0.16, 0.055  # of a column, and between the bands of the last one
Shares = Mapping[str, float]


def lasting_figure(released: Released, row: Result, name: str) -> str:
    """Bands of each arm as SVG; an arm whose first bands are hidden is not drawn, and nothing is where all are."""
    arms = {
        arm: (shares(released, row, arm, tuple(AT_FIRST)), shares(released, row, arm, tuple(LATER)))
        for arm in released.arms
    }
    arms = {arm: both for arm, both in arms.items() if len(both[0]) == len(AT_FIRST)}
    if not arms:
        return ""
    first = next((outcome.day for outcome in released.study.outcomes if outcome.name == row.outcome), 90)
    lines = (len(arms) + 1) // 2
    figure, panels = canvas(1.8 * lines + 0.1, columns=min(2, len(arms)), rows_ratio=(1,) * lines, squeeze=False)
    said = []
    for place, axes in enumerate(panels.flat):
        axes.set_axis_off()
        if place < len(arms):
            arm, (early, late) = list(arms.items())[place]
            draw(axes, early, late, (first, row.day or released.study.durability.day))
            axes.set_title(
                arm_label(arm),
                fontsize=9,
                fontweight="bold",
                color=arm_styles(released.study)[arm].color,
                pad=12,
                loc="left",
            )
            told = "; ".join(f"{LATER[measure]} {percent(share)}" for measure, share in late.items()) or "hidden"
            said.append(
                f"{arm_label(arm)}: {percent(early['in_remission'])} in remission at day {first}, of these {told}"
            )
    figure.subplots_adjust(
        left=0.01, right=0.84, top=1 - 0.3 / figure.get_figheight(), bottom=0.02, wspace=0.6, hspace=0.32
    )
    return as_svg(figure, name, "Remission and what became of it, as observed", f"{'. '.join(said)}.")


def shares(released: Released, row: Result, arm: str, measures: tuple[str, ...]) -> dict[str, float]:
    """The shares of one arm, by measure; empty unless all of them may be shown."""
    found = [
        released.row(question="C13", analysis="durability", measure=measure, arm=arm, outcome=row.outcome)
        for measure in measures
    ]
    told = {one.measure: one.estimate for one in found if one is not None and isinstance(one.estimate, float)}
    return told if len(told) == len(measures) else {}


def draw(axes: Axes, early: Shares, late: Shares, days: tuple[int, int]) -> None:
    """One arm: everybody, then three bands, then what became of those in remission; heights are shares of everybody."""
    floor, reached = 0.0, early["in_remission"]
    later = [(measure, share * reached) for measure, share in late.items()] or [("hidden", reached)]
    bar(axes, 0, 0, 1, "#9aa5b1", "")
    for measure, share in early.items():
        color, hatch = SHADES[measure]
        flow(axes, (0, floor, floor + share), (1, floor, floor + share), PALE if hatch else color)
        bar(axes, 1, floor, share, color, hatch)
        below = measure == "in_remission"
        x, y = (1, -0.03) if below else (1 + 1.35 * WIDE, floor + 0.6 * share)
        told = f"{AT_FIRST[measure]} {percent(share)}"
        axes.text(x, y, told, ha="center" if below else "left", va="top" if below else "center", fontsize=7.6)
        floor += share
    tops, floor, top = [], 0.0, 0.0
    for measure, share in later:
        color, hatch = SHADES[measure]
        flow(axes, (1, floor, floor + share), (2, top, top + share), PALE if hatch else color)
        bar(axes, 2, top, share, color, hatch)
        tops.append(top + share / 2)
        floor, top = floor + share, top + share + FAN
    for (measure, _), place in zip(later, spread(tops, 0.115), strict=True):
        told = f"{LATER[measure]} {percent(late[measure])}" if measure in late else "hidden"
        axes.text(2 + 1.35 * WIDE, place, told, va="center", fontsize=7.6)
    axes.set(xlim=(-WIDE, 2 + WIDE), ylim=(-0.12, 1.0))
    for x, told, side in (
        (-WIDE, "start", "left"),
        (1, f"day {days[0]}", "center"),
        (2 + WIDE, f"day {days[1]}", "right"),
    ):
        axes.text(x, 1.02, told, ha=side, va="bottom", fontsize=7.6, color=MUTE)


def bar(axes: Axes, x: float, floor: float, share: float, color: str, hatch: str) -> None:
    axes.bar(
        x,
        share,
        width=2 * WIDE,
        bottom=floor,
        color=color,
        hatch=hatch,
        edgecolor="#5b6875" if hatch else color,
        lw=0.4,
    )


def flow(axes: Axes, left: tuple[float, float, float], right: tuple[float, float, float], color: str) -> None:
    """A band from one column to the next, each given as (place, floor, top)."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    x, end = left[0] + WIDE, right[0] - WIDE
    half = (x + end) / 2
    there = [(x, left[1]), (half, left[1]), (half, right[1]), (end, right[1])]
    back = [(end, right[2]), (half, right[2]), (half, left[2]), (x, left[2])]
    curve = [Path.CURVE4] * 3
    outline = Path([*there, *back], [Path.MOVETO, *curve, Path.LINETO, *curve])
    axes.add_patch(PathPatch(outline, facecolor=color, alpha=0.25, lw=0))
