"""What was released before, kept in the study's ledger: the counts of every edition, and where a person began anew."""

from collections.abc import Mapping
from typing import Any

from pipeline import ledger
from pipeline.report.disclosure.earlier import Earlier, shown_counts
from pipeline.report.disclosure.gate import Tables
from pipeline.study import Study

RELEASED = "released.jsonl"
TABLES = ("results", "attrition", "points", "curves")


def earlier_release(study: Study) -> Earlier:
    """The counts that were last shown of this study; none where nothing was released, or since a person began anew."""
    last: dict[str, dict[str, tuple[int | None, ...]]] = {name: {} for name in TABLES}
    for entry in ledger.entries(study, RELEASED):
        if "anew" in entry:
            last = {name: {} for name in TABLES}
        for name in TABLES:
            for key, counts in entry.get(name, {}).items():
                last[name][key] = with_last(tuple(counts), last[name].get(key))
    return Earlier(**last)


def with_last(new: tuple[int | None, ...], old: tuple[int | None, ...] | None) -> tuple[int | None, ...]:
    """Counts as they were last shown: those of before where this edition did not show them."""
    return new if old is None else tuple(b if a is None else a for a, b in zip(new, old, strict=True))


def note_release(study: Study, tables: Tables) -> None:
    """Adds to the ledger what these tables show and was not shown so before."""
    before = earlier_release(study)
    entry: dict[str, Any] = {}
    for name in TABLES:
        known: Mapping[str, tuple[int | None, ...]] = getattr(before, name)
        found = {
            key: counts
            for key, counts in shown_counts(getattr(tables, name)).items()
            if with_last(counts, known.get(key)) != known.get(key)
        }
        entry |= {name: found} if found else {}
    if entry:
        ledger.append(study, RELEASED, {"when": ledger.now()} | entry)


def begin_anew(study: Study, why: str) -> None:
    """Notes that the next edition is not held against the ones before, who decided so, and why."""
    ledger.append(study, RELEASED, {"when": ledger.now(), "who": ledger.user(), "anew": why})
