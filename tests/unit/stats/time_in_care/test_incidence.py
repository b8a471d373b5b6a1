"""How many have left for each reason: Aalen-Johansen against R, by hand, by a second route, and what must always
hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import NotEstimable
from pipeline.stats.time_in_care.incidence import aalen_johansen, incidence_at, incidence_curves
from pipeline.stats.time_in_care.risk_table import risk_table
from pipeline.stats.time_in_care.survival import kaplan_meier
from tests.reference.written import numbers, people
from tests.unit.stats.time_in_care.test_survival import CASES, arguments

EXACT = 1e-8  # closed forms: only the order of additions differs from R
SAME = 1e-12  # two routes through the same sums

leaving = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=25)


@pytest.mark.parametrize("cause", [1, 2, 3])
@pytest.mark.parametrize("case", CASES)
def test_incidence_and_limits_equal_survfit(case, cause):
    group, keywords = arguments(case)
    curves = aalen_johansen(group.day, group.state, **keywords)
    for quantity in ("estimate", "se", "low", "high"):
        days, value = numbers("cuminc", case, quantity, cause)
        ours = getattr(incidence_at(curves, days), quantity)[:, cause - 1]
        known = ~np.isnan(ours)  # R prints limits of 0 where nobody has ended this way yet; we give none
        assert (value[~known] == 0).all()
        assert ours[known] == pytest.approx(value[known], rel=EXACT, abs=1e-14)
        assert known.sum() >= len(known) - 3


@pytest.mark.parametrize("cause", [1, 2, 3])
@pytest.mark.parametrize("name", ["small", "large"])
def test_aalens_variance_equals_cuminc(name, cause):
    group = people(name)
    curves = aalen_johansen(group.day, group.state, variance="aalen")
    for quantity in ("estimate", "variance"):
        days, value = numbers("cuminc", f"{name} aalen", quantity, cause)
        read = incidence_at(curves, days)
        ours = read.se**2 if quantity == "variance" else read.estimate
        assert ours[:, cause - 1] == pytest.approx(value, rel=EXACT)


def test_incidence_by_hand():
    # five people: one drops out and one completes on day 2, one lost on day 3, one drops out on day 5, one still there
    # on day 7
    curves = aalen_johansen([2, 2, 3, 5, 7], [1, 2, 0, 1, 0])
    assert curves.day.tolist() == [2, 3, 5, 7]
    assert curves.estimate[:, 0] == pytest.approx([1 / 5, 1 / 5, 1 / 5 + 3 / 5 * 1 / 2, 1 / 2], rel=SAME)
    assert curves.estimate[:, 1] == pytest.approx([1 / 5] * 4, rel=SAME)
    assert curves.in_care == pytest.approx([3 / 5, 3 / 5, 3 / 10, 3 / 10], rel=SAME)


def test_a_single_cause_is_one_minus_kaplan_meier():
    for name in ("small", "large"):
        group = people(name)
        late = group[group.day > 0]
        for entry in (None, late.entry):
            one = aalen_johansen(late.day, late.state > 0, entry=entry, weights=late.weight, kind="probability")
            curve = kaplan_meier(late.day, late.state > 0, entry=entry, weights=late.weight, kind="probability")
            assert 1 - one.estimate[:, 0] == pytest.approx(curve.estimate, abs=SAME)
            assert one.se[:, 0] == pytest.approx(curve.se, rel=1e-9, abs=SAME)


def test_without_losses_the_variance_is_binomial():
    # everybody's ending is seen, so each incidence is a share of 50 people
    draw = np.random.default_rng(3)
    day, state = draw.integers(0, 8, 50), draw.integers(1, 4, 50)
    curves = aalen_johansen(day, state)
    share = np.array([[np.mean((day <= t) & (state == c)) for c in (1, 2, 3)] for t in curves.day])
    assert curves.estimate == pytest.approx(share, abs=SAME)
    assert curves.se == pytest.approx(np.sqrt(share * (1 - share) / 50), abs=1e-10)


def slow_effect(day, state, entry, weight, cause, when):
    """Sum of squared effects of each person's weight on one incidence, by differentiating numerically."""

    def incidence(mass):
        stay, total = 1.0, 0.0
        for t in sorted({d for d, s in zip(day, state, strict=True) if s and d <= when}):
            risk = sum(m for m, d, b in zip(mass, day, entry, strict=True) if b < t <= d)
            ended = [sum(m for m, d, s in zip(mass, day, state, strict=True) if d == t and s == c) for c in (1, 2, 3)]
            total += stay * ended[cause - 1] / risk
            stay *= 1 - sum(ended) / risk
        return total

    squares = 0.0
    for i, own in enumerate(weight):
        step = 1e-5 * own
        up, down = (incidence([m + sign * step * (j == i) for j, m in enumerate(weight)]) for sign in (1, -1))
        squares += (own * (up - down) / (2 * step)) ** 2
    return squares**0.5


