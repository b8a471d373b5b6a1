"""Files of SPSS, Stata and SAS: codes as they are stored, their labels beside them, declared missing values empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import StructureError
from pipeline.ingest.files.kept import Held, hold
from pipeline.ingest.files.seen import seen

if TYPE_CHECKING:
    import duckdb

LABELED = " (label)"  # behind the name of the column that stands beside a coded one


def hold_statistical(con: duckdb.DuckDBPyConnection, path: Path, table: str) -> tuple[Held, str]:
    """The file as a table of text cells, and a note on missing values it declares.  Raises StructureError where it
    cannot be read."""
    content, told = read(path)
    columns: dict[str, list[str | None]] = {}
    for column, cells in content.items():
        columns[column] = [seen(cell) for cell in cells]
        labels = told.variable_value_labels.get(column)
        if labels and column + LABELED not in content:
            columns[column + LABELED] = labelled(columns[column], labels)
    rows = len(next(iter(columns.values()), []))
    held = hold(con, path, table, list(columns), list(columns.values()), range(1, rows + 1))
    declared = declared_missing(path)
    said = f"{path.name}: values that the file declares missing are read as empty ({', '.join(declared)})"
    return held, said if declared else ""


def declared_missing(path: Path) -> list[str]:
    """Columns for which an SPSS file declares values that mean missing; the library tells it only when asked so."""
    import pyreadstat

    if path.suffix.lower() not in (".sav", ".zsav"):
        return []
    _, told = pyreadstat.read_sav(str(path), metadataonly=True, user_missing=True, output_format="dict")
    return sorted({*told.missing_ranges, *told.missing_user_values})


def labelled(cells: list[str | None], labels: Mapping[Any, str]) -> list[str | None]:
    """The label of each code; the code itself where it has none."""
    known = {seen(code): label for code, label in labels.items()}
    return [known.get(cell, cell) for cell in cells]


def read(path: Path) -> tuple[Mapping[str, Any], Any]:
    """Columns by name, and what the file says of them."""
    import pyreadstat

    ending = path.suffix.lower()
    readers: dict[str, Callable[..., Any]] = {
        ".sav": pyreadstat.read_sav,
        ".zsav": pyreadstat.read_sav,
        ".por": pyreadstat.read_por,
        ".dta": pyreadstat.read_dta,
        ".sas7bdat": pyreadstat.read_sas7bdat,
        ".xpt": pyreadstat.read_xport,
    }
    try:
        content, told = readers[ending](str(path), output_format="dict")
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError):
        raise StructureError(
            f"{path.name} cannot be read as the {ending} file that its name says; export it again (was the copy cut"
            " off?), or save it as CSV"
        ) from None
    return content, told
