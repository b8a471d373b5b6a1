"""The true answers: on paper, against a smaller draw, and as truth.json declares them."""

import math

import numpy as np
import pytest

from pipeline.synthetic.population import draw
from pipeline.synthetic.records.tables import records_of
from pipeline.synthetic.scenarios import SCENARIOS
from pipeline.synthetic.truth.answers import (
    POPULATION,
    POPULATION_SEED,
    draw_moments,
    population_moments,
    stored_truths,
    truth_of,
)
from pipeline.synthetic.truth.contrasts import Moments, TrueContrast, sums
from pipeline.synthetic.truth.spending import cost_moments, expected_costs

PRIMARY = TrueContrast("C2", "phq9_day90", "iop", "inpatient", "difference")
SMALLER = 60_000


def test_the_overlap_value_is_a_mean_weighted_by_how_mixed_people_are():
    # three people with propensities .5, .2 and 0 of the first arm among two: h = e (1 - e) = .25, .16, 0
    h, contrast = np.array([0.25, 0.16, 0.0]), np.array([1.0, 3.0, 100.0])
    moments = sums(h, contrast, np.zeros((2, 2, 3)))
    assert moments.value == pytest.approx((0.25 * 1 + 0.16 * 3) / 0.41)
    deviation = h * (contrast - moments.value)
    assert moments.error == pytest.approx(math.sqrt((deviation**2).sum()) / 0.41)


def test_moments_of_two_draws_add_up_to_those_of_both():
    first, second = (
        sums(np.array(h), np.array(c), np.ones((2, 2, 3))) for h, c in (([0.2, 0.1], [1.0, 2.0]), ([0.25], [4.0]))
    )
    both = first + second
    assert both.value == pytest.approx((0.2 + 0.2 + 1.0) / 0.55)
    assert both.n == 3


def test_naive_values_are_differences_or_ratios_of_observed_means():
    naive = np.array([[[10, 40, 200], [20, 40, 100]], [[10, 40, 200], [10, 10, 20]]], dtype=float)
    moments = Moments(100, 1.0, 0.0, 1.0, 0.0, 0.0, naive)
    assert moments.naive_values() == (2.0, 3.0)
    assert moments.naive_values(ratio=True) == (2.0, 4.0)
    assert moments.naive_variance() == pytest.approx((20 - 16) / 0.1 + (5 - 4) / 0.2)


@pytest.mark.parametrize("name", ["default", "known_effect", "mnar", "immortal_time"])
def test_stored_truths_agree_with_a_smaller_draw_of_the_same_process(name):
    scenario = SCENARIOS[name]
    again = population_moments(scenario, SMALLER, seed=POPULATION_SEED + 1)
    stored = stored_truths(scenario)
    assert set(again) == set(stored)
    for question, moments in again.items():
        error = math.hypot(moments.error, float(stored[question]["error"]))
        assert abs(moments.value - float(stored[question]["value"])) <= 4 * error + 1e-9, question


def test_every_scenario_has_its_truths_from_a_million_draws():
    assert POPULATION >= 1_000_000
    for scenario in SCENARIOS.values():
        stored = stored_truths(scenario)
        assert PRIMARY in stored
        assert {question.outcome for question in stored} >= {
            "phq9_day90",
            "reliable_phq9_day90",
            "retained_day90",
            "dropped_out_day90",
        }


def test_the_null_world_is_null_and_its_naive_comparison_is_not():
    row = stored_truths(SCENARIOS["null"])[PRIMARY]
    assert abs(float(row["value"])) < 1e-12
    assert float(row["naive_high"]) < -0.5


def test_immortal_time_alone_makes_the_naive_hazard_ratio_look_like_protection():
    stored = stored_truths(SCENARIOS["immortal_time"])
    early = stored[
        TrueContrast("C6", "readmitted_day30", "iop within 14 days", "no iop within 14 days", "hazard_ratio", day=30)
    ]
    late = stored[
        TrueContrast("C6", "readmitted_day90", "iop within 14 days", "no iop within 14 days", "hazard_ratio", day=90)
    ]
    assert float(early["value"]) == float(late["value"]) == 1
    assert 0.5 < float(early["naive_low"]) < 0.68
    assert 0.75 < float(late["naive_low"]) < 0.95


def test_stepping_down_changes_no_risk_of_coming_back_by_day_30_and_the_naive_difference_says_it_does():
    stored = stored_truths(SCENARIOS["immortal_time"])
    row = stored[
        TrueContrast(
            "C6",
            "readmitted_day30",
            "IOP within 14 days",
            "no IOP within 14 days",
            "risk_difference",
            target="combined",
            day=30,
        )
    ]
    assert abs(float(row["value"])) < 0.003
    assert float(row["naive_high"]) < -0.05
    assert row["identified"] == "true"


def test_being_measured_more_often_finds_more_improvement_where_there_is_none():
    stored = stored_truths(SCENARIOS["assessment_frequency"])
    row = stored[TrueContrast("C3", "reliable_phq9_day90", "iop", "outpatient", "risk_difference", day=56)]
    assert float(row["value"]) == 0
    assert float(row["naive_low"]) > 0.1


