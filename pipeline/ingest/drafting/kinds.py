"""Which of our tables a raw file is, by what its columns are called and what they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.ingest.drafting.profiles import FileProfile, Profile
from pipeline.ingest.drafting.survey_columns import Found, instruments_in
from pipeline.ingest.known.knowledge import Called, called, file_names, plain
from pipeline.schema import TABLES

LEAST = 3.0  # points that make a file one of our tables
OF_SURVEYS = 3.0  # points of an instrument's columns
OF_NAME = 1.5
SAYS_LITTLE = ("patient_id", "level_of_care", "program_id")  # columns that files of every kind have


@dataclass(frozen=True, slots=True)
class Kind:
    """A file as one of our tables: our column -> theirs, the instruments found, and how sure that is."""

    table: str
    points: float
    columns: Mapping[str, Profile]
    surveys: tuple[Found, ...] = ()

    @property
    def sure(self) -> bool:
        return self.points >= LEAST


def kind_of(file: FileProfile) -> Kind:
    """The table whose columns a file has most of."""
    surveys = tuple(instruments_in(file))
    kinds = [as_table(file, table, surveys) for table in TABLES]
    return max(kinds, key=lambda kind: kind.points)


def as_table(file: FileProfile, table: str, surveys: Sequence[Found]) -> Kind:
    """How much speaks for one table."""
    columns = columns_of(file, table)
    points = sum(1.0 for column in columns if column not in SAYS_LITTLE)
    points += LEAST * (file.view.file.table == table)
    named = file_names().get(table)
    points += OF_NAME if named and named.search(plain(file.view.file.stem)) else 0.0
    if table == "assessments":
        points += OF_SURVEYS * bool(surveys)
        return Kind(table, points, columns, tuple(surveys))
    lacking = [one for one in TABLES[table].columns if one.need == "required" and one.kind == "day"]
    points -= sum(one.name not in columns for one in lacking)
    return Kind(table, points, columns)


def columns_of(file: FileProfile, table: str) -> dict[str, Profile]:
    """Our columns that a file seems to have, each of theirs once, days only where days are: first those that are called
    as ours, then those that are called as exports often do."""
    found: dict[str, Profile] = {}
    taken: set[str] = set()
    kinds = {column.name: column.kind for column in TABLES[table].columns}
    for one in (*as_ours(table), *called()):
        if one.table != table or one.column in found:
            continue
        fits = [
            column
            for column in file.columns
            if column.column not in taken
            and column.filled
            and one.pattern.fullmatch(plain(column.column))
            and (kinds[one.column] != "day" or column.days)
        ]
        if fits:
            found[one.column] = fits[0]
            taken.add(fits[0].column)
    return found


@cache
def as_ours(table: str) -> tuple[Called, ...]:
    """The columns of a table by their own names."""
    return tuple(
        Called(table, column.name, re.compile("|".join(plain(spelling) for spelling in column.spellings)))
        for column in TABLES[table].columns
    )
