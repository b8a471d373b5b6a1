"""One run at a time may change a study; any number may read it meanwhile, but not while one changes it."""

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.errors import BusyError
from pipeline.storage.disk import disk_faults, private_files
from pipeline.study import Study

LOCK = ".lock"
MAY_NOT_WRITE = (errno.EROFS, errno.EACCES, errno.EPERM)


@contextlib.contextmanager
def locked(
    study: Study, *, shared: bool = False, patience: float = 600.0, say: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Holds the study for one run, or with others who only read; who must wait says so.  The lock dies with its
    process.

    Raises BusyError when patience (seconds) runs out, DiskError where there can be no lock.
    """
    with held(study.folder / LOCK, shared=shared, patience=patience, say=say, what=str(study.folder)):
        yield


@contextlib.contextmanager
def held(
    path: Path, *, shared: bool = False, patience: float = 600.0, say: Callable[[str], None] | None = None, what: str
) -> Iterator[None]:
    """Holds a lock file; `what` says in messages what it stands for."""
    handle = lock_file(path, shared)
    try:
        waited = 0.0
        while not taken(handle, path, shared):
            if waited == 0 and say:
                say(f"another run holds {what}; waiting for it to end")
            if waited >= patience:
                raise BusyError(
                    f"another run has held {what} for {patience:.0f} s; wait for it to end, or stop it, then run this"
                    " again"
                )
            time.sleep(0.2)
            waited += 0.2
        yield
    finally:
        os.close(handle)


def taken(handle: int, path: Path, shared: bool) -> bool:
    """Takes the lock where nobody else holds it."""
    import fcntl

    with disk_faults(path):
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def lock_file(path: Path, shared: bool) -> int:
    """The open lock file; who only reads may hold one that it may not write."""
    with disk_faults(path), private_files():
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as fault:
            if not shared or fault.errno not in MAY_NOT_WRITE or not path.exists():
                raise
            return os.open(path, os.O_RDONLY)
