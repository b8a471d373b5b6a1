"""The people tables of checked records, built in memory by the warehouse's own queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.study import Study
from pipeline.warehouse.build import build_table, prepare, table_queries, tables_read

if TYPE_CHECKING:
    import duckdb

RECORDS = (  # what the analysis reads before it asks anything
    *("analysis_set", "attrition_flow", "outcome_set_by_choice", "retention_set", "retention_at"),
    *("retention_at_by_gap", "readmission", "index_attendance", "screen_weeks", "control_outcomes"),
    *("last_care_scores", "ever_started", "known_deaths"),
)
ASKED = (
    *("durability_set", "placements", "modality_hours", "cost_kinds", "cost_set", "cost_days"),
    *("patient_weeks", "taper_weeks", "measured_gaps", "endings", "step_down_set", "discharge_readings"),
    *("schedule_set", "scheduled_scores"),
)
WANTED = (*RECORDS, "attrition_people", *ASKED)


def build_people(con: duckdb.DuckDBPyConnection, study: Study, wanted: Sequence[str] = WANTED) -> None:
    """Builds the tables that are wanted and those they read, under the study's own choices and no others."""
    others = replace(study.sensitivity, retention_gap_days=(), window_factors=(), baseline_to=-(10**4))
    prepare(con, replace(study, sensitivity=others))
    queries, done = table_queries(), set[str]()

    def build(name: str) -> None:
        if name in done:
            return
        done.add(name)
        for read in sorted(tables_read(con, queries[name]) & queries.keys()):
            build(read)
        build_table(con, name, queries[name])

    for name in wanted:
        build(name)
