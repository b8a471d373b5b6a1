"""Where extra cost and extra effect may lie together: an ellipse, and the chance of each quarter of the plane; no
person is a point."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri, fdtri, ndtr, owens_t

from pipeline.errors import NotEstimable
from pipeline.stats.cost.cost import Incremental
from pipeline.stats.design import Floats

AROUND = 60  # points of the ellipse
NODES = 200  # of the midpoint rule over the scale of the t distribution
QUARTERS = ("cheaper and better", "cheaper but worse", "dearer but better", "dearer and worse")


@dataclass(frozen=True, slots=True)
class CostPlane:
    """Uncertainty of (effect, cost) together.

    effect, cost  (60,) around the ellipse that holds both with the chosen confidence
    chance        (4,) of cheaper and better, cheaper but worse, dearer but better, dearer and worse; they sum to 1
    """

    effect: Floats
    cost: Floats
    chance: Floats


def cost_plane(result: Incremental, *, level: float = 0.95) -> CostPlane:
    """Ellipse of Hotelling's T^2 with the result's df, and quarter chances from the bivariate t.

    (d)' V^-1 (d) = 2 df / (df - 1) F(level; 2, df - 1), chi^2(level; 2) where df is inf. Quarter chances:
    Phi2(h s, k s; rho) by Owen's T (Owen 1956, Ann Math Stat 27:1075), averaged over s^2 = chi^2(df) / df.
    Raises NotEstimable with one degree of freedom or where cost and effect move together exactly.
    """
    v, df = result.covariance, result.df
    se = np.sqrt(np.diag(v))
    rho = float(v[0, 1] / (se[0] * se[1]))
    if not df > 1 or abs(rho) > 1 - 1e-9:
        raise NotEstimable("cost and effect have no joint spread here; more sites, or another effect, would give one")
    radius = chdtri(2, 1 - level) if np.isinf(df) else 2 * df / (df - 1) * fdtri(2, df - 1, level)
    turn = 2 * np.pi * np.arange(AROUND) / AROUND
    circle = np.linalg.cholesky(v) @ np.stack([np.cos(turn), np.sin(turn)]) * radius**0.5
    cost, effect = result.cost.estimate, result.effect.estimate
    return CostPlane(effect + circle[1], cost + circle[0], _quarters(cost / se[0], effect / se[1], rho, df))


def _quarters(cost: float, effect: float, rho: float, df: float) -> Floats:
    """Chances by standardized cost and effect."""
    scale = np.ones(1) if np.isinf(df) else np.sqrt(chdtri(df, 1 - (np.arange(NODES) + 0.5) / NODES) / df)
    cheap, dear = ndtr(-cost * scale), ndtr(cost * scale)
    better = ndtr(effect * scale)
    both_up = _both_below(cost * scale, effect * scale, rho)  # dearer and better
    cheap_better = better - both_up
    parts = np.stack([cheap_better, cheap - cheap_better, both_up, dear - both_up])
    chance: Floats = np.clip(parts.mean(axis=1), 0.0, 1.0)
    return chance


def _both_below(h: Floats, k: Floats, rho: float) -> Floats:
    """Phi2(h, k; rho), elementwise."""
    root = (1 - rho * rho) ** 0.5
    with np.errstate(divide="ignore", invalid="ignore"):
        a_h = np.where(h == 0, np.copysign(np.inf, k), (k / h - rho) / root)
        a_k = np.where(k == 0, np.copysign(np.inf, h), (h / k - rho) / root)
    opposite = np.where((h * k < 0) | ((h * k == 0) & (h + k < 0)), 0.5, 0.0)
    both: Floats = (ndtr(h) + ndtr(k)) / 2 - owens_t(h, a_h) - owens_t(k, a_k) - opposite
    return np.where((h == 0) & (k == 0), 0.25 + np.arcsin(rho) / (2 * np.pi), both)
