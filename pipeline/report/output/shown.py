"""What each cell of an executed notebook shows on a page, and what of it a page cannot carry, said in words.

Our own fragments go as they are.  What a researcher adds goes too: markdown, tables and figures, cleaned of whatever
would load or run something, because a page asks for nothing but itself.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.report.fragment import BARE

HIDDEN_TAG = "remove-cell"  # as Jupyter Book has it: a cell for the notebook's reader alone
OPTION = r"(?m)^#\|\s*{name}:\s*(.+?)\s*$"  # as Quarto has it: a comment such as  #| fig-alt: what the figure shows
IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
TAGS = (
    *("a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "div", "dl", "dt", "em", "h2", "h3", "h4"),
    *("h5", "h6", "hr", "i", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
)
SPANS = ["colspan", "rowspan", "scope"]
ATTRIBUTES = {"a": ["href", "title"], "abbr": ["title"], "td": SPANS, "th": SPANS}
ONLY_TEXT = "its last line shows only text, which is not part of a page; show a table or a figure"
NO_WORDS = "A figure that nobody has described"
WORDLESS = "a figure without words for those who cannot see it; begin the cell with a line  #| fig-alt: what it shows"
RUNS_OR_LOADS = r"<\s*(script|style|img|iframe|object|embed|link|svg|video|audio|form)\b"


@dataclass(frozen=True, slots=True)
class Shown:
    """The page's parts (header, main, footer), each a list of HTML, and what was left out, in sentences."""

    parts: Mapping[str, list[str]]
    left_out: tuple[str, ...]


def shown(notebook: Any, name: str) -> Shown:
    """What the cells of an executed notebook show, in their order; a cell says its part in its metadata."""
    parts: dict[str, list[str]] = {"header": [], "main": [], "footer": []}
    left_out = []
    for number, cell in enumerate(notebook.cells, start=1):
        if HIDDEN_TAG in cell.metadata.get("tags", []):
            continue
        wanted = cell.metadata.get("part", "main")
        known = ", ".join(parts)
        unknown = "" if wanted in parts else f'no part of a page is called "{wanted}" ({known}); shown in main'
        for piece, told in of_cell(cell):
            parts[wanted if not unknown else "main"] += [piece] if piece else []
            left_out += [f"{name}, cell {number}: {one}" for one in (unknown, told) if one]
    return Shown(parts, tuple(dict.fromkeys(left_out)))


def of_cell(cell: Any) -> Iterator[tuple[str, str]]:
    """What one cell shows, piece by piece, each with what a page could not carry of it."""
    if cell.cell_type == "markdown":
        yield prose(cell.source)
    elif cell.cell_type == "code":
        found = dict.fromkeys(of_output(output, cell.source) for output in cell.outputs)  # once, though shown twice
        something = any(piece for piece, _ in found)
        yield from (one for one in found if one != ("", ONLY_TEXT) or not something)
    elif cell.source.strip():
        yield "", "a raw cell is not part of a page; make it a markdown cell"


def of_output(output: Any, source: str) -> tuple[str, str]:
    """One output, and what of it a page cannot carry."""
    if output.output_type not in ("execute_result", "display_data"):
        return "", "printed lines are not part of a page; end the cell with a table, or say it in a markdown cell"
    data = output.data
    if BARE in data:
        return data[BARE], ""
    image = next((kind for kind in IMAGES if kind in data), "")
    if image:
        return picture(image, data[image], source)
    if "text/html" in data:
        inner, told = cleaned(data["text/html"])
        return (
            f'<section><div class="scroll" tabindex="0" role="region" aria-label="Table">{inner}</div></section>',
            told,
        )
    if "text/markdown" in data:
        return prose(data["text/markdown"])
    return "", ONLY_TEXT


def prose(source: str) -> tuple[str, str]:
    """Markdown as a section, by nbconvert's own renderer; the page's one first-level heading stays the page's."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    renderer = IPythonRenderer(escape=False, allow_harmful_protocols=False, exclude_anchor_links=True)
    made = MarkdownWithMath(renderer=renderer).render(source)
    inner, told = cleaned(re.sub(r"(</?)h1\b", r"\1h2", made))
    return f"<section>{inner.strip()}</section>", told


def cleaned(content: str) -> tuple[str, str]:
    """HTML of somebody else without what loads or runs anything, by nbconvert's own cleaner; and whether there was
    such."""
    from nbconvert.preprocessors.sanitize import SanitizeHTML

    without_blocks = re.sub(r"(?is)<(script|style)\b.*?</\1\s*>", "", content)
    cleaner = SanitizeHTML(tags=list(TAGS), attributes=ATTRIBUTES, strip=True)  # type: ignore[no-untyped-call]
    foreign = re.findall(RUNS_OR_LOADS, content.replace("<style scoped>", "").lower())  # pandas' own style
    named = ", ".join(f"<{tag}>" for tag in dict.fromkeys(foreign))
    told = f"{named}: taken out, because a page loads and runs nothing" if foreign else ""
    return cleaner.sanitize_html_tags(without_blocks), told  # type: ignore[no-untyped-call]


def picture(kind: str, data: str, source: str) -> tuple[str, str]:
    """A figure inside the page, with the words that stand for it where it cannot be seen."""
    from base64 import b64encode

    alt, caption = option(source, "fig-alt"), option(source, "fig-cap")
    encoded = b64encode(data.encode()).decode() if kind == "image/svg+xml" else "".join(data.split())
    below = f"<figcaption><p>{html.escape(caption, quote=False)}</p></figcaption>" if caption else ""
    drawn = (
        f'<figure>{below}<img src="data:{kind};base64,{encoded}" alt="{html.escape(alt or caption or NO_WORDS)}"'
        ' style="align-self: flex-start; max-width: 100%; height: auto"></figure>'
    )
    return drawn, "" if alt else WORDLESS


def option(source: str, name: str) -> str:
    """A cell's own option, written as a comment at its head; empty where it is not given."""
    found = re.search(OPTION.format(name=name), source)
    return found[1].strip("\"'") if found else ""
