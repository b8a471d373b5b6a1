"""Looks for identifiers in what was loaded and in columns that will be dropped; says column and kind, never a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import duckdb

from pipeline.ingest.loading import Loaded, distinct_cells
from pipeline.ingest.matching import Match, showable
from pipeline.ingest.quoting import literal, literals, name
from pipeline.ingest.values import (
    ANY,
    ANY_IN_CODES,
    DATE,
    DEA,
    MBI,
    MBI_LENGTHS,
    MBI_SHARE,
    NAME_SHAPED,
    NPI,
    PERSON,
    PHONE,
    PHONE_PLAIN,
    SSN_PLAIN,
    VIN,
    ZIP,
    column_shape,
    is_free_text,
    is_record_number,
)
from pipeline.schema import Column

SAMPLE = 4000
# Codes of five and of ten digits are their business: ZIP, phone and other bare digits mean nothing there.
BILLING = (
    "cpt_hcpcs",
    "revenue_code",
    "pos",
    "condition_code",
    "bill_type",
    "apc",
    "primary_dx",
    "asam_level",
    "instrument_id",
    "subscale",
)
MAY_NAME_A_PLACE = ("site", "program_id")  # ids of houses, not of people
TO_DO = "remove it from the export; nothing of it is shown here"


def declared_faults(con: duckdb.DuckDBPyConnection, loaded: Loaded, regime: str) -> list[str]:
    """Identifiers in the columns that ingest keeps: ids against few patterns, codes against all, numbers and days
    against none."""
    files = ", ".join(part.file for part in loaded.parts)
    present = [column for column in loaded.table.columns if column.staged in loaded.columns]
    found: dict[str, list[str]] = {column.name: [] for column in present}
    table = f"loaded.{loaded.table.name}"
    ids = [column.name for column in present if column.kind == "id"]
    for name_of, kind in hits(con, table, ids, ANY):
        found[name_of].append(kind)
    for column in present:
        if column.kind == "id":
            found[column.name] += id_shapes(con, table, column.name)
        elif column.kind == "code":
            found[column.name] += code_shapes(con, table, column, regime)
        elif column.kind == "zip3" and loaded.as_text:
            found[column.name] += long_zips(con, loaded, column.name)
    return told(files, {f'"{column}"': kinds for column, kinds in found.items()})


def hits(
    con: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], patterns: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """(column, kind) for every pattern that some cell matches, found in one pass over all rows."""
    asked = [(column, kind, mark, pattern) for column in columns for kind, (mark, pattern) in patterns.items()]
    if not asked:
        return
    tests = [
        f"bool_or(CASE WHEN contains({name(column)}, {literal(mark)}) THEN regexp_matches({name(column)},"
        f" {literal(pattern)}) END)"
        for column, _, mark, pattern in asked
    ]
    [answers] = con.execute(f"SELECT {', '.join(tests)} FROM {table}").fetchall()
    yield from ((column, kind) for (column, kind, _, _), answer in zip(asked, answers, strict=True) if answer)


def id_shapes(con: duckdb.DuckDBPyConnection, table: str, column: str) -> list[str]:
    """Medicare numbers, and names of people where the id is a person's."""
    cell = name(column)
    lengths = ", ".join(map(str, MBI_LENGTHS))
    [(as_long, alike)] = con.execute(
        f"SELECT count(*), count(*) FILTER (WHERE regexp_full_match({cell}, {literal(MBI)})) FROM {table} "
        f"WHERE strlen({cell}) IN ({lengths}) AND ascii({cell}) BETWEEN 49 AND 57"
    ).fetchall()
    found = ["Medicare beneficiary numbers"] if alike > MBI_SHARE * as_long else []
    if column not in MAY_NAME_A_PLACE:
        found += column_shape(first_cells(con, table, cell), (PERSON, NAME_SHAPED))
    return found


def first_cells(con: duckdb.DuckDBPyConnection, table: str, cell: str) -> list[str]:
    """Distinct cells of a column's first rows."""
    return [
        one
        for (one,) in con.execute(
            f"SELECT DISTINCT {cell} FROM (SELECT {cell} FROM {table} WHERE {cell} IS NOT NULL "
            f"LIMIT {5 * SAMPLE}) AS first_rows LIMIT {SAMPLE}"
        ).fetchall()
    ]


