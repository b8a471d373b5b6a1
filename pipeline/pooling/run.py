"""`carelevels pool`: reads the pooling files of the folders named, and writes a page and a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import PoolError
from pipeline.pooling.files import ENDING, Shared, read_shared
from pipeline.pooling.page import page, table
from pipeline.pooling.pool import Pooled, pool
from pipeline.report.numbers import plural
from pipeline.storage.disk import write_whole


@dataclass(frozen=True, slots=True)
class PoolSummary:
    """What a pool made: from whom, and the page to open."""

    organizations: tuple[str, ...]
    pooled: tuple[Pooled, ...]
    page: Path

    def as_json(self) -> dict[str, Any]:
        answered = sum(one.answer is not None for one in self.pooled)
        return {"organizations": list(self.organizations), "questions": len(self.pooled), "answered": answered}


def run_pool(folders: Sequence[Path], reports: Path, say: Callable[[str], None]) -> PoolSummary:
    """Writes pool/index.html and pool/pool.csv under `reports`.

    Raises PoolError where a folder holds no pooling file, two organizations share a name, or synthetic and real records
    meet.
    """
    shared = [read_shared(path) for path in files_of(folders)]
    refuse_unlike(shared)
    found = pool(shared)
    folder = reports / "pool"
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "index.html", page(shared, found).encode())
    write_whole(folder / "pool.csv", table(found).encode())
    summary = PoolSummary(tuple(one.organization for one in shared), found, folder / "index.html")
    counts = summary.as_json()
    who, asked = plural(len(shared), "organization"), plural(counts["questions"], "question")
    say(f"pool    {who}, {asked}, {counts['answered']} answered")
    say(f"open {summary.page}")
    return summary


def files_of(folders: Sequence[Path]) -> list[Path]:
    """The pooling files, in order; a file may be named itself."""
    found: list[Path] = []
    for folder in folders:
        here = [folder] if folder.is_file() else sorted(folder.glob(f"*{ENDING}"))
        if not here:
            raise PoolError(
                f"{folder} holds no pooling file (*{ENDING}); its organization makes one with: carelevels results STUDY"
                f" --pooling {folder}/NAME{ENDING}"
            )
        found += here
    return list(dict.fromkeys(found))


def refuse_unlike(shared: Sequence[Shared]) -> None:
    """Raises PoolError where one organization would count twice, or invented records stand beside real ones."""
    names = [one.organization for one in shared]
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise PoolError(
            f"two pooling files are of one organization ({repeated}): leave the older one out, or give the studies"
            " names of their own ([study] name)"
        )
    if len({one.synthetic for one in shared}) > 1:
        raise PoolError("some of these pooling files are of synthetic records and some of real ones; pool one kind")
