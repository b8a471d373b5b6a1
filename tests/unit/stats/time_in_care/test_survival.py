"""Remaining in care: Kaplan-Meier against hand-worked fractions, R, the slow definition and what must always hold."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import NotEstimable
from pipeline.stats.time_in_care.risk_table import risk_table
from pipeline.stats.time_in_care.survival import at, kaplan_meier, median_day, survival_curves
from tests.reference.written import numbers, people

EXACT = 1e-8  # closed forms: only the order of additions differs from R
SAME = 1e-12  # two routes through the same sums

SIX_DAYS, SIX_ENDED = [9, 2, 5, 3, 2, 3], [False, True, True, False, True, False]

follow_up = st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.integers(1, 3)), min_size=1, max_size=25)


def arguments(case):
    """What a case of survival.R was computed with: (people, keywords)."""
    name, _, kind = case.partition(" ")
    everybody = people(name)
    late = everybody[everybody.day > 0]
    return {
        "plain": (everybody, {}),
        "frequency": (everybody, {"weights": everybody.count}),
        "probability": (everybody, {"weights": everybody.weight, "kind": "probability"}),
        "entry": (late, {"entry": late.entry}),
        "entry probability": (late, {"entry": late.entry, "weights": late.weight, "kind": "probability"}),
    }[kind]


CASES = [
    f"{name} {kind}"
    for name in ("small", "large")
    for kind in ("plain", "frequency", "probability", "entry", "entry probability")
]


@pytest.mark.parametrize("limits", ["log-log", "log"])
@pytest.mark.parametrize("case", CASES)
def test_curve_and_limits_equal_r(case, limits):
    group, keywords = arguments(case)
    curve = kaplan_meier(group.day, group.state > 0, limits=limits, **keywords)
    for quantity in ("estimate", "se", f"low_{limits}", f"high_{limits}"):
        days, value = numbers("survival", case, quantity)
        ours = getattr(at(curve, days), quantity.partition("_")[0])
        known = ~np.isnan(ours)  # R prints limits of 1 where nobody has ended yet; we give none
        assert (value[~known] == 1).all()
        assert ours[known] == pytest.approx(value[known], rel=EXACT)
        assert known.sum() >= len(known) - 2


@pytest.mark.parametrize("case", [case for case in CASES if "entry" not in case])
def test_number_at_risk_on_given_days_equals_r(case):
    group, keywords = arguments(case)
    days, value = numbers("survival", case, "at_risk")
    assert at(kaplan_meier(group.day, group.state > 0, **keywords), days).at_risk == pytest.approx(value, rel=EXACT)


def test_survival_drops_by_the_share_of_those_still_at_risk():
    # six people: endings on days 2, 2 and 5; two lost on day 3; one still in care on day 9
    curve = kaplan_meier(SIX_DAYS, SIX_ENDED)
    assert curve.day.tolist() == [2, 3, 5, 9]
    assert curve.at_risk.tolist() == [6, 4, 2, 1]
    assert curve.estimate == pytest.approx([4 / 6, 4 / 6, 4 / 6 * 1 / 2, 4 / 6 * 1 / 2], rel=SAME)
    greenwood = Fraction(2, 6 * 4), Fraction(2, 6 * 4) + Fraction(1, 2 * 1)
    assert curve.se[[0, 2]] == pytest.approx(
        [4 / 6 * float(greenwood[0]) ** 0.5, 1 / 3 * float(greenwood[1]) ** 0.5], rel=SAME
    )


def test_people_who_come_under_observation_later_are_at_risk_only_from_then_on():
    # A 0-4 ended, B 0-6 lost, C enters on day 3 and ends on 5, D enters on day 4 and ends on 6
    curve = kaplan_meier([4, 6, 5, 6], [True, False, True, True], entry=[0, 0, 3, 4])
    read = at(curve, [3, 4, 5, 6])
    assert read.at_risk.tolist() == [2, 3, 3, 2]
    assert read.estimate == pytest.approx([1, 2 / 3, 2 / 3 * 2 / 3, 2 / 3 * 2 / 3 * 1 / 2], rel=SAME)


def test_somebody_observed_on_no_day_changes_nothing():
    with_them = kaplan_meier([4, 6, 3], [True, False, True], entry=[0, 0, 3])
    without = kaplan_meier([4, 6], [True, False], entry=[0, 0])
    assert with_them.estimate.tolist() == without.estimate.tolist()
    assert with_them.n == 2


def test_unit_probability_weights_give_greenwood_where_everybody_is_seen_from_the_start():
    group = people("large")
    plain = kaplan_meier(group.day, group.state > 0)
    robust = kaplan_meier(group.day, group.state > 0, weights=np.ones(5000), kind="probability")
    assert robust.se == pytest.approx(plain.se, rel=1e-9)


def slow_standard_error(day, ended, entry, weight, when):
    """Sum of squared effects of each person's weight on S(when), by differentiating the product numerically."""

    def survival(mass):
        value = 1.0
        for t in sorted({d for d, e in zip(day, ended, strict=True) if e and d <= when}):
            risk = sum(m for m, d, b in zip(mass, day, entry, strict=True) if b < t <= d)
            gone = sum(m for m, d, e in zip(mass, day, ended, strict=True) if e and d == t)
            value *= 1 - gone / risk
        return value

    total = 0.0
    for i, own in enumerate(weight):
        step = 1e-5 * own
        up, down = (survival([m + sign * step * (j == i) for j, m in enumerate(weight)]) for sign in (1, -1))
        total += (own * (up - down) / (2 * step)) ** 2
    return total**0.5


