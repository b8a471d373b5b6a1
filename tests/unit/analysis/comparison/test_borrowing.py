"""What a study declares to borrow stands beside the answer that does not borrow, and never takes its place."""

from dataclasses import replace

import pytest

from pipeline.analysis.asking.run import check_results
from pipeline.analysis.comparison.borrowing import DROPPED
from pipeline.analysis.comparison.like_for_like import answer
from pipeline.analysis.contrasts import contrasts
from pipeline.choices.asked import Borrowed
from pipeline.results import BORROWED, Result
from tests.unit.analysis.made_records import made_records, study

ELSEWHERE = Borrowed("phq9_day90", "iop", "inpatient", estimate=0.5, se=0.4, apart=0.6, source="Another program (2024)")
RECORDS = made_records(n=500, sites=1, observed=0.8, seed=3)
FEW = made_records(n=190, sites=1, observed=0.55, seed=3)


def asked(folder, records, *declared):
    here = replace(study(folder), borrowing=declared)
    contrast = next(one for one in contrasts(here) if one.role == "primary")
    return [row for row in answer(contrast, records, here) if isinstance(row, Result)]


def lent(rows):
    return {row.measure: row for row in rows if row.measure in BORROWED}


def test_nothing_is_borrowed_by_default(tmp_path):
    assert lent(asked(tmp_path, RECORDS)) == {}


def test_what_is_declared_for_another_comparison_is_not_borrowed(tmp_path):
    assert lent(asked(tmp_path, RECORDS, replace(ELSEWHERE, reference="outpatient"))) == {}


def test_the_answer_itself_is_the_same_with_and_without_borrowing(tmp_path):
    assert asked(tmp_path, RECORDS, ELSEWHERE)[0] == asked(tmp_path, RECORDS)[0]


def test_borrowing_what_agrees_narrows_the_limits_and_names_its_source(tmp_path):
    rows = asked(tmp_path, RECORDS, ELSEWHERE)
    alone, with_it = rows[0], lent(rows)["borrowed_difference"]
    assert with_it.high - with_it.low < 0.95 * (alone.high - alone.low)
    assert with_it.note == "Another program (2024)"
    assert with_it.verdict == ""
    assert lent(rows)["borrowed_error"].estimate <= 0.102


def test_borrowing_what_conflicts_is_told_and_hardly_moves_the_answer(tmp_path):
    rows = asked(tmp_path, RECORDS, replace(ELSEWHERE, estimate=9.0))
    found = lent(rows)
    assert found["borrowed_conflict"].estimate < 0.01
    assert found["borrowed_after"].estimate < found["borrowed_before"].estimate
    assert found["borrowed_difference"].estimate == pytest.approx(rows[0].estimate, abs=rows[0].se / 2)


def test_a_program_too_small_for_a_verdict_is_told_the_answer_that_borrows_beneath_the_withheld_one(tmp_path):
    rows = asked(tmp_path, FEW, ELSEWHERE)
    assert rows[0].gate == "withheld"
    assert lent(rows)["borrowed_difference"].low < lent(rows)["borrowed_difference"].high
    check_results(rows)


def test_figures_too_sure_for_so_few_people_are_dropped_by_rule_and_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.stats.borrowing.MOST_ERROR", 0.051)
    [row] = lent(asked(tmp_path, RECORDS, replace(ELSEWHERE, se=0.01, apart=0.001))).values()
    assert row.estimate is None
    assert row.reason == DROPPED
