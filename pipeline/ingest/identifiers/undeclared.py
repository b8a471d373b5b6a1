"""Columns that no table declares: read once to see what they hold, never kept; work grows with cells, not with columns
times rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from pipeline.ingest.identifiers.harmless import Harmless, way_out
from pipeline.ingest.identifiers.screened import Screened, together
from pipeline.ingest.looks.header_words import CODE_WORDS, DATE_WORDS, called_like
from pipeline.ingest.looks.judging import Cells, Found, cells_of, judged_undeclared
from pipeline.ingest.looks.patterns import LONGEST, Pattern, patterns, plain_kinds
from pipeline.ingest.matching import Match, showable
from pipeline.ingest.report import DroppedColumn
from pipeline.storage.quoting import literal, name

CELLS_READ = 2_000_000  # a file of few columns is looked at in more rows than one of thousands
ROWS_READ = 20_000
FEW = 2_000  # different cells of a column, up to which all are listed
AT_ONCE = 50  # columns that one query looks through
TO_DO = "remove it from the export; nothing of it is shown here"


def screen_undeclared(con: duckdb.DuckDBPyConnection, match: Match, regime: str, vouched: Harmless) -> Screened:
    """Refusals for columns that hold identifiers, the others as dropped, and what was let pass because the study
    vouches for it."""
    if not match.undeclared:
        return Screened()
    try:
        cells = cells_read(con, match)
        everywhere = plain_everywhere(con, match, cells)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:  # the file cannot be read to its end, which loading tells
        shown = showable(match.layout)
        return Screened(dropped=tuple(dropped_column(match, column, Found(), shown) for column in match.undeclared))
    parts, shown = [], showable(match.layout)
    for column, held in cells.items():
        found = judged_undeclared(held, called_like(column), regime == "relative-days")
        plain = tuple(dict.fromkeys((*found.plain, *everywhere.get(column, ()))))
        parts.append(told(match, column, Found(plain, found.likely, found.told), vouched, shown))
    return together(parts)


def told(match: Match, column: str, found: Found, vouched: Harmless, showable: bool) -> Screened:
    """One column's part of the report: refused, let pass, or dropped."""
    table, label = match.table.name, match.layout.label
    shown = f'"{column}"' if showable else "a column (its name is not shown)"
    faults = [f"{label}: {shown} holds what looks like {kind}; {TO_DO}" for kind in found.plain]
    if vouched.covers(table, column):
        looks = "; ".join(found.likely) or "nothing of the kind"
        notes = (f"{label}: {shown} looks like {looks}; it was let pass because study.toml calls it harmless",)
        return Screened(tuple(faults), (dropped_column(match, column, Found(), showable),), notes)
    out = way_out(table, column) if showable else ""
    faults += [f"{label}: {shown} holds what looks like {kind}; {TO_DO}{out}" for kind in found.likely]
    return Screened(tuple(faults), (dropped_column(match, column, found, showable),))


def dropped_column(match: Match, column: str, found: Found, showable: bool) -> DroppedColumn:
    """A column that is not kept, and why."""
    called = called_like(column)
    shown = column if showable else "(a column whose name is not shown)"
    if found.told:
        why = f"looks like {', '.join(found.told)}"
    elif called:
        why = f"is called like {called.kind}"
    elif DATE_WORDS.search(column.lower()):
        why = "a date that no table declares"
    elif CODE_WORDS.search(column.lower()):
        why = "may be a code that singles people out"
    else:
        why = "not in the data dictionary"
    return DroppedColumn(match.table.name, match.layout.label, shown, why)


def cells_read(con: duckdb.DuckDBPyConnection, match: Match) -> dict[str, Cells]:
    """The cells of every undeclared column, from all rows of a small file and from a fixed sample of a large one."""
    columns = match.undeclared
    most = max(200, min(ROWS_READ, CELLS_READ // len(columns)))
    chosen = ", ".join(f"left(CAST({name(column)} AS VARCHAR), {LONGEST + 1})" for column in columns)
    rows = con.execute(
        f"SELECT {chosen} FROM {match.layout.relation()} USING SAMPLE reservoir({most} ROWS) REPEATABLE (1)"
    ).fetchall()
    return {column: cells_of([row[place] for row in rows], most) for place, column in enumerate(columns)}


def plain_everywhere(con: duckdb.DuckDBPyConnection, match: Match, cells: dict[str, Cells]) -> dict[str, list[str]]:
    """What is plainly an identifier beyond the cells that were read: in further rows, or behind a long cell's start."""
    columns = match.undeclared
    most = max(200, min(ROWS_READ, CELLS_READ // len(columns)))
    [(rows,)] = con.execute(f"SELECT count(*) FROM {match.layout.relation()}").fetchall()
    asked = [column for column in columns if rows > most or cells[column].longest > LONGEST]
    found: dict[str, list[str]] = {}
    for start in range(0, len(asked), AT_ONCE):
        part = asked[start : start + AT_ONCE]
        chosen = ", ".join(f"CAST({name(column)} AS VARCHAR) AS {name(column)}" for column in part)
        table = f"(SELECT {chosen} FROM {match.layout.relation()}) AS r"
        listed = few_cells(con, table, [column for column in part if cells[column].longest <= LONGEST])
        found |= {column: plain_kinds(texts) for column, texts in listed.items()}
        for column, kind in hits(con, table, [column for column in part if column not in listed], patterns()):
            found.setdefault(column, []).append(kind)
    return found


def few_cells(con: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> dict[str, list[str]]:
    """All different cells of the columns that have few of them and no long one: listing is cheaper than looking."""
    if not columns:
        return {}
    sizes = ", ".join(f"approx_count_distinct({name(column)}), max(strlen({name(column)}))" for column in columns)
    [counted] = con.execute(f"SELECT {sizes} FROM {table}").fetchall()
    few = [
        column
        for column, different, longest in zip(columns, counted[::2], counted[1::2], strict=True)
        if different <= FEW and (longest or 0) <= LONGEST
    ]
    if not few:
        return {}
    [lists] = con.execute(
        f"SELECT {', '.join(f'list(DISTINCT {name(column)})' for column in few)} FROM {table}"
    ).fetchall()
    return {column: [text for text in texts or () if text] for column, texts in zip(few, lists, strict=True)}


def hits(
    con: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], looked_for: Sequence[Pattern]
) -> Iterator[tuple[str, str]]:
    """(column, kind) for every pattern that some cell matches, found in one pass over all rows."""
    asked = [(column, pattern) for column in columns for pattern in looked_for]
    if not asked:
        return
    tests = [f"bool_or({test(name(column), pattern)})" for column, pattern in asked]
    [answers] = con.execute(f"SELECT {', '.join(tests)} FROM {table}").fetchall()
    yield from ((column, pattern.kind) for (column, pattern), answer in zip(asked, answers, strict=True) if answer)


def test(cell: str, pattern: Pattern) -> str:
    """SQL that is TRUE where a cell matches; the mark is looked for first, which is quick."""
    regex = f"regexp_matches({cell}, {literal(pattern.regex)})"
    return f"CASE WHEN contains({cell}, {literal(pattern.mark)}) THEN {regex} END" if pattern.mark else regex
