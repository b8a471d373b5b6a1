from itertools import product

import numpy as np
import pytest
from scipy.stats import norm, t

from pipeline.errors import NotEstimable
from pipeline.stats.monitoring.cluster_ratios import ratio_bootstrap
from tests.reference.like_for_like import values

ABOVE, BELOW = 3 + 2 * np.sin(1.1 * np.arange(25)) + np.arange(25) / 10, 5 + np.cos(0.7 * np.arange(25))
DRAWS = 40_000
OF_A_SPREAD = 0.015  # a standard deviation of 40,000 draws is uncertain by 1/sqrt(80,000); four times that
OF_A_TAIL = 0.006  # the 1.8 % quantile of 40,000 draws of spread .066, four times its own spread


def two(ratio, n=DRAWS, seed=1):
    return ratio_bootstrap(
        *(np.asarray(side, dtype=float).reshape(len(side), -1) for side in ratio), n, np.random.default_rng(seed)
    )


def test_it_is_boot_of_clusters_with_expanded_limits():
    r = values("regression")
    got = two((ABOVE, BELOW))
    assert got.estimate[0] == pytest.approx(r["ratio"], rel=1e-14)
    assert got.se[0] == pytest.approx(r["ratio_sd"] * np.sqrt(25 / 24), rel=OF_A_SPREAD)
    assert (got.low[0], got.high[0]) == pytest.approx((r["ratio_low"], r["ratio_high"]), abs=OF_A_TAIL)
    assert (got.df, got.clusters) == (24, 25)


def test_three_clusters_can_be_drawn_in_twenty_seven_ways():
    above, below = np.array([1.0, 4.0, 6.0]), np.array([2.0, 5.0, 20.0])
    every = [above[list(rows)].sum() / below[list(rows)].sum() for rows in product(range(3), repeat=3)]
    got = two((above, below))
    assert got.estimate[0] == pytest.approx(11 / 27)
    assert got.se[0] == pytest.approx(np.std(every) * np.sqrt(3 / 2), rel=OF_A_SPREAD)
    assert (got.low[0], got.high[0]) == pytest.approx(
        (min(every), max(every))
    )  # so few clusters: beyond all but the ends


def test_the_tail_is_wider_than_a_percentile_limit_would_take_it():
    g, n = 10, 400
    tail = norm.cdf(-np.sqrt(g / (g - 1)) * t.ppf(0.975, g - 1))
    assert tail < 0.025 / 2
    rng = np.random.default_rng(5)
    covers = 0
    for _ in range(n):
        numerators = rng.normal(0.4, 0.1, (g, 1))
        got = ratio_bootstrap(numerators, np.ones((g, 1)), 1000, rng)
        covers += bool(got.low[0] <= 0.4 <= got.high[0])
    assert covers / n >= 0.92  # percentile limits of ten clusters cover about .90


def test_many_ratios_are_drawn_together_and_each_is_what_it_is_alone():
    both = ratio_bootstrap(
        np.column_stack([ABOVE, BELOW]), np.column_stack([BELOW, BELOW]), 2000, np.random.default_rng(3)
    )
    alone = ratio_bootstrap(ABOVE[:, None], BELOW[:, None], 2000, np.random.default_rng(3))
    assert (both.low[0], both.high[0], both.se[0]) == pytest.approx((alone.low[0], alone.high[0], alone.se[0]))
    assert both.estimate[1] == 1
    assert np.isnan([both.low[1], both.high[1]]).all()


def test_draws_in_portions_use_the_same_random_numbers(monkeypatch):
    whole = two((ABOVE, BELOW), 500)
    monkeypatch.setattr("pipeline.stats.monitoring.cluster_ratios.AT_ONCE", 200)
    assert two((ABOVE, BELOW), 500).low == pytest.approx(whole.low, abs=0.02)


@pytest.mark.parametrize(
    ("above", "below", "remedy"),
    [
        ([1.0], [2.0], "draw people instead of sites"),
        ([1.0, 2.0], [0.0, 0.0], "collect the hours"),
        ([1.0, np.nan], [1.0, 1.0], "collect the hours"),
        ([1.0, 1.0], [1.0, -1.0], "collect the hours"),
        ([1.0, 1.0, 1.0], [1.0, 0.0, 0.0], "merge small clusters"),
    ],
)
def test_what_cannot_be_drawn_is_refused(above, below, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        two((above, below), 200)
