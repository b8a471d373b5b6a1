"""Associations against R, by hand, in simulation, and where there is nothing to go together."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from pipeline.errors import NotEstimable
from pipeline.stats.association.association import rank_correlation, within_between
from tests.reference.like_for_like import study
from tests.reference.written import numbers

EXACT = 1e-9  # closed forms and least squares on both sides


def answers():
    d = study()
    score = np.round(25 + 2 * d.x1 + 0.5 * d.site + 3 * d.x2)
    return d, score, np.where(d.seen, d.change, np.nan)


def one(case, quantity):
    return numbers("association", case, quantity)[1][0]


def test_rank_correlation_and_its_limits_equal_r():
    d, score, change = answers()
    found = rank_correlation(score, change)
    for quantity in ("estimate", "se", "low", "high"):
        assert getattr(found, quantity) == pytest.approx(one("rank", quantity), rel=EXACT)
    assert found.n == int(d.seen.sum())
    assert rank_correlation(score, change, cluster=d.site).se == pytest.approx(one("rank", "jackknife_se"), rel=EXACT)


def test_ties_count_as_scipy_counts_them():
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 4, 200), rng.integers(0, 3, 200)
    assert rank_correlation(x, y).estimate == pytest.approx(spearmanr(x, y).statistic, rel=EXACT)


def test_only_the_order_matters():
    _, score, change = answers()
    assert rank_correlation(np.exp(score / 9), change**3).estimate == pytest.approx(
        rank_correlation(score, change).estimate, rel=EXACT
    )


@pytest.mark.parametrize(("term", "part"), [("within", "within"), ("mean", "between")])
def test_slopes_within_and_between_groups_equal_lm_and_sandwich(term, part):
    d, score, change = answers()
    covariates = np.column_stack([d.x3, d.x4, d.two])
    clustered = getattr(within_between(change, score, d.site, covariates, cluster=d.site), part)
    plain = getattr(within_between(change, score, d.site, covariates), part)
    assert clustered.estimate == plain.estimate == pytest.approx(one(term, "estimate"), rel=EXACT)
    assert clustered.se == pytest.approx(one(term, "clustered_se"), rel=1e-8)
    assert plain.se == pytest.approx(one(term, "robust_se"), rel=1e-8)
    assert (clustered.df, plain.df) == (7, d.seen.sum() - 6)


def test_what_differs_between_groups_alone_is_not_taken_for_what_differs_within_them():
    # better programs have more content people, yet within a program contentment says nothing: the pooled slope would
    # mislead
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(12), 60)
    quality = rng.normal(size=12)[group]
    score, outcome = quality + rng.normal(size=720), 2 * quality + rng.normal(size=720)
    found = within_between(outcome, score, group, np.zeros(720), cluster=group)
    assert found.within.low < 0 < found.within.high
    assert found.between.estimate == pytest.approx(2, abs=0.3)
    assert np.polyfit(score, outcome, 1)[0] > 0.5
    assert found.groups == 12


def test_limits_hold_the_truth_as_often_as_they_say():
    rng, truth, held = np.random.default_rng(3), 6 / np.pi * np.arcsin(0.3 / 2), 0
    for _ in range(600):
        pair = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], 80)
        found = rank_correlation(pair[:, 0], pair[:, 1])
        held += found.low < truth < found.high
    assert 0.925 < held / 600 < 0.975


RAMP = np.arange(40.0)
NOISE = np.random.default_rng(4).normal(size=40)


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (RAMP[:29], NOISE[:29], "fewer than 30"),
        (np.ones(40), NOISE, "same answer"),
        (RAMP, np.ones(40), "did the same"),
        (RAMP, RAMP, "one order"),
        (RAMP, -RAMP, "one order"),
        (RAMP, NOISE[:30], "one length"),
        (np.where(RAMP < 15, np.nan, RAMP), NOISE, "fewer than 30"),
    ],
)
def test_no_correlation_without_differences(first, second, why):
    with pytest.raises(NotEstimable, match=why):
        rank_correlation(first, second)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"outcome": np.full(40, np.nan)}, "fewer than 30"),
        ({"group": RAMP % 2}, "fewer than three"),
        ({"exposure": RAMP % 4}, "nothing to take apart"),
        ({"exposure": np.ones(40)}, "nothing to take apart"),
        ({"covariates": np.full(40, np.nan)}, "missing or infinite"),
        ({"covariates": np.random.default_rng(5).normal(size=(40, 39))}, "columns"),
        ({"cluster": np.ones(40)}, "one cluster"),
    ],
)
def test_no_slope_where_nothing_can_be_taken_apart(change, why):
    given = {
        "outcome": NOISE,
        "exposure": RAMP**1.5,
        "group": RAMP % 4,
        "covariates": np.zeros(40),
        "cluster": RAMP % 4,
    } | change
    with pytest.raises(NotEstimable, match=why):
        within_between(**given)
