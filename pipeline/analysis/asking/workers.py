"""Asks families of questions, here or in processes beside this one: first up to how their answers stand, then to their
end, once it is known how surely those are read.  Each notes the choices it read and the seconds it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from pipeline.analysis.asking.answer_cache import Answered, by_table
from pipeline.analysis.asking.own_units import in_own_units
from pipeline.analysis.asking.unanswerable import Ask
from pipeline.analysis.cohort import Records, read_records
from pipeline.analysis.headline import Asking
from pipeline.analysis.standing import Begun, Standing, begun
from pipeline.results import Result
from pipeline.stats.estimate import LEVEL
from pipeline.store import connect
from pipeline.study import Study
from pipeline.watched import WatchedStudy

if TYPE_CHECKING:
    import duckdb

HELD_OPEN = 200_000  # people; of more, a family that waits for its level would hold too much memory and begins anew
Families = Callable[[Study], Mapping[str, Ask]]


@dataclass(frozen=True, slots=True)
class Here:
    """What a process asks with: the open warehouse, its frames and the study."""

    warehouse: duckdb.DuckDBPyConnection
    records: Records
    study: Study


class Workers(Protocol):
    """Who asks: this process, or two beside it.  made_from of each family is passed through to its answer."""

    def begin(self, asked: Mapping[str, str]) -> Iterator[tuple[str, Answered | Standing]]:
        """Each family (name → what it is made from): its answer, or how that stands where it waits for its level."""

    def finish(
        self, asked: Mapping[str, str], levels: Mapping[str, float], said: Sequence[Result] = ()
    ) -> Iterator[tuple[str, Answered]]:
        """Each family's answer, read at its level; said is what others answered, for families that look at it."""


@dataclass(slots=True)
class Waiting:
    """A family that has said how its answer stands, and what it took so far."""

    begun: Begun
    asking: Asking
    watched: WatchedStudy
    seconds: float


@dataclass(slots=True)
class OneProcess:
    """Asks in this process; a family that waits for its level goes on from where it stood."""

    here: Here
    own: Mapping[str, Ask]
    waiting: dict[str, Waiting] = field(default_factory=dict)

    def begin(self, asked: Mapping[str, str]) -> Iterator[tuple[str, Answered | Standing]]:
        for name, made_from in asked.items():
            yield name, self.begin_one(name, made_from)

    def finish(
        self, asked: Mapping[str, str], levels: Mapping[str, float], said: Sequence[Result] = ()
    ) -> Iterator[tuple[str, Answered]]:
        for name, made_from in asked.items():
            yield name, self.finish_one(name, made_from, levels.get(name), said)

    def begin_one(self, name: str, made_from: str) -> Answered | Standing:
        one = self.begun(name, ())
        if one.begun.standing is None:
            return answer_of(one, made_from, None)
        if len(self.here.records.people) <= HELD_OPEN:
            self.waiting[name] = one
        return one.begun.standing

    def finish_one(self, name: str, made_from: str, level: float | None, said: Sequence[Result]) -> Answered:
        one = self.waiting.pop(name, None) or self.begun(name, said)
        one.asking.answers[:] = said
        return answer_of(one, made_from, level)

    def begun(self, name: str, said: Sequence[Result]) -> Waiting:
        """A family asked up to where it must know its level; the choices it reads are noted as it reads them."""
        started, watched = time.perf_counter(), WatchedStudy(self.here.study)
        asking = Asking(self.here.warehouse, self.here.records, cast(Study, watched), list(said))
        one = begun(iter(self.own[name](asking)))
        return Waiting(one, asking, watched, time.perf_counter() - started)


def answer_of(one: Waiting, made_from: str, level: float | None) -> Answered:
    """A family's rows to its end, its answer read at this level where it waits for one."""
    started = time.perf_counter()
    said = by_table(one.begun.to_the_end(LEVEL if level is None else level))
    seconds = one.seconds + time.perf_counter() - started
    standing = one.begun.standing
    return Answered(
        in_own_units(said, one.asking.study),
        made_from,
        one.watched.choices(),
        seconds,
        standing=standing,
        level=None if standing is None else level,
    )


THERE: dict[str, Any] = {}  # what a process beside the first one opened when it started


def open_here(path: str, spill: str, study: Study, families: Families) -> None:
    """Opens the warehouse in a new process, which puts down where the first one does, and reads the shared frames
    once."""
    from pathlib import Path

    con = connect(Path(path), read_only=True)
    con.execute("SET temp_directory = ?", [spill])
    THERE["process"] = OneProcess(Here(con, read_records(con, study), study), families(study))


def begin_there(name: str, made_from: str) -> Answered | Standing:
    """One family begun in such a process."""
    return cast(OneProcess, THERE["process"]).begin_one(name, made_from)


def finish_there(name: str, made_from: str, level: float | None, said: Sequence[Result]) -> Answered:
    """One family asked to its end in such a process."""
    return cast(OneProcess, THERE["process"]).finish_one(name, made_from, level, said)
