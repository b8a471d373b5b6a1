"""Mixed models: lme4 and lmerTest, a closed form, statsmodels, and what has no answer."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.repeated_scores.fixed_effects import contrast, marginal_means, slope_contrast
from pipeline.stats.repeated_scores.mixed_model import mixed_model
from tests.reference.repeated_people import repeated_people
from tests.reference.written import numbers

AS_R = 2e-6  # lme4 minimizes without derivatives and stops that far from the minimum, relative
AS_R_SPREAD = 2e-4  # the same for variances, and for degrees of freedom from differences of differences
EXACT = 1e-7


def columns(data):
    return np.column_stack(
        [np.ones(len(data["week"])), data["week"], data["arm"], data["base"], data["week"] * data["arm"]]
    )


def fitted(case):
    data = repeated_people()
    time = None if case.startswith("intercept") else data["week"]
    return mixed_model(
        data["id"], data["flat" if "flat" in case else "score"], columns(data), time, restricted=case.endswith("reml")
    )


@pytest.mark.parametrize("case", ["slope reml", "slope ml", "intercept reml", "intercept ml"])
def test_a_mixed_model_equals_lme4_and_its_degrees_of_freedom_lmer_test(case):
    fit = fitted(case)
    assert fit.deviance == pytest.approx(numbers("repeated_scores", case, "deviance")[1][0], rel=AS_R)
    assert fit.fixed.coefficients[[0, 1, 2, 3, 4]] == pytest.approx(
        numbers("repeated_scores", case, "coefficient")[1], rel=2e-5
    )
    found = [contrast(fit.fixed, along) for along in np.eye(5)]
    assert [one.se for one in found] == pytest.approx(numbers("repeated_scores", case, "se")[1], rel=AS_R_SPREAD)
    assert [one.df for one in found] == pytest.approx(numbers("repeated_scores", case, "df")[1], rel=AS_R_SPREAD)
    spread = (
        [fit.between[0, 0], fit.residual]
        if len(fit.between) == 1
        else [*np.diag(fit.between), fit.between[0, 1], fit.residual]
    )
    assert spread == pytest.approx(numbers("repeated_scores", case, "variance")[1], rel=AS_R_SPREAD)
    assert fit.gradient <= 1e-8
    assert not fit.boundary
    assert fit.note == ""


def test_where_people_do_not_differ_in_slope_the_fit_is_at_the_boundary_and_says_so_as_lme4_finds():
    case = "flat slope reml"
    fit = fitted(case)
    assert fit.boundary
    assert "do not measurably differ" in fit.note
    assert np.linalg.det(fit.between) == pytest.approx(0, abs=1e-8)
    assert fit.deviance == pytest.approx(numbers("repeated_scores", case, "deviance")[1][0], rel=AS_R)
    found = [contrast(fit.fixed, along) for along in np.eye(5)]
    assert [one.se for one in found] == pytest.approx(numbers("repeated_scores", case, "se")[1], rel=AS_R_SPREAD)


def balanced(people=12, scores=4, seed=3):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(people, 1)) * 2 + rng.normal(size=(people, scores)) + 10
    return np.repeat(np.arange(people), scores), y


def test_balanced_one_way_analysis_of_variance_in_closed_form():
    # REML with k scores each: residual = within mean square, between = (between mean square - within) / k, df of the
    # mean N - 1
    person, y = balanced()
    n, k = y.shape
    fit = mixed_model(person, y.ravel(), np.ones(y.size))
    within = ((y - y.mean(axis=1, keepdims=True)) ** 2).sum() / (n * (k - 1))
    between = k * ((y.mean(axis=1) - y.mean()) ** 2).sum() / (n - 1)
    assert fit.residual == pytest.approx(within, rel=EXACT)
    assert fit.between[0, 0] == pytest.approx((between - within) / k, rel=EXACT)
    mean = contrast(fit.fixed, [1.0])
    assert mean.estimate == pytest.approx(y.mean())
    assert mean.se == pytest.approx(np.sqrt(between / (n * k)), rel=EXACT)
    assert mean.df == pytest.approx(n - 1, rel=1e-6)


def test_where_the_within_mean_square_is_larger_the_variance_between_people_is_zero():
    rng = np.random.default_rng(2)
    y = rng.normal(size=(30, 4))
    y -= y.mean(axis=1, keepdims=True) * 0.9  # people more alike than noise would have them
    fit = mixed_model(np.repeat(np.arange(30), 4), y.ravel(), np.ones(y.size))
    assert fit.boundary
    assert fit.between[0, 0] == pytest.approx(0, abs=1e-12)
    assert fit.residual == pytest.approx(y.ravel().var(ddof=1), rel=EXACT)


def test_maximum_likelihood_equals_statsmodels_on_few_people():
    from statsmodels.regression.mixed_linear_model import MixedLM

    data = repeated_people()  # with random slopes statsmodels does not converge on these people
    peer = MixedLM(data["score"], columns(data), data["id"]).fit(reml=False)
    fit = fitted("intercept ml")
    assert fit.deviance == pytest.approx(-2 * peer.llf, rel=1e-8)
    assert fit.fixed.coefficients == pytest.approx(peer.fe_params, rel=1e-5)
    assert fit.between[0, 0] == pytest.approx(peer.cov_re[0, 0], rel=1e-4)


def test_the_likelihood_written_out_with_dense_matrices_is_the_same_and_lowest_here():
    data = repeated_people()
    fit, x, y = fitted("slope reml"), columns(data), data["score"]

    def dense(between, residual):
        height, info, right, square = 0.0, np.zeros((5, 5)), np.zeros(5), 0.0
        for one in np.unique(data["id"]):
            rows = data["id"] == one
            z = np.column_stack([np.ones(rows.sum()), data["week"][rows]])
            v = z @ between @ z.T + residual * np.eye(rows.sum())
            solved = np.linalg.solve(v, x[rows])
            height += np.linalg.slogdet(v)[1]
            info += x[rows].T @ solved
            right += solved.T @ y[rows]
            square += y[rows] @ np.linalg.solve(v, y[rows])
        b = np.linalg.solve(info, right)
        return height + np.linalg.slogdet(info)[1] + square - right @ b + (len(y) - 5) * np.log(
            2 * np.pi
        ), np.linalg.inv(info)

    lowest, covariance = dense(fit.between, fit.residual)
    assert fit.deviance == pytest.approx(lowest, rel=1e-12)
    assert fit.fixed.covariance == pytest.approx(covariance, rel=1e-9)
    for k in range(2):
        for step in (-0.01, 0.01):
            away = fit.between.copy()
            away[k, k] *= 1 + step
            assert dense(away, fit.residual)[0] > lowest
    assert dense(fit.between, fit.residual * 1.01)[0] > lowest


def test_the_sandwich_adds_scores_up_within_clusters():
    data = repeated_people()
    x, y = columns(data), data["score"]
    fit = mixed_model(data["id"], y, x, data["week"], cluster=data["site"])
    bread, meat = np.zeros((5, 5)), np.zeros((9, 5))
    for one in np.unique(data["id"]):
        rows = data["id"] == one
        z = np.column_stack([np.ones(rows.sum()), data["week"][rows]])
        solved = np.linalg.solve(z @ fit.between @ z.T + fit.residual * np.eye(rows.sum()), x[rows])
        bread += x[rows].T @ solved
        meat[int(data["site"][rows][0])] += solved.T @ (y[rows] - x[rows] @ fit.fixed.coefficients)
    by_hand = np.linalg.inv(bread) @ (9 / 8 * meat.T @ meat) @ np.linalg.inv(bread)
    assert fit.fixed.covariance == pytest.approx(by_hand, rel=1e-6)
    assert fit.fixed.clusters == 9
    assert contrast(fit.fixed, [0, 0, 0, 0, 1]).df == 8


def test_the_difference_of_slopes_is_the_interaction_and_means_at_a_day_are_sums_of_coefficients():
    fit = fitted("slope reml")
    at = {arm: np.array([[1, 0, arm, 0, 0], [1, 8, arm, 0, 8 * arm]], dtype=float) for arm in (0, 1)}
    slopes = slope_contrast(fit.fixed, at[1], at[0], 8.0)
    interaction = contrast(fit.fixed, [0, 0, 0, 0, 1])
    assert (slopes.estimate, slopes.se, slopes.df) == pytest.approx(
        (interaction.estimate, interaction.se, interaction.df)
    )
    means = marginal_means(fit.fixed, at[1])
    assert means.means[1].estimate == pytest.approx(at[1][1] @ fit.fixed.coefficients)
    assert means.means[1].se == pytest.approx(np.sqrt(means.covariance[1, 1]))


def test_rows_in_any_order_and_other_units_of_time_and_score_give_the_same_answer():
    data = repeated_people()
    x, shuffled = columns(data), np.random.default_rng(4).permutation(len(data["id"]))
    fit = fitted("slope reml")
    again = mixed_model(data["id"][shuffled], 10 + 3 * data["score"][shuffled], x[shuffled], 7 * data["week"][shuffled])
    assert again.fixed.coefficients[1:] == pytest.approx(3 * fit.fixed.coefficients[1:], rel=1e-8)
    assert again.between == pytest.approx(9 * fit.between / np.array([[1, 7], [7, 49]]), rel=1e-6)
    assert again.residual == pytest.approx(9 * fit.residual, rel=1e-7)
    assert contrast(again.fixed, np.eye(5)[4]).df == pytest.approx(contrast(fit.fixed, np.eye(5)[4]).df, rel=1e-6)


def test_a_fit_that_starts_from_some_of_the_people_ends_where_one_from_all_does(monkeypatch):
    data = repeated_people()
    fit = fitted("slope reml")
    monkeypatch.setattr("pipeline.stats.repeated_scores.mixed_model.SAMPLED", 20)
    again = mixed_model(data["id"], data["score"], columns(data), data["week"])
    assert again.deviance == pytest.approx(fit.deviance, rel=1e-13)
    assert again.fixed.coefficients == pytest.approx(fit.fixed.coefficients, rel=1e-9)


def test_a_column_that_says_nothing_new_is_left_out_and_a_contrast_on_it_is_refused():
    data = repeated_people()
    x = np.column_stack([columns(data), data["arm"] * 2])
    fit = mixed_model(data["id"], data["score"], x, data["week"])
    assert fit.fixed.dropped.tolist() == [5]
    both = contrast(fit.fixed, [0, 0, 1, 0, 0, 2.0])
    assert both.estimate == pytest.approx(fit.fixed.coefficients[2])
    with pytest.raises(NotEstimable, match="cannot tell apart"):
        contrast(fit.fixed, [0, 0, 1, 0, 0, 0])


def test_rows_without_a_score_are_left_out_and_named_people_are_people():
    person, y = balanced()
    y = y.ravel()
    missing = np.append(y, [np.nan, np.nan])
    names = np.array([f"p{100 - one}" for one in np.append(person, [0, 99])])
    fit = mixed_model(names, missing, np.ones(len(missing)))
    assert (fit.n, fit.scores) == (12, 48)
    assert fit.deviance == pytest.approx(mixed_model(person, y, np.ones(48)).deviance)


two_times = np.tile([0.0, 1.0], 30)
pairs = np.repeat(np.arange(30), 2)
noise = np.random.default_rng(6).normal(size=60)
line = np.column_stack([np.ones(60), two_times])


@pytest.mark.parametrize(
    ("person", "outcome", "fixed", "time", "why"),
    [
        ([], [], np.ones((0, 1)), None, "nobody has a score"),
        ([1, 2], [np.nan, np.nan], np.ones((2, 1)), None, "nobody has a score"),
        (np.arange(60), noise, np.ones(60), None, "nobody has two scores"),
        (pairs, noise, line, np.ones(60), "no slope"),
        (pairs, noise, line, two_times, "too few scores"),
        (pairs, np.ones(60), line, None, "do not vary"),
        (pairs, two_times, line, None, "do not vary"),
        (pairs[:2], noise[:2], line[:2], None, "no more scores than columns"),
        (pairs, np.where(pairs == 3, np.inf, noise), line, None, "infinite"),
        (pairs, noise, np.where(line == 1, np.nan, line), None, "missing for somebody"),
        (pairs, noise, np.zeros((60, 2)), None, "every column of the model is zero"),
        (pairs, noise, line[:59], None, "different numbers of rows"),
    ],
)
def test_what_has_no_answer_says_what_would_give_one(person, outcome, fixed, time, why):
    with pytest.raises(NotEstimable, match=why):
        mixed_model(person, outcome, fixed, time)


def test_scores_that_lie_exactly_on_each_persons_own_level_are_refused():
    with pytest.raises(NotEstimable, match=r"vary|variances"):
        mixed_model(pairs, pairs * 1.0, np.ones(60))


def test_a_person_in_two_clusters_is_refused():
    with pytest.raises(NotEstimable, match="more than one cluster"):
        mixed_model(pairs, noise, line, cluster=np.arange(60) % 2)
