"""How one raw file is laid out: encoding, delimiter and header, found before any of its rows is read."""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import StructureError
from pipeline.ingest.files.formats import shown
from pipeline.ingest.files.header import header_place, survey_rows
from pipeline.storage.quoting import literal, name

if TYPE_CHECKING:
    import duckdb

    from pipeline.ingest.report import KnownWord

HEAD_BYTES = 1 << 20
MOST_COLUMNS, LONGEST_NAME = 10_000, 500  # of a header: beyond, work and messages would have no bounds
DELIMITERS = (",", ";", "\t", "|")
NUMBER_DATE_OR_MAIL = re.compile(r"[-+]?\d+([.,]\d+)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|.*@.*")


@dataclass(frozen=True, slots=True)
class Layout:
    """One file that rows can be read from.

    columns    header as written, in file order
    head       the first rows as text, for a look before anything is read in full
    first_row  the number of the first data row as a person counts: 2 under a header, more where lines stand above it, 1
               where there is none
    made       SQL that gives the rows where they do not come from a text or Parquet file as it lies there: the table
               that a query, a mapping or a reader of another format wrote
    raw        True where `made` holds rows of the raw file itself, which messages then name; else they name the query
    numbered   True where `made` has a column `_row`, the row that a person sees in the file
    skip       rows to jump over before the header, or before the first row where it stands `headless`: below a header
               that is said several times, as surveys do
    notes      what is to be told of it
    theirs     column of a mapping -> what the raw file calls it
    lines      column of a mapping -> where its line stands
    line_break what ends a row, where a line break within the header would mislead the engine; empty: it finds out
    within     the table of a database that the rows are
    known      its words that were put into ours as words that are known
    """

    path: Path
    columns: tuple[str, ...]
    delimiter: str = ""
    zipped: bool = False
    parquet: bool = False
    head: tuple[tuple[str, ...], ...] = ()
    first_row: int = 2
    made: str = ""
    raw: bool = False
    numbered: bool = False
    skip: int = 0
    headless: bool = False
    notes: tuple[str, ...] = ()
    theirs: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)
    line_break: str = ""
    within: str = ""
    known: tuple[KnownWord, ...] = ()

    @property
    def label(self) -> str:
        if self.made and not self.raw:
            return f"sources/{self.path.name}"
        file = shown(self.path.name)
        return f"{file}: {self.within}" if self.within else file

    def called(self, column: str) -> str:
        """What the raw file calls a column."""
        return self.theirs.get(column, column)

    def relation(self, types: Mapping[str, str] | None = None) -> str:
        """SQL that reads the file with its own column names; text unless `types` says otherwise (Parquet keeps its
        own)."""
        if self.made:
            return self.made
        if self.parquet:
            return f"read_parquet({literal(self.path)})"
        kinds = ", ".join(
            f"{literal(column)}: {literal((types or {}).get(column, 'VARCHAR'))}" for column in self.columns
        )
        return (
            f"read_csv({literal(self.path)}, auto_detect = false, delim = {literal(self.delimiter)},"
            f" quote = '\"', escape = '\"', compression = '{'gzip' if self.zipped else 'none'}', columns = {{{kinds}}}"
            + f", header = {'false' if self.headless else 'true'}"
            + (f", skip = {self.skip or self.first_row - 2}" if self.skip or self.first_row > 2 else "")
            + (f", new_line = {literal(self.line_break)})" if self.line_break else ")")
        )


