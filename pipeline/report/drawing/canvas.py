"""The common look of all figures, and how one becomes inline SVG: titled, described, with unique ids and the same bytes
each time."""

import html
import io
import os
import re
import warnings
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.typing import RcKeyType

INK, MUTE, GRID, NEUTRAL = "#1d2733", "#56626e", "#e3e8ed", "#56626e"
FONTS = ["Arial", "Liberation Sans", "Helvetica", "DejaVu Sans"]
WIDTH = 4.7  # inches: half a page beside its neighbor, and the width of a phone
FIGURES = "CARELEVELS_FIGURES"
FILES: dict[str, dict[str, Any]] = {
    "svg": {"metadata": {"Date": None}},
    "pdf": {"metadata": {"CreationDate": None}},
    "png": {"dpi": 300},
}
EDGE = 0.07  # inches that stay free at a figure's edge
LEAST_AXES = 0.2  # of the width: axes are not made smaller than that
LEAST = 8.9  # points: nine pixels on a phone that is 390 pixels wide
SETTINGS: "dict[RcKeyType, Any]" = {
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#9aa5b1",
    "axes.labelcolor": MUTE,
    "axes.labelsize": LEAST,
    "xtick.color": MUTE,
    "ytick.color": MUTE,
    "text.color": INK,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "ytick.major.size": 0,
    "xtick.major.size": 3,
    "xtick.labelsize": LEAST,
    "ytick.labelsize": LEAST,
    "hatch.linewidth": 0.5,
    "figure.dpi": 72,
    "svg.image_inline": True,
    "path.simplify": True,
    "text.parse_math": False,  # a label is what the records call a thing: two dollar signs are no formula
}
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def canvas(height: float, columns: int = 1, rows_ratio: Sequence[float] = (1,), **options: Any) -> tuple["Figure", Any]:
    """A new figure of the common width with its axes; numbers in SVG come out at two decimals' worth of a point.

    Made without pyplot: the backend stays that of a notebook, whose own figures are shown by it.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    matplotlib.rcParams.update(SETTINGS | {"font.family": installed()})
    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    return figure, figure.subplots(len(rows_ratio), columns, height_ratios=rows_ratio, **options)


@cache
def installed() -> list[str]:
    """Those of FONTS that are here to measure words with: each that is not would be looked for at every word."""
    from matplotlib.font_manager import fontManager

    here = {font.name for font in fontManager.ttflist}
    return [name for name in FONTS if name in here]


def as_svg(figure: "Figure", name: str, title: str, description: str) -> str:
    """The figure as an <svg> element that names and describes itself; every id begins with the figure's name."""
    from matplotlib import rc_context

    drawn = io.StringIO()
    readable(figure)
    with rc_context({"svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # the reader's browser brings the letters of every script
        inside(figure)
        write_files(figure, name)
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = NOT_IN_XML.sub("�", drawn.getvalue())
    [box] = re.findall(r'viewBox="([^"]*)"', text)
    body = re.sub(r"<metadata>.*?</metadata>", "", text[text.index(">", text.index("<svg")) + 1 :], flags=re.DOTALL)
    body = re.sub(r"<[^>]+>", tidied, body)
    for found, instead in TIDIED:
        body = re.sub(found, instead, body)
    body = re.sub(r'(<g clip-path="[^"]*")>((?: ?<use [^>]*/>)+) ?</g>', styled_once, body)
    body = re.sub(r"<[^>]+>", lambda tag: re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", tag[0]), body)
    title, description = NOT_IN_XML.sub("�", title), NOT_IN_XML.sub("�", description)
    return (
        f'<svg viewBox="{box}" xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{name}-title {name}-desc"'
        f' font-family="{", ".join(FONTS)}, sans-serif"><title id="{name}-title">{html.escape(title)}</title><desc'
        f' id="{name}-desc">{html.escape(description)}</desc>{body.strip()}'
    )


def readable(figure: "Figure") -> None:
    """Makes every word at least as large as a phone needs it."""
    from matplotlib.text import Text

    for words in figure.findobj(Text):
        if float(words.get_fontsize()) < LEAST:
            words.set_fontsize(LEAST)


def inside(figure: "Figure") -> None:
    """Draws the axes smaller where words around them would be cut off at the figure's edge."""
    width, height = figure.get_size_inches()
    for _ in range(3):
        box, now = figure.get_tightbbox(), figure.subplotpars
        left, right = max(0.0, EDGE - box.x0) / width, max(0.0, box.x1 - width + EDGE) / width
        bottom, top = max(0.0, EDGE - box.y0) / height, max(0.0, box.y1 - height + EDGE) / height
        if max(left, right, bottom, top) == 0 or now.right - now.left - left - right < LEAST_AXES:
            return
        figure.subplots_adjust(now.left + left, now.bottom + bottom, now.right - right, now.top - top)


def write_files(figure: "Figure", name: str) -> None:
    """The figure as files of its own, where they were asked for: the variable holds folder and beginning of names."""
    where = os.environ.get(FIGURES, "")
    if os.sep not in where:
        return
    Path(where).parent.mkdir(parents=True, exist_ok=True)
    for kind, options in FILES.items():
        figure.savefig(f"{where}{name}.{kind}", format=kind, **options)


def tidied(tag: re.Match[str]) -> str:
    """A tag without what makes it longer and nothing clearer; what stands between tags is a label and stays."""
    text = tag[0]
    for found, instead in TIDIED_TAGS:
        text = re.sub(found, instead, text)
    return text


def styled_once(marks: re.Match[str]) -> str:
    """Marks of one look in a group: the look is said by the group, not by each mark."""
    looks = re.findall(r' style="([^"]*)"', marks[2])
    if len(set(looks)) != 1 or len(looks) != marks[2].count("<use "):
        return marks[0]
    return f'{marks[1]} style="{looks[0]}">{re.sub(r" style=.[^>]*/>", "/>", marks[2])}</g>'


# what makes the file longer and nothing clearer: places beyond a hundredth of a point, fonts said on every word, empty
# groups, line breaks
TIDIED_TAGS = (
    (r"(\d+\.\d\d)\d+", r"\1"),
    (r"font-family: [^;\"]*; ", ""),
    (r"(font: (?:bold )?[\d.]+px) [^;\"]*", r"\1 inherit"),
    (r' transform="rotate\(-0 [^"]*"', ""),
    (r"xlink:href", "href"),
)
TIDIED = (
    (r"<g id=\"[^\"]*\"/>", ""),
    (r"<g id=\"text_\d+\">\s*(<text [^>]*>[^<]*</text>)\s*</g>", r"\1"),
    (r"\s*\n\s*", " "),
)


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Label places at least `gap` apart, in the same order and as near to where they belong as that allows."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for _ in range(200):
        for lower, upper in pairwise(order):
            short = gap - (moved[upper] - moved[lower])
            if short > 1e-9:
                moved[lower] -= short / 2
                moved[upper] += short / 2
    return moved


def bare(axes: "Axes") -> None:
    """An axes without spines, ticks and grid."""
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_yticks([])
    axes.tick_params(length=0)
