"""Ratios of sums (shares, means per week) whose rows come in clusters, with bootstrap limits from per-cluster sums
alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats
from pipeline.stats.estimate import critical_value
from pipeline.stats.resampling import MOST_FAILED

AT_ONCE = 4_000_000  # counts held in memory at a time


@dataclass(frozen=True, slots=True)
class ClusterRatios:
    """m ratios of sums over G clusters.

    estimate   (m,) sum of numerators / sum of denominators
    se         (m,) standard deviation of the draws times sqrt(G / (G - 1))
    low, high  (m,) limits; nan where no draw differs from another
    df         G - 1
    clusters   G
    """

    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    df: float
    clusters: int


def ratio_bootstrap(
    numerators: ArrayLike, denominators: ArrayLike, draws: int, rng: np.random.Generator, *, level: float = 0.95
) -> ClusterRatios:
    """Draws G clusters with replacement; each draw is one row of counts times the sums per cluster.

    numerators, denominators  (G, m) sums within each cluster, denominators not negative

    Limits are the draws' quantiles at Phi(-+ sqrt(G/(G - 1)) t(G - 1)), *expanded* because percentile limits of few
    clusters are too narrow; they stay within what is possible. Efron & Tibshirani (1993), ch. 13; expanded: Hesterberg
    (2015) Am Stat 69:371. Raises NotEstimable with fewer than two clusters, an empty denominator, or more than 1 % of
    the draws without one.
    """
    above, below = np.asarray(numerators, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
    g = len(above)
    if above.shape != below.shape:
        raise NotEstimable("sums above and below the line differ in number; pass one of each per cluster")
    if g < 2:
        raise NotEstimable("only one cluster is present, so none can be drawn; draw people instead of sites")
    if not (
        np.isfinite(above).all() and np.isfinite(below).all() and (below >= 0).all() and (below.sum(axis=0) > 0).all()
    ):
        raise NotEstimable("nothing is counted below the line of a ratio; collect the hours or scores it is about")
    drawn = _drawn(above, below, draws, rng)
    usable = np.isfinite(drawn)
    failed = draws - usable.sum(axis=0)
    if (failed > MOST_FAILED * draws).any():
        raise NotEstimable(
            f"{int(failed.max())} of {draws} bootstrap draws hold nothing to divide by; merge small clusters"
        )
    tail = float(ndtr(-np.sqrt(g / (g - 1)) * critical_value(g - 1.0, level)))
    low, high = np.nanquantile(drawn, [tail, 1 - tail], axis=0)
    still = np.nanmax(drawn, axis=0) == np.nanmin(drawn, axis=0)
    return ClusterRatios(
        above.sum(axis=0) / below.sum(axis=0),
        np.nanstd(drawn, axis=0, ddof=1) * np.sqrt(g / (g - 1)),
        np.where(still, np.nan, low),
        np.where(still, np.nan, high),
        g - 1.0,
        g,
    )


def _drawn(above: Floats, below: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """(draws, m) ratios; nan where a draw holds nothing below the line."""
    g, portion = len(above), max(1, AT_ONCE // len(above))
    parts = []
    for start in range(0, draws, portion):
        size = min(portion, draws - start)
        chosen = rng.integers(0, g, (size, g), dtype=np.int32) + (g * np.arange(size, dtype=np.int64))[:, None]
        counts = np.bincount(chosen.ravel(), minlength=size * g).reshape(size, g).astype(np.float64)
        over, under = counts @ above, counts @ below
        parts.append(np.divide(over, under, out=np.full(over.shape, np.nan), where=under > 0))
    return np.concatenate(parts)
