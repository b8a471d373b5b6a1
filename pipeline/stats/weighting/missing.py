"""Outcomes that were not measured: weights that let the measured stand in for them, and what if they cannot."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats, Integers, build_design, checked_arms, checked_covariates
from pipeline.stats.estimate import Estimate
from pipeline.stats.weighting.arm_means import ArmMeans, difference
from pipeline.stats.weighting.propensity import WeightModel, fit_weight_model, model_note


@dataclass(frozen=True, slots=True)
class ObservationModel:
    """Chance that a person's outcome is observed, given covariates, group and arm.

    probability  (n,) fitted, not truncated; 1 in arms where everyone is observed
    modeled      (n,) True for people in arms where somebody is not observed
    model        the logistic fit to those people; None where everyone is observed
    note         what a reader must know; empty where nothing
    """

    probability: Floats
    modeled: Flags
    model: WeightModel | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ObservationWeights:
    """Inverse probability of being observed.

    weights      (n,) 1 / probability truncated at max_weight for the observed, 0 for the others
    probability  (n,) fitted chance of being observed, never below 1 / max_weight
    truncated    (k,) share of each arm's people whose weight was cut off at max_weight
    observed     (k,) share of each arm's people who are observed
    note         what a reader must know; empty where nothing
    """

    weights: Floats
    probability: Floats
    truncated: Floats
    observed: Floats
    note: str = ""


def observation_weights(
    covariates: ArrayLike,
    arm: ArrayLike,
    observed: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    max_weight: float = 10.0,
) -> ObservationWeights:
    """Inverse probability of being observed, by logistic regression on covariates (n, p), arm (n,) and group (n,).

    Missing at random given those. Robins, Rotnitzky & Zhao (1994) JASA 89:846. Weights above max_weight are cut off
    and the share reported. Raises NotEstimable where nobody in an arm is observed.
    """
    codes, k = checked_arms(arm)
    x = checked_covariates(covariates, len(codes))
    seen = np.asarray(observed, dtype=bool)
    group = np.zeros(len(codes), dtype=np.int64) if groups is None else np.asarray(groups).astype(np.int64)
    design = build_design(x, group, int(group.max()) + 1)
    model = fit_observation(design.values, design.groups, codes, k, seen, None)
    probability, cut = truncated_probability(model, max_weight)
    everyone = np.bincount(codes, minlength=k)
    return ObservationWeights(
        seen / probability,
        probability,
        np.bincount(codes, weights=cut, minlength=k) / everyone,
        np.bincount(codes, weights=seen, minlength=k) / everyone,
        model.note,
    )


def fit_observation(
    values: Floats,
    groups: int,
    arm: Integers,
    arms: int,
    observed: Flags,
    weights: Floats | None,
    start: ObservationModel | None = None,
) -> ObservationModel:
    """Logistic regression of observed (n,) on design columns values (n, q) and arm; start only saves steps."""
    seen = np.bincount(arm, weights=observed, minlength=arms)
    if not seen.all():
        raise NotEstimable("nobody in one arm has the outcome; follow some of them up or leave the arm out")
    part, modeled = observation_columns(values, arm, arms, observed)
    probability = np.ones(len(arm))
    if not modeled.any():
        return ObservationModel(probability, modeled, None)
    w = None if weights is None else weights[modeled]
    begin = None if start is None or start.model is None or len(start.model.kept) != part.shape[1] else start.model
    model = fit_weight_model(part, groups, observed[modeled].astype(np.int64), 2, w, begin)
    probability[modeled] = model.probabilities[:, 1]
    return ObservationModel(probability, modeled, model, model_note("observation", 0, model.fit.penalized))


def observation_columns(values: Floats, arm: Integers, arms: int, observed: Flags) -> tuple[Floats, Flags]:
    """Design columns and arm indicators (m, q + gaps - 1) of the people in arms where somebody is not observed, and who
    they are (n,)."""
    gaps = np.flatnonzero(np.bincount(arm, weights=observed, minlength=arms) < np.bincount(arm, minlength=arms))
    modeled: Flags = np.isin(arm, gaps)
    return np.hstack([values if modeled.all() else values[modeled], arm[modeled, None] == gaps[1:]]), modeled


def truncated_probability(model: ObservationModel, max_weight: float) -> tuple[Floats, Flags]:
    """Chance of being observed held at 1 / max_weight or above (n,), and where that was needed (n,)."""
    if not max_weight >= 1:
        raise NotEstimable("max_observation_weight is below 1, which no probability allows; 10 is the usual bound")
    cut = model.probability < 1 / max_weight
    return np.where(cut, 1 / max_weight, model.probability), cut


def delta_adjust(result: ArmMeans, worse_by: ArrayLike) -> ArmMeans:
    """The same result if the unmeasured of each arm had outcomes lower by worse_by (k,) than the models say.

    mean_a - worse_by_a times the weighted share unmeasured in arm a of the target population: a pattern-mixture
    shift, exact because that share of the arm's mean belongs to them. The share's own uncertainty is carried along.
    Negative values make them better; tipping points try 1, 2 and 3 on one arm at a time. Daniels & Hogan (2008), ch. 9.
    """
    shift = np.asarray(worse_by, dtype=np.float64)
    k = len(result.means)
    if shift.shape != (k,) or not np.isfinite(shift).all():
        raise NotEstimable("the shift must be one finite number per arm; give 0 for arms that stay as they are")
    to_means = np.block([[np.eye(k), -np.diag(shift)], [np.zeros((k, k)), np.eye(k)]])
    joint = to_means @ result.joint_covariance @ to_means.T
    return replace(
        result,
        means=result.means - shift * result.unmeasured,
        covariance=joint[:k, :k],
        joint_covariance=joint,
        replicates=None,
    )


def stands_shifted(
    result: ArmMeans,
    keeps: Callable[[Estimate], bool],
    points: float,
    *,
    arm: int = 1,
    reference: int = 0,
    level: float = 0.95,
) -> bool:
    """Whether a reading of arm minus reference stays when the unmeasured of either arm did `points` better or worse.

    keeps takes the difference and says whether the claim still holds; one arm is shifted at a time, see delta_adjust.
    """
    units = np.eye(len(result.means))
    shifts = [units[one] * sign * points for one in (reference, arm) for sign in (-1.0, 1.0)]
    return all(keeps(difference(delta_adjust(result, shift), arm, reference, level=level)) for shift in shifts)


def tipping_point(
    result: ArmMeans,
    keeps: Callable[[Estimate], bool],
    *,
    arm: int = 1,
    reference: int = 0,
    level: float = 0.95,
    largest: float = 10.0,
    step: float = 0.1,
) -> float | None:
    """Smallest multiple of step, up to largest, by which the unmeasured of one arm must differ for keeps to fail; None
    where none does.

    In the outcome's unit; keeps and shifts as in stands_shifted. Yan, Lee & Li (2009) J Biopharm Stat 19:1085. Raises
    NotEstimable where step is not positive.
    """
    if not (step > 0 and np.isfinite(largest)):
        raise NotEstimable("tipping points are looked for in steps above 0; give a step in points, such as 0.1")
    tried = (i * step for i in range(1, int(np.floor(largest / step + 1e-9)) + 1))
    return next(
        (
            points
            for points in tried
            if not stands_shifted(result, keeps, points, arm=arm, reference=reference, level=level)
        ),
        None,
    )
