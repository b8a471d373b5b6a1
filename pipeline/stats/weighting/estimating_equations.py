"""Stacked estimating equations: an arm's mean at fitted models, and how much each person moves it, models included."""

from dataclasses import dataclass, replace

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats, Integers
from pipeline.stats.weighting.nuisance import Nuisances, People
from pipeline.stats.weighting.propensity import BalancingWeights, WeightModel, balancing_weights


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which parts an estimator is made of: outcome predictions over the target, weighted residuals, or both."""

    name: str
    target: str
    predicts: bool
    weighs: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The estimator at fitted models.

    means       (k,)
    unmeasured  (k,) weighted share of each arm whose outcome is not measured
    predicted   (k,) part of the mean that comes from predictions over the target
    corrected   (k,) part that comes from weighted residuals
    tilt        (n,) base weight included
    balancing   (n,) base weight times tilt / e_arm
    weights     (n,) balancing over the probability of being observed; 0 where not observed
    raw         tilt, weights and derivative without base weights
    """

    means: Floats
    unmeasured: Floats
    predicted: Floats
    corrected: Floats
    tilt: Floats
    balancing: Floats
    weights: Floats
    raw: BalancingWeights


def needed(models: Nuisances, recipe: Recipe) -> Nuisances:
    """The models without their outcome part where the recipe predicts nothing."""
    if recipe.predicts or not models.outcome:
        return models
    return replace(models, outcome=(), predicted=np.zeros_like(models.predicted), outcome_note="")


def evaluate(people: People, models: Nuisances, recipe: Recipe) -> Evaluation:
    """mean_a = sum h m_a / sum h + sum_{A=a} w (Y - m_a) / sum_{A=a} w, with h the tilt and w = h / (e_A pi)."""
    raw = balancing_weights(models.weight.probabilities, people.arm, recipe.target)
    tilt, balancing = people.weights * raw.tilt, people.weights * raw.weights
    weights = balancing * people.observed / models.probability
    whole = np.bincount(people.arm, weights=weights, minlength=people.arms)
    if not (tilt.sum() > 0 and (whole > 0).all()):
        raise NotEstimable("nobody in one arm resembles the target population; choose the overlap as target")
    zero = np.zeros(people.arms)
    predicted = tilt @ models.predicted / tilt.sum() if recipe.predicts else zero
    residual = people.outcome - models.predicted[np.arange(len(people.arm)), people.arm] * people.observed
    corrected = (
        np.bincount(people.arm, weights=weights * residual, minlength=people.arms) / whole if recipe.weighs else zero
    )
    unmeasured = np.bincount(people.arm, weights=balancing * ~people.observed, minlength=people.arms) / np.bincount(
        people.arm, weights=balancing, minlength=people.arms
    )
    return Evaluation(predicted + corrected, unmeasured, predicted, corrected, tilt, balancing, weights, raw)


def influence(people: People, models: Nuisances, recipe: Recipe, at: Evaluation) -> Floats:
    """Influence (n, 2k) of each person on means and unmeasured shares; columns sum to zero up to the ridge.

    From the stacked estimating equations: the direct part plus, for each model, the derivative of the estimate in its
    parameters times its information inverse times the person's score. The tilt's derivative is included.
    Lunceford & Davidian (2004) Stat Med 23:2937; Li & Li (2019) Ann Appl Stat 13:2389.
    """
    means = [_of_mean(people, models, recipe, at, arm) for arm in range(people.arms)]
    return np.column_stack(means + [_of_unmeasured(people, models, at, arm) for arm in range(people.arms)])


def _of_mean(people: People, models: Nuisances, recipe: Recipe, at: Evaluation, arm: int) -> Floats:
    n, k = models.weight.probabilities.shape
    total, in_weights, in_observing = np.zeros(n), np.zeros((n, k)), np.zeros(n)
    in_outcome = np.zeros(people.design.values.shape[1])
    if recipe.predicts:
        centered = (models.predicted[:, arm] - at.predicted[arm]) / at.tilt.sum()
        total += at.tilt * centered
        in_weights += (people.weights * centered)[:, None] * at.raw.tilt_gradient
        in_outcome += at.tilt @ people.design.values / at.tilt.sum()
    if recipe.weighs:
        seen = (people.arm == arm) * people.observed / models.probability
        w = at.balancing * seen
        centered = (people.outcome - models.predicted[:, arm] - at.corrected[arm]) / w.sum()
        total += w * centered
        in_weights += weight_gradient(people, models, at) * (seen * centered)[:, None]
        in_observing -= w * centered * (1 - models.observation.probability) * ~models.cut
        in_outcome -= w @ people.design.values / w.sum()
    total += through_weights(people, models, in_weights) + through_observing(people, models, in_observing)
    return total + through_outcome(people, models, in_outcome, arm) if recipe.predicts else total


