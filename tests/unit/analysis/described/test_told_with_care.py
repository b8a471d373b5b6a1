"""What is told as observed, and when it is not: readmission of a level's own people, how much therapists differ,
endings, and the last step of a flow."""

import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.cohort import at_other_sites, count_arms
from pipeline.analysis.described.retention import untold_endings
from pipeline.analysis.described.scorecard import own_readmission, therapist_rows
from pipeline.choices.answered import Disclosure
from pipeline.choices.asked import Outcome
from pipeline.report.disclosure.gate import Tables, release
from pipeline.results import Result
from tests.unit.analysis.made_records import study

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


def seen_by(therapists, each, known=1.0):
    """So many people of each therapist of one site, whose patients improve by as many points more as the therapist's
    number, and their scores."""
    n = therapists * each
    who = np.arange(n) % therapists
    names = pd.Series(who.astype(str)).where(np.arange(n) < known * n, None)
    people = pd.DataFrame({"episode_id": [f"e{i}" for i in range(n)], "site": "s", "therapist_id": names})
    noise = np.random.default_rng(3).normal(size=n)
    scores = people[["episode_id"]].assign(
        observed=True, baseline_score=15.0 + noise, improvement=who + 3 * noise[::-1]
    )
    return people, scores


def told_of(people, scores, **changes):
    return list(therapist_rows(people, scores, Outcome(), study("", **changes), WHERE))


def test_of_how_much_therapists_differ_a_whole_percent_is_told_and_nothing_that_counts_anybody():
    [row] = told_of(*seen_by(8, 10))
    assert row.estimate == round(row.estimate, 2)
    assert 0.1 < row.low < row.estimate < row.high < 0.9
    assert (row.n, row.numerator, row.denominator, row.df) == (None, None, None, None)
    [shown] = release(Tables(results=(row,)), Disclosure()).results
    assert (shown.estimate, shown.low, shown.high) == (row.estimate, row.low, row.high)


@pytest.mark.parametrize(
    ("therapists", "each", "known"), [(5, 20, 1.0), (20, 2, 1.0), (8, 10, 0.7)], ids=["five", "of two each", "unknown"]
)
def test_how_much_therapists_differ_is_not_told_of_few_of_few_people_or_where_it_is_not_known(therapists, each, known):
    assert told_of(*seen_by(therapists, each, known)) == []


def test_how_much_therapists_differ_is_not_told_of_fewer_people_than_may_be_counted():
    assert told_of(*seen_by(6, 4), disclosure=Disclosure(threshold=30)) == []
