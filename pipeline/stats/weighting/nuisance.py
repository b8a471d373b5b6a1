"""The three models a like-for-like comparison leans on: who starts where, who is observed, what outcome to expect."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import (
    BLOCK,
    Design,
    Flags,
    Floats,
    Integers,
    build_design,
    checked_arms,
    checked_covariates,
    checked_weights,
    independent_columns,
    spread_penalty,
)
from pipeline.stats.sites import pooled_site_means, site_codes, site_groups
from pipeline.stats.weighting.missing import ObservationModel, fit_observation, truncated_probability
from pipeline.stats.weighting.propensity import WeightModel, fit_weight_model


@dataclass(frozen=True, slots=True)
class People:
    """Checked inputs, one row per person: outcome (n,) with 0 where not observed, base weights (n,), site codes
    (n,)."""

    outcome: Floats
    observed: Flags
    arm: Integers
    arms: int
    site: Integers
    weights: Floats
    design: Design
    note: str

    def rows(self, chosen: Integers) -> "People":
        """The same people at the row numbers chosen, on the same design scale."""
        design = Design(
            self.design.values.take(chosen, axis=0), self.design.groups, self.design.center, self.design.scale
        )
        return People(
            self.outcome[chosen],
            self.observed[chosen],
            self.arm[chosen],
            self.arms,
            self.site[chosen],
            self.weights[chosen],
            design,
            self.note,
        )


@dataclass(frozen=True, slots=True)
class OutcomeModel:
    """Least squares of the outcome in one arm's observed people.

    columns       (q, m) from fitted coefficients to all design columns; a group unseen in this arm gets the groups'
                  mean
    coefficients  (m,)
    gram          (m, m) weighted cross-products, ridge included
    """

    columns: Floats
    coefficients: Floats
    gram: Floats


@dataclass(frozen=True, slots=True)
class Nuisances:
    """Fitted models: probability floored for truncation, cut where that was needed, predicted (n, k); outcome_note
    about the outcome models alone."""

    weight: WeightModel
    observation: ObservationModel
    probability: Floats
    cut: Flags
    outcome: tuple[OutcomeModel, ...]
    predicted: Floats
    note: str
    outcome_note: str = ""


def checked_people(
    outcome: ArrayLike, arm: ArrayLike, covariates: ArrayLike, site: ArrayLike | None, weights: ArrayLike | None
) -> People:
    """Checks the arrays and builds the design: an intercept for each site, or a shared one and site means where
    sparse."""
    codes, k = checked_arms(arm)
    y = checked_outcome(outcome, codes)
    x = checked_covariates(covariates, len(codes))
    w = checked_weights(weights, codes, k)
    seen = np.isfinite(y)
    place = site_codes(site, len(codes))
    group, groups, pooled = site_groups(place, codes, k, seen)
    means = pooled_site_means(x, place, pooled)
    design = build_design(np.hstack([x, means]) if means.shape[1] else x, group, groups)
    shared = len(np.unique(place[pooled]))
    note = f"{shared} sites with few observed people in an arm share one intercept" if shared > 1 else ""
    return People(np.where(seen, y, 0.0), seen, codes, k, place, np.ones(len(codes)) if w is None else w, design, note)


def checked_outcome(outcome: ArrayLike, arm: Integers) -> Floats:
    """Outcome (n,) with nan where not observed; infinite values are refused."""
    y = np.asarray(outcome, dtype=np.float64)
    if y.shape != arm.shape:
        raise NotEstimable(
            "outcome and arm have different numbers of rows; pass one outcome per person, nan where not observed"
        )
    if np.isinf(y).any():
        raise NotEstimable("an outcome is infinite; pass nan where it was not observed")
    return y


def fit_nuisances(
    people: People,
    max_weight: float,
    *,
    outcome_models: bool = True,
    own_slopes: bool = False,
    start: Nuisances | None = None,
    weight: WeightModel | None = None,
) -> Nuisances:
    """Fits all three models; own_slopes as in observation_weights; start, from a fit to more people, saves steps;
    weight: who starts where, where that is known."""
    values, groups = people.design.values, people.design.groups
    base = None if (people.weights == 1).all() else people.weights
    counted = np.bincount(people.arm, weights=people.weights * people.observed, minlength=people.arms)
    if not (counted > 0).all():
        raise NotEstimable("nobody in one arm has the outcome; follow some of them up or leave the arm out")
    if weight is None:
        weight = fit_weights(people, None if start is None else start.weight)
    begin = None if start is None else start.observation
    observation = fit_observation(
        values, groups, people.arm, people.arms, people.observed, base, begin, own_slopes=own_slopes
    )
    probability, cut = truncated_probability(observation, max_weight)
    models: tuple[OutcomeModel, ...] = ()
    predicted, thin = np.zeros((len(people.arm), people.arms)), 0
    if outcome_models:
        fitted = [fit_outcome(people, a) for a in range(people.arms)]
        models, thin = tuple(model for model, _ in fitted), sum(ridged for _, ridged in fitted)
        predicted = values @ np.column_stack([model.columns @ model.coefficients for model in models])
    note = (
        f"outcome model: fewer than two observed people per column in {thin} arm{'s' * (thin > 1)}, so a ridge was"
        " added"
    )
    return Nuisances(
        weight,
        observation,
        probability,
        cut,
        models,
        predicted,
        "; ".join(filter(None, [people.note, observation.note])),
        note * (thin > 0),
    )


def fit_weights(people: People, start: WeightModel | None = None) -> WeightModel:
    """Who starts where, given the design; start, from a fit to more people, saves steps."""
    base = None if (people.weights == 1).all() else people.weights
    return fit_weight_model(people.design.values, people.design.groups, people.arm, people.arms, base, start)


def fit_outcome(people: People, arm: int) -> tuple[OutcomeModel, bool]:
    """Least squares in one arm, from cross-products of blocks of rows; with fewer than two people per column a ridge of
    one column's weight each."""
    rows = np.flatnonzero(people.observed & (people.arm == arm))
    q, root, outcome = people.design.values.shape[1], np.sqrt(people.weights[rows]), people.outcome[rows]
    gram, moments = np.zeros((q, q)), np.zeros(q)
    for i in range(0, len(rows), BLOCK):
        part = root[i : i + BLOCK]
        z = people.design.values.take(rows[i : i + BLOCK], axis=0) * part[:, None]
        gram += z.T @ z
        moments += z.T @ (part * outcome[i : i + BLOCK])
    few = people.design.values[rows] if len(rows) < 2 * q else None
    return solve_outcome(gram, moments, people.design.groups, few)


def solve_outcome(gram: Floats, moments: Floats, groups: int, z: Floats | None = None) -> tuple[OutcomeModel, bool]:
    """Least squares from cross-products (q, q) and (q,); z (m, q), the rows behind them, where they may be too few for
    no ridge."""
    kept = independent_columns(gram)
    columns = np.eye(len(kept))[:, kept]
    unseen = np.flatnonzero(~kept[:groups])
    own = int(kept[:groups].sum())
    columns[unseen, :own] = 1 / own
    normal = gram[np.ix_(kept, kept)]
    thin = z is not None and len(z) < 2 * len(normal)
    if z is not None and thin:
        normal = normal + len(normal) * spread_penalty(z[:, kept], own)
    coefficients = np.asarray(np.linalg.solve(normal, moments[kept]), dtype=np.float64)
    return OutcomeModel(columns, coefficients, normal), thin
