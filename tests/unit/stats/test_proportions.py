"""Shares, rates and their contrasts: R, published counts, fractions, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import NotEstimable
from pipeline.stats.proportions import exact_poisson, exact_share, newcombe_difference, risk_ratio, wilson
from tests.reference.written import numbers, written

EXACT = 1e-8  # closed forms: only the order of additions differs from R
FITTED = 1e-6  # R's log-binomial model is fitted by iteration

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
    assert found.p == pytest.approx(numbers("proportions", case, "p")[1][0], rel=EXACT)


@pytest.mark.parametrize("case", cases("log_ratio"))
def test_risk_ratio_equals_the_log_binomial_model(case):
    found = risk_ratio(*counts(case))
    assert np.log(found.estimate) == pytest.approx(numbers("proportions", case, "log_ratio")[1][0], rel=FITTED)
    assert found.se == pytest.approx(numbers("proportions", case, "log_ratio_se")[1][0], rel=FITTED)


@pytest.mark.parametrize("case", cases("poisson"))
def test_poisson_limits_equal_poisson_test(case):
    found = exact_poisson(*counts(case))
    assert (found.low, found.high) == pytest.approx(tuple(numbers("proportions", case, "poisson")[1]), rel=EXACT)


def test_newcombes_published_example():
    # Newcombe (1998), table II, method 10: 56/70 - 48/80
    found = newcombe_difference(56, 70, 48, 80)
    assert (found.estimate, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_iop_dropout_in_the_national_discharge_records():
    found = risk_ratio(DROPPED_IOP, IOP, DROPPED_OUTPATIENT, OUTPATIENT)
    assert [round(value, 3) for value in (found.estimate, found.low, found.high)] == [0.853, 0.843, 0.863]
    difference = newcombe_difference(DROPPED_IOP, IOP, DROPPED_OUTPATIENT, OUTPATIENT)
    assert round(100 * difference.estimate, 1) == -4.0


def test_counting_terminations_as_dropout_takes_the_difference_away():
    found = risk_ratio(DROPPED_IOP + TERMINATED_IOP, IOP, DROPPED_OUTPATIENT + TERMINATED_OUTPATIENT, OUTPATIENT)
    assert round(found.estimate, 3) == 0.987


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
    if x1 and x0 and (x1 < n1 or x0 < n0):
        ratio = risk_ratio(x1, n1, x0, n0)
        assert ratio.low <= ratio.estimate <= ratio.high
        assert ratio.estimate == pytest.approx(1 / risk_ratio(x0, n0, x1, n1).estimate, rel=1e-12)


@given(st.integers(0, 500), st.floats(0.1, 100))
def test_rates_scale_with_their_exposure(events, exposure):
    one, many = exact_poisson(events), exact_poisson(events, exposure)
    assert one.low <= one.estimate <= one.high
    assert many.high == pytest.approx(one.high / exposure, rel=1e-12)


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
        (risk_ratio, (0, 5, 2, 5), "risk difference"),
        (risk_ratio, (5, 5, 5, 5), "risk difference"),
        (exact_poisson, (-1, 1), "counted"),
        (exact_poisson, (1, 0), "exposure"),
        (exact_poisson, (np.nan, 1), "counted"),
        (exact_poisson, (1, np.inf), "exposure"),
    ],
)
def test_counts_that_give_no_number_are_refused(estimator, arguments, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        estimator(*arguments)
