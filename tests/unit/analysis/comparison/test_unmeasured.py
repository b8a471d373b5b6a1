"""Those not measured: what their last score before the window says of them, how far from similar people they could
plausibly be, and how an answer reads there."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.fitted import fit
from pipeline.analysis.comparison.interim import interim_columns
from pipeline.analysis.comparison.like_for_like import answer
from pipeline.analysis.comparison.unmeasured import plausible
from pipeline.analysis.contrasts import contrasts
from pipeline.choices.answered import Gate, Sensitivity
from pipeline.choices.asked import ComparisonChoices, Outcome
from pipeline.results import Result, Verdict
from tests.unit.analysis.made_records import made_records, study


def followed(n=3000, worse=0.0, taken=0.9, told=True, scale=1.0):
    """One site; everybody's score half-way is the later one and noise, and whoever does badly in IOP is not measured.

    worse: points by which those not measured do worse than their score half-way says; told: whether there is such a
    score, taken: of what share of people; scale: how many of its own units the scale counts a point as.
    """
    rng = np.random.default_rng(80)
    records = made_records(seed=8, n=n, sites=1, effect=0.0, observed=1.1)
    full = records.scores["improvement"].to_numpy(dtype=float)
    interim = 0.6 * full + 2.5 * rng.normal(size=n)
    iop = (records.people["arm"] == "iop").to_numpy()
    seen = rng.random(n) < np.where(iop, 1 / (1 + np.exp(-0.3 * (interim - 0.5))), 0.7)
    better = np.where(seen, full - worse * ~seen, np.nan) * scale
    columns = {
        "baseline_score": records.scores["baseline_score"] * scale,
        "improvement": better,
        "observed": seen,
        "reliably_improved": pd.array(np.where(seen, better >= 6 * scale, pd.NA), dtype="boolean"),
    }
    if told:
        known = rng.random(n) < taken
        columns |= {
            "interim_improvement": np.where(known, interim * scale, np.nan),
            "interim_day": np.where(known, 45, 0),
        }
    return replace(records, scores=records.scores.assign(**columns))


def study_of(folder, scale=1.0, **changes):
    outcome = Outcome(margin=1.0 * scale, comparator_effect=2.0 * scale)
    return study(folder, outcomes=(outcome,), sensitivity=Sensitivity(imputed=False), **changes)


def primary(records, chosen):
    """The primary contrast's row, and its sensitivity rows by measure or by what was varied."""
    rows = [row for row in answer(contrasts(chosen)[0], records, chosen) if isinstance(row, Result)]
    row = next(one for one in rows if one.analysis == "like_for_like" and one.reference)
    beside = {
        one.varied or one.measure: one for one in rows if one.analysis == "sensitivity" and one.twin_of == row.result_id
    }
    return row, beside


def made(records, chosen):
    contrast = contrasts(chosen)[0]
    people, _ = people_asked(records, contrast.endpoint, contrast.arms)
    return contrast, fit(people, contrast.arms, chosen, contrast.endpoint)


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    return primary(followed(), study_of(tmp_path_factory.mktemp("study")))


def test_the_last_score_before_the_window_stands_in_for_those_not_measured(answered):
    """IOP and inpatient care do the same; whoever did badly in IOP was not measured."""
    row, beside = answered
    assert "The last score before the window stands in for those not measured." in row.note
    assert row.low < 0 < row.high
    assert beside["no score before the window"].low > 0  # who is measured follows what the start does not tell


def test_where_few_of_the_unmeasured_have_such_a_score_it_stands_in_for_nobody(tmp_path):
    for few in (followed(n=1500, taken=0.4), followed(n=1500, told=False)):
        row, beside = primary(few, study_of(tmp_path))
        assert "stands in" not in row.note
        assert "no score before the window" not in beside


def test_a_study_may_leave_such_scores_aside(tmp_path):
    chosen = study_of(tmp_path, comparison=ComparisonChoices(interim_share=1.1))
    assert made(followed(n=1000), chosen)[1].interim is None


def test_few_people_carry_the_score_alone_and_many_what_stands_with_it():
    n = 200
    people = pd.DataFrame(
        {"interim_improvement": np.arange(n) % 7.0, "interim_day": 30, "interim_care_days": 40.0, "interim_left": 0.0}
    )
    codes, outcome = np.arange(n) % 2, np.where(np.arange(n) % 5 == 0, np.nan, 1.0)
    assert interim_columns(people, codes, outcome, 0.5, 20).shape == (n, 2)
    assert interim_columns(people, codes, outcome, 0.5, 2).shape == (n, 5)
    assert interim_columns(people, codes, np.ones(n), 0.5, 2) is None  # nobody is unmeasured


