"""Looks for identifiers in the columns that ingest keeps; says column and kind, never a value."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import duckdb

from pipeline.ingest.cells.codes import NOT_A as SHAPED
from pipeline.ingest.identifiers.harmless import Harmless, harmless, way_out
from pipeline.ingest.identifiers.screened import Screened, together
from pipeline.ingest.identifiers.stray_cells import plain_rows, strays
from pipeline.ingest.identifiers.undeclared import hits
from pipeline.ingest.loaded import MARKED, Loaded
from pipeline.ingest.loading import codes_of, distinct_cells
from pipeline.ingest.looks.header_words import BIRTH, LICENSE, NAME, PLACE, RECORD, Called, called_like
from pipeline.ingest.looks.judging import (
    Cells,
    Found,
    Judge,
    cells_of,
    judged_billing,
    judged_code,
    judged_id,
    judged_label,
    judged_place,
    judged_site,
    judged_unread,
    judged_word,
)
from pipeline.ingest.looks.patterns import LONGEST, patterns
from pipeline.ingest.looks.registered_numbers import SURE
from pipeline.ingest.looks.shapes import PERSON, UNKNOWN_WORDS
from pipeline.ingest.mapping.keyed import CODE_OF, CODED_STAFF
from pipeline.ingest.matching import Match
from pipeline.schema import Column
from pipeline.storage.quoting import literals, name
from pipeline.study import Study

TO_DO = "export a code made by the site in its place; nothing of it is shown here"
SAMPLE = 4000  # distinct cells of a column
ROWS = 20_000  # of its rows; a column of more is looked through by the database as well
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
HOUSES = {"program_id": judged_place, "site": judged_site}  # ids of houses, not of people
KEPT_PEOPLE = ("patients", "providers", "programs")  # looked through to their last row with every pattern
EVERYWHERE = ("e_mail", "ssn_dashed", "web_scheme")  # of other tables' ids, which are many, only the plainest
HOUSE_NAMES = (NAME, PLACE, RECORD, LICENSE)  # what a house's own id may well be called
TOLD_BY_ROW = (PERSON.kind, UNKNOWN_WORDS.kind, "Medicare beneficiary numbers", *SURE)
FEW = 30  # different codes at most in a column whose name alone would speak of a person


def screen_declared(con: duckdb.DuckDBPyConnection, study: Study, loaded: Loaded, matches: Sequence[Match]) -> Screened:
    """Identifiers in the columns that ingest keeps: ids, codes, and text where numbers, days and flags should be."""
    parts, vouched, unread = [], harmless(study), unread_columns(con, loaded)
    for column in loaded.table.columns:
        if column.staged not in loaded.columns:
            continue
        cells, found = judged(con, study, loaded, column, unread)
        theirs = {match.layout.called(match.cells[column.staged]) for match in matches if column.staged in match.cells}
        found = with_name(found, column, cells, sorted(theirs))
        found = with_strays(con, loaded, column, cells, found)
        places = {kind: plain_rows(con, loaded, column, kind) for kind in found.plain}
        parts.append(told(loaded, column, found, places, sorted(theirs), vouched))
    return together(parts)


def unread_columns(con: duckdb.DuckDBPyConnection, loaded: Loaded) -> frozenset[str]:
    """The columns of which some text is no value of theirs, or a word for missing."""
    if not loaded.as_text:
        return frozenset()
    found = con.execute(f"SELECT DISTINCT unread FROM loaded.{loaded.table.name} WHERE unread IS NOT NULL").fetchall()
    return frozenset(column.removeprefix(MARKED) for (columns,) in found for column in columns.split(","))


def judged(
    con: duckdb.DuckDBPyConnection, study: Study, loaded: Loaded, column: Column, unread: Collection[str]
) -> tuple[Cells, Found]:
    """The distinct cells of a column, as far as they matter, and what they are; `unread` are the columns of which some
    text is no value."""
    table = f"loaded.{loaded.table.name}"
    relative = study.study.regime == "relative-days"
    if column.kind == "id":
        cells = first_cells(con, table, column.staged)
        found = HOUSES.get(column.name, judged_id)(cells, relative)
        return cells, also_plain(found, everywhere(con, loaded, column) if unseen(cells) else [])
    if column.kind == "code":
        declared = {*column.allowed, *codes_of(study, loaded.table, column).values()}
        cells = codes(con, as_it_came(loaded, column), column, sorted(declared))
        found = judge_of(column)(cells, relative)
        return cells, also_plain(found, everywhere(con, loaded, column) if unseen(cells) else [])
    if not loaded.as_text or (column.kind != "zip3" and column.staged not in unread):
        return Cells((), 0), Found()
    cells = unread_cells(con, loaded, column)
    if column.kind == "zip3":
        return cells, Found(plain=tuple(long_zips(cells)))
    return cells, judged_unread(cells, relative)


def as_it_came(loaded: Loaded, column: Column) -> str:
    """The table that holds a column's cells; of a code with a shape of its own the text, since what is no code is
    left out of the other."""
    return f"loaded.{loaded.table.name}{'_text' if loaded.as_text and column.name in SHAPED else ''}"


def with_strays(con: duckdb.DuckDBPyConnection, loaded: Loaded, column: Column, cells: Cells, found: Found) -> Found:
    """What single cells look like, with their rows, in place of what the column as a whole was said to hold."""
    if found.plain or column.kind not in ("id", "code"):
        return found
    single = strays(con, loaded, column, cells, billing=column.name in BILLING)
    others = [kind for kind in found.likely if not (single and kind in TOLD_BY_ROW)]
    return replace(found, likely=(*single, *others))


def unseen(cells: Cells) -> bool:
    """Whether a column has cells, or parts of cells, that were not looked at yet."""
    return cells.cut or cells.longest > LONGEST


def judge_of(column: Column) -> Judge:
    """How a code is judged: billing codes by little, words outside a closed vocabulary and open codes by all."""
    if column.name == "public_label":
        return judged_label
    return judged_billing if column.name in BILLING else judged_word if column.allowed else judged_code


def also_plain(found: Found, kinds: Sequence[str]) -> Found:
    return Found(tuple(dict.fromkeys((*found.plain, *kinds))), found.likely)


def everywhere(con: duckdb.DuckDBPyConnection, loaded: Loaded, column: Column) -> list[str]:
    """Kinds plainly found in any row, beyond the cells that were looked at."""
    billing = column.name in BILLING or column.name in HOUSES
    looked_for = [
        pattern
        for pattern in patterns(coded=billing)
        if loaded.table.name in KEPT_PEOPLE or column.kind == "code" or pattern.name in EVERYWHERE
    ]
    return [kind for _, kind in hits(con, as_it_came(loaded, column), [column.staged], looked_for)]


def first_cells(con: duckdb.DuckDBPyConnection, table: str, column: str) -> Cells:
    """Distinct cells of a column's first rows."""
    cell = name(column)
    rows = con.execute(
        f"SELECT left({cell}, {LONGEST + 1}) FROM {table} WHERE {cell} IS NOT NULL LIMIT {ROWS}"
    ).fetchall()
    cells = cells_of([text for (text,) in rows], SAMPLE)
    return replace(cells, cut=cells.cut or len(rows) == ROWS)


