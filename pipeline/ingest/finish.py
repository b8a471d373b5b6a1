"""Staging as the warehouse reads it: views over what was kept, quarantine with reasons, and books that add up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from datetime import date

import duckdb

from pipeline.errors import BuildError
from pipeline.ingest.checking import CheckedTable
from pipeline.ingest.keys import MAY_BE_EMPTY
from pipeline.ingest.loaded import Loaded
from pipeline.ingest.report import Breach, DroppedColumn, FileReport
from pipeline.ingest.set_aside import CELLS
from pipeline.schema import TABLES, Column, Table
from pipeline.storage.quoting import literal, name

WRITTEN_IN = 2026  # no clock that is right says less


def stage_tables(con: duckdb.DuckDBPyConnection, checked: Sequence[CheckedTable], calendar: bool) -> None:
    """staging.<table> for every declared table, staging.facts, and the quarantine of each table that has any."""
    by_name = {one.loaded.table.name: one.loaded for one in checked}
    base = 0
    for table in TABLES.values():
        loaded = by_name.get(table.name)
        if loaded is None:
            con.execute(
                f"CREATE TABLE staging.{table.name}"
                f" ({', '.join(f'{name(c.staged)} {c.sql_type}' for c in table.columns)}, source_file INTEGER,"
                " source_row BIGINT)"
            )
            continue
        stage_table(con, loaded, base)
        base += len(loaded.parts)
    write_facts(con, calendar)
    if calendar:
        fill_observation(con, by_name["patients"])
    top_code_birth_years(con)
    base = 0
    for one in checked:
        quarantine(con, one.loaded, base)
        note_cells(con, one.loaded, base)
        base += len(one.loaded.parts)


def stage_table(
    con: duckdb.DuckDBPyConnection, loaded: Loaded, base: int, filled: Mapping[str, str] | None = None
) -> None:
    """staging.<table> over the kept rows; `filled` replaces columns by SQL."""
    empty = {column: f"COALESCE({name(column)}, '')" for column in MAY_BE_EMPTY}
    instead = empty | dict(filled or {})
    cells = [
        f"{instead.get(column.staged, name(column.staged))} AS {name(column.staged)}" for column in loaded.table.columns
    ]
    con.execute(
        f"CREATE OR REPLACE VIEW staging.{loaded.table.name} AS SELECT {', '.join(cells)}, "
        f"CAST({loaded.source_file(base, 'row')} AS INTEGER) AS source_file, "
        f"CAST({loaded.source_row('row')} AS BIGINT) AS source_row FROM loaded.{loaded.table.name}_kept"
    )


def write_facts(con: duckdb.DuckDBPyConnection, calendar: bool) -> None:
    """staging.facts: are days calendar days, and which are the first and last of care."""
    con.execute(
        """
        CREATE TABLE staging.facts AS
        WITH care AS (SELECT min(service_day) AS first_day, max(service_day) AS last_day
                      FROM staging.sessions WHERE status IN ('attended', 'bed_day')),
             stays AS (SELECT min(start_day) AS first_day, max(COALESCE(end_day, start_day)) AS last_day
                       FROM staging.episodes)
        SELECT CAST(? AS BOOLEAN) AS calendar, COALESCE(care.first_day, stays.first_day) AS first_day,
               COALESCE(care.last_day, stays.last_day) AS last_day
        FROM care CROSS JOIN stays""",
        [calendar],
    )


def fill_observation(con: duckdb.DuckDBPyConnection, patients: Loaded) -> None:
    """Nobody said when a person's observation began or ended: it is that of the data.  It ends no later than the last
    day of any record: an end of 2099 says that somebody is still enrolled, not that they were seen."""
    [(first, last)] = con.execute("SELECT first_day, last_day FROM staging.facts").fetchall()
    end = last_recorded_day(con, last)
    if first is not None:
        stage_table(
            con,
            patients,
            0,
            {
                "observed_from_day": f"COALESCE(observed_from_day, {first})",
                "observed_to_day": f"LEAST(COALESCE(observed_to_day, {last}), {end})",
            },
        )


def last_recorded_day(con: duckdb.DuckDBPyConnection, last: int | None) -> int:
    """The last day that any record of any table names, but the ends of observation themselves."""
    days = [
        f"(SELECT max({name(column.staged)}) FROM staging.{table.name})"
        for table in TABLES.values()
        for column in table.columns
        if column.kind == "day" and table.name != "patients"
    ]
    [(latest,)] = con.execute(f"SELECT greatest({last or 0}, {', '.join(days)})").fetchall()
    return int(latest)


def top_code_birth_years(con: duckdb.DuckDBPyConnection) -> None:
    """A year of birth that tells an age over 89 by the end of the data becomes the year of being 90."""
    [(calendar, last)] = con.execute("SELECT calendar, last_day FROM staging.facts").fetchall()
    if calendar and last is not None:
        year = date.fromordinal(date(1970, 1, 1).toordinal() + last).year
    else:
        [(told,)] = con.execute("SELECT max(left(admit_year, 4)) FROM staging.episodes").fetchall()
        year = int(told) if told else max(date.today().year, WRITTEN_IN)  # a clock set back must not undo this
    con.execute(f"UPDATE loaded.patients SET birth_year = {year - 90} WHERE birth_year BETWEEN 1900 AND {year - 91}")


def quarantine(con: duckdb.DuckDBPyConnection, loaded: Loaded, base: int) -> None:
    """quarantine.<table>: declared columns as text, all reasons, file and row.  Ages and ZIPs only as coarse as they
    may be kept."""
    table = loaded.table.name
    [(count,)] = con.execute(f"SELECT count(*) FROM loaded.{table}_left_out WHERE fate = 'quarantined'").fetchall()
    if not count:
        return
    cells = [
        f"{cell_text(loaded, column)} AS {name(column.staged)}"
        for column in loaded.table.columns
        if column.staged in loaded.columns
    ]
    text = f" JOIN loaded.{table}_text AS t ON t.rowid = gone.row" if loaded.as_text else ""
    con.execute(
        f"CREATE TABLE quarantine.{table} AS SELECT {', '.join(cells)}, gone.reasons, "
        f"CAST({loaded.source_file(base, 'gone.row')} AS INTEGER) AS source_file, "
        f"CAST({loaded.source_row('gone.row')} AS BIGINT) AS source_row "
        f"FROM loaded.{table}_left_out AS gone JOIN loaded.{table} AS r ON r.rowid = gone.row{text} "
        "WHERE gone.fate = 'quarantined' ORDER BY gone.row"
    )


def note_cells(con: duckdb.DuckDBPyConnection, loaded: Loaded, base: int) -> None:
    """quarantine.cells_left_out: which rows lost which cell; the rows themselves stay."""
    table = loaded.table.name
    [(count,)] = con.execute(f"SELECT count(*) FROM loaded.{table}_cell").fetchall()
    if not count:
        return
    con.execute(
        f'CREATE TABLE IF NOT EXISTS quarantine.{CELLS} ("table" VARCHAR, reason VARCHAR, source_file INTEGER,'
        " source_row BIGINT)"
    )
    con.execute(
        f"INSERT INTO quarantine.{CELLS} SELECT {literal(table)}, c.reason, {loaded.source_file(base, 'c.row')},"
        f" {loaded.source_row('c.row')} FROM loaded.{table}_cell AS c JOIN loaded.{table} AS r ON r.rowid = c.row"
    )


def cell_text(loaded: Loaded, column: Column) -> str:
    """A quarantined cell as text: as it came where that was kept, else as it was read."""
    cell = f"r.{name(column.staged)}"
    read = f"CAST({cell} AS VARCHAR)"
    if column.kind == "day" and loaded.dates:
        read = f"CAST(DATE '1970-01-01' + {cell} AS VARCHAR)"
    if not loaded.as_text:
        return read
    coarse = column.kind in ("age", "zip3") or column.name == "birth_year"
    return f"COALESCE({read}, t.{name(column.staged)})" if coarse else f"t.{name(column.staged)}"


def books(
    con: duckdb.DuckDBPyConnection, checked: Sequence[CheckedTable], hashes: Mapping[str, str]
) -> list[FileReport]:
    """One entry per file; read = kept + quarantined + duplicates + forgotten holds by count, not by subtraction."""
    entries = []
    for one in checked:
        table = one.loaded.table.name
        for part in one.loaded.parts:
            within = f"BETWEEN {part.start} AND {part.start + part.rows - 1}"
            fates = dict(
                con.execute(
                    f"SELECT fate, count(DISTINCT row) FROM loaded.{table}_left_out WHERE row {within} GROUP BY fate"
                ).fetchall()
            )
            [(kept,)] = con.execute(f"SELECT count(*) FROM loaded.{table}_kept WHERE row {within}").fetchall()
            gone = fates.get("quarantined", 0), fates.get("duplicate", 0), fates.get("forgotten", 0)
            if part.rows != kept + sum(gone):
                raise BuildError(
                    f"the rows of {part.file} do not add up to those kept and set aside; this is a fault of the"
                    " program, not of the file: report it; nothing was replaced"
                )
            entries.append(FileReport(table, part.file, hashes[part.hashed_as], part.bytes, part.rows, kept, *gone))
    return entries


def write_books(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[FileReport],
    breaches: Sequence[Breach],
    dropped: Sequence[DroppedColumn],
) -> None:
    """staging.files, staging.breaches and staging.dropped_columns: what the report says, for the pages on data
    quality."""
    con.execute(
        'CREATE TABLE staging.files (source_file INTEGER, "table" VARCHAR, file VARCHAR, sha256 VARCHAR, bytes BIGINT, '
        "read BIGINT, kept BIGINT, quarantined BIGINT, duplicates BIGINT, forgotten BIGINT)"
    )
    con.execute(
        'CREATE TABLE staging.breaches ("table" VARCHAR, rule VARCHAR, severity VARCHAR, sentence VARCHAR, "count"'
        " BIGINT, first VARCHAR)"
    )
    con.execute(
        'CREATE TABLE staging.dropped_columns ("table" VARCHAR, file VARCHAR, column_name VARCHAR, reason VARCHAR)'
    )
    for place, file in enumerate(files):
        con.execute("INSERT INTO staging.files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [place, *astuple(file)])
    for breach in breaches:
        con.execute(
            "INSERT INTO staging.breaches VALUES (?, ?, ?, ?, ?, ?)",
            [breach.table, breach.rule, breach.severity, breach.sentence, breach.count, json.dumps(breach.first)],
        )
    con.execute(  # one statement: an export may have thousands of columns that no table declares
        "INSERT INTO staging.dropped_columns SELECT UNNEST(CAST($1 AS VARCHAR[])), UNNEST(CAST($2 AS VARCHAR[])), "
        "UNNEST(CAST($3 AS VARCHAR[])), UNNEST(CAST($4 AS VARCHAR[]))",
        [[getattr(one, part) for one in dropped] for part in ("table", "file", "column", "reason")],
    )


def tidy(con: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> None:
    """Drops what only ingest needed; loaded.<table> stays, because staging looks through to it."""
    for table in tables:
        for leftover in ("_text", "_breach", "_cell", "_source"):
            con.execute(f"DROP TABLE IF EXISTS loaded.{table.name}{leftover}")
