"""What is wrong with a whole column: its cells are written another way, so that what can be read of them is a part that
nobody chose.

Such a column stops the run, as a file that cannot be read does: to go on with the amounts below 1,000, or with the days
before the 13th of a month, would answer another question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import duckdb

from pipeline.ingest.known.knowledge import code_for
from pipeline.ingest.loaded import Loaded
from pipeline.ingest.looks.people_words import names_of_people
from pipeline.ingest.report import SHOWN_PLACES, Breach, listed_places
from pipeline.schema import Column
from pipeline.storage.quoting import literal, literals, name

# by name: the pattern, and whether one cell is enough because only large values are written so
NUMBER_SHAPES = {
    "a currency sign": (r"[-+(]*\s*([$€£¥]|[A-Z]{3}\s).*|.*[0-9]\s*([$€£¥]|[A-Z]{3})[)]?", True),
    "a thousands separator": (r"[-+(]?[0-9]{1,3}([,' ][0-9]{3})+(\.[0-9]+)?[)-]?", True),
    "a decimal comma": (r"[-+]?[0-9]{1,3}(\.?[0-9]{3})*,[0-9]+", True),
    "parentheses or a minus at the end": (r"\([0-9.]+\)|[0-9.]+-", True),
    "a percent sign": (r"[-+]?[0-9.]+\s*%", False),
    "its unit": (r"[-+]?[0-9.]+\s*[A-Za-z]{1,8}\.?", False),
    "a colon between hours and minutes": (r"[0-9]{1,3}:[0-9]{2}(:[0-9]{2})?", False),
}
DAY_SHAPES = {
    "day and month in an order that cannot be told": (
        r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{4}|[0-9]{2})([ T].*)?",
        False,
    ),
    "the name of the month": (r".*\b[A-Za-z]{3,9}\b.*[0-9]{2,4}.*", False),
    "no marks between year, month and day": (r"(19|20)[0-9]{6}", False),
    "the number by which a spreadsheet keeps them": (r"[34][0-9]{4}(\.[0-9]+)?", False),
}
MOST_SLIPS = 0.01  # of a column's cells: more of one shape, and it is how somebody writes them
CODE_LIKE = "[A-Za-z]{1,4}|[A-Za-z]{0,3}[0-9]{1,3}"  # what no person is called by and no date is written as
OFTEN, SHOWN_CODES = 11, 20  # rows of a code that may be named; codes named
MOST_WORDS = 1_000  # of a column that are looked up
UNTRANSLATED = 0.5  # of a column's cells in words that are not ours: the translation is missing, not a slip
ROUNDED = r"[0-9](\.[0-9]+)?[eE]\+[0-9][0-9]+"
SERIALS = (36526, 47482)  # 2000 to 2029 as spreadsheets number days; as anybody's own days, a hundred years and more


def column_faults(con: duckdb.DuckDBPyConnection, loaded: Loaded, *, dates_allowed: bool) -> list[str]:
    """Sentences on the columns of a loaded table that stop the run; no value is shown."""
    columns = [column for column in loaded.table.columns if column.staged in loaded.columns]
    faults = [*rounded_ids(con, loaded, [column for column in columns if column.kind == "id"])]
    if loaded.as_text:
        faults += untranslated(con, loaded, [column for column in columns if column.allowed])
        faults += other_shapes(
            con, loaded, [column for column in columns if column.kind in ("num", "int", "age", "day")]
        )
    if loaded.dates is False and not dates_allowed:
        faults += serials(con, loaded, [column for column in columns if column.kind == "day"])
    return faults


def rounded_ids(con: duckdb.DuckDBPyConnection, loaded: Loaded, columns: Sequence[Column]) -> Iterator[str]:
    """Ids that a spreadsheet has turned into rounded numbers: people become one, and nothing can part them again."""
    rounded = f"regexp_full_match({{cell}}, {literal(ROUNDED)})"
    for column, (count, *_) in counted(con, loaded, columns, [rounded]):
        if count:
            where = places(con, loaded, f"regexp_full_match({name(column.staged)}, '{ROUNDED}')", count)
            have = "has" if count == 1 else "have"
            yield (
                f"{files(loaded)}: {rows(count)} ({where}) {have} a {column.name} that a spreadsheet has rounded"
                " (1.2E+11): people and stays with the same rounded number would become one; export it again with that"
                " column as text"
            )


def untranslated(con: duckdb.DuckDBPyConnection, loaded: Loaded, columns: Sequence[Column]) -> Iterator[str]:
    """Coded columns of which half and more stands in words that are not ours."""
    tests = [
        f"count(DISTINCT {name(c.staged)}) FILTER (WHERE {name(c.staged)} NOT IN ({literals(c.allowed)}))"
        for c in columns
    ]
    for column, (count, filled) in counted(con, loaded, columns, ["{cell} NOT IN ({allowed})", "{cell} IS NOT NULL"]):
        if count >= 2 and count >= UNTRANSLATED * filled:
            [(words,)] = con.execute(
                f"SELECT {tests[columns.index(column)]} FROM loaded.{loaded.table.name}"
            ).fetchall()
            yield (
                f"{files(loaded)}: {count:,} of {filled:,} cells of {column.name} are none of"
                f" {', '.join(column.allowed)}; translate the {words:,} {'word' if words == 1 else 'words'} of the"
                f" export under {loaded.translated_in(column)}{known(con, loaded, column)}"
                f"{drafted(con, loaded, column)}"
            )


def is_told_by(breach: Breach, faults: Sequence[str]) -> bool:
    """Whether a fault of the whole column says the same: nobody translated its words, or all that could not be read is
    written in another way."""
    column, _, _ = breach.rule.partition("_outside_vocabulary" if "vocabulary" in breach.rule else "_not_read")
    words = f" cells of {column} are none of"
    shape = re.compile(rf": {breach.count:,} of [0-9,]+ cells of {re.escape(column)}(_day|_date)? are written with")
    told = [fault for fault in faults if words in fault or shape.search(fault)]
    return column != breach.rule and any(all(file in fault for file, _ in breach.first) for fault in told)


def known(con: duckdb.DuckDBPyConnection, loaded: Loaded, column: Column) -> str:
    """How many words a mapping would read as known, where none makes the column."""
    cell = f"CAST({name(column.staged)} AS VARCHAR)"
    found = con.execute(
        f"SELECT DISTINCT {cell} FROM loaded.{loaded.table.name} WHERE {cell} NOT IN ({literals(column.allowed)})"
        f" LIMIT {MOST_WORDS}"
    ).fetchall()
    count = sum(code_for(column.name, word) is not None for (word,) in found)
    if not count or column.staged in loaded.lines:
        return ""
    words = "a word" if count == 1 else f"{count:,} words"
    return f", or type carelevels map, which drafts a mapping.toml that knows {words} of it"


def drafted(con: duckdb.DuckDBPyConnection, loaded: Loaded, column: Column) -> str:
    """The section of study.toml to fill in, with the codes that stand in many rows; nothing where a mapping says what
    they mean, or where they may be anybody's name."""
    cell = name(column.staged)
    found = con.execute(
        f"SELECT {cell}, count(*) FROM loaded.{loaded.table.name} WHERE {cell} NOT IN ({literals(column.allowed)})"
        f" AND regexp_full_match({cell}, {literal(CODE_LIKE)}) GROUP BY {cell} HAVING count(*) >= {OFTEN}"
        f" ORDER BY 2 DESC, 1 LIMIT {SHOWN_CODES}"
    ).fetchall()
    codes = [code for code, _ in found]
    if column.staged in loaded.lines or not codes or names_of_people(codes):
        return ""
    lines = [f'"{code}" = ""   # {count:,} rows' for code, count in found]
    return "\n    ".join(["; fill in and put into study.toml:", f"[codes.{loaded.table.name}.{column.name}]", *lines])


