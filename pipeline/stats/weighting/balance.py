"""Are the arms alike after weighting, and were there comparable people at all?"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats, Integers, checked_arms, checked_covariates, checked_weights

BLOCK = 8192  # rows per matrix product


@dataclass(frozen=True, slots=True)
class Balance:
    """How far arms differ, one row per covariate (or product of two), before and after weighting.

    names                  (p,)
    smd_before, smd_after  (p,) largest |m_a - m_b| / sqrt((s_a^2 + s_b^2) / 2) over pairs of arms; the SDs are the
                           unweighted ones in both.  0 where nothing differs; inf where constants differ between arms
    ratio_before, ratio_after  (p,) variance of one arm over another's, the pair farthest from 1, always >= 1 (so 0.5-2
                           reads <= 2); inf where one arm does not vary; nan for two-valued columns, whose variance is
                           fixed by their mean, and for products and squares
    means_before, means_after  (k, p) in the covariate's unit
    n                      (k,) people who count
    ess                    (k,) (sum w)^2 / sum w^2
    """

    names: tuple[str, ...]
    smd_before: Floats
    smd_after: Floats
    ratio_before: Floats
    ratio_after: Floats
    means_before: Floats
    means_after: Floats
    n: Integers
    ess: Floats

    @property
    def largest(self) -> float:
        """Largest SMD after weighting; 0 where there is no covariate."""
        return float(self.smd_after.max(initial=0.0))


@dataclass(frozen=True, slots=True)
class Overlap:
    """Whether each arm holds people who could have been in another.

    pairs          (m, 2) arms a < b
    equipoise      (m, 2) share of arm a, and of arm b, whose preference score lies in 0.3..0.7
    smallest       smallest of these; 0.20 is the usual line
    largest_share  (k,) largest weight of one person as a share of their arm's total
    ess            (k,) effective sample
    """

    pairs: Integers
    equipoise: Floats
    smallest: float
    largest_share: Floats
    ess: Floats


def balance(
    covariates: ArrayLike, names: Sequence[str], arm: ArrayLike, weights: ArrayLike, *, base: ArrayLike | None = None
) -> Balance:
    """Standardized mean differences, variance ratios and effective sample of every covariate.

    covariates  (n, p) finite, names (p,), arm (n,) codes 0..k-1
    weights     (n,) what arms are weighted by, e.g. ArmMeans.balancing, or ArmMeans.weights for the observed
    base        (n,) frequency or sampling weights that count as *unweighted*; None: everyone once

    Austin & Stuart (2015) Stat Med 34:3661. Weighted variances are unbiased for probability weights:
    sum w (x - m)^2 / (1 - sum w^2) with w summing to 1; with equal weights the usual n - 1.
    Raises NotEstimable for missing values, empty arms or weights that are all zero in an arm.
    """
    codes, k = checked_arms(arm)
    x = checked_covariates(covariates, len(codes))
    if len(names) != x.shape[1]:
        raise NotEstimable("covariates and names differ in number; give every column one name")
    both = _both(codes, k, weights, base)
    center = x[:: max(1, len(x) // 10_000)].mean(axis=0)
    sums, squares = np.zeros((2 * k, x.shape[1])), np.zeros((2 * k, x.shape[1]))
    for i in range(0, len(x), BLOCK):
        part, of = x[i : i + BLOCK] - center, both[:, i : i + BLOCK]
        sums += of @ part
        np.multiply(part, part, out=part)
        squares += of @ part
    means, variances = _moments(sums, squares, both)
    ratios = np.where(_two_valued(x), np.nan, _farthest_ratio(variances.reshape(2, k, -1)))
    smd = _largest_smd(means.reshape(2, k, -1), variances[:k])
    means = means + center
    return Balance(
        tuple(names), smd[0], smd[1], ratios[0], ratios[1], means[:k], means[k:], _counted(both, k), _ess(both[k:])
    )


def second_order_balance(
    covariates: ArrayLike, names: Sequence[str], arm: ArrayLike, weights: ArrayLike, *, base: ArrayLike | None = None
) -> Balance:
    """balance() of second_order_terms() without ever building them: moments of products are cross-products of columns.

    Memory grows with p^2, not with n p^2. Variance ratios of products are not reported (nan).
    """
    codes, k = checked_arms(arm)
    x = checked_covariates(covariates, len(codes))
    both = _both(codes, k, weights, base)
    first, second = _kept_pairs(x)
    center, scale = _center_and_scale(x)
    p = x.shape[1]
    sums, squares = np.zeros((2 * k, p, p)), np.zeros((2 * k, p, p))
    for i in range(0, len(x), BLOCK):
        part = (x[i : i + BLOCK] - center) / scale
        part_squared = part * part
        for row, of in enumerate(both[:, i : i + BLOCK]):
            sums[row] += (part * of[:, None]).T @ part
            squares[row] += (part_squared * of[:, None]).T @ part_squared
    means, variances = _moments(sums[:, first, second], squares[:, first, second], both)
    smd = _largest_smd(means.reshape(2, k, -1), variances[:k])
    none = np.full(len(first), np.nan)
    return Balance(
        _pair_names(names, first, second),
        smd[0],
        smd[1],
        none,
        none,
        means[:k],
        means[k:],
        _counted(both, k),
        _ess(both[k:]),
    )


def second_order_terms(covariates: ArrayLike, names: Sequence[str]) -> tuple[Floats, tuple[str, ...]]:
    """Squares and pairwise products (n, m) of centered, scaled columns and their names (m,); no squares of two-valued
    ones.

    Raises NotEstimable for missing or infinite values, or nobody.
    """
    x = checked_covariates(covariates, len(np.atleast_1d(np.asarray(covariates))))
    if len(x) == 0:
        raise NotEstimable("nobody is in the comparison; widen the study period or the arms")
    first, second = _kept_pairs(x)
    center, scale = _center_and_scale(x)
    unit = (x - center) / scale
    return unit[:, first] * unit[:, second], _pair_names(names, first, second)


def largest_distances(covariates: ArrayLike, arm: ArrayLike, weights: ArrayLike) -> Floats:
    """Kolmogorov-Smirnov distance of every covariate (p,): largest gap between two arms' weighted distributions,
    0..1."""
    codes, k = checked_arms(arm)
    x = checked_covariates(covariates, len(codes))
    both = _both(codes, k, weights, None)[k:]
    both = both / both.sum(axis=1, keepdims=True)
    distance = np.zeros(x.shape[1])
    for j in range(x.shape[1]):
        order = np.argsort(x[:, j], kind="stable")
        last = np.append(np.diff(x[order, j]) > 0, True)  # ties step together
        curves = both[:, order].cumsum(axis=1)[:, last]
        distance[j] = (curves.max(axis=0) - curves.min(axis=0)).max()
    return distance


def overlap_report(
    probability: Floats, arm: ArrayLike, weights: ArrayLike, *, base: ArrayLike | None = None
) -> Overlap:
    """Equipoise between every pair of arms, and how much rests on single people.

    probability (n, k) of each arm, arm (n,), weights (n,) after all weighting, base (n,) as in balance().
    Preference score of a against b: (e_a / P_a) / (e_a / P_a + e_b / P_b), P the arms' prevalence.
    Walker et al. (2013) Comp Eff Res 3:11, for each pair of arms. Raises NotEstimable for probabilities that are
    missing or not one row per person.
    """
    e = np.asarray(probability, dtype=np.float64)
    codes, k = checked_arms(arm, e.shape[1])
    if len(e) != len(codes) or not np.isfinite(e).all():
        raise NotEstimable(
            "a probability of an arm is missing; pass those of multinomial_propensity, one row per person"
        )
    both = _both(codes, k, weights, base)
    prevalence = both[:k].sum(axis=1) / both[:k].sum()
    pairs, shares = list(combinations(range(k), 2)), []
    for a, b in pairs:
        fa, fb = e[:, a] / prevalence[a], e[:, b] / prevalence[b]
        preference = fa / np.where(fa + fb > 0, fa + fb, 1)
        even = (preference >= 0.3) & (preference <= 0.7)
        shares.append([float(both[own] @ even / both[own].sum()) for own in (a, b)])
    equipoise = np.array(shares)
    return Overlap(
        np.array(pairs, dtype=np.int64),
        equipoise,
        float(equipoise.min()),
        both[k:].max(axis=1) / both[k:].sum(axis=1),
        _ess(both[k:]),
    )


def effective_sample(weights: ArrayLike, arm: ArrayLike) -> Floats:
    """(sum w)^2 / sum w^2 in each arm (k,). Kish (1965)."""
    codes, k = checked_arms(arm)
    return _ess(_both(codes, k, weights, None)[k:])


def _both(arm: Integers, arms: int, weights: ArrayLike, base: ArrayLike | None) -> Floats:
    """Weight of each person in each arm (2k, n): base weights first, then weights."""
    after, before = checked_weights(weights, arm, arms), checked_weights(base, arm, arms)
    own = np.arange(arms)[:, None] == arm
    return np.vstack([own * (1.0 if before is None else before), own * (1.0 if after is None else after)])


def _moments(sums: Floats, squares: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Means and variances (2k, m) from weighted sums of values and of their squares."""
    total, spread = weights.sum(axis=1), (weights * weights).sum(axis=1)
    means = sums / total[:, None]
    own = 1 - spread / total**2
    variances = np.maximum(squares / total[:, None] - means**2, 0) / np.where(own > 1e-12, own, 1)[:, None]
    noise = 1e-13 * (squares / total[:, None])  # what centering leaves of a constant
    return means, np.where(variances > noise, variances, 0)


