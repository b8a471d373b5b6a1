"""Rubin's rules over every kind of effect: means, ratios, hazards, curves and days in care, with the jackknife's
degrees of freedom."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.hazards.cox import cox
from pipeline.stats.hazards.hazard_ratio import hazard_ratio
from pipeline.stats.imputation.imputation import impute, shifted
from pipeline.stats.imputation.rubins_rules import pool
from pipeline.stats.resampling import jackknife_sites
from pipeline.stats.time_in_care.restricted_mean import rmst_difference
from pipeline.stats.time_in_care.survival import at, kaplan_meier
from pipeline.stats.time_in_care.weighted_curves import jackknife_limits, weighted_survival
from pipeline.stats.weighting.arm_means import difference, odds_ratio, risk_ratio
from pipeline.stats.weighting.effects import augmented_means, g_computation, weighted_means
from pipeline.stats.weighting.propensity import balancing_weights, multinomial_propensity

N, SITES = 360, 9
RNG = np.random.default_rng(8)
X = RNG.normal(size=(N, 2))
SITE, ARM = np.arange(N) % SITES, (RNG.random(N) < 1 / (1 + np.exp(-X[:, 0]))).astype(int)
OUTCOME = 2 + X[:, 0] + ARM + 2 * RNG.normal(size=N)
DAY = np.ceil(RNG.exponential(40 * np.exp(-0.4 * X[:, 1])))
ENDED = RNG.random(N) < 0.8
GONE = RNG.random(N) < 1 / (1 + np.exp(1.5 - X[:, 0]))


def completed(binary=False):
    """Tables with the outcome drawn for the GONE and one covariate drawn for others."""
    y = (OUTCOME > 2).astype(float) if binary else OUTCOME.copy()
    y[GONE] = np.nan
    x = X[:, 1].copy()
    x[np.arange(N) % 10 == 3] = np.nan
    return impute(
        np.column_stack([y, X[:, 0], x]),
        ARM,
        ["flag" if binary else "number", "number", "number"],
        np.random.default_rng(2),
        site=SITE,
    )


def by_hand(values, errors):
    """Pooled value and its standard error: T = W + (1 + 1/m) B."""
    values, errors, m = np.asarray(values), np.asarray(errors), len(values)
    return values.mean(), (np.mean(errors**2) + (1 + 1 / m) * values.var(ddof=1)) ** 0.5


@pytest.mark.parametrize("estimator", [augmented_means, weighted_means, g_computation])
def test_a_difference_of_means_is_pooled_as_it_is_and_its_df_stay_below_sites_less_one(estimator):
    each = [difference(estimator(t[:, 0], ARM, t[:, 1:], SITE, inference="jackknife_sites")) for t in completed()]
    found = pool([one.estimate for one in each], [one.se for one in each], complete_df=SITES - 1)
    value, error = by_hand([one.estimate for one in each], [one.se for one in each])
    assert (found.estimate.estimate, found.estimate.se) == pytest.approx((value, error), rel=1e-12)
    assert 1 < found.estimate.df < SITES - 1
    assert found.estimate.low < 1 < found.estimate.high


@pytest.mark.parametrize("contrast", [risk_ratio, odds_ratio])
def test_ratios_of_shares_are_pooled_on_the_log_scale(contrast):
    each = [
        contrast(augmented_means(t[:, 0], ARM, t[:, 1:], SITE, inference="jackknife_sites"))
        for t in completed(binary=True)
    ]
    found = pool(
        [one.estimate for one in each], [one.se for one in each], complete_df=SITES - 1, quantity="ratio"
    ).estimate
    value, error = by_hand(np.log([one.estimate for one in each]), [one.se for one in each])
    assert (np.log(found.estimate), found.se) == pytest.approx((value, error), rel=1e-12)
    assert found.low < found.estimate < found.high
    assert found.high / found.estimate == pytest.approx(found.estimate / found.low)


def test_hazard_ratios_are_pooled_on_the_log_scale():
    fits = [cox(DAY, ENDED, np.column_stack([ARM, t[:, 1:]]), cluster=SITE) for t in completed()]
    each = [hazard_ratio(fit, 0, df=SITES - 1) for fit in fits]
    found = pool(
        [one.estimate for one in each], [one.se for one in each], complete_df=SITES - 1, quantity="ratio"
    ).estimate
    value, error = by_hand([fit.coefficients[0] for fit in fits], [fit.covariance[0, 0] ** 0.5 for fit in fits])
    assert (np.log(found.estimate), found.se) == pytest.approx((value, error), rel=1e-10)


def test_weighted_curves_are_pooled_on_the_log_log_scale_with_their_jackknife():
    days = [30]
    points, errors = [], []
    for t in completed():

        def curve(rows, t=t):
            chances = multinomial_propensity(
                t[rows, 1:], ARM[rows], groups=np.unique(SITE[rows], return_inverse=True)[1]
            ).probabilities
            return weighted_survival(
                DAY[rows], ENDED[rows], ARM[rows], balancing_weights(chances, ARM[rows]).weights, days
            ).estimate[0]

        whole = curve(np.arange(N))
        points.append(whole[1])
        errors.append(jackknife_limits(whole, jackknife_sites(curve, SITE).replicates).se[1])
    found = pool(points, errors, complete_df=SITES - 1, quantity="survival").estimate
    logs = np.log(-np.log(points))
    value, error = by_hand(logs, np.array(errors) / np.abs(np.array(points) * np.log(points)))
    assert np.log(-np.log(found.estimate)) == pytest.approx(value, rel=1e-12)
    assert found.se == pytest.approx(error * abs(found.estimate * np.log(found.estimate)), rel=1e-9)
    assert 0 < found.low < found.estimate < found.high < 1


def test_days_in_care_are_pooled_as_they_are():
    each = []
    for t in completed():
        weights = balancing_weights(multinomial_propensity(t[:, 1:], ARM).probabilities, ARM).weights
        each.append(rmst_difference(DAY, ENDED, ARM, 30, weights=weights, kind="probability").differences[0])
    values, errors = [one.estimate for one in each], [one.se for one in each]
    found = pool(values, errors, complete_df=np.inf).estimate
    assert (found.estimate, found.se) == pytest.approx(by_hand(values, errors), rel=1e-12)


def test_a_curve_that_nobody_has_left_yet_is_not_pooled():
    points = [at(kaplan_meier(DAY + 10, ENDED), [5]) for _ in range(2)]
    with pytest.raises(NotEstimable, match="some remain and some have left"):
        pool([float(p.estimate[0]) for p in points], [0.1, 0.1], complete_df=8, quantity="survival")


# ---------- missing not at random ----------


def test_drawn_outcomes_of_one_arm_move_by_what_is_said_and_nothing_else_does():
    tables = completed()
    worse = shifted(tables, 0, ARM, [0, 2])
    for before, after in zip(tables, worse, strict=True):
        moved = before - after
        assert moved[GONE & (ARM == 1), 0] == pytest.approx(2)
        assert not moved[~(GONE & (ARM == 1))].any()
        assert not moved[:, 1:].any()


def test_a_shift_of_all_drawn_outcomes_moves_g_computation_by_it_times_their_share():
    """Everybody the same covariates: the mean of an arm falls by the shift times the share that was drawn."""
    flat = np.zeros((N, 1))
    y = np.where(GONE, np.nan, OUTCOME)
    tables = impute(np.column_stack([y, X[:, 0]]), ARM, ["number", "number"], np.random.default_rng(3))
    for before, after in zip(tables, shifted(tables, 0, ARM, [3, 0]), strict=True):
        change = augmented_means(before[:, 0], ARM, flat).means - augmented_means(after[:, 0], ARM, flat).means
        assert change == pytest.approx([3 * GONE[ARM == 0].mean(), 0], abs=1e-9)


@pytest.mark.parametrize("shift", [[1], [np.nan, 0], [1, 2, 3]])
def test_a_shift_that_is_not_one_number_per_arm_is_refused(shift):
    with pytest.raises(NotEstimable, match="one finite number per arm"):
        shifted(completed(), 0, ARM, shift)
