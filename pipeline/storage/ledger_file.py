"""The lines of a ledger file: JSON with a checksum each, appended for good, and read whole or not at all."""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import LedgerError
from pipeline.storage.disk import disk_faults, private_files

LEDGER = "ledger"
PROTOCOL = "protocol.jsonl"
AUDIT = "audit.jsonl"
FORGOTTEN = "forgotten.jsonl"
CHECK = "check"  # the last key of a line: a checksum of the others; lines of earlier versions have none


def append(folder: Path, name: str, entry: Mapping[str, Any]) -> None:
    """Adds one line to ledger/<name> of a study folder, readable by its owner alone; nothing is ever rewritten.

    The disk holds it when this returns; a line that could not be written whole is taken back.  Raises DiskError;
    LedgerError where the file was cut off within its last line.
    """
    path = ledger_folder(folder, make=True) / name
    line = json.dumps(dict(entry) | {CHECK: checksum(entry)}, sort_keys=True).encode() + b"\n"
    with disk_faults(path), opened(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, fcntl.LOCK_EX) as handle:
        before = os.fstat(handle).st_size
        if before and os.pread(handle, 1, before - 1) != b"\n":
            raise damaged(path, path.read_bytes().count(b"\n") + 1, "its last line was cut off")
        try:
            if os.write(handle, line) < len(line):
                raise OSError(errno.ENOSPC, "", str(path))
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, before)
            raise


def entries(folder: Path, name: str) -> list[dict[str, Any]]:
    """The lines of a ledger file, oldest first, without their checksums; none where it was never written.

    Raises LedgerError with the number of the first line that is not as it was written; DiskError.
    """
    return [entry for _, entry in numbered(folder, name)]


def numbered(folder: Path, name: str) -> list[tuple[int, dict[str, Any]]]:
    """The same with the number of each line."""
    path = ledger_folder(folder) / name
    with disk_faults(path):
        if not path.exists():
            return []
        with opened(path, os.O_RDONLY, fcntl.LOCK_SH):
            content = path.read_bytes()
    lines = content.split(b"\n")
    if lines[-1]:
        raise damaged(path, len(lines), "its last line was cut off")
    return [(number, whole(path, number, line)) for number, line in enumerate(lines[:-1], start=1) if line.strip()]


@contextlib.contextmanager
def opened(path: Path, flags: int, lock: int) -> Iterator[int]:
    """A file, locked for as long as it is open, so that nobody reads a line that is still being written."""
    with private_files():
        handle = os.open(path, flags, 0o600)
    try:
        fcntl.flock(handle, lock)
        yield handle
    finally:
        os.close(handle)


def whole(path: Path, number: int, line: bytes) -> dict[str, Any]:
    """One line as it was written, or LedgerError."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise damaged(path, number, "that line is no JSON") from None
    if not isinstance(entry, dict):
        raise damaged(path, number, "that line is no entry")
    if CHECK in entry and entry.pop(CHECK) != checksum(entry):
        raise damaged(path, number, "that line is not as it was written (its checksum differs)")
    return entry


def checksum(entry: Mapping[str, Any]) -> str:
    """The first 16 digits of the sha256 of an entry's JSON."""
    return hashlib.sha256(json.dumps(dict(entry), sort_keys=True).encode()).hexdigest()[:16]


def damaged(path: Path, number: int, what: str) -> LedgerError:
    """The refusal, with the way out."""
    return LedgerError(
        f"{path}, line {number:,}: {what}. The ledger cannot be made again, so nothing is read past a damaged line: "
        "put the file back from a backup. Without one, move that line into a file of its own, note why, and repeat"
        " what it stood for (a freeze; a forget, with the person's id)"
    )


def field(path: Path, number: int, entry: Mapping[str, Any], name: str, kind: type) -> Any:
    """A field that every entry of a file must have, or LedgerError with the line."""
    value = entry.get(name)
    if not isinstance(value, kind):
        raise damaged(path, number, f'that line has no "{name}"')
    return value


def ledger_folder(folder: Path, *, make: bool = False) -> Path:
    """ledger/ of a study folder.  Raises LedgerError where something else lies in its place."""
    path = folder / LEDGER
    if path.exists() and not path.is_dir():
        raise LedgerError(
            f"{path} is a file, and must be the folder in which the ledger is kept; move that file away. If there was "
            "a ledger, put it back from a backup first: withdrawn people stay out only while it is there"
        )
    if make:
        with disk_faults(path), private_files():
            path.mkdir(exist_ok=True)
    return path
