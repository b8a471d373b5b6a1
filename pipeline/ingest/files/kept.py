"""Cells that Python read, as a table of the database: text columns and the row that a person sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.ingest.layout import check_header, readable_names
from pipeline.storage.quoting import name

if TYPE_CHECKING:
    import duckdb

ROW = "_row"  # the column of the row that a person sees in the file


@dataclass(frozen=True, slots=True)
class Held:
    """A table that holds a file's cells as text, and its columns without the row number."""

    table: str
    columns: tuple[str, ...]


def hold(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    table: str,
    columns: Sequence[str],
    cells: Sequence[Sequence[str | None]],
    rows: Sequence[int],
) -> Held:
    """Writes columns of text to a table.  Raises StructureError where they are not named as columns are."""
    import numpy as np
    import pandas as pd

    check_header(path.name, tuple(columns))
    names = readable_names(tuple(columns))
    frame = pd.DataFrame({f"c{place}": pd.Series(column, dtype=object) for place, column in enumerate(cells)})
    frame[ROW] = np.asarray(rows, dtype=np.int64)
    con.register("held_frame", frame)
    chosen = ", ".join(f"CAST(c{place} AS VARCHAR) AS {name(column)}" for place, column in enumerate(names))
    con.execute(f"CREATE TEMP TABLE {table} AS SELECT {chosen}, {ROW} FROM held_frame ORDER BY {ROW}")
    con.unregister("held_frame")
    return Held(table, names)
