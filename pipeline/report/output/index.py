"""The index: which pages a study has, one line each, its quality pages by period and site, and the tables beside
them."""

import re
from collections.abc import Iterable, Sequence
from html import unescape
from pathlib import Path

from pipeline.report.fragment import text
from pipeline.report.output.dashboard import LINE
from pipeline.report.output.export import CODEBOOK
from pipeline.report.output.frame import DASHBOARD, bar, whole_page
from pipeline.report.output.pages import QUALITY, PageSpec
from pipeline.report.released import Released
from pipeline.report.sections.head import head
from pipeline.report.sections.method import provenance
from pipeline.results import RESULT_TABLES

TABLES_LINE = (
    "Every released number as CSV. A hidden cell says suppressed, one that is not known is empty; codebook.csv says"
    " what each column means."
)
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


def lying_in(folders: Iterable[Path]) -> dict[str, Path]:
    """The pages in these folders by name; of two with one name that of the later folder."""
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.html"))}


def index_page(released: Released, pages: Sequence[PageSpec], lying: dict[str, Path] | None = None) -> str:
    """index.html, from the same template as the pages; lying: the pages there are (all of them unless given)."""
    there = [page for page in pages if lying is None or page.name in lying]
    items = "".join(item(page.name, page.title, page.line) for page in there) + item(*DASHBOARD, LINE)
    sections = [f'<section><h2>Pages</h2><ul class="pages">{items}</ul></section>', editions(lying or {})]
    parts = {
        "header": [head(released, title=f"Reports of {released.study.name}", kind="Reports").html],
        "main": [one for one in (*sections, tables()) if one],
        "footer": [provenance(released).html],
    }
    return whole_page(f"Reports – {released.study.name}", parts, bar(pages, "index"))


def item(name: str, title: str, line: str) -> str:
    return f'<li><a href="{name}.html">{text(title)}</a><p>{text(line)}</p></li>'


def editions(lying: dict[str, Path]) -> str:
    """The quality pages of periods and sites that lie there, by name."""
    found = {name: path for name, path in sorted(lying.items()) if name.startswith(f"{QUALITY}-")}
    links = "".join(f'<li><a href="{name}.html">{text(named(path))}</a></li>' for name, path in found.items())
    return (
        f'<section><h2>Quality pages by period and site</h2><ul class="files">{links}</ul></section>' if links else ""
    )


def named(path: Path) -> str:
    """'Quality of care, 2026Q3, site s01': what a page calls itself, without the study's name."""
    found = TITLE.search(path.read_text(encoding="utf-8"))
    return unescape(found[1]).rpartition(" – ")[0] if found else path.stem


def tables() -> str:
    """The CSV files, and what their columns mean."""
    names = (*(f"{name}.csv" for name in RESULT_TABLES), CODEBOOK)
    links = "".join(f'<li><a href="tables/{name}">{text(name)}</a></li>' for name in names)
    return f'<section><h2>Tables</h2><p>{text(TABLES_LINE)}</p><ul class="files">{links}</ul></section>'
