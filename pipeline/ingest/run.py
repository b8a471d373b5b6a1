"""The ingest stage: raw files to checked staging; every fault of structure is raised at once, before anything
counts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import ChangedError, StructureError
from pipeline.ingest.checking import CheckedTable, check_table
from pipeline.ingest.column_faults import is_told_by
from pipeline.ingest.consistency import consistency_warnings
from pipeline.ingest.delivery import Delivery, read_delivery
from pipeline.ingest.files.reading_once import let_go_of_held
from pipeline.ingest.files.views import forget_held
from pipeline.ingest.finish import books, stage_tables, tidy, write_books
from pipeline.ingest.forgotten import Forgotten, forgotten, refuse_unmatched, take_out, write_forgotten
from pipeline.ingest.identifiers.birth_days import screen_births
from pipeline.ingest.identifiers.screened import Screened, together
from pipeline.ingest.identifiers.screening import screen_declared
from pipeline.ingest.inputs import input_hashes, input_states
from pipeline.ingest.instruments import scaling_faults, unknown_names, variant_faults
from pipeline.ingest.loaded import Loaded
from pipeline.ingest.loading import TYPED_FROM_BYTES, load
from pipeline.ingest.matching import Match
from pipeline.ingest.report import IngestReport
from pipeline.ingest.stay_ranges import range_faults
from pipeline.ingest.structure import stop_on
from pipeline.storage.disk import disk_faults, told_by_library
from pipeline.storage.progress import shown
from pipeline.store import connect, spilling
from pipeline.study import Study

Say = Callable[[str], None]
Read = Callable[[Study, duckdb.DuckDBPyConnection, Say | None], IngestReport]
Load = Callable[[duckdb.DuckDBPyConnection, Study, Sequence[Match]], Loaded]


def ingest(
    study: Study, con: duckdb.DuckDBPyConnection, say: Say | None = None, *, typed_from: int = TYPED_FROM_BYTES
) -> IngestReport:
    """Reads, checks and stages all raw files of a study into an empty database (schemas staging and quarantine).

    Raises StructureError or IdentifierError with all faults at once; the database is then to be thrown away.
    """
    with reading_faults(study), disk_faults(study.raw_folder):
        before = input_states(study)
        report = staged(study, con, Engine(con, partial(load, typed_from=typed_from)))
        refuse_changed(before, input_states(study))
    for line in report.lines() if say else ():
        say(line)  # type: ignore[misc]
    return report


def refuse_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Raises ChangedError where a file is not as it was before it was read: what was read of it is of no one state."""
    changed = [name for name in {**before, **after} if content_of(before.get(name)) != content_of(after.get(name))]
    if changed:
        raise ChangedError(
            f"{', '.join(changed)} changed while it was read; nothing was replaced. Wait until the export or copy"
            " is done, then run the same command again"
        )


def content_of(entry: Mapping[str, Any] | None) -> tuple[Any, ...]:
    """What must be the same before and after: the hash, and size, time stamps and inode."""
    return (entry["sha256"], entry.get("state")) if entry else ()


@contextlib.contextmanager
def reading_faults(study: Study) -> Iterator[None]:
    """Raises the engine's errors as ours, without its words, which may quote a record."""
    try:
        yield
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except duckdb.OutOfMemoryException as fault:
        raise told_by_library(fault, study.folder) or StructureError(
            "the records need more memory than they may have; raise CARELEVELS_MEMORY (such as 8GB), or free disk space"
            " for what is put aside meanwhile"
        ) from None
    except duckdb.Error as fault:  # the engine's own words may quote a record
        raise told_by_library(fault, study.folder) or StructureError(
            f"the database engine stopped while reading the records ({type(fault).__name__}; its message is not shown, "
            "it may quote one); run carelevels check, and report this if it stays"
        ) from None


@dataclass(frozen=True, slots=True)
class Engine:
    """Where rows are put and every rule is asked of them.

    con    a database, or what takes the same statements
    load   puts the files of one table there
    bring  called when all is staged there: staging and quarantine come to the database of this machine
    """

    con: duckdb.DuckDBPyConnection
    load: Load
    bring: Callable[[], None] | None = None


def staged(study: Study, here: duckdb.DuckDBPyConnection, engine: Engine) -> IngestReport:
    """The stage itself; every step may add faults, and those that stop the run are raised together.

    here  the database of this machine, which finds out how files are laid out and holds staging in the end
    """
    con = engine.con
    here.execute("SET TimeZone = 'UTC'")  # otherwise the same file holds other days on another machine
    for schema in ("loaded", "staging", "quarantine"):
        here.execute(f"CREATE SCHEMA {schema}")
    delivery = read_delivery(study, here)
    loaded, faults, screened = load_all(study, con, delivery.matches, engine.load)
    forget_held(here)
    let_go_of_held(here)
    screened = together([delivery.screened, screened])
    faults = [*delivery.faults, *faults]
    if screened.faults:
        stop_on(faults, screened.faults)
    listed = forgotten(study)
    checked = check_all(con, study, loaded, listed)
    faults += [*(fault for one in checked for fault in one.faults), *nobody_left(con, checked)]
    faults += [] if faults else no_care(checked)
    names = [
        note for one in loaded if one.table.name == "assessments" for note in unknown_names(con, one.parts[0].file)
    ]
    found = [breach for one in checked for breach in one.breaches if not is_told_by(breach, faults)]
    stop_on(
        faults,
        [],
        [*names, *(breach.line() for breach in found if breach.severity != "warning")],
        [breach.line() for breach in found if breach.severity == "warning"],
    )
    delivery = replace(delivery, causes=(*delivery.causes, *names))
    refuse_unmatched(con, study, listed, [one.table.name for one in loaded if "patient_id" in one.columns])
    report = finish(study, con, checked, delivery, screened)
    if engine.bring:
        engine.bring()
    if listed.hashes:
        take_out(here, listed, [] if engine.bring else [one.table.name for one in loaded])
    con.execute("DROP TABLE loaded.forgotten_hash")
    return report


