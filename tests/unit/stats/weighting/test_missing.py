import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import critical_value
from pipeline.stats.weighting.arm_means import difference
from pipeline.stats.weighting.effects import augmented_means, several_means
from pipeline.stats.weighting.missing import delta_adjust, departures, observation_weights, stands, tipping_point
from tests.reference.like_for_like import study
from tests.reference.single_ways import crude_means, infinitesimal_jackknife

CONVERGED = 1e-8
WAY = [("augmented", "overlap")]


def test_observation_weights_are_one_over_the_logistic_probability():
    s = study()
    peer = sm.Logit(s.observed, sm.add_constant(np.column_stack([s.x, s.arm == 1, s.arm == 2]))).fit(disp=0, tol=1e-14)
    got = observation_weights(s.x, s.arm, s.seen)
    assert got.probability == pytest.approx(peer.predict(), abs=CONVERGED)
    assert got.weights[s.seen] == pytest.approx(1 / peer.predict()[s.seen], abs=1e-7)
    assert (got.weights[~s.seen] == 0).all()
    assert got.truncated.tolist() == [0, 0, 0]
    assert got.observed == pytest.approx([s.seen[s.arm == a].mean() for a in range(3)])


def opposite_slopes(n=1200):
    """Two arms of n / 2: who scores high is measured less in arm 0 and more in arm 1."""
    rng = np.random.default_rng(5)
    x, arm = rng.normal(size=(n, 2)), np.tile([0, 1], n // 2)
    return x, arm, rng.random(n) < expit(0.4 + x[:, 0] * np.where(arm == 1, 1.0, -1.0))


def test_each_arm_has_a_model_of_its_own_of_who_is_measured():
    x, arm, seen = opposite_slopes()
    got = observation_weights(x, arm, seen, max_weight=1e6, own_slopes=True)
    for code in (0, 1):
        own = arm == code
        peer = sm.Logit(seen[own].astype(float), sm.add_constant(x[own])).fit(disp=0, tol=1e-14)
        assert got.probability[own] == pytest.approx(peer.predict(), abs=CONVERGED)


def test_arms_share_slopes_where_people_are_too_few_for_their_own():
    x, arm, seen = opposite_slopes(n=60)
    peer = sm.Logit(seen.astype(float), sm.add_constant(np.column_stack([x, arm]))).fit(disp=0, tol=1e-14)
    assert observation_weights(x, arm, seen, own_slopes=True).probability == pytest.approx(
        peer.predict(), abs=CONVERGED
    )


@pytest.mark.parametrize(("own_slopes", "least", "most"), [(True, 0.0, 0.1), (False, 0.5, 2.0)])
def test_weights_alone_are_right_only_with_slopes_of_each_arms_own_where_the_measured_differ_in_opposite_ways(
    own_slopes, least, most
):
    """The outcome falls with x and no level does anything to it."""
    rng = np.random.default_rng(6)
    errors = []
    for _ in range(20):
        n = 2000
        x, arm = rng.normal(size=(n, 1)), np.tile([0, 1], n // 2)
        seen = rng.random(n) < expit(x[:, 0] * np.where(arm == 1, 0.9, -0.9))
        y = np.where(seen, 2 * x[:, 0] + rng.normal(size=n), np.nan)
        errors.append(
            difference(
                several_means(y, arm, x, ways=[("weighted", "overlap")], inference="person", own_slopes=own_slopes)[0]
            ).estimate
        )
    assert least <= abs(np.mean(errors)) < most


def test_standard_errors_carry_the_slopes_of_each_arm():
    x, arm, seen = opposite_slopes(600)
    y = np.where(seen, x[:, 0] + np.random.default_rng(7).normal(size=len(arm)), np.nan)

    def at(weights):
        return several_means(y, arm, x, ways=WAY, inference="person", weights=weights, own_slopes=True)[0].means

    moved = infinitesimal_jackknife(at, len(arm))
    people = np.arange(len(arm))
    result = several_means(y, arm, x, ways=WAY, inference="sandwich", cluster=people, own_slopes=True)[0]
    assert result.covariance == pytest.approx(moved.T @ moved * len(arm) / (len(arm) - 1), rel=1e-6)


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
    crude = crude_means([1.0, 3.0, 2.0, 6.0, np.nan], [0, 0, 1, 1, 1])
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
        delta_adjust(crude_means([1.0, 3.0, 2.0, 6.0], [0, 0, 1, 1]), shift)


def four_fifths_measured():
    """Arm 0: 40 people, all measured, mean 0; arm 1: 50, of whom 40 measured with mean 2: a fifth is unmeasured."""
    spread = np.tile([-1.0, 1.0], 20)
    return crude_means(np.r_[spread, 2 + spread, np.full(10, np.nan)], np.repeat([0, 1, 1], [40, 40, 10]))


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
    assert stands(result, lambda one: one.low > 0, [[0, tip - 0.01]])
    assert not stands(result, lambda one: one.low > 0, [[0, tip]])


def test_both_arms_and_both_directions_are_tried():
    """The other way round the same claim tips at the same shift, now because the unmeasured of the reference did
    better."""
    result = four_fifths_measured()
    upside_down = tipping_point(result, lambda one: one.high < 0, arm=0, reference=1, step=0.01)
    assert upside_down == pytest.approx(tipping_point(result, lambda one: one.low > 0, step=0.01), abs=1e-9)


def test_the_unmeasured_depart_alike_and_on_top_of_that_one_arm_at_a_time():
    assert departures([1.0, 2.0], 0.5, arms=2).tolist() == [
        *([0, 0], [0.5, 0], [0, 0.5]),
        *([1, 1], [1.5, 1], [1, 1.5]),
        *([2, 2], [2.5, 2], [2, 2.5]),
    ]
    assert departures([0.0], 1.0, arms=3, arm=2, reference=0).tolist() == [[0, 0, 0], [1, 0, 0], [0, 0, 1]]


def test_a_departure_that_both_arms_share_moves_a_difference_by_the_gap_in_who_was_measured():
    """By hand: nobody of arm 0 and a fifth of arm 1 is unmeasured, so that both 5 worse take 1 off the difference of 2."""
    result = four_fifths_measured()
    assert stands(result, lambda one: one.estimate == pytest.approx(1.0), [[5, 5]])


def test_a_departure_without_a_size_is_refused():
    with pytest.raises(NotEstimable, match="finite number"):
        departures([np.nan], 1.0, arms=2)


def test_what_no_shift_overturns_has_no_tipping_point():
    everybody = crude_means([0.0, 2.0, 9.0, 11.0], [0, 0, 1, 1])
    assert tipping_point(everybody, lambda one: one.low > 0) is None
    assert tipping_point(four_fifths_measured(), lambda one: one.low > 0, largest=1.0) is None


def test_a_step_of_nothing_is_refused():
    with pytest.raises(NotEstimable, match="a step in points"):
        tipping_point(four_fifths_measured(), lambda one: True, step=0)
