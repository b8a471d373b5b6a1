"""Asks every question of the study and writes the answers, or the refusals, into results.duckdb."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.asking.answer_cache import Answered, earlier_answers, write_families
from pipeline.analysis.asking.families import of_questions, parts_of, parts_with_verdict
from pipeline.analysis.asking.processes import workers
from pipeline.analysis.asking.provenance import manifest_row, write_manifest_row
from pipeline.analysis.asking.set_aside import Lost, lost_tables, rests_on_lost, without_lost
from pipeline.analysis.asking.unanswerable import Ask, to_the_end
from pipeline.analysis.asking.undeclared import unasked
from pipeline.analysis.asking.workers import Workers
from pipeline.analysis.comparison.like_for_like import all_arms, base_row, one_contrast
from pipeline.analysis.contrasts import contrasts
from pipeline.analysis.described.flow import overall_attrition, pathways, quality_points
from pipeline.analysis.described.measure_charts import charts
from pipeline.analysis.described.measure_ideas import ideas
from pipeline.analysis.described.measures import benchmark_rows, definition_rows, measure_rows
from pipeline.analysis.described.retention import retention
from pipeline.analysis.described.scorecard import quarter_starts, scorecard
from pipeline.analysis.described.table_one import tables_one
from pipeline.analysis.described.visits import attendance, screens
from pipeline.analysis.standing import Standing, levels_of
from pipeline.errors import BuildError, DisclosureError
from pipeline.questions import in_asking_order
from pipeline.results import (
    BORROWED,
    CLAIMING,
    COMPATIBLE,
    NUMBERS,
    RESULT_TABLES,
    Analysis,
    GateWord,
    Result,
    table_columns,
)
from pipeline.stats.estimate import LEVEL
from pipeline.storage.progress import shown
from pipeline.store import fingerprint, import_closure_prints
from pipeline.study import Study, tracks_are_primary

if TYPE_CHECKING:
    import duckdb

OUR_FAULT = "this is a fault of the program, not of the records: report it; earlier results still stand"
TELLING = (*NUMBERS, "events", "events_reference", "numerator")  # what no withheld row may have
ASKED = ("analyze", "parts of the questions are answered")
DIGITS = 12  # stored results are rounded to so many significant digits: BLAS and DuckDB sums reorder


# Who is here and what is measured of them, in the order of the results; then come the declared contrasts.
DESCRIBED: dict[str, Ask] = {
    "who is here": overall_attrition,
    "scorecard": scorecard,
    "attendance": attendance,
    "screens": screens,
    "retention": retention,
    "quarter starts": quarter_starts,
    "pathways": pathways,
    "data quality": quality_points,
    "measures": measure_rows,
    "measure charts": charts,
    "definitions side by side": ideas,
    "what measures mean": definition_rows,
    "published figures": benchmark_rows,
}
# What stands beside the contrasts; then come the other questions.
BESIDE_CONTRASTS: dict[str, Ask] = {"not asked": unasked, "all arms": all_arms}
READS_ANSWERS = {"measure charts", "definitions side by side", "all arms"}


def families(study: Study) -> dict[str, Ask]:
    """All families of a study by name, in the order of the results."""
    compared = {
        f"{one.arm} vs {one.reference}: {one.endpoint.name}": to_the_end(one_contrast(one), base_row(one, study))
        for one in contrasts(study)
    }
    return DESCRIBED | compared | tables_one(study) | BESIDE_CONTRASTS | of_questions()


def asked_last() -> set[str]:
    """Families asked after the others, with what those said and not with what one of these said; nobody else is shown
    any answer."""
    return READS_ANSWERS | {part for one in in_asking_order() if one.reads_answers for part in parts_of(one)}


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
    shared = (write_families.__module__, without_lost.__module__)
    code = import_closure_prints([*shared, *(ask.__module__ for ask in asked.values())])
    how_kept = [code[module] for module in shared]
    lost = lost_tables(warehouse, study)
    prints = {name: fingerprint(made_from, how_kept, code[ask.__module__], asdict(lost)) for name, ask in asked.items()}
    found = all_answers(warehouse, study, prints, earlier_answers(earlier, study), lost)
    written = {table: [row for one in found.values() for row in one.rows[table]] for table in RESULT_TABLES}
    check_results(written["results"])
    check_shared(found, study)
    for name, rows in written.items():
        write_table(results, name, rows)
    write_families(results, found)
    write_manifest_row(results, manifest_row(warehouse, study, provenance))
    withheld = sum(row.gate == GateWord.WITHHELD for row in written["results"])
    return AnalysisReport(len(written["results"]), withheld, len(asked), sum(one.kept for one in found.values()))


def all_answers(
    warehouse: duckdb.DuckDBPyConnection,
    study: Study,
    prints: Mapping[str, str],
    before: Mapping[str, Answered],
    lost: Lost,
) -> dict[str, Answered]:
    """Every family's answer, in the order of prints (what each would be made from): asked, or kept from before.

    First each says how its answer stands; then those that share one error are read at levels that only those answered
    spend it on; then come those that look at what the others said.
    """
    later = asked_last()
    with workers(warehouse, study, families) as asking:
        answered, stand = how_they_stand(asking, prints, before)
        levels = levels_of({name: one for name, one in stand.items() if not rests_on_lost(one.question, lost)})
        levels |= {name: LEVEL for name in stand if name not in levels}
        first = {name: made for name, made in prints.items() if name not in later and name not in answered}
        found = without_lost(answered | finished(asking, first, before, levels, ()), lost)
        said = [row for name in prints if name in found for row in found[name].rows["results"]]
        told = fingerprint([(row.result_id, row.gate, row.verdict, row.reason, plain(row.estimate)) for row in said])
        last = {name: f"{made}{told}" for name, made in prints.items() if name in later}
        found |= without_lost(finished(asking, last, before, levels, said), lost)
    return {name: found[name] for name in prints}


def how_they_stand(
    asking: Workers, prints: Mapping[str, str], before: Mapping[str, Answered]
) -> tuple[dict[str, Answered], dict[str, Standing]]:
    """The answers that wait for no level, and how the others stand; of those that look at other answers only the
    standing."""
    later = asked_last()
    known = {name: one for name, one in before.items() if name in prints and one.made_from.startswith(prints[name])}
    stand = {name: one.standing for name, one in known.items() if one.standing is not None}
    answered = {name: one for name, one in known.items() if one.standing is None and name not in later}
    new = {
        name: made
        for name, made in prints.items()
        if name not in known and (name not in later or name in parts_with_verdict())
    }
    for name, one in shown(asking.begin(new), len(new), *ASKED):
        if isinstance(one, Standing):
            stand[name] = one
        elif name not in later:
            answered[name] = one
    return answered, stand


def finished(
    asking: Workers,
    made_from: Mapping[str, str],
    before: Mapping[str, Answered],
    levels: Mapping[str, float],
    said: Sequence[Result],
) -> dict[str, Answered]:
    """These families (name → what they would be made from) at their levels: those made from just that and read at the
    same level before are kept, the others asked to their end."""
    kept = {
        name: before[name]
        for name, made in made_from.items()
        if name in before and (before[name].made_from, before[name].level) == (made, levels.get(name))
    }
    asked = {name: made for name, made in made_from.items() if name not in kept}
    return kept | dict(shown(asking.finish(asked, levels, said), len(asked), *ASKED))


def check_results(rows: list[Result]) -> None:
    """Refuses what must not be written whatever the data: two rows of one id (BuildError), and a number or no reason in
    a withheld row or beneath it (DisclosureError): only what is withheld for its size alone has limits there."""
    ids = Counter(row.result_id for row in rows)
    if repeated := [one for one, count in ids.items() if count > 1]:
        raise BuildError(f"result ids repeat: {', '.join(sorted(repeated)[:3])}; {OUR_FAULT}")
    withheld = {row.result_id for row in rows if row.gate == GateWord.WITHHELD}
    for row in rows:
        if row.gate == GateWord.WITHHELD or (row.twin_of in withheld and row.measure not in (*COMPATIBLE, *BORROWED)):
            if not row.reason:
                raise DisclosureError(f"{row.result_id} is withheld without a reason; {OUR_FAULT}")
            if told := [name for name in TELLING if getattr(row, name) is not None]:
                raise DisclosureError(f"{row.result_id} is withheld, and yet has {', '.join(told)}; {OUR_FAULT}")


def check_shared(found: Mapping[str, Answered], study: Study) -> None:
    """Refuses a verdict, but for the primary one, that does not share the error of the others (BuildError)."""
    for one in found.values():
        for row in one.rows["results"] if one.standing is None else ():
            alone = (row.arm, row.reference, row.outcome) == tuple(study.comparison.primary)
            own = row.analysis in (Analysis.CLAIM, Analysis.LIKE_FOR_LIKE) and row.verdict in CLAIMING
            if own and not alone and not (row.question == "C10" and tracks_are_primary(study)):
                raise BuildError(f"{row.result_id} carries a verdict and was read alone; {OUR_FAULT}")


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
