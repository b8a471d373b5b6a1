"""What was released before, kept in the study's ledger: what every edition showed, and where a person began anew."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import takewhile
from typing import Any

from pipeline import ledger
from pipeline.baselines import CHART
from pipeline.report.disclosure.earlier import Earlier, shown_counts
from pipeline.report.disclosure.gate import Tables
from pipeline.report.disclosure.last_shown import kept
from pipeline.storage.ledger_file import FORGOTTEN
from pipeline.store import import_closure_prints
from pipeline.study import Study

RELEASED = "released.jsonl"
TABLES = ("results", "attrition", "points", "curves")
SOURCES = ("study_hash", "inputs_hash", "code_hash")
Rows = Sequence[Mapping[str, Any]]


def edition_of(manifest: Mapping[str, Any]) -> str:
    """What names the results that an edition shows, and the gate that they passed: the study's choices, its inputs and
    the code, as one hash."""
    made = json.dumps([*(manifest.get(name) for name in SOURCES), gate_print()])
    return hashlib.sha256(made.encode()).hexdigest()[:16]


@cache
def gate_print() -> str:
    """A hash of the code that decides what an edition shows."""
    [found] = import_closure_prints(["pipeline.report.disclosure.held_back"]).values()
    return found


def entries_since(study: Study, before: str = "") -> Iterator[Mapping[str, Any]]:
    """What was noted since a person last began anew; before: until these results were first released whole."""
    since: list[Mapping[str, Any]] = []
    for entry in ledger.entries(study, RELEASED):
        since = [] if "anew" in entry else [*since, entry]
    return takewhile(lambda entry: not before or before not in (entry.get("from"), entry.get("opened")), since)


def earlier_release(study: Study, before: str = "") -> Earlier:
    """What was last shown of this study; nothing where nothing was released, or since a person began anew.

    before  results: what was shown since they were first released is left out, so that they can be shown again the same
    What was shown before somebody withdrew is held against this edition, and is not shown again.
    """
    last: dict[str, dict[str, tuple[int | None, ...]]] = {name: {} for name in TABLES}
    told: dict[str, dict[str, tuple[str, Rows]]] = {name: {} for name in TABLES}
    withdrawn = how_many_withdrew(study)
    for entry in entries_since(study, before):
        for name in TABLES:
            for key, counts in entry.get(name, {}).items():
                last[name][key] = with_last(tuple(counts), last[name].get(key))
            if entry.get("withdrawn") == withdrawn:
                told[name] |= {key: (entry["when"][:10], rows) for key, rows in entry["told"].get(name, {}).items()}
            else:
                told[name] = {}
    return Earlier(**last, told=told if any(told.values()) else {})


def first_charts(study: Study, before: str = "") -> dict[str, int]:
    """The lines of control charts that were shown, each with the place of the first edition that showed it."""
    found: dict[str, int] = {}
    for place, entry in enumerate(entries_since(study, before)):
        for name in entry.get("told", {}).get("results", {}):
            if f".{CHART}." in name:
                found.setdefault(name, place)
    return found


def how_many_withdrew(study: Study) -> int:
    """How often the ledger notes that somebody withdrew."""
    return len(ledger.entries(study, FORGOTTEN))


def with_last(new: tuple[int | None, ...], old: tuple[int | None, ...] | None) -> tuple[int | None, ...]:
    """Counts as they were last shown: those of before where this edition did not show them."""
    return new if old is None else tuple(b if a is None else a for a, b in zip(new, old, strict=True))


def note_release(study: Study, tables: Tables, made_from: str = "", opened: str = "") -> None:
    """Adds to the ledger what these tables show and was not shown so before.

    made_from, opened  name the results of a whole edition, and of one that only a notebook read; '' where only some
                       rows were shown, as by explain
    """
    before = earlier_release(study)
    counts = {name: news(shown_counts(getattr(tables, name)), getattr(before, name)) for name in TABLES}
    told = {name: unlike(kept(getattr(tables, name)), before.told.get(name, {})) for name in TABLES}
    entry: dict[str, Any] = {name: found for name, found in counts.items() if found}
    told = {name: found for name, found in told.items() if found}
    if entry or told:
        when = {"when": ledger.now(), "withdrawn": how_many_withdrew(study)}
        whole = {key: name for key, name in (("from", made_from), ("opened", opened)) if name}
        ledger.append(study, RELEASED, when | whole | entry | {"told": told})


def news(shown: Mapping[str, tuple[int | None, ...]], known: Mapping[str, tuple[int | None, ...]]) -> dict[str, Any]:
    """The counts that were not shown so before."""
    return {key: counts for key, counts in shown.items() if with_last(counts, known.get(key)) != known.get(key)}


def unlike(shown: Mapping[str, Rows], known: Mapping[str, tuple[str, Rows]]) -> dict[str, Rows]:
    """The groups that did not say the same before."""
    return {key: rows for key, rows in shown.items() if key not in known or rows != known[key][1]}


def editions(study: Study, before: str = "") -> tuple[str, ...]:
    """The days on which whole editions were released, oldest first, since a person last began anew; before: results,
    none of whose editions counts."""
    return tuple(dict.fromkeys(entry["when"][:10] for entry in entries_since(study, before) if "from" in entry))


def begin_anew(study: Study, why: str) -> None:
    """Notes that the next edition is not held against the ones before, who decided so, and why."""
    ledger.append(study, RELEASED, {"when": ledger.now(), "who": ledger.user(), "anew": why})
