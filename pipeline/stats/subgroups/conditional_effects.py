"""The effect of arm 1 against arm 0 as a function of what people were like at the start: one regression for strata and
curves."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import fdtrc

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.resampling import jackknife_sites
from pipeline.stats.weighting.effects import spread
from pipeline.stats.weighting.estimating_equations import (
    Evaluation,
    Recipe,
    evaluate,
    through_observing,
    through_outcome,
    through_weights,
    weight_gradient,
)
from pipeline.stats.weighting.nuisance import Nuisances, People, fit_nuisances


@dataclass(frozen=True, slots=True)
class Projected:
    """Weighted least squares of each person's doubly robust effect on a basis.

    coefficients  (m,) so that basis @ coefficients is the effect in the outcome's unit
    covariance    (m, m) of them, every model behind them included
    df            as augmented_means has it
    clusters      sites (or people) the covariance rests on
    overall       mean effect over the target population: the like-for-like difference of the two arms
    gradient      (m,) overall = gradient @ coefficients where the basis holds a constant
    models, at    the fitted models and weights
    """

    coefficients: Floats
    covariance: Floats
    df: float
    clusters: int
    overall: float
    gradient: Floats
    models: Nuisances
    at: Evaluation


@dataclass(frozen=True, slots=True)
class WaldTest:
    """Several contrasts at once: T^2 = d' V^-1 d on q contrasts, (df - q + 1) / (q df) T^2 ~ F(q, df - q + 1)."""

    statistic: float
    contrasts: int
    df: float
    p: float


def project(
    people: People, basis: Floats, recipe: Recipe, inference: str, cluster: Integers, max_weight: float
) -> Projected:
    """Effect of arm 1 against arm 0 projected on basis (n, m), weighted by the tilt of the target population.

    effect_i = m_1 - m_0 + c_1 w_i (Y - m_1) [A=1, R=1] / h_i - c_0 w_i (Y - m_0) [A=0, R=1] / h_i,
    c_a = sum h / sum_{A=a,R=1} w, so that its tilt-weighted mean is exactly the difference of augmented_means;
    coefficients = (sum h B B')^-1 sum h B effect. Kennedy (2023) Electron J Stat 17:3008, with the tilt as the weight.
    inference sandwich or person: stacked estimating equations clustered on cluster (n,), for person with the factor of
    effects.augmented_means; jackknife_sites: every model refitted without one site at a time. Raises NotEstimable where
    a column of the basis adds nothing for the people in the target population, the outcome does not vary, or a model
    supports no estimate.
    """
    if np.ptp(people.outcome[people.observed]) == 0:
        raise NotEstimable(
            "the outcome does not vary between people here, so its uncertainty is unknown; use more people"
        )
    models = fit_nuisances(people, max_weight)
    at = evaluate(people, models, recipe)
    solved = _solve(people, models, at, basis)
    gradient = at.tilt @ basis / at.tilt.sum()
    overall = float(at.means[1] - at.means[0])
    if inference == "jackknife_sites":
        jackknife = jackknife_sites(partial(_refitted, people, models, recipe, max_weight, basis), people.site)
        return Projected(
            solved, jackknife.covariance, jackknife.df, len(jackknife.sites), overall, gradient, models, at
        )
    covariance, g, df = spread(people, models, _influence(people, models, at, basis, solved), cluster, inference)
    return Projected(solved, covariance, df, g, overall, gradient, models, at)


def _refitted(
    people: People, models: Nuisances, recipe: Recipe, max_weight: float, basis: Floats, rows: Integers
) -> Floats:
    part = people.rows(rows)
    if not np.bincount(part.arm, minlength=part.arms).all():
        raise NotEstimable("one arm has nobody in it; leave it out or widen the study period")
    again = fit_nuisances(part, max_weight, start=models)
    return _solve(part, again, evaluate(part, again, recipe), basis[rows])


def _solve(people: People, models: Nuisances, at: Evaluation, basis: Floats) -> Floats:
    weighted = at.tilt[:, None] * basis
    right = weighted.T @ (models.predicted[:, 1] - models.predicted[:, 0])
    for arm, sign in ((1, 1.0), (0, -1.0)):
        right += sign * _residuals(people, models, at, arm) @ basis
    gram = weighted.T @ basis
    size = np.sqrt(np.diag(gram))
    if not (size > 0).all() or np.linalg.cond(gram / np.outer(size, size)) > 1e12:
        raise NotEstimable(
            "a stratum or a bend of the curve has nobody who could have been in either arm; merge strata or use fewer"
            " bends"
        )
    return np.asarray(np.linalg.solve(gram, right))


def _residuals(people: People, models: Nuisances, at: Evaluation, arm: int) -> Floats:
    """(n,) c_a w (Y - m_a), 0 outside the arm's observed people."""
    own = people.arm == arm
    w: Floats = at.weights * own
    return np.asarray(at.tilt.sum() / w.sum() * w * (people.outcome - models.predicted[:, arm] * people.observed))


def _influence(people: People, models: Nuisances, at: Evaluation, basis: Floats, solved: Floats) -> Floats:
    """Influence (n, m) of each person on the coefficients, by the same stacking as stacked.influence."""
    gram = (at.tilt[:, None] * basis).T @ basis
    moved = [_of_equation(people, models, at, basis[:, j], basis @ solved) for j in range(basis.shape[1])]
    return np.asarray(np.linalg.solve(gram, np.column_stack(moved).T).T)


def _of_equation(people: People, models: Nuisances, at: Evaluation, column: Floats, fitted: Floats) -> Floats:
    """How each person moves sum h b (effect - fitted), one normal equation of the regression, with column b (n,)."""
    total = at.tilt.sum()
    leftover = column * (models.predicted[:, 1] - models.predicted[:, 0] - fitted)
    moved, in_observing = np.zeros(len(column)), np.zeros(len(column))
    in_weights = np.zeros_like(at.raw.tilt_gradient)
    for arm, sign in ((1, 1.0), (0, -1.0)):
        own = people.arm == arm
        w: Floats = at.weights * own
        residual = _residuals(people, models, at, arm)
        part = float(residual @ column)
        leftover = leftover + sign * part / total
        share = sign * (residual * column - part * w / w.sum())
        moved += share
        relative = np.divide(share, at.balancing, out=np.zeros_like(share), where=w > 0)
        in_weights += weight_gradient(people, models, at) * relative[:, None]
        in_observing -= share * (1 - models.observation.probability) * ~models.cut
        in_outcome = sign * ((at.tilt - total / w.sum() * w) * column) @ people.design.values
        moved += through_outcome(people, models, in_outcome, arm)
    moved += at.tilt * leftover
    in_weights += (people.weights * leftover)[:, None] * at.raw.tilt_gradient
    return moved + through_weights(people, models, in_weights) + through_observing(people, models, in_observing)


def wald_test(found: Projected, contrasts: Floats) -> WaldTest:
    """Whether contrasts (q, m) of the coefficients are all zero; NotEstimable with no more sites than contrasts."""
    q = len(contrasts)
    value, covariance = contrasts @ found.coefficients, contrasts @ found.covariance @ contrasts.T
    left = found.df - q + 1
    if left <= 0 or np.linalg.matrix_rank(covariance, hermitian=True) < q:
        raise NotEstimable("there are too few sites to test so many differences at once; compare fewer strata")
    statistic = float(value @ np.linalg.solve(covariance, value))
    return WaldTest(statistic, q, left, float(fdtrc(q, left, statistic * left / (q * found.df))))
