"""The pool's page: each question with every organization's answer, the mean, and what a new one should expect."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from pipeline.measures.scales import scale_words
from pipeline.pooling.files import Shared, SharedRow
from pipeline.pooling.pool import Limits, Pooled
from pipeline.report.fragment import section, text
from pipeline.report.fragment import table as html_table
from pipeline.report.names import arm_phrase
from pipeline.report.numbers import MINUS
from pipeline.report.words import worded

HEAD = ("organization", "its own answer (limits)", "people, both arms", "largest imbalance", "what became of it")
POOLED_LEVEL = 0.95
WORDS = {"dropped_out": "left early", "retained": "still in care", "readmitted": "back in 24-hour care"}
INTRODUCTION = (
    "No row of a record left any organization: each shared the differences that its own disclosure gate had released,"
    " with their standard errors. The mean, with limits of 95%, is over organizations whose true differences may"
    " differ (random effects; limits by Knapp and Hartung, never narrower than without such differences). With two"
    " organizations the limits are wide, because two say little about how organizations differ."
)


def page(shared: Sequence[Shared], found: Sequence[Pooled]) -> str:
    """index.html of the pool, from the same template as the pages."""
    from pipeline.report.output.frame import whole_page

    names = ", ".join(one.organization for one in shared)
    watermark = "<p><strong>Synthetic records: no real patients.</strong></p>" if shared[0].synthetic else ""
    title = f"{len(shared)} organizations together" if len(shared) > 1 else "One organization, nobody to pool it with"
    lines = f"<p>{text(INTRODUCTION)}</p>" if len(shared) > 1 else ""
    header = f"<h1>{title}</h1><p>{text(names)}</p>{watermark}{lines}"
    answered = [one for one in found if one.answer]
    main = [*(question(one) for one in answered), unanswered([one for one in found if not one.answer])]
    parts = {"header": [header], "main": [one for one in main if one], "footer": [footer(shared)]}
    return whole_page(title, parts)


def question(one: Pooled) -> str:
    """One question: a sentence, then every organization's answer and the answer without it."""
    without = dict(one.without)
    rows = [
        (
            text(name),
            text(said(row)),
            text(people(row)),
            text(imbalance(row)),
            text(fate(one, name, row, without.get(name))),
        )
        for name, row in one.given
    ]
    title = f"{asked(one.row)}, {both(one.row)}"
    return section(title, f"<p>{text(sentence(one))}</p>{html_table(title, HEAD, rows)}")


def both(row: SharedRow) -> str:
    """'IOP and inpatient care'."""
    return f"{arm_phrase(row.arm)} and {arm_phrase(row.reference)}"


def asked(row: SharedRow) -> str:
    """'C2: reliably better on the PHQ-9 at day 90'; an outcome of a study's own keeps its name."""
    name, _, day = row.outcome.rpartition("_day")
    code = name.removeprefix("reliable_").upper()
    label = scale_words()[code].label if code in scale_words() else WORDS.get(name, (name or day).replace("_", " "))
    told = f"reliably better on the {label}" if name.startswith("reliable_") else label
    return f"{row.question}: {told}{f' at day {day}' if name else ''}"


def sentence(one: Pooled) -> str:
    """What the pool says, in words that a director can repeat."""
    answer, row = one.answer, one.row
    if answer is None:
        return ""
    of = "the one organization that may show its number" if len(one.used) == 1 else f"{len(one.used)} organizations"
    what = f"{row.measure.replace('_', ' ')}, {row.unit}"
    said_so = f"Over {of}: {arm_phrase(row.arm)} against {arm_phrase(row.reference)}, {limits(answer, row)} ({what})."
    if len(one.used) == 1:
        return f"{said_so} This is that organization's own answer; nothing was pooled."
    if one.expected is None:
        return f"{said_so} Too few organizations to say what a new one should expect."
    return f"{said_so} A new organization like these should expect a true difference from {span(one.expected, row)}."


def fate(one: Pooled, name: str, row: SharedRow, without: Limits | None) -> str:
    """What became of an organization's answer in the pool."""
    if name in one.otherwise:
        return "not pooled: its choices (levels, windows or gaps) make it another question"
    if name not in one.used:
        return f"not pooled: {worded(row.reason) or 'hidden by its disclosure gate'}"
    return f"without it: {limits(without, row)}" if without else "pooled" if len(one.used) > 1 else "the answer"


def unanswered(found: Sequence[Pooled]) -> str:
    """Questions that no organization may answer, with how many withheld it."""
    rows = [(text(asked(one.row)), text(both(one.row)), str(len(one.given))) for one in found]
    head = ("question", "compared", "organizations that withheld it")
    return section("Not answered", html_table("Questions that no organization may answer", head, rows) if rows else "")


def footer(shared: Sequence[Shared]) -> str:
    made = ", ".join(f"{one.organization} {one.made_from[:12]}" for one in shared)
    return f"<p>{text(f'Made from the released tables of: {made}')}</p>"


def said(row: SharedRow) -> str:
    """An organization's own answer."""
    if row.estimate is None or row.low is None or row.high is None:
        return "–"
    at = f"; limits of {100 * row.level:.3g}%" if row.level and row.level != POOLED_LEVEL else ""
    return f"{limits(Limits(row.estimate, row.low, row.high), row)}{at}"


def people(row: SharedRow) -> str:
    return "hidden" if row.n is None or row.n_reference is None else f"{row.n + row.n_reference:,}"


def imbalance(row: SharedRow) -> str:
    """The largest standardized difference left between the arms."""
    return "–" if row.largest_smd is None else f"{row.largest_smd:.2f}"


def limits(one: Limits, row: SharedRow) -> str:
    return f"{number(one.estimate, row)} ({span(one, row)})"


def span(one: Limits, row: SharedRow) -> str:
    return f"{number(one.low, row)} to {number(one.high, row)}"


def number(value: float, row: SharedRow) -> str:
    """A share as percentage points, anything else with the digits it deserves."""
    shown = f"{100 * value:.1f}%" if row.unit == "share" else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}"
    return shown.replace("-", MINUS)


def table(found: Sequence[Pooled]) -> str:
    """pool.csv: one line per question."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(
        (
            *("question", "population", "outcome", "arm", "reference", "measure", "unit", "organizations", "pooled"),
            *("estimate", "low", "high", "p", "tau", "expected_low", "expected_high"),
        )
    )
    for one in found:
        answer = (one.answer.estimate, one.answer.low, one.answer.high) if one.answer else ("", "", "")
        expected = (one.expected.low, one.expected.high) if one.expected else ("", "")
        row = one.row
        asked = (row.question, row.population, row.outcome, row.arm, row.reference, row.measure, row.unit)
        rest = ("" if one.p is None else one.p, "" if one.tau is None else one.tau)
        writer.writerow((*asked, len(one.given), len(one.used), *answer, *rest, *expected))
    return written.getvalue()
