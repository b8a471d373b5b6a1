"""What is told as observed, and when it is not: readmission of a level's own people, endings, and the last step of a
flow."""

import pandas as pd

from pipeline.analysis.cohort import at_other_sites, count_arms
from pipeline.analysis.described.retention import untold_endings
from pipeline.analysis.described.scorecard import own_readmission
from pipeline.choices.answered import Disclosure
from pipeline.report.disclosure.gate import Tables, release
from pipeline.results import Result

WHERE = {"question": "M", "analysis": "scorecard", "arm": "inpatient", "population": ""}


def flags(yes, no):
    return pd.Series([True] * yes + [False] * no)


def test_the_people_of_a_level_have_their_own_readmission_as_a_whole_percent_without_counts():
    [row] = own_readmission(flags(367, 2313), flags(373, 4660), 11, WHERE)
    assert row.estimate == 0.14
    assert (row.n, row.numerator, row.denominator, row.low) == (None, None, None, None)


def test_that_whole_percent_is_released_beside_all_stays():
    [own] = own_readmission(flags(367, 2313), flags(373, 4660), 11, WHERE)
    stays = Result(**WHERE, measure="readmitted", unit="share", day=30, target="observed", estimate=373 / 5033,
                   numerator=373, denominator=5033, n=5033)  # fmt: skip
    released = release(Tables(results=(own, stays)), Disclosure())
    assert [row.estimate for row in released.results] == [0.14, 0.0741]


def test_it_is_not_told_where_all_stays_would_tell_how_many_of_few_others_came_back():
    assert list(own_readmission(flags(45, 255), flags(50, 400), 11, WHERE)) == []


def test_it_is_not_told_of_few_people():
    assert list(own_readmission(flags(4, 40), flags(40, 400), 11, WHERE)) == []
    assert list(own_readmission(flags(0, 0), flags(0, 0), 11, WHERE)) == []


def test_endings_are_not_told_where_too_few_were_written_down():
    states = pd.Series(["completed"] * 7 + ["unknown"] * 3 + ["in_care"] * 5)
    assert "for too few of those who left (80% are needed)" in untold_endings(states, 0.8)
    assert untold_endings(states, 0.7) == ""
    assert untold_endings(pd.Series(["in_care"]), 0.8) == ""


def test_the_last_step_of_a_flow_is_who_is_at_a_site_with_too_few_of_one_level():
    people = pd.DataFrame({"arm": ["iop"] * 5 + ["inpatient"] * 4})
    arms = ("iop", "inpatient")
    steps = count_arms(people, arms, "phq9_day90: iop and inpatient", 0, "people who started", None)
    told = at_other_sites(people, people.iloc[:7], arms, steps)
    assert [(one.arm, one.step, one.n_left, one.n_removed) for one in told] == [
        ("iop", 1, 5, 0),
        ("inpatient", 1, 2, 2),
    ]
