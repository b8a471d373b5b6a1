"""Days in care by a given day: the area under the curve, against R, by hand and through the curve itself."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.time_in_care.restricted_mean import restricted_mean_survival, rmst_difference
from pipeline.stats.time_in_care.survival import at, kaplan_meier
from tests.reference.written import numbers, people
from tests.unit.stats.time_in_care.test_survival import arguments

EXACT = 1e-8  # closed forms: only the order of additions differs from R
UNTIL = {"small": 9, "large": 90}


@pytest.mark.parametrize("name", ["small", "large"])
@pytest.mark.parametrize("kind", ["plain", "frequency", "probability", "entry"])
def test_restricted_mean_and_its_error_equal_r(name, kind):
    group, keywords = arguments(f"{name} {kind}")
    if kind == "probability":  # R's influence matrix was kept to the first thousand people
        group, keywords = group[slice(1000)], {"weights": group.weight[:1000], "kind": "probability"}
    found = restricted_mean_survival(group.day, group.state > 0, UNTIL[name], **keywords)
    assert found.estimate == pytest.approx(numbers("survival", f"{name} {kind}", "rmst")[1][0], rel=EXACT)
    assert found.se == pytest.approx(numbers("survival", f"{name} {kind}", "rmst_se")[1][0], rel=EXACT)


@pytest.mark.parametrize("until", [1, 5, 5.5, 9])
def test_restricted_mean_is_the_area_under_its_own_curve(until):
    group = people("small")
    curve = kaplan_meier(group.day, group.state > 0)
    fine = np.arange(0, until, 1 / 64)
    found = restricted_mean_survival(group.day, group.state > 0, until)
    assert found.estimate == pytest.approx(at(curve, fine).estimate.sum() / 64, rel=1e-12)


def test_restricted_mean_by_hand():
    # four people: endings on days 2 and 4, one lost on day 3, one there on day 6; up to day 6: 2 + 2 * 3/4 + 2 * 3/8
    found = restricted_mean_survival([2, 3, 4, 6], [1, 0, 1, 0], 6)
    assert found.estimate == pytest.approx(2 + 2 * 3 / 4 + 2 * 3 / 8, rel=1e-12)
    variance = (1.5 + 0.75) ** 2 / (4 * 3) + 0.75**2 / (2 * 1)
    assert found.se == pytest.approx(variance**0.5, rel=1e-12)
    assert (found.n, found.events) == (4, 2)


def test_without_losses_it_is_the_mean_of_the_days_in_care():
    day = np.array([3, 8, 8, 15, 40])
    found = restricted_mean_survival(day, np.ones(5), 10)
    days = np.minimum(day, 10)
    assert found.estimate == pytest.approx(days.mean(), rel=1e-12)
    assert found.se == pytest.approx(days.std() / 5**0.5, rel=1e-12)


def test_unit_probability_weights_change_nothing():
    group = people("large")
    plain = restricted_mean_survival(group.day, group.state > 0, 90)
    robust = restricted_mean_survival(group.day, group.state > 0, 90, weights=np.ones(5000), kind="probability")
    assert (robust.estimate, robust.se) == pytest.approx((plain.estimate, plain.se), rel=1e-10)


def test_differences_are_between_each_arm_and_the_reference():
    group = people("large")
    found = rmst_difference(group.day, group.state > 0, group.arm, 90, reference=2)
    assert found.arms == (0, 1, 3, 4)
    for arm, difference in zip(found.arms, found.differences, strict=True):
        own, base = (
            restricted_mean_survival(group.day[group.arm == a], group.state[group.arm == a] > 0, 90) for a in (arm, 2)
        )
        assert difference.estimate == pytest.approx(own.estimate - base.estimate, rel=1e-12)
        assert difference.se == pytest.approx((own.se**2 + base.se**2) ** 0.5, rel=1e-12)
        assert difference.low < difference.estimate < difference.high


def test_time_units_scale_the_mean():
    group = people("small")
    days, hours = (restricted_mean_survival(group.day * unit, group.state > 0, 9 * unit) for unit in (1, 24))
    assert (hours.estimate, hours.se) == pytest.approx((24 * days.estimate, 24 * days.se), rel=1e-12)


@pytest.mark.parametrize(
    ("day", "ended", "until", "why"),
    [
        ([3, 5], [1, 0], 9, "observation stopped"),
        ([3, 5], [0, 0], 4, "standard error"),
        ([3, 5], [1, 1], 0, "later day"),
        ([3, 5], [1, 1], np.nan, "later day"),
        ([], [], 4, "no person"),
        ([0, 0], [1, 1], 4, "standard error"),
    ],
)
def test_a_mean_these_data_do_not_support_is_refused(day, ended, until, why):
    with pytest.raises(NotEstimable, match=why):
        restricted_mean_survival(day, ended, until)


def test_a_difference_needs_two_arms():
    with pytest.raises(NotEstimable, match="two arms"):
        rmst_difference([3, 5], [1, 1], [0, 0], 4)
