"""Tables become CSV files, and a record of their hashes lets a later run know which files are its own."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.errors import UsageError
from pipeline.schema import TABLES
from pipeline.storage.quoting import literal
from pipeline.synthetic.records.columns import PERSON

MADE = ".made.json"  # lies in the study folder: file names and sha256 of what synthesize wrote
OWN_BUILDS = ("warehouse.duckdb", "results.duckdb", "ledger", ".lock", ".gitignore", ".input_hashes.json", "fault.log")


def write_tables(folder: Path, tables: Mapping[str, pd.DataFrame], origin: np.ndarray | None) -> dict[str, Path]:
    """Writes raw/<table>.csv; with an origin (n,) days become whole numbers from each person's own, otherwise dates."""
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect()
    con.execute("SET enable_progress_bar = false")
    con.execute("SET threads = 1")
    written = {}
    for name, table in tables.items():
        con.register(
            "outgoing", table.drop(columns=PERSON, errors="ignore") if origin is None else shifted(name, table, origin)
        )
        selected = ", ".join(day_as_written(column, origin is None) for column in table if column != PERSON)
        written[name] = folder / f"{name}.csv"
        con.execute(f"COPY (SELECT {selected} FROM outgoing) TO {literal(written[name])} (HEADER, DELIMITER ',')")
        con.unregister("outgoing")
    con.close()
    return written


def day_as_written(column: str, as_date: bool) -> str:
    """SQL for one column; day columns become ISO dates under their date spelling."""
    if not as_date or not column.endswith("_day"):
        return f'"{column}"'
    return f'DATE \'1970-01-01\' + CAST("{column}" AS INTEGER) AS "{column.removesuffix("_day")}_date"'


def shifted(name: str, table: pd.DataFrame, origin: np.ndarray) -> pd.DataFrame:
    """The table with each person's days counted from that person's own origin; people unknown to us keep theirs."""
    if PERSON not in table:
        return table
    known = np.where(table[PERSON] >= 0, origin[np.maximum(table[PERSON], 0)], origin[0])
    days = [column.staged for column in TABLES[name].columns if column.kind == "day" and column.staged in table]
    return table.assign(**{day: table[day].astype("Int64") - known for day in days}).drop(columns=PERSON)


def sha256(path: Path) -> str:
    """Hash of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def refuse_to_overwrite(folder: Path) -> None:
    """Raises UsageError unless the folder is missing, empty, or holds nothing but what an earlier synthesize wrote.

    What the pipeline built from those files (databases, ledger) may stand beside them.
    """
    if not folder.exists() or not any(folder.iterdir()):
        return
    made = made_before(folder)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or name == MADE or name.split("/")[0].startswith(OWN_BUILDS):
            continue
        if name not in made:
            raise UsageError(
                f"{folder} holds {name}, which synthesize did not write, and nothing of yours will be overwritten; "
                "name an empty or new folder"
            )
        if made[name] != sha256(path):
            raise UsageError(
                f"{folder}: {name} was changed after synthesize wrote it, and nothing of yours will be overwritten; "
                "name an empty or new folder, or delete that file if you do not need it"
            )


def made_before(folder: Path) -> dict[str, str]:
    """File names and hashes that an earlier run noted; empty where none did."""
    record = folder / MADE
    return json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}


def note_made(folder: Path, paths: list[Path]) -> dict[str, str]:
    """Notes the hashes of what was written and returns them."""
    made = {path.relative_to(folder).as_posix(): sha256(path) for path in paths}
    (folder / MADE).write_text(json.dumps(made, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return made
