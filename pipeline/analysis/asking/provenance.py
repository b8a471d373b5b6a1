"""The manifest: one row that says what results.duckdb was made from, so that a database describes itself."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pipeline.schema import SCHEMA_VERSION
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb

PACKAGES = ("duckdb", "numpy", "pandas", "scipy")
COLUMNS = {
    "study_name": "VARCHAR",
    "title": "VARCHAR",
    "regime": "VARCHAR",
    "synthetic": "BOOLEAN",
    "calendar": "BOOLEAN",
    "data_from": "VARCHAR",
    "data_to": "VARCHAR",
    "study_json": "VARCHAR",
    "study_hash": "VARCHAR",
    "inputs_hash": "VARCHAR",
    "code_version": "VARCHAR",
    "code_hash": "VARCHAR",
    "schema_version": "INTEGER",
    "seed": "BIGINT",
    "packages": "VARCHAR",
    "started": "VARCHAR",
    "seconds": "VARCHAR",
    "frozen": "VARCHAR",
    "amendments": "INTEGER",
    "as_frozen": "BOOLEAN",
    "before_outcomes": "BOOLEAN",
    "sites": "INTEGER",
    "episodes": "BIGINT",
    "rows_read": "BIGINT",
    "rows_quarantined": "BIGINT",
}
# where programs.csv names none, each of several programs stands for a site, and nobody knows how many there are
NAMED_SITES = (
    "CASE WHEN COUNT(DISTINCT site) > 1 AND BOOL_AND(site = program_id) THEN NULL ELSE COUNT(DISTINCT site) END"
)


def manifest_row(warehouse: duckdb.DuckDBPyConnection, study: Study, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest's one row; days become dates only where the study's days are calendar days."""
    [(calendar, first, last)] = warehouse.execute("SELECT calendar, first_day, last_day FROM staging.facts").fetchall()
    [(sites, episodes)] = warehouse.execute(f"SELECT {NAMED_SITES}, COUNT(*) FROM analysis_set").fetchall()
    [(read, quarantined)] = warehouse.execute("SELECT SUM(read), SUM(quarantined) FROM staging.files").fetchall()
    return {
        "study_name": study.name,
        "title": study.study.title,
        "regime": study.study.regime,
        "synthetic": study.study.synthetic,
        "calendar": calendar,
        "data_from": as_date(first, calendar),
        "data_to": as_date(last, calendar),
        "study_json": study.as_json(),
        "study_hash": hashlib.sha256(study.as_json().encode()).hexdigest(),
        "inputs_hash": provenance.get("inputs", ""),
        "code_version": importlib.metadata.version("carelevels"),
        "code_hash": provenance.get("code", ""),
        "schema_version": SCHEMA_VERSION,
        "seed": study.study.seed,
        "packages": json.dumps({name: importlib.metadata.version(name) for name in PACKAGES}),
        "started": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": json.dumps(provenance.get("seconds", {})),
        "frozen": provenance.get("frozen", ""),
        "amendments": provenance.get("amendments", 0),
        "as_frozen": provenance.get("as_frozen", False),
        "before_outcomes": provenance.get("before_outcomes", False),
        "sites": sites,
        "episodes": episodes,
        "rows_read": int(read or 0),
        "rows_quarantined": int(quarantined or 0),
    }


def as_date(day: int | None, calendar: bool) -> str:
    """A calendar day as an ISO date; nothing where days have no calendar, because none may be invented."""
    return (date(1970, 1, 1) + timedelta(days=int(day))).isoformat() if calendar and day is not None else ""


def write_manifest_row(results: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> None:
    """Writes the manifest table: exactly one row, in declared order."""
    results.execute(f"CREATE TABLE manifest ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
    results.execute(f"INSERT INTO manifest VALUES ({', '.join('?' for _ in COLUMNS)})", [row[name] for name in COLUMNS])
