"""Withdrawn people: only a salted hash of their id is ever kept, and every build leaves them out."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.errors import UsageError
from pipeline.store import private_files
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb

FORGOTTEN = "forgotten.jsonl"


def salted(study: Study, patient_id: str) -> str:
    """sha256 of the study's name and the id; the same text as salted_sql makes."""
    return hashlib.sha256(f"{study.name}:{patient_id}".encode()).hexdigest()


def forget(study: Study, patient_id: str) -> None:
    """Adds a person to the study's forgotten ledger (mode 0600); the id itself is not stored.  Repeating it changes
    nothing.

    Raises UsageError for an empty id.
    """
    patient_id = patient_id.strip()
    if not patient_id:
        raise UsageError("forget needs the patient_id as the raw files spell it")
    digest = salted(study, patient_id)
    if digest in forgotten(study):
        return
    folder = study.folder / "ledger"
    entry = {"when": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "sha256": digest}
    with private_files():
        folder.mkdir(exist_ok=True)
        with open(folder / FORGOTTEN, "a", encoding="utf-8") as handle:
            handle.write(json.dumps(entry, sort_keys=True) + "\n")


def forgotten(study: Study) -> set[str]:
    """The salted hashes of everyone who was forgotten."""
    path = study.folder / "ledger" / FORGOTTEN
    if not path.exists():
        return set()
    return {json.loads(line)["sha256"] for line in path.read_text(encoding="utf-8").splitlines() if line.strip()}


def write_forgotten(con: duckdb.DuckDBPyConnection, study: Study) -> bool:
    """Makes loaded.forgotten_hash(sha256); True where anybody is to be left out."""
    hashes = sorted(forgotten(study))
    con.execute("CREATE TABLE loaded.forgotten_hash (sha256 VARCHAR)")
    if hashes:
        con.execute("INSERT INTO loaded.forgotten_hash SELECT UNNEST(CAST(? AS VARCHAR[]))", [hashes])
    return bool(hashes)


def forgotten_rows_sql(study: Study, table: str, column: str) -> str:
    """SELECT of row, for the rows of loaded.<table> whose person was forgotten."""
    salt = (study.name + ":").replace("'", "''")
    return (
        f"SELECT r.rowid AS row FROM loaded.{table} AS r WHERE r.{column} IN "
        f"(SELECT person FROM (SELECT DISTINCT {column} AS person FROM loaded.{table}) AS people "
        f"WHERE sha256('{salt}' || person) IN (SELECT sha256 FROM loaded.forgotten_hash))"
    )
