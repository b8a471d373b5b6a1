"""Repeated keys: the same row twice is dropped and counted, two different rows under one key are both set apart."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipeline.ingest.files.places import places_in
from pipeline.ingest.loaded import Loaded
from pipeline.ingest.report import Breach
from pipeline.storage.quoting import literal, name

MAY_BE_EMPTY = ("subscale", "control_outcome")  # parts of a key that are empty where they do not apply
FIRST_COUNTS = ("assessments",)  # one row per administration: the first one stands


def leave_out_repeats(con: duckdb.DuckDBPyConnection, loaded: Loaded) -> list[Breach]:
    """Notes duplicates in loaded.<table>_left_out and conflicts in loaded.<table>_breach; the breaches to tell.

    Whether any key repeats is decided on 64-bit hashes of the keys, which need little memory: equal counts of rows and
    hashes prove that none does; only otherwise are the keys themselves compared.
    """
    table = loaded.table
    if not table.key:
        return exact_repeats(con, loaded)
    key = [f"COALESCE({name(column)}, '')" if column in MAY_BE_EMPTY else name(column) for column in table.key]
    given = " AND ".join(f"{name(column)} IS NOT NULL" for column in table.key if column not in MAY_BE_EMPTY)
    rows = not_forgotten(loaded)
    [(count, distinct)] = con.execute(
        f"SELECT count(*), count(DISTINCT hash({', '.join(key)})) FROM {rows} AS r WHERE {given}"
    ).fetchall()
    if count == distinct:
        return []
    compare_repeats(con, loaded, rows, key, given)
    con.execute(
        f"INSERT INTO loaded.{table.name}_left_out SELECT row, 'duplicate', '' FROM loaded.repeats WHERE repeated"
    )
    breaches = [*conflicts(con, loaded)]
    con.execute("DROP TABLE loaded.repeats")
    return breaches


def not_forgotten(loaded: Loaded) -> str:
    """The rows that are not left out already, with their row id as `row`."""
    table = f"loaded.{loaded.table.name}"
    return f"(SELECT r.rowid AS row, r.* FROM {table} AS r ANTI JOIN {table}_left_out AS gone ON gone.row = r.rowid)"


def compare_repeats(con: duckdb.DuckDBPyConnection, loaded: Loaded, rows: str, key: Sequence[str], given: str) -> None:
    """loaded.repeats: every row whose key occurs again; is it a mere repeat, and does its key hold different
    content?"""
    content = ", ".join(name(column) for column in loaded.columns)
    named = ", ".join(f"{part} AS key_{place}" for place, part in enumerate(key))
    keys = ", ".join(f"key_{place}" for place in range(len(key)))
    same = "" if loaded.table.name in FIRST_COUNTS else ", content"
    con.execute(f"""
        CREATE TABLE loaded.repeats AS
        WITH keyed AS (SELECT row, {named}, hash({content}) AS content FROM {rows} AS r WHERE {given}),
        again AS (SELECT {keys} FROM keyed GROUP BY {keys} HAVING count(*) > 1)
        SELECT row, row > min(row) OVER (PARTITION BY {keys}{same}) AS repeated,
               min(content) OVER (PARTITION BY {keys}) <> max(content) OVER (PARTITION BY {keys}) AS differs
        FROM keyed SEMI JOIN again USING ({keys})""")


def conflicts(con: duckdb.DuckDBPyConnection, loaded: Loaded) -> list[Breach]:
    """Keys under which rows differ: the first row of an administration stands, of anything else none does."""
    table = loaded.table
    key = " and ".join(table.key)
    if table.name in FIRST_COUNTS:
        rule, severity, where = "repeated_on_one_day", "repeat", "differs AND repeated"
        sentence = f"repeat a {key} with other content"
        advice = "which one is right? The first of each counts, and these are duplicates"
    else:
        rule, severity, where = "conflicting_key", "quarantine", "differs AND NOT repeated"
        sentence, advice = (
            f"share their {key} with a row that says something else",
            "nobody can tell which one is right: export it once",
        )
    found = places_in(con, loaded, f"SELECT row FROM loaded.repeats WHERE {where}")
    if not found.rows:
        return []
    if severity == "quarantine":
        con.execute(
            f"INSERT INTO loaded.{table.name}_breach SELECT row, {literal(sentence)} FROM loaded.repeats WHERE {where}"
        )
    return [Breach(table.name, rule, severity, sentence, found.rows, found.first, advice, found.files, found.lines)]


def exact_repeats(con: duckdb.DuckDBPyConnection, loaded: Loaded) -> list[Breach]:
    """Rows of a table without a key that repeat another exactly: kept, because two equal amounts can both be true, and
    told."""
    cells = ", ".join(name(column) for column in loaded.columns)
    rows = not_forgotten(loaded)
    again = f"SELECT row, row > min(row) OVER (PARTITION BY hash({cells})) AS repeated FROM {rows} AS r"
    [(count, distinct)] = con.execute(f"SELECT count(*), count(DISTINCT hash({cells})) FROM {rows} AS r").fetchall()
    if count == distinct:
        return []
    found = places_in(con, loaded, f"SELECT row FROM ({again}) AS r WHERE repeated")
    return [
        Breach(
            loaded.table.name,
            "exact_repeat",
            "warning",
            "repeat another row exactly",
            count - distinct,
            found.first,
            "they were kept; if the export joined twice, export it again",
            found.files,
            found.lines,
        )
    ]
