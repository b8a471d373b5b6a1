"""Asks every question of the study and writes the answers, or the refusals, into results.duckdb."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.answers import Asking
from pipeline.analysis.cohort import read_records
from pipeline.analysis.cost import cost
from pipeline.analysis.dose import dose
from pipeline.analysis.durability import durability
from pipeline.analysis.flow import overall_attrition, pathways, quality_points
from pipeline.analysis.like_for_like import all_arms, compare
from pipeline.analysis.matching_needs import matching_needs
from pipeline.analysis.measure_charts import charts
from pipeline.analysis.measure_ideas import ideas
from pipeline.analysis.measurement import measurement
from pipeline.analysis.measures import benchmark_rows, definition_rows, measure_rows
from pipeline.analysis.modality_mix import modality_mix
from pipeline.analysis.provenance import manifest_row, write_manifest_row
from pipeline.analysis.retention import retention
from pipeline.analysis.safety import safety
from pipeline.analysis.satisfaction import satisfaction
from pipeline.analysis.scorecard import quarter_starts, scorecard
from pipeline.analysis.severity import severity
from pipeline.analysis.speed import speed
from pipeline.analysis.stay_length import stay_length
from pipeline.analysis.step_down import step_down
from pipeline.analysis.table_one import table_one
from pipeline.analysis.tapering import tapering
from pipeline.analysis.tracks import tracks
from pipeline.analysis.visits import attendance, screens
from pipeline.results import NUMBERS, RESULT_TABLES, AttritionStep, CurvePoint, Diagnostic, FigurePoint, Result, table_columns
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb

DIGITS = 12  # stored results are rounded to so many significant digits: BLAS and DuckDB sums reorder


Ask = Callable[[Asking], Iterable[Any]]

# Every family of questions, in the order in which later ones may read the answers of earlier ones.
FAMILIES: dict[str, Ask] = {
    "who is here": lambda asking: overall_attrition(asking.records, asking.study),
    "scorecard": lambda asking: scorecard(asking.records, asking.study),
    "attendance": lambda asking: attendance(asking.records, asking.study),
    "screens": lambda asking: screens(asking.records),
    "retention": lambda asking: retention(asking.records, asking.study),
    "quarter starts": lambda asking: quarter_starts(asking.records),
    "pathways": lambda asking: pathways(asking.warehouse, asking.records),
    "data quality": lambda asking: quality_points(asking.warehouse),
    "measures": measure_rows,
    "measure charts": charts,
    "definitions side by side": ideas,
    "what measures mean": lambda asking: definition_rows(),
    "published figures": lambda asking: benchmark_rows(),
    "like for like": lambda asking: compare(asking.records, asking.study),
    "table 1": lambda asking: table_one(asking.records, asking.study),
    "all arms": lambda asking: all_arms(asking.records, asking.study, asking.answers),
    "dose": dose,
    "tracks": tracks,
    "stay length": stay_length,
    "tapering": tapering,
    "measurement": measurement,
    "cost": cost,
    "satisfaction": satisfaction,
    "modality mix": modality_mix,
    "severity": severity,
    "safety": safety,
    "step down": step_down,
    "speed": speed,
    "durability": durability,
    "matching needs": matching_needs,
}


@dataclass(slots=True)
class Collected:
    """What the questions have said so far, by result table."""

    results: list[Result] = field(default_factory=list)
    curves: list[CurvePoint] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    attrition: list[AttritionStep] = field(default_factory=list)
    points: list[FigurePoint] = field(default_factory=list)

    def take(self, rows: Iterable[Any]) -> None:
        """Puts each row where its kind belongs."""
        place = {Result: self.results, CurvePoint: self.curves, Diagnostic: self.diagnostics, AttritionStep: self.attrition,
                 FigurePoint: self.points}
        for row in rows:
            place[type(row)].append(row)


@dataclass(frozen=True, slots=True)
class AnalysisReport:
    """How many rows the results hold, and how many of them are refusals."""

    results: int
    withheld: int

    def as_json(self) -> dict[str, Any]:
        return {"results": self.results, "withheld": self.withheld}


def analyze(warehouse: duckdb.DuckDBPyConnection, study: Study, results: duckdb.DuckDBPyConnection, *,
            provenance: Mapping[str, Any], say: Callable[[str], None] = lambda text: None) -> AnalysisReport:
    """Answers every question of the study into an empty results database."""
    found = Collected()
    asking = Asking(warehouse, read_records(warehouse, study), study, found.results)
    for family in FAMILIES.values():
        found.take(family(asking))
    check_results(found.results)
    for name in RESULT_TABLES:
        write_table(results, name, getattr(found, name))
    write_manifest_row(results, manifest_row(warehouse, study, provenance))
    return AnalysisReport(len(found.results), sum(row.gate == "withheld" for row in found.results))


def check_results(rows: list[Result]) -> None:
    """What must hold whatever the data: one row per id, and no number in a withheld row or in its naive twin."""
    ids = [row.result_id for row in rows]
    repeated = {one for one in ids if ids.count(one) > 1} if len(set(ids)) < len(ids) else set()
    assert not repeated, f"result ids repeat: {sorted(repeated)[:3]}"
    withheld = {row.result_id for row in rows if row.gate == "withheld"}
    for row in rows:
        if row.gate == "withheld" or row.twin_of in withheld:
            assert row.reason, f"{row.result_id} is withheld without a reason"
            assert all(getattr(row, name) is None for name in (*NUMBERS, "events", "events_reference", "numerator")), row.result_id


def write_table(con: duckdb.DuckDBPyConnection, name: str, rows: list[Any]) -> None:
    """One declared table, numbers rounded to DIGITS significant digits."""
    kind = RESULT_TABLES[name]
    columns = table_columns(kind)
    declared = ", ".join(f'"{column}" {sql}' for column, sql in columns.items())
    con.execute(f"CREATE TABLE {name} ({declared})")
    if rows:
        import pandas as pd

        kinds = {"VARCHAR": "object", "BIGINT": "Int64", "DOUBLE": "Float64", "BOOLEAN": "boolean"}
        frame = pd.DataFrame({column: pd.array([plain(getattr(row, column)) for row in rows], dtype=kinds[sql])
                              for column, sql in columns.items()})
        con.register("rows_to_write", frame)
        con.execute(f"INSERT INTO {name} SELECT * FROM rows_to_write")
        con.unregister("rows_to_write")


def plain(value: Any) -> Any:
    """A value as the database takes it: no numpy types, no NaN, DIGITS significant digits."""
    if isinstance(value, (float, np.floating)):
        return None if not np.isfinite(value) else float(f"{value:.{DIGITS}g}")
    return value.item() if isinstance(value, np.generic) else value
