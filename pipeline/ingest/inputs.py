"""Finds the raw files of a study and hashes them; a hash is reused only where the file cannot have changed."""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import StructureError
from pipeline.schema import TABLES
from pipeline.store import private_files
from pipeline.study import Study

READABLE = (".csv", ".csv.gz", ".parquet")
JSON_LINES = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")  # read by sources/*.sql alone
CACHE = ".input_hashes.json"
SETTLED_NS = 2_000_000_000  # a file that changed less than two seconds before may change again within the clock's tick


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file of the raw folder; `table` is empty where its name is none of ours."""

    path: Path
    table: str

    @property
    def label(self) -> str:
        return self.path.name

    @property
    def stem(self) -> str:
        """The name without .csv, .csv.gz or .parquet: what sources/*.sql calls it."""
        return bare(self.path.name)

    @property
    def json(self) -> bool:
        """True for one JSON object a line, as FHIR servers export."""
        return self.path.name.lower().endswith(JSON_LINES)


def bare(name: str) -> str:
    """A file name without its readable ending."""
    for ending in sorted((*READABLE, *JSON_LINES), key=len, reverse=True):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def table_of(name: str) -> str:
    """The table a file belongs to: its own name, or its name and a part (`sessions_2025.csv`, `sessions-2.csv`)."""
    stem = bare(name).lower()
    for table in TABLES:
        rest = stem.removeprefix(table) if stem.startswith(table) else None
        if rest is not None and (not rest or not rest[0].isalpha()):
            return table
    return ""


@contextlib.contextmanager
def files_told() -> Iterator[None]:
    """What the system says of a file that cannot be read (permission, disk, network) as an error of ours."""
    try:
        yield
    except OSError as fault:
        name = Path(os.fsdecode(fault.filename)).name if fault.filename else "a file"
        raise StructureError(
            f"{name} cannot be read or written ({fault.strerror or type(fault).__name__}); check its permissions and "
            "the disk; nothing was replaced"
        ) from None


@files_told()
def raw_files(study: Study) -> list[RawFile]:
    """The readable files of the raw folder by name.  Raises StructureError where there is no such folder."""
    folder = study.raw_folder
    if not folder.is_dir():
        raise StructureError(
            f"the raw folder of this study does not exist ({study.study.raw}); put the exported files there, "
            "or name their folder under [study] raw in study.toml"
        )
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    known = [path for path in paths if path.name.lower().endswith((*READABLE, *JSON_LINES))]
    for path in known:
        if not path.is_file():
            raise StructureError(f"{path.name} is no file (a folder, or a link to nothing); put the export there")
    return [RawFile(path, table_of(path.name) if path.name.lower().endswith(READABLE) else "") for path in known]


@files_told()
def unread_files(study: Study) -> list[str]:
    """Names of files in the raw folder that ingest does not know how to read."""
    return sorted(
        path.name
        for path in study.raw_folder.iterdir()
        if path.is_file() and not path.name.startswith(".") and not path.name.lower().endswith((*READABLE, *JSON_LINES))
    )


def source_queries(study: Study) -> dict[str, Path]:
    """sources/*.sql by the table each one makes."""
    return {path.stem: path for path in sorted((study.folder / "sources").glob("*.sql"))}


@files_told()
def input_hashes(study: Study) -> dict[str, str]:
    """sha256 of everything ingest reads, by relative name: raw files, sources/*.sql and the forgotten ledger.

    A hash is reused where size, inode and both time stamps are those it was made with; a change of content with the
    same size moves the change time, which no program can set back.
    """
    named = {f"raw/{file.label}": file.path for file in raw_files(study)}
    named |= {f"sources/{path.name}": path for path in source_queries(study).values()}
    forgotten = study.folder / "ledger" / "forgotten.jsonl"
    if forgotten.exists():
        named["ledger/forgotten.jsonl"] = forgotten
    known = read_cache(study.folder / CACHE)
    fresh = {name: known_hash(path, known.get(name)) for name, path in named.items()}
    if fresh != known:
        with private_files():
            building = study.folder / f"{CACHE}.building"
            building.write_text(json.dumps(fresh, sort_keys=True), encoding="utf-8")
            os.replace(building, study.folder / CACHE)
    return {name: entry["sha256"] for name, entry in fresh.items()}


def known_hash(path: Path, known: dict[str, Any] | None) -> dict[str, Any]:
    """The cache entry of a file: the known one where it still holds, else a new one."""
    state = state_of(path)
    if known and known["settled"] and known["state"] == state:
        return known
    started = time.time_ns()
    digest = sha256(path)
    return {
        "state": state,
        "sha256": digest,
        "settled": state == state_of(path) and started - max(state[1:3]) > SETTLED_NS,
    }


def state_of(path: Path) -> list[int]:
    """Size, both time stamps and inode."""
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def sha256(path: Path) -> str:
    """Hash of a file's bytes."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def read_cache(path: Path) -> dict[str, Any]:
    """Earlier hashes; none where the file is absent or was damaged."""
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
