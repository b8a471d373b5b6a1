"""Fixed effects of models of repeated scores, and the contrasts read from them: means at a day, slopes and their
differences."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers, independent_columns
from pipeline.stats.estimate import Estimate, wald

ALIASED = 1e-6  # a contrast may differ from what the data say about it by rounding only


@dataclass(frozen=True, slots=True)
class FixedEffects:
    """Coefficients of a model of repeated scores, and how far their covariance is itself uncertain.

    coefficients  (q,) per unit of each column kept
    covariance    (q, q) theirs: model-based, Kenward-Roger or clustered sandwich, as rule says
    plain         (q, q) model-based covariance at the estimated variances
    moved         (v, q, q) derivative of plain by each variance parameter
    uncertain     (v, v) covariance of the variance parameters
    rule          degrees of freedom: satterthwaite, kenward-roger, clusters or normal
    clusters      clusters of the sandwich, or None
    kept, dropped (q,), (p - q,) columns in the model, and redundant ones
    alias         (q, p - q) dropped columns in terms of those kept
    n, scores     people and scores
    """

    coefficients: Floats
    covariance: Floats
    plain: Floats
    moved: Floats
    uncertain: Floats
    rule: str
    clusters: int | None
    kept: Integers
    dropped: Integers
    alias: Floats
    n: int
    scores: int


@dataclass(frozen=True, slots=True)
class MarginalMeans:
    """Means of the model at given rows of the design: estimates (m,) in order, and covariance (m, m) of the means."""

    means: tuple[Estimate, ...]
    covariance: Floats


def contrast(fit: FixedEffects, weights: ArrayLike, *, level: float = 0.95) -> Estimate:
    """c'b for weights c (p,) over all columns, with t limits, in the outcome's unit.

    df by rule: Satterthwaite 2 (c'Vc)^2 / (g'Ag), g_j = c'V_j c and A the covariance of the variances, from the
    observed information; Kenward-Roger the same from the expected information, which is their df for one contrast, with
    their covariance; clusters G - 1. Satterthwaite (1946) Biometrics Bull 2:110; Fai & Cornelius (1996); Kenward &
    Roger (1997) Biometrics 53:983. Raises NotEstimable where c asks for what redundant columns cannot tell apart.
    """
    c = _own(fit, weights)
    variance = float(c @ fit.covariance @ c)
    return wald(float(c @ fit.coefficients), max(variance, 0.0) ** 0.5, df=_degrees(fit, c), level=level, n=fit.n)


def marginal_means(fit: FixedEffects, rows: ArrayLike, *, level: float = 0.95) -> MarginalMeans:
    """Means at design rows (m, p), such as one row per arm and day with covariates at the values of the people asked
    about."""
    grid = np.atleast_2d(np.asarray(rows, dtype=np.float64))
    own = np.array([_own(fit, row) for row in grid])
    return MarginalMeans(tuple(contrast(fit, row, level=level) for row in grid), own @ fit.covariance @ own.T)


def slope_contrast(
    fit: FixedEffects, arm: ArrayLike, reference: ArrayLike, elapsed: float, *, level: float = 0.95
) -> Estimate:
    """Change per unit of elapsed time in one arm minus that in the other.

    arm, reference  (2, p) design rows of the same person at the earlier and the later time, elapsed apart

    (x_later - x_earlier)' b / elapsed, arm minus reference: for log time or a spline the mean slope between the two
    times.
    """
    if not elapsed > 0:
        raise NotEstimable("the two times are not apart; choose a later second time")
    first, second = np.asarray(arm, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    if first.ndim != 2 or first.shape != second.shape or len(first) != 2:
        raise NotEstimable("a slope needs two design rows, an earlier and a later one, for each arm")
    return contrast(fit, (first[1] - first[0] - second[1] + second[0]) / elapsed, level=level)


def fixed_columns(gram: Floats) -> tuple[Integers, Integers, Floats]:
    """Columns kept, columns that say nothing new, and the latter (q, p - q) in terms of the former, from X'X (p, p)."""
    flags = independent_columns(gram)
    kept, dropped = np.flatnonzero(flags), np.flatnonzero(~flags)
    if not kept.size:
        raise NotEstimable("every column of the model is zero; give it an intercept at least")
    alias = np.linalg.solve(gram[np.ix_(kept, kept)], gram[np.ix_(kept, dropped)])
    return kept, dropped, np.asarray(alias, dtype=np.float64)


def _own(fit: FixedEffects, weights: ArrayLike) -> Floats:
    """The contrast over the columns kept."""
    c = np.asarray(weights, dtype=np.float64)
    if c.shape != (fit.kept.size + fit.dropped.size,) or not np.isfinite(c).all():
        raise NotEstimable("a contrast needs one finite weight for each column of the model")
    own = c[fit.kept]
    if np.abs(c[fit.dropped] - own @ fit.alias).max(initial=0) > ALIASED * max(1.0, float(np.abs(c).max())):
        raise NotEstimable(
            "the contrast rests on columns that the data cannot tell apart; leave one of them out of the model"
        )
    return own


def _degrees(fit: FixedEffects, c: Floats) -> float:
    if fit.rule == "normal":
        return np.inf
    if fit.rule == "clusters":
        return float(fit.clusters or 0) - 1
    lean = np.einsum("a,jab,b->j", c, fit.moved, c)
    spread = float(lean @ fit.uncertain @ lean)
    variance = float(c @ fit.plain @ c)
    return 2 * variance**2 / spread if spread > 0 else np.inf
