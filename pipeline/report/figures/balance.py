"""Love plot: how different the two groups were at the start, before and after weighting."""

from pipeline.report.drawing.canvas import MUTE, as_svg, canvas
from pipeline.report.drawing.gaps import number
from pipeline.report.numbers import plain, points
from pipeline.report.released import Released
from pipeline.report.sentences.strata import read
from pipeline.results import Result

MOST = 10  # the largest differences before weighting; the tables folder holds them all
BEFORE, AFTER = "#B8470F", "#14305C"


def balance_figure(released: Released, row: Result, name: str = "balance") -> str:
    """The largest differences at the start as SVG, before alone where no weighting was done; empty text where none was
    measured."""
    found = [
        d
        for d in released.tables.diagnostics
        if d.result_id == row.result_id and d.check in ("balance", "baseline") and isinstance(d.before, float)
    ]
    weighted = all(isinstance(d.after, float) for d in found)
    if not found:
        return ""
    shown = sorted(found, key=lambda d: (-number(d.before), d.covariate))[:MOST]
    shown.sort(key=lambda d: (number(d.before), d.covariate))
    guide = released.study.gate.max_smd
    figure, axes = canvas(0.8 + 0.24 * len(shown))
    places = range(len(shown))
    axes.grid(axis="x")
    axes.hlines(places, [d.after or 0 for d in shown], [d.before for d in shown], color="#cfd6dd", lw=2)
    axes.plot([d.before for d in shown], places, "o", mfc="white", mec=BEFORE, mew=1.5, ms=6, ls="")
    if weighted:
        axes.plot([d.after for d in shown], places, "s", color=AFTER, ms=5.5, ls="")
    axes.vlines(guide, -1.0, len(shown) - 0.75, color=MUTE, lw=0.9, ls=(0, (4, 3)))  # ends below the words of the marks
    axes.text(guide, -0.95, f" guide {plain(guide)}", fontsize=7.6, color=MUTE, va="bottom")
    top = shown[-1]
    words = {"textcoords": "offset points", "fontsize": 8}
    if weighted:
        axes.annotate("before", (top.before, places[-1]), xytext=(0, 7), ha="right", color=BEFORE, **words)
        axes.annotate("after", (top.after, places[-1]), xytext=(-2, 7), ha="left", color=AFTER, **words)
    axes.set(yticks=list(places), xlim=(0, None), ylim=(-1.0, len(shown) + 0.15), xlabel="In standard deviations")
    axes.set_yticklabels([shortened(read(d.covariate)) for d in shown], color="#1d2733", fontsize=7.8)
    axes.spines["left"].set_visible(False)
    figure.subplots_adjust(left=0.41, right=0.97, top=0.97, bottom=0.5 / figure.get_figheight())
    if not weighted:
        said = f"Largest difference {points(top.before, 2)}, in {read(top.covariate)}; guide {plain(guide)}."
        return as_svg(figure, name, "Differences between the two groups at the start", said)
    worst = max(found, key=lambda d: number(d.after))
    said = f"Largest remaining difference {points(worst.after, 2)}, in {read(worst.covariate)}; guide {plain(guide)}."
    return as_svg(figure, name, "Differences between the two groups at the start, before and after weighting", said)


def shortened(label: str) -> str:
    return label if len(label) <= 37 else label[:36].rstrip() + "…"
