"""Cost by a model of its own: whether anything was spent, and how much then; standardized to a target population."""

from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import (
    Floats,
    Integers,
    build_design,
    checked_arms,
    checked_covariates,
    checked_weights,
    independent_columns,
)
from pipeline.stats.estimate import Estimate, wald
from pipeline.stats.resampling import jackknife_sites
from pipeline.stats.sites import site_codes
from pipeline.stats.weighting.propensity import fit_weight_model

MOST_STEPS = 100
CONVERGED = 1e-8  # largest step of a standardized coefficient


def two_part_difference(
    cost: ArrayLike,
    arm: ArrayLike,
    covariates: ArrayLike,
    tilt: ArrayLike,
    known: ArrayLike,
    site: ArrayLike,
    unit: ArrayLike,
    *,
    level: float = 0.95,
) -> Estimate:
    """Mean cost of arm 1 less arm 0 over the tilt, from logistic P(cost > 0) times gamma GLM with log link of cost
    above 0.

    cost (n,); arm (n,) 0 or 1; covariates (n, p); tilt (n,) who the answer is about; known (n,) weights of those whose
    cost is known, 0 for others; site (n,) an intercept each; unit (n,) what the jackknife leaves out (sites, or groups
    of people). E(cost | arm, x) = p(x) m(x) for everybody at both arms. Manning, Basu & Mullahy (2005) J Health Econ
    24:465. Amounts of 0 or below (reversals) count as nothing spent. Raises NotEstimable where the models cannot be
    fitted.
    """
    codes, k = checked_arms(arm)
    x, w = checked_covariates(covariates, len(codes)), checked_weights(known, codes, k)
    money, target = np.asarray(cost, dtype=np.float64), np.asarray(tilt, dtype=np.float64)
    if k != 2 or w is None or money.shape != codes.shape or target.shape != codes.shape:
        raise NotEstimable("cost models compare two arms, one cost and two weights per person; pass two arms at a time")
    if not np.isfinite(money[w > 0]).all():
        raise NotEstimable("a cost that should be known is missing or infinite; enter 0 where nothing was spent")
    place = site_codes(site, len(codes))
    design = build_design(x, place, int(place.max()) + 1)
    values = np.column_stack([design.values[:, : design.groups], codes, design.values[:, design.groups :]])
    job = partial(_difference, values, design.groups, np.where(w > 0, money, 0.0), codes, target, w)
    jackknife = jackknife_sites(lambda rows: np.array([job(rows)]), unit)
    return wald(
        job(np.arange(len(codes))),
        float(jackknife.covariance[0, 0]) ** 0.5,
        df=jackknife.df,
        level=level,
        n=int((w > 0).sum()),
    )


def _difference(
    values: Floats, groups: int, cost: Floats, arm: Integers, tilt: Floats, known: Floats, rows: Integers
) -> float:
    """Standardized difference from the people at these rows."""
    z, y, w, h = values[rows], cost[rows], known[rows], tilt[rows]
    spent = (y > 0) & (w > 0)
    if not np.bincount(arm[rows][spent], minlength=2).all():
        raise NotEstimable("nobody at one level has any cost above 0; check that amounts are recorded for both")
    amounts = _gamma(z[spent], y[spent], w[spent])
    at = np.stack([np.where(np.arange(z.shape[1]) == groups, a, z) for a in (0, 1)])
    means = np.exp(at @ amounts)
    if ((y <= 0) & (w > 0)).any():
        any_cost = fit_weight_model(z, groups, spent.astype(np.int64), 2, w)
        odds = at[:, :, any_cost.kept] @ any_cost.fit.coefficients[:, 0]
        means = means / (1 + np.exp(-odds))
    standardized = means @ h / h.sum()
    return float(standardized[1] - standardized[0])


def _gamma(z: Floats, y: Floats, w: Floats) -> Floats:
    """Coefficients of a gamma GLM with log link, by reweighted least squares: with this link the weights never
    change."""
    gram = (z * w[:, None]).T @ z
    kept = independent_columns(gram)
    used = z[:, kept]
    left = np.linalg.inv(gram[np.ix_(kept, kept)])
    start = left @ (used.T @ (w * np.log(y)))
    b = start
    for _ in range(MOST_STEPS):
        mean = np.exp(used @ b)
        step = left @ (used.T @ (w * (y / mean - 1)))
        b = b + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        if np.abs(step).max() < CONVERGED:
            out = np.zeros(z.shape[1])
            out[kept] = b
            return out
    raise NotEstimable("the model of costs did not settle; merge rare categories, or leave the gamma model out")
