"""Reads results.duckdb once, through the gate; what pages, notebooks and exports may know is a Released, and nothing
else."""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from pipeline.errors import StageError
from pipeline.report.disclosure.gate import Tables, release
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.results import RESULT_TABLES, CurvePoint, Result
from pipeline.store import RESULTS
from pipeline.study import Study
from pipeline.study_file import load_study

UNRELEASED = (
    "episodes",
    "rows_read",
    "rows_quarantined",
)  # totals that would undo the gate: hidden arms and files could be subtracted


@dataclass(frozen=True, slots=True)
class Released:
    """What may leave of one study: tables whose hidden cells hold SUPPRESSED, the manifest, and the study's own
    choices."""

    study: Study
    tables: Tables
    manifest: Mapping[str, Any]
    results_hash: str

    @property
    def arms(self) -> tuple[str, ...]:
        """Arms with a scorecard, in study order."""
        present = {row.arm for row in self.tables.results if row.analysis == "scorecard"}
        return tuple(arm for arm in self.study.arms if arm in present)

    def rows(self, **wanted: Any) -> tuple[Result, ...]:
        """The results rows whose columns hold these values, in stored order."""
        return tuple(
            row for row in self.tables.results if all(getattr(row, name) == value for name, value in wanted.items())
        )

    def row(self, **wanted: Any) -> Result | None:
        """The first such row, or None where the analysis wrote none."""
        return next(iter(self.rows(**wanted)), None)

    def curves(self, analysis: str, **wanted: Any) -> tuple[CurvePoint, ...]:
        """The curve points of one analysis whose columns hold these values, in stored order."""
        of = {row.result_id for row in self.tables.results if row.analysis == analysis}
        return tuple(
            point
            for point in self.tables.curves
            if point.result_id in of and all(getattr(point, name) == value for name, value in wanted.items())
        )

    def hidden(self, *analyses: str) -> int:
        """How many results rows of these analyses lost something at the gate."""
        rows = [row for row in self.tables.results if row.analysis in analyses]
        return sum(any(getattr(row, f.name) is SUPPRESSED for f in fields(row)) for row in rows)


def open_released(folder: Path | str) -> Released:
    """The released tables of a study folder.  Raises StageError where the analysis has not run."""
    return released(load_study(folder))


def released(study: Study) -> Released:
    """The released tables of a study."""
    with results_database(study) as con:
        tables = release(
            Tables(**{name: read_table(con, name, kind) for name, kind in RESULT_TABLES.items()}), study.disclosure
        )
        manifest = read_manifest(con, study)
    refuse_stale(study, manifest)
    # of what is released, not of what is stored: a hash of hidden counts could be guessed
    return Released(study, tables, MappingProxyType(manifest), hashlib.sha256(repr(tables).encode()).hexdigest())


def refuse_stale(study: Study, manifest: Mapping[str, Any]) -> None:
    """Pages quote the study's choices, so numbers made under other ones may not stand beside them; only the title and
    gate may differ."""
    kept = {"disclosure": None, "study": None}
    now, then = (json.loads(text) | kept for text in (study.as_json(), manifest["study_json"]))
    if now != then:
        changed = ", ".join(sorted(key for key in now if now[key] != then.get(key)))
        raise StageError(
            f"study.toml changed since the results were made ({changed}); run: carelevels run {study.folder}"
        )


@contextlib.contextmanager
def results_database(study: Study) -> Iterator[duckdb.DuckDBPyConnection]:
    """results.duckdb, read-only.  Not by store.reading: DuckDB refuses its progress-bar setting inside a notebook
    kernel."""
    path = study.folder / RESULTS
    if not path.exists():
        raise StageError(f"{path} does not exist yet; run: carelevels run {study.folder}")
    con = duckdb.connect(str(path), read_only=True, config={"autoinstall_known_extensions": "false"})
    try:
        yield con
    finally:
        con.close()


def read_table(con: duckdb.DuckDBPyConnection, name: str, kind: type) -> tuple[Any, ...]:
    """One declared table as its dataclass, in the order the analysis wrote it."""
    columns = [field.name for field in fields(kind)]
    quoted = ", ".join(f'"{column}"' for column in columns)  # check is a reserved word
    rows = con.execute(f"SELECT {quoted} FROM {name} ORDER BY rowid").fetchall()
    return tuple(kind(**dict(zip(columns, row, strict=True))) for row in rows)


def read_manifest(con: duckdb.DuckDBPyConnection, study: Study) -> dict[str, Any]:
    """The manifest's one row without the totals that would undo the gate."""
    cursor = con.execute("SELECT * FROM manifest")
    names = [column[0] for column in cursor.description or ()]
    rows = cursor.fetchall()
    if len(rows) != 1:
        raise StageError(f"{study.folder}: results.duckdb has no manifest; run: carelevels analyze {study.folder}")
    return {name: value for name, value in zip(names, rows[0], strict=True) if name not in UNRELEASED}
