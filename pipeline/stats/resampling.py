"""Uncertainty by doing it again without one site at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

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


def jackknife_sites(estimator: Estimator, site: ArrayLike) -> Jackknife:
    """Leaves out one site at a time; estimator takes row numbers and returns m numbers, every nuisance refitted.

    site (n,). Quenouille (1956); for clusters Cameron & Miller (2015) J Hum Resour 50:317. Raises NotEstimable with
    fewer than two sites, or where the estimate does not exist, or is not finite, without one of them.
    """
    position = np.unique(np.asarray(site), return_inverse=True)[1]
    return jackknife_places(lambda s: estimator(np.flatnonzero(position != s)), site)


def jackknife_places(left_out: Callable[[int], Floats], site: ArrayLike) -> Jackknife:
    """jackknife_sites where the estimator takes the place of the site left out among the sorted sites, not rows."""
    places, position = several_places(site)
    g = places.size
    replicates, reason = [], ""
    for s in range(g):
        try:
            replicates.append(_finite(left_out(s)))
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


def several_places(site: ArrayLike) -> tuple[NDArray[Any], Integers]:
    """The sorted sites (G,) and each person's place among them (n,).  Raises NotEstimable with fewer than two."""
    places, position = np.unique(np.asarray(site), return_inverse=True)
    if places.size < 2:
        raise NotEstimable(
            "only one site is present, so none can be left out; use person-level inference for this site only"
        )
    return places, position.astype(np.int64)


def cluster_df(sizes: ArrayLike) -> float:
    """Degrees of freedom of a t from clusters of these sizes (G,): G - 1, or their effective number where that is less.

    G* = (sum n)^2 / sum n^2, after Carter, Schnepel & Steigerwald (2017) Rev Econ Stat 99:698: one large site among
    small ones decides, and G - 1 would count all of them.  Equal sites: G - 1.  Raises NotEstimable for no cluster.
    """
    return min(np.count_nonzero(np.asarray(sizes) > 0) - 1.0, effective_number(sizes))


def effective_number(sizes: ArrayLike) -> float:
    """(sum n)^2 / sum n^2 of clusters of these sizes (G,): G where they are equal.  Kish (1965).

    Raises NotEstimable for no cluster.
    """
    n = np.asarray(sizes, dtype=np.float64)
    n = n[n > 0]
    if not n.size:
        raise NotEstimable("no cluster has anybody in it; widen the study period")
    return float(n.sum() ** 2 / (n @ n))


def arm_cluster_df(cluster: Integers, arm: Integers) -> float:
    """cluster_df of the arm that has fewest, for clusters that lie within arms: a therapist is at one level of care.

    cluster, arm (n,) of the people observed.  Simulated coverage: tests/simulation/therapists.csv.  Raises NotEstimable
    where an arm is one cluster.
    """
    found = min(cluster_df(np.bincount(cluster[arm == a])) for a in np.unique(arm))
    if not found >= 1:
        raise NotEstimable(
            "everyone of one arm is in one cluster, so its spread is unknown; use person-level inference"
        )
    return found


def _finite(values: Floats) -> Floats:
    if not np.isfinite(values).all():
        raise NotEstimable("the estimate is missing or infinite there; leave people without the value out first")
    return values
