"""How long similar people stay: weighted curves and the test of their courses, with the weight model in what is said of
chance."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.estimate import Estimate
from pipeline.stats.time_in_care.follow_up import checked_days
from pipeline.stats.time_in_care.incidence import point_incidence
from pipeline.stats.time_in_care.influence import curve_slope, log_rank_slope
from pipeline.stats.time_in_care.log_rank import quadratic_form
from pipeline.stats.time_in_care.risk_table import RiskTable, one_arm, risk_table
from pipeline.stats.time_in_care.survival import curve_limits, steps_before
from pipeline.stats.weighting.effects import cluster_units, recipe_named, spread
from pipeline.stats.weighting.estimating_equations import Evaluation, evaluate, through_weights, weight_gradient
from pipeline.stats.weighting.nuisance import Nuisances, People, checked_people, fit_nuisances

MANY = 1e9  # degrees of freedom that are as good as infinite


@dataclass(frozen=True, slots=True)
class AdjustedStays:
    """People of k arms, with weights that make the arms alike.

    table       weights at risk and ending, by day and arm
    day, ended  (n,) as for kaplan_meier
    people, models, weighed   arms and covariates, the weight model, and its weights (n,)
    unit        (n,) who belongs together; inference sandwich or person, as in effects.augmented_means
    """

    table: RiskTable
    day: NDArray[Any]
    ended: NDArray[Any]
    people: People
    models: Nuisances
    weighed: Evaluation
    unit: Integers
    inference: str


@dataclass(frozen=True, slots=True)
class CourseTest:
    """Weighted log-rank test: score (k,) weighted endings seen less those expected under one hazard; f, its chi-square
    over the degrees of freedom of arms; p, from F with those and df."""

    score: Floats
    f: float
    df: float
    p: float


def adjusted_stays(
    day: ArrayLike,
    ended: ArrayLike,
    arm: ArrayLike,
    covariates: ArrayLike,
    site: ArrayLike | None = None,
    *,
    target: str = "overlap",
    inference: str = "sandwich",
    cluster: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> AdjustedStays:
    """Fits who starts where, and weighs people with it.

    day, ended  (n,) as for kaplan_meier; all else as for effects.augmented_means, without delayed entry
    Raises NotEstimable where an arm is empty, the weight model cannot be fitted, or times are none.
    """
    days = checked_days(day, "day")
    people = checked_people(np.zeros(days.size), arm, covariates, site, weights)
    models = fit_nuisances(people, 1.0, outcome_models=False)  # everybody's stay is known as far as it was seen
    weighed = evaluate(people, models, recipe_named("weighted", target))
    gone = np.asarray(ended, dtype=bool)
    table = risk_table(
        days, gone, arm=people.arm, weights=weighed.balancing, kind="probability", arms=people.arms, causes=1
    )
    unit = cluster_units(people, site, cluster, inference)
    return AdjustedStays(table, days, gone, people, models, weighed, unit, inference)


def still_there(stays: AdjustedStays, arm: int, day: float, *, level: float = 0.95) -> Estimate:
    """Weighted Kaplan-Meier of one arm on a day: S = product over days up to it of (1 - weight ending / weight at
    risk), with log(-log) limits and t.

    Xie & Liu (2005) Stat Med 24:3089. Raises NotEstimable where the arm was not followed so long, or holds one person.
    """
    table, own = one_arm(stays.table, arm), stays.people.arm == arm
    if own.sum() < 2:
        raise NotEstimable("one person tells nothing of chance; give an arm of two or more")
    step = _reached(table, day)
    value, lost, left = curve_slope(table, step)
    place = np.searchsorted(table.day, stays.day, side="right")
    slope = np.where(own, np.where(stays.ended, left[place], lost[place]), 0.0)
    covariance, df = _spread(stays, slope[:, None])
    se = np.sqrt(covariance[0])
    low, high = curve_limits(np.array([value]), se, "log-log", level, df)
    gone = int((stays.ended & own & (stays.day <= day)).sum())
    return Estimate(value, float(se[0]), df, float(low[0]), float(high[0]), np.nan, int(own.sum()), gone, level=level)


def course_test(stays: AdjustedStays) -> CourseTest:
    """Weighted log-rank test that all arms leave at one rate on every day.

    U_a = sum over days of d_a - d r_a/r, with d of r ending, all weighted; its covariance from how much each person
    moves it. Xie & Liu (2005) Stat Med 24:3089. Raises NotEstimable where no ending tells arms apart.
    """
    arms = range(stays.people.arms)
    slopes = np.column_stack([log_rank_slope(stays.table, stays.day, stays.ended, stays.people.arm, a) for a in arms])
    score = stays.weighed.balancing @ slopes
    covariance, df = _spread(stays, slopes)
    chi_square, free = quadratic_form(score, covariance)
    return CourseTest(score, chi_square / free, df, float(fdtrc(free, min(df, MANY), chi_square / free)))


def _reached(table: RiskTable, day: float) -> int:
    """How many of an arm's days lie at or before one; raises NotEstimable where it was not followed so long."""
    empty = bool(point_incidence(table)[1][-1, 0] == 0)
    return int(steps_before(table.day, np.array([day]), open_ended=empty)[0])


def _spread(stays: AdjustedStays, slopes: Floats) -> tuple[Floats, float]:
    """Covariance (q, q) of quantities with these derivatives (n, q) in everybody's weight, and its degrees of freedom;
    weights are estimated."""
    people, models, weighed = stays.people, stays.models, stays.weighed
    gradient = weight_gradient(people, models, weighed)
    moved = np.column_stack(
        [weighed.balancing * slope + through_weights(people, models, gradient * slope[:, None]) for slope in slopes.T]
    )
    covariance, _, df = spread(people, models, moved, stays.unit, stays.inference)
    return covariance, df
