"""Aalen-Johansen cumulative incidence: how many have left for each reason by each day."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.time_in_care.follow_up import Floats, Kind, observe
from pipeline.stats.time_in_care.influence import Members, incidence_variance, members, members_of
from pipeline.stats.time_in_care.risk_table import ROUNDING, RiskTable, one_arm, tabulate
from pipeline.stats.time_in_care.survival import CurvePoints, Scale, curve_limits, read, risk_at, steps_before

Variance = Literal["jackknife", "aalen"]


@dataclass(frozen=True, slots=True)
class IncidenceCurves:
    """Probability of having ended by each cause after each day.

    day        (m,) days on which somebody left or entered observation, ascending
    at_risk    (m,) weight under observation just before that day
    events     (m, c) weight of endings on that day, by cause 1..c
    estimate   (m, c) cumulative incidence
    se         (m, c) standard error
    low, high  (m, c) pointwise limits; nan where the incidence is 0 or 1
    in_care    (m,) probability of still being in care; in_care + sum of incidences = 1
    n          people; for frequency weights their sum
    level      confidence level of the limits
    """

    day: NDArray[Any]
    at_risk: Floats
    events: Floats
    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    in_care: Floats
    n: int
    level: float


def aalen_johansen(
    day: ArrayLike,
    cause: ArrayLike,
    *,
    causes: int | None = None,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    kind: Kind = "frequency",
    variance: Variance = "jackknife",
    limits: Scale = "log-log",
    level: float = 0.95,
) -> IncidenceCurves:
    """Cumulative incidence of any number of endings in one group; ties need no jitter.

    day      (n,) days from the first attended service to ending or last observation
    cause    (n,) 0 observation stopped first, 1..c kind of ending
    entry, weights, kind   as for `kaplan_meier`

    F_j(t) = sum over s <= t of S(s-) d_j(s)/r(s). `variance` "jackknife": sum of squared influences (as R survfit; any
    weights); "aalen": Aalen's (1978) with the hypergeometric tie factor (as R cmprsk::cuminc; frequency weights, no
    weights). Aalen & Johansen (1978); Gray (1988). Raises NotEstimable if nobody is observed.
    """
    seen = observe(day, cause, entry=entry, weights=weights, kind=kind, causes=causes)
    table = tabulate(seen)
    if variance == "aalen" and seen.weights is not None and kind == "probability":
        raise NotEstimable("Aalen's variance counts people; use variance='jackknife' with probability weights")
    return _incidence(table, None if variance == "aalen" else members(seen, table.day), limits, level)


def incidence_curves(
    table: RiskTable, *, variance: Variance = "jackknife", limits: Scale = "log-log", level: float = 0.95
) -> tuple[IncidenceCurves, ...]:
    """Cumulative incidence of every arm of a risk table of unweighted or frequency-weighted people, in one pass.

    Raises NotEstimable where an arm has nobody, and for the jackknife with delayed entry, which needs the people
    themselves.
    """
    if variance == "jackknife" and table.entering.any():
        raise NotEstimable("with delayed entry the jackknife needs the people; call aalen_johansen for each arm")
    arms = (one_arm(table, a) for a in range(len(table.people)))
    return tuple(_incidence(arm, None if variance == "aalen" else members_of(arm), limits, level) for arm in arms)


def incidence_at(curves: IncidenceCurves, days: ArrayLike) -> CurvePoints:
    """Cumulative incidences at given days (g,): arrays (g, c), the value after the last step at or before each.

    Raises NotEstimable for a day beyond the last observation, unless nobody is left in care by then.
    """
    asked = np.atleast_1d(np.asarray(days))
    step = steps_before(curves.day, asked, open_ended=bool(curves.in_care[-1] == 0))
    return CurvePoints(
        asked,
        read(curves.estimate, step, 0.0),
        read(curves.se, step, 0.0),
        read(curves.low, step, np.nan),
        read(curves.high, step, np.nan),
        risk_at(curves.day, curves.at_risk, asked),
        read(np.cumsum(curves.events, axis=0), step, 0.0),
    )


def point_incidence(table: RiskTable) -> tuple[Floats, Floats]:
    """(m, k, c) cumulative incidences and (m, k) probability of still being in care, for every arm of a risk table."""
    risk = table.at_risk[:, :, None]
    hazard = np.divide(table.events, risk, out=np.zeros_like(table.events), where=risk > 0)
    stay = 1 - hazard.sum(axis=2)
    in_care: Floats = np.asarray(np.cumprod(np.where(stay > ROUNDING, stay, 0.0), axis=0), dtype=np.float64)
    before = np.concatenate([np.ones_like(in_care[:1]), in_care[:-1]])
    incidence: Floats = np.cumsum(before[:, :, None] * hazard, axis=0)
    return incidence, in_care


def aalen_variance(table: RiskTable) -> Floats:
    """(m, c) Aalen's variance of the cumulative incidences of a one-armed table, ties hypergeometric.

    With S after and S- before day s, sum over s <= t of S-^2 d/r^2 (1 - (d - 1)/(r - 1)) times (1 - (F(t) - F(s))/S)^2
    for endings by the cause and ((F(t) - F(s))/S)^2 for all others. Gray (1988), Annals of Statistics 16.
    """
    incidence, in_care = (values[:, 0] for values in point_incidence(table))
    risk, events = table.at_risk[:, 0], table.events[:, 0]
    before = np.concatenate([[1.0], in_care[:-1]])
    inverse = np.divide(1.0, in_care, out=np.zeros_like(in_care), where=in_care > 0)
    out = np.empty_like(incidence)
    for j in range(events.shape[1]):
        own, other = events[:, j], events.sum(axis=1) - events[:, j]
        f = incidence[:, j]
        by_own = (before / risk) ** 2 * own * _tie_factor(own, risk)
        by_other = np.where(in_care > 0, (before / risk) ** 2 * other * _tie_factor(other, risk), 0.0)
        a, b = 1 + f * inverse, f * inverse
        squares = np.cumsum(a**2 * by_own + b**2 * by_other)
        cross = np.cumsum(inverse * (a * by_own + b * by_other))
        out[:, j] = squares - 2 * f * cross + f**2 * np.cumsum(inverse**2 * (by_own + by_other))
    return np.maximum(out, 0.0)


def _tie_factor(ended: Floats, risk: Floats) -> Floats:
    return 1 - np.divide(ended - 1, risk - 1, out=np.zeros_like(risk), where=(ended > 1) & (risk > 1))


def _incidence(table: RiskTable, people: Members | None, limits: Scale, level: float) -> IncidenceCurves:
    """Curves of a one-armed table; Aalen's variance where no people are given."""
    incidence, in_care = point_incidence(table)
    causes = range(table.events.shape[2])
    variance = (
        aalen_variance(table)
        if people is None
        else np.column_stack([incidence_variance(table, people, j) for j in causes])
    )
    estimate, se = incidence[:, 0], np.sqrt(variance)
    low, high = curve_limits(estimate, se, limits, level)
    return IncidenceCurves(
        table.day,
        table.at_risk[:, 0],
        table.events[:, 0],
        estimate,
        se,
        low,
        high,
        in_care[:, 0],
        round(float(table.people[0])),
        level,
    )
