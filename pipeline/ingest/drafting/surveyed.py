"""Blocks of surveys: who, when, on which occasion, and a line for each instrument."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.ingest.drafting.drafts import Line, quoted
from pipeline.ingest.drafting.kinds import Kind
from pipeline.ingest.drafting.profiles import FileProfile, Profile
from pipeline.ingest.drafting.survey_columns import Found
from pipeline.ingest.known.knowledge import words

INTAKE = re.compile(r"intake|baseline|admission", re.IGNORECASE)
FINISHED = ("true", "1")


def day_of(file: FileProfile, kind: Kind) -> Profile | None:
    """The column of the day: called so, or the only one of days."""
    if "assessed" in kind.columns:
        return kind.columns["assessed"]
    days = [one for one in file.columns if one.days and not one.looks_like]
    stamped = [one for one in days if re.search(r"timestamp|date", one.column, re.IGNORECASE)]
    return next(iter(stamped or days), None)


def occasion_of(file: FileProfile, kind: Kind) -> Profile | None:
    """The column of the occasion: called so, or one whose words all are occasions."""
    if "occasion" in kind.columns:
        return kind.columns["occasion"]
    for one in file.columns:
        known = [any(word.fits(cell) for word in words("occasion")) for cell, _ in one.words]
        intake = any(INTAKE.search(cell) for cell, _ in one.words)
        if one.is_list and known and all(known) and intake:
            return one
    return None


def finished(file: FileProfile) -> Line | None:
    """Answers that a survey tool calls unfinished are left out."""
    for one in file.columns:
        cells = {cell.lower() for cell, _ in one.words}
        if one.column.lower() == "finished" and cells & set(FINISHED):
            value = next(cell for cell, _ in one.words if cell.lower() in FINISHED)
            return Line(
                "only", f"{{ {one.column} = {quoted(value)} }}", "surveys that were begun and not sent do not count"
            )
    return None


def instrument_lines(surveys: Sequence[Found]) -> Iterator[Line]:
    """A line for each instrument."""
    for found in surveys:
        parts = []
        if found.items:
            parts.append(f"items = {quoted(found.items)}")
        if found.total:
            parts.append(f"total = {quoted(found.total)}")
        if found.answers:
            parts.append('answers = "known"')
        if found.lowest is not None:
            parts.append(f"lowest = {found.lowest}")
        value = quoted(found.total) if not found.items else f"{{ {', '.join(parts)} }}"
        yield Line(found.instrument, value, found.why, found.sure)
