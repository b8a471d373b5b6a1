"""Reporting guidelines answered item by item, and references."""

from pipeline.report.checklist import ITEMS, NOT_DONE, papers
from pipeline.report.fragment import Fragment, section, table, text
from pipeline.report.released import Released
from pipeline.report.sections.method import frozen

TITLE = "Guidelines, item by item"


def checklist(released: Released) -> Fragment:
    """What guidelines and reviewers ask: where each item is answered, or that it is not done."""
    judged = any(d.check == "negative_controls" for d in released.tables.diagnostics)
    words = {
        "frozen": frozen(released),
        "controls": "control outcomes are weighed" if judged else "control outcomes were not assessed",
    }
    body = [
        [f'<span class="nowrap">{text(item.guideline)}</span>', text(item.asks), answer(item.answer.format(**words))]
        for item in ITEMS
    ]
    note = (
        "In our own words; the guidelines' texts are authoritative. STROBE and RECORD carry their numbers, TARGET and"
        " ROBINS-I (second version) their topics."
    )
    listing = table(TITLE, ["Guideline", "Asks for", "Answered"], body, kind="prose protocol")
    return Fragment(section(TITLE, unfolded(f"{len(ITEMS)} items", listing), note=note))


def answer(words: str) -> str:
    if words.startswith(NOT_DONE):
        return f'<span class="nc">{text(NOT_DONE.rstrip())}</span> {text(words.removeprefix(NOT_DONE))}'
    return text(words)


def references(released: Released) -> Fragment:
    """The papers behind the methods."""
    items = "".join(f"<li>{text(one)}</li>" for one in papers())
    return Fragment(section("References", unfolded(f"{len(papers())} papers", f'<ol class="references">{items}</ol>')))


def unfolded(summary: str, inner: str) -> str:
    """A long list, folded on the screen and open on paper."""
    return f"<details><summary>{text(summary)}</summary>{inner}</details>"
