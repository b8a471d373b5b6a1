"""Doubly robust means whose models have never seen the people they are used on."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats
from pipeline.stats.resampling import cluster_df
from pipeline.stats.weighting.arm_means import ArmMeans
from pipeline.stats.weighting.effects import cluster_units, described_means
from pipeline.stats.weighting.estimating_equations import Evaluation, Recipe, clustered_covariance
from pipeline.stats.weighting.fold_models import (
    Folds,
    checked_folds,
    deal,
    held_out_predictions,
    held_out_probabilities,
)
from pipeline.stats.weighting.missing import (
    ObservationModel,
    arms_with_gaps,
    observation_columns,
    truncated_probability,
)
from pipeline.stats.weighting.nuisance import Nuisances, People, checked_people, fit_nuisances
from pipeline.stats.weighting.propensity import balancing_weights, model_note

INFERENCES = ("sandwich", "person")


def cross_fitted_means(
    outcome: ArrayLike,
    arm: ArrayLike,
    covariates: ArrayLike,
    site: ArrayLike | None = None,
    *,
    rng: np.random.Generator | None = None,
    folds: ArrayLike = 5,
    target: str = "combined",
    inference: str = "sandwich",
    cluster: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    max_observation_weight: float = 10.0,
) -> ArmMeans:
    """Doubly robust means of k arms, every model fitted without the fold of the person it is used on.

    outcome, arm, covariates, site, cluster, weights, max_observation_weight   as in effects.augmented_means
    rng        deals people into folds, within site, arm and whether the outcome is observed; not needed where folds are
               given
    folds      how many, 2 or more, or (n,) the fold of each person; each model is fitted to all folds but one and used
               on that one
    target     combined or treated:<arm>
    inference  sandwich: clustered on site, or on cluster (n,) if given; person: everybody (or cluster) alone; t with G
               - 1 df

    mean_a = sum g m_a / sum g + sum_{A=a,R=1} w (Y - m_a) / sum_{A=a,R=1} w,  w = h / (e_A max(pi,
    1/max_observation_weight)), with g = h = 1 (combined) or g = 1[A = t], h = e_t (treated:t), each times weights; e,
    pi and m from the other folds: multinomial and logistic regression to a scaled gradient of 1e-8, least squares.
    Errors of e, pi and m enter as products only, so the standard error is that of the two sums with the models taken as
    known (for unmeasured shares this is rougher). Another rng gives other folds and a slightly different answer.
    Chernozhukov et al. (2018) Econom J 21:C1; Robins, Rotnitzky
    & Zhao (1994) JASA 89:846. With fewer than 40 sites the sandwich is too small, as everywhere.
    Raises NotEstimable where an input or a model does not support an estimate, and for targets that are part of what
    the weight model says, of which this standard error would be wrong.
    """
    people = checked_people(outcome, arm, covariates, site, weights)
    inside, recipe = _target(people, target), Recipe("doubly robust, cross-fitted", target, True, True)
    if inference not in INFERENCES:
        raise NotEstimable(f"the inference is unknown here; use one of {', '.join(INFERENCES)}")
    models = _held_out(people, _dealt(people, folds, rng), max_observation_weight)
    at, moved = _evaluated(people, models, target, inside)
    unit = cluster_units(people, site, cluster, inference)
    joint, clusters = clustered_covariance(moved, unit)
    df = cluster_df(np.bincount(unit[people.observed]))
    return described_means(people, models, recipe, at, inference, joint, clusters, df)


def _target(people: People, target: str) -> Flags:
    """Who is in the target population (n,)."""
    kind, _, which = target.partition(":")
    if target == "combined":
        return np.ones(len(people.arm), dtype=np.bool_)
    if kind == "treated" and which.isdigit() and int(which) < people.arms:
        return np.asarray(people.arm == int(which), dtype=np.bool_)
    raise NotEstimable("cross-fitted means know the targets combined and treated:<arm>; use augmented_means for others")


def _dealt(people: People, folds: ArrayLike, rng: np.random.Generator | None) -> Folds:
    given = np.asarray(folds)
    if given.ndim:
        if given.shape != people.arm.shape:
            raise NotEstimable(
                "folds and arm have different numbers of rows; pass one fold per person, or how many to deal"
            )
        return checked_folds(people, np.unique(given, return_inverse=True)[1])
    if rng is None:
        raise NotEstimable(
            "folds are dealt at random; pass a numpy.random.Generator as rng, or the fold of each person"
        )
    if given.dtype.kind not in "iu" or not 2 <= given <= len(people.arm):
        raise NotEstimable("folds must be a whole number from 2 up to the number of people; 5 is usual")
    return deal(people, int(given), rng)


def _held_out(people: People, folds: Folds, max_weight: float) -> Nuisances:
    """The models of everybody, with each person's probabilities and predictions from the other folds in their place."""
    everybody = fit_nuisances(people, max_weight, outcome_models=False)
    base = None if (people.weights == 1).all() else people.weights
    chances, ridged = held_out_probabilities(
        people.design.values, people.design.groups, people.arm, people.arms, base, folds, everybody.weight
    )
    observation, watched = _watched(people, folds, everybody.observation, base)
    probability, cut = truncated_probability(observation, max_weight)
    predicted, thin = held_out_predictions(people, folds)
    said = [
        everybody.note,
        model_note("a fold's weight", 0, ridged and not everybody.weight.fit.penalized),
        model_note("a fold's observation", 0, watched and not everybody.observation.note),
    ]
    few = (
        f"outcome model: fewer than two observed people per column in {thin} fold{'s' * (thin > 1)}, so a ridge was"
        " added"
    )
    return Nuisances(
        replace(everybody.weight, probabilities=chances),
        observation,
        probability,
        cut,
        (),
        predicted,
        "; ".join(filter(None, said)),
        few * (thin > 0),
    )


