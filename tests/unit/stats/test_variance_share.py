"""How much of what people's change differs by lies between therapists."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.variance_share import share_between
from tests.reference.written import numbers

EXACT = 1e-9


def told_by_r(case):
    return [numbers("variance_share", case, name)[1] for name in ("y", "who", "x")]


@pytest.mark.parametrize("case", ["equal", "unequal", "alike"])
def test_the_share_and_its_limits_are_those_of_r(case):
    y, who, x = told_by_r(case)
    found = share_between(y, who, np.zeros(y.size), x)
    for name, value in (("share", found.estimate), ("low", found.low), ("high", found.high)):
        assert value == pytest.approx(numbers("variance_share", case, name)[1][0], rel=EXACT, abs=1e-12)


def test_of_therapists_with_equally_many_people_it_is_what_restricted_likelihood_gives():
    y, who, _ = told_by_r("equal")
    found = share_between(y, who, np.zeros(y.size), np.zeros((y.size, 0)))
    assert found.estimate == pytest.approx(numbers("variance_share", "restricted likelihood", "share")[1][0], abs=1e-6)


def test_by_hand_of_six_therapists_with_two_people_each():
    y = np.array([1.0, 3, 1, 3, 5, 7, 5, 7, 9, 11, 9, 11])
    found = share_between(y, np.arange(12) // 2, np.zeros(12), np.zeros((12, 0)))
    between, within = 2 * 12.8, 2.0  # means 2 2 6 6 10 10: variance 64 / 5; each pair lies 1 off its mean
    assert found.estimate == pytest.approx((between - within) / (between + within))
    assert found.low <= found.estimate <= found.high


def test_sites_that_differ_do_not_make_their_therapists_look_different():
    y, who, x = told_by_r("alike")
    twice = np.concatenate([y, y + 100]), np.concatenate([who, who + 50]), np.repeat([0, 1], y.size)
    assert share_between(*twice, np.concatenate([x, x])).estimate == pytest.approx(
        share_between(y, who, np.zeros(y.size), x).estimate, abs=0.05
    )


def test_too_few_therapists_or_nobody_who_shares_one_is_refused():
    r = np.random.default_rng(1)
    with pytest.raises(NotEstimable, match="widen the period"):
        share_between(r.normal(size=50), np.arange(50) % 5, np.zeros(50), np.zeros((50, 0)))
    with pytest.raises(NotEstimable, match="widen the period"):
        share_between(r.normal(size=50), np.arange(50), np.zeros(50), np.zeros((50, 0)))
