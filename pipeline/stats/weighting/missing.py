"""Outcomes that were not measured: weights that let the measured stand in for them, and what if they cannot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats, Integers, build_design, checked_arms, checked_covariates
from pipeline.stats.estimate import Estimate
from pipeline.stats.weighting.arm_means import ArmMeans, difference
from pipeline.stats.weighting.propensity import WeightModel, fit_weight_model, model_note

ENOUGH = 10  # people observed, and not observed, for each slope that an arm has of its own


@dataclass(frozen=True, slots=True)
class ObservationModel:
    """Chance that a person's outcome is observed, given covariates, group and arm.

    probability  (n,) fitted, not truncated; 1 in arms where everyone is observed
    modeled      (n,) True for people in arms where somebody is not observed
    per_arm      whether each arm has slopes of its own
    model        the logistic fit to those people; None where everyone is observed
    note         what a reader must know; empty where nothing
    """

    probability: Floats
    modeled: Flags
    model: WeightModel | None
    note: str = ""
    per_arm: bool = False


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
    own_slopes: bool = False,
) -> ObservationWeights:
    """Inverse probability of being observed, by logistic regression on covariates (n, p), arm (n,) and group (n,).

    own_slopes: each arm has slopes of its own, where every arm has ENOUGH people observed and ENOUGH not for each.
    Missing at random given those. Robins, Rotnitzky & Zhao (1994) JASA 89:846. Weights above max_weight are cut off
    and the share reported. Raises NotEstimable where nobody in an arm is observed.
    """
    codes, k = checked_arms(arm)
    x = checked_covariates(covariates, len(codes))
    seen = np.asarray(observed, dtype=bool)
    group = np.zeros(len(codes), dtype=np.int64) if groups is None else np.asarray(groups).astype(np.int64)
    design = build_design(x, group, int(group.max()) + 1)
    model = fit_observation(design.values, design.groups, codes, k, seen, None, own_slopes=own_slopes)
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
    *,
    own_slopes: bool = False,
) -> ObservationModel:
    """Logistic regression of observed (n,) on design columns values (n, q) and arm; start, from a fit to more people,
    saves steps and says whether arms have slopes of their own."""
    seen = np.bincount(arm, weights=observed, minlength=arms)
    if not seen.all():
        raise NotEstimable("nobody in one arm has the outcome; follow some of them up or leave the arm out")
    there = np.ones(len(arm), dtype=bool) if weights is None else weights > 0
    slopes = values.shape[1] - groups
    enough = own_slopes and start is None and slopes_per_arm(slopes, arm[there], arms, observed[there])
    own = enough if start is None else start.per_arm
    part, modeled = observation_columns(values, groups, arm, arms, observed, own)
    probability = np.ones(len(arm))
    if not modeled.any():
        return ObservationModel(probability, modeled, None)
    w = None if weights is None else weights[modeled]
    begin = None if start is None or start.model is None or len(start.model.kept) != part.shape[1] else start.model
    flags = len(arms_with_gaps(arm, arms, observed)) - 1
    model = fit_weight_model(part, groups, observed[modeled].astype(np.int64), 2, w, begin, levels=flags)
    probability[modeled] = model.probabilities[:, 1]
    return ObservationModel(
        probability, modeled, model, model_note("observation", 0, model.fit.penalized), own and flags > 0
    )


def arms_with_gaps(arm: Integers, arms: int, observed: Flags) -> Integers:
    """The arms in which somebody is not observed."""
    seen = np.bincount(arm, weights=observed, minlength=arms)
    return np.flatnonzero(seen < np.bincount(arm, minlength=arms))


def slopes_per_arm(slopes: int, arm: Integers, arms: int, observed: Flags) -> bool:
    """Whether every arm with gaps has ENOUGH people observed, and ENOUGH not observed, for each slope."""
    gaps = arms_with_gaps(arm, arms, observed)
    seen = np.bincount(arm, weights=observed, minlength=arms)[gaps]
    rarer = np.minimum(seen, np.bincount(arm, minlength=arms)[gaps] - seen)
    return bool(len(gaps) > 1 and rarer.min() >= ENOUGH * slopes)


def observation_columns(
    values: Floats, groups: int, arm: Integers, arms: int, observed: Flags, per_arm: bool
) -> tuple[Floats, Flags]:
    """Model columns of the people in arms where somebody is not observed, and who they are (n,).

    The design's (group indicators first), then its covariates again for each such arm but the first where each has
    slopes of its own, then that arm's flag.
    """
    gaps = arms_with_gaps(arm, arms, observed)
    modeled: Flags = np.isin(arm, gaps)
    part = values if modeled.all() else values[modeled]
    flags = (arm[modeled, None] == gaps[1:]).astype(np.float64)
    own = [part[:, groups:] * flag[:, None] for flag in flags.T] if per_arm else []
    return np.hstack([part, *own, flags]), modeled


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


def departures(alike: Sequence[float], apart: float, arms: int, *, arm: int = 1, reference: int = 0) -> Floats:
    """Plausible ways in which the unmeasured did worse than similar people who were measured: (m, arms) shifts.

    In the outcome's unit.  Each of `alike`, and 0, in every arm; and on top of each, either one of the two arms by
    `apart` more.  Departures that agree between arms hardly move a difference, departures that contrast do: White,
    Higgins & Wood (2008) Stat Med 27:711; Mavridis & White (2020) Res Synth Methods 11:2.  Raises NotEstimable for a
    departure that is not finite.
    """
    if not np.isfinite([*alike, apart]).all():
        raise NotEstimable("a departure of the unmeasured must be a finite number; give it in the outcome's unit")
    more = np.zeros((3, arms))
    more[1, reference] = more[2, arm] = apart
    return np.vstack([more + one for one in dict.fromkeys((0.0, *alike))])


def stands(
    result: ArmMeans,
    keeps: Callable[[Estimate], bool],
    shifts: ArrayLike,
    *,
    arm: int = 1,
    reference: int = 0,
    level: float = 0.95,
) -> bool:
    """Whether a reading of arm minus reference stays under each of the shifts (m, k) of the unmeasured.

    keeps takes the difference and says whether the claim still holds; a shift is how much worse each arm did, see
    delta_adjust.
    """
    return all(
        keeps(difference(delta_adjust(result, shift), arm, reference, level=level)) for shift in np.asarray(shifts)
    )


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

    In the outcome's unit and in either direction; keeps as in stands. Yan, Lee & Li (2009) J Biopharm Stat
    19:1085. Raises NotEstimable where step is not positive.
    """
    if not (step > 0 and np.isfinite(largest)):
        raise NotEstimable("tipping points are looked for in steps above 0; give a step in points, such as 0.1")
    units = np.eye(len(result.means))
    ways = np.array([units[one] * sign for one in (reference, arm) for sign in (-1.0, 1.0)])
    tried = (i * step for i in range(1, int(np.floor(largest / step + 1e-9)) + 1))
    return next(
        (
            points
            for points in tried
            if not stands(result, keeps, points * ways, arm=arm, reference=reference, level=level)
        ),
        None,
    )