def test_every_verdict_is_read_at_face_value_and_at_the_plausible_limit(answered):
    row, beside = answered
    face, limit = beside["at_face_value"], beside["at_plausible_limit"]
    assert (face.low, face.high) == (row.low, row.high)
    assert face.stratum == Verdict.NOT_WORSE
    stands = row.verdict == Verdict.NOT_WORSE
    assert (limit.stratum == Verdict.NOT_WORSE) is stands
    assert limit.low < face.low
    assert (beside["tipping_multiple"].estimate > 1) is stands
    sd = np.nanstd(followed().scores["baseline_score"], ddof=1)
    assert beside["tipping_point_sd"].estimate == pytest.approx(beside["tipping_point"].estimate / sd, rel=0.1)


def test_nothing_is_said_of_the_unmeasured_where_there_are_none(tmp_path):
    _, beside = primary(made_records(seed=8, n=1000, sites=1, observed=1.1), study_of(tmp_path))
    assert not {"at_face_value", "at_plausible_limit", "plausible_departure", "tipping_point"} & set(beside)


def test_what_is_plausible_comes_from_the_records_where_a_score_tells_and_else_from_the_rule(tmp_path):
    chosen = study_of(tmp_path)
    contrast, told = made(followed(), chosen)
    own = plausible(contrast.endpoint, told, chosen.gate)
    _, untold = made(followed(told=False), chosen)
    rule = plausible(contrast.endpoint, untold, chosen.gate)
    assert own.from_records
    assert not rule.from_records
    sd = np.nanstd(followed().scores["baseline_score"], ddof=1)
    assert rule.alike == pytest.approx((0.25 * sd, 0.5 * sd), rel=0.05)
    assert own.alike[1] >= 0.25 * sd * 0.95  # never under the smallest of the rule
    assert own.apart >= 1.0
    assert rule.apart == 1.0


@pytest.mark.parametrize(("worse", "decides"), [(0.0, False), (6.0, True)])
def test_those_measured_late_or_after_reminders_widen_what_is_plausible_where_they_did_worse(tmp_path, worse, decides):
    chosen, records = study_of(tmp_path), followed(told=False)
    late = np.random.default_rng(3).random(len(records.scores)) < 0.3
    moved = records.scores["improvement"] - worse * late
    scores = records.scores.assign(improvement=moved, late=pd.array(late, dtype="boolean"))
    contrast, told = made(replace(records, scores=scores), chosen)
    found = plausible(contrast.endpoint, told, chosen.gate)
    rule = plausible(contrast.endpoint, made(records, chosen)[1], chosen.gate)
    assert found.late is decides
    assert found.alike[1] == pytest.approx(worse if decides else rule.alike[1], rel=0.15)
    said = primary(replace(records, scores=scores), chosen)[1]["plausible_departure"].note
    assert ("measured late or only after reminders" in said) is decides


def test_a_claim_that_no_departure_is_asked_of_stands(tmp_path):
    chosen = study_of(tmp_path, gate=Gate(delta_alike=(), delta_apart=0.0))
    contrast, fitted = made(followed(n=1000, told=False), chosen)
    assert plausible(contrast.endpoint, fitted, chosen.gate).alike == ()


@pytest.mark.parametrize("scale", [0.25, 10.0])
def test_the_same_records_give_the_same_verdict_in_whatever_unit_the_scale_counts(answered, tmp_path, scale):
    row, beside = answered
    other, others = primary(followed(scale=scale), study_of(tmp_path, scale))
    assert other.verdict == row.verdict
    assert other.estimate == pytest.approx(scale * row.estimate, rel=1e-6)
    for name in ("at_face_value", "at_plausible_limit", "tipping_multiple", "tipping_point_sd", "plausible_departure"):
        assert others[name].stratum == beside[name].stratum
    for name in ("tipping_multiple", "plausible_departure"):
        assert others[name].estimate == pytest.approx(beside[name].estimate, rel=1e-6)
    assert others["tipping_point"].estimate == pytest.approx(
        scale * beside["tipping_point"].estimate, rel=0.06
    )  # two digits


def test_where_nothing_is_claimed_the_limit_is_where_the_arm_does_worst(tmp_path):
    without_margin = study(tmp_path, outcomes=(Outcome(),), sensitivity=Sensitivity(imputed=False))
    row, beside = primary(followed(), without_margin)
    assert beside["at_face_value"].stratum == Verdict.INCONCLUSIVE == row.verdict
    assert beside["at_plausible_limit"].low < row.low
    assert "tipping_multiple" not in beside
