"""A column that is gone, and the one in its file that is likely the same under a new name."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from pipeline.ingest.known.knowledge import called, plain
from pipeline.ingest.matching import Match, spelling_for
from pipeline.ingest.report import RENAMED, SPEAKING, DroppedColumn
from pipeline.schema import Column

SHORT_FOR = {"dt": "date", "dte": "date", "dc": "discharge", "disch": "discharge", "mins": "minutes", "pt": "patient"}
DAYS = "looks like calendar dates"
SAME = 0.85  # how alike two names are that hardly differ
ALIKE = 0.55  # how alike two names are that may be one column, where nothing else is


def new_name(table: str, key: str, was: Collection[str], free: Sequence[str], least: float = ALIKE) -> str:
    """The free column that is spelled nearly as the one that was, else called as exports call ours, else least unlike.

    key  our column, as a line spells it
    was  what the column was called, in each spelling

    Empty where nothing is near.
    """
    scores = {theirs: max(likeness(theirs, one) for one in was) for theirs in free}
    best = max(scores, key=lambda theirs: scores[theirs], default="")
    if best and scores[best] >= SAME:
        return best
    column = key.removesuffix("_date").removesuffix("_day")
    patterns = [one.pattern for one in called() if (one.table, one.column) == (table, column)]
    known = [theirs for theirs in free if any(pattern.fullmatch(plain(theirs)) for pattern in patterns)]
    return known[0] if len(known) == 1 else best if best and scores[best] >= least else ""


def likeness(one: str, other: str) -> float:
    """How much two names are alike, from 0 to 1, whatever their case, blanks and abbreviations."""
    return difflib.SequenceMatcher(None, bare(one), bare(other)).ratio()


def bare(name: str) -> str:
    """`Discharge Dt`, `discharge_date` and `DischargeDate` as one."""
    return "".join(SHORT_FOR.get(word, word) for word in plain(name).split())


def renamed(matches: Sequence[Match], dropped: Sequence[DroppedColumn]) -> list[Renamed]:
    """The columns of ours that a file lacks and likely has under a new name."""
    found = []
    for match in [one for one in matches if not one.layout.raw]:
        free = [one.column for one in dropped if one.file == match.layout.label and may_be_ours(one)]
        for column in match.table.columns:
            if column.staged in match.cells or not free:
                continue
            theirs = new_name(match.table.name, column.name, column.spellings, free, SAME)
            if theirs:
                free.remove(theirs)
                found.append(Renamed(match, column, theirs))
    return found


def may_be_ours(one: DroppedColumn) -> bool:
    """Whether nothing but days speaks for an identifier in a column."""
    return one.reason == DAYS or not one.reason.startswith(SPEAKING)


@dataclass(frozen=True, slots=True)
class Renamed:
    """A column of ours that a file lacks, and the one of the file that is likely it."""

    match: Match
    column: Column
    theirs: str

    def line(self) -> str:
        """`episodes.csv has no end_date; is it "end_dt"? …`."""
        ours = spelling_for(self.column, self.theirs, self.match.layout)
        return (
            f'{self.match.layout.label} has no {ours}; is it "{self.theirs}"? Then add to study.toml, under'
            f' [columns.{self.match.table.name}]: {ours} = "{self.theirs}"'
        )

    def kept(self, dropped: DroppedColumn) -> DroppedColumn:
        """The column among those that were not read: it is no stray to be left out of the export."""
        mine = (dropped.file, dropped.column) == (self.match.layout.label, self.theirs)
        return replace(dropped, reason=RENAMED) if mine else dropped
