import numpy as np
import pytest
import statsmodels.api as sm

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import critical_value
from pipeline.stats.weighting.arm_means import difference
from pipeline.stats.weighting.effects import augmented_means, fixed_weight_means
from pipeline.stats.weighting.missing import delta_adjust, observation_weights, stands_shifted, tipping_point
from tests.reference.like_for_like import study

CONVERGED = 1e-8


def test_observation_weights_are_one_over_the_logistic_probability():
    s = study()
    peer = sm.Logit(s.observed, sm.add_constant(np.column_stack([s.x, s.arm == 1, s.arm == 2]))).fit(disp=0, tol=1e-14)
    got = observation_weights(s.x, s.arm, s.seen)
    assert got.probability == pytest.approx(peer.predict(), abs=CONVERGED)
    assert got.weights[s.seen] == pytest.approx(1 / peer.predict()[s.seen], abs=1e-7)
    assert (got.weights[~s.seen] == 0).all()
    assert got.truncated.tolist() == [0, 0, 0]
    assert got.observed == pytest.approx([s.seen[s.arm == a].mean() for a in range(3)])


def test_a_weight_above_the_bound_is_cut_off_and_counted():
    x = np.repeat([0.0, 1.0], [100, 100])
    arm = np.tile([0, 1], 100)
    seen = np.r_[np.ones(90), np.zeros(10), np.ones(6), np.zeros(94)].astype(bool)  # 90 % and 6 % observed
    got = observation_weights(x, arm, seen)
    assert got.weights.max() == pytest.approx(10)
    assert got.truncated == pytest.approx([0.5, 0.5])
    assert observation_weights(x, arm, seen, max_weight=20).weights.max() == pytest.approx(1 / 0.06)


def test_an_arm_that_is_fully_observed_weighs_one():
    s = study()
    got = observation_weights(s.x, s.two, s.seen | (s.two == 0))
    assert (got.weights[s.two == 0] == 1).all()
    alone = sm.Logit(s.observed[s.two == 1], sm.add_constant(s.x[s.two == 1])).fit(disp=0, tol=1e-14)
    assert got.probability[s.two == 1] == pytest.approx(alone.predict(), abs=CONVERGED)
    assert got.note == ""
    assert (observation_weights(s.x, s.two, np.ones(400, dtype=bool)).weights == 1).all()


def test_being_observed_only_with_a_flag_is_ridged_and_named():
    s = study()
    flag = (s.x[:, 0] > 1).astype(float)
    got = observation_weights(np.column_stack([s.x[:, 1:], flag]), s.two, s.seen & (flag == 0))
    assert "separation" in got.note
    assert got.probability.min() == pytest.approx(0.1)
    assert got.truncated.max() > 0


def test_nobody_observed_in_an_arm_is_not_estimable():
    s = study()
    with pytest.raises(NotEstimable, match="follow some of them up"):
        observation_weights(s.x, s.two, s.seen & (s.two == 0))
    with pytest.raises(NotEstimable, match="usual bound"):
        observation_weights(s.x, s.two, s.seen, max_weight=0.9)


def test_unmeasured_people_two_points_worse_lower_the_arm_by_two_points_times_their_share():
    # arm 0: mean 2 of two, nobody missing; arm 1: mean 4 of two, and one of three missing
    crude = fixed_weight_means([1.0, 3.0, 2.0, 6.0, np.nan], [0, 0, 1, 1, 1])
    worse = delta_adjust(crude, [0, 2])
    assert worse.means == pytest.approx([2, 4 - 2 / 3])
    # the same as filling in the observed mean less two points
    assert worse.means[1] == pytest.approx(np.mean([2, 6, 4 - 2]))
    assert delta_adjust(crude, [-1, 0]).means == pytest.approx([2, 4])
    assert delta_adjust(crude, [0, -3]).means == pytest.approx([2, 5])


def test_shifting_there_and_back_is_no_shift():
    s = study()
    result = augmented_means(s.outcome, s.arm, s.x, s.site // 2, inference="person")
    back = delta_adjust(delta_adjust(result, [1, 2, 3]), [-1, -2, -3])
    assert back.means == pytest.approx(result.means)
    assert back.joint_covariance == pytest.approx(result.joint_covariance)


def test_a_shift_in_the_target_population_is_the_shift_of_filled_in_outcomes():
    """Shifting predictions for the unmeasured by hand and averaging over the balanced arm gives the same change."""
    s = study()
    result = augmented_means(s.outcome, s.two, s.x, inference="person")
    filled = np.where(s.seen, 0.0, -2.0)
    moved = [np.average(filled[s.two == a], weights=result.balancing[s.two == a]) for a in (0, 1)]
    assert delta_adjust(result, [2, 0]).means - result.means == pytest.approx([moved[0], 0])
    assert difference(delta_adjust(result, [0, 2])).estimate == pytest.approx(difference(result).estimate + moved[1])
    assert difference(delta_adjust(result, [0, 2])).se != difference(result).se


@pytest.mark.parametrize("shift", [[1], [np.nan, 0], [1, 2, 3]])
def test_a_shift_that_is_not_one_number_per_arm_is_refused(shift):
    with pytest.raises(NotEstimable, match="one finite number per arm"):
        delta_adjust(fixed_weight_means([1.0, 3.0, 2.0, 6.0], [0, 0, 1, 1]), shift)


def four_fifths_measured():
    """Arm 0: 40 people, all measured, mean 0; arm 1: 50, of whom 40 measured with mean 2: a fifth is unmeasured."""
    spread = np.tile([-1.0, 1.0], 20)
    return fixed_weight_means(np.r_[spread, 2 + spread, np.full(10, np.nan)], np.repeat([0, 1, 1], [40, 40, 10]))


def test_the_tipping_point_is_where_the_limit_crosses_the_line():
    """By hand: shifting arm 1 by d moves the difference by d/5 and adds d^2 of the share's own variance, .2 (.8) /
    50."""
    result = four_fifths_measured()
    found = difference(result)
    tip = tipping_point(result, lambda one: one.low > 0, step=0.01)
    share = 90 / 89 * 0.2 * 0.8 / 50  # the sandwich's G / (G - 1)
    lower = [
        found.estimate - d / 5 - critical_value(found.df, 0.95) * (found.se**2 + d**2 * share) ** 0.5
        for d in (tip - 0.01, tip)
    ]
    assert lower[0] > 0 >= lower[1]
    assert stands_shifted(result, lambda one: one.low > 0, tip - 0.01)
    assert not stands_shifted(result, lambda one: one.low > 0, tip)


def test_both_arms_and_both_directions_are_tried():
    """The other way round the same claim tips at the same shift, now because the unmeasured of the reference did
    better."""
    result = four_fifths_measured()
    upside_down = tipping_point(result, lambda one: one.high < 0, arm=0, reference=1, step=0.01)
    assert upside_down == pytest.approx(tipping_point(result, lambda one: one.low > 0, step=0.01), abs=1e-9)


def test_what_no_shift_overturns_has_no_tipping_point():
    everybody = fixed_weight_means([0.0, 2.0, 9.0, 11.0], [0, 0, 1, 1])
    assert tipping_point(everybody, lambda one: one.low > 0) is None
    assert tipping_point(four_fifths_measured(), lambda one: one.low > 0, largest=1.0) is None


def test_a_step_of_nothing_is_refused():
    with pytest.raises(NotEstimable, match="a step in points"):
        tipping_point(four_fifths_measured(), lambda one: True, step=0)
