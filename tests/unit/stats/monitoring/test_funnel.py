"""Funnels: the toy vector, R, exact limits for small units, and no outlier wording for few units."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.monitoring.funnel import funnel, overdispersion, standardized_ratio
from tests.reference.written import numbers

EXACT = 1e-8  # closed forms: only the order of additions differs from R
EIGHT = [30, 45, 12, 60, 25, 80, 15, 22], [100, 120, 60, 150, 110, 160, 70, 50]
TWELVE = [30, 45, 12, 60, 25, 80, 15, 22, 41, 9, 33, 52], [100, 120, 60, 150, 110, 160, 70, 50, 90, 44, 71, 130]


def test_the_toy_vector_of_eight_units_has_numbers_but_no_limits():
    found = funnel(*EIGHT, winsorize=0)
    assert (found.target, found.phi, found.tau) == pytest.approx((0.35244, 4.927, 0.10256), abs=5e-4)
    assert found.units == 8
    assert found.limits is None


def test_twelve_units_equal_r():
    found = funnel(*TWELVE)
    assert found.phi == pytest.approx(numbers("proportions", "twelve sites", "phi")[1][0], rel=EXACT)
    assert found.tau == pytest.approx(numbers("proportions", "twelve sites", "tau")[1][0], rel=EXACT)
    assert found.limits.lower_998 == pytest.approx(numbers("proportions", "twelve sites", "lower_998")[1], rel=EXACT)


def test_limits_nest_and_widen_with_small_units():
    limits = funnel(*TWELVE).limits
    assert (limits.lower_998 < limits.lower_95).all()
    assert (limits.upper_95 < limits.upper_998).all()
    order = np.argsort(TWELVE[1])
    assert (np.diff((limits.upper_998 - limits.lower_998)[order]) < 0).all()


def test_units_that_differ_by_chance_alone_have_no_overdispersion():
    found = funnel([20, 21, 19, 20, 22, 18, 20, 21, 19, 20], [100] * 10)
    assert found.tau == 0
    assert not found.limits.outside.any()
    sd = (0.2 * 0.8 / 100) ** 0.5
    assert found.limits.upper_998[0] == pytest.approx(0.2 + 3.090232 * sd)


def test_a_unit_far_from_the_rest_lies_outside():
    found = funnel([50] * 19 + [230], [500] * 20, winsorize=0.1)
    assert found.limits.outside.tolist() == [False] * 19 + [True]


def test_small_units_get_exact_binomial_limits():
    # ten people, target 0.1: P(0) = 0.9^10 = .349 > .025, so the lower limit is 0; P(X <= 3) = .987, P(X <= 2) = .930
    found = funnel([1] * 12, [10] * 12, target=0.1)
    assert found.tau == 0
    p2 = sum(c * 0.1**k * 0.9 ** (10 - k) for k, c in ((0, 1), (1, 10), (2, 45)))
    p3 = p2 + 120 * 0.1**3 * 0.9**7
    upper = (3 - (p3 - 0.975) / (p3 - p2)) / 10
    assert found.limits.lower_95.tolist() == [0] * 12
    assert found.limits.upper_95 == pytest.approx([upper] * 12, rel=1e-9)


def test_ratios_are_drawn_on_the_log_scale():
    observed, expected = np.array([10, 12, 9, 11, 10, 8, 12, 10, 9, 11.0]), np.full(10, 10.0)
    found = funnel(observed, expected, kind="ratio", target=1.0)
    assert found.tau == 0
    assert found.limits.upper_95[0] == pytest.approx(np.exp(1.959964 / 10**0.5))
    assert found.limits.lower_95[0] == pytest.approx(np.exp(-1.959964 / 10**0.5))
    assert np.isfinite(funnel([0, *observed[1:]], expected, kind="ratio").z).all()


def test_winsorizing_clamps_to_the_tenth_and_ninetieth_percentile():
    # z = -5 and 5 at the ends of eleven: type-7 quantiles are the second and tenth
    z = [-5, -1, -0.5, 0, 0, 0, 0, 0, 0.5, 1, 5]
    assert overdispersion(z, np.ones(11)).phi == pytest.approx((4 * 1 + 2 * 0.25) / 11)
    assert overdispersion(z, np.ones(11), winsorize=0).phi == pytest.approx((2 * 25 + 2 * 1 + 2 * 0.25) / 11)


def test_observed_over_expected_with_exact_limits():
    found = standardized_ratio(0, 2.5)
    assert (found.estimate, found.low) == (0, 0)
    assert found.high == pytest.approx(-np.log(0.025) / 2.5)  # nobody expected with probability .025
    assert standardized_ratio(15, 10).estimate == 1.5


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (lambda: funnel([], []), "more sites"),
        (lambda: funnel([1], [5]), "more sites"),
        (lambda: funnel([1, 2], [5, 0]), "leave it out"),
        (lambda: funnel([1, np.nan], [5, 5]), "leave it out"),
        (lambda: funnel([1, 2], [5, np.inf]), "leave it out"),
        (lambda: funnel([1, 7], [5, 5]), "count people once"),
        (lambda: funnel([0, 0], [5, 5]), "until that changes"),
        (lambda: funnel([5, 5], [5, 5]), "until that changes"),
        (lambda: overdispersion([1.0], [1.0]), "more sites"),
        (lambda: standardized_ratio(3, 0), "widen"),
        (lambda: standardized_ratio(3, np.nan), "widen"),
    ],
)
def test_units_without_a_funnel_are_refused(call, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        call()
