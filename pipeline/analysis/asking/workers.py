"""Asks families of questions, here or in processes beside this one; each notes the choices it read and the seconds it
took."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from pipeline.analysis.asking.answer_cache import Answered, by_table
from pipeline.analysis.asking.progress import shown
from pipeline.analysis.asking.unanswerable import Ask
from pipeline.analysis.cohort import Records, read_records
from pipeline.analysis.headline import Asking
from pipeline.results import Result
from pipeline.store import connect
from pipeline.study import Study
from pipeline.watched import WatchedStudy

if TYPE_CHECKING:
    import duckdb

WORTH_A_PROCESS = 4000  # people; with fewer, starting a second process takes longer than it saves
Families = Callable[[Study], Mapping[str, Ask]]


@dataclass(frozen=True, slots=True)
class Here:
    """What a process asks with: the open warehouse, its frames and the study."""

    warehouse: duckdb.DuckDBPyConnection
    records: Records
    study: Study


def answer(here: Here, ask: Ask, made_from: str, answers: Sequence[Result] = ()) -> Answered:
    """One family's rows; the choices it reads are noted as it reads them."""
    started, watched = time.perf_counter(), WatchedStudy(here.study)
    rows = by_table(ask(Asking(here.warehouse, here.records, cast(Study, watched), list(answers))))
    return Answered(rows, made_from, watched.choices(), time.perf_counter() - started)


def answer_all(
    here: Here, asked: Mapping[str, str], families: Families, said: Sequence[Result] = ()
) -> dict[str, Answered]:
    """These families (name → what they are made from), in two processes where there are people enough to be worth it.

    said is what others answered before, for families that look at it.
    """
    path = file_of(here.warehouse)
    workers = min(os.cpu_count() or 1, len(asked), 2)
    if not path or workers < 2 or len(here.records.people) < WORTH_A_PROCESS:
        own = families(here.study)
        each = ((name, answer(here, own[name], made_from, said)) for name, made_from in asked.items())
        return dict(shown(each, len(asked)))
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_context

    spawned = get_context(
        "spawn"
    )  # a forked process would inherit the database's locks without the threads that hold them
    with ProcessPoolExecutor(
        workers, mp_context=spawned, initializer=open_here, initargs=(path, here.study, families)
    ) as pool:
        batches = together(asked)
        waiting = [pool.submit(answer_there, {name: asked[name] for name in names}, list(said)) for names in batches]
        each = (pair for done in as_completed(waiting) for pair in done.result().items())
        try:
            return dict(shown(each, len(asked)))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # nobody waits for answers that will not be written
            raise


def together(names: Iterable[str]) -> list[list[str]]:
    """Families that compare the same arms ('iop vs php: …') are asked by one process, which fits their shared models
    once; the largest such batch first, so that none is left over at the end."""
    batches: dict[str, list[str]] = {}
    for name in names:
        batches.setdefault(name.partition(": ")[0], []).append(name)
    return sorted(batches.values(), key=len, reverse=True)


def file_of(con: duckdb.DuckDBPyConnection) -> str:
    """The file of the open database; empty for one in memory."""
    [(path,)] = con.execute("SELECT COALESCE(path, '') FROM duckdb_databases() WHERE NOT internal").fetchall()
    return str(path)


THERE: dict[str, Any] = {}  # what a process beside the first one opened when it started


def open_here(path: str, study: Study, families: Families) -> None:
    """Opens the warehouse in a new process and reads the shared frames once."""
    from pathlib import Path

    con = connect(Path(path), read_only=True)
    THERE["here"] = Here(con, read_records(con, study), study)
    THERE["families"] = families(study)


def answer_there(made_from: Mapping[str, str], said: Sequence[Result]) -> dict[str, Answered]:
    """These families, asked in such a process."""
    return {name: answer(THERE["here"], THERE["families"][name], made, said) for name, made in made_from.items()}
