"""What the screening of columns found: refusals, columns that are dropped, and what a study vouched for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.ingest.report import DroppedColumn


@dataclass(frozen=True, slots=True)
class Screened:
    """faults stop the run, dropped columns are listed, notes say what was let pass because the study vouches for it."""

    faults: tuple[str, ...] = ()
    dropped: tuple[DroppedColumn, ...] = ()
    notes: tuple[str, ...] = ()


def together(parts: Sequence[Screened]) -> Screened:
    """All that several screenings found, in their order."""
    return Screened(
        tuple(fault for part in parts for fault in part.faults),
        tuple(column for part in parts for column in part.dropped),
        tuple(note for part in parts for note in part.notes),
    )
