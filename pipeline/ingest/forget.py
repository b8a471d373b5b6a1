"""Withdrawals: a salted hash is noted in the ledger, and it is told where the person still is."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.errors import BusyError, CarelevelsError, DamagedError, StructureError, UsageError
from pipeline.ingest.delivery import read_delivery
from pipeline.ingest.forgotten import KEY, forgotten, in_tables, salted
from pipeline.ingest.run import reading_faults
from pipeline.storage.ledger_file import FORGOTTEN, append
from pipeline.storage.quoting import literal, name
from pipeline.store import WAREHOUSE, connect, reading
from pipeline.study import Study, run_command


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a person was found when the withdrawal was noted: rows by raw file and by table of the warehouse.

    alike     whether an id is there that differs in capitals or blanks only
    unread    what could not be looked into, and why
    """

    raw: tuple[tuple[str, int], ...]
    warehouse: tuple[tuple[str, int], ...]
    alike: bool
    unread: tuple[str, ...]

    @property
    def found(self) -> bool:
        return bool(self.raw or self.warehouse)

    @property
    def near(self) -> str:
        """What is said of an id that is there and differs only in capitals or blanks."""
        return " (one that differs only in capitals or blanks is)" if self.alike else ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self, study: Study) -> list[str]:
        """The same for a person to read; the id is not repeated."""
        said = [f"could not be looked into: {what}" for what in self.unread]
        if not self.found:
            return [
                *said,
                f"nobody with this id was found in the raw files or the databases{self.near}; it is noted all the same,"
                " for a later export",
            ]
        if self.raw:
            rows = ", ".join(f"{file} {count:,}" for file, count in self.raw)
            said.append(f"rows in the raw files, which are yours to renew: {rows}")
        if self.warehouse:
            rows = ", ".join(f"{table} {count:,}" for table, count in self.warehouse)
            said.append(f"rows in {WAREHOUSE} until the next run: {rows}")
            said.append(
                "results, pages and exports made so far count this person; the next run makes results and pages anew, "
                "copies that were handed over are out of reach"
            )
        return [*said, f"the next {run_command(study)} leaves this person out, and so does every later one"]


def refuse_nobody(study: Study, whereabouts: Whereabouts) -> None:
    """Raises UsageError for an id that nobody has, where every place could be looked into: a mistyped one would be
    noted for ever, and the person who withdrew would stay in."""
    if whereabouts.found or whereabouts.unread:
        return
    raise UsageError(
        f"nobody with this id is in the raw files or the databases{whereabouts.near}; nothing was noted. Check its "
        "spelling: ids are compared letter by letter. If the person's records are still to come, note it all the same:"
        f" carelevels forget {study.folder} PATIENT_ID --yes"
    )


def is_noted(study: Study, patient_id: str) -> bool:
    """Whether a person is on the list already, and so in no database any more."""
    return forgotten(study).holds(patient_id.strip())


def forget(study: Study, patient_id: str) -> bool:
    """Adds a person to the study's forgotten ledger (mode 0600); the id itself is not stored.  False where it was
    there.

    Raises UsageError for an empty id, LedgerError where the list cannot be read.
    """
    patient_id = patient_id.strip()
    if not patient_id:
        raise UsageError("forget needs the patient_id as the raw files spell it")
    listed = forgotten(study)
    if is_noted(study, patient_id):
        return False
    salt = next(iter(listed.salted), None) or secrets.token_hex(16)
    append(study.folder, FORGOTTEN, {"when": now(), "salt": salt, "sha256": salted(salt, patient_id)})
    return True


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def tie_to_names(study: Study, names: Sequence[str] = ()) -> None:
    """Notes under which names the lines of earlier versions were written, so that a new name of the study changes
    nothing.

    Without names: those under which a run has just found everyone; nothing where that is settled or was never asked.
    """
    listed = forgotten(study)
    if names or (listed.earlier and not listed.settled):
        known = listed.names if listed.settled else ()
        append(study.folder, FORGOTTEN, {"when": now(), "under": [*known, *(names or listed.names)]})


def whereabouts(study: Study, patient_id: str) -> Whereabouts:
    """Where a person is, in the raw files and in the warehouse."""
    patient_id, unread = patient_id.strip(), []
    raw: list[tuple[str, int]] = []
    built: list[tuple[str, int]] = []
    alike = False
    try:
        raw, alike = in_raw_files(study, patient_id)
    except CarelevelsError as fault:
        unread.append(str(fault))
    if (study.folder / WAREHOUSE).exists():
        try:
            with reading(study, WAREHOUSE) as con:
                built = in_tables(con, lambda table: f"{name(KEY)} = {literal(patient_id)}")
        except (DamagedError, BusyError) as fault:
            unread.append(str(fault))
    return Whereabouts(tuple(raw), tuple(built), alike, tuple(unread))


def in_raw_files(study: Study, patient_id: str) -> tuple[list[tuple[str, int]], bool]:
    """Rows by raw file whose patient_id this is, and whether one is alike but for capitals and blanks."""
    con, found, alike = connect(Path(":memory:")), [], 0
    try:
        with reading_faults(study):
            con.execute("CREATE SCHEMA loaded")
            delivery = read_delivery(study, con)
            if delivery.faults:  # a file that is refused may hold the person
                raise StructureError("; ".join(delivery.faults))
            for match in delivery.matches:
                if KEY not in match.cells:
                    continue
                cell = f"trim(CAST({name(match.cells[KEY])} AS VARCHAR))"
                [(rows, near)] = con.execute(
                    f"SELECT count(*) FILTER (WHERE {cell} = {literal(patient_id)}), "
                    f"count(*) FILTER (WHERE lower({cell}) = {literal(patient_id.lower())}) "
                    f"FROM {match.layout.relation()}"
                ).fetchall()
                alike += near - rows
                found += [(match.layout.label, rows)] if rows else []
    finally:
        con.close()
    return found, alike > 0
