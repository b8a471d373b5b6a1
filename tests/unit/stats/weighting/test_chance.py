"""What chance alone gives a check of balance, against formulas by hand and against draws in which nothing differs."""

import numpy as np
import pytest
from scipy.stats import norm

from pipeline.errors import NotEstimable
from pipeline.stats.resampling import cluster_df
from pipeline.stats.weighting.balance import balance
from pipeline.stats.weighting.chance import (
    BY_CHANCE,
    largest_by_chance,
    largest_person_share,
    share_gap_by_chance,
    smd_error,
    variance_ratio_by_chance,
)

DRAWS, COLUMNS = 400, 20


def test_the_error_of_a_standardized_difference_is_that_of_the_two_smallest_arms():
    assert smd_error([100.0, 25.0, 50.0]) == pytest.approx((1 / 25 + 1 / 50) ** 0.5)


def test_the_largest_of_many_lines_is_a_bonferroni_quantile():
    assert largest_by_chance(1, 0.05) == pytest.approx(1.959963984540054)
    assert largest_by_chance(40) == pytest.approx(norm.isf(BY_CHANCE / 80))


def test_a_share_gap_is_that_of_the_common_share():
    """By hand: 90 of 100 and 40 of 50, 130 of 150 together."""
    common = 130 / 150
    by_hand = norm.isf(BY_CHANCE / 2) * (common * (1 - common) * (1 / 100 + 1 / 50)) ** 0.5
    assert share_gap_by_chance([0.9, 0.8], [100, 50], lines=1) == pytest.approx(by_hand)
    assert share_gap_by_chance([1.0, 1.0], [100, 50], lines=1) == 0
    assert share_gap_by_chance([np.nan, 0.8], [0, 50], lines=1) == 0


def test_one_person_of_a_small_sample_may_weigh_more_than_one_of_a_large():
    assert largest_person_share(40.0) == pytest.approx(0.1)
    assert largest_person_share(2.0) == 1


@pytest.mark.parametrize("people", [60, 400])
def test_arms_drawn_from_one_population_seldom_go_beyond_chance(people):
    """At most BY_CHANCE of studies, and a little for the Monte-Carlo error of DRAWS."""
    rng = np.random.default_rng(7)
    beyond = {"difference": 0, "variance": 0}
    for _ in range(DRAWS):
        columns, arm = rng.normal(size=(people, COLUMNS)), np.arange(people) % 2
        found = balance(columns, [str(i) for i in range(COLUMNS)], arm, np.ones(people))
        beyond["difference"] += found.largest > largest_by_chance(COLUMNS) * smd_error(found.ess)
        beyond["variance"] += found.ratio_after.max() > variance_ratio_by_chance(found.ess, COLUMNS)
    most = BY_CHANCE + 3 * (BY_CHANCE * (1 - BY_CHANCE) / DRAWS) ** 0.5
    assert max(beyond.values()) <= most * DRAWS, beyond


def test_equal_sites_count_less_one_and_one_large_site_counts_for_itself():
    assert cluster_df([50, 50, 50, 50]) == 3
    assert cluster_df([360, 30, 30, 30, 30, 30]) == pytest.approx(510**2 / (360**2 + 5 * 30**2))
    assert cluster_df([10, 0, 10]) == 1


@pytest.mark.parametrize(
    "asked",
    [
        lambda: smd_error([30.0]),
        lambda: smd_error([30.0, 0.0]),
        lambda: largest_by_chance(0),
        lambda: largest_person_share(0.0),
        lambda: variance_ratio_by_chance([1.0, 30.0], 3),
        lambda: cluster_df([0, 0]),
    ],
)
def test_what_has_no_chance_to_reckon_with_is_refused(asked):
    with pytest.raises(NotEstimable, match=r";|needs at least"):
        asked()
