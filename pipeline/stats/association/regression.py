"""Weighted least squares with standard errors that let the rows of one cluster resemble each other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, independent_columns
from pipeline.stats.estimate import Estimate, wald


@dataclass(frozen=True, slots=True)
class LinearFit:
    """A linear regression with an intercept.

    coefficients  (1 + p,) intercept first, then the columns as they were given
    covariance    (1 + p, 1 + p) cluster-robust
    fitted        (n,) predictions
    residual_sd   sqrt(weighted sum of squares / (n - p - 1)), in the unit of the outcome
    df            clusters - 1
    n, clusters   rows and clusters with a weight
    """

    coefficients: Floats
    covariance: Floats
    fitted: Floats
    residual_sd: float
    df: float
    n: int
    clusters: int


def clustered_regression(
    outcome: ArrayLike, columns: ArrayLike, cluster: ArrayLike, *, weights: ArrayLike | None = None
) -> LinearFit:
    """Least squares of outcome (n,) on columns (n, p) and an intercept, with probability weights (n,).

    V = c (X'WX)^-1 [sum over clusters of s s'] (X'WX)^-1, s = sum over a cluster of w x residual, c = G/(G - 1) times
    (n - 1)/(n - p - 1): CR1, as R sandwich::vcovCL(type = "HC1"). Liang & Zeger (1986) Biometrika 73:13. With few
    clusters these errors are too small: leave sites out one at a time instead (resampling.jackknife_sites). Raises
    NotEstimable where columns say the same thing twice or there are fewer rows or clusters than the fit needs.
    """
    y, x, w, unit = _checked(outcome, columns, cluster, weights)
    n, q = x.shape
    gram = x.T @ (w[:, None] * x)
    if n <= q or not independent_columns(gram).all():
        raise NotEstimable(
            "the columns of the regression say the same thing twice, or there are too few rows; leave columns out"
        )
    bread = np.linalg.inv(gram)
    b = bread @ (x.T @ (w * y))
    fitted = x @ b
    scores = x * (w * (y - fitted))[:, None]
    g = int(unit.max()) + 1
    sums = np.column_stack([np.bincount(unit, weights=scores[:, j], minlength=g) for j in range(q)])
    factor = g / (g - 1) * (n - 1) / (n - q)
    spread = float(np.sqrt((w * (y - fitted) ** 2).sum() / (n - q)))
    return LinearFit(b, factor * bread @ (sums.T @ sums) @ bread, fitted, spread, g - 1.0, n, g)


def coefficient(fit: LinearFit, place: int, *, scale: float = 1.0, level: float = 0.95) -> Estimate:
    """One coefficient (0 is the intercept) times scale, with t limits on the fit's degrees of freedom; NotEstimable
    where nothing varies around the fit."""
    se = abs(scale) * float(np.sqrt(fit.covariance[place, place]))
    if not fit.residual_sd > 1e-12 * max(1.0, float(np.abs(fit.fitted).max())):
        raise NotEstimable(
            "the outcome does not vary around the columns, so its uncertainty is unknown; use more people"
        )
    return wald(scale * float(fit.coefficients[place]), se, df=fit.df, level=level, n=fit.n)


def joint_test(estimates: ArrayLike, covariance: ArrayLike, df: float) -> float:
    """p-value that all of q estimates are zero: b'V^-1 b / q against F(q, df - q + 1), scaled as Hotelling's T squared.

    Hotelling (1931). Raises NotEstimable where an estimate is missing, the covariance is singular or the degrees of
    freedom do not allow q estimates.
    """
    b, v = np.asarray(estimates, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    q = b.size
    if not np.isfinite(b).all():
        raise NotEstimable("an estimate is missing or infinite; leave it out of the test and say so")
    if q == 0 or df - q + 1 < 1 or not np.isfinite(v).all() or np.linalg.matrix_rank(v) < q:
        raise NotEstimable("there are too few clusters to test so many coefficients together; test them one by one")
    t2 = float(b @ np.linalg.solve(v, b))
    return float(fdtrc(q, df - q + 1, t2 * (df - q + 1) / (q * df)))


def _checked(
    outcome: ArrayLike, columns: ArrayLike, cluster: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats, Floats, np.ndarray]:
    y, x = np.asarray(outcome, dtype=np.float64), np.asarray(columns, dtype=np.float64)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    if {len(x), len(w), np.size(cluster)} != {len(y)}:
        raise NotEstimable(
            "outcome, columns, cluster and weights have different numbers of rows; pass one of each per row"
        )
    if not (np.isfinite(y).all() and np.isfinite(x).all() and np.isfinite(w).all() and (w > 0).all()):
        raise NotEstimable(
            "outcome, columns and weights must be finite and weights positive; leave out rows without them"
        )
    unit = np.unique(np.asarray(cluster), return_inverse=True)[1]
    if unit.size == 0 or unit.max() < 1:
        raise NotEstimable(
            "fewer than two clusters are present, so their spread is not known; cluster on people instead"
        )
    return y, np.column_stack([np.ones(len(y)), x]), w, unit
