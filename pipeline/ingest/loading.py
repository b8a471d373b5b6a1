"""Reads a table's files into loaded.<table>: typed in one pass where every cell allows it, else as text and then
converted.

The second way keeps loaded.<table>_text, whose rows stand in the same order, so that a refused row can be shown as it
came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import duckdb

from pipeline.errors import StructureError
from pipeline.ingest.cells.blank_lines import blank_lines
from pipeline.ingest.cells.codes import NOT_A as SHAPED
from pipeline.ingest.cells.convert import BLANKS, cleaned, converted
from pipeline.ingest.cells.marks import is_mark, without_marks
from pipeline.ingest.files.last_row import check_last_row
from pipeline.ingest.files.unreadable import unreadable
from pipeline.ingest.loaded import MARKED, ORIGIN, Loaded, Part
from pipeline.ingest.matching import Match
from pipeline.measures.library import instruments
from pipeline.schema import Column, Table
from pipeline.storage.disk import told_by_library
from pipeline.storage.quoting import literal, literals, name
from pipeline.study import Study

TYPED_FROM_BYTES = 32 << 20  # smaller files are read as text at once: the second reading would cost nothing
TYPED = {"int": "DOUBLE", "num": "DOUBLE"}  # whole numbers too, because a cast of 3.6 to a whole number would round it
CLEAN = ("id", "code")


def load(
    con: duckdb.DuckDBPyConnection, study: Study, matches: Sequence[Match], *, typed_from: int = TYPED_FROM_BYTES
) -> Loaded:
    """loaded.<table> from all files of one table, with every declared column under its staged name.

    Raises StructureError where a file cannot be read to its end.
    """
    size = sum(match.layout.path.stat().st_size for match in matches)
    if size >= typed_from and can_be_typed(study, matches):
        loaded = load_typed(con, study, matches)
        if loaded:
            return loaded
    return load_text(con, study, matches)


def can_be_typed(study: Study, matches: Sequence[Match]) -> bool:
    """True for CSV files whose codes need no translation but on text columns."""
    table = matches[0].table
    translatable = all(column.kind in CLEAN for column in table.columns if codes_of(study, table, column))
    numbers = any(any(letter.isdigit() for letter in word) for word in study.records.missing)
    return translatable and not numbers and not any(match.layout.parquet or match.layout.made for match in matches)


def codes_of(study: Study, table: Table, column: Column) -> Mapping[str, str]:
    """The translations of study.toml for one column: the file's code to ours."""
    told = study.codes.get(table.name, {})
    return next((told[spelling] for spelling in column.spellings if spelling in told), {})


def load_typed(con: duckdb.DuckDBPyConnection, study: Study, matches: Sequence[Match]) -> Loaded | None:
    """The fast way: cells are read as what they should be; nothing is returned where one of them is not."""
    table = matches[0].table
    parts: list[Part] = []
    try:
        for match in matches:
            types, chosen = typed_cells(study, match)
            made = f"INSERT INTO loaded.{table.name}" if parts else f"CREATE OR REPLACE TABLE loaded.{table.name} AS"
            con.execute(
                f"{made} SELECT {', '.join(chosen)}, CAST(NULL AS VARCHAR) AS unread FROM"
                f" {match.layout.relation(types)}"
            )
            parts.append(next_part(con, table.name, match, parts))
            check_last_row(con, table.name, match, sum(part.rows for part in parts), plain_ids(study, table))
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:  # some cell is not what its column says: the text way finds out which and tells
        return None
    loaded = Loaded(table, tuple(parts), False, matches[0].dates, declared(matches))
    return None if has_untidy_cells(con, study, loaded) else loaded


def typed_cells(study: Study, match: Match) -> tuple[dict[str, str], list[str]]:
    """The types to read a file's columns as, and the SQL of every staged column."""
    types: dict[str, str] = {}
    chosen = []
    for column in match.table.columns:
        theirs = match.cells.get(column.staged)
        if theirs is None:
            chosen.append("NULL")
            continue
        cell = name(theirs)
        kind = (
            "DATE"
            if column.kind == "day" and match.dates
            else "DOUBLE"
            if column.kind == "day"
            else TYPED.get(column.kind, "VARCHAR")
        )
        types[theirs] = kind
        if kind == "DATE":
            chosen.append(
                f"CASE WHEN {cell} IS NULL OR isfinite({cell}) THEN {cell} - DATE '1970-01-01' ELSE error('no day') END"
            )
        elif kind == "DOUBLE" and column.sql_type == "INTEGER":
            chosen.append(f"CASE WHEN {cell} IS NULL OR {cell} = trunc({cell}) THEN {cell} ELSE error('fraction') END")
        elif kind == "DOUBLE":
            chosen.append(f"CASE WHEN {cell} IS NULL OR isfinite({cell}) THEN {cell} ELSE error('not finite') END")
        elif column.kind in CLEAN:
            codes = codes_of(study, match.table, column)
            chosen.append(cleaned(cell, codes) if codes else cell)
        else:
            value = converted(
                column, cleaned(cell), dates=bool(match.dates), years_only=study.study.regime == "relative-days"
            )
            chosen.append(f"CASE WHEN {cell} IS NULL OR {value} IS NOT NULL THEN {value} ELSE error('other') END")
    return types, [
        f"CAST({value} AS {column.sql_type}) AS {name(column.staged)}"
        for value, column in zip(chosen, match.table.columns, strict=True)
    ]


