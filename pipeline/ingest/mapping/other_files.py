"""The other raw files that a block's cells come from: one, the newest of several that carry a date, or all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.errors import StructureError
from pipeline.ingest.files.views import Opened, View
from pipeline.ingest.layout import Layout
from pipeline.ingest.mapping.files import date_in, named, newest, not_there
from pipeline.ingest.mapping.grammar import Block, Cell, FileMapping
from pipeline.ingest.mapping.lines import place_of
from pipeline.ingest.mapping.paths import leads_somewhere
from pipeline.ingest.mapping.references import absent_columns


def lookups_of(mapping: FileMapping, block: Block, found: Opened) -> Mapping[str, Sequence[Layout]]:
    """The files that a block's cells come from, by the cell's key."""
    return {cell.key: lookup_of(mapping, block, cell, found) for cell in block.cells if cell.lookup}


def lookup_of(mapping: FileMapping, block: Block, cell: Cell, found: Opened) -> list[Layout]:
    """The files that one cell comes from.  Raises StructureError where none is there, or none has the two columns."""
    views = other_views(cell, found.views)
    if not views and cell.lookup:
        where, said = place_of(mapping.text, block.section, cell.key), not_there(cell.lookup.file, found.views)
        raise StructureError(f"{where}: {said}; correct the name, put the file there, or put # before the line")
    layouts = [found.reading(view).layout for view in views]
    there = Block(block.table, block.label, block.file, (alone(cell),))
    if complete := [layout for layout in layouts if not absent_columns(there, layout, mapping.text)]:
        return complete
    raise StructureError("\n".join(absent_columns(there, layouts[0], mapping.text)))


def other_views(cell: Cell, views: Sequence[View]) -> list[View]:
    """The files that a cell looks into; of several whose names all carry a date, the newest."""
    there = named(cell.lookup.file, views) if cell.lookup else []
    dated = all(date_in(view.file.stem) for view in there)
    return [newest(there, "")] if len(there) > 1 and dated else there


def alone(cell: Cell) -> Cell:
    """The cell as the other file has it: its key's column and its own."""
    return replace(cell, lookup=None, columns=(cell.lookup.theirs, *cell.columns)) if cell.lookup else cell


def can_be_looked_up(cell: Cell, found: Opened) -> bool:
    """Whether one of the other files has every column that the cell needs there."""
    layouts = [found.reading(view).layout for view in other_views(cell, found.views)]
    known = [{column.strip().lower(): column for column in layout.columns} for layout in layouts]
    return any(all(leads_somewhere(column, columns) for column in alone(cell).columns) for columns in known)
