"""A raw text file that a mapping reads: cut into cells once, whatever is asked of it, each different word kept once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.ingest.layout import Layout
from pipeline.storage.quoting import name

if TYPE_CHECKING:
    import duckdb

HELD = "read_once"  # a database in memory: what lies there never reaches the study's own
WORTH_IT = 4 << 20  # bytes; a smaller file is cut into cells faster than it is put aside


@dataclass(frozen=True, slots=True)
class HeldFile:
    """The columns of a raw file that some block reads, put aside as text in the order of its rows."""

    relation: str
    table: str
    columns: frozenset[str]


def held_files(con: duckdb.DuckDBPyConnection, layouts: Sequence[Layout], queries: Sequence[str]) -> list[HeldFile]:
    """Every large text file that the queries read, with the columns that they name; a file that cannot be read to its
    end is left to the query that meets the fault, which tells it."""
    import duckdb

    found = []
    for place, layout in enumerate(layouts):
        relation = layout.relation()
        asking = [sql for sql in queries if relation in sql]
        columns = [column for column in layout.columns if any(name(column) in sql for sql in asking)]
        if layout.made or layout.parquet or not columns or layout.path.stat().st_size < WORTH_IT:
            continue
        table = f"{HELD}.{name(f'file {place}')}"
        con.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {HELD} (COMPRESS)")
        try:
            con.execute(f"CREATE TABLE {table} AS SELECT {', '.join(map(name, columns))} FROM {relation}")
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error:
            continue
        con.execute(f"CHECKPOINT {HELD}")  # words that come again are stored once, and worked on once
        found.append(HeldFile(relation, table, frozenset(columns)))
    return found


def from_held(held: Sequence[HeldFile], sql: str) -> str:
    """A query that reads what was put aside in place of the files."""
    for one in held:
        sql = sql.replace(one.relation, one.table)
    return sql


def let_go_of_held(con: duckdb.DuckDBPyConnection) -> None:
    """Drops what was put aside."""
    con.execute(f"DETACH DATABASE IF EXISTS {HELD}")
