"""Adjusted cost and effect together: R, the estimators one at a time, and what the data cannot say."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.cost.adjusted_cost import PERSON_GROUPS, arm_cost, cost_and_effect, cost_contrast, incremental_of
from pipeline.stats.cost.cost import mean_cost
from pipeline.stats.weighting.arm_means import arm_mean, difference
from pipeline.stats.weighting.effects import augmented_means
from tests.reference.like_for_like import study
from tests.reference.single_ways import weighted_means
from tests.reference.written import numbers

FITTED = 1e-7  # glm stops at 1e-14 of the deviance, our Newton at a gradient of 1e-8
SPREAD = 1e-6  # differences of nearly equal replicates lose digits
ENDS = [60, 120, 180]


def scatter(i, a):
    s = 1000 * np.sin(i * a)
    return s - np.floor(s)


def people():
    """The 400 people of propensity.R with costs as adjusted_cost.R makes them."""
    d = study()
    i = np.arange(1, 401)
    day, ended = np.floor(1 + 239 * scatter(i, 1.37)), scatter(i, 2.11) < 0.25
    per_day = 20 + 60 * scatter(i, 0.73) + 15 * d.two + 4 * d.x1
    cost = np.column_stack([per_day * np.clip(np.minimum(day, end) - (end - 60), 0, 60) for end in ENDS])
    return d, cost, day, ended


def whole(cost, **given):
    """Everybody followed to the end."""
    d = study()
    return cost_and_effect(
        cost[:, None],
        np.full(400, 90),
        np.zeros(400, bool),
        given.pop("effect", None),
        d.two,
        d.x,
        d.site,
        ends=[90],
        **given,
    )


def test_cost_effect_and_their_covariance_equal_r():
    d, cost, day, ended = people()
    found = cost_and_effect(cost, day, ended, d.outcome, d.two, d.x, d.site, ends=ENDS)
    assert np.concatenate([found.cost, found.effect]) == pytest.approx(
        numbers("adjusted_cost", "overlap", "value")[1], rel=FITTED
    )
    expected = numbers("adjusted_cost", "overlap", "covariance")[1].reshape(4, 4)
    assert found.covariance == pytest.approx(expected, rel=SPREAD, abs=SPREAD)
    assert (found.df, found.inference) == (7, "jackknife_sites")
    assert found.complete.tolist() == [int((ended | (day >= 180))[d.two == a].sum()) for a in (0, 1)]
    assert (found.largest > 1).all()


def test_with_everybody_followed_the_cost_is_the_weighted_mean_with_its_jackknife():
    d, cost, *_ = people()
    spent = cost.sum(axis=1)
    found, alone = whole(spent), weighted_means(spent, d.two, d.x, d.site, inference="jackknife_sites")
    assert found.cost == pytest.approx(alone.means, rel=1e-9)
    assert found.covariance[:2, :2] == pytest.approx(alone.covariance, rel=1e-6)
    assert cost_contrast(found).se == pytest.approx(difference(alone).se, rel=1e-6)
    assert arm_cost(found, 1).low == pytest.approx(arm_mean(alone, 1).low, rel=1e-6)
    assert found.effect.tolist() == [0, 0]


def test_the_effect_is_that_of_the_primary_estimator():
    d, cost, day, ended = people()
    found = cost_and_effect(cost, day, ended, d.outcome, d.two, d.x, d.site, ends=ENDS)
    alone = augmented_means(d.outcome, d.two, d.x, d.site, inference="jackknife_sites")
    assert found.effect == pytest.approx(alone.means, rel=1e-9)
    assert found.covariance[2:, 2:] == pytest.approx(alone.covariance, rel=1e-6)
    assert found.observed.tolist() == alone.n_observed.tolist()


def test_cost_that_is_the_effect_times_a_price_moves_with_it():
    change = study().change
    found = whole(7 * change, effect=change)
    both = incremental_of(found).covariance
    assert both[0, 1] / (both[0, 0] * both[1, 1]) ** 0.5 > 0.98  # the outcome model aside they are one number
    assert found.cost == pytest.approx(7 * found.effect, rel=0.02)


def test_people_in_turn_give_about_the_error_of_the_person_level_sandwich():
    d, cost, *_ = people()
    spent = cost.sum(axis=1)
    found = whole(spent, inference="person")
    alone = weighted_means(spent, d.two, d.x, d.site, inference="person")
    assert (found.df, found.inference) == (PERSON_GROUPS - 1, "person")
    assert cost_contrast(found).se == pytest.approx(
        difference(alone).se, rel=0.25
    )  # 39 degrees of freedom: +- 11 % (1 SE)


def test_unweighted_within_one_arm_it_is_the_mean_for_those_cut_off():
    # covariates that say nothing leave the weights of each arm equal
    d, cost, day, ended = people()
    found = cost_and_effect(cost, day, ended, None, d.two, np.zeros((400, 1)), ends=ENDS, inference="person")
    assert found.cost == pytest.approx(mean_cost(cost, day, ended, d.two, horizon=180, ends=ENDS).means, rel=1e-9)


def test_confounded_costs_are_recovered_where_the_crude_difference_is_wrong():
    # sicker people cost 1,000 more and start in arm 1 more often; arm 1 itself costs 500 less
    rng, found, crude = np.random.default_rng(5), [], []
    for _ in range(60):
        x, site = rng.normal(size=600), rng.integers(0, 6, 600)
        arm = (rng.random(600) < 1 / (1 + np.exp(-x))).astype(int)
        spent = 5000 + 1000 * x - 500 * arm + 300 * rng.normal(size=600)
        one = cost_and_effect(spent[:, None], np.full(600, 90), np.zeros(600, bool), None, arm, x, site, ends=[90])
        estimate = cost_contrast(one)
        found.append((estimate.estimate, estimate.low < -500 < estimate.high))
        crude.append(spent[arm == 1].mean() - spent[arm == 0].mean())
    assert np.mean([value for value, _ in found]) == pytest.approx(-500, abs=15)
    assert np.mean([held for _, held in found]) > 0.88
    assert np.mean(crude) > 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"cost": np.full((8, 1), np.nan)}, "enter 0"),
        ({"day": np.full(8, 40.0)}, "shorten the period"),
        ({"arm": np.zeros(8, int)}, "only one arm"),
        ({"effect": np.full(8, np.nan)}, "nobody in one arm has the outcome"),
        ({"site": np.zeros(8, int)}, "only one site"),
        ({"inference": "bootstrap"}, "inference is unknown"),
        ({"cost": np.ones((7, 1))}, "different numbers of rows"),
        ({"covariates": np.full(8, np.inf)}, "missing or infinite"),
        ({"target": "nobody"}, "target population is unknown"),
    ],
)
def test_degenerate_costs_are_not_estimable(change, why):
    given = {
        "cost": np.arange(8.0)[:, None],
        "day": np.full(8, 90.0),
        "ended": np.zeros(8, bool),
        "effect": np.arange(8.0),
        "arm": np.tile([0, 1], 4),
        "covariates": np.zeros(8),
        "site": np.repeat([0, 1], 4),
        "ends": [90],
    } | change
    with pytest.raises(NotEstimable, match=why):
        cost_and_effect(**given)
