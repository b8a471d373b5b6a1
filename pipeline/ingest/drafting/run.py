"""`carelevels map`: writes mapping.toml, or adds to it what is new."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import StructureError
from pipeline.ingest.column_faults import MOST_SLIPS
from pipeline.ingest.drafting.drafting import draft_of
from pipeline.ingest.drafting.profiles import FEW
from pipeline.ingest.drafting.raw_groups import grouped
from pipeline.ingest.drafting.renewing import renewed
from pipeline.ingest.drafting.sorting import sort_out
from pipeline.ingest.drafting.writing import text_of
from pipeline.ingest.files.views import Opened, Reading, views_of
from pipeline.ingest.inputs import MAPPING, raw_files, source_queries
from pipeline.ingest.known.knowledge import code_for
from pipeline.ingest.loading import codes_of
from pipeline.ingest.mapping.reading import mapping_of
from pipeline.schema import TABLES, Column
from pipeline.storage.disk import disk_faults, write_whole
from pipeline.storage.quoting import name
from pipeline.store import connect, spilling
from pipeline.study import Study

Say = Callable[[str], None]
WAITING = re.compile(r'# (\w+|"[^"]*") = (["{\[0-9]|true)|# (.* )?then: values = ')
NOTHING_NEW = (
    "nothing is new: every file, column and word of these exports is known to mapping.toml, which stays as it was"
)
NEEDS_NONE = "no file in raw/ needs a mapping: those called like our tables, with our columns, are read as they are"


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
    if not (draft.blocks or faults or path.is_file()):
        say(NEEDS_NONE)
        return Mapped(0, 0, (NEEDS_NONE,))
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
    """The raw files that neither a query nor their own name and words make a table of ours, and those that cannot be
    read."""
    made = {*source_queries(study)}
    views, faults = views_of([file for file in raw_files(study) if file.table not in made])
    opened, readings = Opened(con, views), []
    for view in views:
        try:
            reading = opened.reading(view)
        except StructureError as fault:
            faults.append(str(fault))
            continue
        if not is_ours(con, study, reading):
            readings.append(reading)
    return readings, faults


def is_ours(con: Any, study: Study, reading: Reading) -> bool:
    """Whether a file is called like a table of ours and has its columns and words: it needs no mapping."""
    table = TABLES.get(reading.view.file.table)
    if table is None:
        return False
    present = {column.strip().lower() for column in reading.layout.columns}
    whole = all(present & set(column.spellings) for column in table.columns if column.need == "required")
    return whole and not any(has_known_words(con, study, reading, column) for column in table.columns if column.allowed)


def has_known_words(con: Any, study: Study, reading: Reading, column: Column) -> bool:
    """Whether a column called as ours holds, in more cells than slips can explain, words that are not ours, nor
    translated, and that are known."""
    told = codes_of(study, TABLES[reading.view.file.table], column)
    ours = {one.lower() for one in (*column.allowed, *told)}
    for theirs in [one for one in reading.layout.columns if one.strip().lower() in column.spellings]:
        cell = f"lower(trim(CAST({name(theirs)} AS VARCHAR)))"
        found = con.execute(
            f"SELECT {cell}, count(*) FROM {reading.layout.relation()} WHERE {cell} <> '' GROUP BY 1 ORDER BY 2 DESC"
            f" LIMIT {FEW}"
        ).fetchall()
        known = sum(rows for word, rows in found if word not in ours and code_for(column.name, word) is not None)
        if known > MOST_SLIPS * sum(rows for _, rows in found):
            return True
    return False


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
