"""Rows that were set aside are seldom a random part: answers that rest on a table of which many were say so, or are
withheld until it is mended or the loss is accepted in study.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipeline.analysis.asking.answer_cache import Answered
from pipeline.analysis.gate import LINES
from pipeline.questions import declared
from pipeline.results import Analysis, Diagnostic, Result
from pipeline.study import Study

if TYPE_CHECKING:
    import duckdb

CARE = ("patients", "episodes", "sessions")  # what every answer rests on
OWNERS = {"discharges": "episode_id"}  # how a row names its person, where not by patient_id
HEADLINES = (Analysis.CLAIM, Analysis.LIKE_FOR_LIKE)
FEW, MANY = 11, 0.10  # of so few rows a share says nothing before it is a tenth


@dataclass(frozen=True, slots=True)
class Lost:
    """Tables of which more was set aside than goes without saying.

    withheld   answers that rest on them carry no number
    told       answers that rest on them say so: fewer rows, unequally between arms, or accepted in study.toml
    """

    withheld: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def lost_tables(con: duckdb.DuckDBPyConnection, study: Study) -> Lost:
    """What became of the rows of every table, by the study's lines."""
    gate, accepted = study.gate, study.records.accept_set_aside
    shares = set_aside_shares(con)
    beyond = [table for table, one in shares.items() if past(*one, gate.max_set_aside)]
    more = [table for table, one in shares.items() if past(*one, gate.told_set_aside)]
    unequal = [table for table, (_, aside) in shares.items() if aside and unequal_arms(con, study, table)]
    return Lost(
        tuple(table for table in beyond if table not in accepted),
        tuple(table for table in shares if table in (*more, *unequal) and (table not in beyond or table in accepted)),
    )


def set_aside_shares(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[float, int]]:
    """By table that has rows: the share of them that was set aside, and how many."""
    found = con.execute(
        'SELECT "table", sum(read), sum(quarantined) FROM staging.files GROUP BY ALL HAVING sum(read) > 0 ORDER BY ALL'
    ).fetchall()
    return {table: (aside / read, int(aside)) for table, read, aside in found}


def past(share: float, rows: int, line: float) -> bool:
    """Whether a share is beyond a line, and more than the slips of a small table."""
    return share > line and (rows >= FEW or share > MANY)


def unequal_arms(con: duckdb.DuckDBPyConnection, study: Study, table: str) -> bool:
    """Whether the rows of one arm's people were set aside more often than those of another's, beyond the line that is
    told."""
    key = OWNERS.get(table, "patient_id")
    there = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'quarantine' AND table_name = ?", [table]
    ).fetchall()
    if table == "patients" or (key,) not in there:
        return False
    people = "SELECT patient_id, arm FROM analysis_set"
    if key == "episode_id":
        people = "SELECT e.episode_id, s.arm FROM staging.episodes AS e JOIN analysis_set AS s USING (patient_id)"
    found = con.execute(
        f"WITH people AS ({people}), rows_of AS ("
        f" SELECT arm, 1 AS aside FROM quarantine.{table} JOIN people USING ({key})"
        f" UNION ALL SELECT arm, 0 FROM staging.{table} JOIN people USING ({key}))"
        " SELECT sum(aside), avg(aside) FROM rows_of GROUP BY arm"
    ).fetchall()
    most = max((aside for aside, _ in found), default=0)
    shares = [share for _, share in found]
    return most >= FEW and max(shares) - min(shares) > study.gate.told_set_aside


def rests_on(row: Result) -> tuple[str, ...]:
    """The raw tables that a row's answer is made from; none for what only describes who is here."""
    question = declared(row.question)
    if question is not None:
        return (*CARE, *question.reads)
    return (*CARE, "assessments", "discharges") if row.analysis == Analysis.ALL_ARMS else ()


def rests_on_lost(code: str, lost: Lost) -> bool:
    """Whether a question's answers are withheld for a lost table."""
    question = declared(code)
    return question is not None and bool({*CARE, *question.reads} & set(lost.withheld))


def without_lost(answered: Mapping[str, Answered], lost: Lost) -> dict[str, Answered]:
    """The families with what rests on a lost table told or withheld."""
    if not lost.withheld and not lost.told:
        return dict(answered)
    return {  # what was kept was marked when it was made
        name: one if one.kept else replace(one, rows=marked(one.rows, lost)) for name, one in answered.items()
    }


def marked(rows: Mapping[str, Sequence[Any]], lost: Lost) -> dict[str, Sequence[Any]]:
    """One family's rows: refused with their curves and marks where a table is withheld, noted where it is told."""
    made = [refused_or_told(row, lost) for row in rows["results"]]
    gone = {row.result_id for row in rows["results"] if set(rests_on(row)) & set(lost.withheld)}
    lines = [line_of(row, lost) for row in rows["results"] if row.result_id in gone and row.analysis in HEADLINES]
    left = {
        table: [one for one in rows[table] if getattr(one, "result_id", "") not in gone]
        for table in ("curves", "points")
    }
    return {**rows, **left, "results": made, "diagnostics": [*rows["diagnostics"], *lines]}


def refused_or_told(row: Result, lost: Lost) -> Result:
    tables = rests_on(row)
    withheld = [table for table in lost.withheld if table in tables]
    if withheld:
        line = LINES["set_aside"]
        return row.refused(line.verdict, line.sentence(line_of(row, lost)))
    told = [table for table in lost.told if table in tables]
    if told and row.analysis in HEADLINES and not row.reason:
        return replace(row, note=" ".join(part for part in (row.note, said_of(told)) if part))
    return row


def line_of(row: Result, lost: Lost) -> Diagnostic:
    """The gate's line of one row that rests on lost tables."""
    tables = ", ".join(table for table in lost.withheld if table in rests_on(row))
    return Diagnostic(result_id=row.result_id, check="set_aside", covariate=tables, passed=False)


def said_of(tables: Sequence[str]) -> str:
    """The sentence beside an answer."""
    return f"Rows of {' and '.join(tables)} were set aside in number, and those are seldom a random part of them."
