"""The released tables as files: CSV, JSON, XLSX, Parquet, or CSV on stdout; each result with its sentence.

In CSV and XLSX a hidden cell says `suppressed`, or between which numbers it lies, and an unknown one is empty.  In JSON
and Parquet a hidden cell is null and the column `suppressed` names the columns that are hidden in that row, so that
hidden and unknown stay apart there too.
"""

import csv
import io
import json
import re
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.output.codebook import codebook
from pipeline.report.output.explain import as_told, sentence
from pipeline.report.release_ledger import note_release
from pipeline.report.released import Released, released
from pipeline.results import RESULT_TABLES, table_columns
from pipeline.storage.disk import write_whole
from pipeline.study import Study

CODEBOOK = "codebook.csv"
WRITTEN = datetime(2000, 1, 1)
FORMULA = re.compile(r"\s*[=+\-@]|[\t\r]")  # what a spreadsheet may run, also behind blanks
NUMBER = re.compile(r"[-+]?[0-9][0-9.,]*%?")


def export(
    study: Study,
    out: Path | None,
    question: str | None = None,
    outcome: str | None = None,
    as_json: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Writes the released results, filtered, to a file by its ending, or to stdout as CSV (JSON where asked for); what
    file was written, and which folder made for it, is said.

    Raises UsageError for an ending nobody knows, or where nothing answers to the filter.
    """
    if out is not None and out.suffix not in WRITERS:
        raise UsageError(f"{out.name}: an export ends in {', '.join(WRITERS)}")
    outcome_of = released(study)
    table = records(chosen(outcome_of, question, outcome), "results", outcome_of)
    note_release(study, outcome_of.tables)
    if out is None:
        sys.stdout.write(as_json_text(table) if as_json else as_csv(table))
        return
    made = "" if out.parent.is_dir() else f", in a folder made for it: {out.parent}"
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, WRITERS[out.suffix](table))
    say(f"wrote {len(table.rows):,} results to {out}{made}")


def chosen(outcome_of: Released, question: str | None, outcome: str | None) -> list[Any]:
    """The results rows that answer to the filter."""
    every = outcome_of.tables.results
    rows = [row for row in every if question in (None, row.question) and outcome in (None, row.outcome)]
    if every and not rows:
        questions = ", ".join(sorted({row.question for row in every}, key=lambda code: (code[:1], int(code[1:] or 0))))
        known = f"questions: {questions}; outcomes: {', '.join(sorted({row.outcome for row in every if row.outcome}))}"
        raise UsageError(f"no result answers to that; there are {known}")
    return rows


def write_tables(outcome_of: Released, folder: Path) -> None:
    """The tables folder: one CSV per released table, and what their columns mean."""
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / CODEBOOK, codebook().encode())
    for name in RESULT_TABLES:
        write_whole(
            folder / f"{name}.csv", as_csv(records(getattr(outcome_of.tables, name), name, outcome_of)).encode()
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table about to be written: its column names with their types, and its rows; a hidden cell still holds
    SUPPRESSED."""

    name: str
    columns: Mapping[str, str]
    rows: Sequence[Sequence[Any]]


def records(rows: Sequence[Any], name: str, outcome_of: Released) -> Sheet:
    """The rows as a table; results end with the sentence a director can read."""
    columns = table_columns(RESULT_TABLES[name])
    told = [[sentence(outcome_of, row)] for row in rows] if name == "results" else [[]] * len(rows)
    rows = [as_told(outcome_of, row) for row in rows] if name == "results" else rows
    cells = [[*(getattr(row, column) for column in columns), *said] for row, said in zip(rows, told, strict=True)]
    return Sheet(name, columns | ({"sentence": "VARCHAR"} if name == "results" else {}), cells)


def as_csv(table: Sheet) -> str:
    """CSV with a header line."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([safe(value) for value in row] for row in table.rows)
    return written.getvalue()


def safe(value: Any) -> Any:
    """A cell as CSV holds it; words that a spreadsheet would run as a formula are kept as words."""
    if value is None:
        return ""
    if is_suppressed(value):
        return str(value)
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) and not NUMBER.fullmatch(value) else value


def with_hidden_named(table: Sheet) -> list[dict[str, Any]]:
    """Rows as dicts with null for hidden cells, and the column `suppressed`, which names them."""
    return [
        {name: None if is_suppressed(value) else value for name, value in zip(table.columns, row, strict=True)}
        | {"suppressed": " ".join(name for name, value in zip(table.columns, row, strict=True) if is_suppressed(value))}
        for row in table.rows
    ]


def as_json_text(table: Sheet) -> str:
    return json.dumps(with_hidden_named(table), indent=1, ensure_ascii=False) + "\n"


def as_xlsx(table: Sheet) -> bytes:
    """One sheet with a frozen header; no formulas, no hidden sheets."""
    import xlsxwriter

    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": WRITTEN})
    sheet, bold = book.add_worksheet(table.name), book.add_format({"bold": True})
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, column, bold)
    for line, row in enumerate(table.rows, start=1):
        for place, value in enumerate(row):
            if value is not None:
                sheet.write(line, place, str(value) if is_suppressed(value) else value)
    book.close()
    return written.getvalue()


def as_parquet(table: Sheet) -> bytes:
    """Parquet with declared types, written by DuckDB."""
    import duckdb

    declared = {**table.columns, "suppressed": "VARCHAR"}
    names = ", ".join(f'"{column}" {kind}' for column, kind in declared.items())
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "results.parquet"
        con = duckdb.connect()
        con.execute(f"CREATE TABLE exported ({names})")
        if table.rows:
            con.executemany(
                f"INSERT INTO exported VALUES ({', '.join('?' * len(declared))})",
                [list(record.values()) for record in with_hidden_named(table)],
            )
        con.execute(f"COPY exported TO '{target}' (FORMAT parquet)")
        con.close()
        return target.read_bytes()


WRITERS: dict[str, Callable[[Sheet], bytes]] = {
    ".csv": lambda table: as_csv(table).encode(),
    ".json": lambda table: as_json_text(table).encode(),
    ".xlsx": as_xlsx,
    ".parquet": as_parquet,
}