def code_shapes(con: duckdb.DuckDBPyConnection, table: str, column: Column, regime: str) -> list[str]:
    """Every pattern over the distinct codes of a column; of a closed vocabulary only what lies outside it."""
    cell = name(column.staged)
    known = distinct_cells(con, table, column.staged, SAMPLE)
    cells = first_cells(con, table, cell) if known is None else [one for one in known if one not in column.allowed]
    if not cells:
        return []
    patterns = {**ANY_IN_CODES, **ANY} if column.name in BILLING else {**ANY_IN_CODES, **ANY, **PHONE}
    if known is None:
        found = [kind for _, kind in hits(con, table, [column.staged], patterns)]
    else:
        found = [kind for kind, (_, pattern) in patterns.items() if any(re.search(pattern, one) for one in cells)]
    bare = () if column.name in BILLING else (ZIP, SSN_PLAIN, PHONE_PLAIN, NPI, DEA, VIN)
    dates = (DATE,) if regime == "relative-days" and column.name not in BILLING else ()
    found += column_shape(cells, (PERSON, NAME_SHAPED, *bare, *dates))
    outside = f" WHERE {cell} NOT IN ({literals(column.allowed)})" if column.allowed else ""
    [(rows,)] = con.execute(f"SELECT count({cell}) FROM {table}{outside}").fetchall()
    return [*found, "free text"] if is_free_text(cells, rows) else found


def long_zips(con: duckdb.DuckDBPyConnection, loaded: Loaded, column: str) -> list[str]:
    """ZIP codes of more than three digits where three are allowed."""
    [(found,)] = con.execute(
        f"SELECT bool_or(regexp_full_match({name(column)}, '[0-9]{{5}}(-?[0-9]{{4}})?')) "
        f"FROM loaded.{loaded.table.name}_text"
    ).fetchall()
    return ["ZIP codes of five digits; the first three are enough"] if found else []


def undeclared_faults(con: duckdb.DuckDBPyConnection, match: Match, regime: str) -> list[str]:
    """Identifiers in columns that would only be dropped: whoever sends them may not know, and the file must not stay as
    it is."""
    if not match.undeclared:
        return []
    cells = ", ".join(f"CAST({name(column)} AS VARCHAR) AS {name(column)}" for column in match.undeclared)
    rows = f"(SELECT {cells} FROM {match.layout.relation()})"
    try:
        found: dict[str, list[str]] = {column: [] for column in match.undeclared}
        for column, kind in hits(con, f"{rows} AS r", match.undeclared, {**ANY_IN_CODES, **ANY, **PHONE}):
            found[column].append(kind)
        [(count,)] = con.execute(f"SELECT count(*) FROM {rows} AS r").fetchall()
        sample = con.execute(
            f"SELECT * FROM {rows} AS r USING SAMPLE reservoir({SAMPLE} ROWS) REPEATABLE (1)"
        ).fetchall()
    except duckdb.Error:  # the file cannot be read to its end, which loading tells
        return []
    for place, column in enumerate(match.undeclared):
        given = [row[place].strip() for row in sample if row[place] and row[place].strip()]
        found[column] += undeclared_shapes(given, count, regime)
    return told(
        match.layout.label,
        {
            f'"{column}"' if showable(match.layout) else "a column (its name is not shown)": kinds
            for column, kinds in found.items()
        },
    )


def told(label: str, found: Mapping[str, Sequence[str]]) -> list[str]:
    """One sentence per column and kind; never a value."""
    return [
        f"{label}: {column} holds what looks like {kind}; {TO_DO}"
        for column, kinds in found.items()
        for kind in dict.fromkeys(kinds)
    ]


def undeclared_shapes(given: Sequence[str], rows: int, regime: str) -> list[str]:
    """What the cells of an undeclared column look like as a whole."""
    cells = list(dict.fromkeys(given))
    dates = (DATE,) if regime == "relative-days" else ()
    found = column_shape(cells, (PERSON, ZIP, SSN_PLAIN, PHONE_PLAIN, NPI, DEA, VIN, *dates))
    if len(cells) >= 0.5 * len(given):  # as good as one per person
        found += column_shape(cells, (NAME_SHAPED,))
    mbi = [cell for cell in cells if len(cell) in MBI_LENGTHS]
    if mbi and sum(bool(re.fullmatch(MBI, cell)) for cell in mbi) > MBI_SHARE * len(mbi):
        found.append("Medicare beneficiary numbers")
    if len(cells) == len(given) and is_record_number(cells, rows):
        found.append("record numbers")
    return found
