"""Foreign exports: sources/<table>.sql is one SELECT over the raw files that makes one of our tables.

A query reaches the raw files by their views and nothing else: the engine is told which files it may open, and a query
that opens a file by itself is refused by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import StructureError
from pipeline.ingest.files.views import Opened, View
from pipeline.ingest.identifiers.raw_columns import RawColumns
from pipeline.ingest.inputs import RawFile
from pipeline.ingest.known.new_names import new_name
from pipeline.ingest.layout import Layout
from pipeline.ingest.structure import near
from pipeline.schema import TABLES
from pipeline.storage.quoting import literals, name

SAYS_NOTHING_OF_ROWS = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)
OF_VALUES = ("range", "generate_series", "unnest", "json_each", "json_tree", "repeat", "repeat_row", "query_table")


def source_layouts(
    con: duckdb.DuckDBPyConnection, queries: Mapping[str, Path], found: Opened
) -> tuple[dict[str, Layout], list[str]]:
    """The result of each query as a layout by table, all cells text, and the faults met.

    Every raw file is a view named after its stem while the queries run; its cells are text, but in Parquet and JSON.
    """
    faults = [
        f"sources/{path.name}: {table} is no table of ours{near(table, TABLES)}"
        for table, path in queries.items()
        if table not in TABLES
    ]
    views: dict[str, Layout] = {}
    for view in read_by_queries(con, queries, found.views):
        try:
            layout = found.reading(view).layout
        except StructureError as fault:
            faults.append(str(fault))
            continue
        con.execute(f"CREATE VIEW {name(view.name)} AS SELECT {chosen(layout)} FROM {layout.relation()}")
        views[view.name] = layout
    open_nothing_else(con, [view.file for view in found.views])
    layouts = {}
    known = {view.name: views[view.name].columns if view.name in views else () for view in found.views}
    for table in [table for table in queries if table in TABLES]:
        try:
            layouts[table] = run_query(con, table, queries[table], known)
        except StructureError as fault:
            faults.append(str(fault))
    for called in views:
        con.execute(f"DROP VIEW {name(called)}")
    return layouts, faults


def chosen(layout: Layout) -> str:
    """The columns of a view: those of the file, without the row numbers that a reader adds."""
    return ", ".join(map(name, layout.columns)) if layout.numbered else "*"


def read_by_queries(con: duckdb.DuckDBPyConnection, queries: Mapping[str, Path], views: Sequence[View]) -> list[View]:
    """The views that some query reads; all of them where a query cannot be taken apart."""
    wanted: set[str] = set()
    for parsed in trees(con, queries):
        if parsed.get("error"):
            return list(views)
        wanted |= {str(node["table_name"]).lower() for node in nodes(parsed) if node.get("type") == "BASE_TABLE"}
    return [view for view in views if view.name.lower() in wanted]


def read_raw(con: duckdb.DuckDBPyConnection, queries: Mapping[str, Path], found: Opened) -> list[RawColumns]:
    """Which columns the queries name of each raw file that they read; with a star all of them go on, and are looked at
    as columns of what the query makes."""
    named: set[str] = set()
    for tree in trees(con, queries):
        if any(node.get("class") == "STAR" for node in nodes(tree)):
            return []
        named |= {str(node["column_names"][-1]).lower() for node in nodes(tree) if node.get("class") == "COLUMN_REF"}
    read = [found.reading(view).layout for view in read_by_queries(con, queries, found.views)]
    return [
        RawColumns(
            next(iter(queries)),
            layout,
            tuple(column for column in layout.columns if column.lower() in named),
            tuple(column for column in layout.columns if column.lower() not in named),
            "a query of sources",
        )
        for layout in read
    ]


def trees(con: duckdb.DuckDBPyConnection, queries: Mapping[str, Path]) -> Iterator[Any]:
    """Each query taken apart."""
    for path in queries.values():
        [(tree,)] = con.execute("SELECT json_serialize_sql(?)", [query_text(path)]).fetchall()
        yield json.loads(tree)


def open_nothing_else(con: duckdb.DuckDBPyConnection, files: Sequence[RawFile]) -> None:
    """From here on this connection opens the raw files and no other file, and can be told nothing else."""
    con.execute(f"SET allowed_paths = [{literals(file.path for file in files)}]")
    con.execute("SET python_enable_replacements = false")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")


def refuse_files(con: duckdb.DuckDBPyConnection, path: Path, sql: str, views: Mapping[str, Sequence[str]]) -> None:
    """Raises StructureError where a query names a file or a function that reads one, with the view to write instead."""
    [(tree,)] = con.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
    for node in nodes(json.loads(tree)):
        opened = ""
        if node.get("type") == "TABLE_FUNCTION":
            function = node.get("function", {}).get("function_name", "")
            opened = "" if function in OF_VALUES else f"{function}(…)"
        elif node.get("type") == "BASE_TABLE":
            table = node.get("table_name", "")
            opened = "a file by its path" if table not in views and re.search(r"[/\\\\]|\.[A-Za-z]", table) else ""
        if opened:
            known = ", ".join(name(view) for view in views)
            raise StructureError(
                f"sources/{path.name} opens {opened}; a query reads the raw files by their views, each named after its "
                f"file: FROM {known}"
            )


def nodes(tree: Any) -> Iterator[Mapping[str, Any]]:
    """Every object of a parsed query."""
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            yield from nodes(part)


def run_query(con: duckdb.DuckDBPyConnection, table: str, path: Path, views: Mapping[str, Sequence[str]]) -> Layout:
    """Writes one query's rows to loaded.<table>_source.  Raises StructureError where it does not run; no value is
    shown."""
    sql = query_text(path)
    made = f"loaded.{table}_source"
    try:
        statements = con.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise StructureError(f"sources/{path.name} must be one SELECT and nothing else")
        refuse_files(con, path, sql, views)
        columns = [row[0] for row in con.execute(f"DESCRIBE {sql}").fetchall()]
        cells = ", ".join(f"CAST({name(column)} AS VARCHAR) AS {name(column)}" for column in columns)
        con.execute(f"CREATE TABLE {made} AS SELECT {cells} FROM ({sql}\n) AS made")
        head = con.execute(f"SELECT * FROM {made} LIMIT 200").fetchall()
    except duckdb.PermissionException:
        raise StructureError(
            f"sources/{path.name} opens a file by itself; a query reads the raw files by their views, each named after "
            "its file"
        ) from None
    except SAYS_NOTHING_OF_ROWS as fault:
        first = str(fault).splitlines()[0].rstrip("!")
        raise StructureError(
            f"sources/{path.name}{line_of(str(fault))} did not run: {first};"
            f"{likely(str(fault), views)} every raw file is a view named after it, with text columns:"
            f" {'; '.join(described(views))}"
        ) from None
    except duckdb.Error as fault:
        raise StructureError(
            f"sources/{path.name} stopped on a row ({type(fault).__name__}; the engine's message is not shown, it may "
            "quote a record); all cells are text: use TRY_CAST where a cell may be something else"
        ) from None
    return Layout(
        path, tuple(columns), head=tuple(tuple(cell or "" for cell in row) for row in head), first_row=1, made=made
    )


def line_of(fault: str) -> str:
    """`, line 2`, where the engine says in which line of a query it stopped."""
    found = re.search(r"^LINE (\d+):", fault, re.MULTILINE)
    return f", line {found[1]}," if found else ""


def likely(fault: str, views: Mapping[str, Sequence[str]]) -> str:
    """The column or file that is likely meant by one that is no longer called so."""
    column = re.search(r'Referenced column "([^"]+)" not found', fault)
    table = re.search(r"Table with name (\S+) does not exist", fault)
    free = list(dict.fromkeys(one for columns in views.values() for one in columns)) if column else list(views)
    was = column or table
    near = new_name("", "", [was[1]], free) if was else ""
    return f' is it "{near}" now?' if near else ""


def described(views: Mapping[str, Sequence[str]]) -> list[str]:
    """Each view with its columns; without them where no query read it."""
    return [f"{name(view)} ({', '.join(columns)})" if columns else name(view) for view, columns in views.items()]


def query_text(path: Path) -> str:
    """A query without its last semicolon.  Raises StructureError for one that cannot be read as text."""
    try:
        return path.read_text(encoding="utf-8-sig").strip().rstrip(";")
    except UnicodeDecodeError:
        raise StructureError(f"sources/{path.name} is not UTF-8 text; save it as UTF-8") from None
