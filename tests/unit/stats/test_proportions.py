"""Shares and their difference: R, published counts, fractions, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import NotEstimable
from pipeline.stats.proportions import exact_share, newcombe_difference, wilson
from tests.reference.written import numbers, written

EXACT = 1e-8  # closed forms: only the order of additions differs from R

IOP, OUTPATIENT = 114_440, 399_037  # TEDS-D 2004, table 2.5: discharges
DROPPED_IOP, DROPPED_OUTPATIENT = 26_561, 108_605
TERMINATED_IOP, TERMINATED_OUTPATIENT = 16_025, 41_913


def cases(quantity):
    return sorted({row.case for row in written("proportions") if row.quantity == quantity})


def counts(case):
    return [float(number) for number in case.split("/")]


@pytest.mark.parametrize("case", cases("wilson"))
def test_wilson_limits_equal_prop_test(case):
    found = wilson(*counts(case))
    assert (found.low, found.high) == pytest.approx(
        tuple(numbers("proportions", case, "wilson")[1]), rel=EXACT, abs=1e-12
    )


@pytest.mark.parametrize("case", cases("exact"))
def test_exact_limits_of_a_share_equal_binom_test_one_sided_where_nobody_or_everybody_had_it(case):
    found = exact_share(*counts(case))
    assert (found.low, found.high) == pytest.approx(
        tuple(numbers("proportions", case, "exact")[1]), rel=EXACT, abs=1e-12
    )


@pytest.mark.parametrize(("events", "n"), [(0, 12), (3, 11), (12, 12), (640, 4000)])
@pytest.mark.parametrize("level", [0.95, 0.998])
def test_limits_are_those_of_statsmodels_at_any_level(events, n, level):
    from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

    for found, method in ((wilson(events, n, level=level), "wilson"), (exact_share(events, n, level=level), "beta")):
        tails = 2 if method == "beta" and events in (0, n) else 1
        peer = proportion_confint(events, n, alpha=(1 - level) * tails, method=method)
        assert (found.low, found.high) == pytest.approx(peer, rel=1e-12, abs=1e-12)
    pair = confint_proportions_2indep(events, n, 5, 40, method="newcomb", compare="diff", alpha=1 - level)
    found = newcombe_difference(events, n, 5, 40, level=level)
    assert (found.low, found.high) == pytest.approx(pair, rel=1e-12)


def test_nobody_in_n_means_at_most_about_three_in_n():
    for n in (50, 300, 2000):
        high = exact_share(0, n).high
        assert (1 - high) ** n == pytest.approx(
            0.05
        )  # a share that large would leave n people without the event 1 time in 20
        assert high == pytest.approx(3 / n, rel=0.04)


def test_exact_limits_are_where_a_binomial_tail_holds_the_error():
    from scipy.stats import binom

    found = exact_share(7, 41)
    assert binom.sf(6, 41, found.low) == pytest.approx(0.025)
    assert binom.cdf(7, 41, found.high) == pytest.approx(0.025)


@pytest.mark.parametrize("case", cases("newcombe"))
def test_difference_equals_newcombe_on_prop_test_limits(case):
    found = newcombe_difference(*counts(case))
    assert (found.low, found.high) == pytest.approx(tuple(numbers("proportions", case, "newcombe")[1]), rel=EXACT)


@pytest.mark.parametrize("case", cases("newcombe"))
def test_the_p_value_of_the_limits_is_near_that_of_a_score_test(case):
    assert newcombe_difference(*counts(case)).p == pytest.approx(numbers("proportions", case, "p")[1][0], abs=0.03)


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 40), st.integers(1, 40))
def test_the_p_value_of_a_difference_is_where_its_limits_reach_none(x1, n1, x0, n0):
    x1, x0 = min(x1, n1), min(x0, n0)
    p = newcombe_difference(x1, n1, x0, n0).p
    if x1 * n0 == x0 * n1:
        assert p == 1
    elif p > 1e-9:
        ends = newcombe_difference(x1, n1, x0, n0, level=1 - p)
        assert min(abs(ends.low), abs(ends.high)) == pytest.approx(0, abs=1e-7)


def test_newcombes_published_example():
    # Newcombe (1998), table II, method 10: 56/70 - 48/80
    found = newcombe_difference(56, 70, 48, 80)
    assert (found.estimate, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_iop_dropout_in_the_national_discharge_records():
    difference = newcombe_difference(DROPPED_IOP, IOP, DROPPED_OUTPATIENT, OUTPATIENT)
    assert round(100 * difference.estimate, 1) == -4.0


def test_counting_terminations_as_dropout_takes_the_difference_away():
    found = newcombe_difference(
        DROPPED_IOP + TERMINATED_IOP, IOP, DROPPED_OUTPATIENT + TERMINATED_OUTPATIENT, OUTPATIENT
    )
    assert round(100 * found.estimate, 1) == -0.5


@given(st.integers(0, 60), st.integers(1, 60), st.integers(0, 60), st.integers(1, 60))
def test_limits_hold_the_estimate_and_turn_with_the_groups(x1, n1, x0, n0):
    x1, x0 = min(x1, n1), min(x0, n0)
    share = wilson(x1, n1)
    assert 0 <= share.low <= share.estimate <= share.high <= 1
    assert share.high == pytest.approx(1 - wilson(n1 - x1, n1).low, abs=1e-12)
    difference, turned = newcombe_difference(x1, n1, x0, n0), newcombe_difference(x0, n0, x1, n1)
    assert -1 <= difference.low <= difference.estimate + 1e-12
    assert difference.estimate <= difference.high + 1e-12
    assert difference.high <= 1
    assert (difference.low, difference.high) == pytest.approx((-turned.high, -turned.low), abs=1e-12)


def test_nobody_with_the_event_in_either_group_is_no_evidence():
    found = newcombe_difference(0, 10, 0, 20)
    assert (found.estimate, found.p) == (0, 1)
    assert found.low < 0 < found.high


@pytest.mark.parametrize(
    ("estimator", "arguments", "remedy"),
    [
        (wilson, (0, 0), "widen"),
        (wilson, (3, 2), "count people once"),
        (wilson, (-1, 2), "count people once"),
        (wilson, (np.nan, 2), "widen"),
        (wilson, (1, np.inf), "widen"),
        (newcombe_difference, (1, 2, 1, 0), "widen"),
    ],
)
def test_counts_that_give_no_number_are_refused(estimator, arguments, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        estimator(*arguments)
