"""Tests of proportional hazards, baseline hazards and predicted survival against R, and by hand."""

from math import exp, log

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.hazards.baseline_hazard import baseline_hazard, predicted_survival
from pipeline.stats.hazards.cox import cox
from pipeline.stats.hazards.proportionality import proportional_hazards_test
from pipeline.stats.time_in_care.survival import kaplan_meier
from tests.reference.hazard_people import hazard_people
from tests.reference.written import numbers

R_CONVERGED = 1e-8  # R's fit is iterated to 1e-12 of the log-likelihood, ours to its rounding
AT = [0.5, 1, 1, 0]  # the person of R's predictions


def fitted(size, ties, case):
    people = hazard_people(size)
    options = {
        "plain": {},
        "entry": {"entry": people.entry},
        "strata": {"strata": people.stratum},
        "everything": {
            "entry": people.entry,
            "strata": people.stratum,
            "cluster": people.site,
            "weights": people.weight,
            "kind": "probability",
        },
    }[case]
    return cox(people.day, people.ended, people.x, ties=ties, **options)


@pytest.mark.parametrize("transform", ["km", "identity", "log"])
@pytest.mark.parametrize("case", ["plain", "entry", "strata", "everything"])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("size", ["small", "large"])
def test_tests_of_proportional_hazards_are_those_of_r(size, ties, case, transform):
    test = proportional_hazards_test(fitted(size, ties, case), transform=transform)
    name = f"{size} {ties} {case} {transform}"
    # a statistic near 0 has lost digits to cancellation in both programs, so the tolerance is relative to 1 as well
    assert test.chi_square == pytest.approx(numbers("hazards", name, "chi_square")[1], rel=R_CONVERGED, abs=R_CONVERGED)
    assert test.global_chi_square == pytest.approx(numbers("hazards", name, "global")[1][0], rel=R_CONVERGED)
    assert test.global_df == 4
    assert ((test.p > 0) & (test.p < 1)).all()


def test_columns_of_one_term_are_tested_together():
    fit = fitted("large", "efron", "plain")
    whole = proportional_hazards_test(fit, terms=((0, 1, 2, 3),))
    assert whole.chi_square[0] == pytest.approx(whole.global_chi_square)
    arms = proportional_hazards_test(fit, terms=((2, 3), (0,)))
    assert arms.df.tolist() == [2, 1]
    assert arms.chi_square[0] >= proportional_hazards_test(fit).chi_square[2:].max()


def test_crossing_hazards_are_found():
    rng = np.random.default_rng(1)
    arm = np.arange(600) % 2
    day = np.ceil(np.where(arm == 1, rng.exponential(30, 600), 60 * rng.weibull(3, 600)))
    assert proportional_hazards_test(cox(day, np.ones(600), arm)).global_p < 1e-6


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"transform": "rank"}, "'km', 'identity' or 'log'"),
        ({"terms": ((7,),)}, "not in the model"),
        ({"terms": ((),)}, "not in the model"),
    ],
)
def test_a_question_the_fit_cannot_answer_is_refused(options, words):
    with pytest.raises(NotEstimable, match=words):
        proportional_hazards_test(fitted("small", "efron", "plain"), **options)


def test_day_zero_has_no_logarithm_and_one_day_no_trend():
    at_zero = cox([0, 1, 2, 3, 3], [1, 1, 0, 1, 0], [1.0, 0, 2, 1, 0])
    with pytest.raises(NotEstimable, match="day 0"):
        proportional_hazards_test(at_zero, transform="log")
    one_day = cox([3, 3, 5, 5, 6], [1, 1, 0, 0, 0], [1.0, 0.2, 2, 0, 0.3])
    with pytest.raises(NotEstimable, match="one day"):
        proportional_hazards_test(one_day, transform="identity")


@pytest.mark.parametrize("case", ["plain", "entry", "strata"])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("size", ["small", "large"])
def test_baseline_hazard_and_predicted_survival_are_those_of_r(size, ties, case):
    fit = fitted(size, ties, case)
    name = f"{size} {ties} {case}"
    days, hazard = numbers("hazards", name, "baseline")
    zero = baseline_hazard(fit, np.zeros(4))
    here = zero.stratum == 0
    step = np.searchsorted(zero.day[here], days, side="right") - 1
    assert zero.cumulative[here][step] == pytest.approx(hazard, rel=R_CONVERGED)
    at = predicted_survival(fit, AT)
    days, survival = numbers("hazards", name, "survival")
    step = np.searchsorted(at.day, days, side="right") - 1
    assert at.survival[step, 0] == pytest.approx(survival, rel=R_CONVERGED)
    assert at.se[step, 0] == pytest.approx(numbers("hazards", name, "survival_se")[1], rel=R_CONVERGED)
    one = baseline_hazard(fit, AT)
    assert one.cumulative[here][step] == pytest.approx(
        numbers("hazards", name, "cumulative_hazard")[1], rel=R_CONVERGED
    )


def test_the_baseline_of_four_people_by_hand():
    # x = 1 ends on day 1 among two with x = 1 and two with x = 0; x = 0 ends on day 2 among one of each; then nobody
    # does
    fit = cox([1, 2, 1, 3], [True, True, False, False], [1, 0, 0, 1])
    r = exp(fit.coefficients[0])
    assert 1 - 2 * r / (2 * r + 2) == pytest.approx(r / (1 + r), rel=1e-9)  # the score is 0: here r = 1
    zero = baseline_hazard(fit, [0])
    assert zero.day.tolist() == [1, 2]
    assert zero.hazard == pytest.approx([1 / 4, 1 / 2])
    assert predicted_survival(fit, [[0], [1]]).survival[-1] == pytest.approx([exp(-3 / 4), exp(-3 / 4)])


def test_without_a_covariate_effect_survival_is_close_to_kaplan_meier():
    people = hazard_people("large")
    noise = np.random.default_rng(2).normal(size=5000)
    predicted = predicted_survival(cox(people.day, people.ended, noise), [[noise.mean()]])
    curve = kaplan_meier(people.day, people.ended)
    there = np.isin(curve.day, predicted.day) & (curve.at_risk > 200)
    both = np.isin(predicted.day, curve.day[there])
    assert -np.log(predicted.survival[both, 0]) == pytest.approx(-np.log(curve.estimate[there]), abs=0.02)
    assert (np.diff(predicted.survival[:, 0]) <= 0).all()
    inside = ~np.isnan(predicted.low)
    assert (predicted.low[inside] <= predicted.survival[inside]).all()
    assert (predicted.high[inside] >= predicted.survival[inside]).all()


def test_the_default_baseline_belongs_to_the_mean_person():
    fit = fitted("small", "efron", "plain")
    mean = hazard_people("small").x.mean(axis=0)
    assert log(baseline_hazard(fit).cumulative[-1]) == pytest.approx(
        log(baseline_hazard(fit, mean).cumulative[-1]), abs=1e-9
    )


def test_predictions_for_people_the_model_does_not_know_are_refused():
    fit = fitted("small", "efron", "strata")
    with pytest.raises(NotEstimable, match="reads 4 finite covariates"):
        predicted_survival(fit, [1.0])
    with pytest.raises(NotEstimable, match="merge strata"):
        predicted_survival(fit, AT, stratum=9)
    with pytest.raises(NotEstimable, match="one row"):
        baseline_hazard(fit, [AT, AT])