def layout_of(path: Path, con: duckdb.DuckDBPyConnection) -> Layout:
    """The layout of a raw file.  Raises StructureError for one that cannot be read, with what to do about it."""
    if path.stat().st_size == 0:
        raise StructureError(
            f"{path.name} is empty (0 bytes); export it again, or remove it if there is nothing to export"
        )
    if path.name.lower().endswith(".parquet"):
        return parquet_layout(path, con)
    start = beginning(path)
    refuse_other_encodings(path.name, start)
    text = decoded(path.name, start)
    skipped, lines, told = above_header(text)
    if not lines.strip():
        raise StructureError(f"{path.name} holds no header row; its first row must name the columns")
    try:
        delimiter = told or delimiter_of(lines)
        rows = head_rows(lines, delimiter, whole=len(start) < HEAD_BYTES)
    except (csv.Error, StopIteration):
        raise StructureError(
            f"{path.name}, line 1: the header cannot be cut into cells (a double quote or a line break within a name, "
            'or a name of more than 128 kB); save the file as "CSV UTF-8" and run this again'
        ) from None
    if not rows or (len(rows) == 1 and len(start) >= HEAD_BYTES):
        raise StructureError(f"{path.name} has a first row without an end; is a double quote left open in it?")
    above = header_place(rows)
    rows, again = rows[above:], survey_rows(rows[above:])
    columns = tuple(" ".join(cell.split()) for cell in rows[0])
    check_header(path.name, columns)
    layout = Layout(
        path,
        readable_names(columns),
        delimiter,
        is_gzip(path),
        head=tuple(tuple(row) for row in rows[1 + again :]),
        first_row=2 + skipped,
        line_break=line_break_of(lines) if any(re.search(r"[\r\n]", cell) for cell in rows[0]) else "",
    )
    return further_down(layout, lines, skipped, above, again) if above or again else layout


def further_down(layout: Layout, lines: str, skipped: int, above: int, again: int) -> Layout:
    """The layout of a file whose header stands below `above` rows of a title, or is said `again` in further rows."""
    rows = csv.reader(io.StringIO(lines, newline=""), delimiter=layout.delimiter)
    places = [number for number, row in enumerate(rows, start=1) if row]
    number = places[above]
    said = f"{layout.label}: the {skipped + number - 1} rows above the column names were taken for a title and skipped"
    return replace(
        layout,
        first_row=skipped + number + 1 + again,
        skip=skipped + (places[above + again] if again else number - 1),
        headless=bool(again),
        notes=(said,) if above else (),
    )


def line_break_of(text: str) -> str:
    """What ends the first row: the first line break outside of double quotes, as the engine spells it."""
    outside = re.sub(r'"[^"]*"', "", text)
    found = re.search(r"\r\n|\n|\r", outside)
    return found[0].replace("\r", "\\r").replace("\n", "\\n") if found else ""


def above_header(text: str) -> tuple[int, str, str]:
    """Lines above the header that are blank or name the delimiter (`sep=;`, as a spreadsheet writes it): how many, the
    text below them, and the delimiter where it is named."""
    skipped, told = 0, ""
    while found := re.match(r"(?:[ \t]*|sep=([^\r\n]))(\r\n|\n|\r)", text):
        skipped, text, told = skipped + 1, text[found.end() :], found[1] or told
    return skipped, text, told


def parquet_layout(path: Path, con: duckdb.DuckDBPyConnection) -> Layout:
    import duckdb

    try:
        described = con.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(path)})").fetchall()
        columns = tuple(row[0] for row in described)
        chosen = ", ".join(f"CAST({name(column)} AS VARCHAR)" for column in columns)
        head = con.execute(f"SELECT {chosen} FROM read_parquet({literal(path)}) LIMIT 200").fetchall()
    except duckdb.Error:
        raise StructureError(
            f"{path.name} is not a readable Parquet file; export it again (was the copy cut off?)"
        ) from None
    return Layout(
        path, columns, parquet=True, head=tuple(tuple(cell or "" for cell in row) for row in head), first_row=1
    )


def is_gzip(path: Path) -> bool:
    with open(path, "rb") as handle:
        return handle.read(2) == b"\x1f\x8b"


def beginning(path: Path) -> bytes:
    """The first bytes of a file, unzipped.  Raises StructureError for a gzip file that is none or is damaged at its
    start."""
    if not is_gzip(path):
        if path.name.lower().endswith(".gz"):
            raise StructureError(
                f"{path.name} is not a gzip file although its name says so; remove .gz from its name if it is plain "
                "CSV, or compress it again"
            )
        with open(path, "rb") as handle:
            return handle.read(HEAD_BYTES)
    unzip = zlib.decompressobj(wbits=31)
    try:
        with open(path, "rb") as handle:
            return unzip.decompress(handle.read(HEAD_BYTES), HEAD_BYTES)
    except (zlib.error, gzip.BadGzipFile):
        raise StructureError(f"{path.name} is a damaged gzip file; compress or copy it again") from None


