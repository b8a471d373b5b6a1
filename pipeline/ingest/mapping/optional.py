"""Blocks with `optional = true`: a file that is not there leaves the block out, a column that is not there its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.ingest.files.views import Opened, View
from pipeline.ingest.layout import Layout
from pipeline.ingest.mapping.claim_lines import known_lines, with_night
from pipeline.ingest.mapping.expressions import Writer
from pipeline.ingest.mapping.files import named
from pipeline.ingest.mapping.grammar import FIRST, THERE, Block, Cell, FileMapping, Survey
from pipeline.ingest.mapping.other_files import can_be_looked_up
from pipeline.ingest.mapping.paths import leads_somewhere
from pipeline.ingest.mapping.selects import rows_that_count
from pipeline.schema import TABLES


def left_out_whole(block: Block, views: Sequence[View]) -> tuple[str, ...]:
    """What to tell of a block whose file may be absent, and is."""
    if not block.optional or named(block.file, views):
        return ()
    return (f'no raw file is called "{block.file}": the block of {block.table} for it is left out, as it is optional',)


def present_part(block: Block, layout: Layout, found: Opened) -> tuple[Block | None, tuple[str, ...]]:
    """The block without the lines that this file cannot fill, and what to tell of them; whole where it is not optional,
    None where the file has no column of those that say which rows count."""
    block = with_shared(block, layout)
    if not block.optional:
        return with_those_there(block, layout)
    columns = {column.strip().lower(): column for column in layout.columns}
    if not all(leads_somewhere(rows.column, columns) for rows in block.only):
        asked = ", ".join(rows.column for rows in block.only)
        return None, (f"{layout.label} has no {asked}, so none of its rows is one of {block.table}",)
    block = known_lines(block, columns)
    columns = dict(with_night(block, columns))
    cells = tuple(filter(None, (with_columns(cell, columns, found) for cell in block.cells)))
    surveys = tuple(filter(None, (answered(survey, columns) for survey in block.surveys)))
    leave_out = tuple(rows for rows in block.leave_out if leads_somewhere(rows.column, columns))
    lost = sorted({cell.key for cell in block.cells} - {cell.key for cell in cells})
    lost += sorted({survey.instrument for survey in block.surveys} - {survey.instrument for survey in surveys})
    if needed := [key for key in lost if needs(block, key)] or (
        ["any of its scales"] if scaleless(block, surveys) else []
    ):
        return None, (
            f"{layout.label} has nothing for {', '.join(needed)}, so none of its rows is one of {block.table}",
        )
    told = f"{layout.label}: nothing there fills {', '.join(lost)} of {block.table}, and mapping.toml lets it be absent"
    return replace(block, cells=cells, surveys=surveys, leave_out=leave_out), (told,) if lost else ()


def with_those_there(block: Block, layout: Layout) -> tuple[Block, tuple[str, ...]]:
    """The block whose lines that name several columns, the first that is filled, name those that the file has."""
    columns = {column.strip().lower(): column for column in layout.columns}
    cells, told = [], []
    for cell in block.cells:
        there = tuple(column for column in cell.columns if leads_somewhere(column, columns))
        some = cell.how == FIRST and not cell.lookup and 0 < len(there) < len(cell.columns)
        cells.append(replace(cell, columns=there) if some else cell)
        if some:
            gone = ", ".join(f'"{column}"' for column in cell.columns if column not in there)
            told.append(
                f"{layout.label} has no {gone}: {cell.key} of {block.table} is read from {', '.join(there)} there"
            )
    return replace(block, cells=tuple(cells)), tuple(told)


def with_shared(block: Block, layout: Layout) -> Block:
    """The block whose ids are those of the lines at the top of mapping.toml: the first column that the file has."""
    columns = {column.strip().lower() for column in layout.columns}
    cells = []
    for cell in block.cells:
        there = [column for column in cell.columns if cell.how != THERE or column.strip().lower() in columns]
        if cell.how != THERE:
            cells.append(cell)
        elif there:
            cells.append(replace(cell, columns=(there[0],), how=FIRST))
    return replace(block, cells=tuple(cells))


def replaced_rows(mapping: FileMapping, block: Block, layout: Layout, found: Opened) -> list[str]:
    """Tests that are FALSE where a row of another block stands in place of a row of this one."""
    mine = Writer(block, {column.strip().lower(): column for column in layout.columns}, {}, {}, "r.")
    tests = []
    for other in mapping.blocks:
        if other.table != block.table or not other.in_place_of or other.in_place_of.block != block.label:
            continue
        same = other.in_place_of.same
        for view in named(other.file, found.views):
            there = found.reading(view).layout
            kept, _ = present_part(other, there, found)
            if kept and leads_somewhere(same, mine.columns):
                theirs = Writer(kept, {column.strip().lower(): column for column in there.columns}, {}, {}, "t.")
                rows = f"FROM {there.relation()} AS t WHERE {rows_that_count(theirs)}"
                key = theirs.theirs(same)
                tests.append(f"COALESCE({mine.theirs(same)} NOT IN (SELECT {key} {rows} AND {key} IS NOT NULL), TRUE)")
    return tests


def needs(block: Block, key: str) -> bool:
    """Whether a row of the table is nothing without this column."""
    return any(
        column.need == "required" for column in TABLES[block.table].columns if key in (column.name, *column.spellings)
    )


def scaleless(block: Block, surveys: Sequence[Survey]) -> bool:
    """Whether the block is one of scores, and neither names a scale that the file has nor the column that does."""
    return block.table == "assessments" and not surveys and all(cell.key != "instrument_id" for cell in block.cells)


def with_columns(cell: Cell, columns: Mapping[str, str], opened: Opened) -> Cell | None:
    """A line with those of its columns that are there, else its default; None where it cannot be filled."""
    if cell.constant is not None:
        return cell
    if cell.lookup:
        return cell if leads_somewhere(cell.lookup.ours, columns) and can_be_looked_up(cell, opened) else None
    found = tuple(column for column in cell.columns if leads_somewhere(column, columns))
    whole = cell.how in ("age", "minutes", "checked")
    if found == cell.columns:
        return cell
    if found and not whole:
        return replace(cell, columns=found)
    return replace(cell, columns=(), constant=cell.default) if cell.default else None


def answered(survey: Survey, columns: Mapping[str, str]) -> Survey | None:
    """A survey with those of its columns that are there, its items together or not at all; None where none is."""
    items = survey.items if all(leads_somewhere(item, columns) for item in survey.items) else ()
    total = survey.total if leads_somewhere(survey.total, columns) else ""
    subscales = tuple(pair for pair in survey.subscales if leads_somewhere(pair[1], columns))
    return replace(survey, items=items, total=total, subscales=subscales) if items or total or subscales else None