@pytest.mark.parametrize("seed", range(3))
def test_weighted_standard_error_is_the_effect_of_each_persons_weight(seed):
    draw = np.random.default_rng(seed)
    day = draw.integers(3, 15, 25)
    entry, ended, weight = draw.integers(0, 3, 25), draw.random(25) < 0.6, draw.uniform(0.2, 2, 25)
    curve = kaplan_meier(day, ended, entry=entry, weights=weight, kind="probability")
    numerical = 1e-6  # central differences with a step of 1e-5
    for when in (4, 8, 12):
        if at(curve, when).estimate[0] > 0:
            slow = slow_standard_error(day.tolist(), ended.tolist(), entry.tolist(), weight.tolist(), when)
            assert at(curve, when).se[0] == pytest.approx(slow, rel=numerical)


@given(follow_up, st.randoms())
@settings(max_examples=60, deadline=None)
def test_order_of_rows_units_of_time_and_copies_do_not_matter(rows, random):
    day, ended, count = (np.array(column) for column in zip(*rows, strict=True))
    curve = kaplan_meier(day, ended, weights=count)
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = kaplan_meier(day[order], ended[order], weights=count[order])
    hours = kaplan_meier(day * 24, ended, weights=count)
    copies = kaplan_meier(np.repeat(day, count), np.repeat(ended, count))
    weeks = kaplan_meier(day / 7, ended, weights=count)
    for other in (shuffled, hours, copies, weeks):
        assert other.estimate == pytest.approx(curve.estimate, rel=SAME)
        assert other.se == pytest.approx(curve.se, rel=1e-9, abs=SAME)
    assert (hours.day == curve.day * 24).all()


@given(follow_up)
@settings(max_examples=60, deadline=None)
def test_curves_fall_from_one_and_stay_within_their_limits(rows):
    day, ended, weight = (np.array(column) for column in zip(*rows, strict=True))
    for keywords in ({}, {"weights": weight}, {"weights": weight / 4, "kind": "probability"}):
        curve = kaplan_meier(day, ended, **keywords)
        assert (np.diff(curve.estimate) <= 0).all()
        assert ((curve.estimate >= 0) & (curve.estimate <= 1)).all()
        there = ~np.isnan(curve.low)
        assert (there == ((curve.estimate > 0) & (curve.estimate < 1))).all()
        assert (curve.low[there] <= curve.estimate[there]).all()
        assert (curve.estimate[there] <= curve.high[there]).all()


@given(follow_up)
@settings(max_examples=60, deadline=None)
def test_a_probability_weighted_point_ignores_the_scale_of_weights_and_who_carries_them(rows):
    day, ended, count = (np.array(column) for column in zip(*rows, strict=True))
    whole = kaplan_meier(day, ended, weights=count * 0.7, kind="probability")
    halves = kaplan_meier(np.tile(day, 2), np.tile(ended, 2), weights=np.tile(count * 0.35, 2), kind="probability")
    scaled = kaplan_meier(day, ended, weights=count * 70.0, kind="probability")
    assert halves.estimate == pytest.approx(whole.estimate, abs=SAME)
    assert scaled.estimate == pytest.approx(whole.estimate, abs=SAME)
    assert scaled.se == pytest.approx(whole.se, rel=1e-9, abs=SAME)


def test_every_arm_of_a_risk_table_has_the_curve_of_its_own_people():
    group = people("large")
    curves = survival_curves(risk_table(group.day, group.state > 0, arm=group.arm))
    for arm, curve in enumerate(curves):
        own = group.arm == arm
        alone = kaplan_meier(group.day[own], group.state[own] > 0)
        assert curve.day.tolist() == alone.day.tolist()
        assert curve.estimate == pytest.approx(alone.estimate, rel=SAME)
        assert curve.n == own.sum()


def test_reading_a_curve_takes_the_last_step_at_or_before_the_day():
    read = at(kaplan_meier(SIX_DAYS, SIX_ENDED), [0, 2, 4, 9])
    assert read.estimate == pytest.approx([1, 4 / 6, 4 / 6, 2 / 6], rel=SAME)
    assert read.at_risk.tolist() == [6, 6, 2, 1]
    assert read.events.tolist() == [0, 2, 2, 3]
    assert np.isnan(read.low[0])
    assert np.isnan(read.high[0])


def test_a_day_nobody_was_followed_to_is_not_read():
    with pytest.raises(NotEstimable, match="beyond the last observation"):
        at(kaplan_meier(SIX_DAYS, SIX_ENDED), [10])


def test_a_curve_that_has_reached_zero_stays_there():
    read = at(kaplan_meier([1, 2], [True, True]), [5])
    assert read.estimate.tolist() == [0]
    assert read.at_risk.tolist() == [0]


def test_median_is_the_first_day_on_which_at_most_half_are_left():
    found = median_day(kaplan_meier(SIX_DAYS, SIX_ENDED))
    assert found.estimate == 5
    assert found.low == 2
    assert found.high == np.inf
    assert "beyond the days observed" in found.note


def test_a_median_that_was_not_reached_is_not_estimable():
    with pytest.raises(NotEstimable, match="follow people longer"):
        median_day(kaplan_meier([3, 4, 5], [True, False, False]))


def test_all_endings_on_the_first_day():
    curve = kaplan_meier([0, 0, 0], [True, True, True])
    assert curve.day.tolist() == [0]
    assert curve.estimate.tolist() == [0]
    assert curve.se.tolist() == [0]


def test_nobody_ending_leaves_everybody_in_care_without_limits():
    curve = kaplan_meier([4, 5], [False, False])
    assert curve.estimate.tolist() == [1, 1]
    assert np.isnan(curve.low).all()


def test_people_with_weight_zero_are_not_there():
    assert kaplan_meier([1, 2, 3], [True, True, False], weights=[0, 1, 1], kind="probability").n == 2
