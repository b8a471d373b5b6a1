"""Comparing many sites: funnel limits that allow for ordinary variation between sites, and observed over expected."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import Estimate
from pipeline.stats.proportions import exact_poisson

Floats = NDArray[np.float64]
LEAST_UNITS = 10  # below that, limits flag many ordinary sites
Z_95, Z_998 = 1.959964, 3.090232
EXACT_BELOW = 5.0  # n p (1 - p) under which the normal limit is replaced by the binomial one


@dataclass(frozen=True, slots=True)
class Overdispersion:
    """Variation between units beyond chance: phi, mean squared winsorized z; tau, its standard deviation on the limits'
    scale."""

    phi: float
    tau: float


@dataclass(frozen=True, slots=True)
class FunnelLimits:
    """95 % and 99.8 % limits of each unit, (i,), on the scale of the values, and who lies outside the latter."""

    lower_95: Floats
    upper_95: Floats
    lower_998: Floats
    upper_998: Floats
    outside: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Funnel:
    """Units around a common target.

    value    (i,) share, or ratio of observed to expected
    target   theta_0; z  (i,) distance in chance standard deviations; phi, tau  overdispersion; units  i
    limits   None with fewer than ten units: show points with their own intervals and call nobody an outlier
    """

    value: Floats
    target: float
    z: Floats
    phi: float
    tau: float
    units: int
    limits: FunnelLimits | None


def funnel(
    observed: ArrayLike,
    size: ArrayLike,
    *,
    kind: Literal["proportion", "ratio"] = "proportion",
    target: float | None = None,
    winsorize: float = 0.1,
) -> Funnel:
    """Funnel of shares (size = people) or of observed/expected ratios (size = expected events), with overdispersed
    limits.

    observed, size  (i,) one per unit; target  external theta_0, else the pooled one; winsorize  share at each tail

    Shares: s_i = sqrt(theta_0 (1 - theta_0)/n_i). Ratios: log scale around log theta_0, s_i = 1/sqrt(theta_0 E_i), no
    events drawn at 0. Limits theta_0 -+ z sqrt(s_i^2 + tau^2); exact binomial ones, widened by the same factor, where n
    theta_0 (1 - theta_0) < 5. Spiegelhalter (2005). Raises NotEstimable with fewer than two units, sizes that are not
    positive, or a target of 0 or 1.
    """
    seen, sizes = np.asarray(observed, dtype=np.float64), np.asarray(size, dtype=np.float64)
    if seen.ndim != 1 or seen.shape != sizes.shape or seen.size < 2:
        raise NotEstimable("a funnel needs at least two units with a count and a size each; compare more sites")
    if not np.isfinite([seen, sizes]).all() or (sizes <= 0).any() or (seen < 0).any():
        raise NotEstimable("a unit has no people, or its count is missing; leave it out and say so")
    if kind == "proportion" and (seen > sizes).any():
        raise NotEstimable("a unit has more events than people; count people once each")
    middle = float(seen.sum() / sizes.sum()) if target is None else float(target)
    if not (0 < middle < (1 if kind == "proportion" else np.inf)):
        raise NotEstimable("nobody or everybody had the event; a funnel has no limits until that changes")
    value = seen / sizes
    if kind == "ratio":
        spread = 1 / np.sqrt(middle * sizes)
        # a unit without events has no logarithm: half an event stands in for it, in z only
        z = np.log(np.maximum(seen, 0.5) / sizes / middle) / spread
    else:
        spread = np.sqrt(middle * (1 - middle) / sizes)
        z = (value - middle) / spread
    extra = overdispersion(z, spread, winsorize=winsorize)
    limits = None if seen.size < LEAST_UNITS else _limits(value, sizes, spread, middle, extra.tau, kind)
    return Funnel(value, middle, z, extra.phi, extra.tau, int(seen.size), limits)


def overdispersion(z: ArrayLike, s: ArrayLike, *, winsorize: float = 0.1) -> Overdispersion:
    """phi and tau from z-scores (i,) and chance standard deviations (i,).

    phi = sum z_w^2/I with z clamped to its winsorize and 1 - winsorize quantiles (type 7); tau = 0 where I phi <= I -
    1, else tau^2 = (I phi - (I - 1))/(sum w - sum w^2/sum w), w = 1/s^2. Spiegelhalter (2005); DerSimonian & Laird
    (1986). Raises NotEstimable with fewer than two units, or where one has no score or no positive spread.
    """
    scores, spread = np.asarray(z, dtype=np.float64), np.asarray(s, dtype=np.float64)
    if scores.shape != spread.shape or not (
        np.isfinite(scores).all() and np.isfinite(spread).all() and (spread > 0).all()
    ):
        raise NotEstimable("a unit has no score or no chance variation of its own; leave it out and say so")
    w = 1 / spread**2
    if scores.size < 2:
        raise NotEstimable("variation between units needs at least two of them; compare more sites")
    if winsorize > 0:
        scores = np.clip(scores, *np.quantile(scores, [winsorize, 1 - winsorize]))
    units = scores.size
    total = float(scores @ scores)
    excess = total - (units - 1)
    tau2 = 0.0 if excess <= 0 else excess / float(w.sum() - (w @ w) / w.sum())
    return Overdispersion(total / units, float(np.sqrt(tau2)))


def standardized_ratio(observed: float, expected: float, *, level: float = 0.95) -> Estimate:
    """Observed over expected events with exact Poisson limits; expected taken as known; se and p do not exist (nan).

    Garwood (1936); Breslow & Day (1987). Raises NotEstimable where expected is not positive.
    """
    if not (np.isfinite(expected) and expected > 0):
        raise NotEstimable("no event was expected, so a ratio does not exist; widen the period or the unit")
    return exact_poisson(observed, expected, level=level)


def _limits(value: Floats, size: Floats, spread: Floats, middle: float, tau: float, kind: str) -> FunnelLimits:
    wide = np.sqrt(spread**2 + tau**2)

    def pair(z: float, tail: float) -> tuple[Floats, Floats]:
        if kind == "ratio":
            return middle * np.exp(-z * wide), middle * np.exp(z * wide)
        low, high = middle - z * wide, middle + z * wide
        for i in np.flatnonzero(size * middle * (1 - middle) < EXACT_BELOW):
            stretch = wide[i] / spread[i]
            low[i] = middle - stretch * (middle - _binomial_limit(size[i], middle, tail))
            high[i] = middle + stretch * (_binomial_limit(size[i], middle, 1 - tail) - middle)
        return np.clip(low, 0, 1), np.clip(high, 0, 1)

    low_95, high_95 = pair(Z_95, 0.025)
    low_998, high_998 = pair(Z_998, 0.001)
    return FunnelLimits(low_95, high_95, low_998, high_998, (value < low_998) | (value > high_998))


def _binomial_limit(n: float, p: float, tail: float) -> float:
    """Share at which Binomial(n, p) reaches `tail`, interpolated between neighboring counts (Spiegelhalter 2005,
    appendix)."""
    whole = round(n)
    counts = np.arange(whole + 1)
    reached = bdtr(counts, whole, p)
    r = int(np.searchsorted(reached, tail))
    r = min(r, whole)
    before = reached[r - 1] if r > 0 else 0.0
    step = (reached[r] - tail) / (reached[r] - before) if reached[r] > before else 0.0
    return float(min(max((r - step) / whole, 0.0), 1.0))
