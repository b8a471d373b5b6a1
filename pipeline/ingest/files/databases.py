"""DuckDB files: each of their tables as it lies there, read-only, cells as text."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import StructureError
from pipeline.storage.quoting import literal, name
from pipeline.store import connect

if TYPE_CHECKING:
    import duckdb

ATTACHED = "raw database "  # how the engine calls such a file while it is read
OUT_OF_IT = "export its tables with the program that wrote it: EXPORT DATABASE 'folder' (FORMAT parquet)"
FAULTS = (
    ("set lock", "is open in another program; close it there, or put a copy into the raw folder"),
    ("encrypt", f"is encrypted, and no key is asked for here; {OUT_OF_IT}"),
    ("version number", f"was written by a version of DuckDB that this one cannot read; {OUT_OF_IT}"),
    ("wal", "was not closed by the program that wrote it; open and close it there, and copy it again"),
)  # a word of the engine's message, and what is wrong
NO_DATABASE = "is no DuckDB database, or is damaged; copy it again from where it was made"
PLAIN = {"FLOAT", "DOUBLE", "DECIMAL"}
TEXT_OF_A_TIME = "' 00:00:00(\\.0+)?([+-]00)?$'"


def table_names(path: Path) -> list[tuple[str, str]]:
    """What each table and view of a database is called here (its name, with its schema where another has the same), and
    its place in SQL.

    Raises StructureError for a file that cannot be opened as one.
    """
    with connect(Path(":memory:")) as con:
        alias = attached(con, path)
        found = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = $1 AND NOT internal"
            " UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = $1 AND NOT internal"
            " ORDER BY ALL",
            [alias],
        ).fetchall()
    times = Counter(table.lower() for _, table in found)
    return [
        (table if times[table.lower()] == 1 else f"{schema}.{table}", f"{name(schema)}.{name(table)}")
        for schema, table in found
    ]


def attached(con: duckdb.DuckDBPyConnection, path: Path) -> str:
    """The name under which a database is read on this connection.  Raises StructureError where it cannot be."""
    import duckdb

    alias = f"{ATTACHED}{path.name}"
    try:
        con.execute(f"ATTACH IF NOT EXISTS {literal(path)} AS {name(alias)} (READ_ONLY)")
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as fault:
        raise StructureError(f"{path.name} {fault_of(str(fault).replace(str(path), ''))}") from None
    return alias


def fault_of(message: str) -> str:
    """What is wrong with a file, by the engine's message about it."""
    return next((words for word, words in FAULTS if word in message.lower()), NO_DATABASE)


def table_relation(con: duckdb.DuckDBPyConnection, path: Path, table: str) -> tuple[str, tuple[str, ...]]:
    """SQL of a table's rows, every cell as text, and its columns.  Raises StructureError where it cannot be read."""
    import duckdb

    place = f"{name(attached(con, path))}.{table}"
    try:
        described = con.execute(f"DESCRIBE SELECT * FROM {place}").fetchall()
    except duckdb.Error:
        raise StructureError(
            f"{path.name}: {table} cannot be read (a view of what is not in the file?); remove it, or {OUT_OF_IT}"
        ) from None
    cells = ", ".join(f"{as_text(row[0], row[1])} AS {name(row[0])}" for row in described)
    return f"(SELECT {cells} FROM {place})", tuple(row[0] for row in described)


def as_text(column: str, kind: str) -> str:
    """SQL of a cell as a person would see it: whole numbers without `.0`, days without a midnight behind them."""
    text = f"CAST({name(column)} AS VARCHAR)"
    if kind.partition("(")[0] in PLAIN:
        return f"regexp_replace({text}, '\\.0+$', '')"
    return f"regexp_replace({text}, {TEXT_OF_A_TIME}, '')" if kind.startswith("TIMESTAMP") else text


def let_go(con: duckdb.DuckDBPyConnection) -> None:
    """Detaches every raw database."""
    found = con.execute("SELECT database_name FROM duckdb_databases() WHERE NOT internal").fetchall()
    for (alias,) in found:
        if alias.startswith(ATTACHED):
            con.execute(f"DETACH {name(alias)}")
