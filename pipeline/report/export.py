"""The released tables as files: CSV, JSON, XLSX, Parquet, or CSV on stdout.

In CSV and XLSX a hidden cell says `suppressed` and an unknown one is empty.  In JSON and Parquet a hidden cell is null and the
column `suppressed` names the columns that are hidden in that row, so that hidden and unknown stay apart there too.
"""

import csv
import io
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.report.files import write_whole
from pipeline.report.marker import SUPPRESSED
from pipeline.report.released import Released, released
from pipeline.results import RESULT_TABLES, table_columns
from pipeline.study import Study

WRITTEN = datetime(2000, 1, 1)


def export(study: Study, out: Path | None, question: str | None = None, outcome: str | None = None, as_json: bool = False) -> None:
    """Writes the released results, filtered, to a file by its ending, or to stdout as CSV (JSON where asked for).

    Raises UsageError for an ending nobody knows, or where nothing answers to the filter.
    """
    rows = chosen(released(study), question, outcome)
    if out is None:
        sys.stdout.write(as_json_text(rows, "results") if as_json else as_csv(rows, "results"))
        return
    if out.suffix not in WRITERS:
        raise UsageError(f"{out.name}: an export ends in {', '.join(WRITERS)}")
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, WRITERS[out.suffix](rows, "results"))


def chosen(outcome_of: Released, question: str | None, outcome: str | None) -> list[Any]:
    """The results rows that answer to the filter."""
    every = outcome_of.tables.results
    rows = [row for row in every if question in (None, row.question) and outcome in (None, row.outcome)]
    if every and not rows:
        questions = ", ".join(sorted({row.question for row in every}))
        known = f"questions: {questions}; outcomes: {', '.join(sorted({row.outcome for row in every if row.outcome}))}"
        raise UsageError(f"no result answers to that; there are {known}")
    return rows


def write_tables(outcome_of: Released, folder: Path) -> None:
    """The tables folder: one CSV per released table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in RESULT_TABLES:
        write_whole(folder / f"{name}.csv", as_csv(getattr(outcome_of.tables, name), name).encode())


def columns(name: str) -> list[str]:
    return list(table_columns(RESULT_TABLES[name]))


def hidden_in(row: Any) -> str:
    """Names of the columns that are hidden in this row."""
    return " ".join(field.name for field in fields(row) if getattr(row, field.name) is SUPPRESSED)


def as_csv(rows: Sequence[Any], name: str) -> str:
    """CSV with a header line."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns(name))
    writer.writerows([safe(getattr(row, column)) for column in columns(name)] for row in rows)
    return written.getvalue()


def safe(value: Any) -> Any:
    """A cell as CSV holds it; words that a spreadsheet would run as a formula are kept as words."""
    if value is None:
        return ""
    if value is SUPPRESSED:
        return str(SUPPRESSED)
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "@", "\t") else value


def records(rows: Sequence[Any], name: str) -> list[dict[str, Any]]:
    """Rows as dicts with null for hidden cells, and the column `suppressed`."""
    return [
        {column: None if getattr(row, column) is SUPPRESSED else getattr(row, column) for column in columns(name)}
        | {"suppressed": hidden_in(row)}
        for row in rows
    ]


def as_json_text(rows: Sequence[Any], name: str) -> str:
    return json.dumps(records(rows, name), indent=1, ensure_ascii=False) + "\n"


def as_xlsx(rows: Sequence[Any], name: str) -> bytes:
    """One sheet with a frozen header; no formulas, no hidden sheets."""
    import xlsxwriter

    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": WRITTEN})
    sheet, bold = book.add_worksheet(name), book.add_format({"bold": True})
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(columns(name)):
        sheet.write_string(0, place, column, bold)
    for line, row in enumerate(rows, start=1):
        for place, column in enumerate(columns(name)):
            value = getattr(row, column)
            if value is not None:
                sheet.write(line, place, str(value) if value is SUPPRESSED else value)
    book.close()
    return written.getvalue()


def as_parquet(rows: Sequence[Any], name: str) -> bytes:
    """Parquet with declared types, written by DuckDB."""
    import duckdb

    declared = table_columns(RESULT_TABLES[name]) | {"suppressed": "VARCHAR"}
    names = ", ".join(f'"{column}" {kind}' for column, kind in declared.items())
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "results.parquet"
        con = duckdb.connect()
        con.execute(f"CREATE TABLE exported ({names})")
        if rows:
            con.executemany(
                f"INSERT INTO exported VALUES ({', '.join('?' * len(declared))})",
                [list(record.values()) for record in records(rows, name)],
            )
        con.execute(f"COPY exported TO '{target}' (FORMAT parquet)")
        con.close()
        return target.read_bytes()


WRITERS: dict[str, Callable[[Sequence[Any], str], bytes]] = {
    ".csv": lambda rows, name: as_csv(rows, name).encode(),
    ".json": lambda rows, name: as_json_text(rows, name).encode(),
    ".xlsx": as_xlsx,
    ".parquet": as_parquet,
}
