"""Other ways to make a contrast, and what careless analyses would have said, on records whose truth is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.cohort import OtherChoices
from pipeline.analysis.comparison.like_for_like import answer, compare
from pipeline.analysis.comparison.variations import Tried, weighed
from pipeline.analysis.comparison.verdicts import unless_turned
from pipeline.analysis.comparison.ways import Way
from pipeline.analysis.contrasts import contrasts
from pipeline.results import NUMBERS, Analysis, Result, Verdict
from pipeline.stats.estimate import wald
from tests.unit.analysis.made_records import made_records, study


def with_other_choices(records, seed=5):
    """The records with a second window (the same scores), a longer silence, last scores that favor who stayed, and
    later levels."""
    rng = np.random.default_rng(seed)
    scores = records.scores[
        ["episode_id", "outcome", "baseline_score", "improvement", "observable", "observed", "reliably_improved"]
    ]
    other = pd.concat(
        [scores.assign(varied="scores from day 45 to 135"), scores.assign(varied="reliable by retest reliability")]
    )
    last = records.scores[["episode_id", "outcome"]].assign(
        improvement=records.scores["improvement"] + np.where(records.people["arm"] == "iop", 2.0, 0.0)
    )
    later = records.people.loc[rng.random(len(records.people)) < 0.1, ["patient_id"]].assign(arm="iop")
    ever = pd.concat([records.people[["patient_id", "arm"]], later]).drop_duplicates()
    return OtherChoices(other, lambda: records.care_at.assign(gap_days=60), last, ever)


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    records = made_records(effect=0.0)
    choices = study(tmp_path_factory.mktemp("study"))
    return [
        row for row in compare(replace(records, other=with_other_choices(records)), choices) if isinstance(row, Result)
    ]


def chosen(rows, **columns):
    return [row for row in rows if all(getattr(row, name) == value for name, value in columns.items())]


def primary(rows):
    [row] = chosen(
        rows, analysis="like_for_like", outcome="phq9_day90", reference="inpatient", measure="difference", arm="iop"
    )
    return row


def test_the_primary_contrast_is_made_in_every_other_way(rows):
    row = primary(rows)
    made = chosen(rows, analysis="sensitivity", twin_of=row.result_id, measure="difference")
    assert {one.estimator for one in made} == {
        "weighted",
        "outcome model",
        "doubly robust",
        "augmented",
        "augmented, imputed",
    }
    assert {one.target for one in made} == {"overlap", "combined", "treated:iop", "treated:inpatient", "matching"}
    assert {one.varied for one in made} >= {
        "only those measured",
        "adjusted for site only",
        "adjusted for site, age and sex",
        "scores from day 45 to 135",
        "without one site: lowest",
        "without one site: highest",
        "those not measured filled in",
    }
    assert "reliable by retest reliability" not in {one.varied for one in made}  # a mean has no reliable change
    assert all(one.reason or one.estimate is not None for one in made)


def test_another_choice_that_changes_nothing_gives_the_same_number(rows):
    row = primary(rows)
    [same] = chosen(rows, analysis="sensitivity", twin_of=row.result_id, varied="scores from day 45 to 135")
    assert same.estimate == pytest.approx(row.estimate, rel=1e-9)
    assert same.note == "the conclusion stands"


def test_each_way_that_adjusts_enough_is_near_the_truth_and_the_poor_ones_are_not(rows):
    every = chosen(rows, analysis="sensitivity", twin_of=primary(rows).result_id, measure="difference")
    made = [one for one in every if one.estimate is not None]
    assert [one.varied for one in every if one.estimate is None] == ["the last score before a death"]
    poor = {"adjusted for site only", "adjusted for site, age and sex"}
    assert all(abs(one.estimate) < 4 * one.se for one in made if one.varied not in poor)  # the true difference is 0
    answer = primary(rows).estimate
    assert all(
        one.estimate < answer - 0.2 for one in made if one.varied in poor
    )  # the sicker, who improve more, are in inpatient care
    assert all("less is adjusted for" in one.note for one in made if one.varied in poor)


def test_how_many_other_ways_read_the_same_is_counted_without_the_poor_ones(rows):
    row = primary(rows)
    [tried] = chosen(rows, measure="other_analyses", twin_of=row.result_id)
    [agree] = chosen(rows, measure="other_analyses_agree", twin_of=row.result_id)
    rival = [
        one
        for one in chosen(rows, analysis="sensitivity", twin_of=row.result_id, measure="difference")
        if one.estimate is not None and "less is adjusted" not in one.note
    ]
    assert tried.estimate == len(rival)
    assert agree.estimate == sum(one.note == "the conclusion stands" for one in rival)
    assert agree.n is None  # ways, not people


def test_the_lowest_and_highest_answer_without_one_site_hold_the_answer_between_them(rows):
    row = primary(rows)
    low, high = (
        chosen(rows, twin_of=row.result_id, varied=f"without one site: {name}")[0] for name in ("lowest", "highest")
    )
    assert low.estimate < row.estimate < high.estimate


def test_careless_twins_stand_beside_the_primary_contrast_and_say_why_they_differ(rows):
    row = primary(rows)
    twins = {one.estimator: one for one in chosen(rows, analysis="as_observed", twin_of=row.result_id)}
    assert set(twins) == {"unadjusted", "completers only", "score at discharge", "ever at the level"}
    assert all(one.note and one.verdict == "descriptive only" for one in twins.values())
    assert twins["score at discharge"].estimate > twins["unadjusted"].estimate + 1  # made two points kinder to IOP


def test_dropout_has_the_twin_that_forgets_competing_endings(rows):
    [row] = chosen(
        rows,
        analysis="like_for_like",
        outcome="dropped_out_day90",
        reference="inpatient",
        measure="risk_difference",
        arm="iop",
    )
    twins = {one.estimator: one for one in chosen(rows, analysis="as_observed", twin_of=row.result_id)}
    assert set(twins) == {"unadjusted", "ever at the level", "one minus Kaplan-Meier"}
    silence = chosen(rows, twin_of=row.result_id, varied="silence of 60 days")
    assert [one.estimate for one in silence] == [pytest.approx(row.estimate, rel=1e-9)]


def test_an_exploratory_contrast_has_other_models_and_no_verdict_in_its_notes(rows):
    [row] = chosen(
        rows,
        analysis="like_for_like",
        outcome="retained_day90",
        reference="inpatient",
        arm="iop",
        measure="risk_difference",
    )
    made = chosen(rows, analysis="sensitivity", twin_of=row.result_id, measure="risk_difference")
    assert {one.estimator for one in made} == {"weighted", "outcome model"}
    assert all(one.note == "" for one in made)


def test_reliable_change_is_also_judged_by_the_other_reliability(rows):
    [row] = chosen(
        rows, analysis="like_for_like", outcome="reliable_phq9_day90", reference="inpatient", measure="risk_difference"
    )
    assert chosen(rows, twin_of=row.result_id, varied="reliable by retest reliability")


def test_where_a_contrast_is_withheld_it_is_made_in_no_other_way(tmp_path):
    records = made_records(site_is_level=True)
    found = [
        row
        for row in compare(replace(records, other=with_other_choices(records)), study(tmp_path))
        if isinstance(row, Result)
    ]
    assert not chosen(found, analysis="sensitivity")
    assert all(getattr(row, name) is None for row in found for name in NUMBERS)


def opened_late(records, trend):
    """The same people, IOP having opened in the third quarter; everybody improves by the trend more each quarter."""
    rng = np.random.default_rng(3)
    late = (records.people["arm"] == "iop").to_numpy()
    quarter = np.where(late, rng.integers(3, 5, len(late)), records.people["period"].astype(str).str[-1].astype(int))
    people = records.people.assign(period=[f"2025Q{q}" for q in quarter])
    scores = records.scores.assign(improvement=records.scores["improvement"] + trend * quarter)
    return replace(records, people=people, scores=scores)


@pytest.fixture(scope="module")
def late(tmp_path_factory):
    asked = study(tmp_path_factory.mktemp("study"))
    contrast = next(one for one in contrasts(asked) if one.role == "primary")
    records = opened_late(made_records(n=1500, effect=0.0), trend=4.0)
    return [row for row in answer(contrast, records, asked) if isinstance(row, Result)]


def test_who_came_before_a_level_opened_is_spoken_for_by_nobody_so_those_ways_are_withheld_with_the_reason(late):
    made = {row.target: row for row in chosen(late, analysis="sensitivity", varied="", measure="difference")}
    for target in ("combined", "treated:inpatient"):
        assert made[target].estimate is None
        assert made[target].reason == "the groups still differ after weighting (Quarter of start)"


def test_what_is_shown_of_a_level_that_opened_late_is_near_the_truth_and_not_the_trend(late):
    shown = [row for row in late if row.measure == "difference" and row.estimate is not None and row.verdict]
    [row] = [row for row in shown if row.analysis == "like_for_like"]
    assert row.low < 0 < row.high
    ways = [one for one in chosen(late, analysis="sensitivity", measure="difference") if one.estimate is not None]
    assert all(abs(one.estimate) < 1 for one in ways if "less is adjusted" not in one.note)
    assert next(one.estimate for one in ways if one.varied == "adjusted for site only") > 3  # what the trend alone does


def test_ways_that_are_withheld_do_not_count_as_agreeing(late):
    [made] = chosen(late, measure="other_analyses")
    answers = [
        one
        for one in chosen(late, analysis="sensitivity", measure="difference")
        if one.estimate is not None and "less is adjusted" not in one.note
    ]
    assert made.estimate == len(answers)


@pytest.mark.parametrize(
    ("claim", "other", "reads"),
    [
        (Verdict.BETTER, 0.1, Verdict.BETTER),
        (Verdict.BETTER, -0.1, Verdict.TURNED),
        (Verdict.WORSE, 0.1, Verdict.TURNED),
        (Verdict.WORSE_BEYOND, 0.1, Verdict.TURNED),
        (Verdict.NOT_WORSE, -0.9, Verdict.NOT_WORSE),
        (Verdict.NOT_WORSE, -1.1, Verdict.TURNED),
        (Verdict.WORSE_WITHIN, -0.9, Verdict.WORSE_WITHIN),
        (Verdict.WORSE_WITHIN, -1.1, Verdict.TURNED),
        (Verdict.WORSE_WITHIN, 0.1, Verdict.TURNED),
        (Verdict.INCONCLUSIVE, -9.0, Verdict.INCONCLUSIVE),
        (Verdict.DEPENDS, -9.0, Verdict.DEPENDS),
    ],
)
def test_nothing_is_fairly_sure_where_another_way_of_making_it_reads_the_other_way(claim, other, reads):
    assert (
        unless_turned(claim, [0.0 if claim == Verdict.NOT_WORSE else other, other, None], harm=False, margin=1.0)
        == reads
    )


def test_of_harm_the_other_way_is_more_of_it():
    assert unless_turned(Verdict.BETTER, [0.02], harm=True) == Verdict.TURNED
    assert unless_turned(Verdict.BETTER, [-0.02], harm=True) == Verdict.BETTER


@pytest.mark.parametrize(("rival", "reads"), [(True, Verdict.TURNED), (False, Verdict.BETTER)])
def test_a_way_that_adjusts_for_less_than_it_should_turns_nothing(tmp_path, rival, reads):
    contrast = next(one for one in contrasts(study(tmp_path)) if one.role == "primary")
    row = Result(question="C2", analysis=Analysis.LIKE_FOR_LIKE, measure="difference", verdict=Verdict.BETTER)
    other = Tried(Way("adjusted for site only", lambda: wald(-1.0, 0.5), rival=rival), wald(-1.0, 0.5))
    assert weighed(contrast, row, [other]).verdict == reads
