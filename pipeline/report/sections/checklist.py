"""Reporting guidelines answered item by item, and references."""

from pipeline.report.checklist import ITEMS, NOT_DONE, papers
from pipeline.report.fragment import Fragment, section, table, text
from pipeline.report.released import Released
from pipeline.report.sections.method import frozen

TITLE = "Guidelines, item by item"


def checklist(released: Released) -> Fragment:
    """TARGET, STROBE, RECORD and ROBINS-I: where each item is answered, or that it is not done."""
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
    return Fragment(
        section(TITLE, table(TITLE, ["Guideline", "Asks for", "Answered"], body, kind="prose protocol"), note=note)
    )


def answer(words: str) -> str:
    if words.startswith(NOT_DONE):
        return f'<span class="nc">{text(NOT_DONE.rstrip())}</span> {text(words.removeprefix(NOT_DONE))}'
    return text(words)


def references(released: Released) -> Fragment:
    """The papers behind the methods."""
    items = "".join(f"<li>{text(one)}</li>" for one in papers())
    return Fragment(section("References", f'<ol class="references">{items}</ol>'))
