"""Words of a made table that we know, put into ours: only the words that are there are asked for, each once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.ingest.cells.convert import FALSE, TRUE
from pipeline.ingest.known.knowledge import LEFT_OUT, Word, word_for
from pipeline.ingest.mapping.grammar import Block, Cell, Values
from pipeline.ingest.mapping.selects import column_of, spelled
from pipeline.ingest.mapping.value_lists import translated
from pipeline.ingest.report import KnownWord
from pipeline.storage.quoting import literal, name

if TYPE_CHECKING:
    import duckdb

MOST = 1_000  # different words of a column, the most frequent first


def with_known_words(con: duckdb.DuckDBPyConnection, table: str, block: Block) -> tuple[str, tuple[KnownWord, ...]]:
    """The table of a block, its words in ours where a line says `known`, and these words; what we do not know stays as
    it is."""
    made = {
        spelled(block.table, cell.key): cell for cell in block.cells if cell.values is not None and cell.values.known
    }
    found = {column: words_there(con, table, block, cell, name(column)) for column, cell in made.items()}
    said = [f"{ours_sql(name(column), cell, found[column])} AS {name(column)}" for column, cell in made.items()]
    noted = tuple(one for column, cell in made.items() for one in told_of(block, cell, found[column]))
    return (f"(SELECT * REPLACE ({', '.join(said)}) FROM {table})" if said else table), noted


def words_there(
    con: duckdb.DuckDBPyConnection, table: str, block: Block, cell: Cell, column: str
) -> list[tuple[str, Word]]:
    """The words of a column that we know, without those that are ours already, each with the word of ours it fits."""
    counted = con.execute(
        f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {MOST}"
    ).fetchall()
    stays = {*(column_of(block.table, cell.key).allowed or (*TRUE, *FALSE))}
    known = cell.values.known if cell.values else ""
    asked = [word for (word,) in counted if not {word, word.lower()} & stays and "*" not in word]
    pairs = [(word, word_for(known, word)) for word in asked]
    return [(word, found) for word, found in pairs if found is not None and found.ours != LEFT_OUT]


def told_of(block: Block, cell: Cell, pairs: list[tuple[str, Word]]) -> Iterator[KnownWord]:
    """What is noted of each word: its print and not itself, because a record holds it."""
    called = " or ".join(cell.columns)
    for word, found in pairs:
        print_ = hashlib.sha256(word.strip().lower().encode()).hexdigest()[:16]
        yield KnownWord(block.table, cell.key, called, found.ours, found.theirs, print_)


def ours_sql(column: str, cell: Cell, pairs: list[tuple[str, Word]]) -> str:
    """SQL of a column's words in ours, and its default where it is empty."""
    made = translated(column, Values(tuple((word, found.ours) for word, found in pairs)))
    return f"COALESCE({made}, {literal(cell.default)})" if cell.default else made
