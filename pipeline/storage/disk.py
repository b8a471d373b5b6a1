"""What the file system may refuse, in our words; private files, and files that are written whole or not at all."""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import DiskError

SAYS = {
    errno.ENOSPC: "the disk is full; free some space, then run the same command again",
    errno.EDQUOT: "your share of the disk is used up; free some space, then run the same command again",
    errno.EFBIG: "a file may not grow as large as it must on this system (ulimit -f); raise that limit",
    errno.EROFS: "it lies on a read-only file system; copy the folder to where you may write",
    errno.EACCES: "this account may not do that; have its owner or mode changed, or use an account that may",
    errno.EPERM: "this account may not do that; have its owner or mode changed, or use an account that may",
    errno.ENOENT: "it is not there; was it moved or removed meanwhile?",
    errno.ENOTDIR: "a file lies where a folder must be; move that file away",
    errno.EISDIR: "a folder lies where a file must be; move that folder away",
    errno.EEXIST: "a file lies where a folder must be; move that file away",
    errno.ENAMETOOLONG: "its name is longer than this file system allows; use shorter names",
    errno.EMFILE: "too many files are open at once; raise that limit (ulimit -n) and run this again",
    errno.ENFILE: "too many files are open on this machine; close some programs and run this again",
    errno.EIO: "the disk reports an error; check the disk before you trust what is on it",
    errno.ESTALE: "the network folder went away; connect it again, then run the same command again",
    errno.ELOOP: "its links lead in a circle; remove the link",
    errno.ENOLCK: "this file system keeps no locks, so two runs could not be kept apart; use a local folder",
    errno.EOPNOTSUPP: "this file system cannot do that; use a local folder",
}
# what a library says where it keeps the operating system's number to itself
TOLD_BY_LIBRARIES = {
    "no space left": errno.ENOSPC,
    "file too large": errno.EFBIG,
    "read-only file system": errno.EROFS,
    "permission denied": errno.EACCES,
    "is a directory": errno.EISDIR,
    "not a directory": errno.ENOTDIR,
    "quota exceeded": errno.EDQUOT,
    "too many open files": errno.EMFILE,
    "input/output error": errno.EIO,
}


def disk_error(fault: OSError, path: Path | str = "") -> DiskError:
    """What the operating system refused, and the way out; names the file, never what is in it."""
    named = path or fault.filename or ""
    number = fault.errno or 0
    said = SAYS.get(number) or f"the operating system says: {os.strerror(number) if number else type(fault).__name__}"
    where = os.fsdecode(named) if isinstance(named, (str, bytes, os.PathLike)) else ""
    return DiskError(f"{where or 'a file'}: {said}. Nothing was replaced")


ENGINE = (
    *("IOException", "FatalException", "OutOfMemoryException", "PermissionException", "InternalException"),
    "TransactionException",
)


def told_by_library(fault: Exception, path: Path | str) -> DiskError | None:
    """The same for an error that the database engine gives only in words; None where it speaks of no disk.

    Errors about rows are left alone: they may quote a cell that happens to hold such words.
    """
    said = str(fault).lower() if type(fault).__name__ in ENGINE else ""
    number = next((number for words, number in TOLD_BY_LIBRARIES.items() if words in said), None)
    return None if number is None else disk_error(OSError(number, ""), path)


@contextlib.contextmanager
def disk_faults(path: Path | str = "") -> Iterator[None]:
    """Raises what the operating system refuses inside the block as DiskError."""
    try:
        yield
    except OSError as fault:
        raise disk_error(fault, "" if fault.filename else path) from None


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """Files made inside are readable by their owner alone (mode 0600)."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextlib.contextmanager
def private_folder(where: Path, prefix: str) -> Iterator[Path]:
    """A folder of this account alone, removed with the block; what may not be removed stays for the next sweep."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=where))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # TemporaryDirectory calls itself without end where it may not open


def write_whole(path: Path, content: bytes) -> None:
    """Writes beside the file and moves into its place, so that a reader sees the old one or the new one.

    Raises DiskError.
    """
    beside = path.with_name(f".{path.name}.building")
    with disk_faults(path):
        try:
            beside.write_bytes(content)
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)


def discard(path: Path) -> None:
    """Removes a half-built file, or folder, and those beside it whose names begin like its own."""
    for leftover in path.parent.glob(f"{path.name}*"):
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()


def alive(process: int) -> bool:
    """Whether a process of that number runs on this machine."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
