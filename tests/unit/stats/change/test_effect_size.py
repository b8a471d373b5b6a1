"""Standardized change: the published vectors, closed forms by hand, and refusals."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.change.effect_size import (
    ReferenceRegression,
    effect_size_av,
    effect_size_av_from_summary,
    effect_size_z,
    hedges_g,
    severity_adjusted_effect_size,
)

PRINTED = 5e-4  # three decimals in domain.md


def test_partial_hospital_completers():
    found = effect_size_av_from_summary(16.3, 9.12, 4.63, 5.09, 604)
    assert (found.d, found.g) == pytest.approx((1.477, 1.476), abs=PRINTED)


def test_quality_of_life_where_lower_is_worse():
    assert effect_size_av_from_summary(40.8, 58, 15.1, 16.8, 604, worse="lower").d == pytest.approx(1.078, abs=PRINTED)


def test_a_paired_t_statistic_gives_the_other_effect_size():
    assert effect_size_z(6.24, 73) == pytest.approx(0.730, abs=PRINTED)


def test_effect_size_by_hand():
    # means 14 and 8, both SDs 2, n = 3, perfectly correlated
    found = effect_size_av([12, 14, 16], [6, 8, 10])
    assert found.d == pytest.approx(3)
    assert found.correction == pytest.approx(1 - 3 / 7)
    assert found.g == pytest.approx(3 * 4 / 7)
    assert found.correlation == pytest.approx(1)
    assert found.variance == pytest.approx(0, abs=1e-12)


def test_variance_closed_form():
    found = effect_size_av_from_summary(20, 15, 5, 5, 50, correlation=0.5)
    assert found.variance == pytest.approx((1 / 50 + 1 / 100) * 2 * 0.5, rel=1e-12)


def test_people_without_both_scores_are_not_counted():
    whole = effect_size_av([12, 14, 16, 20], [6, 8, 10, 11])
    some_lost = effect_size_av([12, np.nan, 14, 16, 20, 9], [6, 3, 8, 10, 11, np.nan])
    assert some_lost == whole


def test_difference_between_groups_by_hand():
    # SD 4 in both, improvements 6 and 4, ten people each: g = J / 2, J = 1 - 3/71
    found = hedges_g(6, 4, 10, 4, 4, 10)
    g = (1 - 3 / 71) / 2
    assert found.estimate == pytest.approx(g, rel=1e-12)
    assert found.se == pytest.approx((20 / 100 + g * g / 40) ** 0.5, rel=1e-12)
    assert found.low < found.estimate < found.high
    assert hedges_g(4, 4, 10, 6, 4, 10).estimate == pytest.approx(-g)


REFERENCE = ReferenceRegression(intercept=1.0, slope=0.5, baseline_sd=5.0, source="a stated group")


def test_change_beyond_what_equally_severe_people_showed():
    # expected afterwards: 6, 11 and 8.5
    found = severity_adjusted_effect_size([10, 20, 15, np.nan], [6, 6, 11, 3], reference=REFERENCE)
    assert found.person[:3] == pytest.approx([0, 1, -0.5])
    assert np.isnan(found.person[3])
    assert found.mean.estimate == pytest.approx(1 / 6)
    assert (found.mean.n, found.mean.df, found.source) == (3, 2, "a stated group")


def test_the_reference_group_itself_has_no_adjusted_change():
    draw = np.random.default_rng(4)
    before = draw.normal(15, 5, 400)
    after = 3 + 0.6 * before + draw.normal(0, 4, 400)
    slope, intercept = np.polyfit(before, after, 1)
    own = ReferenceRegression(float(intercept), float(slope), float(before.std(ddof=1)), "itself")
    assert severity_adjusted_effect_size(before, after, reference=own).mean.estimate == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (lambda: effect_size_av([], []), "collect more"),
        (lambda: effect_size_av([1, 2], [1, 2]), "collect more"),
        (lambda: effect_size_av([5, 5, 5], [3, 3, 3]), "mean change in points"),
        (lambda: effect_size_av([5, 5, np.inf], [3, 3, 3]), "impossible"),
        (lambda: effect_size_av_from_summary(5, 3, -1, 4, 10), "mean change in points"),
        (lambda: effect_size_av_from_summary(np.nan, 3, 1, 4, 10), "mean change in points"),
        (lambda: effect_size_z(np.nan, 10), "collect more"),
        (lambda: effect_size_z(2.0, 1), "collect more"),
        (lambda: hedges_g(5, 1, 1, 4, 1, 10), "collect more"),
        (lambda: hedges_g(5, 0, 10, 4, 0, 10), "difference in points"),
        (lambda: hedges_g(5, np.nan, 10, 4, 1, 10), "collect more"),
        (lambda: severity_adjusted_effect_size([10], [5], reference=REFERENCE), "collect more"),
        (lambda: severity_adjusted_effect_size([10, 10], [5, 5], reference=REFERENCE), "standard error"),
        (
            lambda: severity_adjusted_effect_size([10, 12], [5, 5], reference=ReferenceRegression(0, 1, 0, "")),
            "baseline SD",
        ),
    ],
)
def test_effect_sizes_that_do_not_exist_are_refused(call, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        call()
