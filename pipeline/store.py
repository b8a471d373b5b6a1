"""Opens a study's two databases, replaces them atomically, and keeps the manifest that says what each was made from."""

import ast
import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import BusyError, StageError
from pipeline.study import Study

WAREHOUSE = "warehouse.duckdb"
RESULTS = "results.duckdb"
SOURCES = {".py", ".sql", ".toml", ".csv", ".j2", ".css", ".json"}  # every kind of file a stage may be made from
STAGE_OF = {WAREHOUSE: "build", RESULTS: "analyze"}


def connect(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection that never reaches for the network and never shows a progress bar in a log."""
    con = duckdb.connect(str(path), read_only=read_only)
    con.execute("SET autoinstall_known_extensions = false")
    [(bar,)] = con.execute("SELECT current_setting('enable_progress_bar')").fetchall()
    if bar:  # where it is off already, as in a notebook kernel, DuckDB may refuse to be told
        con.execute("SET enable_progress_bar = false")
    limit = os.environ.get("CARELEVELS_MEMORY")
    if limit:
        con.execute("SET memory_limit = ?", [limit])
    return con


@contextlib.contextmanager
def reading(study: Study, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A study's database, read-only.  Raises StageError where the stage that writes it has not run."""
    path = study.folder / name
    if not path.exists():
        raise StageError(f"{path} does not exist yet; run: carelevels {STAGE_OF[name]} {study.folder}")
    con = connect(path, read_only=True)
    try:
        yield con
    finally:
        con.close()


@contextlib.contextmanager
def replacing(study: Study, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A new database built beside the old one and moved into its place only if the block ends without an error.

    An interrupted run, at any moment, leaves the last good state; what it left behind is removed by the next one.
    """
    final = study.folder / name
    building = study.folder / f"{name}.building"
    discard(building)
    with private_files():
        con = connect(building)
    try:
        yield con
        con.execute("CHECKPOINT")
        con.close()
        os.replace(building, final)
    finally:
        con.close()
        discard(building)


@contextlib.contextmanager
def changing(study: Study, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A study's database, changed in one transaction: all of it or none of it."""
    path = study.folder / name
    if not path.exists():
        raise StageError(f"{path} does not exist yet; run: carelevels ingest {study.folder}")
    with private_files():
        con = connect(path)
    try:
        con.execute("BEGIN")
        yield con
        con.execute("COMMIT")
        con.execute("CHECKPOINT")
    finally:
        con.close()


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """Files made inside are readable by their owner alone (mode 0600)."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def discard(path: Path) -> None:
    """Removes a half-built database and its side files."""
    for leftover in path.parent.glob(f"{path.name}*"):
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()


@contextlib.contextmanager
def locked(study: Study, *, patience: float = 600.0, say: Any = None) -> Iterator[None]:
    """Holds the study for one run; a second run says that it waits, and waits.  The lock dies with its process.

    Raises BusyError when patience (seconds) runs out.
    """
    import fcntl

    with private_files(), open(study.folder / ".lock", "w") as handle:
        waited = 0.0
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if waited == 0 and say:
                    say(f"another run holds {study.folder}; waiting for it to end")
                if waited >= patience:
                    raise BusyError(
                        f"another run has held {study.folder} for {patience:.0f} s; wait for it to end, "
                        "or stop it, then run this again"
                    ) from None
                time.sleep(0.2)
                waited += 0.2
        yield


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


def imports_of_ours(path: Path) -> list[str]:
    """What a source imports of this project: modules, and names that may be modules."""
    nodes = [node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.ImportFrom)]
    ours = [(node.module, node.names) for node in nodes if node.module and node.module.startswith("pipeline")]
    return [name for module, names in ours for name in (module, *(f"{module}.{one.name}" for one in names))]


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
        except duckdb.Error:
            found[stage] = "unreadable"
    return found


def stage_manifest(study: Study, name: str, stage: str) -> dict[str, Any]:
    """What a stage noted when it last ran; empty where it never did."""
    path = study.folder / name
    if not path.exists():
        return {}
    with reading(study, name) as con:
        if ("manifest_stage",) not in con.execute("SELECT table_name FROM information_schema.tables").fetchall():
            return {}
        rows = con.execute("SELECT content FROM manifest_stage WHERE stage = ?", [stage]).fetchall()
    return json.loads(rows[0][0]) if rows else {}