def test_half_a_year_later_the_levels_differ_as_they_did_at_day_90_and_those_measured_say_something_else():
    for name in ("default", "null", "floor"):
        stored = stored_truths(SCENARIOS[name])
        later = stored[TrueContrast("C13", "phq9_day90", "iop", "inpatient", "difference", day=180)]
        assert float(later["value"]) == pytest.approx(float(stored[PRIMARY]["value"]), abs=0.1)
        assert float(later["naive_high"]) < float(later["value"]) - 0.5


@pytest.mark.parametrize(
    ("name", "outcome", "right"),
    [
        ("default", "phq9_day90", True),
        ("site_is_level", "phq9_day90", False),
        ("site_is_level", "retained_day90", False),
        ("mnar", "phq9_day90", False),
        ("mnar", "retained_day90", True),
    ],
)
def test_a_truth_is_identified_only_where_records_can_show_it(name, outcome, right):
    rows = [
        row
        for question, row in stored_truths(SCENARIOS[name]).items()
        if question.outcome == outcome and question.arm == "iop" and question.target == "overlap" and question.day == 90
    ]
    assert len(rows) == 2
    assert all((row["identified"] == "true") is right for row in rows)


def test_people_whom_only_a_hospital_would_take_have_no_identified_contrast():
    row = stored_truths(SCENARIOS["default"])[
        TrueContrast("C11", "phq9_day90", "iop", "inpatient", "difference", target="region without comparators")
    ]
    assert row["identified"] == "false"


def test_the_known_effect_is_large_enough_to_be_found_nine_times_in_ten():
    row = stored_truths(SCENARIOS["known_effect"])[
        TrueContrast("C10", "pcl5_day90", "trauma track", "general track", "difference")
    ]
    standard_error = math.sqrt(float(row["naive_variance"]) / 12_000)
    assert float(row["value"]) > (1.96 + 1.28) * standard_error


def test_truth_of_a_study_has_its_own_sample_value_near_the_population_value():
    drawn = draw(6000, np.random.default_rng(8), SCENARIOS["default"])
    everybody = np.ones(6000, dtype=bool)
    rows = truth_of(drawn, everybody)
    keys = {
        "question",
        "outcome",
        "day",
        "arm",
        "reference",
        "measure",
        "target",
        "value",
        "sample_value",
        "identified",
        "naive_low",
        "naive_high",
    }
    assert all(set(row) == keys for row in rows)
    sample = draw_moments(drawn, everybody)
    for row in rows:
        asked = TrueContrast(
            *(row[name] for name in ("question", "outcome", "arm", "reference", "measure", "target", "day"))
        )
        assert row["sample_value"] == pytest.approx(sample[asked].value, abs=1e-6)
        assert abs(row["sample_value"] - row["value"]) < 5 * sample[asked].error + 0.01
        assert row["naive_low"] < row["naive_high"]


def test_expected_costs_are_those_of_the_records_on_average():
    drawn = draw(4000, np.random.default_rng(3), SCENARIOS["default"])
    tables, coverage = records_of(drawn, "limited-data-set", np.random.default_rng(4))
    costs = tables["costs"]
    day = costs["service_day"].to_numpy(dtype=float) - coverage.start[costs["person"]]
    expected = expected_costs(drawn.people, drawn.courses(), (90, 180))
    seen = coverage.new_user & (coverage.to - coverage.start >= 250)
    for place, end in enumerate((90, 180)):
        spent = np.bincount(costs["person"], weights=costs["amount"] * (day < end), minlength=4000)
        for level in range(5):
            off = (spent - expected[:, place])[seen & (drawn.level == level)]
            assert abs(off.mean()) < 4 * off.std() / math.sqrt(off.size)


def test_the_index_stay_alone_makes_iop_look_dearer_by_less_and_inpatient_care_cheaper():
    stored = stored_truths(SCENARIOS["default"])
    outpatient, inpatient = (
        stored[TrueContrast("C7", "cost_day180", "iop", other, "cost_difference", day=180)]
        for other in ("outpatient", "inpatient")
    )
    assert float(outpatient["naive_high"]) < 0.8 * float(outpatient["value"])
    assert float(inpatient["value"]) < float(inpatient["naive_low"]) < 0
    assert outpatient["identified"] == inpatient["identified"] == "true"


def test_costs_over_a_longer_period_hold_those_over_a_shorter_one():
    drawn = draw(2000, np.random.default_rng(6), SCENARIOS["default"])
    expected = expected_costs(drawn.people, drawn.courses_at(4), (30, 90, 180))
    assert (np.diff(expected[:, :3], axis=1) >= -1e-9).all()
    assert (expected[:, 0] > 0).all()
    assert set(cost_moments(drawn)) == {
        TrueContrast("C7", f"cost_day{day}", "iop", other, "cost_difference", day=day)
        for other in ("inpatient", "outpatient")
        for day in (90, 180)
    }
