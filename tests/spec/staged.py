"""Fills staging from drawn tables and builds the warehouse tables a rule is about."""

import json
from functools import cache
from pathlib import Path

import duckdb

from pipeline.schema import TABLES, Table
from pipeline.study import Study
from pipeline.study_toml.file import study_from
from pipeline.warehouse.build import HERE, build_order, build_table, drop_views, prepare, table_queries, tables_read
from pipeline.warehouse.grain import check_grain, counted_hashes, declared_grain
from pipeline.warehouse.protocol import COLUMNS
from tests.spec.drawn import Row, drawn

Content = tuple[int, int | None]  # rows, and the sum of their hashes
LONG_AGO, LONG_AFTER = -2000, 4000  # everybody is observable unless a test says otherwise
PREPARED: dict[str, tuple[str, bool, int]] = {}  # what the study tables of this process were last written for
MADE: dict[str, int] = {}  # the tables that stand from earlier tests, emptied, and the number each had when it was made
STANDS: dict[str, tuple[tuple[object, ...], Content]] = {}  # what each was made of, and holds: of the same, it stays
OLD: set[str] = set()  # those that hold rows of an earlier test; the next build takes these out
FRESH: set[str] = set()  # those that the present test asked for
LOOKED: set[str] = set()  # tables whose content was asked for once
REFILLED: set[str] = set()  # those whose plan is kept: planning takes three times as long as a handful of rows
FILLED = {
    "sessions": {"program_id": "P", "status": "attended", "service_day": 0},
    "episodes": {"program_id": "P"},
    "assessments": {"subscale": ""},
    "followups": {"control_outcome": ""},
}


def study_of(**sections: object) -> Study:
    """A study with these sections of study.toml and defaults elsewhere."""
    return study_from(Path("drawn"), sections)


def staged(calendar: bool = False, **tables: str | list[Row]) -> duckdb.DuckDBPyConnection:
    """A database whose staging holds the drawn rows; ids and people that a test does not care about are filled in.

    One database serves a test process, emptied each time: whoever needs two at once builds the second after the first.
    Tables that an earlier test built hold its rows until `built` is asked for tables of this one.
    """
    rows = {
        name: [dict(row) for row in (drawn(content) if isinstance(content, str) else content)]
        for name, content in tables.items()
    }
    con = empty_database()
    for table in TABLES.values():
        fill(con, table, completed(table, rows.get(table.name, []), rows))
    con.execute("UPDATE staging.facts SET calendar = ?", [calendar])
    return con


def empty_database() -> duckdb.DuckDBPyConnection:
    """The database of this process with empty staging tables and nothing else."""
    con = database()
    con.execute("PRAGMA disable_optimizer")  # on a handful of rows planning takes longer than running
    for schema, name, number in con.execute(
        "SELECT schema_name, table_name, table_oid FROM duckdb_tables() WHERE NOT temporary"
    ).fetchall():
        if schema == "staging" and name != "facts":
            con.execute(f"DELETE FROM staging.{name}")
        elif schema == "main" and name not in COLUMNS and MADE.get(name) != number:
            drop(con, name)
    OLD.update(FRESH)
    FRESH.clear()
    return con


