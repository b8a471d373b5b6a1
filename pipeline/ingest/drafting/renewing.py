"""Next month's files beside the mapping that stands: what is new is added, what changed is told, nothing goes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.errors import StructureError
from pipeline.ingest.cells.convert import FALSE, TRUE
from pipeline.ingest.drafting.drafts import Draft, DraftBlock, beside, quoted_key
from pipeline.ingest.drafting.profiles import Profile
from pipeline.ingest.drafting.seen import flat, held, rows_of
from pipeline.ingest.drafting.sorting import Delivery, Sorted
from pipeline.ingest.identifiers.raw_columns import is_label
from pipeline.ingest.known.knowledge import code_for
from pipeline.ingest.mapping.files import named, views_for
from pipeline.ingest.mapping.grammar import THERE, Block, FileMapping, Values
from pipeline.ingest.mapping.lines import HEADER, line_of
from pipeline.ingest.mapping.optional import with_those_there
from pipeline.ingest.mapping.references import absent_columns
from pipeline.schema import TABLES


@dataclass(frozen=True, slots=True)
class Addition:
    """A line to be added at the end of a section, or behind one of its lines, and what is said of it."""

    section: str
    key: str
    line: str
    said: str


def renewed(text: str, draft: Draft, mapping: FileMapping, known: Delivery) -> tuple[str, tuple[str, ...]]:
    """The mapping's text with what is new, and what is to be told."""
    read = list(pairs_of(mapping, known))
    told = [*files_gone(mapping, known)]
    told += [
        fault
        for block, one in read
        for fault in absent_columns(with_those_there(block, one.file.layout)[0], one.file.layout, mapping.text)
    ]
    additions = list(dict.fromkeys([*new_columns(text, read, known), *new_words(text, read, known)]))
    for addition in additions:
        text = with_line(text, addition)
    new = new_blocks(draft, mapping, {one.group.label for _, one in read})
    for block in new:
        lists = [one for one in draft.lists if one.name not in mapping.values and f'"{one.name}"' in block.text()]
        text = "\n\n".join([text.rstrip(), block.text(), *(one.text() for one in lists)]) + "\n"
    told += [addition.said for addition in additions]
    told += [f"{block.label} is new: drafted as {block.table}" for block in new]
    return text, tuple(dict.fromkeys(told))


def files_gone(mapping: FileMapping, known: Delivery) -> Iterator[str]:
    """The files that a block reads and that did not come; those that may be absent say nothing."""
    views = [reading.view for one in known.files for reading in one.group.readings]
    for block in mapping.blocks:
        try:
            if not block.optional:
                views_for(block, views, mapping.text)
        except StructureError as fault:
            yield str(fault)


def new_blocks(draft: Draft, mapping: FileMapping, standing: set[str]) -> list[DraftBlock]:
    """Blocks of files that no line of the mapping reads."""
    looked_into = {cell.lookup.file.lower() for block in mapping.blocks for cell in block.cells if cell.lookup}
    mentioned = [block for block in draft.blocks if f'"{block.label}"]' in mapping.text]  # also commented out
    return [
        block
        for block in draft.blocks
        if block.label not in standing and block.label.lower() not in looked_into and block not in mentioned
    ]


def pairs_of(mapping: FileMapping, known: Delivery) -> Iterator[tuple[Block, Sorted]]:
    """Every block with the files that it reads."""
    for block in mapping.blocks:
        for one in known.files:
            if named(block.file, [reading.view for reading in one.group.readings]):
                yield block, one


def new_columns(text: str, read: Sequence[tuple[Block, Sorted]], known: Delivery) -> Iterator[Addition]:
    """Columns that the mapping does not mention, not even as not read."""
    for block, one in read:
        items = {item for survey in block.surveys for item in survey.items}
        as_called = {column for cell in block.cells if cell.how == THERE for column in cell.columns}
        for column in one.file.columns:
            mentioned = column.column in text or column.column in items or column.column.lower() in as_called
            if not mentioned and not is_label(column.column, one.file.layout):
                seen = f"{column.column} ({held(column, known.threshold)})"
                said = f"{one.file.view.file.label} has a new column: {column.column}"
                yield Addition(block.section, "", f"# not read: {seen}", said)


def new_words(text: str, read: Sequence[tuple[Block, Sorted]], known: Delivery) -> Iterator[Addition]:
    """Words that a list of values does not translate."""
    for block, one in read:
        for key, columns, values in lists_of(block):
            for column in one.file.columns:
                if column.column.lower() in columns and column.is_list:
                    yield from words_of(text, block, key, values, column, known.threshold)


def lists_of(block: Block) -> Iterator[tuple[str, set[str], Values]]:
    """Each list that a block uses, with its line and the columns it translates."""
    for cell in block.cells:
        if cell.values and cell.how != "checked" and not (cell.after or cell.before or cell.word or cell.first):
            yield cell.key, {column.lower() for column in cell.columns}, cell.values
    for survey in block.surveys:
        if survey.answers:
            yield survey.instrument, {item.lower() for item in survey.items}, survey.answers


def words_of(text: str, block: Block, key: str, values: Values, column: Profile, threshold: int) -> Iterator[Addition]:
    """The words of one column that no line of its list names; rows that the block leaves out say nothing new."""
    out = [cell for rows in block.leave_out if rows.column.lower() == column.column.lower() for cell in rows.cells]
    named = [*(theirs for theirs, _ in values.pairs), *out, *block.missing, *ours_of(block, key)]
    section = f"values.{values.name}" if line_of(text, f"values.{values.name}") else block.section
    place = "" if section.startswith("values.") else key
    for cell, count in column.words:
        code = code_for(values.known, cell) if values.known else None
        entry = f'{quoted_key(cell)} = ""'
        if any(fits(theirs, cell) for theirs in named) or entry in text or (code is not None and flat(cell) in text):
            continue
        seen = f"{column.column}, {rows_of(count, threshold)}"
        if code is not None:
            line = f"# {flat(cell)} = {code or '(empty)'}, as carelevels knows it ({seen})"
            yield Addition(block.section, key, line, f"{seen}: a new word that carelevels knows, see [{block.section}]")
            continue
        ask = f"# {entry}" if place == "" or not values.known else f'# values = [{{ {entry} }}, "known"]'
        said = f"{column.column} holds a word that nothing translates, see [{section}]: {rows_of(count, threshold)}"
        yield Addition(section, place, beside(ask, f"{seen}: what is it?"), said)


def ours_of(block: Block, key: str) -> Sequence[str]:
    """The codes of ours that a line may hold, and what is read as yes and no: they need no translation."""
    column = next((one for one in TABLES[block.table].columns if key in (one.name, *one.spellings)), None)
    if column is None:
        return ()
    return column.allowed or ((*TRUE, *FALSE) if column.kind == "bool" else ())


def fits(theirs: str, cell: str) -> bool:
    """Whether a cell is a word as a mapping spells it, `*` standing for any letters."""
    pattern = ".*".join(map(re.escape, theirs.lower().split("*")))
    return re.fullmatch(pattern, cell.strip().lower(), re.DOTALL) is not None


def with_line(text: str, addition: Addition) -> str:
    """The text with a line at the end of its section, or behind the line of its key."""
    lines = text.splitlines()
    place = line_of(text, addition.section, addition.key)
    if not addition.key:
        while place < len(lines) and not HEADER.fullmatch(lines[place]):
            place += 1
        while place and not lines[place - 1].strip():
            place -= 1
    return "\n".join([*lines[:place], addition.line, *lines[place:]]) + "\n"
