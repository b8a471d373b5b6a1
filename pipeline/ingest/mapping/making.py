"""Runs a mapping: every block over every file it reads, each to a table of our columns, all cells text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.errors import StructureError
from pipeline.ingest.files.reading_once import HeldFile, from_held, held_files
from pipeline.ingest.files.unreadable import unreadable
from pipeline.ingest.files.views import Opened, View, with_head
from pipeline.ingest.identifiers.raw_columns import RawColumns, unused_of
from pipeline.ingest.known.translating import with_known_words
from pipeline.ingest.layout import Layout
from pipeline.ingest.mapping.files import views_for
from pipeline.ingest.mapping.grammar import FIRST, Block, Cell, FileMapping
from pipeline.ingest.mapping.lines import place_of
from pipeline.ingest.mapping.optional import left_out_whole, present_part, replaced_rows
from pipeline.ingest.mapping.other_files import alone, lookups_of, other_views
from pipeline.ingest.mapping.paths import starts_in
from pipeline.ingest.mapping.references import absent_columns, looked_at, reads
from pipeline.ingest.mapping.selects import Select, block_sql, column_of, spelled
from pipeline.ingest.mapping.stays import STAY
from pipeline.ingest.matching import Match
from pipeline.schema import TABLES
from pipeline.storage.quoting import name

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Use:
    """What one block reads of a raw file."""

    table: str
    columns: tuple[str, ...]
    looked_at: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """One block over one file, and what to tell of the lines that the file cannot fill."""

    block: Block
    view: View
    absent: tuple[str, ...]
    select: Select


@dataclass(frozen=True, slots=True)
class Made:
    """What a mapping made: (table, rows) in order, the faults met, what is to be told, and what it read of each raw
    file."""

    layouts: tuple[tuple[str, Layout], ...] = ()
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    raw: tuple[RawColumns, ...] = ()


def make(mapping: FileMapping, found: Opened, *, whole: bool = True) -> Made:
    """Every block of a mapping over the files it reads; `whole` where each must make what its table cannot do
    without."""
    layouts: list[tuple[str, Layout]] = []
    faults: list[str] = []
    notes: list[str] = []
    used: dict[str, list[Use]] = {}
    planned = list(planned_blocks(mapping, found, whole))
    queries = [one.select.sql for one in planned if isinstance(one, Planned)]
    held = held_files(found.con, [reading.layout for reading in found.readings.values()], queries)
    for one in planned:
        if isinstance(one, StructureError):
            faults.append(str(one))
        elif isinstance(one, tuple):
            notes += one
        else:
            try:
                made = make_block(mapping, one, found, held, len(layouts))
            except StructureError as fault:
                faults.append(str(fault))
                continue
            layouts.append((one.block.table, made))
            notes += (*one.absent, *made.notes)
            note_use(used, one.block, one.view, found)
    raw = [as_held(raw_columns(name, uses, found), held) for name, uses in used.items()]
    return Made(tuple(layouts), tuple(faults), tuple(dict.fromkeys(notes)), tuple(raw))


def planned_blocks(
    mapping: FileMapping, found: Opened, whole: bool
) -> Iterator[Planned | StructureError | tuple[str, ...]]:
    """What each block is to do with each file it reads, before a row is read: its query, or the fault met, or what is
    told where it does nothing."""
    for block in mapping.blocks:
        if absent := left_out_whole(block, found.views):
            yield absent
            continue
        try:
            views = views_for(block, found.views, mapping.text)
        except StructureError as fault:
            yield fault
            continue
        for view in views:
            try:
                layout = found.reading(view).layout
                kept, absent = present_part(block, layout, found)
                if whole and kept:
                    refuse_lacking(kept, layout, mapping.text)
                yield Planned(kept, view, absent, select_of(mapping, kept, found, layout)) if kept else absent
            except StructureError as fault:
                yield fault


def columns_read(mapping: FileMapping, found: Opened) -> dict[str, RawColumns]:
    """What every block would read of each file, without reading a row.  Raises StructureError for a file not there."""
    used: dict[str, list[Use]] = {}
    for block in [one for one in mapping.blocks if not left_out_whole(one, found.views)]:
        stood_in = [one.in_place_of for one in mapping.blocks if one.in_place_of]
        same = tuple(one.same for one in stood_in if one.block == block.label)
        for view in views_for(block, found.views, mapping.text):
            kept, _ = present_part(block, found.reading(view).layout, found)
            if kept:
                note_use(used, kept, view, found)
                used[view.name].append(Use(block.table, same, ()))
    for view in [view for view in found.views if view.name in used]:
        found.reading(view)
    return {called: raw_columns(called, uses, found) for called, uses in used.items()}


def note_use(used: dict[str, list[Use]], block: Block, view: View, found: Opened) -> None:
    """Which columns a block reads of its file, and of the files that it looks into."""
    columns = tuple(read.column for read in reads(block))
    used.setdefault(view.name, []).append(Use(block.table, columns, tuple(looked_at(block))))
    for cell in block.cells:
        if cell.lookup:
            kept = replace(block, cells=(replace(cell, lookup=None),))
            use = Use(block.table, alone(cell).columns, tuple(looked_at(kept)))
            for there in other_views(cell, found.views):
                used.setdefault(there.name, []).append(use)


def raw_columns(name: str, uses: Sequence[Use], found: Opened) -> RawColumns:
    """All uses of one file together."""
    layout = found.readings[name].layout
    spelled = {column.strip().lower(): column for column in layout.columns}
    wanted = dict.fromkeys(spelled.get(column.strip().lower(), "") for use in uses for column in use.looked_at)
    columns = [start for use in uses for column in use.columns for start in starts_in(column, spelled)]
    return RawColumns(
        uses[0].table, layout, tuple(filter(None, wanted)), unused_of(layout, columns), "a line of mapping.toml"
    )


def as_held(raw: RawColumns, held: Sequence[HeldFile]) -> RawColumns:
    """What is read of a file, looked at where it was put aside."""
    made = from_held([one for one in held if one.columns.issuperset(raw.looked_at)], raw.layout.relation())
    return raw if made == raw.layout.relation() else replace(raw, layout=replace(raw.layout, made=made, raw=True))


def select_of(mapping: FileMapping, block: Block, found: Opened, layout: Layout) -> Select:
    """The query of a block over one file.  Raises StructureError with the line of mapping.toml to change."""
    if faults := absent_columns(block, layout, mapping.text):
        raise StructureError("\n".join(faults))
    lookups = lookups_of(mapping, block, found)
    return block_sql(block, layout, mapping.ids, lookups, replaced_rows(mapping, block, layout, found))


def make_block(mapping: FileMapping, planned: Planned, found: Opened, held: Sequence[HeldFile], number: int) -> Layout:
    """One block over one file, written to a table.  Raises StructureError where the file cannot be read to its end."""
    block, layout = planned.block, found.reading(planned.view).layout
    select = planned.select.reading(held)
    table = name(f"made {number}")
    looked_through = select.by_row and select != planned.select
    write(found.con, "VIEW" if looked_through else "TABLE", table, select.sql, block, layout)
    columns = tuple(row[0] for row in found.con.execute(f"DESCRIBE {table}").fetchall() if row[0] != "_row")
    table, known = with_known_words(found.con, table, block)
    made = Layout(
        layout.path,
        columns,
        made=table,
        raw=True,
        numbered=select.numbered,
        first_row=layout.first_row,
        notes=(*left_out(found.con, block, layout, select), *taken_back(found.con, block, layout, select)),
        theirs=called_there(block),
        within=layout.within,
        known=known,
        lines={spelled(block.table, cell.key): words_stand_in(mapping, block, cell) for cell in block.cells},
    )
    return with_head(found.con, made)


def words_stand_in(mapping: FileMapping, block: Block, cell: Cell) -> str:
    """Where the words of a cell are translated: its list of [values], else its own line."""
    named = cell.values is not None and cell.values.name in mapping.values
    if cell.values and named and column_of(block.table, cell.key).kind != "day":
        listed = f"values.{cell.values.name}"
        return f"[{listed}] ({place_of(mapping.text, listed)})"
    return place_of(mapping.text, block.section, STAY if cell.start else cell.key)


def refuse_lacking(block: Block, layout: Layout, text: str) -> None:
    """Raises StructureError where no line makes a column that every row of the table needs."""
    made = {column_of(block.table, cell.key).name for cell in block.cells}
    made |= {"instrument_id", "score"} if block.surveys else set()
    lacking = [
        column for column in TABLES[block.table].columns if column.need == "required" and column.name not in made
    ]
    if lacking:
        what = "; ".join(f"{column.name}{f' ({column.meaning})' if column.meaning else ''}" for column in lacking)
        raise StructureError(
            f"{place_of(text, block.section)}: no line of this block says where {layout.label} has {what}; its columns"
            f" are {', '.join(layout.columns)}"
        )


def called_there(block: Block) -> dict[str, str]:
    """What the file calls the columns that ours were taken from as they are.

    Not of links: an id that is in `patients` is what it is there, whatever another file calls it.
    """
    links = {column for column, _ in TABLES[block.table].links}
    plain = [
        cell
        for cell in block.cells
        if len(cell.columns) == 1 and cell.how == FIRST and not cell.lookup and cell.key not in links
    ]
    return {spelled(block.table, cell.key): cell.columns[0] for cell in plain}


def write(con: duckdb.DuckDBPyConnection, kind: str, table: str, sql: str, block: Block, layout: Layout) -> None:
    """Writes a block's rows to a table of text, or makes a view of them.  Raises StructureError, without the engine's
    words, where its file cannot be read to the end."""
    import duckdb

    columns = [row[0] for row in con.execute(f"DESCRIBE {sql}").fetchall()]
    cells = ", ".join(
        name(column) if column == "_row" else f"CAST({name(column)} AS VARCHAR) AS {name(column)}" for column in columns
    )
    try:
        con.execute(f"CREATE TEMP {kind} {table} AS SELECT {cells} FROM ({sql}) AS made")
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as fault:
        raise StructureError(unreadable(Match(TABLES[block.table], layout, {}, None, ()), str(fault))) from None


def left_out(con: duckdb.DuckDBPyConnection, block: Block, layout: Layout, select: Select) -> tuple[str, ...]:
    """How many rows of a file its block left out by `only` and `leave_out`."""
    if not select.counted:
        return ()
    [(rows, kept)] = con.execute(select.counted).fetchall()
    by = ", ".join(dict.fromkeys([*(one.column for one in (*block.only, *block.leave_out)), *block.needs]))
    by = by or "another block stands in place of them"
    return (f"{layout.label}: {rows - kept:,} of {rows:,} rows left out of {block.table}, as mapping.toml says ({by})",)


def taken_back(con: duckdb.DuckDBPyConnection, block: Block, layout: Layout, select: Select) -> tuple[str, ...]:
    """How many lines of a file are reversals or what they reverse."""
    if not select.back:
        return ()
    [(lines,)] = con.execute(select.back).fetchall()
    return (f"{layout.label}: {lines:,} lines are reversals or taken back by one, and no row of {block.table}",)
