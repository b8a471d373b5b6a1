"""Our words in mapping.toml: a line that leads to a word outside a column's vocabulary is refused where it stands."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from pipeline.ingest.cells.codes import BETWEEN
from pipeline.ingest.cells.convert import FALSE, TRUE
from pipeline.ingest.mapping.grammar import Block, Cell, FileMapping
from pipeline.ingest.mapping.selects import column_of
from pipeline.ingest.mapping.told import Where
from pipeline.schema import Column

Codes = Mapping[str, Mapping[str, Mapping[str, str]]]


def refuse_targets(mapping: FileMapping, codes: Codes) -> None:
    """Raises StudyError for a word that a line makes and no column that uses the line can hold.

    codes  study.toml's own translations, which come after the mapping: table -> column -> word -> ours
    """
    shared: dict[str, set[str]] = {}
    for block, cell, column in coded(mapping):
        if cell.values and cell.values.name:
            shared.setdefault(cell.values.name, set()).update(vocabulary(column, block, codes))
    for block, cell, column in coded(mapping):
        own = vocabulary(column, block, codes)
        line = Where(mapping.text, block.section, cell.key)
        for word in filter(None, (cell.constant, cell.default)):
            refuse(word, column, own, line)
        for theirs, word in cell.values.pairs if cell.values else ():
            name = cell.values.name if cell.values else ""
            where = Where(mapping.text, f"values.{name}", theirs) if name else line
            refuse(word, column, shared[name] if name else own, where)


def coded(mapping: FileMapping) -> Iterator[tuple[Block, Cell, Column]]:
    """The cells whose column has a closed vocabulary."""
    for block in mapping.blocks:
        for cell in block.cells:
            column = column_of(block.table, cell.key)
            if column.allowed or column.kind == "bool":
                yield block, cell, column


def vocabulary(column: Column, block: Block, codes: Codes) -> set[str]:
    """The words a column may hold, as they are compared."""
    later = codes.get(block.table, {}).get(column.name, {})
    return {bare(word) for word in (*(column.allowed or (*TRUE, *FALSE)), *later)}


def refuse(word: str, column: Column, known: set[str], where: Where) -> None:
    """Raises StudyError where a word is none of those known; an empty one leaves the cell empty."""
    if not word.strip() or bare(word) in known:
        return
    ours = column.allowed or ("true", "false")
    near = difflib.get_close_matches(word.lower(), ours, n=1, cutoff=0.7)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise where.error(f'{column.name} cannot be "{word}"; it is one of {", ".join(ours)}{hint}')


def bare(word: str) -> str:
    """A word as cells are compared with the vocabulary: without case and the blanks between its parts."""
    return re.sub(BETWEEN, r"\1", word.strip().lower())
