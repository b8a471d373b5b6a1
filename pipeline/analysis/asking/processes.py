"""Two processes that ask families of questions: whichever is free takes the next that share arms, and one that waits
for its level goes on where it was begun."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from pipeline.analysis.asking.answer_cache import Answered
from pipeline.analysis.asking.workers import Families, Here, OneProcess, Workers, begin_there, finish_there, open_here
from pipeline.analysis.cohort import read_records
from pipeline.analysis.standing import Standing
from pipeline.results import Result
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb

WORTH_A_PROCESS = 4000  # people; with fewer, starting a second process takes longer than it saves
Task = tuple[str, Callable[..., Any], tuple[Any, ...]]  # a family's name, what is done with it, and with what


@dataclass(slots=True)
class TwoProcesses:
    """Asks in two processes; began says in which of them a family waits."""

    both: Sequence[ProcessPoolExecutor]
    began: dict[str, int] = field(default_factory=dict)

    def begin(self, asked: Mapping[str, str]) -> Iterator[tuple[str, Answered | Standing]]:
        for name, place, found in self.done([(name, begin_there, (name, made)) for name, made in asked.items()]):
            if isinstance(found, Standing):
                self.began[name] = place
            yield name, found

    def finish(
        self, asked: Mapping[str, str], levels: Mapping[str, float], said: Sequence[Result] = ()
    ) -> Iterator[tuple[str, Answered]]:
        more = list(said)
        tasks = [(name, finish_there, (name, made, levels.get(name), more)) for name, made in asked.items()]
        yield from ((name, found) for name, _, found in self.done(tasks))

    def done(self, tasks: Sequence[Task]) -> Iterator[tuple[str, int, Any]]:
        """Each task's family, the process that did it, and what came of it, as they come."""
        own = [deque(task for task in tasks if self.began.get(task[0]) == place) for place in range(len(self.both))]
        anyone = deque(together([task for task in tasks if task[0] not in self.began]))
        running: dict[Future[Any], tuple[str, int]] = {}
        free = list(range(len(self.both)))
        while True:
            for place in free:
                if anyone and not own[place]:
                    own[place].extend(anyone.popleft())
                if own[place]:
                    name, what, given = own[place].popleft()
                    running[self.both[place].submit(what, *given)] = (name, place)
            if not running:
                return
            ended = wait(running, return_when=FIRST_COMPLETED).done
            places = [(*running.pop(one), one) for one in ended]
            free = [place for _, place, _ in places]
            for name, place, one in places:
                yield name, place, one.result()


def together(tasks: Sequence[Task]) -> list[list[Task]]:
    """Families that compare the same arms ('iop vs php: …') are asked by one process, which fits their shared models
    once; the largest such batch first, so that none is left over at the end."""
    batches: dict[str, list[Task]] = {}
    for task in tasks:
        batches.setdefault(task[0].partition(": ")[0], []).append(task)
    return sorted(batches.values(), key=len, reverse=True)


@contextmanager
def two_processes(path: str, spill: str, study: Study, families: Families) -> Iterator[TwoProcesses]:
    """Two processes, each with its own view of the warehouse at the path; gone when the block ends."""
    spawned = get_context(
        "spawn"
    )  # a forked process would inherit the database's locks without the threads that hold them
    with ExitStack() as stack:
        both = [
            stack.enter_context(
                ProcessPoolExecutor(
                    1, mp_context=spawned, initializer=open_here, initargs=(path, spill, study, families)
                )
            )
            for _ in range(2)
        ]
        yield TwoProcesses(both)


@contextmanager
def workers(con: duckdb.DuckDBPyConnection, study: Study, families: Families) -> Iterator[Workers]:
    """Two processes where there are people enough to be worth it, else this one; whoever asks reads the records."""
    path = file_of(con)
    [(people,)] = con.execute("SELECT COUNT(*) FROM analysis_set").fetchall()
    if not path or (os.cpu_count() or 1) < 2 or people < WORTH_A_PROCESS:
        yield OneProcess(Here(con, read_records(con, study), study), families(study))
        return
    [(spill,)] = con.execute("SELECT current_setting('temp_directory')").fetchall()
    with two_processes(path, spill, study, families) as both:
        yield both


def file_of(con: duckdb.DuckDBPyConnection) -> str:
    """The file of the open database; empty for one in memory."""
    [(path,)] = con.execute("SELECT COALESCE(path, '') FROM duckdb_databases() WHERE NOT internal").fetchall()
    return str(path)
