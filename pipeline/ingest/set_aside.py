"""The rows that ingest set aside, one by one, and the cells that it left out: file, row and reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.ingest.report import of_one
from pipeline.schema import TABLES
from pipeline.storage.quoting import name

if TYPE_CHECKING:
    import duckdb

CELLS = "cells_left_out"  # in the schema quarantine


@dataclass(frozen=True, slots=True)
class SetAside:
    """One row set aside, or one cell left out (`kept`: its row stays); `values` only where they were asked for."""

    table: str
    file: str
    row: int
    reason: str
    kept: bool = False
    values: str = ""

    def line(self) -> str:
        """Tab-separated: file, row, reason, and the values where they were asked for."""
        reason = f"{self.reason} [cell left out, row kept]" if self.kept else self.reason
        shown = re.sub(r"[\t\r\n]", " ", self.values)
        return "\t".join([self.file, str(self.row), reason, *([shown] if shown else [])])


def set_aside_rows(con: duckdb.DuckDBPyConnection, *, show: bool = False) -> list[SetAside]:
    """All of them by table, file and row, from a database that holds staging and quarantine."""
    named = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'quarantine'").fetchall()
    there = {table for (table,) in named}
    found = [row for table in TABLES if table in there for row in rows_of(con, table, show)]
    if CELLS in there:
        found += [
            SetAside(table, file, row, of_one(reason), kept=True)
            for table, file, row, reason in con.execute(
                f'SELECT c."table", f.file, c.source_row, c.reason FROM quarantine.{CELLS} AS c'
                " JOIN staging.files AS f ON f.source_file = c.source_file"
                " ORDER BY c.source_file, c.source_row, c.reason"
            ).fetchall()
        ]
    order = list(TABLES)
    return sorted(found, key=lambda one: (order.index(one.table), one.file, one.row))


def rows_of(con: duckdb.DuckDBPyConnection, table: str, show: bool) -> list[SetAside]:
    """The quarantined rows of one table."""
    described = [row[0] for row in con.execute(f"DESCRIBE quarantine.{table}").fetchall()]
    columns = [column for column in described if column not in ("reasons", "source_file", "source_row")]
    cells = ", ".join(f"'{column}=' || q.{name(column)}" for column in columns)
    values = f"concat_ws('  ', {cells})" if show and columns else "''"
    found = con.execute(
        f"SELECT f.file, q.source_row, q.reasons, {values} FROM quarantine.{table} AS q"
        " JOIN staging.files AS f ON f.source_file = q.source_file ORDER BY q.source_file, q.source_row"
    ).fetchall()
    return [
        SetAside(table, file, row, "; ".join(of_one(reason) for reason in reasons.split("; ")), values=shown)
        for file, row, reasons, shown in found
    ]
