"""Templates that `carelevels init` wrote and nobody filled in: beside a program's own files they mean nothing."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from pipeline.schema import TABLES

HEADER_BYTES = 4_000  # that the longest header of ours stays under


def is_template(path: Path) -> bool:
    """Whether a file is called `<table>.csv`, names columns of that table and holds no row; a missing file is none."""
    table = TABLES.get(path.stem) if path.suffix == ".csv" else None
    if table is None or not path.is_file() or path.stat().st_size > HEADER_BYTES:
        return False
    lines = path.read_bytes().decode("utf-8-sig", errors="replace").split("\n", 1)
    known = {spelling for column in table.columns for spelling in column.spellings}
    header = {cell.strip() for cell in next(csv.reader(lines[:1]), [])}
    return bool(header) and header <= known and not "".join(lines[1:]).strip()


def told(labels: Sequence[str]) -> list[str]:
    """That templates were left aside, in one line; none where there are none."""
    if not labels:
        return []
    are, them = ("is an empty template", "it") if len(labels) == 1 else ("are empty templates", "them")
    return [
        f"{', '.join(labels)} {are} of carelevels init, not read beside your files; fill {them} in, or delete {them}"
    ]
