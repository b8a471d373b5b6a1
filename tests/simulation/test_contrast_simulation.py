"""The like-for-like engine on studies whose true effect is known: confounding by indication, sites, outcomes missing at
random."""

from functools import partial

import numpy as np

from pipeline.stats.weighting.arm_means import difference
from pipeline.stats.weighting.effects import fixed_weight_means
from tests.simulation.contrast_study import ESTIMATORS, Scenario, draw, replicate, truth
from tests.simulation.tally import answers, performance

CERTAIN = 3  # Monte-Carlo standard errors
PRIMARY = ESTIMATORS[0]


def seen(scenario, replicates, seed):
    return performance(answers(partial(replicate, scenario), replicates, seed), PRIMARY)


def test_twelve_sites_strong_indication_two_thirds_measured():
    result = seen(Scenario(people=1200, sites=12), replicates=60, seed=11)
    assert result.refused == 0
    assert abs(result.bias) <= CERTAIN * result.bias_error
    assert result.coverage >= 0.85
    assert 0.7 <= result.mean_se / result.empirical_sd <= 1.4


def test_the_naive_difference_of_the_same_studies_is_wrong():
    scenario = Scenario(people=1200, sites=12)
    errors = []
    for rng in np.random.default_rng(11).spawn(20):
        drawn = draw(scenario, rng)
        errors.append(difference(fixed_weight_means(drawn.outcome, drawn.arm)).estimate - truth(scenario))
    # sicker people improve more anyway and were sent to the intensive arm; better sites lean the other way
    assert np.mean(errors) > CERTAIN * np.std(errors, ddof=1) / 20**0.5
    assert np.mean(errors) > 0.3


def test_one_site_speaks_of_that_site():
    result = seen(Scenario(people=500, sites=1), replicates=100, seed=12)
    assert abs(result.bias) <= CERTAIN * result.bias_error
    assert result.coverage >= 0.86


def test_three_arms_at_eight_sites():
    result = seen(Scenario(people=1200, sites=8, arms=3), replicates=40, seed=13)
    assert abs(result.bias) <= CERTAIN * result.bias_error
    assert result.coverage >= 0.82


def test_shares_reached_through_a_linear_working_model_are_right():
    result = seen(Scenario(people=800, sites=1, binary=True), replicates=100, seed=14)
    assert abs(result.bias) <= CERTAIN * result.bias_error
    assert result.coverage >= 0.86
    assert result.empirical_sd < 0.1
