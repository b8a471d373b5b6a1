"""Single cells that look like an identifier in a column of another form: found by the database, judged one by one.

The rule.  Of an id, a cell is a stray where it looks like an identifier and is written unlike the others: in length, in
kinds of letters, or as a word among codes with digits.  Of a code, which may be any word, it must also be of one or two
people while the others are of many.  A stray stops the run, with its file and row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from pipeline.ingest.identifiers.undeclared import test as matches
from pipeline.ingest.loaded import Loaded
from pipeline.ingest.looks.forms import DIGIT, ODD, OTHERS, Form, form_of
from pipeline.ingest.looks.judging import Cells, normal
from pipeline.ingest.looks.patterns import patterns
from pipeline.ingest.looks.strays import (
    NAME,
    OF_BILLING,
    OF_CODES,
    OF_EVENTS,
    OF_IDS,
    OF_PLACES,
    OF_SITES,
    Look,
    kind_of,
    stands_out,
    usual_cells,
    without_weak,
)
from pipeline.ingest.report import SHOWN_PLACES
from pipeline.schema import Column
from pipeline.storage.quoting import literal, literals, name

ENOUGH = 200  # cells that give a column its form
REPEATS = 100  # digits in a row up to which more are looked for: the engine counts no further than a thousand
MOST = 5_000  # cells of another form that are looked at
PEOPLE = 2  # of whom a code is that may be one of theirs alone
ROWS = 20  # from which on a code of one or two people is rare
EVENTS = ("session_id", "episode_id")
PLACES = {"program_id": OF_PLACES, "site": OF_SITES, "public_label": OF_PLACES}


def strays(con: duckdb.DuckDBPyConnection, loaded: Loaded, column: Column, cells: Cells, *, billing: bool) -> list[str]:
    """What single cells of a column look like, each with its rows, in words; nothing of what they hold."""
    looks = looks_at(column, billing)
    tokens = column.kind == "id" or column.name in PLACES
    if not (tokens or cells.distinct or cells.cut):  # every code is one that the study declares
        return []
    sample = (*cells.distinct[:: 1 + len(cells.distinct) // ENOUGH], *column.allowed)
    form = form_of(usual_cells(sample, looks), OTHERS if tokens else 1)
    if tokens:
        found = [] if form is None else unlike(con, loaded, column, form)
        if len(found) > ODD * len(cells.distinct):  # the first rows may be of one form and later ones of another
            later = [text for text, _ in found]
            form = form_of(usual_cells((*sample, *later[:: 1 + len(later) // ENOUGH]), looks))
            found = unlike(con, loaded, column, form) if form else []
    else:
        judged = set(cells.distinct)  # without codes that the study declares
        found = [one for one in rare(con, loaded, column) if cells.cut or normal(one[0]) in judged]
    told: dict[str, Look] = {}
    for cell in dict.fromkeys(normal(text) for text, _ in found):
        look = kind_of(cell, looks)
        if look and (is_word_of(column, look, billing) or (form and stands_out(cell, look, form))):
            told[cell] = look
    told = without_weak(told, len(cells.distinct))
    rows: dict[str, list[int]] = {}
    for text, row in found:
        if look := told.get(normal(text)):
            rows.setdefault(look.kind, []).append(row)
    return [f"{kind} in {where(loaded, places)}, unlike the rest of the column" for kind, places in rows.items()]


def looks_at(column: Column, billing: bool) -> tuple[Look, ...]:
    """What a column of this use is looked at for."""
    if column.name in PLACES:
        return PLACES[column.name]
    if column.kind == "id":
        return OF_EVENTS if column.name in EVENTS else OF_IDS
    return OF_BILLING if billing else OF_CODES


def is_word_of(column: Column, look: Look, billing: bool) -> bool:
    """Whether a name needs no other form than the rest: codes are words, and a rare one that is a name is enough."""
    return look.kind == NAME.kind and column.kind == "code" and not billing


def unlike(con: duckdb.DuckDBPyConnection, loaded: Loaded, column: Column, form: Form) -> list[tuple[str, int]]:
    """The different cells that are written in another way, each with its first row."""
    cell = name(column.staged)
    wanted = [*form.always, *([(DIGIT,)] if form.digits else [])]
    tests = [f"regexp_matches({cell}, {a_class(group)})" for group in wanted]
    tests.append(f"NOT regexp_matches({cell}, {a_class(form.allowed, no=True)})")
    if form.number < REPEATS:
        tests.append(f"NOT regexp_matches({cell}, '[0-9]{{{form.number + 1}}}')")
    alike = " AND ".join([f"length({cell}) BETWEEN {form.shortest} AND {form.longest}", *tests])
    return listed(con, f"SELECT {cell}, min(rowid) FROM loaded.{loaded.table.name} WHERE NOT ({alike}) GROUP BY 1")


def a_class(signs: Sequence[str], *, no: bool = False) -> str:
    """A regular expression of one sign of these kinds, or of no such kind, as SQL."""
    return literal(f"[{'^' if no else ''}{''.join(signs)}]")


def rare(con: duckdb.DuckDBPyConnection, loaded: Loaded, column: Column) -> list[tuple[str, int]]:
    """The codes of one or two people, or of one or two rows where people are not named, each with its first row."""
    cell, table = name(column.staged), f"loaded.{loaded.table.name}"
    whose = next((key for key in ("patient_id", "episode_id") if key in loaded.columns), "rowid")
    outside = f" AND {cell} NOT IN ({literals(column.allowed)})" if column.allowed else ""
    [(given, different)] = con.execute(
        f"SELECT count(DISTINCT {whose}), count(DISTINCT {cell}) FROM {table} WHERE {cell} IS NOT NULL"
    ).fetchall()
    if given < ROWS or different > 0.5 * given:
        return []
    return listed(
        con,
        f"SELECT {cell}, min(rowid) FROM {table} WHERE {cell} IS NOT NULL{outside} GROUP BY 1 "
        f"HAVING count(DISTINCT {whose}) <= {PEOPLE}",
    )


def listed(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[str, int]]:
    """Cells with their first row, in the order of rows."""
    found: list[Any] = con.execute(f"{query} ORDER BY 2 LIMIT {MOST}").fetchall()
    return found


def plain_rows(con: duckdb.DuckDBPyConnection, loaded: Loaded, column: Column, kind: str) -> str:
    """Where a column plainly holds a kind of identifier: ` (row 18)`; '' where only a spelling made plain shows it."""
    table = f"loaded.{loaded.table.name}{'' if column.kind in ('id', 'code') else '_text'}"
    tests = " OR ".join(f"({matches(name(column.staged), one)})" for one in patterns() if one.kind == kind)
    if not tests:
        return ""
    query = f"SELECT rowid FROM {table} WHERE {tests} ORDER BY rowid LIMIT {SHOWN_PLACES + 1}"
    rows = [row for (row,) in con.execute(query).fetchall()]
    return f" ({where(loaded, rows)})" if rows else ""


def where(loaded: Loaded, rows: Sequence[int]) -> str:
    """`row 18`, or `rows 18, 92 and others`, with the file where there are several."""
    shown = [loaded.place(row) for row in sorted(rows)[:SHOWN_PLACES]]
    several = len(loaded.parts) > 1
    named = [f"{file} row {row:,}" if several else f"{row:,}" for file, row in shown]
    more = " and others" if len(rows) > len(shown) else ""
    word = "" if several else "row " if len(rows) == 1 else "rows "
    return f"{word}{', '.join(named)}{more}"
