"""Who could have started where: the probability of each arm, and the weights that make arms alike."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import (
    Design,
    Flags,
    Floats,
    Integers,
    build_design,
    checked_arms,
    checked_covariates,
    checked_weights,
    independent_columns,
)
from pipeline.stats.multinomial import MultinomialFit, fit_multinomial, probabilities
from pipeline.stats.once import once


@dataclass(frozen=True, slots=True)
class Propensity:
    """Probability of each arm given covariates.

    probabilities  (n, k), rows sum to 1
    intercepts     (groups, k) log odds against arm 0 at covariates 0; one row where no groups were given; column 0 is 0
    coefficients   (p, k) log-odds ratios against arm 0 on the covariates' own scale; 0 where a column was dropped
    kept           (p,) False where a column is constant or repeats those before it
    information    (m, m) negative second derivative on the fitted columns (indicators, then standardized kept
                   covariates)
    gradient       largest gradient element over the sum of weights at the solution, at most 1e-8
    penalized      True where arms were separated and the ridge fit stands in
    note           what a reader must know; empty where nothing
    """

    probabilities: Floats
    intercepts: Floats
    coefficients: Floats
    kept: Flags
    information: Floats
    gradient: float
    penalized: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class BalancingWeights:
    """Weights that give every arm the covariates of one target population.

    weights        (n,) tilt over the probability of the arm a person is in; not normalized
    tilt           (n,) how much each person belongs to the target population
    tilt_gradient  (n, k) derivative of the tilt in the linear predictor of each arm, for standard errors
    """

    weights: Floats
    tilt: Floats
    tilt_gradient: Floats


def multinomial_propensity(
    covariates: ArrayLike, arm: ArrayLike, *, weights: ArrayLike | None = None, groups: ArrayLike | None = None
) -> Propensity:
    """Multinomial logistic regression of arm on covariates, arm 0 the reference; the intercept is added here.

    covariates  (n, p) finite, without an intercept column
    arm         (n,) codes 0..k-1, every arm present, k >= 2
    weights     (n,) frequency or probability weights (the point estimate is the same); None: everyone once
    groups      (n,) codes 0..S-1, e.g. sites: one intercept for each instead of a common one

    Newton with step halving to a scaled gradient of 1e-8. Constant and collinear columns are dropped, the first of a
    set kept, and named in the note. Separation: the ridge of multinomial.fit_multinomial, named in the note.
    Raises NotEstimable for missing or infinite covariates, an empty arm, one arm only, weights that are all zero.
    """
    codes, k = checked_arms(arm)
    x = checked_covariates(covariates, len(codes))
    w = checked_weights(weights, codes, k)
    group = np.zeros(len(codes), dtype=np.int64) if groups is None else np.asarray(groups).astype(np.int64)
    if group.shape != codes.shape or group.min() < 0:
        raise NotEstimable("group codes must be whole numbers 0, 1, .., one per person; number the groups first")
    design = build_design(x, group, int(group.max()) + 1)
    return described(fit_weight_model(design.values, design.groups, codes, k, w), design)


@dataclass(frozen=True, slots=True)
class WeightModel:
    """A fitted weight model on design columns.

    values         (n, m) the design columns it uses
    kept           (q,) which of the design's columns these are
    fit            coefficients and information on those
    probabilities  (n, k)
    """

    values: Floats
    kept: Flags
    fit: MultinomialFit
    probabilities: Floats


def fit_weight_model(
    values: Floats,
    groups: int,
    arm: Integers,
    arms: int,
    weights: Floats | None,
    start: WeightModel | None = None,
    *,
    levels: int = 0,
) -> WeightModel:
    """Multinomial fit to design columns (n, q), redundant ones dropped; started from a fit to more people if given.

    levels: how many of the last columns are the flags of a factor, as spread_penalty takes them.
    """
    known = None if start is None else (start.kept, start.fit)
    kept, fit, chances = _fitted(values, groups, arm, arms, weights, known, levels)
    return WeightModel(_columns(values, kept), kept, fit, chances)


def _columns(values: Floats, kept: Flags) -> Floats:
    return values if kept.all() else values.take(np.flatnonzero(kept), axis=1)


@once
def _fitted(
    values: Floats,
    groups: int,
    arm: Integers,
    arms: int,
    weights: Floats | None,
    start: tuple[Flags, MultinomialFit] | None,
    levels: int,
) -> tuple[Flags, MultinomialFit, Floats]:
    """Which columns are kept (q,), the fit to them and its probabilities (n, k); start, what was kept and fitted
    before."""
    counted = values if weights is None or weights.all() else values[weights > 0]
    kept = independent_columns(counted.T @ counted)
    used = _columns(values, kept)
    begin = near = apart = None
    if start is not None:
        begin, near, apart = _begun(*start, kept, arms)
    own, flags = int(kept[:groups].sum()), int(kept[len(kept) - levels :].sum())
    fit = fit_multinomial(
        used, arm, arms, groups=own, levels=flags, weights=weights, start=begin, near=near, apart=apart
    )
    return kept, fit, probabilities(used, fit.coefficients)


def _begun(
    known: Flags, fit: MultinomialFit, kept: Flags, arms: int
) -> tuple[Floats | None, Floats | None, Floats | None]:
    """Coefficients, information and separating direction of an earlier fit to begin from, on the columns kept now."""
    if fit.penalized:
        if fit.apart is None:
            return None, None, None
        return _placed(known, kept, fit.coefficients), None, _placed(known, kept, fit.apart)
    begin = _placed(known, kept, fit.coefficients)
    if (kept & ~known).any():
        return begin, None, None
    place = np.flatnonzero(kept[known])
    information = fit.information.reshape((arms - 1, int(known.sum())) * 2)[:, place][:, :, :, place]
    return begin, information.reshape((arms - 1) * len(place), -1), None


def _placed(known: Flags, kept: Flags, coefficients: Floats) -> Floats:
    """Coefficients of the columns known, for the columns kept; 0 for those that were not known."""
    every = np.zeros((len(kept), coefficients.shape[1]))
    every[known] = coefficients
    return every[kept]


def described(model: WeightModel, design: Design) -> Propensity:
    """The weight model on the covariates' own scale."""
    b = np.zeros((len(model.kept), model.probabilities.shape[1]))
    b[model.kept, 1:] = model.fit.coefficients
    slopes = b[design.groups :] / design.scale[:, None]
    kept = model.kept[design.groups :]
    note = model_note("weight", int((~kept).sum()), model.fit.penalized)
    return Propensity(
        model.probabilities,
        b[: design.groups] - design.center @ slopes,
        slopes,
        kept,
        model.fit.information,
        model.fit.gradient,
        model.fit.penalized,
        note,
    )


