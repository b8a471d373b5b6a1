"""Whose scores are due: who started without one, by month, and who is in the outcome's window without one yet.

Counts under the disclosure threshold are hidden; the people themselves are named on the user's own terminal alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from pipeline.choices.asked import Outcome
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb

MOST_MONTHS = 6  # of those who started without a score: older ones nobody can ask any more


@dataclass(frozen=True, slots=True)
class Due:
    """Some people whose score is due, by the month of their start where that matters; `who` are their ids, empty unless
    they were asked for."""

    instrument: str
    said: str
    people: int
    month: str = ""
    who: tuple[str, ...] = ()

    def counted(self, threshold: int) -> str:
        """`2026-05: 23`, the count hidden where it is small, the ids where they were asked for."""
        count = f"{self.people:,}" if self.who or self.people >= threshold else f"fewer than {threshold}"
        named = f" ({', '.join(self.who)})" if self.who else ""
        return f"{self.month + ': ' if self.month else ''}{count}{named}"


def due_lines(due: Sequence[Due], threshold: int) -> list[str]:
    """One line per instrument and kind: `PHQ9: started without a score (…): 2026-05: 23, 2026-06: fewer than 11`."""
    return [
        f"{instrument}: {said}: {', '.join(one.counted(threshold) for one in same)}"
        for (instrument, said), same in groupby(due, key=lambda one: (one.instrument, one.said))
    ]


def due_list(con: duckdb.DuckDBPyConnection, study: Study, *, show: bool = False) -> list[Due]:
    """What is due as the records end; nothing where days have no common calendar."""
    [(calendar, last)] = con.execute("SELECT calendar, last_day FROM staging.facts").fetchall()
    if not calendar or last is None:
        return []
    return [
        one for outcome in study.outcomes for one in (*at_start(con, outcome, show), *at_day(con, outcome, last, show))
    ]


def at_start(con: duckdb.DuckDBPyConnection, outcome: Outcome, show: bool) -> Iterator[Due]:
    """Who started without a score, in the last months in which anybody did."""
    found = con.execute(
        "SELECT strftime(DATE '1970-01-01' + start_day, '%Y-%m') AS month, list(patient_id ORDER BY patient_id)"
        " FROM analysis_set JOIN outcome_set_by_choice USING (episode_id)"
        " WHERE varied = '' AND outcome = ? AND baseline_score IS NULL"
        f" GROUP BY month ORDER BY month DESC LIMIT {MOST_MONTHS}",
        [outcome.name],
    ).fetchall()
    first, end = outcome.baseline_window
    said = f"people who started without a score between day {first} and day {end}, by month"
    for month, who in reversed(found):
        yield Due(outcome.instrument, said, len(who), month, tuple(who) if show else ())


def at_day(con: duckdb.DuckDBPyConnection, outcome: Outcome, last: int, show: bool) -> Iterator[Due]:
    """Who has a score at the start, and on the last day of the records stands in the window without a second one."""
    first, end = outcome.window
    [(who,)] = con.execute(
        "SELECT list(patient_id ORDER BY patient_id) FROM analysis_set JOIN outcome_set_by_choice USING (episode_id)"
        " WHERE varied = '' AND outcome = ? AND baseline_score IS NOT NULL AND followup_score IS NULL"
        " AND ? - start_day BETWEEN ? AND ?",
        [outcome.name, last, first, end],
    ).fetchall()
    if who:
        said = f"people in the window of day {outcome.day} (day {first} to day {end}) without a score yet"
        yield Due(outcome.instrument, said, len(who), who=tuple(who) if show else ())
