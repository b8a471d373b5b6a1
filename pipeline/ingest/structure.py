"""Faults of the whole delivery: they stop the run before anything is replaced, and are told all at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from pipeline.errors import IdentifierError, StructureError
from pipeline.ingest.inputs import RawFile
from pipeline.ingest.matching import Match
from pipeline.schema import TABLES
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb

WOULD_LOSE = "besides, these files would lose:"
TO_LOOK_AT = "besides, of these rows nothing is lost; look at them all the same:"


def delivery_faults(
    tables: Iterable[str], unclaimed: Sequence[RawFile], study: Study, unfilled: Sequence[str] = ()
) -> list[str]:
    """Tables that are indispensable and absent, and study.toml sections for tables that do not exist.

    unfilled  tables of which the raw folder holds the empty template alone
    """
    tables = set(tables)
    faults = [
        f"study.toml [{section}.{name}]: there is no table of that name{near(name, TABLES)}"
        for section in ("columns", "codes")
        for name in getattr(study, section)
        if name not in TABLES
    ]
    stems = {file.stem: file.label for file in unclaimed}
    if "patients" not in tables and "patients" in unfilled:
        faults.append(
            'patients.csv is still an empty template, and no line of mapping.toml ([patients."their file"]) says which'
            " other file holds the people; fill it in, or add the line: every study needs one row per person"
        )
    elif "patients" not in tables:
        faults.append(
            f"there is no patients.csv in the raw folder{meant('patients', stems)}; every study needs one row per"
            " person"
        )
    if not {"sessions", "episodes"} & tables and {"sessions", "episodes"} & set(unfilled):
        faults.append(
            "sessions.csv and episodes.csv hold no row, and no line of mapping.toml reads them from another file; one"
            " of the two says who was in which care when"
        )
    elif not {"sessions", "episodes"} & tables:
        faults.append(
            f"there is neither sessions.csv nor episodes.csv in the raw folder{meant('sessions', stems)}; "
            "one of the two says who was in which care when"
        )
    return faults


def code_faults(study: Study) -> list[str]:
    """[codes.<table>.<column>] lines for a column we do not have, or that lead to a word outside its vocabulary."""
    faults = []
    for table in TABLES.values():
        columns = {spelling: column for column in table.columns for spelling in column.spellings}
        for column, words in study.codes.get(table.name, {}).items():
            if column not in columns:
                faults.append(
                    f"study.toml [codes.{table.name}.{column}]: {table.name} has no such column{near(column, columns)}"
                )
                continue
            allowed = columns[column].allowed
            faults += [
                f'study.toml [codes.{table.name}.{column}] maps to "{word}", which is none of ours{near(word, allowed)}'
                for word in dict.fromkeys(words.values())
                if allowed and word and word not in allowed
            ]
    return faults


def meant(table: str, stems: dict[str, str]) -> str:
    """A file whose name is close to the table's, as a hint."""
    close = difflib.get_close_matches(table, stems, n=1, cutoff=0.6)
    return f" (rename {stems[close[0]]} to {table}.csv?)" if close else ""


def near(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(known)}"


def day_faults(matches: Sequence[Match], study: Study) -> list[str]:
    """Days as numbers in one file and dates in another; dates where the regime allows none; no observation time without
    dates."""
    faults = []
    dated = [match.layout.label for match in matches if match.dates]
    numbered = [match.layout.label for match in matches if match.dates is False]
    if dated and numbered:
        faults.append(
            f"days are dates in {', '.join(dated)} and day numbers in {', '.join(numbered)}; "
            "write all of a study's days one way, they cannot be compared otherwise"
        )
    if dated and study.study.regime == "relative-days":
        faults.append(
            f'{", ".join(dated)}: dates are not allowed under [study] regime = "relative-days"; export day numbers'
            " from one origin per person (*_day columns), or name the regime that your agreement allows"
        )
    if numbered and not dated:
        faults += observation_faults(matches)
    return faults


def observation_faults(matches: Sequence[Match]) -> list[str]:
    """Under day numbers nobody can tell from the data when a person's observation began and ended."""
    return [
        f'{match.layout.label} has no column "{column}_day"; under day numbers every person needs the first and the'
        " last day on which services would have been seen"
        for match in matches
        if match.table.name == "patients"
        for column in ("observed_from", "observed_to")
        if f"{column}_day" not in match.cells
    ]


def zoned_days(con: duckdb.DuckDBPyConnection, match: Match) -> list[str]:
    """Days of a Parquet file that are instants with a time zone: they are read as the days of UTC on every machine."""
    if not match.layout.parquet:
        return []
    days = {
        match.cells[column.staged]
        for column in match.table.columns
        if column.kind == "day" and column.staged in match.cells
    }
    described = con.execute(f"DESCRIBE SELECT * FROM {match.layout.relation()}").fetchall()
    zoned = [row[0] for row in described if row[0] in days and "WITH TIME ZONE" in row[1]]
    return [
        f'{match.layout.label}: "{column}" holds instants with a time zone, read as days of UTC; an evening in America'
        " is the next day there: export plain dates"
        for column in zoned
    ]


def stop_on(
    faults: Sequence[str], identifiers: Sequence[str], lost: Sequence[str] = (), kept: Sequence[str] = ()
) -> None:
    """Raises everything that was found at once, where something stops the run: also what costs rows or cells (`lost`)
    and what costs nothing (`kept`)."""
    if not faults and not identifiers:
        return
    parts = []
    if identifiers:
        parts += [
            "the raw files hold what looks like a direct identifier; nothing was kept, and no value is shown:",
            *identifiers,
        ]
    if faults:
        parts += ["the raw files cannot be read as they are; nothing was replaced:", *faults]
    for head, lines in ((WOULD_LOSE, lost), (TO_LOOK_AT, kept)):
        parts += [head, *(f"  {line}" for line in lines)] if lines else []
    raise (IdentifierError if identifiers else StructureError)("\n".join(parts))
