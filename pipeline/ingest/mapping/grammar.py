"""What mapping.toml can say, as frozen dataclasses; nothing here reads a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FIRST = "first filled"  # how a cell comes from its columns, unless it says otherwise
THERE = "first there"  # of a line at the top of mapping.toml: the first of these columns that a file has


@dataclass(frozen=True, slots=True)
class Values:
    """A list of translations: their cell = our code.

    pairs   in the order written; `*` in a cell stands for any letters, "" for an empty cell, "*" alone for all others
    name    as mapping.toml calls the list; empty where it stands within the line
    known   the column whose known words come after them; empty where none do
    """

    pairs: tuple[tuple[str, str], ...]
    name: str = ""
    known: str = ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where a value lies in another file: the row of `file` whose column `theirs` equals our column `ours`."""

    file: str
    theirs: str
    ours: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of a block: how one of our columns is made.

    key      our column as the line spells it
    columns  theirs; what is done with several says `how`: the first filled, year, age, minutes, any, join, checked;
             first there; code_of: a code made with the study's own `secret`
    start    of a length of stay: the day it is counted from
    """

    key: str
    columns: tuple[str, ...] = ()
    how: str = FIRST
    constant: str | None = None
    lookup: Lookup | None = None
    values: Values | None = None
    dates: tuple[str, ...] = ()
    decimal: str = ""
    unit: str = ""
    times: float = 1.0
    after: str = ""
    before: str = ""
    word: int = 0
    first: int = 0
    code: bool = False
    joined_with: str = "-"
    like: tuple[str, ...] = ()
    default: str = ""
    start: Cell | None = None
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Survey:
    """One instrument of a survey file in wide form: its item columns in order, its total, or both.

    answers  their answers as numbers, where they are words
    lowest   the smallest answer as the file codes it, where that is not the instrument's own
    reverse  items that count the other way round; none: those that the instrument declares
    """

    instrument: str
    items: tuple[str, ...] = ()
    total: str = ""
    subscales: tuple[tuple[str, str], ...] = ()
    answers: Values | None = None
    lowest: float | None = None
    reverse: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows of a file count: those whose column holds one of these cells."""

    column: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nights:
    """A row that stands for several nights: from its first day on as many as its units, else up to its last day."""

    first: str
    last: str = ""
    units: str = ""


@dataclass(frozen=True, slots=True)
class Reversed:
    """How a file takes lines back: by an amount below zero or a bill type that ends in 8, for the line that is the
    same."""

    amount: str
    bill_type: str
    same: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InPlace:
    """Another block of the same table, and the column of both files: of what a row here stands for, no row there."""

    block: str
    same: str


@dataclass(frozen=True, slots=True)
class Block:
    """One [table."file"] of mapping.toml: one raw file, or several of the same shape, as rows of one of our tables.

    label  as the block is headed: the file, unless one of its lines names another
    needs  our columns without which a row does not count
    """

    table: str
    label: str
    file: str
    cells: tuple[Cell, ...]
    surveys: tuple[Survey, ...] = ()
    sheet: str = ""
    newest: bool = False
    optional: bool = False
    only: tuple[Rows, ...] = ()
    leave_out: tuple[Rows, ...] = ()
    nights: Nights | None = None
    reversed: Reversed | None = None
    needs: tuple[str, ...] = ()
    in_place_of: InPlace | None = None
    missing: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    decimal: str = "."

    @property
    def section(self) -> str:
        """How messages find its lines."""
        return f"{self.table}.{self.label}"


@dataclass(frozen=True, slots=True)
class IdShape:
    """How the cells of an id are made one and the same in every file."""

    upper: bool = False
    pad: int = 0


@dataclass(frozen=True, slots=True)
class FileMapping:
    """The whole of mapping.toml; `text` is what it was read from, for the lines that messages name."""

    blocks: tuple[Block, ...] = ()
    ids: Mapping[str, IdShape] = field(default_factory=dict)
    values: Mapping[str, Values] = field(default_factory=dict)
    text: str = ""

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables it makes, each once."""
        return tuple(dict.fromkeys(block.table for block in self.blocks))
