"""A length of stay in place of an end: so many days from the start, or a range of days where no more is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeline.ingest.mapping.cells import read_cell
from pipeline.ingest.mapping.grammar import Cell, Values
from pipeline.ingest.mapping.told import Where
from pipeline.schema import EPISODES

STAY = "stay"
STARTS = ("start", *EPISODES.column("start").spellings)
DAYS = r"([0-9]{1,6})(\.0)?( days?)?"
RANGE = r"([0-9]{1,6}) ?(?:-|–|to) ?([0-9]{1,6})( days?)?"


def read_stay(told: Any, cells: Sequence[Cell], where: Where, lists: Mapping[str, Values]) -> list[Cell]:
    """`stay = "LOS"`, or `{ column = "LOS", values = { 31 = "31-45" } }`, as the earliest and the latest day of the
    end.

    Raises StudyError where the block has no start to count from.
    """
    start = next((cell for cell in cells if cell.key in STARTS), None)
    if start is None:
        raise where.error("a stay is counted in days from its start; say in this block where the start is")
    how = "day" if start.key.endswith("_day") else "date"
    length = read_cell(STAY, told, EPISODES.column("planned_weeks"), where, lists)
    return [replace(length, key=f"{end}_{how}", start=start) for end in ("end", "end_latest")]


def end_sql(length: str, start: str, cell: Cell) -> str:
    """SQL of the day that a stay ends on, first and last day counted; of a range its first day for `end`, its last for
    `end_latest`, which stays empty where the length is known.

    What is neither a number of days nor a range stays as it is, so that it is told.
    """
    text = f"lower({length})"
    ranged = f"regexp_full_match({text}, '{RANGE}')"
    if cell.key.startswith("end_latest"):
        return f"CASE WHEN {ranged} THEN {after(start, part(text, RANGE, 2), cell)} END"
    return (
        f"CASE WHEN {ranged} THEN {after(start, part(text, RANGE, 1), cell)} "
        f"WHEN regexp_full_match({text}, '{DAYS}') THEN {after(start, part(text, DAYS, 1), cell)} ELSE {length} END"
    )


def part(text: str, pattern: str, place: int) -> str:
    """SQL of the days after the start: a stay of one day ends on it, and so does one of none."""
    return f"(greatest(CAST(regexp_extract({text}, '{pattern}', {place}) AS INTEGER), 1) - 1)"


def after(start: str, days: str, cell: Cell) -> str:
    """SQL of the day so many days after the start, as text; empty where the start is no day."""
    kind = "BIGINT" if cell.key.endswith("_day") else "DATE"
    return f"CAST(TRY_CAST({start} AS {kind}) + {days} AS VARCHAR)"
