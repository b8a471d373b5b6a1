"""Effects by stratum and along a severity: survey::svyglm and metafor, a second fit in R, and what must always hold."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import f

from pipeline.errors import NotEstimable
from pipeline.stats.subgroups.common_support import Comparators
from pipeline.stats.subgroups.heterogeneity import effect_curve, subgroup_effects
from pipeline.stats.subgroups.spline import knots_of, restricted_cubic
from pipeline.stats.weighting.arm_means import difference
from pipeline.stats.weighting.effects import augmented_means
from tests.reference.written import numbers

EXACT = 1e-9  # closed forms and one linear system
CONVERGED = 1e-6  # two fits that stop at their own gradients
ANY = Comparators(observed=1, effective=1, equipoise=0)
REFERENCE = Path(__file__).parents[3] / "reference" / "propensity.csv"


@cache
def study():
    with open(REFERENCE, encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    columns = {
        name: np.array([float(row[name]) for row in rows])
        for name in ("x1", "x2", "x3", "x4", "site", "two", "change", "observed", "weight")
    }
    columns["stratum"] = np.where(columns["x1"] < -0.5, 0, np.where(columns["x1"] < 0.5, 1, 2))
    columns["seen"] = np.where(columns["observed"] == 1, columns["change"], np.nan)
    columns["x"] = np.column_stack([columns[f"x{i}"] for i in (1, 2, 3, 4)])
    return columns


def by_stratum(rows=slice(None), **options):
    d = study()
    given = {"site": d["site"][rows], "needs": ANY, "inference": "person"} | options
    return subgroup_effects(d["seen"][rows], d["two"][rows], d["x"][rows], d["stratum"][rows], **given)


def test_saturated_effects_and_their_interaction_equal_survey_svyglm():
    d = study()
    found = subgroup_effects(
        d["change"], d["two"], np.zeros((400, 0)), d["stratum"], weights=d["weight"], cluster=d["site"], needs=ANY
    )
    assert [one.estimate for one in found.estimates] == pytest.approx(
        numbers("heterogeneity", "saturated", "effect")[1], rel=EXACT
    )
    assert [one.se for one in found.estimates] == pytest.approx(
        numbers("heterogeneity", "saturated", "se")[1], rel=EXACT
    )
    statistic = numbers("heterogeneity", "saturated", "wald")[1][0]
    assert found.interaction.statistic == pytest.approx(statistic, rel=EXACT)
    # eight sites, two contrasts: Hotelling's T^2 with 7 degrees of freedom
    assert found.interaction.p == pytest.approx(f.sf(statistic * 6 / (2 * 7), 2, 6))


def test_the_curve_and_its_jackknife_equal_glm_lm_and_a_natural_spline_in_r():
    d = study()
    at, expected = numbers("heterogeneity", "curve", "effect")
    found = effect_curve(
        d["seen"],
        d["two"],
        np.column_stack([d["x2"], d["x3"], d["x4"]]),
        d["x1"],
        at,
        d["site"],
        inference="jackknife_sites",
        needs=ANY,
    )
    assert found.estimate == pytest.approx(expected, rel=CONVERGED)
    assert found.se == pytest.approx(numbers("heterogeneity", "curve", "se")[1], rel=CONVERGED)
    assert found.overall.estimate == pytest.approx(numbers("heterogeneity", "curve", "overall")[1][0], rel=CONVERGED)


def test_the_strata_average_to_the_like_for_like_difference_exactly():
    d = study()
    dummies = (d["stratum"][:, None] == [1, 2]).astype(float)
    whole = difference(
        augmented_means(d["seen"], d["two"], np.column_stack([d["x"], dummies]), d["site"], inference="person")
    )
    found = by_stratum()
    assert found.shares.sum() == pytest.approx(1)
    assert found.overall.estimate == pytest.approx(whole.estimate, rel=EXACT)
    assert found.shares @ [one.estimate for one in found.estimates] == pytest.approx(whole.estimate, rel=EXACT)


def test_one_stratum_is_the_like_for_like_difference_with_its_standard_error():
    d = study()
    whole = difference(augmented_means(d["seen"], d["two"], d["x"], d["site"], cluster=d["site"]))
    found = subgroup_effects(
        d["seen"], d["two"], d["x"], np.zeros(400, dtype=int), d["site"], cluster=d["site"], needs=ANY
    )
    [one] = found.estimates
    assert (one.estimate, one.se) == (pytest.approx(whole.estimate, rel=EXACT), pytest.approx(whole.se, rel=EXACT))
    assert found.interaction is None
    assert found.pooled == (None,)


def test_standard_errors_by_stacking_agree_with_leaving_out_one_person_at_a_time():
    n = 400
    whole = by_stratum()
    again = np.array([[one.estimate for one in by_stratum(np.delete(np.arange(n), i)).estimates] for i in range(n)])
    jackknife = np.sqrt((n - 1) / n * ((again - [one.estimate for one in whole.estimates]) ** 2).sum(axis=0))
    assert [one.se for one in whole.estimates] == pytest.approx(jackknife, rel=0.15)


def test_a_curve_through_the_people_averages_to_the_overall_effect():
    d = study()
    found = effect_curve(
        d["seen"], d["two"], d["x"][:, 1:], d["x1"], d["x1"], d["site"], inference="person", needs=ANY, reach=9
    )
    basis = np.column_stack([np.ones(400), restricted_cubic(d["x1"], found.knots)])
    means = augmented_means(
        d["seen"], d["two"], np.column_stack([d["x"][:, 1:], basis[:, 1:]]), d["site"], inference="person"
    )
    assert means.tilt @ found.estimate / means.tilt.sum() == pytest.approx(found.overall.estimate, rel=EXACT)
    assert (found.all_low < found.low).all()
    assert (found.all_high > found.high).all()


def test_the_spline_is_straight_beyond_its_outer_knots_and_smooth_at_them():
    knots = np.array([0.0, 1.0, 3.0, 4.0])
    outside = restricted_cubic(np.array([5.0, 6.0, 7.0]), knots)
    assert outside[0] + outside[2] == pytest.approx(2 * outside[1])
    near = restricted_cubic(knots[:, None].ravel() + 1e-6, knots) - restricted_cubic(knots - 1e-6, knots)
    assert np.abs(near).max() < 1e-5
    assert restricted_cubic(np.array([-2.0, 0.0]), knots)[:, 1:] == pytest.approx(0)


def test_a_stratum_in_which_one_arm_has_nobody_is_refused_and_moves_no_other_number():
    d = study()
    alone = np.where((d["stratum"] == 2) & (d["two"] == 1), 3, d["stratum"])
    found = subgroup_effects(d["seen"], d["two"], d["x"], alone, d["site"], inference="person", needs=ANY)
    kept = d["stratum"] != 2
    without = by_stratum(kept)
    assert found.refusals[2].startswith("nobody in one of the arms")
    assert found.estimates[2] is found.estimates[3] is None
    assert found.shares[2:] == pytest.approx(0)
    assert found.overall.estimate == pytest.approx(without.overall.estimate, rel=EXACT)


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        (Comparators(60, 1, 0), "have the outcome in one of the arms"),
        (Comparators(1, 60, 0), "an effective 60 are needed"),
        (Comparators(1, 1, 0.95), "could plausibly have been in the other arm"),
    ],
)
def test_each_need_refuses_with_its_own_reason(needs, said):
    with pytest.raises(NotEstimable, match=said):
        by_stratum(needs=needs)


def test_no_estimate_is_made_along_the_severity_where_an_arm_has_nobody_near():
    d = study()
    rows = (d["two"] == 0) | (d["x1"] < 0.8)
    found = effect_curve(
        d["seen"][rows],
        d["two"][rows],
        d["x"][rows, 1:],
        d["x1"][rows],
        [-0.5, 0.0, 2.0],
        d["site"][rows],
        inference="person",
        reach=0.5,
        knots=3,
        needs=Comparators(5, 5, 0),
    )
    assert found.comparable.tolist() == [True, True, False]
    for values in (found.estimate, found.se, found.low, found.high, found.all_low, found.all_high):
        assert np.isnan(values).tolist() == [False, False, True]


@given(shift=st.floats(-50, 50), scale=st.floats(0.1, 10))
@settings(max_examples=15, deadline=None)
def test_effects_follow_the_unit_of_the_outcome_and_not_its_origin(shift, scale):
    d = study()
    plain = by_stratum()
    moved = subgroup_effects(
        shift + scale * d["seen"], d["two"], d["x"], d["stratum"], d["site"], needs=ANY, inference="person"
    )
    assert [one.estimate for one in moved.estimates] == pytest.approx(
        [scale * one.estimate for one in plain.estimates], rel=1e-6
    )
    assert moved.interaction.p == pytest.approx(plain.interaction.p, rel=1e-6)


def test_the_order_of_people_and_the_names_of_strata_do_not_matter():
    order = np.random.default_rng(1).permutation(400)
    assert by_stratum(order).overall.estimate == pytest.approx(by_stratum().overall.estimate, rel=1e-8)
    d = study()
    renamed = subgroup_effects(d["seen"], d["two"], d["x"], 7 - d["stratum"], d["site"], needs=ANY, inference="person")
    assert renamed.interaction.statistic == pytest.approx(by_stratum().interaction.statistic, rel=1e-6)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"stratum": np.full(400, 0.5)}, "whole-number codes"),
        ({"stratum": np.zeros(3, dtype=int)}, "one per person"),
        ({"arm": np.zeros(400, dtype=int)}, "only one arm"),
        ({"arm": np.arange(400) % 3}, "compares two arms"),
        ({"outcome": np.full(400, np.nan)}, "nobody in one of the arms"),
        ({"outcome": np.full(400, np.inf)}, "infinite"),
        ({"covariates": np.full((400, 1), np.nan)}, "missing or infinite"),
        ({"inference": "guess"}, "inference is unknown"),
    ],
)
def test_unusable_input_is_refused_with_what_to_do(change, said):
    d = study()
    given_to = {
        "outcome": d["seen"],
        "arm": d["two"],
        "covariates": d["x"],
        "stratum": d["stratum"],
        "needs": ANY,
    } | change
    with pytest.raises(NotEstimable, match=said):
        subgroup_effects(**given_to)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"severity": np.arange(400) % 2}, "too few different values"),
        ({"severity": np.full(400, np.nan)}, "missing or infinite"),
        ({"knots": 9}, "3 to 5 knots"),
        ({"at": [99.0]}, "nowhere along the severity"),
    ],
)
def test_a_curve_that_cannot_be_drawn_is_refused_with_what_to_do(change, said):
    d = study()
    given_to = {
        "outcome": d["seen"],
        "arm": d["two"],
        "covariates": d["x"],
        "severity": d["x1"],
        "at": [0.0],
        "needs": ANY,
    } | change
    with pytest.raises(NotEstimable, match=said):
        effect_curve(**given_to)


def test_more_differences_than_sites_can_carry_are_not_tested():
    d = study()
    two_sites = d["site"] % 2
    with pytest.raises(NotEstimable, match="too few sites to test"):
        by_stratum(cluster=two_sites, inference="sandwich")


def test_knots_lie_at_harrells_quantiles():
    assert knots_of(np.arange(101.0), 3).tolist() == [10, 50, 90]
    assert knots_of(np.arange(101.0), 5) == pytest.approx([5, 27.5, 50, 72.5, 95])
