"""How fast people leave early, on stays whose true pace is known: two in three as fast in IOP as in inpatient care."""

import numpy as np
import pytest

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.fitted import fit
from pipeline.analysis.comparison.like_for_like import base_row
from pipeline.analysis.comparison.pace import NOT_ONE, pace_rows
from pipeline.analysis.contrasts import contrasts
from pipeline.results import COUNTS
from tests.unit.analysis.made_records import made_records, study

TRUE = (1 / 60) / (1 / 40)  # stays end each day with a chance of one in 60, and one in 40; three in ten leave early
LAST = 90


@pytest.fixture(scope="module")
def choices(tmp_path_factory):
    return study(tmp_path_factory.mktemp("study"))


def asked(records, choices):
    [contrast] = [
        one
        for one in contrasts(choices)
        if one.endpoint.harm and (one.arm, one.reference) == ("iop", "inpatient") and one.endpoint.source is None
    ]
    people, _ = people_asked(records, contrast.endpoint, contrast.arms)
    comparison = fit(people, contrast.arms, choices, contrast.endpoint)
    rows = pace_rows(contrast, comparison, records, choices, base_row(contrast, choices))
    return {row.measure if row.measure == "rmst_difference" else row.estimator: row for row in rows}


@pytest.fixture(scope="module")
def rows(choices):
    return asked(made_records(), choices)


def test_the_ratio_of_paces_is_the_true_one(rows):
    row = rows["Cox"]
    assert abs(np.log(row.estimate) - np.log(TRUE)) < 3 * row.se
    assert row.low < TRUE < row.high


def test_with_other_endings_in_the_count_the_ratio_is_nearer_to_one(rows):
    # whoever stays longer has more time to leave: the share who have left differs less than the pace
    assert rows["Cox"].estimate < rows["Fine-Gray"].estimate < 1


def test_days_in_care_differ_by_what_the_paces_say(rows):
    # the mean of min(T + 1, 90) where T + 1 > t has the chance q^(t - 1) for t = 2 ..
    expected = [sum(min(1.0, (1 - 1 / mean) ** (t - 1)) for t in range(LAST)) for mean in (60, 40)]
    assert abs(rows["rmst_difference"].estimate - (expected[0] - expected[1])) < 3 * rows["rmst_difference"].se
    assert rows["rmst_difference"].unit == "days"


def test_they_are_hints_beside_the_answer_and_count_nobody(rows):
    assert {row.verdict for row in rows.values() if row.analysis != "as_observed"} == {"exploratory"}
    assert not [row for row in rows.values() if any(getattr(row, name) is not None for name in COUNTS)]


def test_beside_them_stands_the_test_of_everybody_as_they_are_which_tells_of_who_starts_where(rows):
    """Nobody is weighted: where the sicker start at one level, it sees that too, and so it is a naive twin."""
    twin = rows["Gray's test, unweighted"]
    assert (twin.analysis, twin.measure, twin.estimate, twin.df) == ("as_observed", "course_test", None, 1)
    assert 0 <= twin.p <= 1
    assert "the sicker start at one level" in twin.note


def test_a_ratio_that_turns_round_during_the_stay_is_not_told_and_days_in_care_are(choices):
    records = made_records()
    care = records.care
    late = (care["arm"] == "iop") & (np.arange(len(care)) % 2 == 0)  # half leave on days 60 to 89, the others as before
    records.care.loc[late, "care_days"] = 60 + np.arange(late.sum()) % 30
    found = asked(records, choices)
    assert (found["Cox"].reason, found["Cox"].estimate) == (NOT_ONE, None)
    assert "Fine-Gray" not in found
    assert found["rmst_difference"].estimate > 0