def model_note(model: str, dropped: int, penalized: bool) -> str:
    """What a reader must know about a fitted nuisance model; empty where nothing."""
    said = []
    if dropped:
        said.append(f"{model} model: {dropped} constant or redundant column{'s' * (dropped > 1)} left out")
    if penalized:
        said.append(f"{model} model: some people could be in one group only (separation), so a small ridge was added")
    return "; ".join(said)


def balancing_weights(probability: Floats, arm: ArrayLike, target: str = "overlap") -> BalancingWeights:
    """Weights tilt / e_arm for a target population, from the probability of each arm (n, k).

    overlap    tilt 1 / sum_j (1 / e_j): people who could have been in any arm; two arms: e (1 - e).
               Li, Morgan & Zaslavsky (2018) JASA 113:390; k arms: Li & Li (2019) Ann Appl Stat 13:2389
    combined   tilt 1: everyone in the comparison
    treated:a  tilt e_a: people like those in arm a
    matching   tilt min_j e_j: Li & Greene (2013) Int J Biostat 9:215; k arms: Yoshida et al. (2017) Epidemiology 28:387
    entropy    tilt - sum_j e_j log e_j: Zhou, Matsouaka & Thomas (2020) Stat Methods Med 29:3721

    Raises NotEstimable where somebody's probability of the arm they are in is zero, rows do not match, or the target is
    unknown.
    """
    e, codes = np.asarray(probability, dtype=np.float64), np.asarray(arm).astype(np.int64)
    if e.ndim != 2 or len(e) != len(codes) or len(codes) == 0:
        raise NotEstimable(
            "weights need a probability of every arm for each person; pass those of multinomial_propensity"
        )
    own = e[np.arange(len(codes)), codes]
    if not np.isfinite(e).all() or not (own > 0).all():
        raise NotEstimable(
            "somebody was in an arm the model gives no probability; compare arms that overlap or trim first"
        )
    tilt, gradient = _tilt(np.maximum(e, 1e-300), target)  # so that 1 / e and its sum stay finite
    return BalancingWeights(tilt / own, tilt, gradient)


def _tilt(e: Floats, target: str) -> tuple[Floats, Floats]:
    """Tilt (n,) and its derivative (n, k) in each arm's linear predictor, using de_j = e_j (1[j = l] - e_l)."""
    if target == "overlap":
        tilt = 1 / (1 / e).sum(axis=1)
        return tilt, tilt[:, None] * (tilt[:, None] / e - e)
    if target == "combined":
        return np.ones(len(e)), np.zeros_like(e)
    if target == "entropy":
        tilt = -(e * np.log(e)).sum(axis=1)
        return tilt, -e * (np.log(e) + tilt[:, None])
    if target == "matching":
        chosen = e.argmin(axis=1)
    elif target.startswith("treated:") and target[8:].isdigit() and int(target[8:]) < e.shape[1]:
        chosen = np.full(len(e), int(target[8:]))
    else:
        raise NotEstimable(
            "the target population is unknown; use overlap, combined, treated:<arm>, matching or entropy"
        )
    tilt = e[np.arange(len(e)), chosen]
    return tilt, tilt[:, None] * ((chosen[:, None] == np.arange(e.shape[1])) - e)
