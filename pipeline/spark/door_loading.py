"""Tables of raw files in Spark: every cell cleaned and read by the rules of ingest, in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING

from pipeline.ingest.files.last_row import check_last_row
from pipeline.ingest.loaded import ORIGIN, Loaded, Part
from pipeline.ingest.loading import converted_rows, declared, lines_of, part_of, plain_ids, text_cells
from pipeline.ingest.matching import Match
from pipeline.schema import Column, Table
from pipeline.spark.door import ROWID, Door
from pipeline.spark.raw import Sight, raw_rows
from pipeline.spark.words import spoken
from pipeline.storage.quoting import name
from pipeline.study import Study

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def load(door: Door, study: Study, matches: Sequence[Match], *, seen: Sight) -> Loaded:
    """loaded_<table> and loaded_<table>_text from all files of one table, as pipeline.ingest.loading has them.

    Raises StructureError where a file cannot be read to its end.
    """
    table, present = matches[0].table, declared(matches)
    columns = [column for column in table.columns if column.staged in present]
    carried = {ROWID: ROWID} | ({ORIGIN: "_row"} if any(match.layout.numbered for match in matches) else {})
    parts: list[Part] = []
    texts = []
    for place, match in enumerate(matches):
        view = f"raw_{table.name}_{place}"
        found = raw_rows(door, seen, match, view)
        parts.append(part_of(door, match, parts, found))  # type: ignore[arg-type]
        texts.append(text_of(door, study, match, columns, view, parts[-1].start, carried))
    reduce(lambda one, other: one.union(other), texts).createOrReplaceTempView(f"loaded_{table.name}_text")
    rows = converted_rows(study, table, present, present, carried, dates=bool(matches[0].dates), with_text=True)
    door.keep(door.spark.sql(spoken(rows)), whole(table))
    part_again(door, table, present, carried)
    for match, part in zip(matches, parts, strict=True):
        held, last = f"{table.name}_text", part.start + part.rows
        check_last_row(door, held, match, last, plain_ids(study, table))  # type: ignore[arg-type]
    return Loaded(table, tuple(parts), True, matches[0].dates, present, present, lines_of(matches))


def text_of(
    door: Door, study: Study, match: Match, columns: Sequence[Column], view: str, start: int, carried: Mapping[str, str]
) -> DataFrame:
    """One file's cells as cleaned text, under their staged names, its rows numbered on from `start`."""
    cells = [
        f"CAST({cell} AS VARCHAR) AS {name(column.staged)}"
        for cell, column in zip(text_cells(study, match, columns), columns, strict=True)
    ]
    more = [f"CAST({ROWID} + {start} AS BIGINT) AS {ROWID}"]
    if ORIGIN in carried:
        more.append(f"CAST({'_row' if match.layout.numbered else 'NULL'} AS BIGINT) AS _row")
    return door.spark.sql(spoken(f"SELECT {', '.join([*cells, *more])} FROM {view}"))


def part_again(door: Door, table: Table, present: Sequence[str], carried: Mapping[str, str]) -> None:
    """The views of what was read and of its text, over the one table that holds both."""
    texts = [f"{name(f'{staged}~text')} AS {name(staged)}" for staged in present]
    held = {
        f"loaded_{table.name}": [*(name(column.staged) for column in table.columns), *carried, "unread"],
        f"loaded_{table.name}_text": [*texts, ROWID],
    }
    for view, columns in held.items():
        made = spoken(f"SELECT {', '.join(columns)} FROM {whole(table)}")
        door.view(door.spark.sql(made), view)


def whole(table: Table) -> str:
    """The view of a table's cells as they came and as they were read."""
    return f"whole_{table.name}"
