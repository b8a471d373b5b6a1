"""What must hold whatever the data: the order of rows, the names of arms, the unit of time and weighted copies do not
matter."""

from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stats.cost.cost import cost_difference, mean_cost
from pipeline.stats.estimate import Estimate
from pipeline.stats.hazards.cox import cox
from pipeline.stats.hazards.fine_gray import fine_gray
from pipeline.stats.hazards.profiles import cox_profile, log_ratio_grid, pool_profiles
from pipeline.stats.meta_analysis import random_effects
from pipeline.stats.time_in_care.incidence import aalen_johansen
from pipeline.stats.time_in_care.log_rank import gray_test, log_rank
from pipeline.stats.time_in_care.restricted_mean import restricted_mean_survival, rmst_difference
from pipeline.stats.time_in_care.survival import kaplan_meier
from pipeline.stats.time_in_care.weighted_curves import weighted_incidence, weighted_rmst, weighted_survival
from pipeline.stats.weighting.arm_means import difference
from pipeline.stats.weighting.balance import balance
from pipeline.stats.weighting.effects import augmented_means, fixed_weight_means, g_computation, weighted_means
from pipeline.stats.weighting.propensity import multinomial_propensity
from tests.unit.stats.degenerate_calls import CALLS
from tests.unit.stats.degenerate_people import N

ROUNDING = 1e-7  # sums in another order, and iterations that stop at 1e-8
SEEDS = st.integers(0, 100_000)
FEW = settings(max_examples=12, deadline=None)
MEANS = (augmented_means, weighted_means, g_computation)
IN_ORDER = {
    "control_charts.xmr",
    "control_charts.p_prime",
    "control_charts.u_prime",
    "control_charts.runs_signals",  # points in time
    "sensitivity.strongest_measured",
    "sensitivity.leave_one_site_out",
}  # answers with a place in the list
DRAWN = {
    "imputation.impute",
    "imputation.shifted",
    "cross_fitting.cross_fitted_means",
    "resampling.cluster_bootstrap",
    "cluster_ratios.ratio_bootstrap",
    "strategy_risks.risk",
    "strategy_risks.risk_difference",
    "strategy_risks.risk_ratio",
    "strategy_risks.incidence_se",
}  # draws and folds go by row number
OF_PEOPLE = sorted(name for name, call in CALLS.items() if call.data and name not in IN_ORDER | DRAWN)


class People:
    """A small study with everything in it, drawn from a seed."""

    def __init__(self, seed, n=160):
        rng = np.random.default_rng(seed)
        self.rng, self.x = rng, rng.normal(size=(n, 2))
        self.site = np.arange(n) % 4
        self.arm = (rng.random(n) < 1 / (1 + np.exp(-0.6 * self.x[:, 0] - 0.2 * self.site + 0.3))).astype(int)
        self.outcome = np.where(
            rng.random(n) < 0.8, 1 + self.arm + self.x[:, 0] + 0.5 * self.site + 2 * rng.normal(size=n), np.nan
        )
        self.day = np.ceil(rng.exponential(40, n))
        self.cause = rng.integers(0, 3, n)
        self.weights = rng.uniform(0.3, 2, n)
        self.until = float(min(self.day[self.arm == a].max() for a in (0, 1)))


def numbers(result):
    """Every number of a result that is not one per person, in order."""
    if is_dataclass(result):
        return np.concatenate([numbers(getattr(result, one.name)) for one in fields(result)] or [np.zeros(0)])
    if isinstance(result, (tuple, list)):
        return np.concatenate([numbers(one) for one in result]) if result else np.zeros(0)
    if isinstance(result, (bool, int, float, np.ndarray, np.number)):
        values = np.asarray(result)
        if values.dtype.kind in "fiub" and not (values.ndim and values.shape[0] == N):
            return values.astype(float).ravel()
    return np.zeros(0)


def estimates(result):
    """Every Estimate inside a result."""
    if isinstance(result, Estimate):
        yield result
    elif is_dataclass(result):
        for one in fields(result):
            yield from estimates(getattr(result, one.name))
    elif isinstance(result, (tuple, list)):
        for one in result:
            yield from estimates(one)


# ---------- every estimator ----------


