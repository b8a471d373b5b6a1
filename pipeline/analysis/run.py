"""Asks every question of the study and writes the answers, or the refusals, into results.duckdb."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.cohort import read_records
from pipeline.analysis.flow import overall_attrition, pathways, quality_points
from pipeline.analysis.like_for_like import all_arms, compare
from pipeline.analysis.provenance import manifest_row, write_manifest_row
from pipeline.analysis.retention import retention
from pipeline.analysis.scorecard import quarter_starts, scorecard
from pipeline.analysis.visits import attendance, screens
from pipeline.results import NUMBERS, RESULT_TABLES, AttritionStep, CurvePoint, Diagnostic, FigurePoint, Result, table_columns
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb

DIGITS = 12  # stored results are rounded to so many significant digits: BLAS and DuckDB sums reorder


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
    records = read_records(warehouse, study)
    found = Collected()
    found.take(overall_attrition(records, study))
    found.take(scorecard(records, study))
    found.take(attendance(records, study))
    found.take(screens(records))
    found.take(retention(records, study))
    found.take(quarter_starts(records))
    found.take(pathways(warehouse, records))
    found.take(quality_points(warehouse))
    found.take(compare(records, study))
    found.take(all_arms(records, study, found.results))
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
