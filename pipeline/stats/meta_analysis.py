"""One answer from several sites: estimates and standard errors pooled, and what a new site should expect.

Ours because statsmodels' combine_effects has no REML; where it has the method it is test_meta_analysis' reference.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from pipeline.errors import NotEstimable
from pipeline.stats.between_site_variance import between_variance, checked_effects
from pipeline.stats.design import Floats
from pipeline.stats.estimate import Estimate, critical_value, wald

Limits = Literal["hartung-knapp", "never narrower", "normal"]


@dataclass(frozen=True, slots=True)
class RandomEffects:
    """Mean effect over sites whose true effects differ.

    estimate  pooled mean in the unit of the estimates (logs for ratios); n is the number of sites
    tau       standard deviation of true effects between sites, same unit
    weights   (s,) share of each site in the mean, summing to 1
    q, q_p    Cochran's Q of homogeneity and its p-value on s - 1 degrees of freedom; nan with one site
    i2        share of the variance of a typical site's estimate that lies between sites, 0..1
    method    how tau was estimated: REML, ML or DL
    """

    estimate: Estimate
    tau: float
    weights: Floats
    q: float
    q_p: float
    i2: float
    method: str


@dataclass(frozen=True, slots=True)
class PredictionInterval:
    """Where the true effect of a new site like these is expected: low, high in the estimate's unit; t reference df."""

    low: float
    high: float
    df: float


def random_effects(
    estimates: ArrayLike,
    standard_errors: ArrayLike,
    *,
    method: Literal["REML", "DL"] = "REML",
    limits: Limits = "hartung-knapp",
    level: float = 0.95,
) -> RandomEffects:
    """Mean of site effects (s,) with robust standard errors (s,), both on the additive scale (logs for ratios).

    mu = sum w y / sum w, w = 1 / (tau^2 + se^2); tau^2 by `between_variance`. hartung-knapp: se^2 = sum w (y - mu)^2 /
    ((s - 1) sum w) with t(s - 1), Hartung & Knapp (2001) Stat Med 20:3875; never narrower: the larger of that and
    1 / sum w, still t(s - 1), Knapp & Hartung (2003); normal: 1 / sum w with the normal. One site is returned as it
    is. Raises NotEstimable for missing input, or where all sites agree exactly under hartung-knapp.
    """
    y, se = checked_effects(estimates, standard_errors)
    s = y.size
    if s == 1:
        alone = wald(float(y[0]), float(se[0]), level=level, n=1, note="one site: how sites differ is not known")
        return RandomEffects(alone, 0.0, np.ones(1), np.nan, np.nan, 0.0, method)
    tau2 = between_variance(y, se, method)
    w = 1 / (tau2 + se**2)
    mean, variance = float(w @ y / w.sum()), float(1 / w.sum())
    excess = float(w @ (y - mean) ** 2) / (s - 1)
    if limits != "normal":
        variance *= max(excess, 1.0) if limits == "never narrower" else excess
    pooled = wald(mean, variance**0.5, df=np.inf if limits == "normal" else s - 1.0, level=level, n=s)
    q = _cochran(y, se)
    return RandomEffects(
        pooled, tau2**0.5, w / w.sum(), q, float(chdtrc(s - 1, q)), tau2 / (tau2 + _typical(se)), method
    )


def prediction_interval(pooled: RandomEffects, *, level: float = 0.95) -> PredictionInterval:
    """Limits for the true effect of a new site: mu -/+ t(s - 2) sqrt(tau^2 + se^2).

    Higgins, Thompson & Spiegelhalter (2009) JRSS A 172:137. It takes tau as known: simulated 95 % intervals held the
    next site's effect 88 % of the time with 8 sites that differ as much as their standard errors, 92 % with 40. Raises
    NotEstimable with fewer than three sites.
    """
    sites = pooled.weights.size
    if sites < 3:
        raise NotEstimable("fewer than three sites say nothing about the next one; show the sites themselves")
    middle, df = pooled.estimate.estimate, sites - 2.0
    half = critical_value(df, level) * float(np.hypot(pooled.tau, pooled.estimate.se))
    return PredictionInterval(middle - half, middle + half, df)


def _cochran(y: Floats, se: Floats) -> float:
    w = 1 / se**2
    return float(w @ (y - w @ y / w.sum()) ** 2)


def _typical(se: Floats) -> float:
    """Variance within a typical site, Higgins & Thompson (2002): (s - 1) sum w / ((sum w)^2 - sum w^2)."""
    w = 1 / se**2
    return float((se.size - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum()))
