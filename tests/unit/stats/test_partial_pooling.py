"""Partial pooling: metafor at every spread, Kummer's function on paper, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaln, hyp1f1

from pipeline.errors import NotEstimable
from pipeline.stats.partial_pooling import partially_pooled, pooled_shares
from tests.reference.written import numbers
from tests.unit.stats.test_meta_analysis import SITES

GROUPS = {
    "spread": ([-1.2, 0.4, 2.1, 0.9], [0.5, 0.4, 0.7, 0.3]),
    "three": ([-2.0, 1.5, 0.2], [0.7, 0.9, 0.5]),
    "twelve": SITES["twelve sites"],
}
SUMMED = 1e-6  # two rules of summation over the spread
EFFECTS = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.1, 3)), min_size=3, max_size=8)


@pytest.mark.parametrize("case", sorted(GROUPS))
def test_effects_averaged_over_the_spread_are_metafors_predictions_at_each_spread(case):
    found = partially_pooled(*GROUPS[case]).estimates
    for quantity in ("estimate", "se", "low", "high"):
        expected = numbers("partial_pooling", case, quantity)[1]
        assert [getattr(one, quantity) for one in found] == pytest.approx(expected, rel=SUMMED, abs=SUMMED), quantity


@pytest.mark.parametrize("y", [[0.0, 1.0, 2.5], [1.0, 2.0, 4.0, 9.0], [0.5, 0.6, 0.4, 0.55, 0.5]])
def test_with_one_standard_error_the_weight_of_the_others_is_a_ratio_of_kummers_functions(y):
    # B = se^2 / (se^2 + tau^2) has density B^((m - 4) / 2) (1 - B)^(-1/2) exp(-c B), c = sum (y - mean)^2 / (2 se^2).
    se, a = 0.8, (len(y) - 2) / 2
    c = np.square(np.array(y) - np.mean(y)).sum() / (2 * se**2)
    others = a / (a + 0.5) * hyp1f1(a + 1, a + 1.5, -c) / hyp1f1(a, a + 0.5, -c)
    found = partially_pooled(y, [se] * len(y))
    assert found.kept == pytest.approx(1 - others, rel=1e-9)
    assert [one.estimate for one in found.estimates] == pytest.approx(np.array(y) * (1 - others) + np.mean(y) * others)


@given(EFFECTS)
def test_the_less_a_group_tells_the_more_it_is_pulled_and_its_limits_hold_the_effect_told(groups):
    y, se = np.array(groups).T
    found = partially_pooled(y, se)
    assert ((found.kept >= 0) & (found.kept <= 1)).all()
    assert (np.diff(found.kept[np.argsort(se)]) <= 1e-12).all()
    for one in found.estimates:
        assert y.min() - 1e-9 <= one.estimate <= y.max() + 1e-9
        assert one.low < one.estimate < one.high


def test_groups_that_hardly_differ_are_pulled_most_of_the_way_and_still_not_taken_as_one():
    found = partially_pooled([0.5, 0.6, 0.4, 0.55], [0.5, 0.4, 0.7, 0.3])
    assert np.ptp([one.estimate for one in found.estimates]) < 0.4 * np.ptp([0.4, 0.6])
    assert min(one.se for one in found.estimates) > 1 / np.sqrt(sum(1 / s**2 for s in (0.5, 0.4, 0.7, 0.3)))


def test_shares_are_pulled_on_angles_and_turned_back():
    found = pooled_shares([0, 4, 9, 30], [15, 20, 22, 110]).estimates
    for quantity in ("estimate", "low", "high"):
        angles = np.clip(numbers("partial_pooling", "shares", quantity)[1], 0, np.pi / 2)
        assert [getattr(one, quantity) for one in found] == pytest.approx(np.sin(angles) ** 2, rel=SUMMED, abs=SUMMED)


def test_pulled_shares_are_those_of_a_beta_binomial_model_added_up_on_a_grid():
    x, n = np.array([3, 6, 14, 9, 20]), np.array([20, 25, 30, 22, 60])
    mu, spread = np.meshgrid(np.linspace(0.005, 0.995, 199), np.linspace(0.005, 0.995, 199))
    size = 1 / spread**2 - 1
    a, b = (mu * size)[..., None], ((1 - mu) * size)[..., None]
    log = (betaln(a + x, b + n - x) - betaln(a, b)).sum(axis=-1)
    chance = np.exp(log - log.max())
    mean = (chance[..., None] * (a + x) / (a + b + n)).sum(axis=(0, 1)) / chance.sum()
    found = pooled_shares(x, n).estimates
    assert [one.estimate for one in found] == pytest.approx(mean, abs=0.015)


def test_a_site_where_nobody_had_the_event_is_not_told_as_never():
    found = pooled_shares([0, 4, 9, 30], [15, 20, 22, 110]).estimates[0]
    assert found.low == 0
    assert 0.05 < found.estimate < found.high < 0.35


@pytest.mark.parametrize(
    ("events", "people"), [([1, 5, 2], [4, 4, 4]), ([-1, 1, 2], [4, 4, 4]), ([0, 0, 0], [0, 4, 4])]
)
def test_shares_of_nobody_or_of_more_than_there_are_are_refused(events, people):
    with pytest.raises(NotEstimable, match="no more of them"):
        pooled_shares(events, people)


def test_of_two_groups_nobody_can_say_how_much_groups_differ():
    with pytest.raises(NotEstimable, match="fewer than three"):
        partially_pooled([0.1, 0.5], [0.2, 0.2])