def has_untidy_cells(con: duckdb.DuckDBPyConnection, study: Study, loaded: Loaded) -> bool:
    """True where some id or code is not written as staging has it, or a code is not in its vocabulary: the text way may
    still read it.

    Of a code the distinct spellings are looked at, of an id every cell, by comparisons that need no copy of it.
    """
    columns = [column for column in loaded.table.columns if column.kind in CLEAN and column.staged in loaded.columns]
    table = f"loaded.{loaded.table.name}"
    tests = []
    for column in columns:
        cell, marked = name(column.staged), is_mark(column, name(column.staged), study.records.missing)
        if column.kind == "code":
            value = converted(column, cleaned(cell), dates=False, years_only=False)
            known = f" OR {cell} NOT IN ({literals(vocabulary(column))})" if vocabulary(column) else ""
            [(odd,)] = con.execute(
                f"SELECT count(*) FROM (SELECT DISTINCT {cell} FROM {table} WHERE {cell} IS NOT NULL) AS codes "
                f"WHERE {value} IS DISTINCT FROM {cell} OR {marked}{known}"
            ).fetchall()
            if odd:
                return True
        else:
            ends = (*BLANKS, ".0")
            at_end = " OR ".join(f"ends_with({cell}, {literal(blank)})" for blank in ends)
            tests.append(f"{cell} < '!' OR {cell} >= chr(128) OR {at_end} OR ({marked})")
    [(untidy,)] = con.execute(f"SELECT count(*) FROM {table} WHERE {' OR '.join(tests) or 'FALSE'}").fetchall()
    return bool(untidy)


def vocabulary(column: Column) -> Sequence[str]:
    """The words a code may be; empty where any may."""
    return tuple(instruments()) if column.name == "instrument_id" else column.allowed


def distinct_cells(
    con: duckdb.DuckDBPyConnection, table: str, column: str, most: int = 4000, letters: int = 0
) -> list[str] | None:
    """The distinct cells of a column, cut at a number of letters where one is given; None where there are more than
    `most`."""
    cell = f"left({name(column)}, {letters})" if letters else name(column)
    found = con.execute(f"SELECT DISTINCT {cell} FROM {table} WHERE {cell} IS NOT NULL LIMIT {most + 1}").fetchall()
    return None if len(found) > most else [one for (one,) in found]


def load_text(con: duckdb.DuckDBPyConnection, study: Study, matches: Sequence[Match]) -> Loaded:
    """The sure way: everything as text first, then each cell as its column declares."""
    table = matches[0].table
    held = f"loaded.{table.name}_text"
    present = declared(matches)
    columns = [column for column in table.columns if column.staged in present]
    numbered = any(match.layout.numbered for match in matches)
    cells = [f"{name(column.staged)} VARCHAR" for column in columns] + ["_row BIGINT"] * numbered
    con.execute(f"CREATE OR REPLACE TABLE {held} ({', '.join(cells)})")
    parts: list[Part] = []
    for match in matches:
        chosen = text_cells(study, match, columns)
        chosen += ["_row" if match.layout.numbered else "NULL"] * numbered
        try:
            con.execute(f"INSERT INTO {held} SELECT {', '.join(chosen)} FROM {match.layout.relation()}")
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as fault:
            raise told_by_library(fault, match.layout.label) or StructureError(unreadable(match, str(fault))) from None
        parts.append(next_part(con, f"{table.name}_text", match, parts))
        check_last_row(con, f"{table.name}_text", match, sum(part.rows for part in parts), plain_ids(study, table))
    marked = marked_columns(con, study, columns, held)
    carried = {ORIGIN: "_row"} if numbered else {}
    rows = converted_rows(study, table, present, marked, carried, dates=bool(matches[0].dates))
    con.execute(f"CREATE OR REPLACE TABLE loaded.{table.name} AS {rows}")
    return Loaded(table, tuple(parts), True, matches[0].dates, present, tuple(marked), lines_of(matches))


def text_cells(study: Study, match: Match, columns: Sequence[Column]) -> list[str]:
    """SQL of the columns of one file as cleaned text, their codes put into ours."""
    return [
        cleaned(f"CAST({name(match.cells[column.staged])} AS VARCHAR)", codes_of(study, match.table, column))
        if column.staged in match.cells
        else "NULL"
        for column in columns
    ]