def other_shapes(con: duckdb.DuckDBPyConnection, loaded: Loaded, columns: Sequence[Column]) -> Iterator[str]:
    """Numbers and days that are written in a way of their own, by the shape of the cells that could not be read."""
    unread = [f"COALESCE(contains(unread, ',{column.staged},'), FALSE)" for column in columns]
    if not columns:
        return
    sums = ", ".join(
        f"count(*) FILTER (WHERE {test}), count({name(c.staged)})" for c, test in zip(columns, unread, strict=True)
    )
    [found] = con.execute(f"SELECT {sums} FROM loaded.{loaded.table.name}").fetchall()
    for place, (column, test) in enumerate(zip(columns, unread, strict=True)):
        lost, read = found[2 * place : 2 * place + 2]
        if lost:
            yield from shapes_of(con, loaded, column, test, lost + read)


def shapes_of(
    con: duckdb.DuckDBPyConnection, loaded: Loaded, column: Column, unread: str, filled: int
) -> Iterator[str]:
    """The first shape of which there is more than slips can explain."""
    table = loaded.table.name
    text = f"t.{name(column.staged)}"
    for shape, (pattern, one_is_enough) in (DAY_SHAPES if column.kind == "day" else NUMBER_SHAPES).items():
        where = f"{unread} AND regexp_full_match({text}, {literal(pattern)})"
        rows_of = (
            f"SELECT r.rowid AS row FROM loaded.{table} AS r JOIN loaded.{table}_text AS t ON t.rowid = r.rowid"
            f" WHERE {where}"
        )
        [(count,)] = con.execute(f"SELECT count(*) FROM ({rows_of}) AS found").fetchall()
        if count and (one_is_enough or (count >= 2 and count > MOST_SLIPS * filled)):
            first = con.execute(f"SELECT row FROM ({rows_of}) AS found ORDER BY row LIMIT {SHOWN_PLACES}").fetchall()
            where_told = listed_places([loaded.place(row) for (row,) in first], count)
            called = column.spellings[1 if loaded.dates else 0] if column.kind == "day" else column.name
            wanted = "ISO dates (2026-03-05)" if loaded.dates else "whole day numbers"
            plain = wanted if column.kind == "day" else "plain numbers (1250.50)"
            yield (
                f"{files(loaded)}: {count:,} of {filled:,} cells of {called} are written with {shape} ({where_told});"
                f" export {plain}, or say in mapping.toml how they are written: read in part, the rest would be another"
                " selection"
            )
            return


