"""A bootstrap with the weight model fitted anew: R on counted clusters, the exact refit, and the clustered sandwich."""

import csv

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.weighting.effects import weighted_means
from pipeline.stats.weighting.propensity import balancing_weights, multinomial_propensity
from pipeline.stats.weighting.weight_bootstrap import refitted_means, weight_bootstrap
from tests.reference.written import HERE, written

R_STOPS = 2e-5  # multinom stops at a relative change of 1e-15 of its deviance; ours at a gradient of 1e-5 of the people
HUNDREDTH = 0.01  # of a standard error: how near the two steps must come to the exact refit


def reference_people():
    with open(HERE / "weight_bootstrap_people.csv", encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


@pytest.mark.parametrize("case", sorted({row.case for row in written("weight_bootstrap")}))
def test_r_on_counted_clusters_gives_the_same_means(case):
    p = reference_people()
    *counts, target, arms, _ = case.split()
    own = p["arm"] < int(arms)
    got = refitted_means(
        p["y"][own],
        p["arm"][own].astype(int),
        np.column_stack([p["x"], p["z"]])[own],
        p["site"][own],
        [[int(c) for c in counts]],
        target=target,
    )[0]
    expected = {row.arm: row.value for row in written("weight_bootstrap") if row.case == case}
    assert got == pytest.approx([expected[a] for a in sorted(expected)], abs=R_STOPS)


def clustered(n=2000, clusters=30, k=3, seed=0):
    rng = np.random.default_rng(seed)
    x, site = rng.normal(size=(n, 4)), rng.integers(0, clusters, n)
    odds = np.exp(
        np.column_stack(
            [np.zeros(n)] + [a * 0.4 * x[:, 0] + 0.2 * rng.normal(size=clusters)[site] for a in range(1, k)]
        )
    )
    arm = (odds.cumsum(1) / odds.sum(1, keepdims=True) > rng.random((n, 1))).argmax(1)
    y = x[:, 0] + 0.5 * arm + 0.5 * rng.normal(size=clusters)[site] + rng.normal(size=n)
    return y, arm, x, site, rng


@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("target", ["overlap", "combined"])
def test_every_draw_lies_within_a_hundredth_of_a_standard_error_of_the_exact_refit(k, target):
    y, arm, x, site, rng = clustered(k=k)
    counts = rng.multinomial(30, np.full(30, 1 / 30), size=40)
    got = refitted_means(y, arm, x, site, counts, target=target)
    for means, drawn in zip(got, counts, strict=True):
        w = drawn[site].astype(float)
        fit = multinomial_propensity(x, arm, weights=w)
        tilted = w * balancing_weights(fit.probabilities, arm, target).weights
        exact = np.bincount(arm, tilted * y) / np.bincount(arm, tilted)
        assert np.abs(means - exact).max() < HUNDREDTH * got.std(axis=0).min()


def test_the_spread_of_the_draws_is_the_clustered_sandwich_with_the_weight_model_stacked():
    y, arm, x, site, rng = clustered(n=6000, clusters=60, k=2, seed=3)
    got = weight_bootstrap(y, arm, x, site, 1500, rng)
    flat = weighted_means(y, arm, x, inference="sandwich", cluster=site)
    assert np.sqrt(np.diag(got.covariance)) == pytest.approx(
        np.sqrt(np.diag(flat.covariance)), rel=0.08
    )  # second order, and 1,500 draws
    assert (got.low < flat.means).all()
    assert (flat.means < got.high).all()
    assert got.failed == 0


def test_people_without_the_outcome_shape_the_weights_alone():
    y, arm, x, site, _ = clustered()
    y[::3] = np.nan
    fit = multinomial_propensity(x, arm)
    w = balancing_weights(fit.probabilities, arm).weights * np.isfinite(y)
    expected = np.bincount(arm, w * np.nan_to_num(y)) / np.bincount(arm, w)
    assert refitted_means(y, arm, x, site, np.ones((1, 30)))[0] == pytest.approx(expected, abs=1e-6)


def test_the_order_of_people_changes_nothing():
    y, arm, x, site, rng = clustered()
    order, counts = rng.permutation(len(y)), rng.multinomial(30, np.full(30, 1 / 30), size=5)
    one, other = (
        refitted_means(y, arm, x, site, counts),
        refitted_means(y[order], arm[order], x[order], site[order], counts),
    )
    assert one == pytest.approx(other, rel=1e-10)


def test_constant_and_repeated_columns_are_left_out():
    y, arm, x, site, rng = clustered()
    counts = rng.multinomial(30, np.full(30, 1 / 30), size=3)
    more = np.column_stack([x, np.ones(len(y)), x[:, 0]])
    assert refitted_means(y, arm, more, site, counts) == pytest.approx(
        refitted_means(y, arm, x, site, counts), rel=1e-9
    )


def test_a_draw_without_an_arm_fails_and_too_many_of_them_are_refused():
    y, arm, x, site, rng = clustered(k=2)
    arm = np.where(site == 0, 1, 0)
    counts = np.ones((2, 30))
    counts[1, 0] = 0
    got = refitted_means(y, arm, x, site, counts)
    assert np.isfinite(got[0]).all()
    assert np.isnan(got[1]).all()
    with pytest.raises(NotEstimable, match="could not be estimated"):
        weight_bootstrap(y, arm, x, site, 50, rng)


def test_a_separated_draw_is_fitted_with_the_ridge_of_the_exact_fit():
    y, arm, x, site, _ = clustered(k=2)
    flag = ((arm == 1) & (site != 0)) | (site == 0)
    counts = np.ones((1, 30))
    counts[0, 0] = 0  # without site 0 the flag says who is in which arm
    x = np.column_stack([x[:, 0], flag])
    w = counts[0][site]
    fit = multinomial_propensity(x[w > 0], arm[w > 0])
    assert fit.penalized
    assert np.isfinite(refitted_means(y, arm, x, site, counts)).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cluster": np.zeros(2000)}, "one cluster drawn again"),
        ({"covariates": np.full((2000, 1), np.nan)}, "missing or infinite"),
        ({"arm": np.zeros(2000, dtype=int)}, "only one arm"),
        ({"target": "matching"}, "use the jackknife"),
        ({"outcome": np.full(2000, np.inf)}, "infinite"),
    ],
)
def test_what_cannot_be_drawn_is_refused(change, words):
    y, arm, x, site, rng = clustered()
    given = {"outcome": y, "arm": arm, "covariates": x, "cluster": site, "draws": 10, "rng": rng} | change
    with pytest.raises(NotEstimable, match=words):
        weight_bootstrap(**given)
