"""Holds every table that Spark built against DuckDB's, row by row on its grain."""

import duckdb

from pipeline.warehouse.build import table_queries
from pipeline.warehouse.grain import declared_grain

CLOSE = 1e-12  # relative: sums come in another order


def differences(con: duckdb.DuckDBPyConnection, one: str, other: str, names: list[str]) -> dict[str, str]:
    """What differs between two schemas, by table; nothing where every row is the same."""
    queries = table_queries()
    found = {
        name: difference(con, f"{one}.{name}", f"{other}.{name}", declared_grain(name, queries[name])) for name in names
    }
    return {name: words for name, words in found.items() if words}


def difference(con: duckdb.DuckDBPyConnection, one: str, other: str, grain: tuple[str, ...]) -> str:
    """Other columns or types, rows that only one has, and cells that differ; empty where there are none."""
    shapes = [con.execute(f"DESCRIBE {table}").fetchall() for table in (one, other)]
    if shapes[0] != shapes[1]:
        return f"columns differ: {sorted(set(shapes[0]) ^ set(shapes[1]))}"
    on = " AND ".join(f"a.{column} IS NOT DISTINCT FROM b.{column}" for column in grain)
    alone = [
        con.execute(f"SELECT count(*) FROM {a} AS a ANTI JOIN {b} AS b ON {on}").fetchall()[0][0]
        for a, b in ((one, other), (other, one))
    ]
    cells = ", ".join(f"count(*) FILTER (WHERE {differs(column, kind)})" for column, kind, *_ in shapes[0])
    [counts] = con.execute(f"SELECT {cells} FROM {one} AS a JOIN {other} AS b ON {on}").fetchall()
    named = {column: count for (column, *_), count in zip(shapes[0], counts, strict=True) if count}
    return f"rows on one side alone {alone}, cells {named}" if any(alone) or named else ""


def differs(column: str, kind: str) -> str:
    """SQL that is TRUE where two cells are not the same."""
    a, b = f'a."{column}"', f'b."{column}"'
    if kind not in ("DOUBLE", "FLOAT"):
        return f"{a} IS DISTINCT FROM {b}"
    return f"({a} IS NULL) <> ({b} IS NULL) OR abs({a} - {b}) > {CLOSE} * greatest(1, abs({a}))"
