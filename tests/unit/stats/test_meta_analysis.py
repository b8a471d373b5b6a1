"""Random effects over sites: metafor, a likelihood searched by hand, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from pipeline.errors import NotEstimable
from pipeline.stats.between_site_variance import between_variance
from pipeline.stats.meta_analysis import prediction_interval, random_effects
from tests.reference.written import numbers, written

FITTED = 1e-6  # metafor stops its own iterations earlier than we do
SITES = {
    "five sites": ([0.10, 0.30, -0.20, 0.50, 0.25], [0.10, 0.20, 0.15, 0.30, 0.12]),
    "agreeing sites": ([1.00, 1.10, 0.95, 1.05], [0.50, 0.40, 0.60, 0.30]),
    "two sites": ([-2.0, 1.5], [0.7, 0.9]),
    "twelve sites": (
        [-0.42, -0.11, 0.08, -0.77, -0.25, -0.31, 0.36, -0.58, -0.02, -0.49, -0.90, -0.15],
        [0.12, 0.25, 0.31, 0.18, 0.09, 0.40, 0.22, 0.15, 0.35, 0.28, 0.20, 0.11],
    ),
}
POOLED = sorted({row.case for row in written("pooling") if row.quantity == "se"})
SPREAD = sorted({row.case for row in written("pooling") if row.quantity == "tau2"})


@pytest.mark.parametrize("case", POOLED)
def test_mean_and_limits_equal_metafor(case):
    name, method, limits = case.split("/")
    found = random_effects(*SITES[name], method=method, limits=limits).estimate
    for quantity in ("estimate", "se", "low", "high", "p"):
        assert getattr(found, quantity) == pytest.approx(numbers("pooling", case, quantity)[1][0], rel=FITTED), quantity


@pytest.mark.parametrize("case", SPREAD)
def test_spread_between_sites_and_weights_equal_metafor(case):
    name, method = case.split("/")
    found = random_effects(*SITES[name], method=method)
    assert found.tau**2 == pytest.approx(numbers("pooling", case, "tau2")[1][0], rel=FITTED, abs=1e-12)
    assert found.weights == pytest.approx(numbers("pooling", case, "weight")[1], rel=FITTED)
    for quantity in ("q", "q_p", "i2"):
        assert getattr(found, quantity) == pytest.approx(
            numbers("pooling", case, quantity)[1][0], rel=FITTED, abs=1e-12
        )


@pytest.mark.parametrize("case", [case for case in POOLED if not case.startswith("two")])
def test_prediction_interval_uses_t_with_two_fewer_than_the_sites(case):
    name, method, limits = case.split("/")
    found = prediction_interval(random_effects(*SITES[name], method=method, limits=limits))
    expected = [numbers("pooling", case, end)[1][0] for end in ("predicted_low", "predicted_high")]
    assert [found.low, found.high] == pytest.approx(expected, rel=FITTED)


def test_equal_precision_has_a_closed_form():
    # With one se for all, REML and DL agree: tau^2 = s^2 - se^2, mean = average, and Hartung-Knapp is the plain t test.
    y = np.array([1.0, 2.0, 4.0, 9.0])
    for method in ("REML", "DL"):
        found = random_effects(y, np.full(4, 0.5), method=method)
        assert found.tau**2 == pytest.approx(np.var(y, ddof=1) - 0.25)
        assert found.estimate.estimate == pytest.approx(4)
        assert found.estimate.se == pytest.approx(np.std(y, ddof=1) / 2)


@pytest.mark.parametrize("name", ["five sites", "twelve sites"])
def test_maximum_likelihood_is_where_a_plain_search_finds_it(name):
    y, se = map(np.array, SITES[name])

    def minus(tau2):
        return -max(
            norm.logpdf(y, mean, np.sqrt(tau2 + se**2)).sum() for mean in [np.average(y, weights=1 / (tau2 + se**2))]
        )

    found = minimize_scalar(minus, bounds=(0, 4), method="bounded", options={"xatol": 1e-12})
    assert between_variance(y, se, "ML") == pytest.approx(found.x, rel=1e-4)


def test_the_higher_of_two_peaks_is_taken():
    # One site is precise and far off: the profile likelihood of tau^2 has a peak at 0 and another beyond.
    y, se = np.array([0.0, 0.05, -0.05, 3.0]), np.array([0.1, 0.1, 0.1, 1.2])
    grid = np.linspace(0, 20, 400_001)
    height = -0.5 * sum(np.log(grid + s**2) for s in se)
    w = 1 / (grid[:, None] + se**2)
    mean = (w * y).sum(axis=1) / w.sum(axis=1)
    height -= 0.5 * (w * (y - mean[:, None]) ** 2).sum(axis=1) + 0.5 * np.log(w.sum(axis=1))
    assert between_variance(y, se, "REML") == pytest.approx(grid[height.argmax()], abs=5e-5)


def test_one_site_pooled_is_that_site():
    found = random_effects([0.4], [0.1])
    assert (found.estimate.estimate, found.estimate.se) == (0.4, 0.1)
    assert [found.estimate.low, found.estimate.high] == pytest.approx([0.4 - 0.1959964, 0.4 + 0.1959964])
    assert "one site" in found.estimate.note
    assert found.weights.tolist() == [1]


@pytest.mark.parametrize(
    ("y", "se", "why"),
    [
        ([], [], "one pair per site"),
        ([0.1, 0.2], [0.1], "one pair per site"),
        ([0.1, np.nan], [0.1, 0.1], "leave that one out"),
        ([0.1, np.inf], [0.1, 0.1], "leave that one out"),
        ([0.1, 0.2], [0.1, 0.0], "leave that one out"),
        ([0.1, 0.2], [0.1, -1.0], "leave that one out"),
        ([0.3, 0.3, 0.3], [0.1, 0.2, 0.1], "no usable standard error"),
    ],
)
def test_degenerate_sites_are_not_estimable(y, se, why):
    with pytest.raises(NotEstimable, match=why):
        random_effects(y, se)


def test_sites_that_agree_exactly_keep_their_own_precision_where_limits_may_not_narrow():
    found = random_effects([0.3, 0.3, 0.3], [0.1, 0.1, 0.1], limits="never narrower")
    assert found.estimate.se == pytest.approx(0.1 / 3**0.5)
    assert found.tau == 0


def test_two_sites_predict_nothing():
    with pytest.raises(NotEstimable, match="fewer than three"):
        prediction_interval(random_effects(*SITES["two sites"]))


@given(st.permutations(range(12)), st.floats(-3, 3), st.floats(0.1, 50))
def test_order_shift_and_unit_of_the_estimates_carry_through(order, shift, unit):
    y, se = map(np.array, SITES["twelve sites"])
    plain = random_effects(y, se)
    moved = random_effects(unit * (y[order] + shift), unit * se[order])
    assert moved.estimate.estimate == pytest.approx(unit * (plain.estimate.estimate + shift), rel=1e-7, abs=1e-8)
    assert moved.estimate.se == pytest.approx(unit * plain.estimate.se, rel=1e-7)
    assert moved.tau == pytest.approx(unit * plain.tau, rel=1e-6)


@pytest.mark.parametrize(("sites", "least", "most"), [(8, 0.80, 0.92), (40, 0.92, 0.98)])
def test_limits_cover_the_true_mean_and_a_new_site_as_documented(sites, least, most):
    rng = np.random.default_rng(20)
    held = predicted = 0
    for _ in range(500):
        se = rng.uniform(0.1, 0.5, sites)
        found = random_effects(rng.normal(0.3, np.hypot(0.3, se)), se)
        new = prediction_interval(found)
        held += found.estimate.low <= 0.3 <= found.estimate.high
        predicted += new.low <= rng.normal(0.3, 0.3) <= new.high
    assert 0.925 <= held / 500 <= 0.98
    assert least <= predicted / 500 <= most
