"""What one row of a table stands for: read from the head of its SQL, and enforced."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.errors import BuildError

if TYPE_CHECKING:
    import duckdb

GRAIN = re.compile(r"^-- grain: one row per (?P<columns>.+)$", re.MULTILINE)


def declared_grain(name: str, sql: str) -> tuple[str, ...]:
    """The columns of `-- grain: one row per a, b and c`.  Raises BuildError where the head has no such line."""
    found = GRAIN.search(sql)
    if found is None:
        raise BuildError(f'{name}.sql in pipeline/warehouse has no line "-- grain: one row per …" in its head; add one')
    return tuple(re.split(r", | and ", found["columns"].strip()))


def check_grain(con: duckdb.DuckDBPyConnection, name: str, grain: tuple[str, ...]) -> None:
    """Raises BuildError where a table repeats its grain; says how often, never which.

    Rows alike have one hash, and numbers are counted faster than words; two rows of one hash are looked at themselves.
    """
    [(alike,)] = con.execute(counted_hashes(name, grain)).fetchall()
    if alike:
        [(_, repeated)] = con.execute(counted_grain(name, grain)).fetchall()
        refuse_repeated(name, grain, repeated)


def counted_hashes(name: str, grain: tuple[str, ...]) -> str:
    """SQL of how many rows of a table have a hash of its grain that stands there already: 0 where none is repeated."""
    return f"SELECT COUNT(*) - COUNT(DISTINCT HASH({', '.join(grain)})) FROM {name}"


def counted_grain(name: str, grain: tuple[str, ...]) -> str:
    """SQL, for any engine, of a table's rows, and of how many values of its grain it repeats."""
    return (
        "SELECT COALESCE(SUM(alike), 0) AS n, COUNT(CASE WHEN alike > 1 THEN 1 END) AS repeated "
        f"FROM (SELECT COUNT(*) AS alike FROM {name} GROUP BY {', '.join(grain)}) AS counted"
    )


def refuse_repeated(name: str, grain: tuple[str, ...], repeated: int) -> None:
    """Raises BuildError where some value of the grain is repeated."""
    if repeated:
        raise BuildError(
            f"table {name} should have one row per {' and '.join(grain)}, but {repeated:,} of them are repeated; "
            f"check the key of the tables that {name}.sql in pipeline/warehouse reads"
        )