@pytest.mark.parametrize("name", OF_PEOPLE)
def test_the_order_of_rows_does_not_matter(name):
    call = CALLS[name]
    size = len(np.asarray(call.data[call.main]))
    order = np.random.default_rng(3).permutation(size)
    again = call(**{key: np.asarray(values)[order] for key, values in call.data.items()})
    if size == N:
        assert numbers(again) == pytest.approx(numbers(call()), rel=1e-6, abs=ROUNDING, nan_ok=True)
    else:
        assert np.sort(numbers(again)) == pytest.approx(np.sort(numbers(call())), rel=1e-6, abs=ROUNDING, nan_ok=True)


@pytest.mark.parametrize("name", CALLS)
def test_limits_contain_the_estimate(name):
    for one in estimates(CALLS[name]()):
        assert one.low <= one.estimate <= one.high
        assert np.isnan(one.p) or 0 <= one.p <= 1
        assert np.isnan(one.se) or one.se > 0


# ---------- names of arms ----------


@FEW
@given(SEEDS, st.sampled_from(MEANS))
def test_swapped_arms_give_the_opposite_difference(seed, estimator):
    p = People(seed)
    one, other = (difference(estimator(p.outcome, arm, p.x, p.site, inference="person")) for arm in (p.arm, 1 - p.arm))
    assert other.estimate == pytest.approx(-one.estimate, abs=ROUNDING)
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low), abs=ROUNDING)


@FEW
@given(SEEDS)
def test_swapped_arms_change_no_test_and_turn_every_other_contrast_around(seed):
    p, q = People(seed), 1 - People(seed).arm
    ended = p.cause > 0
    assert log_rank(p.day, ended, q).chi_square == pytest.approx(log_rank(p.day, ended, p.arm).chi_square, rel=1e-9)
    assert gray_test(p.day, p.cause, q).chi_square == pytest.approx(
        gray_test(p.day, p.cause, p.arm).chi_square, rel=1e-9
    )
    days = [
        rmst_difference(p.day, ended, arm, p.until, weights=p.weights, kind="probability").differences[0]
        for arm in (p.arm, q)
    ]
    assert days[1].estimate == pytest.approx(-days[0].estimate, abs=ROUNDING)
    assert days[1].se == pytest.approx(days[0].se, rel=1e-9)
    hazards = [cox(p.day, ended, arm).coefficients[0] for arm in (p.arm, q)]
    assert hazards[1] == pytest.approx(-hazards[0], abs=ROUNDING)
    spent = [cost_difference(mean_cost(p.day * 10 + 5, p.day, ended, arm, horizon=p.until)) for arm in (p.arm, q)]
    assert spent[1].estimate == pytest.approx(-spent[0].estimate, abs=ROUNDING)


@FEW
@given(SEEDS, st.permutations([0, 1, 2]))
def test_three_arms_may_have_any_numbers(seed, names):
    p, names = People(seed), np.array(names)
    arm = np.where(p.rng.random(160) < 0.3, 2, p.arm)
    one, other = (augmented_means(p.outcome, codes, p.x, p.site) for codes in (arm, names[arm]))
    assert other.means[names] == pytest.approx(one.means, abs=ROUNDING)
    assert other.covariance[np.ix_(names, names)] == pytest.approx(one.covariance, abs=ROUNDING)
    before, after = (
        weighted_incidence(p.day, p.cause, codes, p.weights, [10], arms=3).estimate for codes in (arm, names[arm])
    )
    assert after[:, names] == pytest.approx(before, abs=1e-12)


# ---------- units of time ----------


