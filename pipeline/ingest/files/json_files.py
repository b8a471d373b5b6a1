"""JSON as FHIR servers and web tools export it: one object a line, or one list of objects."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import StructureError
from pipeline.ingest.files.formats import JSON_LINES, is_one_of
from pipeline.storage.quoting import literal

if TYPE_CHECKING:
    import duckdb

GUESSED = re.compile(r"\b(DATE|TIME|TIMESTAMP(_S|_MS|_NS)?|UUID)\b( WITH TIME ZONE)?")


def json_relation(con: duckdb.DuckDBPyConnection, path: Path) -> tuple[str, tuple[str, ...]]:
    """SQL that reads the file, and its columns as all objects have them; days and times are left as the text they are.

    Raises StructureError where it is neither one object a line nor one list of objects.
    """
    import duckdb

    lines = is_one_of(path.name, JSON_LINES)
    read = f"read_json({literal(path)}, format = '{'newline_delimited' if lines else 'auto'}', sample_size = -1"
    try:
        described = con.execute(f"DESCRIBE SELECT * FROM {read})").fetchall()
    except duckdb.Error:
        kind = "JSON with one object a line" if lines else "JSON that is a list of objects"
        raise StructureError(f"{path.name} is not {kind}; export it again") from None
    kinds = ", ".join(f"{literal(row[0])}: {literal(GUESSED.sub('VARCHAR', row[1]))}" for row in described)
    return f"{read}, columns = {{{kinds}}})", tuple(row[0] for row in described)
