"""What limits leave open, rule out, and what would narrow them: worked by hand and by sampling more people."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import critical_value
from pipeline.stats.robustness.compatibility import more_people, narrower, ruled_out
from pipeline.stats.robustness.noninferiority import required_n

limits = st.tuples(st.floats(-9, 9), st.floats(-9, 9)).map(sorted).filter(lambda both: max(map(abs, both)) > 1e-3)


@pytest.mark.parametrize(
    ("low", "high", "beyond"),
    [
        (-2.0, 3.0, 3.5),
        (-4.1, 1.0, 4.5),
        (0.2, 0.93, 1.0),
        (-0.12, 0.05, 0.14),
        (-2, 3.98, 4.5),
        (-13.2, 2, 14),
        (-0.34, 0.2, 0.35),
        (-0.3, 0.1, 0.35),
        (-0.7, 0.1, 0.8),
        (0.1, 1.2, 1.4),
        (-0.298, 0.1, 0.35),
    ],
)
def test_the_smallest_round_difference_beyond_both_limits_is_ruled_out(low, high, beyond):
    assert ruled_out(low, high) == beyond


@given(limits)
def test_what_is_ruled_out_lies_beyond_both_limits_and_not_far_beyond(both):
    farthest = max(map(abs, both))
    assert farthest < ruled_out(*both) <= 1.26 * farthest + 1e-9


@given(limits)
def test_which_arm_comes_first_does_not_change_what_is_ruled_out(both):
    low, high = both
    assert ruled_out(low, high) == ruled_out(-high, -low)


def test_limits_of_two_hundred_people_that_are_twice_as_wide_as_wanted_need_six_hundred_more():
    assert more_people(200, 2.0, 1.0) == 600
    assert more_people(120, 1.58, 1.0) == 180  # 120 (1.58^2 - 1) = 179.6
    assert more_people(120, 1.0, 1.0) == 0


def test_with_so_many_more_people_the_limits_are_as_narrow_as_was_said():
    sd, per_arm = 6.0, 60
    half = critical_value(np.inf, 0.95) * sd * (2 / per_arm) ** 0.5
    more = more_people(2 * per_arm, half, 1.0)
    then = critical_value(np.inf, 0.95) * sd * (2 / (per_arm + more / 2)) ** 0.5
    assert 0.97 < then <= 1.0


def test_it_agrees_with_the_sample_size_formula_where_power_is_a_half():
    per_arm = required_n(6, 1, power=0.5 + 1e-9)  # a chance of one half: limits as wide as the margin
    half = critical_value(np.inf, 0.95) * 6 * (2 / 60) ** 0.5
    assert 120 + more_people(120, half, 1.0) == pytest.approx(2 * per_arm, rel=0.02)


def test_the_margin_comes_first_and_a_round_two_thirds_after_it_or_alone():
    assert narrower(4.0, 1.0) == (1.0, 2.0)
    assert narrower(1.2, 1.0) == (1.0,)
    assert narrower(0.9, 1.0) == (0.5,)  # narrower than the margin already: 0.6, and 0.5 is round
    assert narrower(0.18) == (0.1,)


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (lambda: ruled_out(np.nan, 1), "estimate the difference"),
        (lambda: ruled_out(2, 1), "estimate the difference"),
        (lambda: ruled_out(0, 0), "estimate the difference"),
        (lambda: ruled_out(-np.inf, 1), "estimate the difference"),
        (lambda: narrower(0), "estimate the difference"),
        (lambda: more_people(0, 1, 1), "people measured"),
        (lambda: more_people(10, 1, 0), "positive widths"),
        (lambda: more_people(10, np.inf, 1), "positive widths"),
    ],
)
def test_what_cannot_be_told_is_refused(call, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        call()
