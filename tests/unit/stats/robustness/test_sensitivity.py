"""E-values and robustness values: published examples, the definition itself, and refusals."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import critical_value
from pipeline.stats.meta_analysis import random_effects
from pipeline.stats.robustness.sensitivity import (
    e_value,
    e_value_to_margin,
    leave_one_site_out,
    robustness_value,
    strongest_measured,
)
from tests.reference.written import HERE, numbers

PRINTED = 5e-4  # three decimals in domain.md
PUBLISHED = 5e-3  # two decimals, or whole per mille, in the papers


def test_risk_ratio_of_the_worked_example():
    found = e_value(3.9, 2.4, 6.3)
    assert (found.point, found.limit) == pytest.approx((7.263, 4.233), abs=PRINTED)


def test_standardized_differences():
    half = e_value(0.5, measure="SMD")
    assert (half.risk_ratio, half.point) == pytest.approx((1.576, 2.529), abs=PRINTED)
    assert np.isnan(half.limit)
    less = e_value(-0.35, measure="SMD", se=0.10)
    assert (less.point, less.limit) == pytest.approx((2.093, 1.568), abs=PRINTED)


def test_common_outcomes_are_brought_to_the_risk_ratio_scale():
    hazard = e_value(0.6, measure="HR", common=True)
    assert (hazard.risk_ratio, hazard.point) == pytest.approx((0.7026, 2.200), abs=PRINTED)
    odds = e_value(3.0, measure="OR", common=True)
    assert (odds.risk_ratio, odds.point) == pytest.approx((1.732, 2.86), abs=PUBLISHED)
    assert e_value(3.0, measure="OR").risk_ratio == e_value(3.0, measure="HR").risk_ratio == 3.0


def test_not_worse_is_judged_by_what_moves_the_limit_to_the_margin():
    found = e_value_to_margin(-1.6, 2, 5.5)
    assert (found.risk_ratio, found.point) == pytest.approx((1.07, 1.34), abs=PUBLISHED)
    assert e_value_to_margin(-2.5, 2, 5.5).point == 1  # beyond the margin already


def test_an_interval_that_holds_the_null_needs_no_confounder():
    assert e_value(1.4, 0.9, 2.2).limit == 1
    assert e_value(0.7, 0.5, 1.0).limit == 1


@given(st.floats(0.05, 20), st.floats(1.01, 3))
def test_a_confounder_of_that_strength_explains_the_result_exactly(ratio, width):
    found = e_value(ratio, ratio / width, ratio * width)
    bias = found.point**2 / (2 * found.point - 1)  # Ding & VanderWeele's bounding factor with both strengths at E
    assert bias == pytest.approx(max(ratio, 1 / ratio), rel=1e-9)
    assert 1 <= found.limit <= found.point + 1e-12
    turned = e_value(1 / ratio, 1 / ratio / width, 1 / ratio * width)
    near_null = 1e-7  # E rises from 1 like a square root, so rounding of a ratio near 1 is magnified
    assert (turned.point, turned.limit) == pytest.approx((found.point, found.limit), rel=near_null)


@given(st.floats(-2, 2), st.floats(0.01, 0.5))
def test_limits_of_a_standardized_difference_may_be_given_either_way(d, se):
    half = 1.78 / 0.91 * se
    from_se, from_limits = e_value(d, measure="SMD", se=se), e_value(d, d - half, d + half, measure="SMD")
    assert from_limits.limit == pytest.approx(from_se.limit, rel=1e-9)


def test_the_strongest_measured_confounder_moves_the_estimate_most():
    found = strongest_measured(-0.4, [-0.5, -1.6, -0.3], measure="SMD", sd=5.0)
    assert found.index == 1
    assert found.e_value == pytest.approx(e_value(1.2 / 5, measure="SMD").point, rel=1e-9)
    assert len(found.e_values) == 3


def test_robustness_value_of_the_published_example():
    # Cinelli & Hazlett (2020), Darfur: t = 4.18, 783 degrees of freedom
    assert robustness_value(4.18, 783) == pytest.approx(0.139, abs=PRINTED)
    assert robustness_value(4.18, 783, alpha=0.05) == pytest.approx(0.076, abs=PRINTED)


@given(st.floats(0.1, 40), st.integers(5, 5000))
def test_a_confounder_that_explains_the_robustness_value_of_both_removes_the_estimate(t, df):
    value = robustness_value(t, df)
    # bias in units of the standard error: sqrt(R2_y R2_d / (1 - R2_d)) sqrt(df)
    assert (value * value / (1 - value) * df) ** 0.5 == pytest.approx(t, rel=1e-9)
    assert robustness_value(-t, df) == value
    assert robustness_value(t, df, q=0.5) <= value


def test_an_insignificant_estimate_needs_nothing_to_become_insignificant():
    assert robustness_value(1.2, 100, alpha=0.05) == 0


def test_extreme_t_statistics_use_the_other_bound():
    df, t = 3.0, 60.0
    cut, whole = critical_value(df - 1, 0.95) / (df - 1) ** 0.5, t / df**0.5
    assert robustness_value(t, df, alpha=0.05) == pytest.approx((whole**2 - cut**2) / (1 + whole**2))


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (lambda: e_value(0), "not its logarithm"),
        (lambda: e_value(-1.2), "not its logarithm"),
        (lambda: e_value(np.nan), "not its logarithm"),
        (lambda: e_value(np.inf, measure="OR"), "not its logarithm"),
        (lambda: e_value(2, 1.5), "both limits"),
        (lambda: e_value(2, 2.5, 3), "hold the estimate"),
        (lambda: e_value(np.nan, measure="SMD"), "estimate it first"),
        (lambda: e_value(0.2, measure="SMD", se=np.inf), "estimate it first"),
        (lambda: e_value_to_margin(-1, 0, 5), "study.toml"),
        (lambda: e_value_to_margin(-1, 1, 0), "study.toml"),
        (lambda: e_value_to_margin(np.nan, 1, 5), "estimate it first"),
        (lambda: strongest_measured(1.0, []), "name the confounders"),
        (lambda: robustness_value(np.nan, 10), "finite"),
        (lambda: robustness_value(2, 1), "degree of freedom"),
    ],
)
def test_sensitivity_of_nothing_is_refused(call, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        call()


def test_a_slope_without_each_site_is_that_of_lm():
    with open(HERE / "wild_cluster_people.csv", encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    site, x, z, y = (np.array([float(row[name]) for row in rows]) for name in ("site", "x", "z", "y"))
    design = np.column_stack([x, z, np.ones(40)])
    found = leave_one_site_out(lambda own: np.linalg.lstsq(design[own], y[own], rcond=None)[0], site)
    arms, expected = numbers("leave_one_out", "slope", "estimate")
    assert found.sites.tolist() == arms.tolist()
    assert found.estimates == pytest.approx(expected, rel=1e-10)
    assert (found.lowest, found.highest) == pytest.approx((expected.min(), expected.max()))


def test_a_pooled_estimate_without_each_site_is_that_of_metafor():
    effect, se = np.array([0.31, 0.12, -0.42, 0.05, 0.22, 0.4]), np.array([0.1, 0.2, 0.15, 0.11, 0.3, 0.18])
    found = leave_one_site_out(
        lambda own: np.array([random_effects(effect[own], se[own]).estimate.estimate]), np.arange(6)
    )
    assert found.estimates == pytest.approx(numbers("leave_one_out", "pooled", "estimate")[1], abs=1e-6)
    assert found.most == 2  # the one that points the other way


def test_by_hand_a_mean_that_one_site_alone_makes_positive():
    """1, 1 · -2, -2 · 9, 9: the mean is 8/3; without the last site it is -1/2, without the second 5, without the first
    7/2."""
    y = np.array([1.0, 1, -2, -2, 9, 9])
    found = leave_one_site_out(lambda own: np.array([y[own].mean()]), ["a", "a", "b", "b", "c", "c"])
    assert found.estimates == pytest.approx([7 / 2, 5, -1 / 2])
    assert found.moved == pytest.approx([5 / 6, 7 / 3, -19 / 6])
    assert (found.lowest, found.highest) == (-0.5, 5)
    assert found.sites[found.most] == "c"
    assert found.changes_sign


def test_one_site_or_an_estimate_that_needs_one_cannot_be_left_out():
    y = np.array([1.0, 2, 3, 4])
    with pytest.raises(NotEstimable, match="none can be left out"):
        leave_one_site_out(lambda own: np.array([y[own].mean()]), np.zeros(4))
    with pytest.raises(NotEstimable, match="with all sites"):
        leave_one_site_out(lambda own: np.array([np.nan]), np.arange(4))