@pytest.mark.parametrize("seed", range(3))
def test_standard_error_is_the_effect_of_each_persons_weight(seed):
    draw = np.random.default_rng(seed)
    day, entry, state = draw.integers(4, 16, 30), draw.integers(0, 4, 30), draw.integers(0, 4, 30)
    weight = draw.uniform(0.2, 2, 30)
    curves = aalen_johansen(day, state, causes=3, entry=entry, weights=weight, kind="probability")
    numerical = 1e-6  # central differences with a step of 1e-5
    for when in (6, 10, 13):
        for cause in (1, 2, 3):
            slow = slow_effect(day.tolist(), state.tolist(), entry.tolist(), weight.tolist(), cause, when)
            assert incidence_at(curves, when).se[0, cause - 1] == pytest.approx(slow, rel=numerical, abs=1e-9)


@given(leaving, st.randoms())
@settings(max_examples=60, deadline=None)
def test_order_units_and_copies_do_not_matter(rows, random):
    day, state, count = (np.array(column) for column in zip(*rows, strict=True))
    curves = aalen_johansen(day, state, causes=3, weights=count)
    order = list(range(len(rows)))
    random.shuffle(order)
    for other in (
        aalen_johansen(day[order], state[order], causes=3, weights=count[order]),
        aalen_johansen(day * 24, state, causes=3, weights=count),
        aalen_johansen(np.repeat(day, count), np.repeat(state, count), causes=3),
    ):
        assert other.estimate == pytest.approx(curves.estimate, rel=1e-9, abs=SAME)
        assert other.se == pytest.approx(curves.se, rel=1e-6, abs=1e-9)


@given(leaving)
@settings(max_examples=60, deadline=None)
def test_curves_rise_add_up_and_stay_within_their_limits(rows):
    day, state, weight = (np.array(column) for column in zip(*rows, strict=True))
    for keywords in ({}, {"variance": "aalen"}, {"weights": weight / 4, "kind": "probability"}, {"limits": "log"}):
        curves = aalen_johansen(day, state, causes=3, **keywords)
        assert (np.diff(curves.estimate, axis=0) >= -SAME).all()
        assert curves.estimate.sum(axis=1) + curves.in_care == pytest.approx(np.ones(len(curves.day)), abs=SAME)
        there = ~np.isnan(curves.low)
        assert (curves.low[there] <= curves.estimate[there]).all()
        assert (curves.estimate[there] <= curves.high[there]).all()


@pytest.mark.parametrize("variance", ["jackknife", "aalen"])
def test_every_arm_of_a_risk_table_has_the_curves_of_its_own_people(variance):
    group = people("large")
    table = risk_table(group.day, group.state, arm=group.arm, weights=group.count)
    for arm, curves in enumerate(incidence_curves(table, variance=variance)):
        own = group[group.arm == arm]
        alone = aalen_johansen(own.day, own.state, causes=3, weights=own.count, variance=variance)
        assert curves.day.tolist() == alone.day.tolist()
        assert curves.estimate == pytest.approx(alone.estimate, rel=SAME)
        assert curves.se == pytest.approx(alone.se, rel=1e-9)
        assert curves.n == own.count.sum()


def test_a_risk_table_with_delayed_entry_keeps_too_little_for_the_jackknife():
    with pytest.raises(NotEstimable, match="aalen_johansen"):
        incidence_curves(risk_table([3, 4], [1, 0], entry=[1, 0]))


def test_a_cause_nobody_had_stays_at_zero_without_limits():
    curves = aalen_johansen([1, 2, 3], [1, 0, 1], causes=2)
    assert curves.estimate[:, 1].tolist() == [0, 0, 0]
    assert np.isnan(curves.low[:, 1]).all()


def test_aalens_variance_refuses_probability_weights():
    with pytest.raises(NotEstimable, match="jackknife"):
        aalen_johansen([1, 2], [1, 0], weights=[0.5, 0.5], kind="probability", variance="aalen")


def test_more_causes_than_declared_are_refused():
    with pytest.raises(NotEstimable, match="more codes than declared"):
        aalen_johansen([1, 2], [1, 3], causes=2)
