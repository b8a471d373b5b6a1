"""What stands around a page: one bar that links every page, what is on this one, and an address for each part of it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pipeline.report.fragment import text

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES = Path(__file__).parents[1] / "template"
FEW = 4  # a page of fewer parts needs no list of them
HEADING = re.compile(r"<section([^>]*)><h2>(.*?)</h2>", re.DOTALL)
INDEX = ("index", "All reports")
TABLES = "tables/results.csv"
DASHBOARD = ("dashboard", "Dashboard")


class Listed(Protocol):
    """What a bar needs to know of a page."""

    @property
    def name(self) -> str: ...

    @property
    def short(self) -> str: ...


def bar(pages: Iterable[Listed], here: str) -> str:
    """The bar at the top of every page: all pages of the study, the one that is open marked as such, and the tables."""
    links = [linked(name, words, here) for name, words in (INDEX, *((page.name, page.short) for page in pages))]
    links += [linked(*DASHBOARD, here), f'<a href="{TABLES}">Tables (CSV)</a>']
    return f'<nav class="bar" aria-label="Pages of this study">{"".join(links)}</nav>'


def linked(name: str, words: str, here: str) -> str:
    """A link to a page; the page itself is marked and stays a link."""
    mark = ' aria-current="page"' if name == here else ""
    return f'<a href="{name}.html"{mark}>{text(words)}</a>'


def addressed(pieces: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Pieces of a page whose titled sections have an id each; and the titles by id, in order."""
    titles: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        attributes, title = found[1], found[2]
        if " id=" in attributes:
            return found[0]
        address = free(slug(title), titles)
        titles[address] = re.sub(r"<[^>]+>", "", title)
        return f'<section id="{address}"{attributes}><h2>{title}</h2>'

    return [HEADING.sub(named, piece) for piece in pieces], titles


def slug(title: str) -> str:
    """'What is recorded' as 'on-what-is-recorded', which no figure's id begins with."""
    words = re.sub(r"[^a-z0-9]+", "-", re.sub(r"<[^>]+>|&\w+;", "", title).lower()).strip("-")
    return f"on-{words or 'part'}"


def free(wanted: str, taken: Mapping[str, str]) -> str:
    """The id, with a number where a title stands twice."""
    number = next(number for number in range(1, len(taken) + 2) if numbered(wanted, number) not in taken)
    return numbered(wanted, number)


def numbered(wanted: str, number: int) -> str:
    return wanted if number == 1 else f"{wanted}-{number}"


def contents(titles: Mapping[str, str]) -> str:
    """'On this page', each part linked; nothing for a short page."""
    if len(titles) < FEW:
        return ""
    links = "".join(f'<li><a href="#{address}">{title}</a></li>' for address, title in titles.items())
    return f'<nav class="toc" aria-label="On this page"><p>On this page</p><ul>{links}</ul></nav>'


def whole_page(title: str, parts: Mapping[str, Sequence[str]], around: str = "") -> str:
    """A page of these parts; around: the bar above it."""
    return template().render(page={"title": title, "parts": framed(parts, around)})


@cache
def template() -> "Template":
    """The template of every page, compiled once."""
    from jinja2 import Environment, FileSystemLoader

    folder = FileSystemLoader(TEMPLATES / "page")
    environment = Environment(loader=folder, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("index.html.j2")


def framed(parts: Mapping[str, Sequence[str]], around: str) -> dict[str, list[str]]:
    """A page's parts with the bar above them and the list of what is on it below the head."""
    main, titles = addressed(parts["main"])
    listing = contents(titles)
    top = [around] if around else []
    return {
        "bar": top,
        "header": [*parts["header"], *([listing] if listing else [])],
        "main": main,
        "footer": list(parts["footer"]),
    }
