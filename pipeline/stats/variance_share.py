"""How much of what an outcome varies by lies between therapists, with limits: never what one of them does."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtri

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers, checked_covariates
from pipeline.stats.estimate import ROUNDING, Estimate

HANDFUL = 5  # clusters beyond one of each place; fewer say nothing of how clusters differ


def share_between(
    outcome: ArrayLike, cluster: ArrayLike, place: ArrayLike, covariates: ArrayLike, *, level: float = 0.95
) -> Estimate:
    """Share 0..1 of the variance of an outcome (n,) that lies between clusters (n,) of one place (n,), given covariates
    (n, p); se and p do not exist (nan), df is that between clusters.

    Of what least squares on places and covariates leaves over, F = h S2 / MSW: S2 the variance of the clusters' plain
    means within their places, h the clusters' harmonic mean size. theta = (F - 1) / h, limits with F over its quantiles
    at (clusters - places, n - clusters - p) df; the share is theta / (1 + theta), and 0 where that is below; the upper
    limit is never under that of F = 1, since less than nothing is chance. Exact for clusters of one size. Thomas &
    Hultquist (1978) Ann Stat 6:582; coverage: tests/simulation/therapist_share.csv.
    Raises NotEstimable for missing input, with fewer than HANDFUL clusters more than places, or too few who share one.
    """
    y, cell, where, x = _checked(outcome, cluster, place, covariates)
    clusters, places = int(cell.max(initial=-1)) + 1, int(where.max(initial=-1)) + 1
    between, within = clusters - places, y.size - clusters - x.shape[1]
    if between < HANDFUL or within < 1:
        raise NotEstimable("too few therapists, or people who share one, show how they differ; widen the period")
    columns = np.column_stack([where[:, None] == np.arange(places), x]).astype(np.float64)
    left = y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
    size = np.bincount(cell)
    means = np.bincount(cell, weights=left) / size
    noise = float(((left - means[cell]) ** 2).sum()) / within
    if not noise > (ROUNDING * float(np.abs(y).max())) ** 2:
        raise NotEstimable("everybody of one therapist has the same outcome; check how it was recorded")
    home = np.zeros(clusters, dtype=np.int64)
    home[cell] = where
    off = means - (np.bincount(home, weights=means) / np.bincount(home))[home]
    typical = clusters / float((1 / size).sum())
    f = typical * float((off**2).sum()) / between / noise
    tails = fdtri(between, within, [(1 + level) / 2, (1 - level) / 2])
    told, low, high = _share(f, typical), _share(f / tails[0], typical), _share(max(f, 1.0) / tails[1], typical)
    return Estimate(told, np.nan, float(between), low, high, np.nan, y.size, level=level)


def _checked(
    outcome: ArrayLike, cluster: ArrayLike, place: ArrayLike, covariates: ArrayLike
) -> tuple[Floats, Integers, Integers, Floats]:
    """Outcome, the number of everybody's cluster and of its place, and covariates; a cluster in two places is two."""
    y, where, own = (np.asarray(given) for given in (outcome, place, cluster))
    y = y.astype(np.float64)
    if y.ndim != 1 or not where.shape == own.shape == y.shape:
        raise NotEstimable("outcome, therapists and places have different numbers of rows; pass one each per person")
    if not np.isfinite(y).all():
        raise NotEstimable("an outcome is missing or infinite; leave out who was not measured")
    where, own = (np.unique(labels, return_inverse=True)[1].astype(np.int64) for labels in (where, own))
    cell = np.unique(where * y.size + own, return_inverse=True)[1].astype(np.int64)
    return y, cell, where, checked_covariates(covariates, y.size)


def _share(f: float, size: float) -> float:
    theta = max(f - 1, 0.0) / size
    return float(theta / (1 + theta))
