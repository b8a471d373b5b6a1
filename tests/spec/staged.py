"""Fills staging from drawn tables and builds the warehouse tables a rule is about."""

from functools import cache
from pathlib import Path

import duckdb
import pandas as pd

from pipeline.schema import TABLES, Table
from pipeline.study import Study, study_from
from pipeline.warehouse.build import HERE, build_order, build_table, prepare, table_queries, tables_read
from tests.spec.drawn import Row, drawn

LONG_AGO, LONG_AFTER = -2000, 4000  # everybody is observable unless a test says otherwise
FILLED = {"sessions": {"program_id": "P", "status": "attended", "service_day": 0}, "episodes": {"program_id": "P"},
          "assessments": {"subscale": ""}, "followups": {"control_outcome": ""}}


def study_of(**sections: object) -> Study:
    """A study with these sections of study.toml and defaults elsewhere."""
    return study_from(Path("drawn"), sections)


def staged(calendar: bool = False, **tables: str | list[Row]) -> duckdb.DuckDBPyConnection:
    """A database whose staging holds the drawn rows; ids and people that a test does not care about are filled in."""
    rows = {name: [dict(row) for row in (drawn(content) if isinstance(content, str) else content)]
            for name, content in tables.items()}
    con = duckdb.connect()
    con.execute("SET threads = 1")
    con.execute("CREATE SCHEMA staging")
    for table in TABLES.values():
        fill(con, table, completed(table, rows.get(table.name, []), rows))
    con.execute("CREATE TABLE staging.facts AS SELECT CAST(? AS BOOLEAN) AS calendar", [calendar])
    return con


def completed(table: Table, own: list[Row], everything: dict[str, list[Row]]) -> list[Row]:
    """Rows with what ingest would have filled in."""
    if table.name == "patients":
        drawn_people = {row["patient_id"] for row in own}
        others = {row["patient_id"] for rows in everything.values() for row in rows if "patient_id" in row}
        own = own + [{"patient_id": person} for person in sorted(others - drawn_people, key=str)]
        return [{"observed_from_day": LONG_AGO, "observed_to_day": LONG_AFTER} | row for row in own]
    filled = FILLED.get(table.name, {})
    ids = {f"{table.name[:-1]}_id"} & {column.name for column in table.columns}
    return [{**{name: f"{table.name[0]}{place:03}" for name in ids}, **filled, **row} for place, row in enumerate(own)]


def fill(con: duckdb.DuckDBPyConnection, table: Table, rows: list[Row]) -> None:
    """One staging table with all declared columns."""
    columns = {column.staged: column.sql_type for column in table.columns} | {"source_file": "INTEGER", "source_row": "BIGINT"}
    unknown = {name for row in rows for name in row} - columns.keys()
    if unknown:
        raise ValueError(f"staging.{table.name} has no column {', '.join(sorted(unknown))}")
    shape = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    con.execute(f"CREATE TABLE staging.{table.name} ({shape})")
    if rows:
        con.register("drawn_rows", pd.DataFrame(
            {name: pd.Series([text(row.get(name)) for row in rows], dtype="object") for name in columns}))
        typed = ", ".join(f'CAST("{name}" AS {kind})' for name, kind in columns.items())
        con.execute(f"INSERT INTO staging.{table.name} SELECT {typed} FROM drawn_rows")


def text(value: object) -> str | None:
    return None if value is None else str(value)


def built(con: duckdb.DuckDBPyConnection, *wanted: str, study: Study | None = None) -> duckdb.DuckDBPyConnection:
    """Builds the wanted tables and what they read; all of them where none is named."""
    prepare(con, study or study_of())
    queries = table_queries()
    order = order_of(tuple(queries.items()))
    needed = set(wanted or queries)
    for name in reversed(order):
        if name in needed:
            needed |= tables_read(con, queries[name]) & queries.keys()
    for name in order:
        if name in needed:
            build_table(con, name, queries[name])
    return con


@cache
def order_of(queries: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The build order, worked out once for all drawn tests."""
    con = duckdb.connect()
    con.execute((HERE / "engine" / "duckdb.sql").read_text(encoding="utf-8"))
    return tuple(build_order(con, dict(queries)))


def rows_of(con: duckdb.DuckDBPyConnection, table: str, columns: str | None = None, order: str = "ALL") -> list[Row]:
    """Rows of a built table, as drawn would give them."""
    result = con.execute(f"SELECT {columns or '*'} FROM {table} ORDER BY {order}")
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def like(con: duckdb.DuckDBPyConnection, table: str, picture: str, where: str = "TRUE") -> tuple[list[Row], list[Row]]:
    """The table's rows in the columns of the picture, and the picture's rows, both in one order."""
    wanted = drawn(picture)
    names = list(wanted[0]) if wanted else [cell.strip() for cell in picture.strip().splitlines()[0].split("|")]
    found = rows_of(con, f"(SELECT * FROM {table} WHERE {where}) AS chosen", ", ".join(names), order="1")
    return sorted(found, key=in_order), sorted(wanted, key=in_order)


def in_order(row: Row) -> list[tuple[bool, str]]:
    return [(cell is None, str(cell)) for cell in row.values()]
