"""The list of withdrawn people: salted hashes in the ledger, with the salt beside them, so that no new name undoes
it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.errors import BusyError, DamagedError, LedgerError
from pipeline.storage.ledger_file import AUDIT, FORGOTTEN, LEDGER, PROTOCOL, entries, field, numbered
from pipeline.storage.quoting import literal, name
from pipeline.store import RESULTS, fingerprint, reading
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb

KEY = "patient_id"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Everyone who withdrew.

    salted    hashes by the salt that stands beside them
    earlier   hash → line, of lines by earlier versions, which took the study's name of that day for a salt
    names     the names that those lines are tried with
    settled   whether a later line says under which names they were written
    lines     how many lines the file has
    """

    salted: Mapping[str, frozenset[str]]
    earlier: Mapping[str, int]
    names: tuple[str, ...]
    settled: bool
    lines: int

    @property
    def salts(self) -> tuple[str, ...]:
        """Everything an id must be hashed with to be looked up."""
        return (*self.salted, *(self.names if self.earlier else ()))

    @property
    def hashes(self) -> frozenset[str]:
        return frozenset(self.earlier).union(*self.salted.values())

    def holds(self, patient_id: str) -> bool:
        """Whether a line with its own salt stands for this id."""
        return any(salted(salt, patient_id) in known for salt, known in self.salted.items())

    def print_(self) -> str:
        """What a build depends on: who is left out, whatever the lines look like."""
        return fingerprint({salt: sorted(known) for salt, known in self.salted.items()}, self.earlier, self.salts)


def salted(salt: str, patient_id: str) -> str:
    """sha256 of a salt and an id; the same text as forgotten_rows_sql makes."""
    return hashlib.sha256(f"{salt}:{patient_id}".encode(errors="surrogateescape")).hexdigest()


def forgotten(study: Study) -> Forgotten:
    """The list as the ledger holds it.  Raises LedgerError where it cannot be read, or is shorter than it was."""
    path = study.folder / LEDGER / FORGOTTEN
    found = numbered(study.folder, FORGOTTEN)
    refuse_shorter(study, len(found))
    by_salt: dict[str, set[str]] = {}
    earlier: dict[str, int] = {}
    under: list[str] = []
    for number, entry in found:
        if "under" in entry:
            under += [str(name) for name in field(path, number, entry, "under", list)]
            continue
        digest = field(path, number, entry, "sha256", str)
        if "salt" in entry:
            by_salt.setdefault(field(path, number, entry, "salt", str), set()).add(digest)
        else:
            earlier[digest] = number
    names = tuple(under) or (names_so_far(study) if earlier else ())
    return Forgotten(
        {salt: frozenset(known) for salt, known in by_salt.items()}, earlier, names, bool(under), len(found)
    )


def names_so_far(study: Study) -> tuple[str, ...]:
    """Names that the study has or is known to have had: its own, its folder's, those of its protocols and results."""
    told: list[Any] = [study.name, study.folder.resolve().name]
    for entry in entries(study.folder, PROTOCOL):
        chosen = entry.get("protocol")
        identity = chosen.get("study") if isinstance(chosen, dict) else None
        told.append(identity.get("name") if isinstance(identity, dict) else "")
    if (study.folder / RESULTS).exists():
        told += names_in_results(study)
    return tuple(dict.fromkeys(name for name in told if isinstance(name, str) and name))


def names_in_results(study: Study) -> list[Any]:
    """The name that the results were made under; none where they cannot be read."""
    try:
        with reading(study, RESULTS) as con:
            return [name for (name,) in con.execute("SELECT study_name FROM manifest").fetchall()]
    except (DamagedError, BusyError):
        return []


def refuse_shorter(study: Study, lines: int, noted: int = 0) -> None:
    """Raises LedgerError where people were withdrawn of whom the list knows nothing any more.

    noted   how many lines the list had when something was last made with it
    """
    known = [
        entry["withdrawn"] if isinstance(entry.get("withdrawn"), int) else 1
        for entry in entries(study.folder, AUDIT)
        if entry.get("command") == "forget" and entry.get("exit") == 0
    ]
    if lines < max([noted, *known]):
        raise LedgerError(
            f"{study.folder / LEDGER / FORGOTTEN} has {lines} lines and had {max([noted, *known])}: people withdrew of"
            " whom it knows nothing any more, and a run would take them in again. Put the file back from a backup, or "
            f"note them again: carelevels forget {study.folder} PATIENT_ID"
        )


def write_forgotten(con: duckdb.DuckDBPyConnection, listed: Forgotten) -> bool:
    """Makes loaded.forgotten_hash(sha256); True where anybody is to be left out."""
    hashes = sorted(listed.hashes)
    con.execute("CREATE TABLE loaded.forgotten_hash (sha256 VARCHAR)")
    if hashes:
        con.execute("INSERT INTO loaded.forgotten_hash SELECT UNNEST(CAST(? AS VARCHAR[]))", [hashes])
    return bool(hashes)


