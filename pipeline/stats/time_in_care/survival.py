"""Kaplan-Meier curves of remaining in care, and how to read them at given days.

Ours because statsmodels' SurvfuncRight takes 25 times as long for a million people (tests/benchmarks/RESULTS.md) and
has no probability weights.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import Estimate, critical_value
from pipeline.stats.time_in_care.follow_up import Floats, Kind, observe
from pipeline.stats.time_in_care.influence import incidence_variance, members
from pipeline.stats.time_in_care.risk_table import ROUNDING, RiskTable, one_arm, tabulate

Scale = Literal["log-log", "log"]


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """Probability of still being in care after each day.

    day        (m,) days on which somebody left or entered observation, ascending
    at_risk    (m,) weight under observation just before that day
    events     (m,) weight of endings on that day
    estimate   (m,) S(day)
    se         (m,) standard error of S(day)
    low, high  (m,) pointwise limits; nan where S is 1 (no ending yet) or 0 (nobody left): there they do not exist
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
    n: int
    level: float


def kaplan_meier(
    day: ArrayLike,
    ended: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    kind: Kind = "frequency",
    limits: Scale = "log-log",
    level: float = 0.95,
) -> SurvivalCurve:
    """Kaplan-Meier curve of one group with pointwise limits on the log-log or log scale.

    day      (n,) days from the first attended service to ending or last observation
    ended    (n,) True where the ending was seen, False where observation stopped first
    entry    (n,) at risk only on days after this one (delayed entry); 0 or None: from the beginning
    weights  (n,) counts of identical people (`kind` "frequency") or probability weights ("probability")

    S(t) = product over days <= t of (1 - d/r). Var S = S^2 sum d/(r (r - d)) (Greenwood); for probability weights the
    sum of squared influences, each person counted once. Endings come before losses on the same day. Kaplan &
    Meier (1958); Kalbfleisch & Prentice (2002), section 1.4; Therneau & Grambsch (2000), section 2.3. Raises
    NotEstimable if nobody is observed.
    """
    seen = observe(day, ended, entry=entry, weights=weights, kind=kind, causes=1)
    table = tabulate(seen)
    if seen.weights is None or kind == "frequency":
        return survival_curves(table, limits=limits, level=level)[0]
    variance = incidence_variance(table, members(seen, table.day), None)
    return _curve(table, variance, limits, level)


def survival_curves(table: RiskTable, *, limits: Scale = "log-log", level: float = 0.95) -> tuple[SurvivalCurve, ...]:
    """Kaplan-Meier curve of every arm of a risk table of unweighted or frequency-weighted people, Greenwood limits.

    Raises NotEstimable where an arm has nobody.
    """
    return tuple(_curve(arm, None, limits, level) for arm in (one_arm(table, a) for a in range(len(table.people))))


@dataclass(frozen=True, slots=True)
class CurvePoints:
    """A curve read at given days.

    day              (g,) the days asked for
    estimate, se, low, high   (g,) or, for cumulative incidence, (g, c): value after that day
    at_risk          (g,) weight under observation just before that day
    events           (g,) or (g, c) endings up to and including that day
    """

    day: NDArray[Any]
    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    at_risk: Floats
    events: Floats


def at(curve: SurvivalCurve, days: ArrayLike) -> CurvePoints:
    """The curve at given days (g,): the value after the last step at or before each.

    Raises NotEstimable for a day beyond the last observation, unless the curve has reached 0 by then.
    """
    asked = np.atleast_1d(np.asarray(days))
    step = steps_before(curve.day, asked, open_ended=bool(curve.estimate[-1] == 0))
    return CurvePoints(
        asked,
        read(curve.estimate, step, 1.0),
        read(curve.se, step, 0.0),
        read(curve.low, step, np.nan),
        read(curve.high, step, np.nan),
        risk_at(curve.day, curve.at_risk, asked),
        read(np.cumsum(curve.events), step, 0.0),
    )


