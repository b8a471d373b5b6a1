"""Wild cluster bootstrap: a p-value and limits for one least-squares coefficient where clusters are few."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, checked_covariates, independent_columns

WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
FEWEST = 5  # below, 6 ** G weights are too few for a 5 % test
HALVINGS = 60
WIDEST = 1e3  # standard errors within which limits are looked for


@dataclass(frozen=True, slots=True)
class WildCluster:
    """One coefficient with its restricted wild cluster bootstrap.

    estimate, se  least squares and its cluster-robust standard error (CR1)
    t, p          of the null; share of draws with a t-statistic at least as far from 0
    low, high     all values that the same test would not reject, found by bisection
    clusters      G; draws  how many sets of weights; exact  True where they are all 6 ** G of them
    """

    estimate: float
    se: float
    t: float
    p: float
    low: float
    high: float
    clusters: int
    draws: int
    exact: bool


@dataclass(frozen=True, slots=True)
class _Parts:
    """For a null c the residuals under it are e0 - c e1: cluster sums (G,) of numerators and (G, G) of the scores they
    leave behind."""

    estimate: float
    top0: Floats
    top1: Floats
    left0: Floats
    left1: Floats
    scale: float


def wild_cluster(
    outcome: ArrayLike,
    covariates: ArrayLike,
    cluster: ArrayLike,
    *,
    place: int = 0,
    null: float = 0.0,
    draws: int = 9999,
    level: float = 0.95,
    rng: np.random.Generator,
) -> WildCluster:
    """Restricted wild cluster bootstrap-t of coefficient `place` with Webb's six-point weights.

    outcome     (n,); covariates (n, p) without intercept, which is added; cluster (n,) any labels
    Residuals of the fit that obeys the null are multiplied cluster by cluster with +-sqrt(1/2), +-1, +-sqrt(3/2), each
    1/6; t has the CR1 standard error, G/(G - 1) (n - 1)/(n - q). All 6 ** G weights are used where these are no more
    than draws. Cameron, Gelbach & Miller (2008) Rev Econ Stat 90:414; Webb (2023) Can J Econ 56:839; Roodman et al.
    (2019) Stata J 19:4. For plain least squares only: a weight model would have to be fitted again in each draw.
    Raises NotEstimable with fewer than 5 clusters, a coefficient that others determine, or no residual variation.
    """
    y = np.asarray(outcome, dtype=np.float64)
    x = checked_covariates(covariates, y.size)
    labels, unit = np.unique(np.asarray(cluster), return_inverse=True)
    if y.ndim != 1 or unit.shape != y.shape or not np.isfinite(y).all():
        raise NotEstimable(
            "outcome and cluster must hold one finite value per person; leave out people who were not measured"
        )
    g = labels.size
    if g < FEWEST:
        raise NotEstimable(
            "fewer than five clusters cannot carry a wild bootstrap; give the answer for these sites only"
        )
    parts = _parts(y, x, unit, g, place)
    weights, exact = _weights(g, draws, rng)
    se = float(np.sqrt(parts.scale * (_scores(y, x, unit, g, place) ** 2).sum()))
    if not se > 0:
        raise NotEstimable(
            "there is no variation between clusters left to judge by; check whether the outcome is constant"
        )
    t = (parts.estimate - null) / se
    p = _p(parts, weights, null, se)
    ends = [_limit(parts, weights, se, level, side) for side in (-1.0, 1.0)]
    return WildCluster(parts.estimate, se, t, p, ends[0], ends[1], g, len(weights), exact)


def _columns(x: Floats, place: int) -> tuple[Floats, Floats]:
    """The column asked about, and the others with the intercept, redundant ones left out."""
    if not 0 <= place < x.shape[1]:
        raise NotEstimable("there is no such covariate; count them from 0")
    rest = np.column_stack([np.ones(len(x)), np.delete(x, place, axis=1)])
    rest = rest[:, independent_columns(rest.T @ rest)]
    both = np.column_stack([rest, x[:, place]])
    if not independent_columns(both.T @ both)[-1]:
        raise NotEstimable("the covariate says nothing that the others do not; leave some of them out")
    return x[:, place], rest


def _beyond(rest: Floats, values: Floats) -> Floats:
    """What is left of columns (n, m) after least squares on rest."""
    return np.asarray(values - rest @ np.linalg.lstsq(rest, values, rcond=None)[0], dtype=np.float64)


def _parts(y: Floats, x: Floats, unit: np.ndarray, g: int, place: int) -> _Parts:
    own, rest = _columns(x, place)
    pure = _beyond(rest, own[:, None])[:, 0]
    size = float(pure @ pure)
    residuals = _beyond(rest, np.column_stack([y, own]))
    n, q = y.size, rest.shape[1] + 1
    whole = np.column_stack([rest, own])
    member = (unit[:, None] == np.arange(g)).astype(np.float64)
    tops, lefts = [], []
    for e in residuals.T:
        parts = member * e[:, None]
        tops.append(pure @ parts / size)
        lefts.append(member.T @ (pure[:, None] * _beyond(whole, parts)) / size)
    return _Parts(float(pure @ y / size), tops[0], tops[1], lefts[0], lefts[1], g / (g - 1) * (n - 1) / max(n - q, 1))


def _scores(y: Floats, x: Floats, unit: np.ndarray, g: int, place: int) -> Floats:
    """(G,) sums of the scores of the unrestricted fit, over the variance of the column."""
    own, rest = _columns(x, place)
    pure = _beyond(rest, own[:, None])[:, 0]
    residual = _beyond(np.column_stack([rest, own]), y[:, None])[:, 0]
    if np.abs(residual).max() <= 1e-12 * max(np.abs(y).max(), 1):
        return np.zeros(g)
    return np.bincount(unit, weights=pure * residual, minlength=g) / float(pure @ pure)


def _weights(g: int, draws: int, rng: np.random.Generator) -> tuple[Floats, bool]:
    """(B, G) Webb weights: all of them where they are few."""
    if draws < 1:
        raise NotEstimable("no draws were asked for; ask for 999 or more")
    if 6**g <= draws:
        return WEBB[np.stack(np.unravel_index(np.arange(6**g), (6,) * g), axis=1)], True
    return WEBB[rng.integers(0, 6, (draws, g))], False


def _p(parts: _Parts, weights: Floats, null: float, se: float) -> float:
    """Share of draws whose t-statistic lies at least as far from 0 as the one seen; ties within rounding count."""
    top = weights @ (parts.top0 - null * parts.top1)
    left = weights @ (parts.left0 - null * parts.left1).T
    spread = np.sqrt(parts.scale * (left**2).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = np.where(spread > 0, np.abs(top) / spread, np.inf)
    seen = abs(parts.estimate - null) / se
    return float((drawn >= seen * (1 - 1e-9)).mean())


def _limit(parts: _Parts, weights: Floats, se: float, level: float, side: float) -> float:
    """Where the test begins to reject on one side of the estimate."""
    inside, outside = parts.estimate, parts.estimate + side * 4 * se
    while _p(parts, weights, outside, se) > 1 - level:
        outside = parts.estimate + 2 * (outside - parts.estimate)
        if abs(outside - parts.estimate) > WIDEST * se:
            raise NotEstimable(
                "with so few clusters no value is ruled out at this level; ask for a lower level or include more sites"
            )
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        if _p(parts, weights, middle, se) > 1 - level:
            inside = middle
        else:
            outside = middle
    return (inside + outside) / 2