@contextlib.contextmanager
def checked(
    study: Study, say: Say | None = None, read: Read = ingest
) -> Iterator[tuple[duckdb.DuckDBPyConnection, IngestReport]]:
    """What ingest makes of the raw files, in memory, while somebody looks at it; nothing is built.

    read  the ingest of this engine or of another
    """
    with disk_faults(study.folder), contextlib.closing(connect(Path(":memory:"))) as con, spilling(con, study.folder):
        report = read(study, con, say)
        with reading_faults(study):
            yield con, report


def check(study: Study, say: Say | None = None) -> IngestReport:
    """What ingest would refuse or quarantine, found in memory."""
    with checked(study, say) as (_, report):
        return report


CARE = ("sessions", "episodes")  # one of them is indispensable


def load_all(
    study: Study, con: duckdb.DuckDBPyConnection, matches: Sequence[Match], load: Load
) -> tuple[list[Loaded], list[str], Screened]:
    """Every table that can be read, the faults of those that cannot, and what looks like an identifier."""
    loaded, faults, screened = [], [], []
    tables = [list(same) for _, same in groupby(matches, key=lambda one: one.table.name)]
    for parts in shown(tables, len(tables), "ingest", "tables are read"):
        try:
            loaded.append(load(con, study, parts))
        except StructureError as fault:
            faults.append(str(fault))
            continue
        screened.append(screen_declared(con, study, loaded[-1], parts))
        if parts[0].table.name == "assessments":
            faults += variant_faults(con, parts[0].layout.label)
            faults += scaling_faults(con, parts[0].layout.label, loaded[-1].columns)
    screened.append(screen_births(con, study, loaded))
    return loaded, faults, together(screened)


def check_all(
    con: duckdb.DuckDBPyConnection, study: Study, loaded: Sequence[Loaded], listed: Forgotten
) -> list[CheckedTable]:
    """Every table against its rules, people first, because the others point to them."""
    write_forgotten(con, listed)
    dates_allowed = study.study.regime != "relative-days"
    checked: list[CheckedTable] = []
    for one in shown(loaded, len(loaded), "ingest", "tables are checked"):
        before = [done.loaded.table.name for done in checked]
        checked.append(check_table(con, one, before, listed, dates_allowed=dates_allowed))
    return checked


def no_care(checked: Sequence[CheckedTable]) -> list[str]:
    if any(one.loaded.rows for one in checked if one.loaded.table.name in CARE):
        return []
    return [
        "neither sessions nor episodes hold a row, so there is no care to describe; export sessions (best) or episodes"
    ]


def nobody_left(con: duckdb.DuckDBPyConnection, checked: Sequence[CheckedTable]) -> list[str]:
    """Without one usable person nothing can be said: the reason is told once, where it lies."""
    faults = []
    for patients in [one for one in checked if one.loaded.table.name == "patients"]:
        [(kept,)] = con.execute("SELECT count(*) FROM loaded.patients_kept").fetchall()
        files = ", ".join(part.file for part in patients.loaded.parts)
        if not patients.loaded.rows:
            left_out = "gives no row of people: it is empty, or mapping.toml leaves all of its rows out"
            why = left_out if patients.loaded.lines else "has a header and no rows"
            faults.append(f"{files} {why}; export the people first")
        elif not kept:
            faults.append(f"{files}: none of its {patients.loaded.rows:,} rows can be used, for the reasons below")
    return faults


def finish(
    study: Study,
    con: duckdb.DuckDBPyConnection,
    checked: Sequence[CheckedTable],
    delivery: Delivery,
    screened: Screened,
) -> IngestReport:
    """Staging, quarantine and the books."""
    calendar = any(one.dates for one in delivery.matches)
    stage_tables(con, checked, calendar)
    stop_on(range_faults(con, study), [])
    files = books(con, checked, input_hashes(study))
    columns = {f"{one.loaded.table.name}.{column}" for one in checked for column in one.loaded.columns}
    breaches = [breach for one in checked for breach in one.breaches]
    breaches += consistency_warnings(con, columns, [file.file for file in files])
    write_books(con, files, breaches, screened.dropped)
    tidy(con, [one.loaded.table for one in checked])
    warnings = (*delivery.notes, *screened.notes)
    return IngestReport(tuple(files), tuple(breaches), screened.dropped, warnings, delivery.causes, delivery.known)
