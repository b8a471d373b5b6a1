"""The index: which pages a study has, one line each, and the tables beside them."""

from collections.abc import Sequence
from typing import Protocol

from jinja2 import Environment, FileSystemLoader

from pipeline.report.fragment import text
from pipeline.report.output.notebook import TEMPLATES
from pipeline.report.released import Released
from pipeline.report.sections.head import head
from pipeline.report.sections.method import provenance

TABLES_LINE = "Every released number as CSV: results, curves, diagnostics, attrition, points."


class Listed(Protocol):
    """What the index needs to know of a page."""

    name: str
    title: str
    line: str


def index_page(released: Released, pages: Sequence[Listed]) -> str:
    """index.html, from the same template as the pages."""
    title = f"Reports – {released.study.name}"
    links = "".join(
        f'<li><a href="{page.name}.html">{text(page.title)}</a><p>{text(page.line)}</p></li>' for page in pages
    )
    links += f'<li><a href="tables/results.csv">Tables</a><p>{text(TABLES_LINE)}</p></li>'
    parts = {
        "header": head(released, title=f"Reports of {released.study.name}", kind="Reports").html,
        "main": f'<section><h2>Pages</h2><ul class="pages">{links}</ul></section>',
        "footer": provenance(released).html,
    }
    cells = [
        {
            "cell_type": "code",
            "metadata": {"part": name},
            "outputs": [{"output_type": "display_data", "data": {"text/html": part}}],
        }
        for name, part in parts.items()
    ]
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES / "page"), autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("index.html.j2").render(nb={"cells": cells}, resources={"page": {"title": title}})
