"""Ends that are known only as a range of days: refused where an answer would need the day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb

SHOWN = 6  # days between ranges that a message names
WITH_SESSIONS = (
    "end_latest says that the last contact is known only as a range of days, and sessions say on which day; leave"
    " out the one or the other"
)


def range_faults(con: duckdb.DuckDBPyConnection, study: Study) -> list[str]:
    """Why stays that end within a range of days cannot be read as this study asks; none where every end is a day."""
    ranges = con.execute(
        "SELECT DISTINCT end_day - start_day, end_latest_day - start_day FROM staging.episodes"
        " WHERE end_latest_day > end_day ORDER BY ALL"
    ).fetchall()
    if not ranges:
        return []
    [(sessions,)] = con.execute("SELECT count(*) FROM staging.sessions").fetchall()
    faults = [day_within(day, ranges) for day in study.retention.days if inside(day, ranges)]
    return [*([WITH_SESSIONS] if sessions else []), *faults]


def inside(day: int, ranges: Sequence[tuple[int, int]]) -> bool:
    """Whether nobody can say of some stay if it lasted to this day."""
    return any(first < day <= last for first, last in ranges)


def day_within(day: int, ranges: Sequence[tuple[int, int]]) -> str:
    """What to choose in place of a day within a range."""
    edges = sorted({edge for first, last in ranges for edge in (first, last + 1)})
    free = [str(edge) for edge in edges if edge > 0 and not inside(edge, ranges)][:SHOWN]
    better = f"choose among {', '.join(free)}" if free else "no day lies between ranges; export the days of the ends"
    return (
        f"study.toml [retention] days: who is still in care on day {day} cannot be told, for it lies within a range of"
        f" days that the ends of stays are known as; {better}"
    )
