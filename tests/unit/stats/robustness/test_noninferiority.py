"""Verdicts in their exact order, equivalence, and the sizes they ask for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import NotEstimable
from pipeline.stats.robustness.noninferiority import (
    detectable_difference,
    equivalence,
    judge,
    preserved_fraction,
    required_n,
)
from tests.reference.written import numbers

EXACT = 1e-8  # closed forms: only the order of additions differs from R


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.1, 2.0, "better"),
        (-3.0, -1.1, "worse by more than the margin"),
        (-0.9, -0.1, "worse, by less than the margin"),
        (-0.9, 0.5, "not worse by more than the margin"),
        (-1.5, -0.5, "worse"),
        (-1.4, 1.8, "inconclusive"),
        (0.0, 1.0, "not worse by more than the margin"),  # the limit must lie beyond zero
        (-0.9, 0.0, "not worse by more than the margin"),
        (-1.0, 0.5, "inconclusive"),  # exactly at the margin is not enough
        (-2.0, -1.0, "worse"),
        (-1.0, -0.2, "worse"),
        (-5.0, 0.0, "inconclusive"),
    ],
)
def test_the_first_rule_that_applies_gives_the_word(low, high, verdict):
    assert judge(low, high, 1.0) == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.1, 2, "better"), (-2, -0.1, "worse"), (-0.2, 0.3, "inconclusive")]
)
def test_without_a_margin_nothing_is_called_not_worse(low, high, verdict):
    assert judge(low, high) == verdict


limits = st.tuples(st.floats(-9, 9), st.floats(-9, 9)).map(sorted)


@given(limits, st.floats(0.1, 5))
def test_a_verdict_says_what_the_interval_says(interval, margin):
    low, high = interval
    word = judge(low, high, margin)
    assert (word == "better") == (low > 0)
    assert (word in {"worse by more than the margin", "worse, by less than the margin", "worse"}) == (high < 0)
    assert (word in {"better", "worse, by less than the margin", "not worse by more than the margin"}) == (
        low > -margin
    )
    assert (word == "worse by more than the margin") == (high < -margin)


@given(limits, st.floats(0.1, 5), st.floats(0.01, 1))
def test_units_do_not_change_a_verdict(interval, margin, unit):
    low, high = interval
    assert judge(low * 4, high * 4, margin * 4) == judge(low, high, margin)


def test_a_margin_keeps_half_of_what_the_comparator_does():
    assert preserved_fraction(1.0, 2.0) == 0.5
    assert preserved_fraction(1.0, 4.0) == 0.75
    with pytest.raises(NotEstimable, match="smaller margin"):
        preserved_fraction(1.1, 2.0)


def test_people_needed_per_arm_at_the_default_margin():
    assert required_n(6, 1) == int(np.ceil(numbers("proportions", "80", "required_n")[1][0]))
    assert required_n(6, 1, power=0.9) == int(np.ceil(numbers("proportions", "90", "required_n")[1][0]))
    assert required_n(6, 1) in (565, 566)  # domain.md: about 565
    assert required_n(6, 1, power=0.9) == 757


def test_detectable_difference_and_required_size_say_the_same():
    n = required_n(6, 1)
    assert detectable_difference(6 * (2 / n) ** 0.5) == pytest.approx(1, rel=1e-3)
    assert detectable_difference(1.0, df=9) > detectable_difference(1.0)


@pytest.mark.parametrize(("estimate", "df"), [(0.1, 30), (-1.3, 7)])
def test_equivalence_p_values_equal_t_distributions(estimate, df):
    found = equivalence(estimate, 0.6, 2.0, df=df)
    case = f"{estimate}/{df}"
    assert found.p_upper == pytest.approx(numbers("proportions", case, "tost_upper")[1][0], rel=EXACT)


@given(st.floats(-3, 3), st.floats(0.05, 2), st.floats(0.2, 3))
def test_equivalence_by_interval_and_by_tests_is_one_decision(estimate, se, margin):
    found = equivalence(estimate, se, margin)
    if abs(found.p - 0.05) > 1e-9:
        assert found.equivalent == (found.p < 0.05)
    turned = equivalence(-estimate, se, margin)
    assert (turned.p_lower, turned.p_upper) == pytest.approx((found.p_upper, found.p_lower), abs=1e-12)


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (lambda: judge(np.nan, 1, 1), "estimate the difference"),
        (lambda: judge(1, 0, 1), "estimate the difference"),
        (lambda: judge(0, 1, 0), "study.toml"),
        (lambda: judge(0, 1, np.inf), "study.toml"),
        (lambda: preserved_fraction(0, 2), "before outcomes"),
        (lambda: equivalence(0, 0, 1), "standard error"),
        (lambda: equivalence(0, np.nan, 1), "standard error"),
        (lambda: equivalence(0, 1, 0), "study.toml"),
        (lambda: required_n(0, 1), "standard deviation"),
        (lambda: required_n(6, 1, difference=-1), "margin wider"),
        (lambda: required_n(6, 1, power=1), "sample size"),
        (lambda: detectable_difference(0), "standard error"),
        (lambda: detectable_difference(np.inf), "standard error"),
    ],
)
def test_what_cannot_be_judged_is_refused(call, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        call()
