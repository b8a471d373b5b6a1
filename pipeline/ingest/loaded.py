"""A table as it came, and where each of its rows stands in the raw files."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.schema import Column, Table

ORIGIN = "origin"  # the column of the row in the raw file, where a mapping or a reader left some out
MARKED = "~"  # before a column's name in `unread`: its cell held a word for missing


@dataclass(frozen=True, slots=True)
class Part:
    """One file's rows within loaded.<table>: rowid `start` is its row `first_row`, or the row that `origin` says.

    `raw_name` is the file's own name where `file` says more, such as a table of a database.
    Before the rows whose places stand in `blank_before` there is a blank line, which a person counts and the engine
    does not.
    """

    file: str
    bytes: int
    start: int
    rows: int
    first_row: int
    origin: Callable[[int], int] | None = None
    blank_before: tuple[int, ...] = ()
    raw_name: str = ""

    def seen_as(self, row: int) -> int:
        """The row number that a person sees, of a row id."""
        if self.origin:
            return self.origin(row)
        place = row - self.start
        return place + self.first_row + bisect_right(self.blank_before, place)

    @property
    def hashed_as(self) -> str:
        """The file's name among the input hashes."""
        return self.file if self.file.startswith("sources/") else f"raw/{self.raw_name or self.file}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A table as it came: its files in order, whether its text was kept, how its days are written, and the columns that
    hold words for missing."""

    table: Table
    parts: tuple[Part, ...]
    as_text: bool
    dates: bool | None
    columns: tuple[str, ...]
    marked: tuple[str, ...] = ()
    lines: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)

    def translated_in(self, column: Column) -> str:
        """Where a person says what a file's own codes mean: in the lines of mapping.toml that make the column, or in
        study.toml."""
        line = self.lines.get(column.staged)
        here = f"[codes.{self.table.name}.{column.name}] in study.toml"
        if not line:
            return here
        inline = f'values = [{{ "their word" = "our code" }}, "known"] in {line}'
        listed = line if line.startswith("[values.") else inline
        return f"{listed}; carelevels map writes each word that is new there, for you to fill in"

    def source_file(self, base: int, row: str) -> str:
        """SQL of a row's index into staging.files, whose first entry for this table is `base`."""
        return self.by_part([str(base + place) for place in range(len(self.parts))], row)

    def source_row(self, row: str) -> str:
        """SQL of the row number a person sees in the file."""
        return self.by_part([numbered(part, row) for part in self.parts], row)

    def place(self, row: int) -> tuple[str, int]:
        """The file and the row number a person sees, of a row id."""
        part = next(part for part in self.parts if row < part.start + part.rows)
        return part.file, part.seen_as(row)

    def by_part(self, values: Sequence[str], row: str) -> str:
        """SQL that differs by file; no CASE where there is one file."""
        if len(values) == 1:
            return values[0]
        cases = [
            f"WHEN {row} < {part.start + part.rows} THEN {text}" for part, text in zip(self.parts, values, strict=True)
        ]
        return f"CASE {' '.join(cases)} END"


def numbered(part: Part, row: str) -> str:
    """SQL of the row number that a person sees in one file."""
    if part.origin:
        return ORIGIN
    number = f"{row} + {part.first_row - part.start}"
    if not part.blank_before:
        return number
    counts = Counter(part.blank_before)
    blank = " + ".join(
        f"CASE WHEN {row} >= {part.start + place} THEN {count} ELSE 0 END" for place, count in counts.items()
    )
    return f"{number} + {blank}"
