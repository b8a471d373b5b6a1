"""What changed since the last edition, with each figure that was restated though its period had been over."""

from collections.abc import Mapping
from typing import Any

from pipeline.report.definitions import definitions, named
from pipeline.report.fragment import Fragment, ids, section, table, text
from pipeline.report.names import arm_label
from pipeline.report.numbers import count, percent, plain, plural
from pipeline.report.released import Released
from pipeline.report.sections.head import day
from pipeline.report.since_last import since_last
from pipeline.results import Result

FIRST = "This is the first edition that the ledger knows, so nothing is held against it."
SAME = "Nothing changed since the edition of {day}."
MOST = 20  # restated figures listed; the others are counted
LATE = (
    "Restated: the period was over when the earlier edition was made, and its figure is another one now, because"
    " records came later or were corrected."
)


def changed(released: Released) -> Fragment:
    """How much is new, changed, restated or as released before, and a table of what was restated."""
    since = since_last(released)
    said = since.words() or (SAME.format(day=day(since.day)) if since.day else FIRST)
    shown = since.restated[:MOST]
    body = [line(released, row, then) for row, then in shown]
    more = f"And {plural(len(since.restated) - MOST, 'more figure')}." if len(since.restated) > MOST else ""
    listed = table("Restated", ["Figure", "Period", "Then", "Now"], body, kind="steps dense") if body else ""
    note = f'<p class="note">{text(f"{LATE} {more}".strip())}</p>' if body else ""
    return Fragment(
        section("Since the last edition", f"<p>{text(said)}</p>{listed}{note}"), ids([row for row, _ in shown])
    )


def line(released: Released, row: Result, then: Mapping[str, Any]) -> list[str]:
    """One restated figure: what it is, when, what was said and what is said."""
    words, under = named(released, definitions(released), row.measure, row.outcome, row.day)
    who = ", ".join(filter(None, (arm_label(row.arm), f"site {row.site}" if row.site else "", under)))
    now = {name: getattr(row, name) for name in ("estimate", "numerator", "denominator")}
    return [f"{text(words)}<small>{text(who)}</small>", text(row.period), figure(row, then), figure(row, now)]


def figure(row: Result, said: Mapping[str, Any]) -> str:
    """'83% (834 of 1,000)', as far as it was shown."""
    value, part, whole = (said.get(name) for name in ("estimate", "numerator", "denominator"))
    number = (percent(value) if row.unit == "share" else plain(value)) if isinstance(value, float) else "hidden"
    counts = f" ({count(part)} of {count(whole)})" if isinstance(part, int) and isinstance(whole, int) else ""
    return text(f"{number}{counts}")
