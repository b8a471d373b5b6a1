"""Finds the raw files of a study and hashes them; a hash is reused only where the file cannot have changed."""

import hashlib
import json
import re
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import StructureError
from pipeline.ingest.files.formats import DATABASES, JSON, READABLE, bare, is_one_of, shown
from pipeline.ingest.files.templates import is_template
from pipeline.ingest.forgotten import forgotten
from pipeline.schema import TABLES
from pipeline.storage.disk import disk_faults, private_files, write_whole
from pipeline.storage.ledger_file import FORGOTTEN, LEDGER
from pipeline.store import RESULTS, WAREHOUSE
from pipeline.study import Study

MAPPING = "mapping.toml"
CACHE = ".input_hashes.json"
SETTLED_NS = 2_000_000_000  # a file that changed less than two seconds before may change again within the clock's tick


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file of the raw folder; `table` is empty where its name is none of ours."""

    path: Path
    table: str

    @property
    def label(self) -> str:
        return shown(self.path.name)

    @property
    def stem(self) -> str:
        """The name without its ending: what a mapping or sources/*.sql calls it."""
        return bare(self.path.name)


def table_of(name: str) -> str:
    """The table a file belongs to: its own name, or its name and a part (`sessions_2025.csv`, `sessions-2.csv`)."""
    stem = bare(name).lower()
    for table in TABLES:
        rest = stem.removeprefix(table) if stem.startswith(table) else None
        if rest is not None and (not rest or not rest[0].isalpha()):
            return table
    return ""


def raw_files(study: Study) -> list[RawFile]:
    """The files of the raw folder that are read, by name, without templates that stand aside.

    Raises StructureError where there is no such folder.
    """
    files = readable_files(study)
    aside = templates_aside(study, files)
    return [file for file in files if file not in aside]


def templates_aside(study: Study, files: Sequence[RawFile]) -> list[RawFile]:
    """Templates without a row where the records come from elsewhere: a mapping, queries, or another file of the
    table."""
    elsewhere = (study.folder / MAPPING).is_file() or bool(source_queries(study))
    tables = [table_of(file.label) for file in files]
    return [
        file for file in files if file.table and (elsewhere or tables.count(file.table) > 1) and is_template(file.path)
    ]


def readable_files(study: Study) -> list[RawFile]:
    """The files of the raw folder that are of a known format.  Raises StructureError where there is no such folder."""
    folder = study.raw_folder
    if not folder.is_dir():
        raise StructureError(
            f"the raw folder of this study does not exist ({study.study.raw}); put the exported files there, "
            "or name their folder under [study] raw in study.toml"
        )
    with disk_faults(folder):
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    refuse_unprintable(paths)
    own = {study.folder.resolve() / made for made in (WAREHOUSE, RESULTS)}
    known = [path for path in paths if is_one_of(path.name, READABLE) and path.resolve() not in own]
    for path in known:
        if not path.is_file():
            raise StructureError(f"{path.name} is no file (a folder, or a link to nothing); put the export there")
    return [RawFile(path, "" if is_one_of(path.name, (*JSON, *DATABASES)) else table_of(path.name)) for path in known]


def refuse_unprintable(paths: Sequence[Path]) -> None:
    """Raises StructureError for file names that are no text, which no engine could open and no page could name."""
    odd = ["".join("?" if no_text(letter) else letter for letter in path.name) for path in paths]
    if odd != [path.name for path in paths]:
        shown = [name for name, path in zip(odd, paths, strict=True) if name != path.name]
        raise StructureError(
            f"the raw folder holds files whose names are no text (? stands for what is none): {', '.join(shown)}; "
            "rename them"
        )


def no_text(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs")


def unread_files(study: Study) -> list[str]:
    """What lies in the raw folder and is not read: files of a format that ingest does not know, and folders."""
    found = sorted(path for path in study.raw_folder.iterdir() if not path.name.startswith("."))
    return [
        f"{path.name} is a folder: files are read from the raw folder itself, not from folders below it"
        if path.is_dir()
        else f"{path.name} is of no format that is read ({', '.join(READABLE)})"
        for path in found
        if not is_one_of(path.name, READABLE)
    ]


def source_queries(study: Study) -> dict[str, Path]:
    """sources/*.sql by the table each one makes."""
    return {path.stem: path for path in sorted((study.folder / "sources").glob("*.sql"))}


def input_hashes(study: Study) -> dict[str, str]:
    """Hash of everything ingest reads, by relative name."""
    return {name: entry["sha256"] for name, entry in input_states(study).items()}


def input_states(study: Study) -> dict[str, dict[str, Any]]:
    """sha256 and state of everything ingest reads, by relative name: raw files, sources/*.sql and the forgotten ledger.

    A hash is reused where size, inode and both time stamps are those it was made with; a change of content with the
    same size moves the change time, which no program can set back.  Raises DiskError, and LedgerError for the ledger.
    """
    named = {f"raw/{file.path.name}": file.path for file in raw_files(study)}
    named |= {f"sources/{path.name}": path for path in source_queries(study).values()}
    if (study.folder / MAPPING).is_file():
        named[MAPPING] = study.folder / MAPPING
    known = read_cache(study.folder / CACHE)
    with disk_faults(study.folder):
        fresh = {name: known_hash(path, known.get(name)) for name, path in named.items()}
    if fresh != known:
        with private_files():
            write_whole(study.folder / CACHE, json.dumps(fresh, sort_keys=True).encode())
    if (study.folder / LEDGER / FORGOTTEN).exists():
        return fresh | {f"{LEDGER}/{FORGOTTEN}": {"sha256": forgotten(study).print_()}}
    return fresh


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
    """Earlier hashes; none where the file is absent, and only those that are whole where it was damaged."""
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return {}
    return {name: entry for name, entry in content.items() if is_whole(entry)} if isinstance(content, dict) else {}


def is_whole(entry: Any) -> bool:
    """Whether a cache entry is one that known_hash wrote."""
    return (
        isinstance(entry, dict)
        and entry.keys() == {"state", "sha256", "settled"}
        and isinstance(entry["settled"], bool)
        and isinstance(entry["sha256"], str)
        and re.fullmatch("[0-9a-f]{64}", entry["sha256"]) is not None
    )
