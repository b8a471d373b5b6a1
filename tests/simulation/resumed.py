"""Single studies on disk, so that a long simulation can be stopped, resumed and never mixes two versions of the code."""

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, fields
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

HERE = Path(__file__).parent
ROOT = HERE.parents[1] / "pipeline"
ANSWERING = (
    "choices",
    "analysis",
    "stats",
    "synthetic",
    "measures",
)  # whatever an answer and the people behind it follow from
DIGITS = 8
One, Task = TypeVar("One"), TypeVar("Task")


class OtherCodeError(Exception):
    """What lies on disk was made by another version of the code."""


def code_of(*more: str) -> str:
    """A hash of all the code that an answer follows from, in these rooms besides; not of how questions are handed to
    processes."""
    rooms = [sorted((ROOT / room).rglob("*.py")) for room in (*ANSWERING, *more)]
    rooms += [sorted((ROOT / room).rglob("*.sql")) for room in more]
    parts = [path for paths in rooms for path in paths if path.parent.name != "asking"]
    drawing = [HERE / "truth_records.py", HERE / "gate" / "worlds.py"]
    every = [*parts, ROOT / "study.py", *drawing]
    return sha256(b"".join(path.read_bytes() for path in every)).hexdigest()[:12]


def read_runs(kind: type[One], path: Path, code: str) -> list[One]:
    """The studies run so far; raises OtherCodeError where another version of the code made them."""
    if not path.exists():
        return []
    kinds = get_type_hints(kind)
    with path.open(encoding="utf-8", newline="") as lines:
        found = [kind(**{name: read(cell, kinds[name]) for name, cell in row.items()}) for row in csv.DictReader(lines)]
    if {one.code for one in found} - {code}:  # type: ignore[attr-defined]
        raise OtherCodeError(f"{path.name} was made by another version of the code; set it aside and begin anew")
    return found


def add_runs(path: Path, rows: Sequence[Any]) -> None:
    """Appends finished studies."""
    if not rows:
        return
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, [field.name for field in fields(rows[0])], lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerows(written(row) for row in rows)


def write_table(path: Path, rows: Iterable[Any], digits: int = 6) -> None:
    """A table, whole; a number that is not known is an empty cell."""
    told = list(rows)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, [field.name for field in fields(told[0])], lineterminator="\n")
        writer.writeheader()
        writer.writerows(written(row, digits) for row in told)


def written(row: Any, digits: int = DIGITS) -> dict[str, str]:
    return {name: text(value, digits) for name, value in asdict(row).items()}


def text(value: object, digits: int) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.{digits}g}"
    return str(value)


def read(cell: str, kind: Any) -> Any:
    if kind is float:
        return float(cell or "nan")
    return kind(cell) if kind is int else cell


def too_late(until: str) -> bool:
    """Whether the clock has passed HH:MM of today; never where nothing is said."""
    return bool(until) and datetime.now().strftime("%H:%M") >= until


def carried_out(
    make: Callable[[Task], list[One]], tasks: Iterable[Task], *, workers: int = 1, until: str = ""
) -> Iterator[list[One]]:
    """What each task makes, in order, by so many processes; no task is begun once the clock says so."""
    due = (task for task in tasks if not too_late(until))
    if workers == 1:
        yield from map(make, due)
        return
    with ProcessPoolExecutor(workers) as pool:
        begun: deque[Future[list[One]]] = deque()
        for task in due:
            begun.append(pool.submit(make, task))
            if len(begun) > workers:
                yield begun.popleft().result()
        yield from (one.result() for one in begun)
