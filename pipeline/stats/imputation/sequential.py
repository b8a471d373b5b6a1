"""Like-for-like means where what happened after the start tells who is measured and how they did: sequential
regression."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats, Integers, checked_covariates
from pipeline.stats.resampling import jackknife_places
from pipeline.stats.weighting.arm_means import ArmMeans
from pipeline.stats.weighting.effects import (
    INFERENCES,
    cluster_units,
    described_means,
    recipe_named,
    refuse_few,
    spread,
)
from pipeline.stats.weighting.estimating_equations import (
    Evaluation,
    Recipe,
    evaluate,
    influence,
    needed,
    through_observing,
    through_outcome,
)
from pipeline.stats.weighting.nuisance import Nuisances, People, checked_people, fit_nuisances, fit_weights
from pipeline.stats.weighting.without_sites import SiteSums, models_without, people_without, site_folds, site_sums


@dataclass(frozen=True, slots=True)
class Stages:
    """The models of one fit, from the outcome backward.

    late     the models of being measured and of the outcome given the start and what came later; and who starts where
    stood    people whose outcome is measured or stood in for: everybody has one (n,)
    early    the models of that outcome given the start alone
    """

    late: Nuisances
    stood: People
    early: Nuisances


def sequential_means(
    outcome: ArrayLike,
    arm: ArrayLike,
    covariates: ArrayLike,
    later: ArrayLike,
    site: ArrayLike | None = None,
    *,
    ways: Sequence[tuple[str, str]] = (("augmented", "overlap"),),
    inference: str = "sandwich",
    cluster: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    max_observation_weight: float = 10.0,
    own_slopes: bool = False,
) -> tuple[ArmMeans, ...]:
    """augmented_means where being measured depends on the start and on `later`: one answer for each way.

    later  (n, q) finite: what was seen after the start and before the outcome, such as the last score in care; never
           adjusted for, since level of care changes it
    all else as in effects.several_means; with nobody unmeasured the answers are the same

    In each arm the outcome is regressed on start and later among the measured (m2, linear) and being measured too (pi,
    logistic, at least 1/max_observation_weight); everybody then has the outcome

        Y~ = m2 + R (Y - m2) / pi,

    which has the right mean given the start if either m2 or pi is right, and takes the outcome's place in the way's own
    formula, where all are measured.  This is one step of sequential regression, right where being measured is as good
    as random given start, arm, site and later.  The standard error carries every model (stacked equations, or the
    jackknife refits them).  Robins, Rotnitzky & Zhao (1995) JASA 90:106; Bang & Robins (2005) Biometrics 61:962.
    Simulated: tests/simulation/results.csv, cells *in care*.  Raises NotEstimable where an input or a model does not
    support an estimate.
    """
    if inference not in INFERENCES:
        raise NotEstimable(f"the inference is unknown; use one of {', '.join(INFERENCES)}")
    early = checked_people(outcome, arm, covariates, site, weights)
    start = checked_covariates(covariates, len(early.arm))
    late = checked_people(outcome, arm, np.hstack([start, checked_covariates(later, len(start))]), site, weights)
    refuse_few(late)
    recipes = [recipe_named(*way) for way in ways]
    stages = fit_stages(early, late, max_observation_weight, own_slopes)
    found = [evaluated(early, stages, recipe) for recipe in recipes]
    if inference == "jackknife_sites":
        k = 2 * early.arms
        left_out = partial(_left_out, early, late, stages, recipes, max_observation_weight, stage_sums(late, stages))
        jackknife = jackknife_places(left_out, early.site)
        own = [jackknife.part(slice(i * k, (i + 1) * k)) for i in range(len(recipes))]
        return tuple(
            described_means(
                early, _said(early, stages), recipe, at, inference, one.covariance, len(one.sites), one.df, one
            )
            for recipe, at, one in zip(recipes, found, own, strict=True)
        )
    unit = cluster_units(early, site, cluster, inference)
    results = []
    for recipe, at in zip(recipes, found, strict=True):
        joint, g, df = spread(late, stages.late, moved(early, late, stages, recipe, at), unit, inference)
        results.append(described_means(early, _said(early, stages), recipe, at, inference, joint, g, df))
    return tuple(results)


def fit_stages(
    early: People, late: People, max_weight: float, own_slopes: bool = False, start: Stages | None = None
) -> Stages:
    """Fits both steps; start, from a fit to more people, only saves steps."""
    weight = fit_weights(early, None if start is None else start.early.weight)
    seen = fit_nuisances(
        late, max_weight, own_slopes=own_slopes, start=None if start is None else start.late, weight=weight
    )
    stood = stood_for(early, late, seen)
    return Stages(seen, stood, fit_nuisances(stood, 1.0, start=None if start is None else start.early, weight=weight))


def stood_for(early: People, late: People, seen: Nuisances) -> People:
    """Everybody with the outcome Y~ that the late models give."""
    own = seen.predicted[np.arange(len(late.arm)), late.arm]
    stood_in = own + late.observed * (late.outcome - own) / seen.probability
    return replace(early, outcome=stood_in, observed=np.ones(len(own), dtype=bool))


def stage_sums(late: People, stages: Stages) -> tuple[SiteSums, SiteSums]:
    """What both steps without each site are made from; who starts where is asked of the early one alone."""
    folds = site_folds(late)
    return site_sums(late, stages.late, folds, weighs=False), site_sums(stages.stood, stages.early, folds)


def evaluated(early: People, stages: Stages, recipe: Recipe) -> Evaluation:
    """The way's answer on outcomes stood in for, with the unmeasured shares and weights of those really measured."""
    whole = evaluate(stages.stood, needed(stages.early, recipe), recipe)
    unmeasured = _share(whole.balancing, ~early.observed, early)
    return replace(whole, unmeasured=unmeasured, weights=whole.balancing * early.observed / stages.late.probability)