def forgotten_rows_sql(listed: Forgotten, table: str, column: str) -> str:
    """SELECT of row, for the rows of loaded.<table> whose person was forgotten."""
    return (
        f"SELECT r.rowid AS row FROM loaded.{table} AS r WHERE r.{column} IN "
        f"(SELECT person FROM (SELECT DISTINCT {column} AS person FROM loaded.{table}) AS people "
        f"WHERE {is_forgotten(listed, 'person')})"
    )


def is_forgotten(listed: Forgotten, person: str) -> str:
    """SQL that is true where a person's id is on the list in loaded.forgotten_hash."""
    return " OR ".join(
        f"{hashed(salt, spelled)} IN (SELECT sha256 FROM loaded.forgotten_hash)"
        for salt in listed.salts
        for spelled in spellings(person)
    )


def spellings(person: str) -> tuple[str, str, str]:
    """SQL of an id as it stands, as a data frame would write it (101.0) and as it was before that: the three are one
    person, whichever of them was noted."""
    return person, f"({person} || '.0')", f"regexp_replace({person}, '^([0-9]+)[.]0$', '\\1')"


def hashed(salt: str, person: str) -> str:
    """SQL of a person's salted hash."""
    return f"sha256({literal(salt + ':')} || {person})"


def refuse_unmatched(con: duckdb.DuckDBPyConnection, study: Study, listed: Forgotten, tables: Sequence[str]) -> None:
    """Raises LedgerError where a line by an earlier version stands for nobody under any name that is known.

    Such a line may be of a person who is gone from the raw files, or of one who is there under the study's old name.
    """
    if listed.settled or not listed.earlier:
        return
    people = " UNION ".join(f"SELECT patient_id AS person FROM loaded.{table}" for table in tables)
    found = {
        digest
        for salt in listed.names
        for spelled in spellings("person")
        for (digest,) in con.execute(
            f"SELECT h FROM (SELECT {hashed(salt, spelled)} AS h FROM ({people}) AS people) AS hashed "
            "WHERE h IN (SELECT sha256 FROM loaded.forgotten_hash)"
        ).fetchall()
    }
    lost = [line for digest, line in listed.earlier.items() if digest not in found]
    if lost:
        raise LedgerError(
            f"{study.folder / LEDGER / FORGOTTEN}, line {lost[0]}: an earlier version tied it to the study's name of "
            f"that day, and nobody in the raw files answers to it under {', '.join(listed.names)}; whom to leave out is"
            " not known, so nothing was replaced. If the study had another name then, say it once: carelevels forget "
            f"{study.folder} --under NAME. If it always had this one and that person is no longer in the raw files: "
            f"carelevels forget {study.folder} --under {study.name}"
        )


def in_tables(con: duckdb.DuckDBPyConnection, condition: Callable[[str], str]) -> list[tuple[str, int]]:
    """Rows by table of a database, in every schema, for which a condition on patient_id holds."""
    tables = con.execute(
        "SELECT schema_name, table_name FROM duckdb_columns() JOIN duckdb_tables() USING (schema_name, table_name) "
        f"WHERE column_name = {literal(KEY)} ORDER BY ALL"
    ).fetchall()
    found = []
    for schema, table in tables:
        at = f"{name(schema)}.{name(table)}"
        [(rows,)] = con.execute(f"SELECT count(*) FROM {at} WHERE {condition(at)}").fetchall()
        found += [(f"{schema}.{table}", rows)] if rows else []
    return found


def take_out(con: duckdb.DuckDBPyConnection, listed: Forgotten, tables: Sequence[str]) -> None:
    """Empties the rows of withdrawn people where they were read into, and checks that no table holds one of them.

    The rows stay as empty ones, because the place of a row is its number in the file.
    """
    for table in tables:
        emptied = ", ".join(f"{name(column)} = NULL" for column in columns_of(con, table))
        con.execute(
            f"UPDATE loaded.{table} SET {emptied} WHERE rowid IN "
            f"(SELECT row FROM loaded.{table}_left_out WHERE fate = 'forgotten')"
        )
    people = f"SELECT DISTINCT {name(KEY)} AS person FROM"
    found = in_tables(
        con,
        lambda table: (
            f"{name(KEY)} IN (SELECT person FROM ({people} {table}) AS p WHERE {is_forgotten(listed, 'person')})"
        ),
    )
    if found:
        raise LedgerError(
            f"withdrawn people were found in {', '.join(table for table, _ in found)} after they were taken out; "
            "nothing was replaced. Please report this"
        )


def columns_of(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [row[0] for row in con.execute(f"DESCRIBE loaded.{table}").fetchall()]