def serials(con: duckdb.DuckDBPyConnection, loaded: Loaded, columns: Sequence[Column]) -> Iterator[str]:
    """Day numbers that are calendar dates as a spreadsheet numbers them."""
    for column in columns:
        cell = name(column.staged)
        [(low, high, count)] = con.execute(
            f"SELECT min({cell}), max({cell}), count({cell}) FROM loaded.{loaded.table.name}"
        ).fetchall()
        if count >= 2 and SERIALS[0] <= low and high <= SERIALS[1]:
            yield (
                f"{files(loaded)}: all {count:,} cells of {column.spellings[0]} are calendar dates in the numbers of a"
                ' spreadsheet, and [study] regime = "relative-days" allows no dates; export days from one origin per'
                " person, or name the regime that your agreement allows"
            )


def counted(
    con: duckdb.DuckDBPyConnection, loaded: Loaded, columns: Sequence[Column], tests: Sequence[str]
) -> Iterator[tuple[Column, tuple[int, ...]]]:
    """Each column with how many of its cells pass each test, in one pass over the table."""
    if not columns:
        return
    sums = ", ".join(
        f"count(*) FILTER (WHERE {test.format(cell=name(c.staged), allowed=literals(c.allowed))})"
        for c in columns
        for test in tests
    )
    [found] = con.execute(f"SELECT {sums} FROM loaded.{loaded.table.name}").fetchall()
    for place, column in enumerate(columns):
        yield column, found[place * len(tests) : (place + 1) * len(tests)]


def places(con: duckdb.DuckDBPyConnection, loaded: Loaded, where: str, count: int) -> str:
    found = con.execute(
        f"SELECT rowid FROM loaded.{loaded.table.name} WHERE {where} ORDER BY rowid LIMIT {SHOWN_PLACES}"
    ).fetchall()
    return listed_places([loaded.place(row) for (row,) in found], count)


def rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def files(loaded: Loaded) -> str:
    return ", ".join(part.file for part in loaded.parts)
