"""How long similar people stay: derivatives against R where weights are known, whole limits against refitting."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.time_in_care.adjusted_stays import adjusted_stays, course_test, still_there
from pipeline.stats.time_in_care.influence import curve_slope, log_rank_slope
from pipeline.stats.time_in_care.log_rank import quadratic_form
from pipeline.stats.time_in_care.risk_table import risk_table
from tests.reference.written import numbers, people

EXACT = 1e-8


def weighted_table(group, arm=None, arms=1):
    return risk_table(
        group.day, group.state > 0, arm=arm, weights=group.weight, kind="probability", arms=arms, causes=1
    )


def moved(group, table, step):
    """How much each person moves the curve of everybody."""
    value, lost, ended = curve_slope(table, step)
    place = np.searchsorted(table.day, group.day, side="right")
    return value, group.weight * np.where(group.state > 0, ended[place], lost[place])


@pytest.mark.parametrize("name", ["small", "large"])
def test_standard_errors_of_weighted_curves_are_those_of_r(name):
    group = people(name)
    table = weighted_table(group)
    days, errors = numbers("survival", f"{name} probability", "se")
    _, curve = numbers("survival", f"{name} probability", "estimate")
    for day, error, height in zip(days, errors, curve, strict=False):
        step = np.searchsorted(table.day, day, side="right")
        value, influence = moved(group, table, step)
        assert (value, np.sqrt(influence @ influence)) == pytest.approx((height, error), rel=EXACT, abs=1e-12)


@pytest.mark.parametrize("case", ["small 2", "small 3", "large 2", "large 3", "large 5"])
def test_the_weighted_log_rank_test_is_the_robust_score_test_of_r(case):
    name, k = case.split()
    group = people(name)[:1000]
    arm = group.arm % int(k)
    table = weighted_table(group, arm, int(k))
    slopes = np.column_stack([log_rank_slope(table, group.day, group.state > 0, arm, a) for a in range(int(k))])
    influence = group.weight[:, None] * slopes
    chi_square, free = quadratic_form(influence.sum(axis=0), influence.T @ influence)
    assert chi_square == pytest.approx(numbers("survival", f"{case} weighted", "chi_square")[1][0], rel=EXACT)
    assert free == int(k) - 1


def test_the_log_rank_score_by_hand():
    # weights 1 (ends day 2), 3 (there on day 5) against 2 (ends day 4), 2 (there on day 5):
    # day 2: 1 ends, of 8 at risk 4 are ours: 1 - 1/2; day 4: 2 end, of 7 at risk 3 are ours: 0 - 2 x 3/7
    day, ended, arm, weight = np.array([2, 5, 4, 5]), np.array([1, 0, 1, 0]), np.array([0, 0, 1, 1]), [1, 3, 2, 2]
    table = risk_table(day, ended, arm=arm, weights=weight, kind="probability", causes=1)
    slope = log_rank_slope(table, day, ended > 0, arm, 0)
    assert np.dot(weight, slope) == pytest.approx(1 / 2 - 6 / 7)


PEOPLE = 60
DRAW = np.random.default_rng(11)
X = DRAW.normal(size=(PEOPLE, 2))
ARM = (DRAW.random(PEOPLE) < 1 / (1 + np.exp(-X[:, 0]))).astype(int)
DAY = np.ceil(DRAW.exponential(30 * np.exp(-0.5 * X[:, 0]))).astype(int).clip(max=60)
ENDED = (DAY < 60) & (DRAW.random(PEOPLE) < 0.8)


def fitted(weights=None, arm=ARM, **given):
    return adjusted_stays(DAY, ENDED, arm, X, weights=weights, inference="person", **given)


def refitted(figure):
    """(n,) how much a figure moves with each person's weight, everything fitted again."""
    steps = 1e-3 * np.eye(PEOPLE)
    return np.array([(figure(fitted(1 + step)) - figure(fitted(1 - step))) / 2e-3 for step in steps])


def test_limits_are_those_of_fitting_everything_again_without_a_little_of_each_person():
    found = still_there(fitted(), 1, 20)
    influence = refitted(lambda stays: still_there(stays, 1, 20).estimate)
    # n / (n - 1) of the clusters, n / (n - 3) of the weight model's coefficients
    assert found.se == pytest.approx(np.sqrt(influence @ influence * 60 / 59 * 60 / 57), rel=1e-4)


def test_the_test_is_that_of_fitting_everything_again():
    found = course_test(fitted())
    influence = refitted(lambda stays: course_test(stays).score[1])
    influence -= influence.mean()
    assert found.f == pytest.approx(found.score[1] ** 2 / (influence @ influence * 60 / 59 * 60 / 57), rel=1e-4)
    assert found.df == 59


def test_it_does_not_matter_which_level_comes_first():
    there, back = fitted(), fitted(arm=1 - ARM)
    assert course_test(back).p == pytest.approx(course_test(there).p, rel=1e-6)
    assert still_there(back, 0, 20).low == pytest.approx(still_there(there, 1, 20).low, rel=1e-6)


def test_people_of_one_site_move_together():
    site = np.arange(PEOPLE) % 6
    assert still_there(adjusted_stays(DAY, ENDED, ARM, X, site), 1, 20).df <= 5


@pytest.mark.parametrize("day", [np.nan, np.inf, 61])
def test_a_day_that_nobody_was_followed_to_is_refused(day):
    with pytest.raises(NotEstimable, match=r"choose|name whole days"):
        still_there(fitted(), 1, day)


def test_without_any_ending_courses_cannot_be_told_apart():
    stays = adjusted_stays(DAY, np.zeros(PEOPLE), ARM, X, inference="person")
    with pytest.raises(NotEstimable, match="no ending"):
        course_test(stays)


def test_a_level_of_one_person_has_no_course():
    alone = np.zeros_like(ARM)
    alone[0] = 1
    with pytest.raises(NotEstimable):
        still_there(fitted(arm=alone), 1, 2)
