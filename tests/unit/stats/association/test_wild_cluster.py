"""Wild cluster bootstrap: every weight in turn in R, the plain formulas, few clusters by simulation, and what is
refused."""

import csv
from itertools import product

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.association.wild_cluster import WEBB, wild_cluster
from tests.reference.written import HERE, numbers

EXACT = 1e-9  # the same sums in another order
ALL = 6**5  # every weight of five clusters


def people():
    with open(HERE / "wild_cluster_people.csv", encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    return tuple(np.array([float(row[name]) for row in rows]) for name in ("site", "x", "z", "y"))


def asked(**more):
    site, x, z, y = people()
    return wild_cluster(y, np.column_stack([x, z]), site, **({"draws": ALL, "rng": np.random.default_rng(0)} | more))


@pytest.mark.parametrize("null", [0, 0.5])
def test_r_with_every_weight_in_turn_gives_the_same_p(null):
    got = asked(null=float(null))
    assert got.exact
    assert got.t == pytest.approx(numbers("wild_cluster", f"null {null}", "t")[1][0], rel=EXACT)
    assert got.p == pytest.approx(numbers("wild_cluster", f"null {null}", "p")[1][0], abs=1e-12)


def test_estimate_and_standard_error_are_those_of_clustered_least_squares_in_r():
    got = asked()
    assert got.estimate == pytest.approx(numbers("wild_cluster", "least squares", "estimate")[1][0], rel=EXACT)
    assert got.se == pytest.approx(numbers("wild_cluster", "least squares", "se")[1][0], rel=EXACT)


def test_a_mean_of_five_clusters_by_the_plain_formula():
    """An intercept-like column alone cannot be asked about, so: two groups inside each of five clusters, weights one
    after the other."""
    rng = np.random.default_rng(3)
    site, x = np.repeat(np.arange(5), 6), np.tile([0.0, 1], 15)
    y = 0.4 * x + rng.normal(size=5)[site] + rng.normal(size=30)
    got = wild_cluster(y, x, site, draws=ALL, rng=rng)

    def t_of(values):
        slope = values[x == 1].mean() - values[x == 0].mean()
        left = values - values.mean() - slope * (x - 0.5)
        scores = [((x - 0.5) * left)[site == s].sum() / 7.5 for s in range(5)]
        return slope / np.sqrt(5 / 4 * 29 / 28 * np.square(scores).sum())

    under = y - y.mean()
    drawn = np.array([abs(t_of(y.mean() + np.array(v)[site] * under)) for v in product(WEBB, repeat=5)])
    assert got.p == pytest.approx((drawn >= abs(t_of(y)) * (1 - EXACT)).mean(), abs=1e-12)


def test_the_limits_are_the_nulls_that_the_test_just_does_not_reject():
    got = asked(level=0.9)
    assert got.low < got.estimate < got.high
    for limit in (got.low, got.high):
        inside, outside = (limit + step * (limit - got.estimate) for step in (-1e-3, 1e-3))
        assert asked(null=inside).p > 0.1 - 1e-12 >= asked(null=outside).p - 1e-12


def test_random_weights_agree_with_all_of_them():
    assert asked(draws=4000).p == pytest.approx(asked().p, abs=0.03)  # 4,000 draws: at most 0.008, four times that
    assert not asked(draws=4000).exact


def test_webb_weights_have_mean_0_and_variance_1():
    assert WEBB.mean() == pytest.approx(0, abs=1e-15)
    assert (WEBB**2).mean() == pytest.approx(1)


def test_with_eight_clusters_a_true_null_is_rejected_about_one_time_in_twenty():
    rng, rejected, wald = np.random.default_rng(11), 0, 0
    for _ in range(200):
        site = np.repeat(np.arange(8), 12)
        x = rng.normal(size=8)[site] + 0.5 * rng.normal(size=96)
        y = rng.normal(size=8)[site] + rng.normal(size=96)
        got = wild_cluster(y, x, site, draws=199, rng=rng, level=0.5)
        rejected += got.p <= 0.05
        wald += abs(got.t) > 1.96
    assert rejected <= 20  # 5 % expected; 20 of 200 lies three standard errors above
    assert wald > rejected


def test_the_order_of_people_and_what_clusters_are_called_change_nothing():
    site, x, z, y = people()
    order = np.random.default_rng(0).permutation(40)
    moved = wild_cluster(
        y[order],
        np.column_stack([x, z])[order],
        np.array(list("abcde"))[site.astype(int) - 1][order],
        draws=ALL,
        rng=np.random.default_rng(0),
    )
    assert moved.p == pytest.approx(asked().p, abs=1e-12)
    assert moved.low == pytest.approx(asked().low, rel=1e-6)


SITE, X, Z, Y = people()
REFUSED = {
    "four clusters": ({"cluster": np.minimum(SITE, 4)}, "fewer than five clusters"),
    "a missing outcome": ({"outcome": np.where(SITE == 1, np.nan, Y)}, "not measured"),
    "a missing covariate": ({"covariates": np.full((40, 1), np.nan)}, "missing or infinite"),
    "a constant covariate": ({"covariates": np.ones((40, 1))}, "says nothing that the others do not"),
    "a repeated covariate": ({"covariates": np.column_stack([X, X])}, "says nothing that the others do not"),
    "no such covariate": ({"place": 2}, "count them from 0"),
    "a constant outcome": ({"outcome": np.ones(40)}, "no variation between clusters"),
    "no draws": ({"draws": 0}, "ask for 999"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_tested_is_refused(case):
    change, words = REFUSED[case]
    given = {
        "outcome": Y,
        "covariates": np.column_stack([X, Z]),
        "cluster": SITE,
        "draws": 99,
        "rng": np.random.default_rng(0),
    } | change
    with pytest.raises(NotEstimable, match=words):
        wild_cluster(**given)
