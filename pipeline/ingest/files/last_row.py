"""A file's last row, which often ends without a line break: was it read?"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipeline.errors import StructureError
from pipeline.ingest.cells.convert import BLANKS
from pipeline.ingest.layout import ends_abruptly
from pipeline.ingest.matching import Match
from pipeline.storage.quoting import name

TAIL = 1 << 16  # bytes at a file's end that are looked at for its last row


def check_last_row(con: duckdb.DuckDBPyConnection, loaded: str, match: Match, rows: int, ids: Sequence[str]) -> None:
    """Raises StructureError where a file's last line, without a line break, is not the last of the rows that were read;
    `ids` are the staged columns that hold the file's cells as they are."""
    layout = match.layout
    if layout.made or layout.parquet:
        return
    if layout.head and not rows:
        raise StructureError(f"{layout.label}: none of its rows could be read; export it again as UTF-8 CSV")
    last = last_line(layout.path) if ends_abruptly(layout) else ""
    if not last.strip() or '"' in last:
        return
    cells = next(csv.reader([last], delimiter=layout.delimiter), [])
    for column in ids:
        place = layout.columns.index(match.cells[column]) if column in match.cells else len(cells)
        wanted = cells[place].strip(BLANKS) if len(cells) > place else ""
        if not wanted:  # the column need not be there at all
            continue
        found = con.execute(f"SELECT {name(column)} FROM loaded.{loaded} WHERE rowid = {rows - 1}").fetchall()
        if found != [(wanted,)]:
            raise StructureError(
                f"{layout.label}: its last row, which ends without a line break, was not read; end the file with a "
                "line break"
            )


def last_line(path: Path) -> str:
    """What stands after the last line break of a file; empty where that is longer than a row should be."""
    with open(path, "rb") as handle:
        handle.seek(max(0, path.stat().st_size - TAIL))
        lines = re.split(rb"[\r\n]", handle.read())
    return lines[-1].decode("utf-8", errors="replace") if len(lines) > 1 else ""
