"""Uncertainty by doing it again: leaving out one site, or drawing sites or people anew."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers

Estimator = Callable[[Integers], Floats]
MOST_FAILED = 0.01  # a bootstrap with more failed draws than this describes the draws that did not fail


@dataclass(frozen=True, slots=True)
class Jackknife:
    """Delete-one-site replicates of m numbers.

    replicates  (G, m), one row for each site left out
    covariance  (m, m) = (G - 1) / G sum_g (r_g - r̄)(r_g - r̄)'
    df          cluster_df of the sites
    sites       (G,) the site left out in each row
    """

    replicates: Floats
    covariance: Floats
    df: float
    sites: Integers

    def part(self, columns: slice) -> "Jackknife":
        """The same for some of the numbers."""
        return Jackknife(self.replicates[:, columns], self.covariance[columns, columns], self.df, self.sites)


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Cluster bootstrap draws of m numbers.

    draws       (B, m) draws that could be estimated
    covariance  (m, m) of the draws
    low, high   (m,) percentile limits
    failed      draws that could not be estimated
    """

    draws: Floats
    covariance: Floats
    low: Floats
    high: Floats
    failed: int


def jackknife_sites(estimator: Estimator, site: ArrayLike) -> Jackknife:
    """Leaves out one site at a time; estimator takes row numbers and returns m numbers, every nuisance refitted.

    site (n,). Quenouille (1956); for clusters Cameron & Miller (2015) J Hum Resour 50:317. Raises NotEstimable with
    fewer than two sites, or where the estimate does not exist, or is not finite, without one of them.
    """
    places, position = np.unique(np.asarray(site), return_inverse=True)
    g = places.size
    if g < 2:
        raise NotEstimable(
            "only one site is present, so none can be left out; use person-level inference for this site only"
        )
    replicates, reason = [], ""
    for s in range(g):
        try:
            replicates.append(_finite(estimator(np.flatnonzero(position != s))))
        except NotEstimable as error:
            reason = str(error)
    if len(replicates) < g:
        raise NotEstimable(
            f"without {g - len(replicates)} of {g} sites there is no estimate, so it rests on single sites; "
            f"add sites that offer both levels ({reason})"
        )
    values = np.asarray(replicates, dtype=np.float64)
    spread = values - values.mean(axis=0)
    return Jackknife(values, (g - 1) / g * spread.T @ spread, cluster_df(np.bincount(position)), places)


def cluster_df(sizes: ArrayLike) -> float:
    """Degrees of freedom of a t from clusters of these sizes (G,): G - 1, or their effective number where that is less.

    G* = (sum n)^2 / sum n^2, after Carter, Schnepel & Steigerwald (2017) Rev Econ Stat 99:698: one large site among
    small ones decides, and G - 1 would count all of them.  Equal sites: G - 1.  Raises NotEstimable for no cluster.
    """
    n = np.asarray(sizes, dtype=np.float64)
    n = n[n > 0]
    if not n.size:
        raise NotEstimable("no cluster has anybody in it; widen the study period")
    return float(min(n.size - 1.0, n.sum() ** 2 / (n @ n)))


def cluster_bootstrap(
    estimator: Estimator,
    cluster: ArrayLike,
    draws: int,
    rng: np.random.Generator,
    *,
    strata: ArrayLike | None = None,
    level: float = 0.95,
) -> Bootstrap:
    """Draws clusters with replacement, within strata where given, and estimates again.

    estimator takes row numbers, with repeats; cluster, strata (n,). Percentile limits. Failed draws are counted; more
    than 1 % raises NotEstimable, and so do fewer than two clusters.
    """
    _, unit = np.unique(np.asarray(cluster), return_inverse=True)
    if unit.size == 0 or unit.max() == 0:
        raise NotEstimable("fewer than two clusters cannot be drawn anew; draw people, or include more sites")
    order = np.argsort(unit, kind="stable")
    ends = np.cumsum(np.bincount(unit))
    members = np.split(order, ends[:-1])
    layer = np.zeros(len(members), dtype=np.int64)
    if strata is not None:
        layer = np.unique(np.asarray(strata), return_inverse=True)[1][[rows[0] for rows in members]]
    pools = [np.flatnonzero(layer == s) for s in range(int(layer.max()) + 1)]
    done, failed = [], 0
    for _ in range(draws):
        chosen = np.concatenate([rng.choice(pool, pool.size) for pool in pools])
        try:
            done.append(_finite(estimator(np.concatenate([members[c] for c in chosen]))))
        except NotEstimable:
            failed += 1
    if failed > MOST_FAILED * draws or len(done) < 2:
        raise NotEstimable(
            f"{failed} of {draws} bootstrap draws could not be estimated; merge rare categories or small clusters"
        )
    values = np.asarray(done, dtype=np.float64)
    tail = (1 - level) / 2
    low, high = np.quantile(values, [tail, 1 - tail], axis=0)
    return Bootstrap(values, np.cov(values, rowvar=False).reshape(values.shape[1], -1), low, high, failed)


def _finite(values: Floats) -> Floats:
    if not np.isfinite(values).all():
        raise NotEstimable("the estimate is missing or infinite there; leave people without the value out first")
    return values


def influence_bootstrap(
    estimate: ArrayLike,
    influence: ArrayLike,
    cluster: ArrayLike,
    draws: int,
    rng: np.random.Generator,
    *,
    level: float = 0.95,
) -> Bootstrap:
    """Draws clusters with replacement through their influences instead of estimating again: one matrix product.

    estimate (m,); influence (n, m) how much each person moves it, adding up to about 0; cluster (n,) any labels
    With s_g the sum of influences in cluster g and c_g how often it is drawn: draw = estimate + sum (c_g - 1) s_g.
    Exact for sums, first order for anything else (Efron 1982, ch. 6); models behind the influences move with them and
    are not fitted again. Percentile limits. Raises NotEstimable with fewer than two clusters or influences that are
    missing.
    """
    values, moved = np.atleast_1d(np.asarray(estimate, dtype=np.float64)), np.asarray(influence, dtype=np.float64)
    moved = moved[:, None] if moved.ndim == 1 else moved
    places, unit = np.unique(np.asarray(cluster), return_inverse=True)
    if moved.shape != (unit.size, values.size) or not (np.isfinite(moved).all() and np.isfinite(values).all()):
        raise NotEstimable(
            "an influence is missing for someone; pass one row of numbers per person, as many as there are estimates"
        )
    if places.size < 2 or draws < 2:
        raise NotEstimable("one cluster drawn again is always the same; draw people instead, or include more sites")
    sums = np.zeros((places.size, values.size))
    np.add.at(sums, unit, moved)
    counts = rng.multinomial(places.size, np.full(places.size, 1 / places.size), size=draws)
    drawn = values + (counts - 1.0) @ sums
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return Bootstrap(drawn, np.cov(drawn, rowvar=False).reshape(values.size, -1), low, high, 0)
