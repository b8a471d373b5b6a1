"""Rows set aside are seldom a random part: what rests on their table says so, or is withheld."""

import duckdb
import pytest

from pipeline.analysis.asking.answer_cache import Answered
from pipeline.analysis.asking.set_aside import Lost, lost_tables, without_lost
from pipeline.results import Analysis, CurvePoint, GateWord, Result
from tests.spec.staged import study_of


def warehouse(*files, aside=(), kept=()):
    """A warehouse of so many rows (table, read, quarantined), of which sessions of these arms were set aside or kept."""
    con = duckdb.connect()
    for schema in ("staging", "quarantine"):
        con.execute(f"CREATE SCHEMA {schema}")
    con.execute('CREATE TABLE staging.files ("table" VARCHAR, read BIGINT, quarantined BIGINT)')
    con.executemany("INSERT INTO staging.files VALUES (?, ?, ?)", files)
    con.execute(
        "CREATE TABLE analysis_set AS SELECT UNNEST(['iop', 'inpatient']) AS arm, UNNEST(['a', 'b']) AS patient_id"
    )
    for schema, arms in (("quarantine", aside), ("staging", kept)):
        con.execute(f"CREATE TABLE {schema}.sessions (patient_id VARCHAR)")
        for arm, rows in arms:
            con.execute(
                f"INSERT INTO {schema}.sessions SELECT patient_id FROM analysis_set, range({rows}) WHERE arm = ?", [arm]
            )
    return con


LINES = {
    "two in a hundred go without saying": (("sessions", 1000, 20), Lost()),
    "more than two in a hundred are told": (("sessions", 1000, 21), Lost(told=("sessions",))),
    "five in a hundred are told": (("sessions", 1000, 50), Lost(told=("sessions",))),
    "more than five in a hundred withhold": (("sessions", 1000, 51), Lost(withheld=("sessions",))),
    "a few slips in a small table go without saying": (("episodes", 90, 6), Lost()),
    "more than a tenth of a small table withholds": (("episodes", 50, 6), Lost(withheld=("episodes",))),
}


@pytest.mark.parametrize("case", LINES)
def test_the_share_of_a_table_that_was_set_aside_decides(case):
    file, lost = LINES[case]
    assert lost_tables(warehouse(file), study_of()) == lost


def test_a_loss_that_is_accepted_is_told_and_withholds_nothing():
    study = study_of(records={"accept_set_aside": ["sessions"]})
    assert lost_tables(warehouse(("sessions", 100, 40)), study) == Lost(told=("sessions",))


@pytest.mark.parametrize(("of_the_other", "told"), [(0, ("sessions",)), (11, ())])
def test_rows_set_aside_more_often_in_one_arm_are_told_though_they_are_few(of_the_other, told):
    con = warehouse(
        ("sessions", 1000, 11),
        aside=[("iop", 11), ("inpatient", of_the_other)],
        kept=[("iop", 489), ("inpatient", 489)],
    )
    assert lost_tables(con, study_of()) == Lost(told=told)


def answered(*codes, kept=False):
    rows = [
        Result(question=code, analysis=analysis, measure="share", estimate=0.4, n=40, gate=GateWord.PASSED)
        for code in codes
        for analysis in (Analysis.CLAIM, Analysis.SENSITIVITY)
    ]
    curves = [CurvePoint(result_id=row.result_id, arm="iop", state="in care", day=1, estimate=0.4) for row in rows]
    none = {"diagnostics": [], "attrition": [], "points": []}
    return {"asked": Answered({"results": rows, "curves": curves, **none}, "", {}, 0.0, kept)}


def test_whatever_rests_on_a_lost_table_is_withheld_with_its_curves_and_the_line_of_the_gate():
    found = without_lost(answered("C7", "C14"), Lost(withheld=("costs",)))["asked"].rows
    cost, beside, *others = found["results"]
    assert [(row.gate, row.estimate, row.n) for row in (cost, beside)] == [(GateWord.WITHHELD, None, None)] * 2
    assert cost.reason.startswith("too many rows of costs could not be read and were set aside")
    assert [row.estimate for row in others] == [0.4, 0.4]
    assert {point.result_id for point in found["curves"]} == {row.result_id for row in others}
    assert [(line.check, line.result_id, line.passed) for line in found["diagnostics"]] == [
        ("set_aside", cost.result_id, False)
    ]


def test_whatever_rests_on_a_table_that_is_told_says_so_once():
    told = Lost(told=("sessions",))
    [first, beside, *_] = without_lost(answered("C14"), told)["asked"].rows["results"]
    assert first.note == "Rows of sessions were set aside in number, and those are seldom a random part of them."
    assert (first.estimate, beside.note) == (0.4, "")
    assert without_lost(answered("C14", kept=True), told)["asked"].rows["results"][0].note == ""


def test_who_is_here_is_described_all_the_same():
    [row, *_] = without_lost(answered("M"), Lost(withheld=("sessions",)))["asked"].rows["results"]
    assert row.estimate == 0.4
