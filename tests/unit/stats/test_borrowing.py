"""Borrowing: the closed form beside a posterior added up on a grid and beside sampling; what conflicts is let go, and no
prior may make limits miss the truth more than one time in ten."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from pipeline.errors import NotEstimable
from pipeline.stats.borrowing import (
    MOST_ERROR,
    Prior,
    borrowed,
    errors_at,
    parts,
    predictive_prior,
    quantile,
    safe_weight,
    worst_error,
)

PRIOR = Prior(mean=1.0, sd=0.8, weight=0.3, vague=9.0)


def on_a_grid(y, se, prior, level=0.95):
    """Mean, SD and limits of the posterior, added up point by point."""
    x = np.linspace(-60, 60, 400_001)
    density = norm.pdf(y, x, se) * (
        prior.weight * norm.pdf(x, prior.mean, prior.sd) + (1 - prior.weight) * norm.pdf(x, 0, prior.vague)
    )
    density /= density.sum()
    mean = x @ density
    below = density.cumsum()
    low, high = (x[np.searchsorted(below, tail)] for tail in ((1 - level) / 2, (1 + level) / 2))
    return mean, np.sqrt((x - mean) ** 2 @ density), low, high


@pytest.mark.parametrize("y", [-6.0, -1.0, 0.5, 1.2, 4.0])
@pytest.mark.parametrize("se", [0.4, 1.5])
def test_the_closed_form_is_what_a_grid_adds_up_to(y, se):
    found = borrowed(y, se, PRIOR)
    mean, sd, low, high = on_a_grid(y, se, found.prior)
    got = found.estimate
    assert (got.estimate, got.se) == pytest.approx((mean, sd), abs=1e-4)
    assert (got.low, got.high) == pytest.approx((low, high), abs=6e-4)


def test_with_one_part_alone_it_is_the_textbook_mean_of_prior_and_records():
    # two equally sure sources, 0 and 2: half way, with half the variance
    got = borrowed(2.0, 1.0, Prior(mean=9.0, sd=1.0, weight=0.0, vague=1.0)).estimate
    assert (got.estimate, got.se) == pytest.approx((1.0, 0.5**0.5))
    assert (got.low, got.high) == pytest.approx((1.0 - 1.959964 * 0.5**0.5, 1.0 + 1.959964 * 0.5**0.5))


def test_records_that_agree_give_what_is_borrowed_more_weight_and_narrower_limits():
    found, alone = borrowed(1.0, 1.5, PRIOR), 1.959964 * 1.5
    assert found.weight > found.prior.weight
    assert found.conflict == pytest.approx(1.0)
    assert (found.estimate.high - found.estimate.low) / 2 < 0.9 * alone


def test_records_that_conflict_let_it_go_and_keep_their_own_answer():
    found = borrowed(-8.0, 0.8, PRIOR)
    assert found.weight < 0.001
    assert found.conflict < 1e-10
    assert found.estimate.estimate == pytest.approx(-8.0, abs=0.1)


@pytest.mark.parametrize("se", [0.3, 0.8, 1.5, 3.0])
@pytest.mark.parametrize("prior", [PRIOR, replace(PRIOR, sd=0.1, weight=0.8), replace(PRIOR, mean=4.0, weight=0.5)])
def test_wherever_the_truth_lies_limits_miss_it_at_most_one_time_in_ten(se, prior):
    kept = replace(prior, weight=safe_weight(se, prior))
    assert kept.weight <= prior.weight
    assert worst_error(se, kept) <= MOST_ERROR + 0.002


def test_a_prior_that_would_err_more_often_is_borrowed_less_or_dropped_by_rule():
    sure = Prior(mean=1.0, sd=0.05, weight=0.9, vague=9.0)
    assert worst_error(1.5, sure) > MOST_ERROR
    found = borrowed(1.0, 1.5, sure)
    assert found.prior.weight < 0.9
    assert found.error <= MOST_ERROR + 0.002


@pytest.mark.parametrize("truth", [0.0, 1.0, 3.0])
def test_the_share_of_limits_that_miss_is_what_sampling_shows(truth):
    se, draws = 1.2, 2000
    means, sds, shares = parts(np.random.default_rng(7).normal(truth, se, draws), se, PRIOR)
    missed = 0
    for m, q in zip(means.T, shares.T, strict=True):
        missed += not quantile(m, sds, q, 0.025) <= truth <= quantile(m, sds, q, 0.975)
    expected = float(errors_at([truth], se, PRIOR)[0])
    assert missed / draws == pytest.approx(expected, abs=3.5 * (expected * (1 - expected) / draws) ** 0.5)


def test_a_new_program_is_told_less_surely_than_the_mean_of_those_before_it():
    one = predictive_prior([1.0], [0.6], 0.8, weight=0.3, vague=9.0)
    assert (one.mean, one.sd**2) == pytest.approx((1.0, 0.6**2 + 2 * 0.8**2))
    # two: w = 1 / (.36 + .64) and 1 / (.64 + .64), by hand
    both = predictive_prior([1.0, 2.0], [0.6, 0.8], 0.8, weight=0.3, vague=9.0)
    total = 1 + 1 / 1.28
    assert (both.mean, both.sd**2) == pytest.approx(((1 + 2 / 1.28) / total, 1 / total + 0.64))


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (lambda: predictive_prior([], [], 1, weight=0.5, vague=1), "what is borrowed needs"),
        (lambda: predictive_prior([1.0], [0.0], 1, weight=0.5, vague=1), "positive standard error"),
        (lambda: predictive_prior([np.nan], [1.0], 1, weight=0.5, vague=1), "what is borrowed needs"),
        (lambda: predictive_prior([1.0], [1.0], -1, weight=0.5, vague=1), "not negative"),
        (lambda: predictive_prior([1.0], [1.0], 1, weight=1.0, vague=1), "under 1"),
        (lambda: borrowed(np.nan, 1.0, PRIOR), "usable standard error"),
        (lambda: borrowed(1.0, 0.0, PRIOR), "usable standard error"),
    ],
)
def test_what_cannot_be_borrowed_is_refused(call, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        call()
