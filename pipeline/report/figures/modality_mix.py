"""C9 drawn: each kind of session as a share of all, program by program."""

from pipeline.report.drawing.canvas import MUTE, as_svg, canvas
from pipeline.report.drawing.gaps import number
from pipeline.report.names import STYLES
from pipeline.report.numbers import percent_span
from pipeline.report.released import Released
from pipeline.results import Result

MOST = 30  # programs in one figure; the tables hold them all


def mix_figure(released: Released, row: Result, name: str) -> str:
    """A panel for each kind as SVG, programs in their own order, hidden ones as crosses; empty text where every one is
    hidden."""
    points = [p for p in released.tables.points if p.figure == "mix_by_program" and p.result_id == row.result_id]
    if not any(isinstance(p.y, float) for p in points):
        return ""
    programs, kinds = list(dict.fromkeys(p.series for p in points)), list(dict.fromkeys(p.label for p in points))
    left_out, programs = len(programs[MOST:]), programs[:MOST]
    figure, panels = canvas(0.62 + 0.17 * len(programs), columns=len(kinds), sharey=True, squeeze=False)
    said = []
    for axes, kind in zip(panels[0], kinds, strict=True):
        shares = [
            next((number(p.y) for p in points if (p.series, p.label) == (one, kind)), number(None)) for one in programs
        ]
        known = [share for share in shares if share == share]
        axes.plot(shares, range(len(programs)), STYLES["IOP"].marker, color=STYLES["IOP"].color, ms=4.2, ls="")
        unseen = [place for place, share in enumerate(shares) if share != share]
        axes.plot([0] * len(unseen), unseen, "x", color=MUTE, ms=3.5, ls="", clip_on=False)
        axes.set(xlim=(0, 1.15 * max(known, default=0.0) or 1.0), ylim=(len(programs) - 0.5, -0.5))
        axes.set_title(kind.capitalize(), fontsize=8.6, fontweight="bold", pad=4)
        axes.locator_params(axis="x", nbins=2)
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g}%")
        axes.set_yticks(range(len(programs)), programs, fontsize=7.6)
        axes.grid(axis="both")
        said += [f"{kind} {percent_span(min(known), max(known))}"] if known else []
    height = figure.get_figheight()
    figure.subplots_adjust(
        left=0.15, right=0.97, top=1 - 0.24 / height, bottom=(0.42 if left_out else 0.24) / height, wspace=0.36
    )
    if left_out:
        said.append(f"the tables hold {left_out} more")
        figure.supxlabel(f"The tables hold {left_out} more.", fontsize=7.8, y=0.01)
    return as_svg(
        figure, name, "Kinds of session by program, as observed", f"Shares of all programs shown: {'; '.join(said)}."
    )
