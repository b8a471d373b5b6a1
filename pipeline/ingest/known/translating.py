"""Words of a made table that we know, put into ours: only the words that are there are asked for, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.ingest.cells.convert import FALSE, TRUE
from pipeline.ingest.known.knowledge import LEFT_OUT, code_for
from pipeline.ingest.mapping.grammar import Block, Cell, Values
from pipeline.ingest.mapping.selects import column_of, spelled
from pipeline.ingest.mapping.value_lists import translated
from pipeline.storage.quoting import literal, name

if TYPE_CHECKING:
    import duckdb

MOST = 1_000  # different words of a column, the most frequent first


def with_known_words(con: duckdb.DuckDBPyConnection, table: str, block: Block) -> str:
    """The table of a block, its words in ours where a line says `known`; what we do not know stays as it is."""
    made = {
        spelled(block.table, cell.key): cell for cell in block.cells if cell.values is not None and cell.values.known
    }
    said = [f"{ours_sql(con, table, block, cell, name(column))} AS {name(column)}" for column, cell in made.items()]
    return f"(SELECT * REPLACE ({', '.join(said)}) FROM {table})" if said else table


def ours_sql(con: duckdb.DuckDBPyConnection, table: str, block: Block, cell: Cell, column: str) -> str:
    """SQL of a column's words in ours, and its default where it is empty."""
    counted = con.execute(
        f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {MOST}"
    ).fetchall()
    stays = {*(column_of(block.table, cell.key).allowed or (*TRUE, *FALSE))}
    known = cell.values.known if cell.values else ""
    asked = [word for (word,) in counted if not {word, word.lower()} & stays and "*" not in word]
    codes = [(word, code_for(known, word)) for word in asked]
    pairs = [(word, code) for word, code in codes if code is not None and code != LEFT_OUT]
    made = translated(column, Values(tuple(pairs)))
    return f"COALESCE({made}, {literal(cell.default)})" if cell.default else made