def median_day(curve: SurvivalCurve, share: float = 0.5) -> Estimate:
    """First day on which at most `share` are still in care, with the days on which the curve's limits get there.

    low or high is inf where the limit never gets there within follow-up, and the note says so; se and p do not exist
    (nan). Brookmeyer & Crowley (1982), with the curve's own limits. Raises NotEstimable where the curve stays above
    `share`.
    """

    def first(values: Floats) -> float:
        there = np.flatnonzero(values <= share * (1 + 1e-12))
        return float(curve.day[there[0]]) if there.size else np.inf

    middle = first(curve.estimate)
    if np.isinf(middle):
        raise NotEstimable(f"more than {share:.0%} were still in care when observation stopped; follow people longer")
    low, high = first(curve.low), first(curve.high)
    note = "the upper limit lies beyond the days observed" if np.isinf(high) else ""
    return Estimate(
        middle,
        np.nan,
        np.inf,
        min(low, middle),
        max(high, middle),
        np.nan,
        curve.n,
        int(curve.events.sum()),
        note,
        curve.level,
    )


def steps_before(day: NDArray[Any], asked: NDArray[Any], *, open_ended: bool) -> NDArray[np.int64]:
    """(g,) number of curve days at or before each day asked; raises NotEstimable for days the curve does not reach."""
    if asked.size and not np.isfinite(asked).all():
        raise NotEstimable("a day asked for is missing or infinite; name whole days")
    if not open_ended and asked.size and asked.max() > day[-1]:
        raise NotEstimable(
            f"day {asked.max():g} lies beyond the last observation (day {day[-1]:g}); choose an earlier day"
        )
    return np.searchsorted(day, asked, side="right")


def read(values: Floats, step: NDArray[np.int64], before: float) -> Floats:
    """Values after each number of steps; `before` where no step has been taken."""
    start = np.full((1, *values.shape[1:]), before)
    return np.concatenate([start, values])[step]


def risk_at(day: NDArray[Any], at_risk: Floats, asked: NDArray[Any]) -> Floats:
    """(g,) weight under observation just before each day asked; 0 after the last one."""
    return np.append(at_risk, 0.0)[np.searchsorted(day, asked, side="left")]


def curve_limits(
    estimate: Floats, se: Floats, limits: Scale, level: float, df: float = np.inf
) -> tuple[Floats, Floats]:
    """Pointwise limits of probabilities on the log(-log) or log scale; nan where a probability is 0 or 1.

    log-log: P^exp(-+ z se/(P log P)); log: P exp(+- z se/P), at most 1. Kalbfleisch & Prentice (2002), section 1.4.
    """
    inside = (estimate > 0) & (estimate < 1)
    p = np.where(inside, estimate, 0.5)
    half = critical_value(df, level) * se / p
    if limits == "log":
        low, high = p * np.exp(-half), np.minimum(p * np.exp(half), 1.0)
    else:
        power = np.exp(half / np.abs(np.log(p)))
        low, high = p**power, p ** (1 / power)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def greenwood(table: RiskTable) -> Floats:
    """(m,) running sum of d/(r (r - d)) of a one-armed table; days on which the last person leaves add nothing."""
    risk, ended = table.at_risk[:, 0], table.events[:, 0].sum(axis=1)
    left = risk - ended
    return np.cumsum(np.divide(ended, risk * left, out=np.zeros_like(risk), where=left > 0))


def _curve(table: RiskTable, variance: Floats | None, limits: Scale, level: float) -> SurvivalCurve:
    risk, ended = table.at_risk[:, 0], table.events[:, 0].sum(axis=1)
    stay = 1 - np.divide(ended, risk, out=np.zeros_like(risk), where=risk > 0)
    stay = np.where(stay > ROUNDING, stay, 0.0)
    estimate: Floats = np.asarray(np.cumprod(stay), dtype=np.float64)
    se: Floats = (
        estimate * np.sqrt(greenwood(table)) if variance is None else np.where(estimate > 0, np.sqrt(variance), 0.0)
    )
    low, high = curve_limits(estimate, se, limits, level)
    return SurvivalCurve(table.day, risk, ended, estimate, se, low, high, round(float(table.people[0])), level)
