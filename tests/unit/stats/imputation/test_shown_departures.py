"""What later scores show of those not measured, where the truth of it is planted."""

import numpy as np
import pytest
from scipy.special import expit

from pipeline.errors import NotEstimable
from pipeline.stats.imputation.shown_departures import shown_departures

PEOPLE = 20_000
WORSE = 1.0


def drawn(worse=WORSE, slope=0.8, seed=1):
    """Two arms; the unmeasured of each do worse by `worse` (of an SD of 1 given the start), and so does what leads to
    it: z carries slope of the outcome and noise of .6."""
    rng = np.random.default_rng(seed)
    x, arm = rng.normal(size=(PEOPLE, 1)), np.arange(PEOPLE) % 2
    seen = rng.random(PEOPLE) < expit(0.4 + 0.5 * x[:, 0])
    y = x[:, 0] + rng.normal(size=PEOPLE) - worse * ~seen
    z = slope * y + 0.6 * rng.normal(size=PEOPLE)
    return np.where(seen, y, np.nan), arm, x, z[:, None]


def test_a_later_score_shows_the_share_of_a_departure_that_it_explains():
    """It explains r2 = .64 / (.64 + .36) = .64 of what the start leaves open, so it shows .64 and leaves .36."""
    found = shown_departures(*drawn())
    assert found.explained == pytest.approx([0.64, 0.64], abs=0.02)
    assert found.shown == pytest.approx([0.64, 0.64], abs=0.04)
    assert found.hidden == pytest.approx([0.36, 0.36], abs=0.03)
    assert found.shown + found.hidden == pytest.approx([WORSE, WORSE], abs=0.07)


def test_where_nobody_departs_nothing_is_shown_beyond_chance():
    found = shown_departures(*drawn(worse=0.0))
    assert (np.abs(found.shown) < 3 * found.se).all()
    assert (found.hidden_at_most() < 0.03).all()


def test_its_standard_error_is_the_spread_over_studies():
    several = [shown_departures(*(part[:1000] for part in drawn(0.3, seed=seed))) for seed in range(60)]
    spread = np.std([one.shown for one in several], axis=0, ddof=1)
    assert np.mean([one.se for one in several], axis=0) == pytest.approx(spread, rel=0.25)


def test_better_than_similar_people_leaves_nothing_to_fear():
    found = shown_departures(*drawn(worse=-WORSE))
    assert (found.shown < 0).all()
    assert (found.hidden_at_most() == 0).all()


def test_an_arm_with_everybody_measured_departs_nowhere():
    y, arm, x, z = drawn()
    filled = np.where(np.isnan(y) & (arm == 0), 0.0, y)
    assert shown_departures(filled, arm, x, z).hidden[0] == 0


def test_few_people_or_a_score_that_says_nothing_is_not_estimable():
    y, arm, x, z = drawn()
    with pytest.raises(NotEstimable, match="fewer than 30"):
        shown_departures(y[:100], arm[:100], x[:100], z[:100])
    with pytest.raises(NotEstimable, match="hardly tells"):
        shown_departures(y, arm, x, np.random.default_rng(1).normal(size=(PEOPLE, 1)))
