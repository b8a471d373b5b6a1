"""`carelevels map`: writes mapping.toml, or adds to it what is new."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import StructureError
from pipeline.ingest.drafting.drafting import draft_of
from pipeline.ingest.drafting.raw_groups import grouped
from pipeline.ingest.drafting.renewing import renewed
from pipeline.ingest.drafting.sorting import sort_out
from pipeline.ingest.drafting.writing import text_of
from pipeline.ingest.files.views import Opened, Reading, views_of
from pipeline.ingest.inputs import MAPPING, raw_files, source_queries
from pipeline.ingest.mapping.reading import mapping_of
from pipeline.schema import TABLES
from pipeline.storage.disk import disk_faults, write_whole
from pipeline.store import connect, spilling
from pipeline.study import Study

Say = Callable[[str], None]
WAITING = re.compile(r'# (\w+|"[^"]*") = (["{\[0-9]|true)|# (.* )?then: values = ')
NOTHING_NEW = (
    "nothing is new: every file, column and word of these exports is known to mapping.toml, which stays as it was"
)


@dataclass(frozen=True, slots=True)
class Mapped:
    """What `carelevels map` did: lines that stand, lines that are open, and what is to be told."""

    lines: int
    open: int
    told: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {"lines": self.lines, "open": self.open, "told": list(self.told)}


def draft_mapping(study: Study, say: Say) -> Mapped:
    """Writes or renews the study's mapping.toml.  Raises StructureError where a raw file cannot be read."""
    path = study.folder / MAPPING
    with disk_faults(study.folder), contextlib.closing(connect(Path(":memory:"))) as con, spilling(con, study.folder):
        found, faults = opened_files(con, study)
        known = sort_out(con, grouped(found), study.disclosure.threshold)
    draft = draft_of(known)
    told: tuple[str, ...] = ()
    if path.is_file():
        before = path.read_text(encoding="utf-8-sig")
        text, told = renewed(before, draft, mapping_of(study), known)
        told = told or (NOTHING_NEW,) * (text == before and not faults)
    else:
        text = text_of(draft)
    with disk_faults(study.folder):
        write_whole(path, text.encode())
    mapped = Mapped(*counted(text), (*faults, *told))
    for line in said(study, mapped):
        say(line)
    return mapped


def opened_files(con: Any, study: Study) -> tuple[list[Reading], list[str]]:
    """The raw files that neither a query nor their own name makes a table of ours, and those that cannot be read."""
    made = {*source_queries(study)}
    views, faults = views_of([file for file in raw_files(study) if file.table not in made])
    opened, readings = Opened(con, views), []
    for view in views:
        try:
            reading = opened.reading(view)
        except StructureError as fault:
            faults.append(str(fault))
            continue
        if not is_ours(reading):
            readings.append(reading)
    return readings, faults


def is_ours(reading: Reading) -> bool:
    """Whether a file is called like a table of ours and has its columns: it needs no mapping."""
    table = TABLES.get(reading.view.file.table)
    if table is None:
        return False
    present = {column.strip().lower() for column in reading.layout.columns}
    return all(present & set(column.spellings) for column in table.columns if column.need == "required")


def counted(text: str) -> tuple[int, int]:
    """Lines of a mapping that stand, and lines that wait for a person."""
    lines = [line.strip() for line in text.splitlines()]
    standing = [line for line in lines if line and not line.startswith("#")]
    waiting = [line for line in lines if WAITING.match(line)]
    return len(standing), len(waiting)


def said(study: Study, mapped: Mapped) -> list[str]:
    """What to show on the terminal."""
    return [
        *mapped.told,
        f"{study.folder / MAPPING}: {mapped.lines} lines stand, {mapped.open} are commented out and wait for you",
        f"read it, change what is wrong, then type: carelevels check {study.folder}",
    ]
