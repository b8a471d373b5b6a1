"""What is not as last time: a table, one of its files or many of its rows are gone, or a known word is new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pipeline import store
from pipeline.errors import BusyError, DamagedError, DiskError
from pipeline.ingest.report import IngestReport
from pipeline.study import Study

CUT_SHORT = 0.9  # of last time's rows: exports of a whole history grow


def since_last_time(study: Study, report: IngestReport) -> list[str]:
    """A line for every table of which less came than when the warehouse was last made, and for every column with a word
    that was not there then and is translated because it is known; none where it was not made, or cannot say."""
    try:
        noted = store.stage_manifest(study, store.WAREHOUSE, "ingest")
    except (BusyError, DamagedError, DiskError):
        return []
    now = [{"table": one.table, "file": one.file, "read": one.read} for one in report.files]
    new = new_words(noted.get("known", []), [asdict(one) for one in report.known])
    return [*less_than(noted.get("files", []), now), *new]


def new_words(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The lines of columns that had known words before, one for each code that a new word is read as."""
    then = {(one["table"], one["key"], one["print_"]) for one in before}
    columns = {place[:2] for place in then}
    new: dict[tuple[str, ...], list[str]] = {}
    for one in now:
        place = one["table"], one["key"]
        if place in columns and (*place, one["print_"]) not in then:
            new.setdefault((*place, one["called"], one["code"]), []).append(one["like"])
    for (table, key, called, code), like in new.items():
        many = "a word that was" if len(like) == 1 else f"{len(like)} words that were"
        alike = ", ".join(f'"{one}"' for one in dict.fromkeys(like))
        read_as = code or "not recorded"
        yield (
            f"{table}: {called} holds {many} not there last time, read as {read_as} for being like {alike};"
            f" carelevels map writes it beside the line {key} of mapping.toml, for you to look at"
        )


def less_than(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The lines, of files as (table, file, rows read); a file of another name in place of one is none."""
    for table in dict.fromkeys(one["table"] for one in before):
        old = [one for one in before if one["table"] == table]
        new = [one for one in now if one["table"] == table]
        gone = [one["file"] for one in old if one["file"] not in {other["file"] for other in new}]
        rows, left = (sum(one["read"] for one in some) for some in (old, new))
        if len(new) < len(old):
            yield f"{', '.join(gone)}: read last time for {table} and not there now; put it into the raw folder again"
        elif left < CUT_SHORT * rows:
            yield f"{table}: {left:,} rows came, and {rows:,} last time; was an export cut short?"
