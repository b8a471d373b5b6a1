"""Builds the tables: one SQL file per table, in the order their FROM clauses ask for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import BuildError
from pipeline.storage.progress import shown
from pipeline.study import Study
from pipeline.warehouse.grain import check_grain, declared_grain
from pipeline.warehouse.protocol import write_protocol

if TYPE_CHECKING:
    import duckdb

HERE = Path(__file__).parent
ENGINES = "engine"  # macros, not tables
VIEW = re.compile(r"^-- (kept )?view: ", re.MULTILINE)  # computed where it is read, and never written
KEPT = re.compile(r"^-- kept view: ", re.MULTILINE)  # calls no macro of the engine, so that it outlives the connection


@dataclass(frozen=True, slots=True)
class BuiltTable:
    """One table that was built: its grain, its rows and how long it took."""

    name: str
    grain: tuple[str, ...]
    rows: int
    seconds: float


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made, in the order it was made."""

    tables: tuple[BuiltTable, ...]

    def lines(self) -> list[str]:
        """One human line per table."""
        return [f"{table.name:24} {table.rows:>12,} rows  {table.seconds:6.2f} s" for table in self.tables]

    def as_json(self) -> dict[str, Any]:
        """What the manifest keeps."""
        return {"tables": [asdict(table) | {"seconds": round(table.seconds, 3)} for table in self.tables]}


def build(con: duckdb.DuckDBPyConnection, study: Study, say: Callable[[str], None] | None = None) -> BuildReport:
    """Writes the study tables and every table of this folder into the open warehouse; commits nothing.

    con holds the schema `staging`.  Raises BuildError where a table's SQL does not run or repeats its own grain.
    """
    prepare(con, study)
    queries = table_queries()
    built = []
    order = build_order(con, queries)
    for name in shown(order, len(order), "build", "tables are built"):
        if VIEW.search(queries[name]):
            define(con, "VIEW", name, queries[name])
            continue
        built.append(build_table(con, name, queries[name]))
        if say:
            say(f"built {name}: {built[-1].rows:,} rows")
    drop_views(con, {name for name in queries if not KEPT.search(queries[name])})  # the macros that they call end here
    return BuildReport(tuple(built))


def prepare(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    """The engine's macros and the study tables, which every table may read."""
    con.execute((HERE / ENGINES / "duckdb.sql").read_text(encoding="utf-8"))
    keep_no_order(con)
    drop_views(con, table_queries())  # of an earlier build: asked what a SELECT reads, the engine looks through them
    write_protocol(con, study)


def keep_no_order(con: duckdb.DuckDBPyConnection) -> None:
    """No table relies on the order of its rows, so none needs to be kept in it: less memory, both processors at work.

    A connection that has read queries of sources/*.sql is locked and keeps its order, which only costs memory.
    """
    [(locked,)] = con.execute("SELECT current_setting('lock_configuration')").fetchall()
    if not locked:
        con.execute("SET preserve_insertion_order = false")


def table_queries(folder: Path = HERE) -> dict[str, str]:
    """Each table's SELECT by the table's name."""
    return {
        path.stem: path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.sql"))
        if path.parent.name != ENGINES
    }


def build_order(con: duckdb.DuckDBPyConnection, queries: Mapping[str, str]) -> list[str]:
    """The tables, each after those it reads; staging tables and study tables are there already."""
    needs = {name: tables_read(con, sql) & queries.keys() for name, sql in queries.items()}
    try:
        return list(TopologicalSorter({name: sorted(needs[name]) for name in sorted(needs)}).static_order())
    except CycleError as fault:
        raise BuildError(
            f"these tables read each other in a circle: {' -> '.join(fault.args[1])}; take one FROM out"
        ) from None


def tables_read(con: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    """The tables a SELECT reads, as schema.table outside the main schema."""
    return {name.split(" ")[0].strip('"') for name in con.get_table_names(sql, qualified=True)}


def build_table(con: duckdb.DuckDBPyConnection, name: str, sql: str) -> BuiltTable:
    """Creates one table and refuses repeated rows."""
    started = time.perf_counter()
    define(con, "TABLE", name, sql)
    grain = declared_grain(name, sql)
    check_grain(con, name, grain)
    [(rows,)] = con.execute(f"SELECT COUNT(*) FROM {name}").fetchall()
    return BuiltTable(name, grain, rows, time.perf_counter() - started)


def define(con: duckdb.DuckDBPyConnection, kind: str, name: str, sql: str) -> None:
    """Creates a table or a view in place of whatever has its name.  Raises BuildError where its SQL does not run."""
    import duckdb

    not_the_sql = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.InterruptException, duckdb.FatalException)
    other = {"TABLE": "VIEW", "VIEW": "TABLE"}[kind]
    try:
        if name in names_of(con, other):
            con.execute(f"DROP {other} {name}")
        con.execute(f"CREATE OR REPLACE {kind} {name} AS {sql}")
    except not_the_sql:
        raise
    except duckdb.Error as fault:
        raise BuildError(
            f"{name}.sql in pipeline/warehouse did not run: {what_is_safe_to_say(fault)}; if it was edited, compare it "
            "with its last version, otherwise report this line"
        ) from None


def drop_views(con: duckdb.DuckDBPyConnection, names: Collection[str]) -> None:
    """Takes out those of our views that stand in the warehouse."""
    for name in names_of(con, "VIEW") & set(names):
        con.execute(f"DROP VIEW {name}")


def names_of(con: duckdb.DuckDBPyConnection, kind: str) -> set[str]:
    """The tables, or the views, of the main schema."""
    listed = {"TABLE": "duckdb_tables()", "VIEW": "duckdb_views()"}[kind]
    return {
        name
        for (name,) in con.execute(f"SELECT {kind.lower()}_name FROM {listed} WHERE schema_name = 'main'").fetchall()
    }


def what_is_safe_to_say(fault: Exception) -> str:
    """The engine's first line where it speaks of the SQL alone; while it runs over rows it may quote a value from a
    record."""
    import duckdb

    if isinstance(fault, (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)):
        return str(fault).splitlines()[0]
    return type(fault).__name__
