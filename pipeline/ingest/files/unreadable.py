"""The engine's fault with a file in our words; its own text may quote a record and is never shown."""

import re
from pathlib import Path

from pipeline.ingest.matching import Match


def unreadable(match: Match, told: str) -> str:
    """The engine's fault in our words: only line and cell counts are taken from its text, which may quote a record."""
    label = match.layout.label
    line = re.search(r"CSV Error on Line: (\d+)", told)
    where = f"{label}, line {int(line.group(1)):,}" if line else label
    cells = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", told)
    if cells:
        wanted, found = cells.groups()
        if int(found) < int(wanted):
            return (
                f"{where}: {found} cells where the header has {wanted}; the row, or the file, was cut off, or empty "
                "cells at its end were left out: export it again with every cell"
            )
        return (
            f"{where}: {found} cells where the header has {wanted}; a cell that holds a delimiter must stand in double"
            " quotes: export it again with quotes"
        )
    if "unterminated quote" in told or "quote" in told.split("Possible fixes")[0].lower():
        return f"{where}: {quotes(match.layout.path)}"
    if "unicode" in told.lower() or "utf-8" in told.lower():
        return f'{where}: not UTF-8; save the file as "CSV UTF-8" and run this again'
    if "gzip" in told.lower():
        return f"{label}: the gzip file is cut off or damaged; compress or copy it again"
    if "maximum line size" in told.lower() or "max_line_size" in told:
        return f"{where}: longer than two million bytes; no row of records is: is a double quote left open in it?"
    if "state machine" in told or "line size" in told.lower():
        return (
            f'{where}: its line endings or quotes are mixed, so its rows cannot be told apart; save it as "CSV UTF-8"'
            " again with one kind of line ending"
        )
    return f"{where}: cannot be read to its end; export it again as UTF-8 CSV"


def quotes(path: Path) -> str:
    """What is wrong with the double quotes of a file."""
    with open(path, "rb") as handle:
        if rb"\"" in handle.read(1 << 20):
            return "a double quote within a cell is written with a backslash; write it twice, as CSV does"
    return "a double quote opens and never closes; was the file cut off? Export it again"
