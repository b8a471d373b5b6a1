"""Many looks at one study: limits that hold together, levels that share one error, and p-values that account for each
other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtr, fdtr, ndtri

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats

DIRECTIONS = 2**14  # points on the sphere; critical values are then good to about 1e-4


@dataclass(frozen=True, slots=True)
class SimultaneousLimits:
    """Limits that hold together at the level.

    critical   two-sided critical value of the largest |t|
    low, high  (m,) estimate -/+ critical times se
    p          (m,) single-step adjusted p-values
    """

    critical: float
    low: Floats
    high: Floats
    p: Floats


def simultaneous_limits(
    estimates: ArrayLike, covariance: ArrayLike, *, df: float = np.inf, level: float = 0.95, null: float = 0.0
) -> SimultaneousLimits:
    """Limits of m linear estimates (m,) with joint covariance (m, m), which may be singular (all pairs of k arms).

    max-|t| of the multivariate t with df degrees of freedom: with z = L u r, u uniform on the sphere and r^2/rank ~ F,
    P(max |t| <= c) = mean over u of F((c / max_j |L_j u|)^2 / rank). Hothorn, Bretz & Westfall (2008) Biom J 50:346.
    Raises NotEstimable where an estimate has no usable standard error.
    """
    from scipy.optimize import brentq

    value, v = np.asarray(estimates, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    se = np.sqrt(np.diag(v))
    if value.size == 0 or not (np.isfinite(value).all() and np.isfinite(v).all() and (se > 0).all() and df > 0):
        raise NotEstimable("an estimate has no usable standard error; leave it out of the family")
    farthest, rank = _farthest(v / np.outer(se, se))
    largest_t = float(brentq(lambda c: _below(c, farthest, rank, df) - level, 1e-6, 1e6, xtol=1e-10))
    t = np.abs(value - null) / se
    p = np.array([1 - _below(one, farthest, rank, df) if one > 0 else 1.0 for one in t])
    return SimultaneousLimits(largest_t, value - largest_t * se, value + largest_t * se, np.clip(p, 0, 1))


def step_down_levels(family: Sequence[Callable[[float], bool]], *, level: float = 0.95) -> list[float]:
    """Level at which each of m answers is read, so that a claim of any of them is wrong in at most 1 - level.

    settled(level) of each says whether its limits at that level leave nothing more to be claimed of it.  Those settled
    at 1 - (1 - level)/m pass their shares on to the others, which are read again, until no more are settled.  Where
    settled means that the limits leave out one null, that is Holm (1979) Scand J Stat 6:65; an answer that has shown
    less than it still could keeps its share, so that its further claims are paid for (Bretz et al. 2009, Stat Med
    28:586). The side of the null: Shaffer (1980) Ann Stat 8:1342.
    """
    levels = [level] * len(family)
    left = list(range(len(family)))
    while left:
        here = 1 - (1 - level) / len(left)
        settled = [one for one in left if family[one](here)]
        for one in settled or left:
            levels[one] = here
        left = [one for one in left if settled and one not in settled]
    return levels


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Benjamini & Hochberg (1995) adjusted p-values (m,), in the order given: the least m p / rank from there up."""
    values = np.asarray(p, dtype=np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise NotEstimable("a p-value is missing or outside 0..1; leave rows without one out of the family")
    order = np.argsort(-values, kind="stable")
    adjusted = np.empty(values.size)
    adjusted[order] = np.minimum.accumulate(values[order] * values.size / np.arange(values.size, 0, -1))
    return np.minimum(adjusted, 1.0)


def _farthest(correlation: Floats) -> tuple[Floats, int]:
    """max_j |L_j u| at points u spread over the sphere, L L' = correlation, and the rank."""
    size, axes = np.linalg.eigh(correlation)
    kept = size > 1e-10 * size.max()
    root = axes[:, kept] * np.sqrt(size[kept])
    rank = int(kept.sum())
    return np.abs(_sphere(rank) @ root.T).max(axis=1), rank


def _sphere(rank: int) -> Floats:
    """Evenly spread unit vectors (points, rank): exact for 1, equal angles for 2, a scrambled Sobol rule from 3."""
    if rank == 1:
        return np.ones((1, 1))
    if rank == 2:
        angle = (np.arange(DIRECTIONS) + 0.5) * np.pi / DIRECTIONS
        return np.column_stack([np.cos(angle), np.sin(angle)])
    from scipy.stats import qmc

    rule = qmc.Sobol(rank, scramble=True, rng=np.random.default_rng(0))  # a fixed rule: the same points every time
    points = ndtri(np.clip(rule.random(DIRECTIONS), 1e-12, 1 - 1e-12))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), dtype=np.float64)


def _below(c: float, farthest: Floats, rank: int, df: float) -> float:
    radius = (c / farthest) ** 2
    inside = chdtr(rank, radius) if np.isinf(df) else fdtr(rank, df, radius / rank)
    return float(inside.mean())
