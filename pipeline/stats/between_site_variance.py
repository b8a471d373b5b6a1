"""How much true effects differ between sites or controls, beyond what their standard errors explain."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats

Method = Literal["REML", "ML", "DL"]
GRID = 201  # the likelihood in the between-variance can have two peaks; a grid finds the higher one
ZOOMS = 6


def checked_effects(estimates: ArrayLike, standard_errors: ArrayLike) -> tuple[Floats, Floats]:
    """Estimates (s,) and their standard errors (s,), finite and positive."""
    y, se = np.asarray(estimates, dtype=np.float64), np.asarray(standard_errors, dtype=np.float64)
    if y.ndim != 1 or y.shape != se.shape or y.size == 0:
        raise NotEstimable(
            "estimates and standard errors must be two lists of one length; pass one pair per site or control"
        )
    if not (np.isfinite(y).all() and np.isfinite(se).all() and (se > 0).all()):
        raise NotEstimable(
            "an estimate or its standard error is missing, infinite or not positive; leave that one out, and say so"
        )
    return y, se


def between_variance(y: Floats, se: Floats, method: Method) -> float:
    """Variance tau^2 of true effects where y_i ~ N(mu, tau^2 + se_i^2), for at least two y (s,); never below 0.

    ML and REML: the highest point of the profile likelihood over tau^2 >= 0, Harville (1977) JASA 72:320.
    DL: (Q - (s - 1)) / (sum w - sum w^2 / sum w), w = 1 / se^2; DerSimonian & Laird (1986).
    """
    if method == "DL":
        w = 1 / se**2
        q = float(w @ (y - w @ y / w.sum()) ** 2)
        return max(0.0, (q - (y.size - 1)) / float(w.sum() - (w**2).sum() / w.sum()))
    from scipy.optimize import brentq

    restricted = method == "REML"
    span = float(np.ptp(y))
    if span == 0:
        return 0.0
    # No peak lies above s/(s - 1) span^2: every residual is within the span.
    grid = np.r_[0.0, np.geomspace(1e-8 * min(float(se.min()) ** 2, span**2), 2 * span**2, GRID)]
    for _ in range(ZOOMS):
        best = int(np.argmax(_profile(grid[:, None], y, se, restricted)))
        low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, grid.size - 1)])
        rises, falls = _slope(low, y, se, restricted) > 0, _slope(high, y, se, restricted) < 0
        if rises and falls:
            return float(brentq(_slope, low, high, args=(y, se, restricted), xtol=1e-300, rtol=1e-14))
        if low == 0 and best == 0:
            return 0.0
        grid = np.linspace(low, high, GRID)  # two peaks between neighbors: look closer
    return float(grid[best])


def _profile(tau2: Floats, y: Floats, se: Floats, restricted: bool) -> Floats:
    """Log-likelihood at each of tau2 (g, 1), mean profiled out."""
    w = 1 / (tau2 + se**2)
    total = w.sum(axis=1)
    residual = y - (w @ y / total)[:, None]
    return np.asarray(0.5 * (np.log(w).sum(axis=1) - (w * residual**2).sum(axis=1) - restricted * np.log(total)))


def _slope(tau2: float, y: Floats, se: Floats, restricted: bool) -> float:
    w = 1 / (tau2 + se**2)
    residual = y - w @ y / w.sum()
    return 0.5 * float((w**2) @ residual**2 - w.sum() + restricted * (w**2).sum() / w.sum())
