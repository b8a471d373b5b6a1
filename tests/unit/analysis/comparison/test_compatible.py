"""A program too small for a verdict is told what its records are compatible with, and nothing is told where groups do not
compare."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.analysis.asking.run import check_results
from pipeline.analysis.comparison.like_for_like import answer
from pipeline.analysis.contrasts import contrasts
from pipeline.results import COMPATIBLE, Result
from pipeline.stats.robustness.compatibility import ruled_out
from tests.unit.analysis.made_records import made_records, study


def asked(folder, records, **changes):
    here = study(folder, **changes)
    contrast = next(one for one in contrasts(here) if one.role == "primary")
    return [row for row in answer(contrast, records, here) if isinstance(row, Result)]


def told(rows):
    return {row.measure: row for row in rows if row.measure in COMPATIBLE}


@pytest.fixture(scope="module")
def open_answer(tmp_path_factory):
    return asked(tmp_path_factory.mktemp("study"), made_records(n=500, sites=1, observed=0.8, seed=3))


@pytest.fixture(scope="module")
def too_few(tmp_path_factory):
    return asked(tmp_path_factory.mktemp("study"), made_records(n=190, sites=1, observed=0.55, seed=3))


def test_an_open_answer_is_told_with_all_that_plausible_departures_of_the_unmeasured_leave_open(open_answer):
    row, found = open_answer[0], told(open_answer)
    assert row.verdict == "inconclusive"
    assert found["compatible_low"].estimate < row.low
    assert found["compatible_high"].estimate > row.high
    assert found["compatible_low"].note == "allowing for those not measured"


def test_what_is_ruled_out_is_beyond_all_that_is_left_open(open_answer):
    found = told(open_answer)
    low, high = found["compatible_low"].estimate, found["compatible_high"].estimate
    assert found["ruled_out"].estimate == ruled_out(low, high)


def test_so_many_more_people_measured_would_narrow_the_limits_to_the_margin(open_answer):
    row, found = open_answer[0], told(open_answer)
    assert found["narrower_limits"].estimate == 1.0
    half, measured = (row.high - row.low) / 2, row.n + row.n_reference
    more = found["people_to_narrow"].estimate
    assert half * (measured / (measured + more)) ** 0.5 == pytest.approx(1.0, rel=0.02)


def test_the_present_pace_says_in_how_many_months(open_answer):
    row, found = open_answer[0], told(open_answer)
    pace = (row.n + row.n_reference) / (600 / 30.44)  # everybody started within 600 days
    assert found["months_to_narrow"].estimate == pytest.approx(found["people_to_narrow"].estimate / pace, abs=1.5)


def test_an_answer_withheld_for_its_size_alone_still_says_what_it_is_compatible_with(too_few):
    row, found = too_few[0], told(too_few)
    assert row.gate == "withheld"
    assert row.estimate is None
    assert "too few" in row.reason
    assert found["compatible_low"].estimate < 0 < found["compatible_high"].estimate
    assert found["compatible_low"].n >= 11
    check_results(too_few)


def test_the_naive_twin_of_an_answer_withheld_for_its_size_stays_without_a_number(too_few):
    [twin] = [row for row in too_few if row.analysis == "as_observed"]
    assert twin.estimate is None


@pytest.mark.parametrize("changes", [{"record": 0.5}, {"site_is_level": True}])
def test_where_groups_do_not_compare_nothing_is_left_to_be_told(tmp_path, changes):
    rows = asked(tmp_path, made_records(n=600, sites=3, observed=0.6, **changes))
    assert rows[0].gate == "withheld"
    assert told(rows) == {}


def test_with_fewer_measured_people_than_may_be_shown_nothing_is_told(tmp_path):
    rows = asked(tmp_path, made_records(n=110, sites=1, observed=0.2, seed=1))
    assert rows[0].gate == "withheld"
    assert told(rows) == {}


def test_a_verdict_leaves_nothing_open(tmp_path):
    rows = asked(tmp_path, made_records(n=900, sites=1, effect=4.0, observed=0.95, seed=3))
    assert rows[0].verdict == "better"
    assert told(rows) == {}


def test_where_the_unmeasured_could_overturn_a_claim_more_people_would_not_settle_it(tmp_path):
    rows = asked(tmp_path, made_records(n=6000, sites=1, effect=0.9, observed=0.5))
    found = told(rows)
    assert rows[0].verdict == "inconclusive: depends on those not measured"
    assert found["people_to_narrow"].estimate is None
    assert "a larger share of people measured" in found["people_to_narrow"].note


def test_people_who_all_started_within_a_month_show_no_pace(tmp_path):
    records = made_records(n=900, sites=1, observed=0.8, seed=3)
    same_day = records.people.assign(start_day=np.int64(7))
    found = told(asked(tmp_path, replace(records, people=same_day)))
    assert "people_to_narrow" in found
    assert "months_to_narrow" not in found
