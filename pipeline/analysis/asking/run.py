"""Asks every question of the study and writes the answers, or the refusals, into results.duckdb."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.asking.answer_cache import Answered, earlier_answers, of_kind, write_families
from pipeline.analysis.asking.families import Ask, of_frames, of_nothing, of_records, of_warehouse
from pipeline.analysis.asking.provenance import manifest_row, write_manifest_row
from pipeline.analysis.asking.workers import Here, answer_all
from pipeline.analysis.cohort import read_records
from pipeline.analysis.comparison.like_for_like import all_arms, one_contrast
from pipeline.analysis.comparison.undeclared import unasked
from pipeline.analysis.contrasts import contrasts
from pipeline.analysis.described.flow import overall_attrition, pathways, quality_points
from pipeline.analysis.described.measure_charts import charts
from pipeline.analysis.described.measure_ideas import ideas
from pipeline.analysis.described.measures import benchmark_rows, definition_rows, measure_rows
from pipeline.analysis.described.retention import retention
from pipeline.analysis.described.safety import safety
from pipeline.analysis.described.scorecard import quarter_starts, scorecard
from pipeline.analysis.described.table_one import table_one
from pipeline.analysis.described.visits import attendance, screens
from pipeline.analysis.questions.cost import cost
from pipeline.analysis.questions.dose import dose
from pipeline.analysis.questions.durability import durability
from pipeline.analysis.questions.measurement import measurement
from pipeline.analysis.questions.modality_mix import modality_mix
from pipeline.analysis.questions.placements import matching_needs
from pipeline.analysis.questions.satisfaction import satisfaction
from pipeline.analysis.questions.severity import severity
from pipeline.analysis.questions.speed import speed
from pipeline.analysis.questions.stay_length import stay_length
from pipeline.analysis.questions.step_down import step_down
from pipeline.analysis.questions.tapering import tapering
from pipeline.analysis.questions.tracks import tracks
from pipeline.results import NUMBERS, RESULT_TABLES, Result, table_columns
from pipeline.store import fingerprint, import_closure_prints
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb

DIGITS = 12  # stored results are rounded to so many significant digits: BLAS and DuckDB sums reorder


# Every family of questions in the order of the results; each contrast of like_for_like is one too, and stands before
# "table 1".
FAMILIES: dict[str, Ask] = {
    "who is here": of_records(overall_attrition),
    "scorecard": of_records(scorecard),
    "attendance": of_records(attendance),
    "screens": of_frames(screens),
    "retention": of_records(retention),
    "quarter starts": of_frames(quarter_starts),
    "pathways": of_warehouse(pathways),
    "data quality": quality_points,
    "measures": measure_rows,
    "measure charts": charts,
    "definitions side by side": ideas,
    "what measures mean": of_nothing(definition_rows),
    "published figures": of_nothing(benchmark_rows),
    "table 1": of_records(table_one),
    "not asked": unasked,
    "all arms": all_arms,
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
# Asked after the others, with what those said and not with what one of these said; nobody else is shown any answer.
READS_ANSWERS = {"measure charts", "definitions side by side", "all arms", "cost"}


def families(study: Study) -> dict[str, Ask]:
    """All families of a study by name, in the order of the results."""
    compared = {
        f"{one.arm} vs {one.reference}: {one.question.name}": of_records(one_contrast(one)) for one in contrasts(study)
    }
    first = list(FAMILIES).index("table 1")
    return dict([*list(FAMILIES.items())[:first], *compared.items(), *list(FAMILIES.items())[first:]])


@dataclass(frozen=True, slots=True)
class AnalysisReport:
    """How many rows the results hold, how many of them are refusals, and how many families of questions were not asked
    again."""

    results: int
    withheld: int
    families: int
    kept: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def analyze(
    warehouse: duckdb.DuckDBPyConnection,
    study: Study,
    results: duckdb.DuckDBPyConnection,
    *,
    provenance: Mapping[str, Any],
    made_from: str = "",
    earlier: Path | None = None,
) -> AnalysisReport:
    """Answers every question of the study into an empty results database.

    made_from   what the warehouse's tables were made from: an answer made from others is never kept
    earlier     the results before these, whose answers stand where tables, code and choices read are the same
    """
    asked = families(study)
    code = import_closure_prints([write_families.__module__, *(ask.__module__ for ask in asked.values())])
    how_kept = code[write_families.__module__]
    prints = {name: fingerprint(made_from, how_kept, code[ask.__module__]) for name, ask in asked.items()}
    before = earlier_answers(earlier, study)
    here = Here(warehouse, read_records(warehouse, study), study)
    first = {name: made for name, made in prints.items() if name not in READS_ANSWERS}
    found = asked_or_kept(here, first, before, ())
    said = [row for name in asked if name in found for row in of_kind(found[name].rows, Result)]
    told = fingerprint([(row.result_id, row.gate, row.verdict, row.reason, plain(row.estimate)) for row in said])
    last = {name: fingerprint(prints[name], told) for name in asked if name in READS_ANSWERS}
    found |= asked_or_kept(here, last, before, said)
    found = {name: found[name] for name in asked}
    written = {
        name: [row for one in found.values() for row in of_kind(one.rows, kind)] for name, kind in RESULT_TABLES.items()
    }
    check_results(written["results"])
    for name, rows in written.items():
        write_table(results, name, rows)
    write_families(results, found)
    write_manifest_row(results, manifest_row(warehouse, study, provenance))
    withheld = sum(row.gate == "withheld" for row in written["results"])
    return AnalysisReport(len(written["results"]), withheld, len(asked), sum(one.kept for one in found.values()))


def asked_or_kept(
    here: Here, made_from: Mapping[str, str], before: Mapping[str, Answered], said: Sequence[Result]
) -> dict[str, Answered]:
    """These families (name → what they would be made from): those made from just that before are kept, the others
    asked."""
    kept = {name: before[name] for name, made in made_from.items() if name in before and before[name].made_from == made}
    return kept | answer_all(here, {name: made for name, made in made_from.items() if name not in kept}, families, said)


def check_results(rows: list[Result]) -> None:
    """What must hold whatever the data: one row per id, and no number in a withheld row or in its naive twin."""
    ids = [row.result_id for row in rows]
    repeated = {one for one in ids if ids.count(one) > 1} if len(set(ids)) < len(ids) else set()
    assert not repeated, f"result ids repeat: {sorted(repeated)[:3]}"
    withheld = {row.result_id for row in rows if row.gate == "withheld"}
    for row in rows:
        if row.gate == "withheld" or row.twin_of in withheld:
            assert row.reason, f"{row.result_id} is withheld without a reason"
            assert all(getattr(row, name) is None for name in (*NUMBERS, "events", "events_reference", "numerator")), (
                row.result_id
            )


def write_table(con: duckdb.DuckDBPyConnection, name: str, rows: list[Any]) -> None:
    """One declared table, numbers rounded to DIGITS significant digits."""
    kind = RESULT_TABLES[name]
    columns = table_columns(kind)
    declared = ", ".join(f'"{column}" {sql}' for column, sql in columns.items())
    con.execute(f"CREATE TABLE {name} ({declared})")
    if rows:
        import pandas as pd

        kinds = {"VARCHAR": "object", "BIGINT": "Int64", "DOUBLE": "Float64", "BOOLEAN": "boolean"}
        frame = pd.DataFrame(
            {
                column: pd.array([plain(getattr(row, column)) for row in rows], dtype=kinds[sql])
                for column, sql in columns.items()
            }
        )
        con.register("rows_to_write", frame)
        con.execute(f"INSERT INTO {name} SELECT * FROM rows_to_write")
        con.unregister("rows_to_write")


def plain(value: Any) -> Any:
    """A value as the database takes it: no numpy types, no NaN, DIGITS significant digits."""
    if isinstance(value, (float, np.floating)):
        return None if not np.isfinite(value) else float(f"{value:.{DIGITS}g}")
    return value.item() if isinstance(value, np.generic) else value
