"""Foreign exports: sources/<table>.sql is one SELECT over the raw files that makes one of our tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from pipeline.errors import StructureError
from pipeline.ingest.inputs import RawFile
from pipeline.ingest.layout import Layout, layout_of
from pipeline.ingest.quoting import name
from pipeline.ingest.structure import near
from pipeline.schema import TABLES

SAYS_NOTHING_OF_ROWS = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)


def source_layouts(
    con: duckdb.DuckDBPyConnection, queries: Mapping[str, Path], files: Sequence[RawFile]
) -> tuple[dict[str, Layout], list[str]]:
    """The result of each query as a layout by table, all cells text, and the faults met.

    Every raw file is a view named after its stem while the queries run; its cells are text unless it is Parquet.
    """
    faults = [
        f"sources/{path.name}: {table} is no table of ours{near(table, TABLES)}"
        for table, path in queries.items()
        if table not in TABLES
    ]
    views = []
    for file in files:
        try:
            layout = layout_of(file.path, con)
        except StructureError as fault:
            faults.append(str(fault))
            continue
        con.execute(f"CREATE VIEW {name(file.stem)} AS SELECT * FROM {layout.relation()}")
        views.append(file.stem)
    layouts = {}
    for table in [table for table in queries if table in TABLES]:
        try:
            layouts[table] = run_query(con, table, queries[table])
        except StructureError as fault:
            faults.append(str(fault))
    for view in views:
        con.execute(f"DROP VIEW {name(view)}")
    return layouts, faults


def run_query(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> Layout:
    """Writes one query's rows to loaded.<table>_source.  Raises StructureError where it does not run; no value is
    shown."""
    sql = path.read_text(encoding="utf-8-sig").strip().rstrip(";")
    made = f"loaded.{table}_source"
    try:
        statements = con.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise StructureError(f"sources/{path.name} must be one SELECT and nothing else")
        columns = [row[0] for row in con.execute(f"DESCRIBE {sql}").fetchall()]
        cells = ", ".join(f"CAST({name(column)} AS VARCHAR) AS {name(column)}" for column in columns)
        con.execute(f"CREATE TABLE {made} AS SELECT {cells} FROM ({sql}\n) AS made")
        head = con.execute(f"SELECT * FROM {made} LIMIT 200").fetchall()
    except SAYS_NOTHING_OF_ROWS as fault:
        raise StructureError(
            f"sources/{path.name} did not run: {str(fault).splitlines()[0]}; "
            "every raw file is a view named after it, with text columns"
        ) from None
    except duckdb.Error as fault:
        raise StructureError(
            f"sources/{path.name} stopped on a row ({type(fault).__name__}; the engine's message is not shown, it may "
            "quote a record); all cells are text: use TRY_CAST where a cell may be something else"
        ) from None
    return Layout(
        path, tuple(columns), head=tuple(tuple(cell or "" for cell in row) for row in head), first_row=1, made=made
    )