def drop(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """A table, or the view that a whole build left, and the plan that fills it."""
    drop_views(con, [name])
    con.execute(f"DROP TABLE IF EXISTS {name}")
    MADE.pop(name, None)
    STANDS.pop(name, None)
    OLD.discard(name)
    FRESH.discard(name)
    if name in REFILLED:
        REFILLED.remove(name)
        con.execute(f"DEALLOCATE fill_{name}")
        con.execute(f"DEALLOCATE alike_{name}")


@cache
def database() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("SET threads = 1")
    con.execute("CREATE SCHEMA staging")
    for table in TABLES.values():
        shape = ", ".join(f'"{name}" {kind}' for name, kind in columns_of(table).items())
        con.execute(f"CREATE TABLE staging.{table.name} ({shape})")
    con.execute("CREATE TABLE staging.facts AS SELECT FALSE AS calendar, 0 AS first_day, 0 AS last_day")
    return con


def columns_of(table: Table) -> dict[str, str]:
    return {column.staged: column.sql_type for column in table.columns} | {
        "source_file": "INTEGER",
        "source_row": "BIGINT",
    }


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
    """One staging table; columns that no row names stay empty."""
    columns = columns_of(table)
    names = list(dict.fromkeys(name for row in rows for name in row))
    if not set(names) <= columns.keys():
        raise ValueError(f"staging.{table.name} has no column {', '.join(sorted(set(names) - columns.keys()))}")
    if rows:
        content = json.dumps([{name: text(row.get(name)) for name in names} for row in rows])
        shape = json.dumps([dict.fromkeys(names, "VARCHAR")])
        typed = ", ".join(f'CAST(made."{name}" AS {columns[name]})' for name in names)
        con.execute(
            f"INSERT INTO staging.{table.name} ({', '.join(quoted(names))}) "
            f"SELECT {typed} FROM (SELECT UNNEST(from_json(CAST(? AS JSON), '{shape}')) AS made) AS drawn_rows",
            [content],
        )


def quoted(names: list[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def text(value: object) -> str | None:
    return None if value is None else str(value)


def built(con: duckdb.DuckDBPyConnection, *wanted: str, study: Study | None = None) -> duckdb.DuckDBPyConnection:
    """Builds the wanted tables and what they read; all of them where none is named."""
    prepare_once(con, study or study_of())
    queries, needs = table_queries(), needs_of_tables()
    needed = set(wanted or queries)
    for name in reversed(needs):
        if name in needed:
            needed |= needs[name] & queries.keys()
    take_out_old(con, needed)
    numbers, found = numbers_of_tables(con), contents_of_staging(con)
    for name in needs:
        if name in needed:
            made_of = (queries[name], *(found.get(read) for read in sorted(needs[name])))
            if numbers.get(name) != MADE.get(name, -1) or STANDS.get(name, ((),))[0] != made_of:
                build_or_fill(con, name, queries[name], numbers.get(name))
                STANDS[name] = (made_of, content(con, name))
            found[name] = STANDS[name][1]
    FRESH.update(needed)
    return con


def take_out_old(con: duckdb.DuckDBPyConnection, needed: set[str]) -> None:
    """Empties the tables of earlier tests that are not needed now, so that no test reads rows of another."""
    for name in (OLD - needed) & MADE.keys():
        con.execute(f"DELETE FROM {name}")
        STANDS.pop(name, None)
    OLD.clear()


def contents_of_staging(con: duckdb.DuckDBPyConnection) -> dict[str, Content]:
    """The contents of everything that no build makes; where the study tables change, all is made anew."""
    tables = [f"staging.{name}" for name in (*TABLES, "facts")]
    looked = look(con, "staging", " UNION ALL ".join(map(counted, tables)))
    return {name: (rows, hashes) for name, rows, hashes in looked}


def content(con: duckdb.DuckDBPyConnection, table: str) -> Content:
    """How many rows a table holds and the sum of their hashes: equal where the rows are."""
    [(_, rows, hashes)] = look(con, table, counted(table))
    return rows, hashes


def look(con: duckdb.DuckDBPyConnection, name: str, sql: str) -> list[tuple[str, int, int | None]]:
    """What a query finds; its plan is kept by the database of this process, and by no other that a test opened."""
    if con is not database():
        return con.execute(sql).fetchall()
    if name not in LOOKED:
        con.execute(f"PREPARE look_{name} AS {sql}")
        LOOKED.add(name)
    return con.execute(f"EXECUTE look_{name}").fetchall()


def counted(table: str) -> str:
    return f"SELECT '{table}', COUNT(*), SUM(CAST(hash(held) AS HUGEINT)) FROM {table} AS held"


def build_or_fill(con: duckdb.DuckDBPyConnection, name: str, sql: str, number: int | None) -> None:
    """A table as the build makes it; where it stands already, its rows anew by the plan that was kept."""
    if number is None or number != MADE.get(name):
        drop(con, name)
        build_table(con, name, sql)
        MADE[name] = numbers_of_tables(con)[name]
        return
    grain = declared_grain(name, sql)
    if name not in REFILLED:
        con.execute(f"PREPARE fill_{name} AS INSERT INTO {name} {sql}")
        con.execute(f"PREPARE alike_{name} AS {counted_hashes(name, grain)}")
        REFILLED.add(name)
    con.execute(f"DELETE FROM {name}")
    con.execute(f"EXECUTE fill_{name}")
    if con.execute(f"EXECUTE alike_{name}").fetchall() != [(0,)]:
        check_grain(con, name, grain)


def numbers_of_tables(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The number the database gave each table when it was made."""
    return dict(con.execute("SELECT table_name, table_oid FROM duckdb_tables() WHERE schema_name = 'main'").fetchall())


def prepare_once(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    """The study tables, written anew only where another study or another kind of day asks for them."""
    [(calendar,)] = con.execute("SELECT calendar FROM staging.facts").fetchall()
    asked = (study.as_json(), calendar)
    if PREPARED.get("last") != (*asked, written_as(con)):
        for name in list(MADE):  # they were planned for another study
            drop(con, name)
        prepare(con, study)
        PREPARED["last"] = (*asked, written_as(con))


def written_as(con: duckdb.DuckDBPyConnection) -> int:
    """The number the database gave the study tables when they were written: a test that called `prepare` itself is
    noticed by it."""
    [(number,)] = con.execute(
        "SELECT COALESCE(MAX(table_oid), 0) FROM duckdb_tables() WHERE table_name = 'protocol'"
    ).fetchall()
    return int(number)


@cache
def needs_of_tables() -> dict[str, set[str]]:
    """What each table reads, in build order; worked out once for all drawn tests."""
    con, queries = duckdb.connect(), table_queries()
    con.execute((HERE / "engine" / "duckdb.sql").read_text(encoding="utf-8"))
    return {name: tables_read(con, queries[name]) for name in build_order(con, queries)}


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