def _of_unmeasured(people: People, models: Nuisances, at: Evaluation, arm: int) -> Floats:
    if people.observed[people.arm == arm].all():
        return np.zeros(len(people.arm))
    own: Flags = people.arm == arm
    v = at.balancing * own
    centered: Floats = own * (~people.observed - at.unmeasured[arm]) / v.sum()
    gradient = weight_gradient(people, models, at) * centered[:, None]
    return v * centered + through_weights(people, models, gradient)


def weight_gradient(people: People, models: Nuisances, at: Evaluation) -> Floats:
    """Derivative (n, k) of the balancing weight f h / e_A in each arm's linear predictor."""
    e = models.weight.probabilities
    own = people.arm[:, None] == np.arange(people.arms)
    gradient: Floats = at.balancing[:, None] * (at.raw.tilt_gradient / at.raw.tilt[:, None] - (own - e))
    return gradient


def through_weights(people: People, models: Nuisances, gradient: Floats) -> Floats:
    """Each person's move (n,) of an estimate through the weight model; gradient (n, k) in the arms' linear
    predictors."""
    moved: Floats = people.weights * _through_logistic(models.weight, people.arm, gradient)
    return moved


def through_observing(people: People, models: Nuisances, gradient: Floats) -> Floats:
    """Each person's move (n,) of an estimate through the observation model; gradient (n,) in its linear predictor."""
    out, rows, model = np.zeros(len(gradient)), models.observation.modeled, models.observation.model
    if model is not None:
        seen = people.observed[rows].astype(np.int64)
        both = np.column_stack([-gradient[rows], gradient[rows]])
        out[rows] = people.weights[rows] * _through_logistic(model, seen, both)
    return out


def _through_logistic(model: WeightModel, outcome: Integers, gradient: Floats) -> Floats:
    """Derivative (n, k) in the linear predictors, carried to the coefficients and back to each person's score (n,)."""
    others = model.probabilities.shape[1] - 1
    slope = (model.values.T @ gradient[:, 1:]).T.ravel()
    solved = np.linalg.solve(model.fit.information, slope).reshape(others, -1).T
    own = outcome[:, None] == np.arange(1, others + 1)
    scores: Floats = ((own - model.probabilities[:, 1:]) * (model.values @ solved)).sum(axis=1)
    return scores


def through_outcome(people: People, models: Nuisances, gradient: Floats, arm: int) -> Floats:
    """Each person's move (n,) of an estimate through one arm's outcome model; gradient (q,) in the design's
    coefficients."""
    model, rows = models.outcome[arm], people.observed & (people.arm == arm)
    solved = model.columns @ np.linalg.solve(model.gram, model.columns.T @ gradient)
    out = np.zeros(len(rows))
    residual = people.outcome[rows] - models.predicted[rows, arm]
    out[rows] = people.weights[rows] * residual * (people.design.values[rows] @ solved)
    return out


def clustered_covariance(person: Floats, cluster: Integers) -> tuple[Floats, int]:
    """G / (G - 1) times the sum over clusters of the outer product of summed influence (n, m); and G.

    Raises NotEstimable with fewer than two clusters.
    """
    _, position = np.unique(cluster, return_inverse=True)
    g = int(position.max()) + 1
    if g < 2:
        raise NotEstimable(
            "everyone is in one cluster, so its spread is unknown; use person-level inference for this site only"
        )
    sums = np.column_stack([np.bincount(position, weights=column, minlength=g) for column in person.T])
    sums -= sums.mean(axis=0)
    return g / (g - 1) * sums.T @ sums, g
