"""Likelihood profiles: one model of everybody in R, a closed form, and sites without events."""

from functools import cache

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import poisson

from pipeline.errors import NotEstimable
from pipeline.stats.hazards.profiles import count_profile, cox_profile, log_ratio_grid, pool_profiles
from tests.reference.written import numbers

GRID = log_ratio_grid()
BETWEEN = 2e-6  # cubics between grid points 0.05 apart


def scatter(i, a):
    s = 1000 * np.sin(i * a)
    return s - np.floor(s)


def site_profile(kind, site):
    """One site of profiles.R; site 3 has no event of any kind."""
    i = np.arange(1, 161)
    place = i % 4
    arm, x, time = (scatter(i, 1.9) < 0.3 + 0.1 * place).astype(int), scatter(i, 0.73) * 2 - 1, 1 + 9 * scatter(i, 2.7)
    here, happens = place == site, place < 3
    if kind == "poisson":
        count = poisson.ppf(scatter(i, 1.37), time * np.exp(-2.5 + 0.4 * arm + 0.5 * x + 0.2 * place)) * happens
        return count_profile(count[here], arm[here], GRID, family="poisson", time=time[here], covariates=x[here])
    if kind == "logistic":
        event = (scatter(i, 3.1) < expit(-1.5 + 0.8 * arm + x)) & happens
        return count_profile(event[here], arm[here], GRID, family="logistic")
    ended = (scatter(i, 5.9) < 0.6) & happens
    return cox_profile(np.ceil(40 * scatter(i, 4.3))[here], ended[here], arm[here], GRID, covariates=x[here])


def log_of(found):
    return [np.log(found.estimate), found.se, np.log(found.low), np.log(found.high), found.p]


def reference(case):
    return [numbers("profiles", case, quantity)[1][0] for quantity in ("estimate", "se", "low", "high", "p")]


@pytest.mark.parametrize("kind", ["poisson", "logistic", "cox"])
def test_sites_pooled_equal_one_model_of_everybody(kind):
    found = pool_profiles([site_profile(kind, site) for site in range(3)])
    expected = reference(f"{kind}/all")
    assert log_of(found)[0] == pytest.approx(expected[0], abs=BETWEEN)
    assert found.se == pytest.approx(expected[1], rel=1e-3)
    assert log_of(found)[2:] == pytest.approx(expected[2:], abs=1e-5)


@pytest.mark.parametrize("kind", ["poisson", "logistic", "cox"])
def test_one_site_pooled_is_that_site(kind):
    found = pool_profiles([site_profile(kind, 1)])
    assert log_of(found)[0] == pytest.approx(reference(f"{kind}/one")[0], abs=BETWEEN)
    assert log_of(found)[2:] == pytest.approx(reference(f"{kind}/one")[2:], abs=1e-5)


@pytest.mark.parametrize("kind", ["poisson", "logistic", "cox"])
def test_a_site_without_events_changes_nothing(kind):
    sites = [site_profile(kind, site) for site in range(4)]
    assert sites[3].events == 0
    assert (sites[3].height == 0).all()
    assert log_of(pool_profiles(sites)) == log_of(pool_profiles(sites[:3]))
    assert pool_profiles(sites).n == 160


def test_two_rates_have_the_binomial_as_their_profile():
    # Given 9 events, those in arm 1 are binomial with odds (time in arm 1 / time in arm 0) times the ratio.
    found = count_profile([4, 2, 3], [1, 1, 0], GRID, family="poisson", time=[10, 5, 30])
    chance = expit(GRID + np.log(15 / 30))
    height = 6 * np.log(chance) + 3 * np.log1p(-chance)
    assert found.height == pytest.approx(height - height.max(), abs=1e-9)
    assert found.slope == pytest.approx(6 - 9 * chance, abs=1e-7)
    assert pool_profiles([found]).estimate == pytest.approx((6 / 15) / (3 / 30), rel=BETWEEN)


@pytest.mark.parametrize("kind", ["poisson", "logistic", "cox"])
def test_slope_is_the_derivative_of_height(kind):
    found = site_profile(kind, 2)
    middle = (found.height[2:] - found.height[:-2]) / (found.grid[2:] - found.grid[:-2])
    assert found.slope[1:-1] == pytest.approx(middle, abs=2e-3 * np.abs(found.slope).max())


def test_swapping_arms_turns_the_ratio_over():
    y, arm, time = np.array([3, 0, 2, 1, 4, 0]), np.array([0, 0, 1, 1, 1, 0]), np.array([5, 2, 3, 4, 6, 1])
    one = pool_profiles([count_profile(y, arm, GRID, family="poisson", time=time)])
    other = pool_profiles([count_profile(y, 1 - arm, GRID, family="poisson", time=time)])
    assert [other.estimate, other.low, other.high] == pytest.approx([1 / one.estimate, 1 / one.high, 1 / one.low])


