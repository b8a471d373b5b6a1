"""The like-for-like engine on studies whose true effect is known: confounding by indication, sites, outcomes missing at random."""

import numpy as np
import pytest

from pipeline.stats.arm_means import difference
from pipeline.stats.effects import fixed_weight_means
from tests.simulation.contrast_study import Scenario, as_the_pipeline_does, draw, performance, truth

MOST_BIAS = 0.15            # in empirical standard deviations; statistics.md section 3
LEAST_COVERAGE = 0.93
CERTAIN = 3                 # Monte-Carlo standard errors


def coverage_at_least(share, replicates):
    """What a method that covers at the line would fall below once in a thousand runs."""
    return share - CERTAIN * (share * (1 - share) / replicates) ** 0.5


def test_twelve_sites_strong_indication_two_thirds_measured():
    result = performance(Scenario(people=1200, sites=12), as_the_pipeline_does, replicates=60, seed=11)
    assert result.failed == 0
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
    result = performance(Scenario(people=500, sites=1), as_the_pipeline_does, replicates=100, seed=12)
    assert abs(result.bias) <= CERTAIN * result.bias_error
    assert result.coverage >= 0.86


def test_three_arms_at_eight_sites():
    result = performance(Scenario(people=1200, sites=8, arms=3), as_the_pipeline_does, replicates=40, seed=13)
    assert abs(result.bias) <= CERTAIN * result.bias_error
    assert result.coverage >= 0.82


def test_shares_reached_through_a_linear_working_model_are_right():
    scenario = Scenario(people=800, sites=1, binary=True)
    result = performance(scenario, as_the_pipeline_does, replicates=100, seed=14)
    assert abs(result.bias) <= CERTAIN * result.bias_error
    assert result.coverage >= 0.86
    assert result.empirical_sd < 0.1


CELLS = [
    (200, 1, 2, 1.0, 1.0), (500, 1, 2, 0.0, 0.65), (500, 1, 2, 1.0, 0.65), (2000, 1, 2, 1.0, 0.65), (500, 1, 3, 1.0, 0.65),
    (500, 6, 2, 1.0, 0.65), (2000, 6, 2, 1.0, 0.65), (2000, 12, 2, 0.0, 0.65), (2000, 12, 2, 1.0, 0.65), (2000, 12, 3, 1.0, 0.65),
    (6000, 60, 2, 1.0, 0.65),
]


@pytest.mark.slow
@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize(("people", "sites", "arms", "indication", "observed"), CELLS)
def test_bias_and_coverage_meet_the_specification(people, sites, arms, indication, observed, binary):
    replicates = 2000
    scenario = Scenario(people, sites, arms, indication, observed, binary=binary)
    result = performance(scenario, as_the_pipeline_does, replicates, seed=people + sites + arms)
    done = replicates - result.failed
    assert result.failed <= 0.05 * replicates
    assert abs(result.bias) <= MOST_BIAS * result.empirical_sd + CERTAIN * result.bias_error
    assert result.coverage >= coverage_at_least(LEAST_COVERAGE, done)
