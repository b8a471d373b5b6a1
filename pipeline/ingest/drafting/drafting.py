"""Drafts mapping.toml from the raw folder: blocks in the order of our tables, lists of words, what holds everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.ingest.drafting.block_lines import Lines
from pipeline.ingest.drafting.drafts import Draft, DraftBlock, DraftList, Line, quoted
from pipeline.ingest.drafting.kinds import columns_of
from pipeline.ingest.drafting.seen import held, rows_of
from pipeline.ingest.drafting.sorting import Delivery, Sorted
from pipeline.ingest.drafting.word_lists import counted, drafted, list_name, translate
from pipeline.ingest.identifiers.raw_columns import is_label
from pipeline.schema import TABLES

MARKS = ("NA", "N/A", "#N/A", "NULL", "\\N", "NaN", ".")
TOGETHER = 3  # lines that one can say
READ = re.compile(r'"((?:[^"\\]|\\.)*)"|(?<=\{ )([A-Za-z_]+)(?= = )')  # columns within a line's value


def draft_of(known: Delivery) -> Draft:
    """The whole draft."""
    lines = Lines(known)
    blocks = [block(known, lines, one) for one in sorted(known.files, key=in_order)]
    return Draft(top(known), (*blocks, *programs(known)), tuple(lists(known, lines)))


def in_order(one: Sorted) -> tuple[int, str]:
    """Blocks stand in the order of our tables."""
    return list(TABLES).index(one.kind.table), one.group.label


def top(known: Delivery) -> tuple[Line, ...]:
    """What holds everywhere: how days are written, and cells that mean nothing."""
    columns = [
        column for one in known.files for column in one.file.columns if not is_label(column.column, one.file.layout)
    ]
    marks = sorted({cell for column in columns for cell, _ in column.words if cell in MARKS and not column.looks_like})
    made = [Line("dates", quoted(known.forms), "how most days are written")] if known.forms else []
    if marks:
        made.append(Line("missing", f"[{', '.join(map(quoted, marks))}]", "cells that mean nothing"))
    return tuple(made)


def block(known: Delivery, lines: Lines, one: Sorted) -> DraftBlock:
    """One file as a block."""
    made = tuple(lines.of(one))
    found = [text for line in made for pair in READ.findall(line.value) for text in pair]
    surveys = [column for survey in one.kind.surveys for column in survey.columns]
    used = {*found, *surveys, *lines.looked_into.get(one.group.label, ())}
    unread = [
        f"{column.column} ({held(column, known.threshold)})"
        for column in one.file.columns
        if column.column not in used and not is_label(column.column, one.file.layout)
    ]
    several = f"{len(one.group.readings)} files, " if len(one.group.readings) > 1 else ""
    why = f"{several}{rows_of(one.file.rows, known.threshold)}"
    why += "" if one.kind.sure else f"; {one.kind.table}? Not sure: which of our tables is it?"
    columns = tuple(column.column for column in one.file.columns)
    return DraftBlock(one.kind.table, one.group.label, why, as_called(one, made), tuple(unread), one.kind.sure, columns)


def as_called(one: Sorted, made: tuple[Line, ...]) -> tuple[Line, ...]:
    """The lines of a block, those of columns that are called as ours in one, where it would read no other column."""
    ours = {column.name: column.spellings for column in TABLES[one.kind.table].columns}
    called = {quoted(column.column): column.column.lower() for column in one.file.columns}
    same = [line for line in made if line.sure and called.get(line.value) in ours.get(line.key, ())]
    said = {spelling for line in made if line.sure for spelling in ours.get(line.key, ())}
    others = {spelling for spellings in ours.values() for spelling in spellings} & {*called.values()} - said
    if len(same) < TOGETHER or others:
        return made
    head = Line("as_called", "true", f"as ours: {', '.join(line.value for line in same)}")
    return (head, *(line for line in made if line not in same))


def programs(known: Delivery) -> Iterator[DraftBlock]:
    """Programs with their sites, where the file of stays names both."""
    for one in known.of("episodes"):
        site = columns_of(one.file, "programs").get("site")
        if site is not None and known.place and site.column != known.place:
            lines = (
                Line("program_id", quoted(known.place)),
                Line("site", quoted(site.column), held(site, known.threshold)),
            )
            yield DraftBlock("programs", one.group.label, "each program once", lines)


def lists(known: Delivery, lines: Lines) -> Iterator[DraftList]:
    """The lists of words that the lines name, to be filled in."""
    for called, columns in lines.used.items():
        codes = codes_of(called)
        yield drafted(called, translate(called, counted(columns), codes), codes, known.threshold)


def codes_of(called: str) -> tuple[str, ...]:
    """The codes that a list of words may lead to."""
    columns = [column for table in TABLES.values() for column in table.columns if list_name(column.name) == called]
    return next((column.allowed for column in columns if column.allowed), ("yes", "no"))
