"""Weights against being assessed more often when worse: survival's recurrent events, sandwich's lines, and a known
truth."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.hazards.visit_weights import visit_weights, weighted_trajectory
from tests.reference.written import numbers

AS_R = 1e-7  # coxph stops when its likelihood no longer moves in the ninth digit


def people():
    return {
        name: numbers("visit_weights", "people", name)[1]
        for name in ("id", "arm", "entry", "day", "seen", "before", "score")
    }


def weighed(data):
    return visit_weights(
        data["id"],
        data["entry"],
        data["day"],
        data["seen"] == 1,
        np.column_stack([data["before"], data["arm"]]),
        data["arm"],
    )


def test_the_intensity_equals_coxph_of_recurrent_events_and_the_weights_follow_from_it():
    data = people()
    found = weighed(data)
    assert found.intensity.coefficients == pytest.approx(
        numbers("visit_weights", "intensity", "coefficient")[1], rel=1e-6
    )
    assert np.sqrt(np.diag(found.intensity.covariance)) == pytest.approx(
        numbers("visit_weights", "intensity", "se")[1], rel=1e-6
    )
    assert found.weights[data["seen"] == 1] == pytest.approx(
        numbers("visit_weights", "weights", "weight")[1], rel=AS_R * 10
    )
    assert (found.weights[data["seen"] == 0] == 0).all()
    assert found.largest == found.weights.max()
    assert found.effective_visits < found.visits == int(data["seen"].sum())


def test_the_weighted_line_equals_lm_with_a_clustered_sandwich():
    data = people()
    x = np.column_stack([np.ones(len(data["day"])), data["day"], data["arm"], data["day"] * data["arm"]])
    found = weighted_trajectory(data["id"], data["score"], x, weighed(data).weights)
    assert found.coefficients == pytest.approx(numbers("visit_weights", "line", "coefficient")[1], rel=1e-6)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(numbers("visit_weights", "line", "se")[1], rel=1e-6)


def test_where_nothing_of_the_past_matters_everybody_weighs_the_same():
    data = people()
    found = visit_weights(data["id"], data["entry"], data["day"], data["seen"] == 1, np.ones(len(data["day"])))
    assert found.intensity is None
    assert found.weights[data["seen"] == 1] == pytest.approx(1.0)
    assert found.effective_visits == pytest.approx(found.visits)


def test_weights_that_stand_on_the_arm_alone_are_all_one_when_the_model_holds_the_arm():
    data = people()
    found = visit_weights(data["id"], data["entry"], data["day"], data["seen"] == 1, data["arm"], data["arm"])
    assert found.weights[data["seen"] == 1] == pytest.approx(1.0)


def drawn(n, rng):
    """People whose level wanders; the worse the last day's score, the likelier they are assessed on the next. The mean
    stays 15."""
    level = 15 + rng.normal(0, 4, n)
    last, before = level.copy(), np.zeros(n)
    rows = []
    for day in range(1, 61):
        level = 15 + 0.97 * (level - 15) + rng.normal(0, 4 * np.sqrt(1 - 0.97**2), n)
        comes = rng.random(n) < 0.15 * np.exp(0.15 * (last - 15))
        ends = comes | (day == 60)
        who = np.flatnonzero(ends)
        rows.append(np.column_stack([who, before[who], np.full(who.size, day), comes[who], last[who], level[who]]))
        last[comes], before[comes] = level[comes], day
    return np.vstack(rows).T


def test_who_comes_when_worse_makes_scores_look_worse_and_the_weights_take_most_of_it_away():
    person, entry, day, comes, last, score = drawn(4000, np.random.default_rng(2))
    seen = comes == 1
    plain = score[seen].mean() - 15
    found = visit_weights(person, entry, day, seen, last)
    weighted = weighted_trajectory(person, score, np.ones(len(day)), found.weights)
    assert plain > 0.5
    assert abs(weighted.coefficients[0] - 15) < 0.35 * plain
    assert found.largest < 20
    assert found.note == ""


one = np.ones(4)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: visit_weights([1, 1, 2, 2], 0 * one, one, [False] * 4, one), "nobody was assessed"),
        (lambda: visit_weights([1, 1, 2, 2], one, one, [True] * 4, one), "must end after the day"),
        (lambda: visit_weights([1, 1, 2], 0 * one, one, [True] * 4, one), "must end after the day"),
        (lambda: visit_weights([1, 1, 2, 2], 0 * one, one, [True] * 4, one * np.nan), "missing for some"),
        (lambda: weighted_trajectory([1, 1, 2, 2], one, one, 0 * one), "a score is missing"),
        (lambda: weighted_trajectory([1, 1, 2, 2], one * np.nan, one, one), "a score is missing"),
        (lambda: weighted_trajectory([1, 1, 2, 2], one, np.ones((4, 2)), one), "nothing new"),
        (lambda: weighted_trajectory([1, 1, 1, 1], [1.0, 2, 3, 4], one, one), "one cluster"),
    ],
)
def test_what_has_no_answer_says_what_would_give_one(call, why):
    with pytest.raises(NotEstimable, match=why):
        call()


def test_a_score_that_stands_for_very_many_is_named():
    rng = np.random.default_rng(1)
    n = 2000
    past = rng.normal(0, 1, n)
    past[0] = -14.0
    wait = rng.exponential(np.exp(-past))
    wait[0] = 0.5
    found = visit_weights(np.arange(n), np.zeros(n), wait, np.ones(n, dtype=bool), past)
    assert found.largest > 20
    assert "stands for" in found.note
