"""What changed since the last edition, figure by figure: what was said, what is said, and why it is another."""

from collections.abc import Mapping
from typing import Any

from pipeline.baselines import CHART
from pipeline.report.definitions import definitions, named
from pipeline.report.disclosure.last_shown import restored
from pipeline.report.disclosure.suppressed import is_hidden
from pipeline.report.fragment import Fragment, ids, section, table, text
from pipeline.report.names import arm_label
from pipeline.report.numbers import count, day, percent, plural, points
from pipeline.report.released import Released
from pipeline.report.sentences.generic import figure_of, subject
from pipeline.report.since_last import since_last
from pipeline.results import Analysis, GateWord, Result

FIRST = "This is the first edition that the ledger knows, so nothing is held against it."
SAME = "Nothing changed since the edition of {day}."
MOST = 20  # figures listed in each table; the others are counted
LATE = (
    "Restated: the period was over when the earlier edition was made, and its figure is another one now, because"
    " records came later or were corrected."
)
NOT_BOTH_TOLD = "not told, as a count is hidden"
REMADE = "as many people: their records changed, or the code or study.toml"
ANSWERS = (Analysis.LIKE_FOR_LIKE, Analysis.CLAIM, "scorecard", "safety")  # what a director read, answers first


def changed(released: Released) -> Fragment:
    """How much is new, changed or as released before; in words what each answer and each line of the scorecard said and
    says, and a table of what was restated."""
    since = since_last(released)
    said = since.words() or (SAME.format(day=day(since.day)) if since.day else FIRST)
    restated = {row.result_id for row, _ in since.restated}
    answers = [one for one in since.changed if one[0].analysis in ANSWERS and one[0].result_id not in restated]
    answers.sort(key=lambda one: ANSWERS.index(one[0].analysis))
    told = [made for one in answers if (made := answer_line(released, *one))]
    late = [made for one in since.restated if (made := line(released, *one))]
    inner = f"<p>{text(said)}</p>" + listed_table("Says something else", ["Figure", "Then", "Now", "Why"], told)
    inner += listed_table("Restated", ["Figure", "Period", "Then", "Now"], late)
    note = f'<p class="note">{text(LATE)}</p>' if late else ""
    shown = (*answers[:MOST], *since.restated[:MOST])
    return Fragment(section("Since the last edition", f"{inner}{note}"), ids([row for row, _ in shown]))


def listed_table(title: str, head: list[str], body: list[list[str]]) -> str:
    """The first lines as a table, and how many more there are; nothing of none."""
    if not body:
        return ""
    more = f'<p class="note">And {plural(len(body) - MOST, "more figure")}.</p>' if len(body) > MOST else ""
    return table(title, head, body[:MOST], kind="steps dense") + more


def answer_line(released: Released, row: Result, then: Mapping[str, Any]) -> list[str]:
    """One answer or line of the scorecard: what it said, what it says, and why; nothing where they read alike."""
    before = restored(then, row)
    if before is None:
        return []
    was, now = (read_as(one) for one in (before, row))
    return [text(subject(released.study, row)), text(was), text(now), text(why(row, then))] if was != now else []


def read_as(row: Result) -> str:
    """A figure with its range and its verdict; of a count, the count; of a withheld one, that it is."""
    if row.gate == GateWord.WITHHELD:
        return "withheld"
    if row.unit == "people":
        return count(row.n)
    verdict = f"; {row.verdict}" if row.verdict and row.analysis in ANSWERS[:2] else ""
    return f"{figure_of(row)}{verdict}"


def why(row: Result, then: Mapping[str, Any]) -> str:
    """Why a figure is another: more or fewer people, as many with other records, or what is not told."""
    before, now = then.get("n"), row.n
    if not isinstance(before, int) or not isinstance(now, int):
        return NOT_BOTH_TOLD
    return f"{abs(now - before):,} {'more' if now > before else 'fewer'} people" if now != before else REMADE


def line(released: Released, row: Result, then: Mapping[str, Any]) -> list[str]:
    """One restated figure: what it is, when, what was said and what is said; nothing where both read alike."""
    before = restored(then, row)
    was, now = (figure(one) for one in (before or row, row))
    if was == now:
        return []
    words, under = named(released, definitions(released), row.measure, row.outcome, row.day)
    chart = "baseline of its chart" if row.analysis == CHART else ""
    who = ", ".join(filter(None, (chart, arm_label(row.arm), f"site {row.site}" if row.site else "", under)))
    return [f"{text(words)}<small>{text(who)}</small>", text(row.period), text(was), text(now)]


def figure(row: Result) -> str:
    """'83% (834 of 1,000)', 'under 4% (fewer than 11 of 280)', or 'hidden'."""
    number = percent(row.estimate) if row.unit == "share" else points(row.estimate)
    known = not any(one is None or is_hidden(one) for one in (row.estimate, row.numerator, row.denominator))
    return f"{number} ({count(row.numerator)} of {count(row.denominator)})" if known else number
