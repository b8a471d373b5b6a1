"""Time to the first confirmed improvement: by hand, R's survfit for interval-censored times, and detection bias shown
and removed."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.time_in_care.time_to_first import (
    FirstTimes,
    _intervals,
    _most_likely,
    first_confirmed,
    first_time_difference,
    first_time_incidence,
)
from tests.reference.written import numbers

AS_R = 5e-5  # survfit ends its self-consistent steps that early; the influence test below tells how exact ours is
EXACT = 1e-9
_ = np.nan
NEVER = 5  # one more than the four marks of the examples


@pytest.mark.parametrize(
    ("improved", "after", "by"),
    [
        ([1, 1, 0, 0], 0, 1),  # seen at 1, confirmed at 2; what comes later does not matter
        ([0, 1, 1, 1], 1, 2),
        ([0, 1, 0, 1], 3, NEVER),  # the first sight was not borne out; the last score only says so of the one before it
        ([0, 1, 0, 0], 3, NEVER),
        ([0, 0, 0, 1], 3, NEVER),
        ([0, 0, 0, 0], 3, NEVER),
        ([0, _, 1, 1], 1, 3),  # somewhere between marks 1 and 3
        ([_, _, 1, 1], 0, 3),
        ([0, 1, _, 1], 1, 2),  # confirmed by the next score there is
        ([0, _, _, 1], 1, NEVER),
        ([_, 1, _, _], 0, NEVER),  # looked at once: nothing is known
        ([_, _, _, _], 0, NEVER),
    ],
)
def test_the_first_improvement_counts_where_the_next_score_confirms_it(improved, after, by):
    found = first_confirmed([improved])
    assert (found.after.tolist(), found.by.tolist()) == ([after], [by])


def test_where_nobody_misses_a_mark_it_is_the_share_of_people_by_hand():
    times = FirstTimes(np.array([0, 0, 1, 3, 3, 3, 3, 3]), np.array([1, 1, 2, 5, 5, 5, 5, 5]))
    found = first_time_incidence(times, 4)
    assert found.estimate[:3] == pytest.approx([2 / 8, 3 / 8, 3 / 8])
    assert np.isnan(found.estimate[3])
    # n - 1 in the denominator: sqrt(p (1 - p) / (n - 1))
    assert found.se[:3] == pytest.approx(np.sqrt(np.array([2 * 6, 3 * 5, 3 * 5]) / 64 / 7))
    assert found.events.tolist() == [2, 3, 3, 3]
    pseudo = found.estimate[1] + found.influence[:, 1]
    assert pseudo == pytest.approx(
        [1, 1, 1, 0, 0, 0, 0, 0]
    )  # with complete data a pseudo-observation is the thing itself


def people():
    after, by, weight = (numbers("time_to_first", "people", name)[1] for name in ("after", "by", "weight"))
    return FirstTimes(after.astype(int), by.astype(int)), weight


@pytest.mark.parametrize(("case", "weighted"), [("plain", False), ("weighted", True)])
def test_interval_censored_shares_equal_survfit(case, weighted):
    times, weight = people()
    found = first_time_incidence(times, 6, weights=weight if weighted else None)
    assert found.estimate[:5] == pytest.approx(numbers("time_to_first", case, "estimate")[1], abs=AS_R)


@pytest.mark.parametrize(("case", "weighted"), [("exact", False), ("weighted_exact", True)])
def test_without_gaps_shares_and_standard_errors_equal_the_life_table_with_its_infinitesimal_jackknife(case, weighted):
    times, weight = people()
    seen = times.by < 7
    exact = FirstTimes(times.after, np.where(seen, times.after + 1, 7))
    found = first_time_incidence(exact, 6, weights=weight if weighted else None)
    assert found.estimate[:5] == pytest.approx(numbers("time_to_first", case, "estimate")[1], abs=EXACT)
    lifted = np.sqrt(150 / 149)
    assert found.se[:5] == pytest.approx(lifted * numbers("time_to_first", case, "se")[1], rel=1e-6)


def test_the_influence_of_a_person_is_what_leaving_them_out_changes():
    times, weight = people()
    found = first_time_incidence(times, 6, weights=weight)
    for i in (0, 7, 30, 77):
        less = weight.copy()
        less[i] *= 1 - 1e-4
        moved = first_time_incidence(times, 6, weights=less).estimate[:5] - found.estimate[:5]
        assert moved == pytest.approx(-1e-4 * weight[i] / weight.sum() * found.influence[i, :5], abs=1e-9, rel=1e-2)
    assert weight @ found.influence[:, :5] == pytest.approx(np.zeros(5), abs=1e-6)


def test_a_mark_that_the_data_do_not_tell_from_the_next_has_no_share():
    # looked at only at marks 2 and 4, so nobody can say what happened by 1 or by 3
    times = first_confirmed([[_, 1, _, 1], [_, 0, _, 1], [_, 0, _, 0], [_, 1, _, 1]])
    found = first_time_incidence(times, 4)
    assert np.isnan(found.estimate).tolist() == [True, False, True, True]
    assert found.estimate[1] == pytest.approx(0.5)
    with pytest.raises(NotEstimable, match="both arms are measured"):
        first_time_difference(found, found, 3)


@pytest.mark.parametrize("seed", range(40))
def test_no_other_shares_are_more_likely(seed):
    # at a maximum over shares that add up to 1 the mean of a_ij / (a_i'p) is 1 where p_j > 0, and at most 1 where p_j
    # is 0
    rng = np.random.default_rng(seed)
    n, marks = int(rng.integers(3, 60)), int(rng.integers(2, 7))
    improved = np.where(rng.random((n, marks)) < 0.5, (rng.random((n, marks)) < 0.4).astype(float), np.nan)
    weight = rng.exponential(size=n) * (rng.random(n) < 0.8)
    times = first_confirmed(improved)
    if not (((times.after > 0) | (times.by <= marks)) & (weight > 0)).any():
        return
    inside, w = _intervals(times, marks, weight)
    p = _most_likely(inside, w, marks)
    slope = (w[w > 0] / w.sum() / (inside[w > 0] @ p)) @ inside[w > 0]
    assert p.sum() == pytest.approx(1)
    assert slope[p > 1e-9] == pytest.approx(1, abs=1e-6)
    assert slope.max() <= 1 + 1e-6


def test_splitting_a_person_into_two_halves_of_one_cluster_changes_nothing():
    times, weight = people()
    twice = FirstTimes(np.repeat(times.after, 2), np.repeat(times.by, 2))
    once = first_time_incidence(times, 6, weights=weight, cluster=np.arange(150))
    halves = first_time_incidence(twice, 6, weights=np.repeat(weight, 2) / 2, cluster=np.repeat(np.arange(150), 2))
    assert halves.estimate[:5] == pytest.approx(once.estimate[:5], abs=1e-9)
    assert halves.se[:5] == pytest.approx(once.se[:5], rel=1e-6)


def test_shares_rise_and_limits_hold_them():
    times, weight = people()
    found = first_time_incidence(times, 6, weights=weight)
    assert (np.diff(found.estimate[:5]) >= 0).all()
    assert ((found.low < found.estimate) & (found.estimate < found.high))[:5].all()


def course(n, rng):
    """Scores every half week for 12 weeks: improvement rises to its own height and holds; errors of measurement beside
    it."""
    height, speed = rng.normal(7, 4, n), rng.exponential(3, n)
    week = np.arange(1, 25) / 2
    true = height[:, None] * (1 - np.exp(-week / speed[:, None]))
    return true, true + rng.normal(0, 2, true.shape)


def test_who_is_looked_at_more_often_does_not_improve_earlier_on_the_common_schedule_though_first_crossings_say_so():
    rng = np.random.default_rng(3)
    reliable, marks = 6.0, np.array([3, 7, 11, 15, 19, 23])  # weeks 2, 4, 6, 8, 10, 12
    often, seldom = course(3000, rng)[1], course(3000, rng)[1]
    first = (often[:, :16] >= reliable).any(axis=1), (seldom[:, [7, 15]] >= reliable).any(axis=1)
    assert first[0].mean() - first[1].mean() > 0.08  # by week 8 looked at twice a week, or every four weeks
    # the same schedule for both: every fourth week, the others dropped, two in three kept
    shares = []
    for scores in (often, seldom):
        there = np.where(rng.random((3000, 3)) < 0.8, 1.0, np.nan)
        shares.append(first_time_incidence(first_confirmed((scores[:, marks[[1, 3, 5]]] >= reliable) * there), 3))
    found = first_time_difference(shares[0], shares[1], 2)
    assert found.low < 0 < found.high
    assert found.se < 0.02


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: first_confirmed([[1], [0]]), "two marks or more"),
        (lambda: first_confirmed([[1, 2]]), "1, 0 or nothing"),
        (lambda: first_confirmed([1, 0]), "two marks or more"),
        (lambda: first_time_incidence(first_confirmed([[_, _], [1, _]]), 2), "two scores on the schedule"),
        (lambda: first_time_incidence(first_confirmed([[1, 1]]), 2, weights=[0.0]), "positive sum"),
        (lambda: first_time_incidence(first_confirmed([[1, 1]]), 2, weights=[np.nan]), "positive sum"),
        (lambda: first_time_incidence(first_confirmed([[1, 1]]), 2, weights=[1, 1]), "one per person"),
    ],
)
def test_what_has_no_answer_says_what_would_give_one(call, why):
    with pytest.raises(NotEstimable, match=why):
        call()


def test_when_everybody_improved_at_once_there_is_no_spread_and_no_limit():
    found = first_time_incidence(first_confirmed(np.ones((5, 3))), 3)
    assert found.estimate[:2].tolist() == [1, 1]
    assert np.isnan(found.low[:2]).all()
    with pytest.raises(NotEstimable, match="standard error"):
        first_time_difference(found, found, 1)
