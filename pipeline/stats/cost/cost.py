"""What care costs over a fixed period where some are not followed to its end."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, stdtr

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats, Integers, checked_arms, checked_weights
from pipeline.stats.estimate import Estimate, critical_value, wald
from pipeline.stats.weighting.estimating_equations import clustered_covariance


@dataclass(frozen=True, slots=True)
class MeanCost:
    """Mean cost per person over the whole period, by arm, as if nobody's costs had been cut off.

    means       (k,) in the currency and price year of the costs
    covariance  (k, k) of the means, weights taken as known
    df          clusters - 1 where clusters were given; inf otherwise
    influence   (n, k) each person's share of the error of each mean; covariance with an effect comes from here
    complete    (k,) people of each arm whose cost is known to the end of the period
    n           (k,) people
    largest     (k,) the largest weight 1 / K a person's cost was given for those cut off
    """

    means: Floats
    covariance: Floats
    df: float
    influence: Floats
    complete: Integers
    n: Integers
    largest: Floats


def mean_cost(
    cost: ArrayLike,
    day: ArrayLike,
    ended: ArrayLike,
    arm: ArrayLike,
    *,
    horizon: float,
    ends: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> MeanCost:
    """Mean cost to the horizon with those followed to the end standing in for those cut off, within arm.

    cost (n,) from day 0 to the horizon, or (n, j) in intervals that close on days ends (j,), the last one the horizon
    (partitioned: uses what is known of those cut off later). day (n,) last day with known costs; ended (n,) True where
    costs cannot come after it (death). Only costs known to the end of their interval are read; others may be nan.
    weights are probability weights, taken as known: jackknife_sites refits them. Mean = sum of w D M / K(T) over sum
    of w, K the Kaplan-Meier of being cut off just before T = min(day, end), D = known; SE from the influence function.
    Bang & Tsiatis (2000) Biometrika 87:329. Needs cutting off unrelated to cost given arm. Raises NotEstimable where
    nobody of an arm at risk is followed to the horizon, or a known cost is missing or infinite.
    """
    codes, k = checked_arms(arm)
    money, close = _intervals(cost, ends, horizon, codes.size)
    last, final = np.asarray(day, dtype=np.float64), np.asarray(ended, dtype=bool)
    if last.shape != codes.shape or final.shape != codes.shape or not (last >= 0).all():
        raise NotEstimable(
            "the last day with known costs must be given for everyone and not be negative; mend it before comparing"
        )
    given = checked_weights(weights, codes, k)
    w = np.ones(codes.size) if given is None else given
    means, influence = np.zeros(k), np.zeros((codes.size, k))
    largest, complete = np.ones(k), np.zeros(k, dtype=np.int64)
    for a in range(k):
        rows = np.flatnonzero(codes == a)
        for j, end in enumerate(close):
            known = final[rows] | (last[rows] >= end)
            part = _interval_mean(money[rows, j], np.minimum(last[rows], end), known, w[rows])
            means[a] += part.mean
            influence[rows, a] += part.influence
            largest[a] = max(largest[a], part.largest)
        complete[a] = known.sum()
    own = np.arange(codes.size) if cluster is None else np.asarray(cluster)
    covariance, groups = clustered_covariance(influence, own)
    return MeanCost(
        means,
        covariance,
        np.inf if cluster is None else groups - 1.0,
        influence,
        complete,
        np.bincount(codes, minlength=k),
        largest,
    )


@dataclass(frozen=True, slots=True)
class Incremental:
    """What one level costs and brings against another, and how the two move together.

    cost, effect  differences, arm minus reference; effect in its own unit, more is better
    covariance    (2, 2) of (cost, effect)
    df            degrees of freedom of the t reference
    ratio         extra cost per unit of extra effect with Fieller's limits; None where the note says why
    note          which is the case: trade-off, dominance, or an effect that may be nothing
    """

    cost: Estimate
    effect: Estimate
    covariance: Floats
    df: float
    ratio: Estimate | None
    note: str


@dataclass(frozen=True, slots=True)
class AcceptabilityCurve:
    """Net monetary benefit and the chance that it is above 0, by what a unit of effect is worth.

    worth        (g,) willingness to pay per unit of effect
    benefit      (g,) worth times extra effect minus extra cost
    se           (g,) of benefit
    probability  (g,) that benefit > 0, from the t reference
    """

    worth: Floats
    benefit: Floats
    se: Floats
    probability: Floats


def incremental(
    cost: float, effect: float, covariance: ArrayLike, *, df: float = np.inf, level: float = 0.95
) -> Incremental:
    """Extra cost and extra effect of a level, with an incremental ratio only where one means something.

    covariance (2, 2) of (cost, effect) from the same people: jackknife_sites over both. The ratio
    has Fieller's limits (Willan & O'Brien 1996, Health Econ 5:297): roots R of (C - R E)^2 = t^2 (vC - 2 R vCE + R^2
    vE). There is none where the effect's interval holds 0, nor where one level is both cheaper and better. Raises
    NotEstimable for a covariance that is not one or has no spread.
    """
    v = np.asarray(covariance, dtype=np.float64)
    if (
        v.shape != (2, 2)
        or not np.isfinite(v).all()
        or v[0, 1] != v[1, 0]
        or v[0, 1] ** 2 > v[0, 0] * v[1, 1] * (1 + 1e-9)
    ):
        raise NotEstimable(
            "the covariance of cost and effect must be a symmetric 2 x 2 matrix; take it from one set of replicates"
        )
    money, gain = (wald(value, v[i, i] ** 0.5, df=df, level=level) for i, value in enumerate((cost, effect)))
    if gain.low <= 0 <= gain.high:
        return Incremental(
            money,
            gain,
            v,
            df,
            None,
            "the effect may be nothing, so there is no cost per unit of it; see the net benefit",
        )
    if cost * effect <= 0:
        better = "better and not dearer" if effect > 0 else "worse and not cheaper"
        return Incremental(
            money, gain, v, df, None, f"the level is {better}: a ratio would say nothing; see the net benefit"
        )
    note = "extra cost per unit gained" if effect > 0 else "saving per unit given up"
    return Incremental(money, gain, v, df, _fieller(money, gain, v, df, level), note)


def net_monetary_benefit(result: Incremental, worth: float, *, level: float = 0.95) -> Estimate:
    """worth times extra effect minus extra cost, in currency, where a unit of effect is worth that much.

    Variance worth^2 vE + vC - 2 worth vCE. Stinnett & Mullahy (1998) Med Decis Making 18:S68. Raises NotEstimable for
    a worth that is negative or not finite.
    """
    gradient = _gradient(np.atleast_1d(np.asarray(worth, dtype=np.float64)))[0]
    value = float(gradient @ [result.cost.estimate, result.effect.estimate])
    return wald(value, float(gradient @ result.covariance @ gradient) ** 0.5, df=result.df, level=level)


def acceptability_curve(result: Incremental, worth: ArrayLike) -> AcceptabilityCurve:
    """Chance that a level is worth its cost for each value (g,) of a unit of effect: T(benefit / se), T the t(df).

    Fenwick, Claxton & Sculpher (2001) Health Econ 10:779; at worth 0 it is the chance of costing less. Raises
    NotEstimable for a worth that is negative or not finite.
    """
    values = np.atleast_1d(np.asarray(worth, dtype=np.float64))
    gradient = _gradient(values)
    benefit = gradient @ [result.cost.estimate, result.effect.estimate]
    se = np.sqrt(np.einsum("gi,ij,gj->g", gradient, result.covariance, gradient))
    if not (se > 0).all():
        raise NotEstimable(
            "cost and effect move together exactly at one worth, so the benefit has no spread; ask for another worth"
        )
    t = benefit / se
    return AcceptabilityCurve(values, benefit, se, np.asarray(ndtr(t) if np.isinf(result.df) else stdtr(result.df, t)))


def _gradient(worth: Floats) -> Floats:
    if not (np.isfinite(worth).all() and (worth >= 0).all()):
        raise NotEstimable("what a unit of effect is worth must be finite and not negative")
    return np.column_stack([-np.ones(worth.size), worth])


def _fieller(cost: Estimate, effect: Estimate, v: Floats, df: float, level: float) -> Estimate:
    t2 = critical_value(df, level) ** 2
    a = effect.estimate**2 - t2 * v[1, 1]  # above 0, because the effect's interval does not hold 0
    b = cost.estimate * effect.estimate - t2 * v[0, 1]
    c = cost.estimate**2 - t2 * v[0, 0]
    root = max(b * b - a * c, 0.0) ** 0.5
    return Estimate(
        cost.estimate / effect.estimate,
        np.nan,
        df,
        float((b - root) / a),
        float((b + root) / a),
        np.nan,
        0,
        level=level,
    )


def _intervals(cost: ArrayLike, ends: ArrayLike | None, horizon: float, n: int) -> tuple[Floats, Floats]:
    """Costs (n, j) and the days (j,) on which their intervals close."""
    money = np.asarray(cost, dtype=np.float64)
    money = money[:, None] if money.ndim == 1 else money
    close = np.array([horizon]) if ends is None else np.asarray(ends, dtype=np.float64)
    if money.ndim != 2 or money.shape != (n, close.size):
        raise NotEstimable(
            "costs must have one row per person and one column per interval; pass the days intervals end on"
        )
    if not (np.isfinite(close).all() and close[0] > 0 and (np.diff(close) > 0).all() and close[-1] == horizon):
        raise NotEstimable("cost intervals must end on increasing days, the last of them the horizon; mend the days")
    return money, close


@dataclass(frozen=True, slots=True)
class _IntervalMean:
    mean: float
    influence: Floats
    largest: float


def _interval_mean(cost: Floats, time: Floats, known: Flags, w: Floats) -> _IntervalMean:
    """Weighted mean of one interval of one arm (r,), and its influence (r,) = w/W (D M / K - mean + censoring part)."""
    counts = w > 0
    used = known & counts
    if not np.isfinite(cost[used]).all():
        raise NotEstimable("a cost that should be known is missing or infinite; enter 0 where nothing was spent")
    if (~known & counts & (time == time[counts].max())).any():
        raise NotEstimable(
            "nobody at one level is followed to the end of the period; shorten the period or wait for the costs"
        )
    if used.all():
        mean = float(w @ cost / w.sum())
        return _IntervalMean(mean, w * (cost - mean) / w.sum(), 1.0)
    days, at = np.unique(time, return_inverse=True)
    cut = np.bincount(at, weights=w * ~known, minlength=days.size).astype(np.float64)
    leaving = np.bincount(at, weights=w, minlength=days.size).astype(np.float64)
    # Costs that are complete on a day are so before anyone is cut off on it.
    could_be_cut: Floats = np.cumsum(leaving[::-1])[::-1] - leaving + cut
    hazard = np.divide(cut, could_be_cut, out=np.zeros(days.size), where=cut > 0)
    stay = np.concatenate([[1.0], np.cumprod(1 - hazard)[:-1]])
    raised = np.zeros(cost.size)
    raised[used] = cost[used] / stay[at[used]]
    mean = float(w @ raised / w.sum())
    given_back = _given_back(w * raised, at, known, hazard, could_be_cut)
    return _IntervalMean(mean, w * (raised - mean + given_back) / w.sum(), float((1 / stay[at[used]]).max()))


def _given_back(raised: Floats, at: Integers, known: Flags, hazard: Floats, could_be_cut: Floats) -> Floats:
    """Influence (r,) of estimating the chance of being cut off: sum over days of G (dN - hazard), while at risk of it.

    G(u) = sum of raised costs complete after u / (could be cut off on u, times 1 - hazard).
    """
    summed = np.bincount(at, weights=raised, minlength=hazard.size)
    later = np.cumsum(summed[::-1])[::-1] - summed
    share = could_be_cut * (1 - hazard)
    g = np.divide(later, share, out=np.zeros(hazard.size), where=(share > 0) & (later != 0))
    drift = np.cumsum(g * hazard)
    given: Floats = np.where(known, -(drift - g * hazard)[at], (g - drift)[at])
    return given