def ends_abruptly(layout: Layout) -> bool:
    """True for a plain CSV file whose last byte is no line break; a cut within the last cell shows in nothing else."""
    if layout.made or layout.parquet or layout.zipped:
        return False
    with open(layout.path, "rb") as handle:
        handle.seek(-1, os.SEEK_END)
        return handle.read(1) not in b"\r\n"


def refuse_other_encodings(label: str, start: bytes) -> None:
    """UTF-16 and binary files are refused by name rather than read as garbage."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or start[1:2] == b"\x00" or start[:1] == b"\x00":
        raise StructureError(f'{label} is UTF-16 text, not UTF-8; save it as "CSV UTF-8" and run this again')
    if start[:4] == b"PK\x03\x04":
        raise StructureError(f'{label} is a spreadsheet or zip file, not CSV; open it and save it as "CSV UTF-8"')
    if b"\x00" in start:
        raise StructureError(f"{label} holds zero bytes, so it is binary or damaged; export it as UTF-8 CSV again")


def decoded(label: str, start: bytes) -> str:
    """The start as UTF-8 text without its byte-order mark; a character cut at the end is left off."""
    try:
        return start.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        if len(start) >= HEAD_BYTES and fault.start >= len(start) - 4:
            return start[: fault.start].decode("utf-8-sig")
        row = start[: fault.start].count(b"\n") + 1
        raise StructureError(
            f"{label}, line {row:,}: not UTF-8 (accented letters saved by an older program?); "
            'save the file as "CSV UTF-8" and run this again'
        ) from None


def delimiter_of(text: str) -> str:
    """The delimiter that cuts the header into most cells; a comma where there is one column.

    Where none cuts it, it may be a title: then the widest of the first rows says.
    """
    cells = {mark: len(first_record(text, mark)) for mark in DELIMITERS}
    if max(cells.values()) == 1:
        cells = {mark: max(map(len, head_rows(text, mark, whole=True)[:20]), default=0) for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: (cells[mark], mark == ","))


def first_record(text: str, delimiter: str) -> list[str]:
    """The cells of the first row that is not empty; a line break inside quotes does not end it.

    Raises StructureError for a header cell that never ends.
    """
    try:
        return next((row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row), [])
    except csv.Error:
        return []


def head_rows(text: str, delimiter: str, *, whole: bool) -> list[list[str]]:
    """Header and up to 200 rows; the last one is left off where the text was cut."""
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if row:
                rows.append(row)
            if len(rows) > 201:
                break
    except csv.Error:  # what is wrong with a later row is told when the whole file is read
        rows = rows or [first_record(text, delimiter)]
    return rows if whole or len(rows) < 2 else rows[:-1]


def check_header(label: str, columns: tuple[str, ...]) -> None:
    """Refuses a header that names no columns or names one twice; cells that look like values are never shown."""
    if any(NUMBER_DATE_OR_MAIL.fullmatch(cell) for cell in columns):
        raise StructureError(
            f"{label} has no header row: its first row holds values (not shown, they may be a person's); "
            "add a first row with the column names"
        )
    if len(columns) > MOST_COLUMNS or max(map(len, columns)) > LONGEST_NAME:
        raise StructureError(
            f"{label} names {len(columns):,} columns, the longest by {max(map(len, columns)):,} letters; at most "
            f"{MOST_COLUMNS:,} of {LONGEST_NAME} letters are read: export those that the data dictionary names"
        )
    seen = Counter(cell.lower() for cell in columns)
    twice = sorted({cell for cell in columns if cell and seen[cell.lower()] > 1})
    if twice:
        raise StructureError(
            f"{label} names a column twice: {', '.join(twice)}; rename or remove one of the two in the export"
        )
    empty = [place for place, cell in enumerate(columns, start=1) if not cell]
    if len(empty) > 1 or (empty and len(columns) == 1):
        raise StructureError(
            f"{label} has columns without a name (number {', '.join(map(str, empty))}); name or remove them"
        )


def readable_names(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Header cells as DuckDB may use them: the one column without a name (row numbers of an export) gets one."""
    return tuple(cell or "column0" for cell in columns)
