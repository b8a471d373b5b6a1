"""Time to the first confirmed improvement on people whose true time is known, one arm looked at far more often than the
other."""

import numpy as np
import pytest

from pipeline.stats.time_in_care.time_to_first import first_confirmed, first_time_difference, first_time_incidence
from tests.simulation.tally import LEAST_COVERAGE, MOST_BIAS, coverage_at_least
from tests.simulation.test_contrast_simulation import CERTAIN

MARKS, ASKED = 6, 4  # six fortnights; improved by week 8
SOONER = (0.16, 0.10)  # chance to begin within each fortnight, in either arm
TRUTH = (1 - SOONER[1]) ** ASKED - (1 - SOONER[0]) ** ASKED


def shares(people, rng, looked=(0.9, 0.5)):
    """Incidence in both arms, people seen at each mark with the arm's own chance."""
    found, first = [], []
    for chance, there in zip(SOONER, looked, strict=True):
        begins = rng.geometric(chance, people)
        state = np.arange(1, MARKS + 1) >= begins[:, None]
        improved = np.where(rng.random(state.shape) < there, state, np.nan)
        found.append(first_time_incidence(first_confirmed(improved), MARKS))
        first.append((improved[:, :ASKED] == 1).any(axis=1).mean())
    return found, first


def tallied(people, replicates, seed):
    values, covered, naive = [], [], []
    for rng in np.random.default_rng(seed).spawn(replicates):
        (one, other), first = shares(people, rng)
        found = first_time_difference(one, other, ASKED)
        values.append(found.estimate)
        covered.append(found.low <= TRUTH <= found.high)
        naive.append(first[0] - first[1])
    return np.array(values), np.mean(covered), np.array(naive)


def test_who_is_looked_at_seldom_is_not_found_later_and_first_crossings_say_otherwise():
    values, covered, naive = tallied(people=300, replicates=80, seed=9)
    assert abs(values.mean() - TRUTH) <= CERTAIN * values.std(ddof=1) / 80**0.5
    assert covered >= 0.86
    assert naive.mean() - TRUTH > 0.05


@pytest.mark.slow
@pytest.mark.parametrize("people", [100, 1000])
def test_bias_and_coverage_meet_the_specification(people):
    replicates = 2000
    values, covered, _ = tallied(people, replicates, seed=people)
    sd = values.std(ddof=1)
    assert abs(values.mean() - TRUTH) <= MOST_BIAS * sd + CERTAIN * sd / replicates**0.5
    assert covered >= coverage_at_least(LEAST_COVERAGE, replicates)
