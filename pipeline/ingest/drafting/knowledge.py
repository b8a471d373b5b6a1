"""What files, columns and words are often called; it only ever drafts lines that a person then reads."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
LEFT_OUT = "(leave out)"  # of a word whose rows are no records of care


@dataclass(frozen=True, slots=True)
class Called:
    """One of our columns, and what exports call it."""

    table: str
    column: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of theirs, `*` standing for any letters, and our code."""

    column: str
    theirs: str
    ours: str

    def fits(self, cell: str) -> bool:
        """Whether a cell is this word, whatever its case."""
        parts = map(re.escape, self.theirs.lower().split("*"))
        return re.fullmatch(".*".join(parts), cell.strip().lower(), re.DOTALL) is not None


def rows(name: str) -> list[dict[str, str]]:
    with open(HERE / f"{name}.csv", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def called() -> tuple[Called, ...]:
    """Our columns by what they are called, in the order in which they are looked for."""
    return tuple(Called(row["table"], row["column"], re.compile(row["called"])) for row in rows("column_names"))


@cache
def words(column: str) -> tuple[Word, ...]:
    """The known words of a column, in the order in which a mapping tries them."""
    return tuple(Word(**row) for row in rows("value_words") if row["column"] == column)


@cache
def file_names() -> dict[str, re.Pattern[str]]:
    """What the files of a table are often called."""
    return {row["table"]: re.compile(row["called"]) for row in rows("file_names")}


def plain(name: str) -> str:
    """A column's name in small letters and single words: `# Prior Admissions`, `PriorAdmissions`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.findall(r"[a-z0-9]+", spaced.lower().replace("#", " no ")))