@FEW
@given(SEEDS, st.sampled_from([7, 24, 365]))
def test_days_may_be_counted_in_any_unit(seed, factor):
    p = People(seed)
    ended, longer = p.cause > 0, p.day * factor
    assert kaplan_meier(longer, ended).estimate == pytest.approx(kaplan_meier(p.day, ended).estimate, rel=1e-12)
    assert aalen_johansen(longer, p.cause).se == pytest.approx(aalen_johansen(p.day, p.cause).se, rel=1e-9)
    one, other = (
        restricted_mean_survival(p.day, ended, p.until),
        restricted_mean_survival(longer, ended, p.until * factor),
    )
    assert (other.estimate, other.se) == pytest.approx((factor * one.estimate, factor * one.se), rel=1e-9)
    assert log_rank(longer, ended, p.arm).chi_square == pytest.approx(
        log_rank(p.day, ended, p.arm).chi_square, rel=1e-9
    )
    assert cox(longer, ended, p.x).coefficients == pytest.approx(cox(p.day, ended, p.x).coefficients, abs=ROUNDING)
    assert fine_gray(longer, p.cause, p.x).coefficients == pytest.approx(
        fine_gray(p.day, p.cause, p.x).coefficients, abs=ROUNDING
    )
    areas = [
        weighted_rmst(day, ended, p.arm, p.weights, until)
        for day, until in ((p.day, p.until), (longer, p.until * factor))
    ]
    assert areas[1] == pytest.approx(factor * areas[0], rel=1e-9)


# ---------- weighted copies ----------


@FEW
@given(SEEDS, st.sampled_from(MEANS))
def test_people_split_into_weighted_copies_are_the_same_people(seed, estimator):
    """Standard errors too where the copies of a person share a cluster."""
    p = People(seed)
    part = p.rng.uniform(0.2, 0.8, 160)
    twice = [np.concatenate([values, values]) for values in (p.outcome, p.arm, p.x, p.site)]
    copies = np.concatenate([p.weights * part, p.weights * (1 - part)])
    one = difference(estimator(p.outcome, p.arm, p.x, p.site, weights=p.weights, cluster=np.arange(160)))
    other = difference(estimator(*twice, weights=copies, cluster=np.tile(np.arange(160), 2)))
    assert other.estimate == pytest.approx(one.estimate, abs=ROUNDING)
    assert other.se == pytest.approx(one.se, rel=1e-5)


@FEW
@given(SEEDS)
def test_curves_and_balance_do_not_see_weighted_copies(seed):
    p = People(seed)
    part = p.rng.uniform(0.2, 0.8, 160)
    day, cause, arm, x = (np.concatenate([values, values]) for values in (p.day, p.cause, p.arm, p.x))
    copies = np.concatenate([p.weights * part, p.weights * (1 - part)])
    curves = [
        kaplan_meier(d, c > 0, weights=w, kind="probability").estimate
        for d, c, w in ((p.day, p.cause, p.weights), (day, cause, copies))
    ]
    assert curves[1] == pytest.approx(curves[0], abs=1e-12)
    points = [
        weighted_incidence(d, c, a, w, [5, p.until]).estimate
        for d, c, a, w in ((p.day, p.cause, p.arm, p.weights), (day, cause, arm, copies))
    ]
    assert points[1] == pytest.approx(points[0], abs=1e-12)
    who = np.arange(160)
    hazards = [
        cox(d, c > 0, z, weights=w, kind="probability", ties="breslow", cluster=of)
        for d, c, z, w, of in ((p.day, p.cause, p.x, p.weights, who), (day, cause, x, copies, np.tile(who, 2)))
    ]
    assert hazards[1].coefficients == pytest.approx(hazards[0].coefficients, abs=ROUNDING)
    assert hazards[1].covariance == pytest.approx(hazards[0].covariance, rel=1e-5, abs=1e-9)
    alike = [balance(z, ["a", "b"], a, w, base=w) for z, a, w in ((p.x, p.arm, p.weights), (x, arm, copies))]
    assert alike[1].means_after == pytest.approx(alike[0].means_after, abs=1e-12)


@FEW
@given(SEEDS)
def test_counted_people_are_people_written_out(seed):
    p = People(seed)
    count = p.rng.integers(1, 4, 160)
    day, cause, arm, x = (np.repeat(values, count, axis=0) for values in (p.day, p.cause, p.arm, p.x))
    one, other = kaplan_meier(p.day, p.cause > 0, weights=count), kaplan_meier(day, cause > 0)
    assert one.estimate == pytest.approx(other.estimate, abs=1e-12)
    assert one.se == pytest.approx(other.se, abs=1e-12)
    counted, written = cox(p.day, p.cause > 0, p.x, weights=count), cox(day, cause > 0, x)
    assert counted.coefficients == pytest.approx(written.coefficients, abs=ROUNDING)
    assert counted.covariance == pytest.approx(written.covariance, rel=1e-6)
    test = log_rank(p.day, p.cause > 0, p.arm, weights=count)
    assert test.chi_square == pytest.approx(log_rank(day, cause > 0, arm).chi_square, rel=1e-9)


