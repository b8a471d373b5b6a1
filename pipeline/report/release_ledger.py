"""What was released before, kept in the study's ledger: what every edition showed, and where a person began anew."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline import ledger
from pipeline.report.disclosure.earlier import Earlier, shown_counts
from pipeline.report.disclosure.gate import Tables
from pipeline.report.disclosure.last_shown import kept
from pipeline.storage.ledger_file import FORGOTTEN
from pipeline.study import Study

RELEASED = "released.jsonl"
TABLES = ("results", "attrition", "points", "curves")
Rows = Sequence[Mapping[str, Any]]


def earlier_release(study: Study, before: str = "") -> Earlier:
    """What was last shown of this study; nothing where nothing was released, or since a person began anew.

    before  results: what was shown since their first edition is left out
    What was shown before somebody withdrew is held against this edition, and is not shown again.
    """
    last: dict[str, dict[str, tuple[int | None, ...]]] = {name: {} for name in TABLES}
    told: dict[str, dict[str, tuple[str, Rows]]] = {name: {} for name in TABLES}
    withdrawn = how_many_withdrew(study)
    for entry in ledger.entries(study, RELEASED):
        if before and entry.get("from") == before:
            break
        if "anew" in entry:
            last, told = {name: {} for name in TABLES}, {name: {} for name in TABLES}
        for name in TABLES:
            for key, counts in entry.get(name, {}).items():
                last[name][key] = with_last(tuple(counts), last[name].get(key))
            if entry.get("withdrawn") == withdrawn:
                told[name] |= {key: (entry["when"][:10], rows) for key, rows in entry["told"].get(name, {}).items()}
            else:
                told[name] = {}
    return Earlier(**last, told=told if any(told.values()) else {})


def how_many_withdrew(study: Study) -> int:
    """How often the ledger notes that somebody withdrew."""
    return len(ledger.entries(study, FORGOTTEN))


def with_last(new: tuple[int | None, ...], old: tuple[int | None, ...] | None) -> tuple[int | None, ...]:
    """Counts as they were last shown: those of before where this edition did not show them."""
    return new if old is None else tuple(b if a is None else a for a, b in zip(new, old, strict=True))


def note_release(study: Study, tables: Tables, made_from: str = "") -> None:
    """Adds to the ledger what these tables show and was not shown so before.

    made_from  names the results of a whole edition; '' where only some rows were shown, as by explain
    """
    before = earlier_release(study)
    counts = {name: news(shown_counts(getattr(tables, name)), getattr(before, name)) for name in TABLES}
    told = {name: unlike(kept(getattr(tables, name)), before.told.get(name, {})) for name in TABLES}
    entry: dict[str, Any] = {name: found for name, found in counts.items() if found}
    told = {name: found for name, found in told.items() if found}
    if entry or told:
        when = {"when": ledger.now(), "withdrawn": how_many_withdrew(study)} | (
            {"from": made_from} if made_from else {}
        )
        ledger.append(study, RELEASED, when | entry | {"told": told})


def news(shown: Mapping[str, tuple[int | None, ...]], known: Mapping[str, tuple[int | None, ...]]) -> dict[str, Any]:
    """The counts that were not shown so before."""
    return {key: counts for key, counts in shown.items() if with_last(counts, known.get(key)) != known.get(key)}


def unlike(shown: Mapping[str, Rows], known: Mapping[str, tuple[str, Rows]]) -> dict[str, Rows]:
    """The groups that did not say the same before."""
    return {key: rows for key, rows in shown.items() if key not in known or rows != known[key][1]}


def editions(study: Study, before: str = "") -> tuple[str, ...]:
    """The days on which whole editions were released, oldest first, since a person last began anew; before: results,
    none of whose editions counts."""
    days: list[str] = []
    for entry in ledger.entries(study, RELEASED):
        if before and entry.get("from") == before:
            break
        days = [] if "anew" in entry else [*days, *whole_edition(entry)]
    return tuple(dict.fromkeys(days))


def whole_edition(entry: Mapping[str, Any]) -> Iterable[str]:
    return [entry["when"][:10]] if "from" in entry else []


def begin_anew(study: Study, why: str) -> None:
    """Notes that the next edition is not held against the ones before, who decided so, and why."""
    ledger.append(study, RELEASED, {"when": ledger.now(), "who": ledger.user(), "anew": why})
