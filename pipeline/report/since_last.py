"""What changed since the last edition: which results are new, which say something else, and which were restated though
their period had been over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.report.disclosure.last_shown import kept
from pipeline.report.numbers import day, plural
from pipeline.report.release_ledger import earlier_release, edition_of, editions
from pipeline.report.released import Released
from pipeline.results import Result

MOVED = ("numerator", "denominator", "n", "events")  # a figure whose counts stay is the same figure

Moved = tuple[Result, Mapping[str, Any]]  # a result, and what was said of it


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since the edition of a day ('' where there was none).

    new       results that were not shown then
    changed   results that say something else now, with what was said of each
    restated  those of them whose period was over then
    again     how many stand as they were released
    """

    day: str = ""
    new: tuple[Result, ...] = ()
    changed: tuple[Moved, ...] = ()
    restated: tuple[Moved, ...] = ()
    again: int = 0

    def words(self) -> str:
        """One sentence; empty where there was no edition before, or nothing changed."""
        if not self.day or not (self.new or self.changed or self.again):
            return ""
        restated = f" ({len(self.restated):,} restated though the period was over)" if self.restated else ""
        parts = [
            (self.changed, f"{plural(len(self.changed), 'result says', 'results say')} something else{restated}"),
            (self.new, plural(len(self.new), "is new", "are new")),
            (self.again, plural(self.again, "stands as released then", "stand as released then")),
        ]
        return f"Since the edition of {day(self.day)}: {', '.join(words for some, words in parts if some)}."


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
    known = [(row, before[row.result_id]) for row in said if row.result_id in before]
    moved = [(row, then) for row, then in known if now[row.result_id][0] != then]
    over = [(row, then) for row, then in moved if row.period and differs(now[row.result_id][0], then)]
    return Since(
        days[-1],
        tuple(row for row in said if row.result_id not in before),
        tuple(moved),
        tuple(over),
        len(outcome.days.get("results", {})),
    )


def differs(now: Mapping[str, Any], then: Mapping[str, Any]) -> bool:
    """Whether a count that both editions show is another one."""
    return any(
        isinstance(now.get(name), int) and isinstance(then.get(name), int) and now[name] != then[name] for name in MOVED
    )
