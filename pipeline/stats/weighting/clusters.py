"""Who belongs together where sites are too few to be counted: people of one program, else of one therapist."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats, Integers, checked_arms, checked_covariates
from pipeline.stats.resampling import effective_number
from pipeline.stats.weighting.nuisance import checked_outcome

HANDFUL = 5  # clusters in each arm; fewer do not show how much clusters differ
FEWEST_EFFECTIVE = 4.0  # and their effective number: one large among small ones decides alone


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way to say who belongs together: its name in the plural, and (n,) each person's label, a text or a number;
    empty or below 0 where nobody wrote it down."""

    name: str
    labels: ArrayLike


@dataclass(frozen=True, slots=True)
class Clusters:
    """Whose outcomes may hang together within the sites that a comparison rests on.

    units   (k,) what is counted in each arm: programs, therapists, or people where neither can be
    codes   (n,) each person's cluster; None where people are counted one by one in every arm
    counts  (k,) programs or therapists with an observed person in each arm; 0 where people are counted one by one
    """

    units: tuple[str, ...]
    codes: Integers | None
    counts: Integers


@dataclass(frozen=True, slots=True)
class SharedVariance:
    """How alike the outcomes of one cluster are beyond what is known of its people.

    icc            share of the variance that lies between clusters of one arm, 0..1
    design_effect  1 + (m - 1) icc, m the size of the cluster that a person is in on average: how many times too small
                   the variance of a mean is where people are counted one by one
    """

    icc: float
    design_effect: float


def choose_clusters(groupings: Sequence[Grouping], site: ArrayLike, arm: ArrayLike, observed: ArrayLike) -> Clusters:
    """For each arm the first grouping, coarsest first, with enough clusters of observed people; else people themselves.

    site, arm, observed (n,).  Enough: known of the whole arm, HANDFUL of
    them, an effective number of FEWEST_EFFECTIVE, and more than there are sites: one program at each site says no more
    than the sites do.  Donner & Klar (2000); Cameron & Miller (2015).  Raises NotEstimable for labels or flags that are
    not one per person, or missing.
    """
    codes, k = checked_arms(arm, least=1)
    seen = np.asarray(observed, dtype=bool)
    if seen.shape != codes.shape:
        raise NotEstimable("observed and arm have different numbers of rows; pass one flag per person")
    least = max(HANDFUL, int(_codes(site, codes).max()) + 2)
    made = [(one.name, _codes(one.labels, codes), _blank(np.asarray(one.labels))) for one in groupings]
    units, counts, cluster = ["people"] * k, np.zeros(k, dtype=np.int64), np.arange(len(codes), dtype=np.int64)
    for a in range(k):
        for place, (name, own, blank) in enumerate(made, start=1):
            sizes = np.bincount(own[seen & (codes == a)], minlength=1)
            enough = np.count_nonzero(sizes) >= least and effective_number(sizes) >= FEWEST_EFFECTIVE
            if enough and not blank[codes == a].any():
                units[a], counts[a] = name, np.count_nonzero(sizes)
                cluster = np.where(codes == a, place * len(codes) + own, cluster)
                break
    return Clusters(tuple(units), cluster if counts.any() else None, counts)


def shared_variance(outcome: ArrayLike, arm: ArrayLike, cluster: ArrayLike, covariates: ArrayLike) -> SharedVariance:
    """ICC and design effect of clusters within arms, of what least squares on covariates (n, p) and arm leave over.

    outcome (n,) nan where not observed; arm, cluster (n,).  One-way analysis of variance of clusters nested in arms:
    icc = (MSB - MSW) / (MSB + (m0 - 1) MSW), never below 0.  Donner (1986) Int Stat Rev 54:67; Kish (1965).
    Raises NotEstimable where no arm has two clusters, or no cluster two people.
    """
    codes, k = np.asarray(arm, dtype=np.int64), int(np.max(arm, initial=0)) + 1
    y = checked_outcome(outcome, codes)
    own = _codes(cluster, codes)
    seen = np.isfinite(y)
    if not seen.any() or np.ptp(y[seen]) == 0:
        raise NotEstimable("nobody has the outcome, or it does not vary; follow some of them up")
    columns = np.column_stack([checked_covariates(covariates, len(codes)), codes[:, None] == np.arange(k)])[seen]
    left = y[seen] - columns @ np.linalg.lstsq(columns.T @ columns, columns.T @ y[seen], rcond=1e-10)[0]
    place, cell = np.unique(codes[seen] * len(codes) + own[seen], return_inverse=True)
    of = place // len(codes)
    sizes = np.bincount(cell).astype(np.float64)
    between, within = _mean_squares(left, cell, of, sizes)
    of_arm = np.bincount(of, weights=sizes, minlength=k)
    squares = np.bincount(of, weights=sizes**2, minlength=k)
    arms = of_arm > 0
    typical = (sizes.sum() - (squares[arms] / of_arm[arms]).sum()) / (len(sizes) - arms.sum())
    whole = between + (typical - 1) * within
    icc = float(np.clip((between - within) / whole, 0.0, 1.0)) if whole > 0 else 0.0
    return SharedVariance(icc, 1 + (float((sizes**2).sum() / sizes.sum()) - 1) * icc)


def _blank(labels: NDArray[Any]) -> Flags:
    return np.asarray(labels < 0 if labels.dtype.kind in "if" else labels == "", dtype=bool)


def _codes(labels: ArrayLike, arm: Integers) -> Integers:
    given = np.asarray(labels)
    if given.shape != arm.shape:
        raise NotEstimable("clusters and arm have different numbers of rows; pass one label per person")
    if given.dtype.kind == "f" and not np.isfinite(given).all():
        raise NotEstimable("a cluster is missing for someone; give those without one a cluster of their own")
    return np.asarray(np.unique(given, return_inverse=True)[1], dtype=np.int64)


def _mean_squares(left: Floats, cell: Integers, arm: Integers, sizes: Floats) -> tuple[float, float]:
    """Variance between clusters around their arm's mean, and within clusters, each over its degrees of freedom."""
    arms = np.unique(arm)
    if len(sizes) <= len(arms) or left.size <= len(sizes):
        raise NotEstimable(
            "how alike a cluster's people are needs two clusters in an arm and two people in one of them"
        )
    sums = np.bincount(cell, weights=left)
    means = sums / sizes
    whole = {a: sums[arm == a].sum() / sizes[arm == a].sum() for a in arms}
    off: Floats = means - np.array([whole[a] for a in arm])
    between = float((sizes * off**2).sum() / (len(sizes) - len(arms)))
    return between, float(((left - means[cell]) ** 2).sum() / (left.size - len(sizes)))
