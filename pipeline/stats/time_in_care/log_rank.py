"""Tests whether curves of several groups differ: log-rank for remaining in care, Gray's for one kind of ending."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc

from pipeline.errors import NotEstimable
from pipeline.stats.time_in_care.follow_up import Floats, checked_labels, observe
from pipeline.stats.time_in_care.risk_table import RiskTable, risk_table


@dataclass(frozen=True, slots=True)
class LogRank:
    """Log-rank test of k groups.

    chi_square, df, p   the statistic, its k - 1 degrees of freedom and its p-value
    observed, expected  (k,) endings seen, and expected if all groups had one hazard
    variance            (k, k) hypergeometric covariance of observed - expected
    n                   (k,) people, or the sum of their frequency weights
    """

    chi_square: float
    df: int
    p: float
    observed: Floats
    expected: Floats
    variance: Floats
    n: Floats


def log_rank(
    day: ArrayLike,
    ended: ArrayLike,
    arm: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> LogRank:
    """Log-rank test that k arms leave at the same rate on every day, within strata where they are given.

    day      (n,) days to ending or last observation; ended (n,) True where the ending was seen; arm (n,) integers
             0..k-1
    strata   (n,) integers 0..; people are compared with those of their own stratum only
    entry    (n,) delayed entry; weights (n,) frequencies

    With d of r ending on a day: E_a = d r_a/r, V = d (r - d)/(r - 1) (diag(r_a/r) - r_a r_b/r^2); chi-square = (O - E)'
    V^- (O - E). Mantel (1966); Kalbfleisch & Prentice (2002), section 1.5. Raises NotEstimable with fewer than two arms
    or without endings.
    """
    if strata is None:
        return log_rank_of(risk_table(day, ended, arm=arm, entry=entry, weights=weights, causes=1))
    days, ends, arms = np.asarray(day), np.asarray(ended), np.asarray(arm)
    groups = checked_labels(strata, "strata", days.size)
    checked_labels(arms, "arm", days.size)
    k = int(arms.max()) + 1
    tables = []
    for here in (np.flatnonzero(groups == stratum) for stratum in np.unique(groups)):
        tables.append(
            risk_table(
                days[here],
                ends[here],
                arm=arms[here],
                entry=None if entry is None else np.asarray(entry)[here],
                weights=None if weights is None else np.asarray(weights)[here],
                arms=k,
                causes=1,
            )
        )
    return log_rank_of(*tables)


def log_rank_of(*tables: RiskTable) -> LogRank:
    """Log-rank test on risk tables that exist already, one per stratum, all endings taken together."""
    parts = [_one_stratum(table) for table in tables]
    observed, expected, variance = (np.sum([part[i] for part in parts], axis=0) for i in range(3))
    n = np.sum([table.people for table in tables], axis=0)
    chi_square, df = quadratic_form(observed - expected, variance)
    return LogRank(chi_square, df, float(gammaincc(df / 2, chi_square / 2)), observed, expected, variance, n)


def quadratic_form(score: Floats, variance: Floats) -> tuple[float, int]:
    """score' variance^- score and the rank of the variance: groups never at risk together add no degree of freedom.

    Raises NotEstimable where no two groups can be compared.
    """
    df = int(np.linalg.matrix_rank(variance, tol=1e-10 * float(np.trace(variance)), hermitian=True))
    if df == 0 or not np.trace(variance) > 0:
        raise NotEstimable(
            "no ending was seen while two groups were under observation; follow people longer or join groups"
        )
    return float(score @ np.linalg.pinv(variance, rcond=1e-10, hermitian=True) @ score), df


def _one_stratum(table: RiskTable) -> tuple[Floats, Floats, Floats]:
    events = table.events.sum(axis=2)
    ended, risk = events.sum(axis=1), table.at_risk.sum(axis=1)
    share = np.divide(table.at_risk, risk[:, None], out=np.zeros_like(table.at_risk), where=risk[:, None] > 0)
    spread = np.divide(ended * (risk - ended), risk - 1, out=np.zeros_like(risk), where=risk > 1)
    variance = np.diag(spread @ share) - (share * spread[:, None]).T @ share
    return events.sum(axis=0), ended @ share, variance


@dataclass(frozen=True, slots=True)
class GrayTest:
    """Gray's test of the cumulative incidence of one cause among k groups.

    chi_square, df, p   the statistic, its k - 1 degrees of freedom and its p-value
    score               (k,) weighted endings by the cause, seen minus expected under one subdistribution
    variance            (k, k) covariance of the score
    n                   (k,) people
    """

    chi_square: float
    df: int
    p: float
    score: Floats
    variance: Floats
    n: Floats


def gray_test(
    day: ArrayLike, cause: ArrayLike, arm: ArrayLike, *, of: int = 1, strata: ArrayLike | None = None
) -> GrayTest:
    """Gray's test that k arms have one cumulative incidence of cause `of`, other endings competing (weight rho = 0).

    day     (n,) days to ending or last observation; cause (n,) 0 observation stopped, 1..c kind of ending
    arm     (n,) integers 0..k-1; strata (n,) integers, compared within

    Gray (1988), Annals of Statistics 16:1141, with its tie factors. Raises NotEstimable with fewer than two arms or no
    such ending.
    """
    seen = observe(day, cause, arm=arm)
    k = max(seen.arms, 1)
    if seen.arm is None or of < 1 or not (seen.state == of).any():
        raise NotEstimable("nobody ended by this cause; follow people longer or join causes")
    state = np.where(seen.state == 0, 0, np.where(seen.state == of, 1, 2))
    groups = (
        np.zeros(seen.day.size, dtype=np.int64) if strata is None else checked_labels(strata, "strata", seen.day.size)
    )
    score, variance, n = np.zeros(k), np.zeros((k, k)), np.zeros(k)
    for stratum in np.unique(groups):
        here = groups == stratum
        table = risk_table(seen.day[here], state[here], arm=seen.arm[here], arms=k, causes=2)
        part = _gray_stratum(table)
        score, variance, n = score + part[0], variance + part[1], n + table.people
    chi_square, df = quadratic_form(score, variance)
    return GrayTest(chi_square, df, float(gammaincc(df / 2, chi_square / 2)), score, variance, n)


def _gray_stratum(table: RiskTable) -> tuple[Floats, Floats]:
    """Score (k,) and covariance (k, k) of one stratum: sums over days, then over the groups that carry the
    randomness."""
    own, other, risk = table.events[:, :, 0], table.events[:, :, 1], table.at_risk
    hazard = _ratio(own + other, risk)
    stay: Floats = np.asarray(np.cumprod(1 - hazard, axis=0), dtype=np.float64)
    before = _lagged(stay, 1.0)
    incidence: Floats = np.cumsum(before * _ratio(own, risk), axis=0)
    incidence_before = _lagged(incidence, 0.0)

    adjusted = _ratio(risk, before)  # at risk, those gone by other causes put back
    total = adjusted.sum(axis=1)
    endings = own.sum(axis=1)
    pooled: Floats = np.cumsum(_ratio(endings, total))
    pooled_before = _lagged(pooled, 0.0)
    share = _ratio(adjusted * (1 - incidence_before), (adjusted * (1 - incidence_before)).sum(axis=1, keepdims=True))
    score = (own - endings[:, None] * share).sum(axis=0)

    k = risk.shape[1]
    weight = adjusted[:, :, None] * (np.eye(k) - _ratio(adjusted, total[:, None])[:, None, :])
    drift: Floats = np.cumsum(weight * _ratio(endings, total * (1 - pooled_before))[:, None, None], axis=0)
    variance = np.zeros((k, k))
    for group in range(k):
        variance += _gray_group(
            weight[:, :, group],
            drift[:, :, group],
            own[:, group],
            other[:, group],
            risk[:, group],
            stay[:, group],
            before[:, group],
            pooled,
            endings,
            total,
        )
    return score, variance


def _gray_group(
    weight: Floats,
    drift: Floats,
    own: Floats,
    other: Floats,
    risk: Floats,
    stay: Floats,
    before: Floats,
    pooled: Floats,
    endings: Floats,
    total: Floats,
) -> Floats:
    """(k, k) share of the covariance that comes from the randomness of one group."""
    there = risk > 0
    lift = np.where(there & (stay > 0), _ratio(1 - pooled, stay), 0.0)
    own_lift = np.where(stay > 0, 1 - lift, 1.0)
    tie = 1 - np.where(endings > 1, _ratio(endings - 1, total * before - 1), 0.0)
    by_own = np.where(there, tie * before * _ratio(endings, total * risk), 0.0)
    tie_other = 1 - np.where(other > 1, _ratio(other - 1, risk - 1), 0.0)
    by_other = np.where(there & (stay > 0), tie_other * before**2 * _ratio(other, risk**2), 0.0)
    a = weight - own_lift[:, None] * drift + own_lift[:, None] * drift[-1]
    b = lift[:, None] * (drift - drift[-1])
    covariance: Floats = (a * by_own[:, None]).T @ a + (b * by_other[:, None]).T @ b
    return covariance


def _lagged(values: Floats, first: float) -> Floats:
    return np.concatenate([np.full_like(values[:1], first), values[:-1]])


def _ratio(part: Floats | NDArray[np.float64], whole: Floats) -> Floats:
    part, whole = np.broadcast_arrays(part, whole)
    return np.divide(part, whole, out=np.zeros(whole.shape), where=whole > 0)
