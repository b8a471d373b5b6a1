"""Control charts: the toy vector, hand-worked limits, R's quantiles, and refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import NotEstimable
from pipeline.stats.monitoring.control_charts import p_prime, runs_signals, u_prime, xmr
from tests.reference.written import written

EVENTS, PEOPLE = [8, 12, 9, 15, 7, 11], [40, 50, 45, 60, 35, 48]
PRINTED = 5e-6  # five decimals in domain.md


def test_the_toy_vector_varies_less_than_chance_so_limits_stay_binomial():
    chart, plain = p_prime(EVENTS, PEOPLE), p_prime(EVENTS, PEOPLE, laney=False)
    assert chart.center == pytest.approx(0.22302, abs=PRINTED)
    assert chart.sigma_z == pytest.approx(0.6080, abs=5e-5)
    assert chart.upper.tolist() == plain.upper.tolist()
    assert chart.upper[0] == pytest.approx(chart.center + 3 * (chart.center * (1 - chart.center) / 40) ** 0.5)


def test_limits_may_be_narrowed_only_on_request():
    asked, kept = p_prime(EVENTS, PEOPLE, narrow=True), p_prime(EVENTS, PEOPLE)
    assert asked.sigma == pytest.approx(kept.sigma * asked.sigma_z)


def test_more_variation_than_chance_widens_limits():
    events, people = [100, 300, 120, 280, 90, 310], [1000] * 6
    chart = p_prime(events, people)
    center = 1200 / 6000
    sd = (center * (1 - center) / 1000) ** 0.5
    sigma_z = np.mean([0.2, 0.18, 0.16, 0.19, 0.22]) / sd / 1.128
    assert chart.sigma_z == pytest.approx(sigma_z)
    assert sigma_z > 1
    assert chart.upper[0] == pytest.approx(center + 3 * sd * sigma_z)
    assert chart.lower[0] == 0  # kept within what is possible
    assert not chart.outside.any()
    assert p_prime(events, people, laney=False).outside.all()


def test_rates_by_hand():
    # 12 events in 60 bed-weeks
    chart = u_prime([2, 4, 3, 3], [15, 15, 10, 20], laney=False)
    assert chart.center == pytest.approx(0.2)
    assert chart.upper[2] == pytest.approx(0.2 + 3 * (0.2 / 10) ** 0.5)
    assert chart.lower.tolist() == [0, 0, 0, 0]


def test_individual_values_by_hand():
    # moving ranges 2, 4, 1: mean 7/3
    chart = xmr([10, 12, 8, 9])
    assert chart.center == 9.75
    assert chart.moving_range.tolist() == [2, 4, 1]
    assert chart.upper[0] == pytest.approx(9.75 + 2.66 * 7 / 3, rel=1e-3)  # 2.66 is 3/1.128 rounded
    assert chart.moving_range_limit == pytest.approx(3.267 * 7 / 3)


def test_a_leap_is_screened_from_the_limits_once():
    values = [10, 11, 10, 11, 10, 11, 40, 41, 40, 41, 40]
    plain, screened = xmr(values), xmr(values, screened=True)
    assert screened.sigma[0] == pytest.approx(1 / 1.128)
    assert plain.sigma[0] == pytest.approx((9 * 1 + 29) / 10 / 1.128)


def test_limits_fixed_on_a_baseline_do_not_follow_a_change():
    values = [10, 11, 9, 10, 11, 9, 10, 25, 26]
    chart = xmr(values, baseline=7)
    assert chart.center == 10
    assert chart.outside.tolist() == [False] * 7 + [True, True]
    first = xmr(values[:7])
    assert chart.upper[0] == pytest.approx(first.upper[0])


@pytest.mark.parametrize(
    "n", sorted({int(row.case) for row in written("proportions") if row.quantity == "longest_allowed"})
)
def test_run_thresholds_equal_r(n):
    expected = {
        row.quantity: row.value for row in written("proportions") if row.case == str(n) and row.quantity != "required_n"
    }
    found = runs_signals(np.tile([1.0, -1.0], n)[:n], 0.0)
    assert found.crossings_needed == expected["crossings_needed"]
    assert found.longest_allowed == expected["longest_allowed"]
    assert (found.longest, found.crossings, found.signal) == (1, n - 1, False)


def test_a_long_run_is_a_signal_and_points_on_the_line_do_not_count():
    # eight above, the middle one on the line, then four alternating: 12 useful points, at most 7 in a row
    found = runs_signals([1, 2, 1, 1, 0, 3, 1, 2, 1, -1, 1, -1, 1], 0)
    assert (found.useful, found.longest, found.longest_allowed) == (12, 8, 7)
    assert found.signal


def test_too_few_crossings_are_a_signal():
    values = [1] * 6 + [-1] * 6 + [1] * 6 + [-1] * 6  # 24 points, 3 crossings, longest run 6 of 8 allowed
    found = runs_signals(values, 0)
    assert (found.crossings, found.crossings_needed, found.longest) == (3, 8, 6)
    assert found.signal


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=30), st.floats(-100, 100))
def test_charts_move_with_their_values(values, shift):
    x = np.round(np.array(values), 2)
    chart, moved = xmr(x), xmr(x + shift)
    assert moved.center == pytest.approx(chart.center + shift, abs=1e-9)
    assert moved.sigma == pytest.approx(chart.sigma, abs=1e-9)
    assert (chart.lower <= chart.center).all()
    assert (chart.center <= chart.upper).all()


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (lambda: xmr([]), "more periods"),
        (lambda: xmr([1]), "more periods"),
        (lambda: xmr([1, np.nan]), "leave that period out"),
        (lambda: xmr([1, np.inf]), "leave that period out"),
        (lambda: xmr([1, 2, 3], baseline=1), "another length"),
        (lambda: xmr([1, 2, 3], baseline=4), "another length"),
        (lambda: p_prime([1, 2], [0, 5]), "without people"),
        (lambda: p_prime([6, 2], [5, 5]), "0 <= events <= n"),
        (lambda: p_prime([-1, 2], [5, 5]), "0 <= events <= n"),
        (lambda: p_prime([0, 0], [5, 5]), "until that changes"),
        (lambda: p_prime([5, 5], [5, 5]), "until that changes"),
        (lambda: u_prime([0, 0], [5, 5]), "until one is"),
        (lambda: u_prime([1, 0], [5, 0]), "without exposure"),
        (lambda: u_prime([-1, 2], [5, 5]), "exposure > 0"),
        (lambda: runs_signals([3, 3, 3], 3), "center line"),
    ],
)
def test_series_without_a_chart_are_refused(call, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        call()


def test_a_constant_series_is_its_own_center():
    chart = xmr([4, 4, 4])
    assert chart.sigma.tolist() == [0, 0, 0]
    assert not chart.outside.any()
