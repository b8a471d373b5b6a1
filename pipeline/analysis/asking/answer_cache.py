"""Answers that need not be made again: each family's rows, with what they were made from, found in the results before
these."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.analysis.standing import Standing
from pipeline.results import RESULT_TABLES
from pipeline.store import connect, read_rows
from pipeline.study import Study
from pipeline.watched import unchanged

if TYPE_CHECKING:
    import duckdb

TABLE = (
    "CREATE TABLE families (family VARCHAR, made_from VARCHAR, choices VARCHAR, rows VARCHAR, seconds DOUBLE,"
    " standing VARCHAR, level DOUBLE)"
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What one family said by result table, from what it was made, which choices it read and how long it took; kept
    where it was not asked again.

    standing  how its answer stood before it was read; None where it carries no confirmatory one
    level     at which it was read
    """

    rows: Mapping[str, Sequence[Any]]
    made_from: str
    choices: Mapping[str, str]
    seconds: float
    kept: bool = False
    standing: Standing | None = None
    level: float | None = None


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
            name: Answered(
                rows=kept_rows(con, json.loads(places)),
                made_from=made_from,
                choices=json.loads(choices),
                seconds=seconds,
                standing=Standing(**json.loads(standing)) if standing else None,
                level=level,
                kept=True,
            )
            for name, made_from, choices, places, seconds, standing, level in con.execute(
                "SELECT * FROM families"
            ).fetchall()
            if unchanged(study, json.loads(choices))
        }
    except (
        duckdb.Error,
        TypeError,
        ValueError,
        KeyError,
    ):  # damaged, or written by a version with other tables: everything is asked again
        return {}
    finally:
        con.close()


def by_table(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """A family's rows as they will be stored: those of each result table in the order in which they were said."""
    names = {kind: name for name, kind in RESULT_TABLES.items()}
    found: dict[str, list[Any]] = {name: [] for name in RESULT_TABLES}
    for row in rows:
        found[names[type(row)]].append(row)
    return found


def kept_rows(con: duckdb.DuckDBPyConnection, places: Mapping[str, tuple[int, int]]) -> dict[str, Sequence[Any]]:
    """A family's rows of every table, by first row and number of rows."""
    return {
        table: read_rows(con, table, kind, *places[table]) if table in places else ()
        for table, kind in RESULT_TABLES.items()
    }


def write_families(con: duckdb.DuckDBPyConnection, answered: Mapping[str, Answered]) -> None:
    """Which rows of the tables just written are whose, in the order in which they were written."""
    con.execute(TABLE)
    written = dict.fromkeys(RESULT_TABLES, 0)
    noted: list[Any] = []
    for name, one in answered.items():
        places = {}
        for table in RESULT_TABLES:
            if count := len(one.rows[table]):
                places[table] = (written[table], count)
            written[table] += count
        noted += [
            name,
            one.made_from,
            json.dumps(dict(one.choices)),
            json.dumps(places),
            one.seconds,
            json.dumps(asdict(one.standing)) if one.standing else None,
            one.level,
        ]
    if noted:
        con.execute(f"INSERT INTO families VALUES {', '.join(['(?, ?, ?, ?, ?, ?, ?)'] * len(answered))}", noted)
