"""Mixed models and MMRM on people whose true slopes are known, with visits missing because of scores already seen."""

from contextlib import suppress

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.repeated_scores.fixed_effects import contrast
from pipeline.stats.repeated_scores.mixed_model import mixed_model
from pipeline.stats.repeated_scores.repeated_measures import repeated_measures
from tests.simulation.tally import LEAST_COVERAGE, MOST_BIAS, coverage_at_least
from tests.simulation.test_contrast_simulation import CERTAIN

SLOPE = -0.25  # what the second arm adds per week
VISITS = 5
MOST_REFUSED = 0.02


def drawn(people, rng, sites=1):
    """Person, visit, week, arm, site and score; whoever was bad at the visit before is often not there: missing at
    random."""
    arm = np.arange(people) % 2
    site = np.arange(people) % sites
    own = rng.multivariate_normal([0, 0], [[9, -0.4], [-0.4, 0.09]], people)
    week = 2.0 * np.arange(VISITS) + rng.uniform(-0.5, 0.5, (people, VISITS)) * (np.arange(VISITS) > 0)
    score = (
        15
        - 0.5 * week
        + SLOPE * arm[:, None] * week
        + own[:, :1]
        + own[:, 1:] * week
        + rng.normal(0, 2, (people, VISITS))
    )
    there = np.ones((people, VISITS), dtype=bool)
    for k in range(1, VISITS):
        there[:, k] = rng.random(people) < np.where(score[:, k - 1] > 13, 0.4, 0.95)
    person = np.repeat(np.arange(people), VISITS)
    return (
        person,
        np.tile(np.arange(VISITS), people),
        week.ravel(),
        arm[person],
        site[person],
        np.where(there, score, np.nan).ravel(),
    )


def slope_found(people, rng):
    person, _, week, arm, _, score = drawn(people, rng)
    x = np.column_stack([np.ones(len(week)), week, arm, arm * week])
    return contrast(mixed_model(person, score, x, week).fixed, [0, 0, 0, 1.0])


def last_visit_found(people, rng):
    """The arms' difference at the last visit, whose true value is the slope times the mean week of that visit."""
    person, visit, _, arm, _, score = drawn(people, rng)
    at = (visit[:, None] == np.arange(VISITS)).astype(float)
    fit = repeated_measures(person, visit, score, np.column_stack([at, at * arm[:, None]]))
    return contrast(fit.fixed, np.eye(2 * VISITS)[-1])


def tallied(estimator, truth, people, replicates, seed):
    """Bias, spread, coverage and mean standard error; a draw whose covariance runs to the edge is refused, in few draws
    of few people."""
    found = []
    for rng in np.random.default_rng(seed).spawn(replicates):
        with suppress(NotEstimable):
            found.append(estimator(people, rng))
    assert len(found) >= (1 - MOST_REFUSED) * replicates
    values = np.array([one.estimate for one in found])
    covered = np.mean([one.low <= truth <= one.high for one in found])
    return values.mean() - truth, values.std(ddof=1), covered, np.mean([one.se for one in found])


@pytest.mark.parametrize(("estimator", "truth"), [(slope_found, SLOPE), (last_visit_found, 8 * SLOPE)])
def test_missing_visits_that_depend_on_scores_seen_do_not_bias_the_difference(estimator, truth):
    bias, sd, covered, se = tallied(estimator, truth, people=120, replicates=80, seed=5)
    assert abs(bias) <= CERTAIN * sd / 80**0.5
    assert covered >= 0.86
    assert 0.8 <= se / sd <= 1.25


def test_the_mean_of_those_still_there_is_biased_by_the_same_gaps():
    errors = []
    for rng in np.random.default_rng(5).spawn(20):
        _, visit, _, arm, _, score = drawn(400, rng)
        last = (visit == VISITS - 1) & np.isfinite(score) & (arm == 0)
        errors.append(score[last].mean() - (15 - 0.5 * 8))
    assert np.mean(errors) < -CERTAIN * np.std(errors, ddof=1) / 20**0.5  # those still there are the better ones


@pytest.mark.slow
@pytest.mark.parametrize(("estimator", "truth"), [(slope_found, SLOPE), (last_visit_found, 8 * SLOPE)])
@pytest.mark.parametrize("people", [40, 500])
def test_bias_and_coverage_meet_the_specification(estimator, truth, people):
    replicates = 2000
    bias, sd, covered, _ = tallied(estimator, truth, people, replicates, seed=people)
    assert abs(bias) <= MOST_BIAS * sd + CERTAIN * sd / replicates**0.5
    assert covered >= coverage_at_least(LEAST_COVERAGE, replicates)