def marked_columns(con: duckdb.DuckDBPyConnection, study: Study, columns: Sequence[Column], held: str) -> list[str]:
    """The columns in which some cell is a word for missing."""
    tests = [f"bool_or({is_mark(column, name(column.staged), study.records.missing)})" for column in columns]
    [found] = con.execute(f"SELECT {', '.join(tests)} FROM {held}").fetchall()
    return [column.staged for column, any_marked in zip(columns, found, strict=True) if any_marked]


def converted_rows(
    study: Study,
    table: Table,
    present: Sequence[str],
    marked: Sequence[str],
    carried: Mapping[str, str],
    *,
    dates: bool,
    with_text: bool = False,
) -> str:
    """SQL of loaded.<table> from loaded.<table>_text; `unread` names the columns whose text is no value of theirs.

    carried    column of ours -> the column of the text that goes there as it is
    with_text  the text stands beside what was read of it, as `column~text`
    """
    years_only = study.study.regime == "relative-days"
    chosen, unread = [], []
    read = {staged: name(staged) for staged in present}
    for column in table.columns:
        cell, text = name(column.staged), name(f"{column.staged}~text")
        if column.staged not in present:
            chosen.append(f"CAST(NULL AS {column.sql_type}) AS {cell}")
            continue
        if column.staged in marked:
            read[column.staged] = f"{without_marks(column, cell, study.records.missing)} AS {cell}"
            unread.append(
                f"CASE WHEN {is_mark(column, text, study.records.missing)} "
                f"THEN {literal(f',{MARKED}{column.staged},')} WHEN {text} IS NOT NULL AND {cell} IS NULL "
                f"THEN {literal(f',{column.staged},')} ELSE '' END"
            )
        elif column.kind not in CLEAN or column.name in SHAPED:
            unread.append(
                f"CASE WHEN {text} IS NOT NULL AND {cell} IS NULL THEN {literal(f',{column.staged},')} ELSE '' END"
            )
        value = converted(column, cell, dates=dates, years_only=years_only)
        chosen.append(f"CAST({value} AS {column.sql_type}) AS {cell}")
    kept = [f"{name(staged)} AS {name(f'{staged}~text')}" for staged in present]
    source = f"(SELECT {', '.join([*read.values(), *kept, *carried.values()])} FROM loaded.{table.name}_text)"
    origin = [f"{theirs} AS {ours}" for ours, theirs in carried.items()]
    flags = f"NULLIF(concat({', '.join(unread)}), '')" if unread else "CAST(NULL AS VARCHAR)"
    texts = [name(f"{staged}~text") for staged in present]
    named = ", ".join([*(name(column.staged) for column in table.columns), *carried, *(texts if with_text else ())])
    return (
        f"SELECT {named}, {flags} AS unread"
        f" FROM (SELECT {', '.join([*chosen, *origin, *texts])} FROM {source} AS held) AS read"
    )


def declared(matches: Sequence[Match]) -> tuple[str, ...]:
    """Staged columns that at least one of the files has, in our order."""
    return tuple(
        column.staged for column in matches[0].table.columns if any(column.staged in match.cells for match in matches)
    )


def plain_ids(study: Study, table: Table) -> list[str]:
    """The id columns whose cells no [codes] of study.toml translate."""
    return [column.staged for column in table.columns if column.kind == "id" and not codes_of(study, table, column)]


def lines_of(matches: Sequence[Match]) -> dict[str, str]:
    """Where mapping.toml makes each staged column, of all blocks of a table."""
    found: dict[str, list[str]] = {}
    for match in matches:
        for staged, theirs in match.cells.items():
            if theirs in match.layout.lines:
                found.setdefault(staged, []).append(match.layout.lines[theirs])
    return {staged: " and ".join(dict.fromkeys(lines)) for staged, lines in found.items()}


def next_part(con: duckdb.DuckDBPyConnection, loaded: str, match: Match, before: Sequence[Part]) -> Part:
    [(rows,)] = con.execute(f"SELECT count(*) FROM loaded.{loaded}").fetchall()
    return part_of(con, match, before, rows - sum(part.rows for part in before))


def part_of(con: duckdb.DuckDBPyConnection, match: Match, before: Sequence[Part], rows: int) -> Part:
    """A file's part of its table, of so many rows."""
    layout = match.layout
    origin = partial(row_of_origin, con, match.table.name) if layout.numbered else None
    blank, start = blank_lines(layout) if rows else (), sum(part.rows for part in before)
    return Part(
        layout.label, layout.path.stat().st_size, start, rows, layout.first_row, origin, blank, layout.path.name
    )


def row_of_origin(con: duckdb.DuckDBPyConnection, table: str, row: int) -> int:
    """The row that a person sees in the file a row came from."""
    [(seen,)] = con.execute(f"SELECT {ORIGIN} FROM loaded.{table} WHERE rowid = {row}").fetchall()
    return int(seen)
