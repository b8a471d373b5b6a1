"""Excel and OpenDocument workbooks: each sheet that holds a table, cells as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import StructureError
from pipeline.ingest.files.header import header_place, survey_rows
from pipeline.ingest.files.kept import Held, hold
from pipeline.ingest.files.seen import seen

if TYPE_CHECKING:
    import duckdb

Cells = list[str | None]


def sheet_names(path: Path) -> list[str]:
    """The sheets of a workbook that hold anything, in its order.  Raises StructureError where it cannot be opened."""
    return [name for name, rows in sheets(path) if rows]


def sheets(path: Path) -> Iterator[tuple[str, Sequence[Sequence[object]]]]:
    """Every sheet with its cells.  Raises StructureError for a file that is no workbook, or one behind a password."""
    import python_calamine

    try:
        book = python_calamine.load_workbook(str(path))
        for name in book.sheet_names:
            yield name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except python_calamine.CalamineError as fault:
        asks = isinstance(fault, python_calamine.PasswordError)
        locked = " (it asks for a password: save it without one)" if asks else ""
        raise StructureError(
            f"{path.name} cannot be opened as a workbook{locked}; open it in a spreadsheet program and save it again"
        ) from None


def hold_sheet(con: duckdb.DuckDBPyConnection, path: Path, sheet: str, table: str) -> Held:
    """One sheet written to a table of text cells with the row that a person sees.  Raises StructureError where it holds
    no table."""
    found = dict(sheets(path))
    rows = [[seen(cell) for cell in row] for row in found.get(sheet, [])]
    start = header_place([[cell or "" for cell in row] for row in rows])
    if not rows or not any(rows[start]):
        raise StructureError(f"{path.name}: the sheet {sheet} is empty")
    names = [" ".join((cell or "").split()) for cell in rows[start]]
    skipped = survey_rows([[cell or "" for cell in row] for row in rows[start:]])
    kept = list(filled_rows(rows[start + 1 + skipped :], start + 2 + skipped))
    columns = [(called, [row[place] for _, row in kept]) for place, called in enumerate(names)]
    columns = [(called, cells) for called, cells in columns if called or any(cells)]
    return hold(
        con, path, table, [called for called, _ in columns], [cells for _, cells in columns], [row for row, _ in kept]
    )


def filled_rows(rows: Sequence[Cells], first: int) -> Iterator[tuple[int, Cells]]:
    """The rows that hold anything, with the number that a person sees."""
    return ((number, row) for number, row in enumerate(rows, start=first) if any(row))
