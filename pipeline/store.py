"""Opens a study's two databases, replaces them atomically, and keeps the manifest that says what each was made from."""

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import BuildError, BusyError, DamagedError, DiskError, StageError, UsageError
from pipeline.storage.disk import alive, discard, disk_faults, private_files, private_folder, told_by_library
from pipeline.storage.quoting import literal
from pipeline.study import Study, run_command

WAREHOUSE = "warehouse.duckdb"
RESULTS = "results.duckdb"
CHECKING = ".checking-"  # folders in which rows are put aside, each with the number of its process
SOURCES = {".py", ".sql", ".toml", ".csv", ".j2", ".css", ".js", ".json"}  # every kind of file a stage may be made from
MEMORY = "50%"  # of the machine, then the engine puts down on disk: questions are asked in two processes at once
STAGE_OF = {WAREHOUSE: "build", RESULTS: "analyze"}
NOTED: dict[Path, tuple[tuple[int, int, int], dict[str, str]]] = {}  # what notes_in has read


def connect(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection that never reaches for the network, shows no progress bar in a log, and takes half of the machine's
    memory at most, or what CARELEVELS_MEMORY says; one in memory puts nothing down on disk but within `spilling`."""
    con = duckdb.connect(str(path), read_only=read_only)
    if str(path) == ":memory:":  # it would write rows below the folder that somebody happens to stand in
        con.execute("SET temp_directory = ''")
    con.execute("SET autoinstall_known_extensions = false")
    [(bar,)] = con.execute("SELECT current_setting('enable_progress_bar')").fetchall()
    if bar:  # where it is off already, as in a notebook kernel, DuckDB may refuse to be told
        con.execute("SET enable_progress_bar = false")
    with_memory(con, os.environ.get("CARELEVELS_MEMORY") or MEMORY)
    return con


def with_memory(con: duckdb.DuckDBPyConnection, limit: str) -> None:
    """Bounds the engine's memory.  Raises UsageError for a limit that it does not understand."""
    try:
        con.execute("SET memory_limit = ?", [limit])
    except duckdb.Error:
        con.close()
        raise UsageError("CARELEVELS_MEMORY is no amount of memory; write it like 8GB or 500MB") from None


@contextlib.contextmanager
def spilling(con: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[None]:
    """What the engine puts down on disk meanwhile lies in a folder of its owner alone in this one; gone with the block,
    or with the next run after one that was killed."""
    with private_folder(folder, f"{CHECKING}{os.getpid()}-") as where:
        con.execute("SET temp_directory = ?", [str(where)])
        yield


@contextlib.contextmanager
def reading(study: Study, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A study's database, read-only.

    Raises StageError where the stage that writes it has not run, DamagedError where it cannot be read.
    """
    path = study.folder / name
    if not path.exists():
        raise StageError(f"{path} does not exist yet; run: carelevels {STAGE_OF[name]} {study.folder}")
    with (
        engine_faults(path, damaged_words(study, name)),
        contextlib.closing(connect(path, read_only=True)) as con,
        spilling(con, study.folder) if os.access(study.folder, os.W_OK) else contextlib.nullcontext(),
    ):
        yield con


@contextlib.contextmanager
def replacing(
    study: Study, name: str, *, rewrite_if: Callable[[duckdb.DuckDBPyConnection], bool] = lambda con: False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A new database built beside the old one and moved into its place only if the block ends without an error.

    An interrupted run, at any moment, leaves the last good state; what it left behind is removed by the next one.
    rewrite_if says whether something was taken out of it, so that it is copied without the blocks it left free.
    """
    final = study.folder / name
    building = study.folder / f"{name}.building"
    with disk_faults(final):
        if final.is_dir():
            raise IsADirectoryError(errno.EISDIR, "", str(final))
        discard(building)
    try:
        with engine_faults(building, BUILDING):
            with private_files():
                con = connect(building)
            with contextlib.closing(con), spilling(con, study.folder):
                # what a crash leaves is discarded, and a whole one is waited for once
                con.execute("SET fsync_mode = 'NONE'")
                yield con
                con.execute("CHECKPOINT")
                rewrite = rewrite_if(con)
            if rewrite:
                without_free_blocks(building)
            put_in_place(building, final)
    finally:
        discard(building)


def put_in_place(building: Path, final: Path) -> None:
    """Moves a whole database into its place, once the disk has it; what an interrupted change left beside the old one
    does not belong to the new one."""
    with disk_faults(final):
        with building.open("r+b") as whole:
            os.fsync(whole.fileno())
        final.with_name(f"{final.name}.wal").unlink(missing_ok=True)
        os.replace(building, final)


def without_free_blocks(path: Path) -> None:
    """Copies a database over itself, so that nothing is left in its file of what was taken out of it."""
    copy = path.with_name(f"{path.name}.copy")
    with private_files(), contextlib.closing(connect(Path(":memory:"))) as con, spilling(con, path.parent):
        con.execute(f"ATTACH {literal(path)} AS before (READ_ONLY)")
        con.execute(f"ATTACH {literal(copy)} AS after")
        con.execute("COPY FROM DATABASE before TO after")
    os.replace(copy, path)


@contextlib.contextmanager
def changing(study: Study, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A study's database, changed in one transaction: all of it or none of it.  Raises as reading does."""
    path = study.folder / name
    if not path.exists():
        raise StageError(f"{path} does not exist yet; run: carelevels ingest {study.folder}")
    with engine_faults(path, damaged_words(study, name)):
        with private_files():
            con = connect(path)
        with contextlib.closing(con), spilling(con, study.folder):
            con.execute("BEGIN")
            yield con
            con.execute("COMMIT")
            con.execute("CHECKPOINT")


BUILDING = "the database engine stopped while it wrote ({kind}); run the same command again, and report it if it stays"


def damaged_words(study: Study, name: str) -> str:
    """What is said of a database that cannot be read, with the way out."""
    again = f"{run_command(study)} --force"
    return (
        f"{study.folder / name} cannot be read: it is damaged, or another version made it ({{kind}}). Nothing is lost: "
        f"it holds only what was made from the raw files; run: {again} (and report it if it stays)"
    )


@contextlib.contextmanager
def engine_faults(path: Path, words: str) -> Iterator[None]:
    """Raises the engine's own errors as ours, and without its message, which may quote a record.

    words   what to say of the database at `path`; {kind} becomes the name of the engine's error
    """
    try:
        with disk_faults(path):
            yield
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except duckdb.OutOfMemoryException as fault:
        raise (told_by_library(fault, path) or BuildError(NEEDS_MEMORY)) from None
    except duckdb.Error as fault:
        if "could not set lock" in str(fault).lower() or "conflicting lock" in str(fault).lower():
            raise BusyError(f"another program has {path} open; close it there, then run this again") from None
        raise (told_by_library(fault, path) or DamagedError(words.format(kind=type(fault).__name__))) from None


NEEDS_MEMORY = (
    "this needs more memory than it may have; raise CARELEVELS_MEMORY (such as 8GB), or free disk space for what is put"
    " aside meanwhile"
)


def sweep(study: Study) -> None:
    """Removes what runs that were killed left in the study folder: half-built databases, and rows put aside."""
    with disk_faults(study.folder):
        for name in (WAREHOUSE, RESULTS):
            discard(study.folder / f"{name}.building")
        for folder in study.folder.glob(f"{CHECKING}*"):
            process = folder.name.removeprefix(CHECKING).split("-")[0]
            if not process.isdigit() or not alive(int(process)):
                shutil.rmtree(folder)


def code_fingerprint(*rooms: str) -> str:
    """Hash of the source of the rooms a stage depends on: another version of the code redoes the stage."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for room in rooms:
        path = here / room
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.suffix in SOURCES:
                digest.update(str(file.relative_to(here)).encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def import_closure_prints(modules: Iterable[str]) -> dict[str, str]:
    """By module, the hash of its source and of every module of ours that it imports, in turn: what its answers depend
    on."""
    known: dict[str, tuple[str, list[str]]] = {}  # each source is read once, however many modules import it
    return {module: closure_print(module, known) for module in set(modules)}


def closure_print(module: str, known: dict[str, tuple[str, list[str]]]) -> str:
    """One module's hash; known holds the hash and the imports of each source read so far, and gains those read now."""
    seen: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = Path(__file__).parent.parent / (name.replace(".", "/") + ".py")
        if name in seen or not path.is_file():
            continue
        if name not in known:
            known[name] = (hashlib.sha256(path.read_bytes()).hexdigest(), imports_of_ours(path))
        seen[name], imported = known[name]
        waiting += imported
    return fingerprint(sorted(seen.values()))


IMPORTS = re.compile(r"^[ \t]*from[ \t]+(pipeline[\w.]*)[ \t]+import[ \t]+(?:\(([^)]*)\)|([^\n(]+))", re.MULTILINE)


def imports_of_ours(path: Path) -> list[str]:
    """What a source imports of this project: modules, and names that may be modules.

    Read by eye, as it were: parsing two hundred sources took as long as a small study's answers.
    """
    source = re.sub(r"#[^\n]*", "", path.read_text(encoding="utf-8"))
    found = [(module, several or one) for module, several, one in IMPORTS.findall(source)]
    named = [(module, [part.split()[0] for part in names.split(",") if part.strip()]) for module, names in found]
    return [name for module, names in named for name in (module, *(f"{module}.{one}" for one in names))]


def folder_print(folder: Path) -> str:
    """Hash of the notebooks in a folder."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.ipynb")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def fingerprint(*parts: Any) -> str:
    """One hash of everything a stage was made from."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def read_rows(
    con: duckdb.DuckDBPyConnection, table: str, kind: type, first: int = 0, count: int | None = None
) -> tuple[Any, ...]:
    """Rows of a declared table as its dataclass, in the order in which they were written: count of them from the row
    numbered first, or all that follow."""
    names = [field.name for field in fields(kind)]
    columns = ", ".join(f'"{name}"' for name in names)  # check is a reserved word
    last = "" if count is None else f" AND rowid < {first + count}"
    rows = con.execute(f"SELECT {columns} FROM {table} WHERE rowid >= {first}{last} ORDER BY rowid").fetchall()
    return tuple(kind(**dict(zip(names, row, strict=True))) for row in rows)


def write_manifest(con: duckdb.DuckDBPyConnection, stage: str, content: dict[str, Any]) -> None:
    """Adds one stage's row to the database's own manifest_stage table: what it was made from and when."""
    con.execute("CREATE TABLE IF NOT EXISTS manifest_stage (stage VARCHAR, fingerprint VARCHAR, content VARCHAR)")
    con.execute("DELETE FROM manifest_stage WHERE stage = ?", [stage])
    con.execute(
        "INSERT INTO manifest_stage VALUES (?, ?, ?)",
        [stage, content["fingerprint"], json.dumps(content, sort_keys=True)],
    )


def database_prints(study: Study) -> dict[str, str]:
    """What the study's two databases were made from, in short; empty for one that does not exist or is being
    replaced."""
    found = {}
    for name, stage in ((WAREHOUSE, "ingest"), (RESULTS, "analyze")):
        try:
            found[stage] = str(stage_manifest(study, name, stage).get("fingerprint", ""))[:16]
        except (DamagedError, BusyError, DiskError):
            found[stage] = "unreadable"
    return found


def notes_in(study: Study, name: str) -> dict[str, str]:
    """By stage, what a database that is there notes of it; opened anew only where the file has changed since."""
    path = study.folder / name
    state = (file := path.stat()).st_ino, file.st_size, file.st_mtime_ns
    if path not in NOTED or NOTED[path][0] != state:
        with reading(study, name) as con:
            there = con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'manifest_stage'").fetchall()
            rows = con.execute("SELECT stage, content FROM manifest_stage").fetchall() if there else []
        NOTED[path] = state, dict(rows)
    return NOTED[path][1]


def stage_manifest(study: Study, name: str, stage: str) -> dict[str, Any]:
    """What a stage noted when it last ran; empty where it never did.  Raises DamagedError where it cannot be read."""
    if not (study.folder / name).exists():
        return {}
    content = notes_in(study, name).get(stage, "{}")
    try:
        noted = json.loads(content)
    except (ValueError, TypeError):
        noted = None
    if not isinstance(noted, dict):
        raise DamagedError(damaged_words(study, name).format(kind="manifest_stage"))
    return noted