def moved(early: People, late: People, stages: Stages, recipe: Recipe, at: Evaluation) -> Floats:
    """Influence (n, 2k) of each person on means and unmeasured shares, both steps included."""
    models = needed(stages.early, recipe)
    whole = evaluate(stages.stood, models, recipe)
    means = influence(stages.stood, models, recipe, whole)[:, : early.arms]
    for arm in range(early.arms):
        means[:, arm] += _through_standing_in(
            early, late, stages, standing(stages.stood, models, recipe, whole, arm), arm
        )
    as_measured = replace(models, observation=stages.late.observation, probability=stages.late.probability)
    shares = influence(early, as_measured, recipe, at)[:, early.arms :]
    return np.hstack([means, shares])


def standing(people: People, models: Nuisances, recipe: Recipe, at: Evaluation, arm: int) -> Floats:
    """Derivative (n,) of an arm's mean in each person's outcome; zero outside the arm."""
    own = people.arm == arm
    weight: Floats = np.where(own, at.weights, 0.0)
    weight = weight / weight.sum() if recipe.weighs else np.zeros(len(own))
    if not recipe.predicts:
        return weight
    design, model = people.design.values, models.outcome[arm]
    gradient = at.tilt @ design / at.tilt.sum() - weight @ design
    solved = model.columns @ np.linalg.solve(model.gram, model.columns.T @ gradient)
    through: Floats = np.where(own, people.weights * (design @ solved), 0.0)
    return weight + through


def _through_standing_in(early: People, late: People, stages: Stages, share: Floats, arm: int) -> Floats:
    """Each person's move (n,) of an arm's mean through the models that stand in for the unmeasured."""
    seen = stages.late
    residual = early.observed * (early.outcome - seen.predicted[:, arm]) / seen.probability
    in_observing = -share * residual * (1 - seen.observation.probability) * ~seen.cut
    in_outcome = (share * (1 - early.observed / seen.probability)) @ late.design.values
    return through_observing(late, seen, in_observing) + through_outcome(late, seen, in_outcome, arm)


def _left_out(
    early: People,
    late: People,
    stages: Stages,
    recipes: Sequence[Recipe],
    max_weight: float,
    sums: tuple[SiteSums, SiteSums],
    site: int,
) -> Floats:
    """Means and unmeasured shares (2k for each recipe) without one site, every model fitted again."""
    seen = models_without(late, stages.late, sums[0], site, max_weight)
    again = None
    if seen is not None:
        stood = stood_for(early, late, seen)
        again = models_without(stood, stages.early, sums[1], site, 1.0, outcome=stood.outcome)
    if seen is None or again is None:
        return _refitted(early, late, stages, recipes, max_weight, sums[0].folds.others(site))
    part = people_without(early, site)
    both = Stages(seen, people_without(stood, site), again)
    found = [evaluated(part, both, recipe) for recipe in recipes]
    return np.concatenate([values for at in found for values in (at.means, at.unmeasured)])


def _refitted(
    early: People, late: People, stages: Stages, recipes: Sequence[Recipe], max_weight: float, rows: Integers
) -> Floats:
    """Means and unmeasured shares (2k for each recipe) of the people at these rows, every model fitted again."""
    part = early.rows(rows)
    if not np.bincount(part.arm, minlength=part.arms).all():
        raise NotEstimable("one arm has nobody in it; leave it out or widen the study period")
    again = fit_stages(part, late.rows(rows), max_weight, start=stages)
    found = [evaluated(part, again, recipe) for recipe in recipes]
    return np.concatenate([values for at in found for values in (at.means, at.unmeasured)])


def _share(balancing: Floats, who: Flags, people: People) -> Floats:
    """Weighted share (k,) of each arm's people who are in `who`."""
    part = np.bincount(people.arm, weights=balancing * who, minlength=people.arms)
    shares: Floats = part / np.bincount(people.arm, weights=balancing, minlength=people.arms)
    return shares


def _said(early: People, stages: Stages) -> Nuisances:
    """The models as a reader is told of them: who starts where from the start alone, being measured from all."""
    late = stages.late
    return replace(
        stages.early, observation=late.observation, probability=late.probability, cut=late.cut, note=late.note
    )
