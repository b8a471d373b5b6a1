"""Where rows that break a rule stand in the raw files: how many in each file, and the first few a person can open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.ingest.report import SHOWN_PLACES

if TYPE_CHECKING:
    import duckdb

    from pipeline.ingest.loaded import Loaded


@dataclass(frozen=True, slots=True)
class Places:
    """Rows of ours by the file they come from, the lines of the files that hold them, and the first of these lines.

    files  (file, rows) of each file that holds some
    lines  fewer than rows where one line of a file is read as several rows
    first  (file, row) as a person counts, from every file in turn
    """

    files: tuple[tuple[str, int], ...]
    lines: int
    first: tuple[tuple[str, int], ...]

    @property
    def rows(self) -> int:
        return sum(rows for _, rows in self.files)


def places(con: duckdb.DuckDBPyConnection, files: Sequence[str], found: str) -> Places:
    """The places of rows; `found` is SQL that gives source_file, an index into `files`, and source_row."""
    lines = f"(SELECT source_file, source_row, count(*) AS rows FROM ({found}) AS found GROUP BY ALL) AS lines"
    by_file = con.execute(
        f"SELECT source_file, CAST(sum(rows) AS BIGINT), count(*), min(source_row, {SHOWN_PLACES}) FROM {lines}"
        " GROUP BY ALL ORDER BY source_file"
    ).fetchall()
    in_turn = sorted((place, file, row) for file, _, _, first in by_file for place, row in enumerate(first))
    return Places(
        tuple((files[file], rows) for file, rows, *_ in by_file),
        sum(held for _, _, held, _ in by_file),
        tuple((files[file], row) for file, row in sorted(one[1:] for one in in_turn[:SHOWN_PLACES])),
    )


def places_in(con: duckdb.DuckDBPyConnection, loaded: Loaded, rows: str) -> Places:
    """The places of rows of a loaded table; `rows` is SQL that gives their row ids as `row`."""
    found = (
        f"SELECT {loaded.source_file(0, 'r.rowid')} AS source_file, {loaded.source_row('r.rowid')} AS source_row"
        f" FROM loaded.{loaded.table.name} AS r SEMI JOIN ({rows}) AS broken ON broken.row = r.rowid"
    )
    return places(con, [part.file for part in loaded.parts], found)
