"""Pages are made in a folder of their own and take their places together, so that a folder shows one state of the
data."""

import contextlib
import errno
import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from pipeline.storage.disk import disk_faults, write_whole
from pipeline.storage.locks import held

BUILDING = ".building"
READY = ".ready"  # written when every page is whole: from here on a stop means going on
LOCK = ".lock"
STAMP = ".made_from"  # first line: what a full set was made from; second: the hash of the results that are shown


@dataclass(slots=True)
class Draft:
    """Pages that are not in their places yet, and the names of those they supersede, which are then removed."""

    folder: Path
    superseded: list[str] = field(default_factory=list)


@contextlib.contextmanager
def publishing(folder: Path, say: Callable[[str], None]) -> Iterator[Draft]:
    """A folder to make pages in; what is in it takes its place in `folder` when the block ends without an error.

    Until then, and after any error or Ctrl-C, the last complete set of pages stands.  Raises DiskError, BusyError.
    """
    building = folder / BUILDING
    with disk_faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with held(folder / LOCK, say=say, what=str(folder)), disk_faults(folder):
        finish(folder)
        building.mkdir()
        draft = Draft(building)
        try:
            yield draft
            refuse_what_is_in_the_way(folder, made_in(building))
            made = {str(path.relative_to(building)) for path in made_in(building)}
            write_whole(building / READY, json.dumps([name for name in draft.superseded if name not in made]).encode())
            with stops_held():
                finish(folder)
        finally:
            if building.is_dir() and not (building / READY).exists():
                shutil.rmtree(building)


def finish(folder: Path) -> None:
    """Moves a whole set of pages into its place, also one that a killed run had begun to move; drops one that is not
    whole."""
    building = folder / BUILDING
    superseded = whole(building / READY)
    if superseded is not None:
        for name in superseded:
            (folder / name).unlink(missing_ok=True)
        for path in made_in(building):
            target = folder / path.relative_to(building)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)
    if building.is_dir():
        shutil.rmtree(building)


def whole(ready: Path) -> list[str] | None:
    """The names that a whole set of pages supersedes; None where the set is not whole."""
    try:
        return [Path(name).name for name in json.loads(ready.read_bytes())] if ready.is_file() else None
    except (ValueError, TypeError):
        return None


def made_in(building: Path) -> list[Path]:
    """The files to be moved; the stamp last."""
    files = [path for path in building.rglob("*") if path.is_file() and path.name != READY]
    return sorted(files, key=lambda path: (path.name == STAMP, path))


def refuse_what_is_in_the_way(folder: Path, files: Iterable[Path]) -> None:
    """Raises OSError before anything is moved where a folder lies in the place of a page, or a file in a folder's."""
    for path in files:
        target = folder / path.relative_to(folder / BUILDING)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "", str(target))
        if target.parent.exists() and not target.parent.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "", str(target.parent))


@contextlib.contextmanager
def stops_held() -> Iterator[None]:
    """Lets Ctrl-C and the like wait until the block is done: it takes milliseconds."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def later(number: int, frame: FrameType | None) -> None:
        came.append(number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, later) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


def stamped(folder: Path) -> tuple[str, str]:
    """What the last full set was made from, and the hash of the results that the folder's pages show; '' where unknown,
    or where a killed run was moving pages."""
    stamp = folder / STAMP
    with disk_faults(stamp):
        if (folder / BUILDING / READY).exists() or not stamp.is_file():
            return "", ""
        lines = stamp.read_bytes().decode(errors="replace").split("\n")
    return lines[0].strip(), (lines[1].strip() if len(lines) > 1 else "")
