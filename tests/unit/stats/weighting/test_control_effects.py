"""Many control outcomes at once: survey, the one-at-a-time estimator, a case by hand, and what cannot be used."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.weighting.arm_means import risk_ratio
from pipeline.stats.weighting.control_effects import control_effects
from pipeline.stats.weighting.effects import weighted_means
from pipeline.stats.weighting.negative_controls import expected_absolute_systematic_error, systematic_error
from tests.reference.like_for_like import study
from tests.reference.written import numbers

EXACT = 1e-8  # R's weights came from glm, stopped at 1e-14
PROJECTED = 0.02  # projection on 400 scores against the stacked derivative: the same only in large samples


def two_outcomes():
    d = study()
    return (
        d,
        np.column_stack([d.better, np.where(d.seen, d.change > 3, np.nan)]),
        np.where(d.two == 1, 1 - d.glm_site, d.glm_site),
    )


def test_ratios_with_known_weights_equal_survey():
    d, outcomes, weights = two_outcomes()
    found = control_effects(outcomes, d.two, weights)
    for place, name in enumerate(("better", "much")):
        for quantity in ("crude", "log_ratio", "se"):
            assert getattr(found, quantity)[place] == pytest.approx(
                numbers("control_effects", name, quantity)[1][0], rel=EXACT
            )
    assert found.n.tolist() == [400, int(d.seen.sum())]


def test_freed_of_its_scores_the_error_is_that_of_the_estimator_with_its_own_weight_model():
    d, outcomes, weights = two_outcomes()
    sites = (d.site[:, None] == np.arange(1, 8)).astype(float)
    found = control_effects(
        outcomes[:, :1], d.two, weights, covariates=np.column_stack([d.x, sites]), chance=d.glm_site
    )
    alone = risk_ratio(
        weighted_means(d.better, d.two, d.x, d.site, cluster=np.arange(400))
    )  # people, without small-sample factor
    assert found.log_ratio[0] == pytest.approx(np.log(alone.estimate), rel=1e-6)
    assert found.se[0] == pytest.approx(alone.se, rel=PROJECTED)
    assert found.se[0] < control_effects(outcomes, d.two, weights).se[0]


def test_a_ratio_worked_by_hand():
    # arm 0: 20 of 40, arm 1: 30 of 40 with weight 1, and 20 people of weight 3 without the outcome
    y = np.r_[np.repeat([1, 0], 20), np.repeat([1, 0], [30, 10]), np.zeros(20)]
    arm, weights = np.repeat([0, 1], [40, 60]), np.r_[np.ones(80), np.full(20, 3.0)]
    found = control_effects(y[:, None], arm, weights)
    assert found.log_ratio[0] == pytest.approx(np.log((30 / 100) / (20 / 40)))
    assert found.crude[0] == pytest.approx(np.log((30 / 60) / (20 / 40)))
    spread = 40 * 0.25 / (40 * 0.5) ** 2 + (30 * 0.49 + 10 * 0.09 + 20 * 9 * 0.09) / (100 * 0.3) ** 2
    assert found.se[0] == pytest.approx((100 / 99 * spread) ** 0.5)


@pytest.mark.parametrize(("events", "usable"), [(10, False), (11, True), (29, True), (30, False)])
def test_a_control_with_few_events_or_few_without_it_in_an_arm_is_not_used(events, usable):
    y = np.r_[np.repeat([1, 0], [events, 40 - events]), np.repeat([1, 0], 20)]
    found = control_effects(y[:, None], np.repeat([0, 1], 40), np.ones(80))
    assert found.usable.tolist() == [usable]
    assert np.isfinite(found.log_ratio).tolist() == [usable]


def test_confounded_controls_show_their_common_error_and_adjusted_ones_none():
    rng, n = np.random.default_rng(3), 8000
    hidden = rng.normal(size=n)
    chance = 1 / (1 + np.exp(-1.2 * hidden))
    arm = (rng.random(n) < chance).astype(int)
    base = rng.uniform(-2, 0, 14)
    outcomes = (rng.random((n, 14)) < 1 / (1 + np.exp(-base - 0.8 * hidden[:, None]))).astype(float)
    blind = control_effects(outcomes, arm, np.ones(n))
    seeing = control_effects(outcomes, arm, np.where(arm == 1, 1 - chance, chance), covariates=hidden, chance=chance)
    errors = [systematic_error(one.log_ratio, one.se) for one in (blind, seeing)]
    assert expected_absolute_systematic_error(errors[0]) > 0.25
    assert expected_absolute_systematic_error(errors[1]) < 0.05


@pytest.mark.parametrize(
    ("outcomes", "arm", "weights", "why"),
    [
        ([[0.0], [2.0]], [0, 1], [1, 1], "must be 0, 1 or unknown"),
        ([[0.0], [1.0]], [0, 1], [1, -1], "not negative"),
        ([[0.0], [1.0]], [0, 1], [1, np.nan], "not negative"),
        ([[0.0], [1.0], [1.0]], [0, 1, 2], [1, 1, 1], "two arms at a time"),
        ([[0.0], [1.0]], [0, 1], [1], "one row per person"),
        ([0.0, 1.0], [0, 1], [1, 1], "one row per person"),
        ([[0.0], [1.0]], [0, 0], [1, 1], "only one arm"),
    ],
)
def test_degenerate_controls_are_not_estimable(outcomes, arm, weights, why):
    with pytest.raises(NotEstimable, match=why):
        control_effects(outcomes, arm, weights)


def test_nobody_known_makes_no_control():
    found = control_effects(np.full((4, 2), np.nan), [0, 0, 1, 1], np.ones(4))
    assert not found.usable.any()
    assert np.isnan(found.crude).all()
