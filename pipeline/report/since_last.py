"""What changed since the last edition: which results are new, which say something else, and which were restated though
their period had been over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.report.disclosure.last_shown import kept
from pipeline.report.numbers import plural
from pipeline.report.release_ledger import earlier_release, edition_of, editions
from pipeline.report.released import Released
from pipeline.results import Result

MOVED = ("numerator", "denominator", "n", "events")  # a figure whose counts stay is the same figure


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since the edition of a day ('' where there was none).

    new       results that were not shown then
    changed   results that say something else now
    restated  those of them whose period was over then, with what was said of each
    again     how many stand as they were released
    """

    day: str = ""
    new: tuple[Result, ...] = ()
    changed: tuple[Result, ...] = ()
    restated: tuple[tuple[Result, Mapping[str, Any]], ...] = ()
    again: int = 0

    def words(self) -> str:
        """One sentence; empty where there was no edition before, or nothing changed."""
        if not self.day or not (self.new or self.changed or self.again):
            return ""
        parts = [
            plural(len(self.changed), "result says something else", "results say something else"),
            f"{len(self.new):,} new",
            f"{len(self.restated):,} restated though their period was over",
            f"{self.again:,} as released then",
        ]
        return f"Since the edition of {self.day}: {', '.join(parts)}."


def since_last(outcome: Released) -> Since:
    """What these released results say that the edition of earlier results did not; the same however often it is
    made."""
    edition = edition_of(outcome.manifest)
    days = editions(outcome.study, before=edition)
    if not days:
        return Since()
    then = earlier_release(outcome.study, before=edition).told.get("results", {})
    now = kept(outcome.tables.results)
    said = [row for row in outcome.tables.results if row.result_id in now]
    before = {name: rows[0] for name, (_, rows) in then.items()}
    moved = [row for row in said if row.result_id in before and now[row.result_id][0] != before[row.result_id]]
    over = [row for row in moved if row.period and differs(now[row.result_id][0], before[row.result_id])]
    return Since(
        days[-1],
        tuple(row for row in said if row.result_id not in before),
        tuple(moved),
        tuple((row, before[row.result_id]) for row in over),
        len(outcome.days.get("results", {})),
    )


def differs(now: Mapping[str, Any], then: Mapping[str, Any]) -> bool:
    """Whether a count that both editions show is another one."""
    return any(
        isinstance(now.get(name), int) and isinstance(then.get(name), int) and now[name] != then[name] for name in MOVED
    )
