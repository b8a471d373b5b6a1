"""The SQL of one cell of a block, over the columns of its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.ingest.cells.convert import BLANKS
from pipeline.ingest.mapping.day_formats import any_date_sql, day_sql, moment_sql
from pipeline.ingest.mapping.grammar import Block, Cell, IdShape, Rows
from pipeline.ingest.mapping.keyed import keyed_sql
from pipeline.ingest.mapping.numbers import number_sql
from pipeline.ingest.mapping.paths import path_sql
from pipeline.ingest.mapping.stays import end_sql
from pipeline.ingest.mapping.value_lists import matches, translated
from pipeline.schema import Column
from pipeline.storage.quoting import literal, literals

NUMBERS = ("int", "num", "age")
AS_THEY_ARE = ("id", "code", "bool", "text", "zip3", "period")
YES = "('1', 'true', 'yes', 'y', 'x', 'checked')"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the SQL of a block's cells.

    columns  theirs in lower case -> as the file spells them
    looked   our cell's key -> SQL of the value found in another file
    prefix   of their columns, where several relations are in sight
    """

    block: Block
    columns: Mapping[str, str]
    ids: Mapping[str, IdShape]
    looked: Mapping[str, str]
    prefix: str = ""

    def theirs(self, column: str) -> str:
        """A cell of theirs, without blanks around it; NULL where it is empty or a mark for missing."""
        return tidy(self.cell(column), self.block.missing)

    def cell(self, column: str) -> str:
        """A cell of theirs as it came."""
        return path_sql(column, self.columns, self.prefix)

    def ours(self, cell: Cell, column: Column) -> str:
        """The cell as one of our columns."""
        if cell.constant is not None:
            return literal(cell.constant)
        if self.as_it_is(cell, column):
            return self.cell(cell.columns[0])
        made = self.looked.get(cell.key) or self.value(cell)
        made = cut(made, cell)
        if cell.values and cell.how != "checked":
            made = translated(made, cell.values)
        if cell.start is not None:
            return end_sql(made, self.ours(cell.start, column), cell)
        made = self.shaped(made, cell, column)
        if cell.code:
            made = f"NULLIF(trim(regexp_replace(lower({made}), '[^a-z0-9]+', '_', 'g'), '_'), '')"
        later = cell.values and cell.values.known  # its default waits until its words are known
        return f"COALESCE({made}, {literal(cell.default)})" if cell.default and not later else made

    def as_it_is(self, cell: Cell, column: Column) -> bool:
        """Whether a cell goes on untouched: loading takes blanks and a spreadsheet's `.0` off it anyway."""
        plain = cell == Cell(cell.key, cell.columns) and len(cell.columns) == 1
        return plain and column.kind in AS_THEY_ARE and not self.block.missing and column.name not in self.ids

    def value(self, cell: Cell) -> str:
        """What a cell is made of, before it is translated."""
        given = [self.theirs(column) for column in cell.columns]
        formats = cell.dates or self.block.dates
        match cell.how:
            case "year":
                return f"CAST(year({any_date_sql(given[0], formats)}) AS VARCHAR)"
            case "age":
                born, then = (any_date_sql(one, formats) for one in given)
                return f"CAST(date_diff('year', {born}, {then}) - {before_birthday(born, then)} AS VARCHAR)"
            case "minutes":
                start, end = (moment_sql(one, formats) for one in given)
                return f"CAST(date_diff('minute', {start}, {end}) AS VARCHAR)"
            case "code_of":
                return keyed_sql(given[0], cell.secret)
            case "join":
                return f"NULLIF(concat_ws({literal(cell.joined_with)}, {', '.join(given)}), '')"
            case "any":
                tests = [matches(one, pattern) for one in given for pattern in cell.like]
                known = " OR ".join(f"{one} IS NOT NULL" for one in given)
                return f"CASE WHEN {' OR '.join(tests)} THEN 'true' WHEN {known} THEN 'false' END"
            case "checked":
                boxes = zip(given, cell.values.pairs if cell.values else (), strict=True)
                cases = [f"WHEN lower({box}) IN {YES} THEN {literal(ours)}" for box, (_, ours) in boxes]
                return f"CASE {' '.join(cases)} END"
            case _:
                return given[0] if len(given) == 1 else f"COALESCE({', '.join(given)})"

    def shaped(self, made: str, cell: Cell, column: Column) -> str:
        """The cell as its column is read: an ISO day, a plain number, an id as it is spelled everywhere."""
        if column.kind == "day" and not cell.key.endswith("_day"):
            return day_sql(made, cell.dates or self.block.dates)
        if column.kind in NUMBERS and cell.how != "age":
            return number_sql(made, cell.decimal or self.block.decimal, cell.unit, cell.times)
        if column.kind == "id" and column.name in self.ids:
            return id_sql(made, self.ids[column.name])
        return made

    def kept(self, only: tuple[Rows, ...], leave_out: tuple[Rows, ...]) -> str:
        """SQL that is TRUE where a row counts."""
        tests = [f"({self.holds(rows)})" for rows in only]
        tests += [f"NOT COALESCE({self.holds(rows)}, FALSE)" for rows in leave_out]
        return " AND ".join(tests) or "TRUE"

    def holds(self, rows: Rows) -> str:
        cell = tidy(self.cell(rows.column), ())
        return " OR ".join(matches(cell, pattern) for pattern in rows.cells)


def tidy(cell: str, missing: tuple[str, ...]) -> str:
    """A raw cell without blanks around it; NULL where nothing is left, or a mark that stands for missing."""
    text = f"NULLIF(trim({cell}, {literal(BLANKS)}), '')"
    return f"CASE WHEN {text} NOT IN ({literals(missing)}) THEN {text} END" if missing else text


def cut(made: str, cell: Cell) -> str:
    """The part of a cell that counts: behind a mark, before one, one of its words, its first letters."""
    if cell.after:
        made = f"NULLIF(split_part({made}, {literal(cell.after)}, -1), '')"
    if cell.before:
        made = f"NULLIF(trim(split_part({made}, {literal(cell.before)}, 1)), '')"
    if cell.word:
        made = f"NULLIF(split_part({made}, ' ', {cell.word}), '')"
    return f"left({made}, {cell.first})" if cell.first else made


def id_sql(made: str, shape: IdShape) -> str:
    """An id as it is spelled in every file: a spreadsheet's `101.0` is 101."""
    number = f"ends_with({made}, '.0') AND TRY_CAST({made} AS DOUBLE) IS NOT NULL"
    made = f"CASE WHEN {number} THEN left({made}, -2) ELSE {made} END"
    if shape.upper:
        made = f"upper({made})"
    padded = f"CASE WHEN length({made}) < {shape.pad} THEN lpad({made}, {shape.pad}, '0') ELSE {made} END"
    return padded if shape.pad else made


def before_birthday(born: str, then: str) -> str:
    """1 where the birthday of that year is still to come."""
    return f"CASE WHEN strftime({then}, '%m%d') < strftime({born}, '%m%d') THEN 1 ELSE 0 END"
