"""The SELECT of a block over one raw file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.ingest.files.reading_once import HeldFile, from_held
from pipeline.ingest.layout import Layout
from pipeline.ingest.mapping.claim_lines import lines_left, nights_apart, with_night
from pipeline.ingest.mapping.expressions import Writer, id_sql
from pipeline.ingest.mapping.grammar import Block, Cell, IdShape
from pipeline.ingest.mapping.survey_rows import SHARED, survey_sql
from pipeline.schema import TABLES, Column
from pipeline.storage.quoting import name

ONE_ROW_EACH = ("programs", "providers")  # read from files with many rows of each


@dataclass(frozen=True, slots=True)
class Select:
    """SQL of a block's rows.

    numbered  it gives the row of the file, because rows are left out or made
    counted   SQL of how many rows the file has, and how many of them count; empty where all do
    back      SQL of how many rows are reversals or taken back by one
    by_row    each row is made of one row of the file alone, in its order
    """

    sql: str
    numbered: bool
    counted: str = ""
    back: str = ""
    by_row: bool = False

    def reading(self, held: Sequence[HeldFile]) -> Select:
        """The same over files that were put aside."""
        return replace(
            self, sql=from_held(held, self.sql), counted=from_held(held, self.counted), back=from_held(held, self.back)
        )


def column_of(table: str, key: str) -> Column:
    """Our column that a line of a block spells."""
    return next(column for column in TABLES[table].columns if key in (column.name, *column.spellings))


def spelled(table: str, key: str) -> str:
    """The column name under which a made table carries a cell; a bare `start` is a date."""
    column = column_of(table, key)
    return key if key in column.spellings else column.spellings[-1]


def block_sql(
    block: Block,
    layout: Layout,
    ids: Mapping[str, IdShape],
    lookups: Mapping[str, Sequence[Layout]],
    replaced: Sequence[str] = (),
) -> Select:
    """The SELECT of a block over one file; `lookups` are the other files that its cells come from, by cell key,
    `replaced` tests of rows for which rows of other blocks stand."""
    looked = {cell.key: f"look_{place}" for place, cell in enumerate(block.cells) if cell.lookup}
    theirs = {column.strip().lower(): column for column in layout.columns}
    writer = Writer(
        block, with_night(block, theirs), ids, {key: f"{alias}.value" for key, alias in looked.items()}, "r."
    )
    chosen_rows = bool(block.only or block.leave_out or block.needs or replaced)
    counted = bool(chosen_rows or block.surveys or looked or layout.numbered)
    counted = counted or bool(block.nights or block.reversed) or block.table in ONE_ROW_EACH
    base = numbered_rows(layout) if counted else layout.relation()
    left = lines_left(block, base, replace(writer, prefix=""))
    base = nights_apart(block, left, replace(writer, prefix=""))
    joins = [join_sql(cell, looked[cell.key], lookups[cell.key], writer) for cell in block.cells if cell.key in looked]
    where = " AND ".join([rows_that_count(writer), *replaced])
    cells = {
        spelled(block.table, cell.key): writer.ours(cell, column_of(block.table, cell.key)) for cell in block.cells
    }
    chosen = ", ".join([*["r._row"] * counted, *(f"{made} AS {name(key)}" for key, made in cells.items())])
    rows = f"FROM {base} AS r {' '.join(joins)} WHERE {where}"
    told = f"SELECT count(*), count(*) FILTER (WHERE {where}) FROM {layout.relation()} AS r"
    left_out = told if chosen_rows else ""
    back = f"SELECT (SELECT count(*) FROM {layout.relation()}) - (SELECT count(*) FROM {left} AS r)" * bool(
        block.reversed
    )
    if block.surveys:
        return Select(surveyed(block, writer, rows, cells), True, left_out, back)
    if block.table in ONE_ROW_EACH:
        return Select(one_row_each(rows, cells, TABLES[block.table].key[0]), True, left_out, back)
    order = " ORDER BY r._row" if looked else ""
    by_row = not (looked or block.nights or block.reversed or replaced)
    return Select(f"SELECT {chosen} {rows}{order}", counted, left_out, back, by_row)


def rows_that_count(writer: Writer) -> str:
    """SQL that is TRUE where a row of the block's file counts."""
    block = writer.block
    needed = [writer.ours(cell, column_of(block.table, cell.key)) for cell in block.cells if cell.key in block.needs]
    return " AND ".join([writer.kept(block.only, block.leave_out), *(f"({made}) IS NOT NULL" for made in needed)])


def numbered_rows(layout: Layout) -> str:
    """The file's rows with the number a person sees."""
    if layout.numbered:
        return layout.relation()
    return f"(SELECT row_number() OVER () + {layout.first_row - 1} AS _row, * FROM {layout.relation()})"


def surveyed(block: Block, writer: Writer, rows: str, cells: Mapping[str, str]) -> str:
    """One row per instrument; the block's other cells are the same in each."""
    shared = ", ".join(f"{made} AS {name(SHARED + key)}" for key, made in cells.items())
    base = f"WITH base AS MATERIALIZED (SELECT r.*, {shared} {rows})"
    over = replace(writer, prefix="")
    parts = [sql for survey in block.surveys for sql in survey_sql(over, survey, tuple(cells), "base")]
    return f"{base} {' UNION ALL BY NAME '.join(parts)} ORDER BY _row, instrument_id"


def one_row_each(rows: str, cells: Mapping[str, str], key: str) -> str:
    """Each different row once, where it first stands."""
    made = ", ".join(f"{sql} AS {name(column)}" for column, sql in cells.items())
    names = ", ".join(name(column) for column in cells)
    inner = f"SELECT r._row, {made} {rows}"
    return (
        f"SELECT min(_row) AS _row, {names} FROM ({inner}) AS each WHERE {name(key)} IS NOT NULL GROUP BY {names}"
        " ORDER BY 1"
    )


def join_sql(cell: Cell, alias: str, layouts: Sequence[Layout], writer: Writer) -> str:
    """The value of another file, or of the parts of one, by a key that both share: one for each key, none where there
    are several."""
    if cell.lookup is None:
        return ""
    mine = id_sql(writer.theirs(cell.lookup.ours), IdShape())
    found = " UNION ALL ".join(found_there(cell, layout, writer) for layout in layouts)
    single = (
        "SELECT key, CASE WHEN count(DISTINCT value) = 1 THEN min(value) END AS value "
        f"FROM ({found}) AS found WHERE key IS NOT NULL GROUP BY key"
    )
    return f"LEFT JOIN ({single}) AS {alias} ON {alias}.key = {mine}"


def found_there(cell: Cell, layout: Layout, writer: Writer) -> str:
    """Key and value of every row of another file."""
    there = Writer(writer.block, {column.strip().lower(): column for column in layout.columns}, writer.ids, {})
    key = id_sql(there.theirs(cell.lookup.theirs), IdShape()) if cell.lookup else "NULL"
    return f"SELECT {key} AS key, {there.value(cell)} AS value FROM {layout.relation()}"
