"""Which columns of a raw file a block reads, and what to say where the file has no such column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.ingest.known.new_names import new_name
from pipeline.ingest.layout import Layout
from pipeline.ingest.looks.people_words import names_of_people
from pipeline.ingest.mapping.claim_lines import NIGHT
from pipeline.ingest.mapping.grammar import FIRST, THERE, Block
from pipeline.ingest.mapping.lines import place_of
from pipeline.ingest.mapping.paths import leads_somewhere

DIGITS = 3  # letters of a ZIP code that may be kept


@dataclass(frozen=True, slots=True)
class Read:
    """A column that a line reads: the line's key, and the column as the line spells it."""

    key: str
    column: str


def reads(block: Block) -> Iterator[Read]:
    """Every column of the block's own file that one of its lines reads."""
    for rows in block.only:
        yield Read("only", rows.column)
    for rows in block.leave_out:
        yield Read("leave_out", rows.column)
    if block.in_place_of:
        yield Read("in_place_of", block.in_place_of.same)
    for key, columns in (("nights", nights_of(block)), ("reversed", reversed_of(block))):
        yield from (Read(key, column) for column in columns)
    for cell in [one for one in block.cells if one.how != THERE]:
        if cell.lookup:
            yield Read(cell.key, cell.lookup.ours)
        else:
            made = NIGHT if block.nights else ""
            yield from (Read(cell.key, column) for column in cell.columns if column != made)
    for survey in block.surveys:
        named = (*survey.items, *([survey.total] if survey.total else []), *(column for _, column in survey.subscales))
        yield from (Read(survey.instrument, column) for column in named)


def nights_of(block: Block) -> list[str]:
    """The columns that say which nights a row stands for."""
    given = block.nights
    return [column for column in (given.first, given.last, given.units) if column] if given else []


def reversed_of(block: Block) -> list[str]:
    """The columns that say which lines are taken back."""
    given = block.reversed
    return [column for column in (given.amount, given.bill_type, *given.same) if column] if given else []


def looked_at(block: Block) -> list[str]:
    """The columns whose words come through cut, joined or made into a code: what they were is seen in nothing made of
    them."""
    changed = [
        cell
        for cell in block.cells
        if cell.how == "join" or cell.code or cell.word or cell.after or cell.before or cell.first > DIGITS
    ]
    return [column for cell in changed if not cell.lookup for column in cell.columns]


def absent_columns(block: Block, layout: Layout, text: str) -> list[str]:
    """The faults of lines that read a column which the file does not have."""
    present = {column.strip().lower(): column for column in layout.columns}
    faults: dict[str, str] = {}
    for read in reads(block):
        if not leads_somewhere(read.column, present):
            faults.setdefault(read.key, absent(block, read, layout, text))
    return list(faults.values())


def absent(block: Block, read: Read, layout: Layout, text: str) -> str:
    """`mapping.toml, line 12: "DOB" is no column of Roster.csv (renamed to "Birth Date"?)`."""
    where = place_of(text, block.section, read.key)
    used = {one.column.strip().lower() for one in reads(block)}
    free = [column for column in layout.columns if column.strip().lower() not in used]
    near = new_name(block.table, read.key, [read.column], free)
    if names_of_people(layout.columns):
        return (
            f'{where}: "{read.column}" is no column of {layout.label}, whose first row does not look like column names'
        )
    both = f'["{read.column}", "{near}"]'
    several = "*" in block.file and read.key in {cell.key for cell in block.cells if cell.how == FIRST}
    told = f"write {both} in this line: the one that a file has is read" if several else "write that name in this line"
    meant = f'; is it "{near}" now? Then {told}' if near else ""
    columns = f"its columns are {', '.join(layout.columns)}" if not near else ""
    return f'{where}: {layout.label} has no column "{read.column}"{meant or f"; {columns}"}'
