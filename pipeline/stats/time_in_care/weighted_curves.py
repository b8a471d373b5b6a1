"""Like-for-like curves: probability-weighted points on a grid of days, made to be jackknifed over sites."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.time_in_care.follow_up import Floats
from pipeline.stats.time_in_care.incidence import point_incidence
from pipeline.stats.time_in_care.risk_table import RiskTable, one_arm, risk_table
from pipeline.stats.time_in_care.survival import curve_limits, read, risk_at, steps_before


@dataclass(frozen=True, slots=True)
class CurveGrid:
    """Weighted probability of still being in care on given days, by arm.

    day       (g,) days
    estimate  (g, k) S(day)
    at_risk   (g, k) weight under observation just before that day
    """

    day: NDArray[Any]
    estimate: Floats
    at_risk: Floats


@dataclass(frozen=True, slots=True)
class IncidenceGrid:
    """Weighted cumulative incidence of each kind of ending on given days, by arm.

    day       (g,) days
    estimate  (g, k, c) cumulative incidence of cause 1..c
    at_risk   (g, k) weight under observation just before that day
    """

    day: NDArray[Any]
    estimate: Floats
    at_risk: Floats


@dataclass(frozen=True, slots=True)
class CurveLimits:
    """Standard errors and pointwise limits of curve points, in the shape of the points; nan limits where a point is 0
    or 1 or no site moves it."""

    se: Floats
    low: Floats
    high: Floats


def weighted_survival(
    day: ArrayLike,
    ended: ArrayLike,
    arm: ArrayLike,
    weights: ArrayLike,
    days: ArrayLike,
    *,
    arms: int | None = None,
    entry: ArrayLike | None = None,
) -> CurveGrid:
    """Probability-weighted Kaplan-Meier curves of k arms on a grid of days (g,), without limits.

    day, ended, entry as for `kaplan_meier`; arm (n,) integers 0..k-1; weights (n,) probability weights.
    S_a(t) = product over s <= t of (1 - sum of weights ending / sum of weights at risk). Xie & Liu (2005).
    Limits come from `jackknife_limits` on curves refitted without each site, weights included; simulated:
    tests/simulation/results.csv, cells *curves*.
    Raises NotEstimable where an arm has nobody with a positive weight, or is not followed up to a day asked for.
    """
    grid = weighted_incidence(day, np.asarray(ended, dtype=bool), arm, weights, days, arms=arms, causes=1, entry=entry)
    return CurveGrid(grid.day, 1 - grid.estimate[:, :, 0], grid.at_risk)


def weighted_incidence(
    day: ArrayLike,
    cause: ArrayLike,
    arm: ArrayLike,
    weights: ArrayLike,
    days: ArrayLike,
    *,
    arms: int | None = None,
    causes: int | None = None,
    entry: ArrayLike | None = None,
) -> IncidenceGrid:
    """Probability-weighted Aalen-Johansen curves of k arms and c causes on a grid of days (g,), without limits.

    Inputs as for `weighted_survival`, cause (n,) 0 observation stopped, 1..c kind of ending.
    Raises NotEstimable where an arm has nobody with a positive weight, or is not followed up to a day asked for.
    """
    table = risk_table(day, cause, arm=arm, entry=entry, weights=weights, kind="probability", arms=arms, causes=causes)
    asked = np.atleast_1d(np.asarray(days))
    parts = [_on_grid(one_arm(table, a), asked) for a in range(len(table.people))]
    return IncidenceGrid(
        asked, np.stack([part[0] for part in parts], axis=1), np.stack([part[1] for part in parts], axis=1)
    )


def weighted_rmst(
    day: ArrayLike,
    ended: ArrayLike,
    arm: ArrayLike,
    weights: ArrayLike,
    until: float,
    *,
    arms: int | None = None,
    entry: ArrayLike | None = None,
) -> Floats:
    """Mean days in care (k,) of each arm within the first `until` days: the area under its weighted_survival curve.

    Inputs and errors as for `weighted_survival`; until > 0 in days. Royston & Parmar (2013) BMC Med Res Methodol
    13:152. Standard errors come from means refitted without each site, weights included (`resampling.jackknife_sites`).
    """
    table = risk_table(
        day,
        np.asarray(ended, dtype=bool),
        arm=arm,
        entry=entry,
        weights=weights,
        kind="probability",
        arms=arms,
        causes=1,
    )
    if not (np.isfinite(until) and until > 0):
        raise NotEstimable("days in care are counted up to a day after the first; choose a later day")
    areas = []
    for a in range(len(table.people)):
        one = one_arm(table, a)
        in_care = point_incidence(one)[1][:, 0]
        steps_before(one.day, np.array([until]), open_ended=bool(in_care[-1] == 0))
        edges = np.minimum(np.concatenate([[0.0], one.day, [until]]), until)
        areas.append(float(np.concatenate([[1.0], in_care]) @ np.diff(edges)))
    return np.array(areas)


def jackknife_limits(
    estimate: ArrayLike, replicates: ArrayLike, *, level: float = 0.95, df: float | None = None
) -> CurveLimits:
    """Pointwise limits of curve points from delete-one-site replicates, on the log(-log) scale with t(G - 1).

    estimate    any shape, probabilities; replicates (G, *shape), the same points without each of G sites, everything
                refitted

    se^2 = (G - 1)/G sum over sites of (replicate - mean)^2. Limits are nan where a point is 0 or 1, or no site moves
    it. Raises NotEstimable with fewer than two sites or unusable replicates.
    """
    points, copies = np.asarray(estimate, dtype=np.float64), np.asarray(replicates, dtype=np.float64)
    if copies.shape[1:] != points.shape or len(copies) < 2:
        raise NotEstimable("a jackknife needs the same curve without each of at least two sites; include more sites")
    if not (np.isfinite(points).all() and np.isfinite(copies).all()):
        raise NotEstimable(
            "a curve could not be drawn without one of the sites; choose earlier days or include more sites"
        )
    g = len(copies)
    se = np.sqrt((g - 1) / g * ((copies - copies.mean(axis=0)) ** 2).sum(axis=0))
    low, high = curve_limits(points, se, "log-log", level, df=g - 1.0 if df is None else df)
    return CurveLimits(se, np.where(se > 0, low, np.nan), np.where(se > 0, high, np.nan))


def _on_grid(table: RiskTable, asked: NDArray[Any]) -> tuple[Floats, Floats]:
    incidence, in_care = point_incidence(table)
    step = steps_before(table.day, asked, open_ended=bool(in_care[-1, 0] == 0))
    return read(incidence[:, 0], step, 0.0), risk_at(table.day, table.at_risk[:, 0], asked)