def test_an_arm_without_events_has_a_limit_on_one_side_once_pooled_with_others():
    lone = count_profile([0, 0, 5, 4], [1, 1, 0, 0], GRID, family="poisson")
    with pytest.raises(NotEstimable, match="hardly any events"):
        pool_profiles([lone])
    other = count_profile([1, 0, 2, 4], [1, 1, 0, 0], GRID, family="poisson")
    both = pool_profiles([lone, other])
    assert both.estimate < pool_profiles([other]).estimate
    assert both.events == 16


def test_a_limit_beyond_the_grid_is_infinite():
    found = pool_profiles([count_profile([1, 1], [1, 0], log_ratio_grid(1.0, 41), family="poisson")])
    assert (found.estimate, found.low, found.high) == (pytest.approx(1), 0, np.inf)


Y, A = np.array([1.0, 0, 2, 1]), np.array([1, 0, 1, 0])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"outcome": []}, "each person of the site"),
        ({"exposed": [1, 0, 1]}, "each person of the site"),
        ({"exposed": [2, 0, 1, 0]}, "0 or 1"),
        ({"outcome": [1, np.nan, 2, 1]}, "missing or negative"),
        ({"outcome": [1, -1, 2, 1]}, "missing or negative"),
        ({"time": [1, 0, 1, 1]}, "not above 0"),
        ({"time": [1, np.inf, 1, 1]}, "not above 0"),
        ({"family": "logistic"}, "use poisson"),
        ({"grid": [0.0, 1, 2]}, "log_ratio_grid"),
        ({"grid": [-1.0, 1]}, "log_ratio_grid"),
        ({"grid": [-1.0, 2, 1]}, "log_ratio_grid"),
        ({"covariates": [1, np.nan, 2, 3]}, "missing or infinite"),
    ],
)
def test_impossible_counts_are_refused(change, why):
    given = {"outcome": Y, "exposed": A, "grid": GRID, "family": "poisson"} | change
    with pytest.raises(NotEstimable, match=why):
        count_profile(**given)


def test_a_site_whose_covariate_tells_all_events_says_nothing_about_arms():
    event = np.tile([0, 0, 0, 1, 1, 1], 4)
    silent = count_profile(event, np.arange(24) % 2, GRID, family="logistic", covariates=event - 0.5)
    assert np.abs(silent.height).max() < 1e-6
    with pytest.raises(NotEstimable, match="wait for events"):
        pool_profiles([silent])
    sites = [site_profile("logistic", site) for site in range(3)]
    assert log_of(pool_profiles([*sites, silent])) == pytest.approx(log_of(pool_profiles(sites)), abs=1e-6)


@pytest.mark.parametrize(
    ("profiles", "why"),
    [
        ([], "no site has a profile"),
        (
            [count_profile(Y, A, GRID, family="poisson"), count_profile(Y, A, log_ratio_grid(2), family="poisson")],
            "different grids",
        ),
        ([count_profile(0 * Y, A, GRID, family="poisson")], "wait for events"),
        ([count_profile(Y, 0 * A, GRID, family="poisson")], "wait for events"),
        ([count_profile(Y > -1, A, GRID, family="logistic")], "wait for events"),
        ([cox_profile([3, 4, 5, 6], Y > 9, A, GRID)], "wait for events"),
        ([cox_profile([3, 4, 5, 6], Y > 0, 0 * A, GRID)], "wait for events"),
    ],
)
def test_nothing_to_pool_says_so(profiles, why):
    with pytest.raises(NotEstimable, match=why):
        pool_profiles(profiles)


@cache
def rare_site(exposed, reference):
    return count_profile([exposed, reference], [1, 0], log_ratio_grid(4, 81), family="poisson")


def test_rare_events_pool_without_bias_where_averaging_estimates_is_biased():
    # 40 sites, 0.8 events on average in arm 0 and 1.6 in arm 1; the average needs half an event added to exist at all
    rng, pooled, averaged, covered = np.random.default_rng(6), [], [], 0
    for _ in range(300):
        counts = rng.poisson([1.6, 0.8], (40, 2))
        found = pool_profiles([rare_site(*site) for site in counts.tolist()])
        pooled.append(np.log(found.estimate))
        covered += found.low <= 2 <= found.high
        half = counts + 0.5
        averaged.append(np.average(np.log(half[:, 0] / half[:, 1]), weights=1 / (1 / half).sum(axis=1)))
    assert np.mean(pooled) == pytest.approx(np.log(2), abs=4 * np.std(pooled) / 300**0.5)
    assert abs(np.mean(averaged) - np.log(2)) > 0.15
    assert covered >= 0.92 * 300
