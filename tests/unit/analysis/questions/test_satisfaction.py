"""C5 on records whose association is known: the landmark, the wrong way beside it, and refusals."""

from dataclasses import replace
from itertools import pairwise

import duckdb
import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.asking.run import check_results
from pipeline.analysis.headline import Asking
from pipeline.analysis.questions.satisfaction import satisfaction
from pipeline.results import NUMBERS, AttritionStep, Result
from tests.unit.analysis.made_records import made_records, study


def warehouse(records, slope=3.0, answer=0.5, late_slope=25.0, seed=6):
    """Early scores that go with the days stayed after day 21 by slope a point; late ones that follow from how long
    people stayed."""
    rng, people = np.random.default_rng(seed), records.people
    n = len(people)
    score = np.clip(np.round(25 + 3 * rng.normal(size=n)), 8, 32)
    days = np.clip(np.round(45 + slope * (score - 25) + 20 * rng.normal(size=n)), 0, 90)
    early = np.where(rng.random(n) < answer, score, np.nan)
    late = np.clip(np.round(25 + (days - 45) / late_slope * 3 + rng.normal(size=n)), 8, 32)
    table = pd.DataFrame(
        {
            "episode_id": people["episode_id"],
            "instrument_id": np.where(np.isnan(early), None, "CSQ8"),
            "in_care": days >= 21,
            "survey_day": np.where(np.isnan(early), np.nan, 10),
            "survey_score": early,
            "observable": rng.random(n) < 0.95,
            "care_days": days,
            "stayed_days": np.where(days >= 21, days - 21, np.nan),
            "late_score": np.where(days > 5, late, np.nan),
        }
    )
    change = pd.DataFrame(
        {
            "episode_id": people["episode_id"],
            "outcome": "phq9_day90",
            "score_before": 15.0,
            "improvement_after": 4 + 0.5 * (score - 25) + 4 * rng.normal(size=n),
        }
    )[rng.random(n) < 0.7]
    con = duckdb.connect()
    for name, frame in {"satisfaction_landmark": table, "satisfaction_change": change}.items():
        con.register("made", frame)
        con.execute(f"CREATE TABLE {name} AS SELECT * FROM made")
    return con


def asked(tmp_path, records, con, **changes):
    return list(satisfaction(Asking(con, records, study(tmp_path, **changes), [])))


def of(rows, **wanted):
    return [
        row
        for row in rows
        if isinstance(row, Result) and all(getattr(row, key) == value for key, value in wanted.items())
    ]


@pytest.fixture(scope="module")
def records():
    return made_records(n=3000)


@pytest.fixture(scope="module")
def rows(records, tmp_path_factory):
    return asked(tmp_path_factory.mktemp("study"), records, warehouse(records))


def test_one_answer_that_is_an_association_and_carries_no_verdict(rows):
    [found] = of(rows, analysis="claim")
    assert (found.question, found.measure, found.verdict, found.gate) == (
        "C5",
        "rank_correlation",
        "descriptive only",
        "passed",
    )
    assert found.low > 0.2
    assert "not an effect" in found.note
    assert "day 21" in found.population
    check_results([row for row in rows if isinstance(row, Result)])


def test_the_score_at_discharge_would_have_shown_far_more(rows):
    [found], [twin] = of(rows, analysis="claim"), of(rows, analysis="as_observed")
    assert twin.twin_of == found.result_id
    assert twin.estimate > 2 * found.estimate
    assert "given at discharge" in twin.note


def test_slopes_are_told_apart_within_and_between_programs(rows):
    inside, across = (
        of(rows, measure="slope_days", stratum=f"CSQ8, {where} programs")[0] for where in ("within", "between")
    )
    assert 1.0 < inside.low < inside.high < 3.0  # 3 a point by construction; who left before the landmark flattens it
    assert across.se > 3 * inside.se
    [change] = of(rows, measure="slope_points", stratum="CSQ8, within programs")
    assert change.low < 0.5 < change.high


def test_the_response_rate_is_printed_of_those_still_in_care(rows):
    [rate] = of(rows, measure="response_rate")
    assert (rate.day, rate.numerator) == (21, of(rows, analysis="claim")[0].n)
    assert rate.estimate == pytest.approx(0.5, abs=0.04)


def test_everybody_who_is_not_asked_is_counted_in_words(rows):
    steps = [row for row in rows if isinstance(row, AttritionStep)]
    assert [row.sentence.split(":")[-1].strip() for row in steps[1:]] == [
        "they were no longer in care on day 21",
        "their records end before day 90 and the silence after it",
        "they did not answer the survey",
    ]
    for before, after in pairwise(steps):
        assert after.n_left == before.n_left - after.n_removed
    assert steps[-1].n_left == of(rows, analysis="claim")[0].n


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (0.0, "nobody answered a survey of satisfaction or alliance (CSQ8 or WAISR) on days 7 to 21"),
        (0.005, "fewer than 30 people have both"),
    ],
)
def test_where_hardly_anybody_answered_the_question_is_refused_with_what_to_do(tmp_path, records, answer, words):
    found = asked(tmp_path, records, warehouse(records, answer=answer))
    [row], [twin] = of(found, analysis="claim"), of(found, analysis="as_observed")
    for one in (row, twin):
        assert (one.gate, one.verdict) == ("withheld", "descriptive only")
        assert words in one.reason
        assert all(getattr(one, name) is None for name in (*NUMBERS, "n"))


def test_a_study_without_a_scale_is_still_asked_about_staying(tmp_path, records):
    found = asked(tmp_path, records, warehouse(records), outcomes=())
    assert of(found, analysis="claim")[0].estimate is not None
    assert not [row for row in of(found) if row.outcome.startswith("phq9")]


def test_few_with_a_later_score_leave_that_row_without_a_number_and_the_rest_stands(tmp_path, records):
    con = warehouse(records)
    con.execute("DELETE FROM satisfaction_change WHERE episode_id > 'e00030'")
    found = asked(tmp_path, records, con)
    [row] = of(found, outcome="phq9_day90", measure="rank_correlation")
    assert (row.estimate, row.reason) == (None, "fewer than 30 people have both; ask more people")
    assert of(found, analysis="claim")[0].gate == "passed"


def test_where_sites_are_few_its_limits_count_therapists_and_say_so(tmp_path, records):
    """Two sites, 20 therapists: whom people see moves how content they are and how long they stay."""
    few = records.people.assign(site=np.where(np.arange(3000) % 2, "a", "b"), program_id="p")
    con = warehouse(records, slope=0.0)
    con.execute(
        "CREATE TABLE told AS SELECT *, ROW_NUMBER() OVER (ORDER BY episode_id) % 20 AS who FROM satisfaction_landmark"
    )
    con.execute("UPDATE told SET survey_score = survey_score + who % 7, stayed_days = stayed_days + 9 * (who % 5)")
    con.execute("CREATE OR REPLACE TABLE satisfaction_landmark AS SELECT * EXCLUDE (who) FROM told")
    seen = few.assign(therapist_id=[f"t{i % 20}" for i in range(1, 3001)])
    alone, known = (
        of(asked(tmp_path / name, replace(records, people=people), con), analysis="claim")[0]
        for name, people in (("alone", few), ("known", seen))
    )
    assert (
        known.note
        == "An association among those who answered, not an effect of being content. Its limits count therapists, not people."
    )
    assert "as if those of one therapist had nothing in common" in alone.note
    assert known.estimate == alone.estimate
    assert known.high - known.low > 1.3 * (alone.high - alone.low)
