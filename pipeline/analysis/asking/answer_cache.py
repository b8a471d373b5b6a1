"""Answers that need not be made again: each family's rows, with what they were made from, found in the results before
these."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.results import RESULT_TABLES
from pipeline.store import connect
from pipeline.study import Study
from pipeline.watched import unchanged

if TYPE_CHECKING:
    import duckdb

TABLE = "CREATE TABLE families (family VARCHAR, made_from VARCHAR, choices VARCHAR, rows VARCHAR, seconds DOUBLE)"


@dataclass(frozen=True, slots=True)
class Answered:
    """What one family said, from what it was made, which choices it read and how long it took; kept where it was not
    asked again."""

    rows: Sequence[Any]
    made_from: str
    choices: Mapping[str, str]
    seconds: float
    kept: bool = False


def earlier_answers(path: Path | None, study: Study) -> dict[str, Answered]:
    """The families of an earlier results database whose choices still stand, by name; none where it cannot be read."""
    import duckdb

    if path is None or not path.exists():
        return {}
    try:
        con = connect(path, read_only=True)
    except duckdb.Error:
        return {}
    try:
        return {
            name: Answered(rows_of(con, json.loads(places)), made_from, json.loads(choices), seconds, kept=True)
            for name, made_from, choices, places, seconds in con.execute("SELECT * FROM families").fetchall()
            if unchanged(study, json.loads(choices))
        }
    except (duckdb.Error, TypeError):  # written by a version with other tables: everything is asked again
        return {}
    finally:
        con.close()


def rows_of(con: duckdb.DuckDBPyConnection, places: Mapping[str, tuple[int, int]]) -> list[Any]:
    """A family's rows of every table, by first row and number of rows."""
    found: list[Any] = []
    for table, (first, count) in places.items():
        kind = RESULT_TABLES[table]
        names = [field.name for field in fields(kind)]
        columns = ", ".join(f'"{name}"' for name in names)
        asked = f"SELECT {columns} FROM {table} WHERE rowid BETWEEN ? AND ? ORDER BY rowid"
        found += [
            kind(**dict(zip(names, row, strict=True)))
            for row in con.execute(asked, [first, first + count - 1]).fetchall()
        ]
    return found


def write_families(con: duckdb.DuckDBPyConnection, answered: Mapping[str, Answered]) -> None:
    """Which rows of the tables just written are whose, in the order in which they were written."""
    con.execute(TABLE)
    written = dict.fromkeys(RESULT_TABLES, 0)
    for name, one in answered.items():
        places = {}
        for table, kind in RESULT_TABLES.items():
            count = sum(type(row) is kind for row in one.rows)
            if count:
                places[table] = (written[table], count)
            written[table] += count
        con.execute(
            "INSERT INTO families VALUES (?, ?, ?, ?, ?)",
            [name, one.made_from, json.dumps(dict(one.choices)), json.dumps(places), one.seconds],
        )


def of_kind(rows: Iterable[Any], kind: type) -> list[Any]:
    return [row for row in rows if type(row) is kind]
