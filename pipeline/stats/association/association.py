"""How two things go together, without saying why: rank correlation, and a slope taken apart within and between
groups."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers, build_design, checked_covariates, independent_columns
from pipeline.stats.estimate import Estimate, wald
from pipeline.stats.resampling import jackknife_sites
from pipeline.stats.weighting.estimating_equations import clustered_covariance

FEWEST = 30  # pairs; with fewer the limits of a rank correlation are not what they say


def rank_correlation(
    first: ArrayLike, second: ArrayLike, *, cluster: ArrayLike | None = None, level: float = 0.95
) -> Estimate:
    """Spearman's rho of two lists (n,), pairs with a nan left out, ties at their mean rank.

    Limits on Fisher's scale atanh(rho): standard error sqrt((1 + rho^2 / 2) / (n - 3)), Bonett & Wright (2000)
    Psychometrika
    65:23; with cluster (n,) by leaving out one cluster at a time, t with G - 1 df. se is on Fisher's scale; p of rho =
    0. Raises NotEstimable with fewer than 30 pairs, or where either list is constant or both have one order.
    """
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise NotEstimable("two lists of one length are needed; pass one pair per person, nan where one is not known")
    kept = np.isfinite(x) & np.isfinite(y)
    x, y = x[kept], y[kept]
    if x.size < FEWEST:
        raise NotEstimable(f"fewer than {FEWEST} people have both; ask more people")
    rho = _spearman(x, y)
    if cluster is None:
        found = wald(float(np.arctanh(rho)), float(((1 + rho**2 / 2) / (x.size - 3)) ** 0.5), level=level, n=x.size)
    else:
        unit = np.asarray(cluster)[kept]
        jackknife = jackknife_sites(lambda rows: np.array([np.arctanh(_spearman(x[rows], y[rows]))]), unit)
        found = wald(
            float(np.arctanh(rho)), float(jackknife.covariance[0, 0]) ** 0.5, df=jackknife.df, level=level, n=x.size
        )
    low, high = np.tanh([found.low, found.high]).tolist()
    return Estimate(rho, found.se, found.df, low, high, found.p, x.size, level=level)


def _ranks(values: Floats) -> Floats:
    """Rank of each of the values (n,) from 1, ties at their mean rank."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place], dtype=np.float64)


def _spearman(x: Floats, y: Floats) -> float:
    first, second = (_ranks(values) - (values.size + 1) / 2 for values in (x, y))
    size: float = float((first @ first) * (second @ second)) ** 0.5
    if size <= 0:
        raise NotEstimable(
            "everybody gave the same answer, or did the same; a correlation needs differences between people"
        )
    rho = float(first @ second) / size
    if abs(rho) > 1 - 1e-12:
        raise NotEstimable("both lists have exactly one order; check that they are not one number written twice")
    return rho


@dataclass(frozen=True, slots=True)
class Decomposed:
    """A slope within groups and between them.

    within   change of the outcome per unit of exposure, between people of one group
    between  change of the outcome per unit of the groups' mean exposure
    groups   how many groups
    """

    within: Estimate
    between: Estimate
    groups: int


def within_between(
    outcome: ArrayLike,
    exposure: ArrayLike,
    group: ArrayLike,
    covariates: ArrayLike,
    *,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Decomposed:
    """Least squares of outcome (n,) on exposure less its group's mean, that mean, and covariates (n, p), group (n,).

    Clustered sandwich times (n - 1) / (n - m), t with G - 1 df, over cluster (n,); None: over people, t with n - m df.
    Neuhaus & Kalbfleisch (1998) Biometrics 54:638. Rows with a nan outcome or exposure are left out. Raises
    NotEstimable with fewer than 30 people, fewer than three groups, or an exposure that does not vary within them or
    between their means.
    """
    y, x = np.asarray(outcome, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    z = checked_covariates(covariates, len(y))
    kept = np.isfinite(y) & np.isfinite(x)
    if kept.sum() < FEWEST:
        raise NotEstimable(f"fewer than {FEWEST} people have both; ask more people")
    y, x, z = y[kept], x[kept], z[kept]
    _, place = np.unique(np.asarray(group)[kept], return_inverse=True)
    sizes = np.bincount(place)
    if sizes.size < 3:
        raise NotEstimable(
            "fewer than three programs have answers, so nothing can be said between programs; report one of them alone"
        )
    means = np.bincount(place, weights=x) / sizes
    inside, across = x - means[place], means[place] - x.mean()
    if not (np.abs(inside).max() > 1e-12 and np.abs(across).max() > 1e-12):
        raise NotEstimable(
            "everybody of a program, or every program, answered the same; there is nothing to take apart"
        )
    shared = build_design(z, np.zeros(len(y), dtype=np.int64), 1).values
    design = np.column_stack([inside, across, shared])
    unit = None if cluster is None else np.asarray(cluster)[kept]
    b, covariance, df = _least_squares(design, y, unit)
    size = float(np.abs(y).max() / np.abs(design[:, :2]).max())
    one, other = (
        wald(float(b[i]), float(covariance[i, i]) ** 0.5, df=df, level=level, n=y.size, size=size) for i in (0, 1)
    )
    return Decomposed(one, other, sizes.size)


def _least_squares(design: Floats, y: Floats, unit: Integers | None) -> tuple[Floats, Floats, float]:
    """Coefficients of the first two columns, their sandwich covariance, and degrees of freedom."""
    gram = design.T @ design
    kept = independent_columns(gram)
    if not kept[:2].all():
        raise NotEstimable(
            "the exposure says the same within and between programs; more programs would tell them apart"
        )
    used = design[:, kept]
    n, m = used.shape
    if n <= m + 1:
        raise NotEstimable("there are as many columns as people; leave some confounders out")
    left = np.linalg.inv(gram[np.ix_(kept, kept)])
    b = left @ (used.T @ y)
    moved = (used @ left)[:, :2] * (y - used @ b)[:, None]
    if unit is None:
        return b, moved.T @ moved * n / (n - m), float(n - m)
    covariance, clusters = clustered_covariance(moved, unit)
    return b, covariance * (n - 1) / (n - m), clusters - 1.0
