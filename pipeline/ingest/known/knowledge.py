"""What files, columns and words are often called: for drafts that a person then reads, and lines that ask for it."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
LEFT_OUT = "(leave out)"  # of a word whose rows are no records of care
NOT = re.compile(r"\b(no|not|non|never|without|cannot|didn.?t|wasn.?t)\b")
LIST_OF = {  # columns that share one list of words
    "level_of_care": "level",
    "recommended_level": "level",
    "destination_level": "level",
    "race_ethnicity": "race",
    "referral_source": "referral",
}


@dataclass(frozen=True, slots=True)
class Called:
    """One of our columns, and what exports call it."""

    table: str
    column: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of theirs and our code; `*` stands for any letters, the first one for whole words."""

    column: str
    theirs: str
    ours: str

    def fits(self, cell: str) -> bool:
        """Whether a cell is this word, whatever its case; `Unknown` is no `*own*`, `not completed` no `*complet*`."""
        cell = cell.strip().lower()
        denied = "*" in self.theirs and NOT.search(cell) and not NOT.search(self.theirs.replace("*", " "))
        return not denied and pattern(self.theirs).fullmatch(cell) is not None


@cache
def pattern(theirs: str) -> re.Pattern[str]:
    """A word with its stars as a pattern."""
    whole, rest = (r"(?:.*[^a-z0-9])?", theirs[1:]) if theirs.startswith("*") else ("", theirs)
    return re.compile(whole + ".*".join(map(re.escape, rest.lower().split("*"))), re.DOTALL)


def rows(name: str) -> list[dict[str, str]]:
    with open(HERE / f"{name}.csv", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def called() -> tuple[Called, ...]:
    """Our columns by what they are called, in the order in which they are looked for."""
    return tuple(Called(row["table"], row["column"], re.compile(row["called"])) for row in rows("column_names"))


@cache
def words(column: str) -> tuple[Word, ...]:
    """The known words of a column, in the order in which they are tried; columns of one list have the same."""
    same = {one for one in LIST_OF if LIST_OF[one] == LIST_OF.get(column, column)} | {column}
    return tuple(Word(**row) for row in rows("value_words") if row["column"] in same)


def code_for(column: str, cell: str) -> str | None:
    """Our code for a word of a column: "" where it means nothing to us, `(leave out)` where its rows are no records of
    care; None where no list of ours knows it."""
    found = word_for(column, cell)
    return None if found is None else found.ours


def word_for(column: str, cell: str) -> Word | None:
    """The first known word of a column that a cell fits."""
    return next((one for one in words(column) if one.fits(cell)), None)


@cache
def file_names() -> dict[str, re.Pattern[str]]:
    """What the files of a table are often called."""
    return {row["table"]: re.compile(row["called"]) for row in rows("file_names")}


def plain(name: str) -> str:
    """A column's name in small letters and single words: `# Prior Admissions`, `PriorAdmissions`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.findall(r"[a-z0-9]+", spaced.lower().replace("#", " no ")))
