"""A piece of a page that knows which results rows it shows."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from pipeline.report.disclosure.suppressed import HELD_BACK
from pipeline.report.numbers import HIDDEN
from pipeline.results import Result

Picture = tuple[str, str, str]  # title, what is below it, SVG or empty text
STYLE = Path(__file__).parent / "template" / "page" / "page.css"
BARE = "application/vnd.carelevels.fragment+html"  # what a page takes of a fragment: it has the style already


@dataclass(frozen=True, slots=True)
class Fragment:
    """HTML and the result_ids it was made from; a notebook shows it with the page's style, a page takes it bare."""

    html: str
    used: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        return f'<style>{scoped_style()}</style><div class="carelevels">{self.html}</div>'

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {BARE: self.html}


@cache
def scoped_style() -> str:
    """The page's style for what lies in a fragment, so that a notebook around it keeps its own look.

    What is fixed to the page (the watermark) is fixed to the fragment instead.
    """
    rules = re.sub(r"@page\s*\{[^}]*\}", "", STYLE.read_text(encoding="utf-8"))
    rules = re.sub(r"(?m)^(\s*)(?::root|body)\s*\{", r"\1& {", rules)
    return f".carelevels {{ contain: content;\n{rules}}}"


def text(words: str) -> str:
    """Words as HTML; what is hidden looks hidden."""
    return f'<span class="hid">{words}</span>' if words in (HIDDEN, HELD_BACK) else escape(words, quote=False)


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, kind: str = "") -> str:
    """A table of ready HTML cells whose first column names its rows; wide ones scroll inside their own box."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>' for first, *rest in rows
    )
    label = escape(caption)
    opening = f'<table class="{kind}">' if kind else "<table>"
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">{opening}<caption'
        f' class="vh">{label}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def section(title: str, inner: str, *, note: str = "") -> str:
    """A titled section; nothing at all where there is nothing to show."""
    if not inner:
        return ""
    told = f'<p class="note">{note}</p>' if note else ""
    return f"<section><h2>{text(title)}</h2>{inner}{told}</section>"


def figure(title: str, below: str, *drawings: str) -> str:
    """A card with a figure and its caption; nothing where nothing could be drawn."""
    drawn = "".join(drawings)
    said = f"<p>{text(below.strip())}</p>" if below else ""
    return f"<figure><figcaption><h3>{text(title)}</h3>{said}</figcaption>{drawn}</figure>" if drawn else ""


def columns(cards: Iterable[str]) -> str:
    """Cards of any height in two columns, none with white below it; nothing where there are none."""
    shown = "".join(cards)
    return f'<div class="columns">{shown}</div>' if shown else ""


def ids(rows: Iterable[Result | None]) -> tuple[str, ...]:
    """The result_ids of rows, each once, in order."""
    return tuple(dict.fromkeys(str(row.result_id) for row in rows if row is not None))
