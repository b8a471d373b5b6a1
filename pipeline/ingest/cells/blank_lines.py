"""Blank lines between the rows of a CSV file: the engine leaves them out, and a person counts them."""

import mmap
import re

from pipeline.ingest.layout import Layout

MOST = 200  # beyond, rows are numbered without them: somebody ended every line twice
TWO_BREAKS = re.compile(rb"\r\n\r\n|\n\n|\r\r")


def blank_lines(layout: Layout) -> tuple[int, ...]:
    """For each blank line among a plain CSV file's rows, how many rows stand above it; none where there are too many
    to be told."""
    if layout.made or layout.parquet or layout.zipped or len(layout.columns) < 2:
        return ()
    with open(layout.path, "rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if not TWO_BREAKS.search(content):
            return ()
        lines = re.split(rb"\r\n|\n|\r", content[:])
    found, row, quoted = [], 0, False
    for line in lines[layout.first_row - 1 : -1]:
        if not line and not quoted:
            found.append(row)
        else:
            quoted ^= line.count(b'"') % 2 == 1
            row += not quoted
    while found and found[-1] == row:  # at the end of the file nothing follows them
        found.pop()
    return tuple(found) if len(found) <= MOST else ()
