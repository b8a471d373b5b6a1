"""A session at work on a study: its private folder, the way rows go, and which checked tables lie there already."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.choices.records import EngineChoices
from pipeline.errors import EngineError
from pipeline.spark.carrying import Carrier, carrier_for
from pipeline.spark.session import spark_session
from pipeline.storage.disk import private_folder
from pipeline.store import CHECKING
from pipeline.study import Study

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MILLION = 1_000_000
STAGED = "staging_"  # a view of a session belongs to no schema


@dataclass(frozen=True, slots=True)
class Work:
    """An open session; `staged` are the views of checked tables that ingest left there, for build to read in place."""

    spark: SparkSession
    carrier: Carrier
    most_rows: int
    staged: set[str] = field(default_factory=set)


@contextmanager
def at_work(study: Study, chosen: EngineChoices) -> Iterator[Work]:
    """A session and its folder, both gone at the end.  Raises EngineError where Spark cannot be had."""
    with scratch_folder(study, chosen) as scratch, spark_session(chosen, scratch) as spark:
        yield Work(spark, carrier_for(spark, chosen, scratch), chosen.most_million_rows * MILLION)


def at_this_work(study: Study, chosen: EngineChoices, work: Work | None) -> AbstractContextManager[Work]:
    """The work that is under way, or one of its own."""
    return nullcontext(work) if work else at_work(study, chosen)


@contextmanager
def scratch_folder(study: Study, chosen: EngineChoices) -> Iterator[Path]:
    """A private folder for rows on their way, removed afterwards; the next run sweeps up after one that was killed."""
    where = Path(os.path.expandvars(chosen.folder)) if chosen.folder else study.folder
    if not where.is_dir():
        raise EngineError(
            "study.toml [engine] folder is no folder of this machine; name one that this machine and the cluster see"
            " under the same path"
        )
    with private_folder(where.resolve(), f"{CHECKING}{os.getpid()}-") as folder:
        yield folder