def _watched(
    people: People, folds: Folds, everybody: ObservationModel, base: Floats | None
) -> tuple[ObservationModel, bool]:
    """The chance of being observed from the other folds, where somebody is not, and whether a fold needed the ridge."""
    rows = np.flatnonzero(everybody.modeled)
    if everybody.model is None:
        return everybody, False
    groups = people.design.groups
    values, _ = observation_columns(
        people.design.values, groups, people.arm, people.arms, people.observed, everybody.per_arm
    )
    place = np.full(len(people.arm), -1)
    place[rows] = np.arange(len(rows))
    part = Folds(folds.code[rows], tuple(place[own[everybody.modeled[own]]] for own in folds.rows))
    chances, ridged = held_out_probabilities(
        values,
        groups,
        people.observed[rows].astype(np.int64),
        2,
        None if base is None else base[rows],
        part,
        everybody.model,
        levels=len(arms_with_gaps(people.arm, people.arms, people.observed)) - 1,
    )
    probability = np.ones(len(people.arm))
    probability[rows] = chances[:, 1]
    return replace(everybody, probability=probability), ridged


def _evaluated(people: People, models: Nuisances, target: str, inside: Flags) -> tuple[Evaluation, Floats]:
    """The means, and how much each person moves means and unmeasured shares (n, 2k)."""
    raw = balancing_weights(models.weight.probabilities, people.arm, target)
    base, own = people.weights, people.arm[:, None] == np.arange(people.arms)
    tilt, balancing = base * inside, base * raw.weights
    weights = balancing * people.observed / models.probability
    if not tilt.sum() > 0:
        raise NotEstimable("all weights in the target population are zero; choose another target")
    whole = (own * weights[:, None]).sum(axis=0)
    residual = own * (people.outcome[:, None] - models.predicted) * people.observed[:, None]
    predicted, corrected = tilt @ models.predicted / tilt.sum(), weights @ residual / whole
    moved = (
        tilt[:, None] * (models.predicted - predicted) / tilt.sum()
        + own * weights[:, None] * (residual - corrected) / whole
    )
    share = own * balancing[:, None] / (own * balancing[:, None]).sum(axis=0)
    unmeasured = (share * ~people.observed[:, None]).sum(axis=0)
    away = share * (~people.observed[:, None] - unmeasured)
    return Evaluation(
        predicted + corrected, unmeasured, predicted, corrected, tilt, balancing, weights, raw
    ), np.hstack([moved, away])
