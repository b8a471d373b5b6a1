"""Builds the tables on Spark from the same SQL files, and brings back what analysis reads."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from pipeline.choices.records import EngineChoices
from pipeline.schema import TABLES
from pipeline.spark.carrying import Carrier
from pipeline.spark.faults import refuse_large, spark_faults
from pipeline.spark.work import STAGED, Work, at_this_work
from pipeline.storage.progress import shown
from pipeline.study import Study
from pipeline.warehouse.build import ENGINES, HERE, BuildReport, BuiltTable, build_order, prepare, table_queries
from pipeline.warehouse.grain import counted_grain, declared_grain, refuse_repeated
from pipeline.warehouse.protocol import COLUMNS

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import SparkSession

COMES_BACK = (  # what analysis reads: one row per person, stay, measure or week, none per service
    *("analysis_set", "attrition_flow", "control_outcomes", "cost_days", "cost_kinds", "cost_set", "course_scores"),
    *("discharge_readings", "durability_set", "endings", "episodes", "ever_started", "index_attendance"),
    *("known_deaths", "last_care_scores", "measure_cells", "measure_scores", "measured_gaps", "modality_hours"),
    *("outcome_set_by_choice", "patient_weeks", "placements", "readmission", "retention_at", "retention_at_by_gap"),
    *("retention_set", "safety_set", "satisfaction_change", "satisfaction_landmark", "schedule_set"),
    *("scheduled_scores", "screen_weeks", "stay_lengths", "stay_parts", "step_down_set", "taper_weeks"),
    *("trajectory_scores", "transitions", "trauma_tracks"),
)


def build(
    con: duckdb.DuckDBPyConnection,
    study: Study,
    chosen: EngineChoices,
    say: Callable[[str], None] | None = None,
    work: Work | None = None,
) -> BuildReport:
    """Writes the study tables and the tables of COMES_BACK into the open warehouse; every table is built on Spark.

    con holds the schema `staging`; what ingest left of it in the same work is read where it lies.  Raises EngineError
    where Spark cannot be had or does not finish, BuildError where a table repeats its own grain.
    """
    with at_this_work(study, chosen, work) as here:
        prepare(con, study)
        return build_with(here.spark, here.carrier, con, COMES_BACK, here.most_rows, say, here.staged)


def build_with(
    spark: SparkSession,
    carrier: Carrier,
    con: duckdb.DuckDBPyConnection,
    wanted: Collection[str],
    most_rows: int,
    say: Callable[[str], None] | None = None,
    staged: Collection[str] = (),
) -> BuildReport:
    """The tables on an open session, from staging and the study tables; those that are wanted come back into the
    warehouse.

    staged   views of the session that are staging's tables already; the others are sent
    """
    queries = table_queries()
    order = build_order(con, queries)
    with spark_faults("taking over the records"):
        say_engine_words(spark)
        for name in [*TABLES, "facts"]:
            if f"{STAGED}{name}" not in staged:
                carrier.send(con, f"staging.{name}", f"{STAGED}{name}")
        for name in COLUMNS:
            carrier.send(con, name, name)
    built = []
    for name in shown(order, len(order), "build", "tables are built"):
        shape(con, name, queries[name])
        built.append(build_table(spark, carrier, name, queries[name]))
        if name in wanted:
            bring_back(carrier, con, built[-1], most_rows)
        if say:
            say(f"built {name}: {built[-1].rows:,} rows")
    for name in order:
        if name not in wanted:
            con.execute(f"DROP TABLE {name}")
    return BuildReport(tuple(built))


def say_engine_words(spark: SparkSession) -> None:
    """What Spark says its own way, as functions of the session."""
    text = (HERE / ENGINES / "spark.sql").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    for statement in filter(str.strip, lines.split(";")):
        spark.sql(statement)


def shape(con: duckdb.DuckDBPyConnection, name: str, sql: str) -> None:
    """The table without rows, typed as DuckDB would: types that Spark chose otherwise are converted on the way in."""
    con.execute(f"CREATE OR REPLACE TABLE {name} AS {sql} WITH NO DATA")


def build_table(spark: SparkSession, carrier: Carrier, name: str, sql: str) -> BuiltTable:
    """One table as a view of the session; refuses repeated rows."""
    started = time.perf_counter()
    grain = declared_grain(name, sql)
    with spark_faults(f"building {name}"):
        carrier.keep(spark.sql(re.sub(r"\bstaging\.", STAGED, sql)), name)
        [(rows, repeated)] = spark.sql(counted_grain(name, grain)).collect()
    refuse_repeated(name, grain, repeated)
    return BuiltTable(name, grain, int(rows), time.perf_counter() - started)


def bring_back(carrier: Carrier, con: duckdb.DuckDBPyConnection, table: BuiltTable, most_rows: int) -> None:
    """One table's rows into the warehouse.  Raises EngineError for one too large for this machine to take."""
    refuse_large(table.name, table.rows, most_rows, "narrow the study period")
    with spark_faults(f"bringing back {table.name}"), carrier.relation(con, table.name) as rows:
        con.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM {rows}")
