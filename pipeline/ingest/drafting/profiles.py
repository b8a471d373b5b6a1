"""What the columns of a raw file hold: how many cells, which words how often, days of which shape."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.ingest.cells.convert import BLANKS
from pipeline.ingest.files.views import View
from pipeline.ingest.known.knowledge import plain
from pipeline.ingest.layout import Layout
from pipeline.ingest.looks.day_shapes import DayShape, day_shape
from pipeline.ingest.looks.header_words import called_like
from pipeline.ingest.looks.judging import cells_of, judged_undeclared
from pipeline.ingest.looks.people_words import hold_names
from pipeline.storage.quoting import literal, name

if TYPE_CHECKING:
    import duckdb

FEW = 40  # different cells up to which a column is a list of words
MANY = 11  # rows: of so many that are all different nobody would make a list
FREE_TEXT = "free text"
MOST = 1_000  # different cells that are looked at
NUMBER = re.compile(r"[-+]?[0-9]+([.,][0-9]+)?")


@dataclass(frozen=True, slots=True)
class Profile:
    """One column of a raw file.

    words       its cells by how often, where they are few; without the first spelling's case mattering
    different   how many different cells there are
    looks_like  the kind of identifier that its cells, or its name, look like; such a column's cells are never shown
    ids         True where its cells are ids of people or stays, or it is called an id; nor are these
    doubt       what nothing in the file says of it, as a question to a person
    """

    column: str
    rows: int
    filled: int
    different: int
    words: tuple[tuple[str, int], ...]
    sample: tuple[str, ...]
    days: DayShape | None
    looks_like: str
    ids: bool = False
    doubt: str = ""

    @property
    def is_list(self) -> bool:
        """Whether its cells are words of a list; where each row has its own, they may be anybody's id."""
        each_its_own = self.different == self.filled >= MANY
        return 0 < self.different <= FEW and not (each_its_own or self.looks_like or self.ids)

    @property
    def numeric(self) -> bool:
        """Whether its cells are numbers."""
        return bool(self.sample) and all(NUMBER.fullmatch(cell) for cell in self.sample)


@dataclass(frozen=True, slots=True)
class FileProfile:
    """One view of the raw folder and its columns."""

    view: View
    layout: Layout
    rows: int
    columns: tuple[Profile, ...]

    def column(self, called: str) -> Profile:
        return next(one for one in self.columns if one.column == called)


def profiled(con: duckdb.DuckDBPyConnection, view: View, layout: Layout) -> FileProfile:
    """Every column of a file, in one pass for the counts and one for each list of words."""
    con.execute("DROP TABLE IF EXISTS temp.main.profiled")
    cells = ", ".join(
        f"NULLIF(trim(CAST({name(column)} AS VARCHAR), {literal(BLANKS)}), '') AS {name(column)}"
        for column in layout.columns
    )
    con.execute(f"CREATE TEMP TABLE profiled AS SELECT {cells} FROM {layout.relation()}")
    [(rows,)] = con.execute("SELECT count(*) FROM profiled").fetchall()
    columns = tuple(profile(con, column, rows) for column in layout.columns)
    return FileProfile(view, layout, rows, columns)


def profile(con: duckdb.DuckDBPyConnection, column: str, rows: int) -> Profile:
    cell = name(column)
    [(filled, different)] = con.execute(f"SELECT count({cell}), count(DISTINCT {cell}) FROM profiled").fetchall()
    counted = con.execute(
        f"SELECT {cell}, count(*) FROM profiled WHERE {cell} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST}"
    ).fetchall()
    sample = tuple(text for text, _ in counted)
    words = tuple(counted) if different <= FEW else ()
    looks_like, ids = looks(column, sample), called_an_id(column)
    return Profile(column, rows, filled, different, words, sample, day_shape(sample), looks_like, ids)


def called_an_id(column: str) -> bool:
    """Whether a column's name says that each of its cells names one person, stay or visit; a program is no secret."""
    called = plain(column)
    return called != "program id" and re.search(r"\b(id|uuid|guid|token|mrn|key)$", called) is not None


def looks(column: str, sample: Sequence[str]) -> str:
    """The kind of identifier that a column holds; empty where it holds none."""
    cells, called = cells_of(list(sample), MOST), called_like(column)
    found = judged_undeclared(cells, called, False)
    kinds = [*found.plain, *found.likely, *(kind for kind in found.told if kind == FREE_TEXT)]
    if not kinds and hold_names(sample):
        kinds.append("names of people")
    return kinds[0].rstrip(",") if kinds else ""