def codes(con: duckdb.DuckDBPyConnection, table: str, column: Column, declared: Sequence[str]) -> Cells:
    """The distinct codes of a column that neither its vocabulary nor [codes] of study.toml declares."""
    cell = name(column.staged)
    outside = f" WHERE {cell} NOT IN ({literals(declared)})" if declared else ""
    [(rows, longest)] = con.execute(f"SELECT count({cell}), max(strlen({cell})) FROM {table}{outside}").fetchall()
    if not rows:
        return Cells((), 0)
    known = distinct_cells(con, table, column.staged, SAMPLE, LONGEST + 1)
    if known is None:
        few = first_cells(con, table, column.staged)
        return Cells(few.distinct, rows, True, longest)
    few = cells_of([code for code in known if code not in set(declared)], SAMPLE)
    return Cells(few.distinct, rows, False, longest)


def unread_cells(con: duckdb.DuckDBPyConnection, loaded: Loaded, column: Column) -> Cells:
    """Text that is no value of a number, a day or a flag: what quarantine would keep as it came."""
    cell = name(column.staged)
    source = f"loaded.{loaded.table.name}_text"
    if column.kind != "zip3":
        source = (
            f"(SELECT t.{cell} FROM {source} AS t JOIN loaded.{loaded.table.name} AS r ON r.rowid = t.rowid "
            f"WHERE r.{cell} IS NULL AND t.{cell} IS NOT NULL)"
        )
    return first_cells(con, f"{source} AS unread", column.staged)


def long_zips(cells: Cells) -> list[str]:
    """ZIP codes of more than three digits where three are allowed."""
    digits = [cell.replace("-", "").replace(" ", "") for cell in cells.distinct]
    long = any(len(cell) in (5, 9) and cell.isdigit() for cell in digits)
    return ["ZIP codes of five digits; the first three are enough"] if long else []


def with_name(found: Found, column: Column, cells: Cells, theirs: Sequence[str]) -> Found:
    """What the file's own name for a column adds: nothing where it is ours, or where the values are numbers, flags or
    few codes."""
    kinds = []
    for called in theirs:
        spoken = called_like(called)
        if spoken and called.strip().lower() not in column.spellings and speaks(spoken, column, cells):
            kinds.append(f"{spoken.kind} (so it is called in the file)")
    return Found(found.plain, (*found.likely, *kinds))


def speaks(spoken: Called, column: Column, cells: Cells) -> bool:
    """Whether a name counts against a column of this use."""
    if column.kind == "day":
        return spoken.kind == BIRTH
    if column.name in HOUSES:
        return spoken.kind not in HOUSE_NAMES
    if column.kind == "code":
        return len(cells.distinct) > FEW and not column.allowed
    return column.kind == "id"


def told(
    loaded: Loaded, column: Column, found: Found, places: Mapping[str, str], theirs: Sequence[str], vouched: Harmless
) -> Screened:
    """One column's part of the report: refused, or let pass because the study vouches for it."""
    table, files = loaded.table.name, ", ".join(dict.fromkeys(part.file for part in loaded.parts))
    faults = [f'{files}: "{column.name}" holds what looks like {kind}{places[kind]}; {TO_DO}' for kind in found.plain]
    if found.likely and vouched.covers(table, column.name, column.staged, *theirs):
        looks = ", ".join(dict.fromkeys(found.likely))
        note = f'{files}: "{column.name}" looks like {looks}; it is kept because study.toml calls it harmless'
        return Screened(tuple(faults), notes=(note,))
    faults += [
        f'{files}: "{column.name}" holds what looks like {kind}; {TO_DO}{coded(loaded, column, theirs)}'
        f"{way_out(table, column.name)}"
        for kind in dict.fromkeys(found.likely)
    ]
    return Screened(tuple(faults))


def coded(loaded: Loaded, column: Column, theirs: Sequence[str]) -> str:
    """How a mapping makes codes of the names of staff; nothing where no mapping makes the table."""
    if column.name not in CODED_STAFF or not loaded.lines:
        return ""
    called = theirs[0] if theirs else "their column"
    return f'; or let mapping.toml make codes of names: {column.name} = {{ {CODE_OF} = "{called}" }}'
