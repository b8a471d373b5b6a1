"""What came last time and not this time: a table, one of its files, or many of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline import store
from pipeline.errors import BusyError, DamagedError, DiskError
from pipeline.ingest.report import FileReport
from pipeline.study import Study

CUT_SHORT = 0.9  # of last time's rows: exports of a whole history grow


def since_last_time(study: Study, files: Sequence[FileReport]) -> list[str]:
    """A line for every table of which less came than when the warehouse was last made; none where it was not, or cannot
    say."""
    try:
        noted = store.stage_manifest(study, store.WAREHOUSE, "ingest")
    except (BusyError, DamagedError, DiskError):
        return []
    now = [{"table": one.table, "file": one.file, "read": one.read} for one in files]
    return list(less_than(noted.get("files", []), now))


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