# ---------- curves ----------


@FEW
@given(SEEDS)
def test_curves_only_fall_or_only_rise_and_lie_within_their_limits(seed):
    p = People(seed)
    stay = kaplan_meier(p.day, p.cause > 0, weights=p.weights, kind="probability")
    leave = aalen_johansen(p.day, p.cause, weights=p.weights, kind="probability")
    assert (np.diff(stay.estimate) <= 1e-12).all()
    assert (np.diff(leave.estimate, axis=0) >= -1e-12).all()
    assert leave.in_care + leave.estimate.sum(axis=1) == pytest.approx(np.ones(len(leave.day)), abs=1e-9)
    for curve in (stay, leave):
        told = np.isfinite(curve.low)
        assert (curve.low[told] <= curve.estimate[told] + 1e-12).all()
        assert (curve.estimate[told] <= curve.high[told] + 1e-12).all()
    grid = np.arange(0, p.until + 1)
    assert (np.diff(weighted_survival(p.day, p.cause > 0, p.arm, p.weights, grid).estimate, axis=0) <= 1e-12).all()
    areas = [weighted_rmst(p.day, p.cause > 0, p.arm, p.weights, until) for until in (p.until / 2, p.until)]
    assert (areas[0] <= areas[1]).all()
    assert (areas[1] <= p.until).all()


# ---------- two of k, and one of many ----------


@FEW
@given(SEEDS)
def test_the_code_for_k_arms_with_two_of_them_is_the_two_arm_formula(seed):
    p = People(seed)
    e = multinomial_propensity(p.x, p.arm).probabilities[:, 1]
    w = np.where(p.arm == 1, 1 - e, e)  # overlap weights of two arms
    seen = np.isfinite(p.outcome)
    y = np.where(seen, p.outcome, p.x[:, 0])
    found = weighted_means(y, p.arm, p.x)
    by_hand = [np.average(y[p.arm == a], weights=w[p.arm == a]) for a in (0, 1)]
    assert found.means == pytest.approx(by_hand, abs=ROUNDING)
    augmented, tilt = augmented_means(y, p.arm, p.x), e * (1 - e)
    z = np.column_stack([np.ones(160), p.x])
    for a in (0, 1):
        here = p.arm == a
        line = z @ np.linalg.lstsq(z[here], y[here], rcond=None)[0]
        plain = np.average(line, weights=tilt) + np.average((y - line)[here], weights=w[here])
        assert augmented.means[a] == pytest.approx(plain, abs=ROUNDING)


@FEW
@given(SEEDS)
def test_the_log_rank_test_of_two_arms_is_the_classical_one(seed):
    p = People(seed)
    ended, seen, expected, variance = p.cause > 0, 0.0, 0.0, 0.0
    for t in np.unique(p.day[ended]):
        risk, d = p.day >= t, ended & (p.day == t)
        n, n1, m, m1 = risk.sum(), (risk & (p.arm == 1)).sum(), d.sum(), (d & (p.arm == 1)).sum()
        seen, expected = seen + m1, expected + m * n1 / n
        variance += m * (n1 / n) * (1 - n1 / n) * (n - m) / (n - 1) if n > 1 else 0
    assert log_rank(p.day, ended, p.arm).chi_square == pytest.approx((seen - expected) ** 2 / variance, rel=1e-9)


@FEW
@given(SEEDS)
def test_one_site_pooled_is_that_site(seed):
    p = People(seed)
    alone = difference(fixed_weight_means(p.outcome, p.arm))
    pooled = random_effects([alone.estimate], [alone.se]).estimate
    assert (pooled.estimate, pooled.se) == pytest.approx((alone.estimate, alone.se), rel=1e-12)
    grid = log_ratio_grid()
    profile = pool_profiles([cox_profile(p.day, p.cause > 0, p.arm, grid)])
    assert np.log(profile.estimate) == pytest.approx(
        cox(p.day, p.cause > 0, p.arm).coefficients[0], abs=1e-4
    )  # read from a grid
