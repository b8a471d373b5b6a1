"""Raw files read and checked by Spark: the rules of ingest on views of a session; what was kept comes back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from pipeline.choices.records import EngineChoices
from pipeline.ingest.inputs import input_states
from pipeline.ingest.report import IngestReport
from pipeline.ingest.run import Engine, reading_faults, refuse_changed, staged
from pipeline.ingest.set_aside import CELLS
from pipeline.schema import TABLES
from pipeline.spark.carrying import Carrier
from pipeline.spark.door import Door
from pipeline.spark.door_loading import load
from pipeline.spark.faults import refuse_large, spark_faults
from pipeline.spark.raw import Sight, sight
from pipeline.spark.work import STAGED, Work, at_this_work
from pipeline.storage.disk import disk_faults
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import SparkSession

NARROWER = "run it with --engine duckdb, or read fewer years"


def ingest(
    chosen: EngineChoices,
    study: Study,
    con: duckdb.DuckDBPyConnection,
    say: Callable[[str], None] | None = None,
    work: Work | None = None,
) -> IngestReport:
    """Reads, checks and stages all raw files of a study on Spark, into the empty database con as pipeline.ingest.run
    does; in work that goes on, the checked tables stay where they are, for build.

    Raises StructureError or IdentifierError with all faults at once, EngineError where Spark cannot be had.
    """
    with reading_faults(study), disk_faults(study.raw_folder), at_this_work(study, chosen, work) as here:
        before = input_states(study)
        report = ingest_with(here.spark, here.carrier, sight(chosen), study, con, here.most_rows)
        refuse_changed(before, input_states(study))
        here.staged.update(f"{STAGED}{table}" for table in [*TABLES, "facts"])
    for line in report.lines() if say else ():
        say(line)  # type: ignore[misc]
    return report


def ingest_with(
    spark: SparkSession, carrier: Carrier, seen: Sight, study: Study, con: duckdb.DuckDBPyConnection, most: int
) -> IngestReport:
    """The stage on an open session."""
    door = Door(spark, carrier, con)
    with spark_faults("checking the records"):
        spark.conf.set("spark.sql.csv.parser.columnPruning.enabled", "false")  # else a row's length goes unseen
        engine = Engine(door, partial(load, seen=seen), partial(bring, door, most))  # type: ignore[arg-type]
        return staged(study, con, engine)


def bring(door: Door, most: int) -> None:
    """Staging and quarantine into the database of this machine."""
    for table in [*TABLES, "facts"]:
        bring_table(door, "staging", table, most)
    for table in [*TABLES, CELLS]:
        if f"quarantine_{table}" in door.names:
            bring_table(door, "quarantine", table, most)


def bring_table(door: Door, schema: str, table: str, most: int) -> None:
    """One table with the types that Spark gave it, worked out once: its view there is the same rows from now on.

    Raises EngineError for one too large for this machine.
    """
    view = f"{schema}_{table}"
    version = door.keep(door.spark.table(view), view)
    refuse_large(f"{schema}.{table}", door.spark.table(view).count(), most, NARROWER)
    with door.carrier.relation(door.here, version) as brought:
        door.here.execute(f"CREATE TABLE {schema}.{table} AS SELECT * FROM {brought}")