def _largest_smd(means: Floats, variances: Floats) -> Floats:
    """Largest |difference| over pairs, in pooled unweighted SDs; means (2, k, m), variances (k, m)."""
    out = np.zeros((2, means.shape[2]))
    for a, b in combinations(range(means.shape[1]), 2):
        gap, sd = np.abs(means[:, a] - means[:, b]), np.sqrt((variances[a] + variances[b]) / 2)
        alike = gap <= 1e-12 * np.maximum(np.abs(means[:, a]), 1)
        apart = np.where(sd > 0, gap / np.where(sd > 0, sd, 1), np.where(alike, 0.0, np.inf))
        out = np.maximum(out, apart)
    return out


def _farthest_ratio(variances: Floats) -> Floats:
    """Largest over smallest variance of the arms; variances (2, k, m)."""
    high, low = variances.max(axis=1), variances.min(axis=1)
    return np.where(low > 0, high / np.where(low > 0, low, 1), np.where(high > 0, np.inf, 1.0))


def _two_valued(x: Floats) -> Flags:
    head = x[:1000]
    maybe = np.asarray(((head == head.min(axis=0)) | (head == head.max(axis=0))).all(axis=0), dtype=bool)
    for j in np.flatnonzero(maybe):  # most measures are ruled out by their first rows
        column = np.ascontiguousarray(x[:, j])
        low, high = column.min(), column.max()
        maybe[j] = high > low and bool(((column == low) | (column == high)).all())
    return maybe


def _kept_pairs(x: Floats) -> tuple[Integers, Integers]:
    first, second = np.triu_indices(x.shape[1])
    kept = (first != second) | ~_two_valued(x)[first]
    return first[kept], second[kept]


def _center_and_scale(x: Floats) -> tuple[Floats, Floats]:
    scale = x.std(axis=0)
    return x.mean(axis=0), np.where(scale > 0, scale, 1)


def _pair_names(names: Sequence[str], first: Integers, second: Integers) -> tuple[str, ...]:
    return tuple(
        f"{names[i]} squared" if i == j else f"{names[i]} × {names[j]}" for i, j in zip(first, second, strict=True)
    )


def _counted(both: Floats, arms: int) -> Integers:
    return np.asarray(np.rint(both[:arms].sum(axis=1)), dtype=np.int64)


def _ess(weights: Floats) -> Floats:
    total: Floats = weights.sum(axis=1)
    return np.asarray(total**2 / (weights * weights).sum(axis=1), dtype=np.float64)
