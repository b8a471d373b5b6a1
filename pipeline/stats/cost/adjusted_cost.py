"""Cost and effect of two or more arms among comparable people, and how the errors of the two hang together."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.cost.cost import Incremental, MeanCost, incremental, mean_cost
from pipeline.stats.design import Floats, Integers
from pipeline.stats.estimate import Estimate, wald
from pipeline.stats.resampling import arm_cluster_df, jackknife_sites
from pipeline.stats.weighting.estimating_equations import Evaluation, Recipe, evaluate
from pipeline.stats.weighting.nuisance import Nuisances, People, checked_people, fit_nuisances

PERSON_GROUPS = 40  # so many groups of people take the place of sites where there are too few of those


@dataclass(frozen=True, slots=True)
class CostAndEffect:
    """Mean cost and mean effect each arm would have in one target population.

    cost, effect  (k,) in the currency of the costs and in the unit of the effect (0 where none was given)
    covariance    (2k, 2k) of cost and effect together, every model and the weights for those cut off included
    df            sites (or groups of people) less one
    n, complete   (k,) people, and people whose costs are known to the end
    observed      (k,) people whose effect was observed
    ess           (k,) (sum w)^2 / sum w^2 of the balancing weights
    largest       (k,) the largest weight 1 / K a person's cost was given for those cut off
    weights       (n,) balancing weights
    replicates    (G, 2k) without each site, or each group of people
    inference     jackknife_sites or person
    note          what a reader must know; empty where nothing
    """

    cost: Floats
    effect: Floats
    covariance: Floats
    df: float
    n: Integers
    complete: Integers
    observed: Integers
    ess: Floats
    largest: Floats
    weights: Floats
    replicates: Floats
    inference: str
    note: str


def cost_and_effect(
    cost: ArrayLike,
    day: ArrayLike,
    ended: ArrayLike,
    effect: ArrayLike | None,
    arm: ArrayLike,
    covariates: ArrayLike,
    site: ArrayLike | None = None,
    *,
    ends: ArrayLike,
    target: str = "overlap",
    inference: str = "jackknife_sites",
    cluster: ArrayLike | None = None,
    max_observation_weight: float = 10.0,
) -> CostAndEffect:
    """Mean cost by balancing weights and mean_cost, mean effect by augmented_means, and their joint covariance.

    cost (n, j) in intervals that close on days ends (j,), nan where not known; day (n,) last day with known costs;
    ended (n,) True where none can come after it; effect (n,), nan where not observed, None where only costs are asked;
    arm, covariates, site, target and max_observation_weight as in augmented_means.
    Delete-one-site jackknife with the weight, censoring, observation and outcome models refitted, t with G - 1 df,
    which serves many sites too. inference="person": delete-a-group jackknife (Kott 2001, J Off Stat 17:521) over 40
    groups of people, dealt out in turn within site and arm, so that it depends a little on the order of rows; with
    cluster (n,), such as therapists within arms, one of these at a time, t with arm_cluster_df.
    Raises NotEstimable where a model, an arm or the follow-up does not support an estimate.
    """
    if inference not in ("jackknife_sites", "person", "sandwich"):
        raise NotEstimable("the inference is unknown; use jackknife_sites, or person where there are few sites")
    money, last, final = (
        np.asarray(cost, dtype=np.float64),
        np.asarray(day, dtype=np.float64),
        np.asarray(ended, dtype=bool),
    )
    gain = np.zeros(len(last)) if effect is None else effect
    people = checked_people(gain, arm, covariates, site, None)
    if not len(money) == len(last) == len(final) == len(people.arm):
        raise NotEstimable("costs and arm have different numbers of rows; pass one row per person in both")
    recipe = Recipe("augmented", target, effect is not None, True)
    job = partial(_both, people, money, last, final, np.asarray(ends, dtype=np.float64), recipe, max_observation_weight)
    models, at, costs = job(np.arange(len(people.arm)), None)
    by_person = inference == "person"
    own = by_person and cluster is not None
    unit = _codes(cluster) if own else _dealt_out(people) if by_person else people.site
    jackknife = jackknife_sites(lambda rows: _values(*job(rows, models)), unit)
    k = people.arms
    total, squares = (np.bincount(people.arm, weights=w, minlength=k) for w in (at.balancing, at.balancing**2))
    return CostAndEffect(
        cost=costs.means,
        effect=at.means,
        covariance=jackknife.covariance,
        df=arm_cluster_df(unit, people.arm) if own else jackknife.df,
        n=costs.n,
        complete=costs.complete,
        observed=np.bincount(people.arm[people.observed], minlength=k),
        ess=np.asarray(total**2 / squares),
        largest=costs.largest,
        weights=at.balancing,
        replicates=jackknife.replicates,
        inference="person" if by_person else "jackknife_sites",
        note=models.note,
    )


def incremental_of(found: CostAndEffect, arm: int = 1, reference: int = 0, *, level: float = 0.95) -> Incremental:
    """Extra cost and extra effect of one arm over another, with their covariance; arguments as in cost.incremental."""
    k = len(found.cost)
    to = np.zeros((2, 2 * k))
    to[[0, 1], [arm, k + arm]], to[[0, 1], [reference, k + reference]] = 1.0, -1.0
    money, gain = (to @ np.concatenate([found.cost, found.effect])).tolist()
    both = to @ found.covariance @ to.T
    return incremental(money, gain, (both + both.T) / 2, df=found.df, level=level)


def cost_contrast(found: CostAndEffect, arm: int = 1, reference: int = 0, *, level: float = 0.95) -> Estimate:
    """Mean cost of arm minus that of reference among comparable people; n counts both arms."""
    variance = (
        found.covariance[arm, arm] + found.covariance[reference, reference] - 2 * found.covariance[arm, reference]
    )
    return wald(
        float(found.cost[arm] - found.cost[reference]),
        float(variance) ** 0.5,
        df=found.df,
        level=level,
        n=int(found.n[[arm, reference]].sum()),
        size=float(np.abs(found.cost).max()),
    )


def arm_cost(found: CostAndEffect, arm: int, *, level: float = 0.95) -> Estimate:
    """Mean cost of one arm among comparable people."""
    return wald(
        float(found.cost[arm]),
        float(found.covariance[arm, arm]) ** 0.5,
        df=found.df,
        level=level,
        n=int(found.n[arm]),
        size=float(found.cost[arm]),
    )


def _both(
    people: People,
    money: Floats,
    last: Floats,
    final: Floats,
    ends: Floats,
    recipe: Recipe,
    max_weight: float,
    rows: Integers,
    start: Nuisances | None,
) -> tuple[Nuisances, Evaluation, MeanCost]:
    """Models, effect and cost of the people at these rows."""
    part = people.rows(rows)
    if not np.bincount(part.arm, minlength=part.arms).all():
        raise NotEstimable("one arm has nobody in it; leave it out or widen the study period")
    models = fit_nuisances(part, max_weight, outcome_models=recipe.predicts, start=start)
    at = evaluate(part, models, recipe)
    costs = mean_cost(
        money[rows], last[rows], final[rows], part.arm, horizon=float(ends[-1]), ends=ends, weights=at.balancing
    )
    return models, at, costs


def _values(models: Nuisances, at: Evaluation, costs: MeanCost) -> Floats:
    return np.concatenate([costs.means, at.means])


def _codes(cluster: ArrayLike | None) -> Integers:
    return np.asarray(np.unique(np.asarray(cluster), return_inverse=True)[1], dtype=np.int64)


def _dealt_out(people: People) -> Integers:
    """Groups of people (n,), alike in their sites and arms."""
    turn = np.empty(len(people.arm), dtype=np.int64)
    turn[np.lexsort((people.arm, people.site))] = np.arange(len(people.arm))
    groups: Integers = turn % min(PERSON_GROUPS, len(people.arm))
    return groups
