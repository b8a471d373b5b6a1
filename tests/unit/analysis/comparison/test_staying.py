"""Courses of staying of similar people, on stays whose true courses are known."""

import numpy as np
import pytest

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.fitted import fit
from pipeline.analysis.comparison.like_for_like import base_row
from pipeline.analysis.comparison.pace import staying_rows
from pipeline.analysis.contrasts import contrasts
from pipeline.results import COUNTS, CurvePoint
from tests.unit.analysis.made_records import made_records, study


def asked(records, choices, column="retained"):
    [contrast] = [
        one
        for one in contrasts(choices)
        if one.endpoint.column == column and (one.arm, one.reference) == ("iop", "inpatient")
    ]
    people, _ = people_asked(records, contrast.endpoint, contrast.arms)
    comparison = fit(people, contrast.arms, choices, contrast.endpoint)
    rows = staying_rows(contrast, comparison, records, choices, base_row(contrast, choices))
    return list(rows), comparison


@pytest.fixture(scope="module")
def choices(tmp_path_factory):
    return study(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def found(choices):
    return asked(made_records(n=3000), choices)


def test_the_curves_are_the_true_ones(found):
    # stays end each day with a chance of one in 60, and one in 40; in care on day t: the last day was t or later
    rows = [row for row in found[0] if getattr(row, "measure", "") == "survival"]
    assert {(row.arm, row.day) for row in rows} == {(arm, day) for arm in ("iop", "inpatient") for day in (30, 60, 90)}
    for row in rows:
        true = (1 - 1 / {"iop": 60, "inpatient": 40}[row.arm]) ** (row.day - 1)
        assert row.low - 0.02 < true < row.high + 0.02


def test_they_go_week_by_week_from_everybody_and_end_as_the_share_still_in_care(found):
    rows, comparison = found
    points = [one for one in rows if isinstance(one, CurvePoint) and one.arm == "iop"]
    assert [one.day for one in points] == list(range(0, 91, 7))
    assert (points[0].estimate, points[0].at_risk, points[0].events) == (1, comparison.used_codes.sum(), 0)
    last = next(row for row in rows if getattr(row, "measure", "") == "survival" and (row.arm, row.day) == ("iop", 90))
    weights, there = comparison.means.balancing, comparison.outcome[comparison.rows]
    own = comparison.used_codes == 1
    assert last.estimate == pytest.approx(np.average(there[own], weights=weights[own]), abs=1e-9)


def test_other_paces_are_seen_in_the_test_of_the_whole_course(found):
    test, twin = [row for row in found[0] if getattr(row, "measure", "") == "course_test"]
    assert test.p < 0.001
    assert test.estimate is None
    assert (twin.analysis, twin.estimator, twin.df) == ("as_observed", "log-rank, unweighted", 1)
    assert twin.p < 0.001


def test_the_rows_are_hints_beside_the_answer_and_count_nobody(found):
    rows = [row for row in found[0] if not isinstance(row, CurvePoint)]
    assert {(row.verdict, bool(row.twin_of)) for row in rows} == {("exploratory", True), ("descriptive only", True)}
    assert not [row for row in rows if any(getattr(row, name) is not None for name in COUNTS)]


def test_leaving_early_has_no_such_curves_since_other_endings_compete(choices):
    assert asked(made_records(n=600), choices, "dropped_out")[0] == []


def test_where_nobody_left_there_is_no_test_and_no_curve(choices):
    records = made_records(n=600)
    records.care["care_days"] = 200
    rows, _ = asked(records, choices)
    assert [(row.measure, row.gate) for row in rows] == [("course_test", "withheld")]
    assert "no ending was seen" in rows[0].reason
