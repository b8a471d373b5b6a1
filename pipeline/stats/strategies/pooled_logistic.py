"""Pooled logistic hazards: the chance of a change on each day until it comes, without writing out one row per person
and day."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats, Integers, spread_penalty
from pipeline.stats.hazard_newton import maximize
from pipeline.stats.multinomial import RIDGE

DRAW_GRADIENT = (
    1e-5  # largest gradient element over the people, in a bootstrap draw: 1e-3 of a standard error at 1,000 people
)
DRAW_STEPS = 15  # a draw that needs more is fitted from the start
KEPT = 0.1  # the curvature is kept while each step leaves no more than this of the gradient
FAR = 300.0  # linear predictors beyond this are infinite


@dataclass(frozen=True, slots=True)
class Waiting:
    """n people waiting for a change.

    values  (n, p) full-rank columns without intercept
    last    (n,) last day, from 0, on which the person could change; -1 where there was none
    change  (n,) True where the change came on that day
    period  (d,) which of the intercepts 0..k-1 each day has; -1 where nobody changes on any day of the period
    """

    values: Floats
    last: Integers
    change: Flags
    period: Integers

    @property
    def intercepts(self) -> int:
        return int(self.period.max()) + 1

    def rows(self, chosen: Integers) -> "Waiting":
        """The same people at the row numbers chosen."""
        return Waiting(self.values.take(chosen, axis=0), self.last[chosen], self.change[chosen], self.period)


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A log-likelihood, its gradient, minus its second derivative, and that one's diagonal for uncentered columns."""

    height: float
    slope: Floats
    curve: Floats
    spread: Floats


@dataclass(frozen=True, slots=True)
class HazardFit:
    """A converged fit: log odds (k,) of each period, log-odds ratios (p,), and the ridge (k + p, k + p) where one was
    needed."""

    intercepts: Floats
    coefficients: Floats
    penalty: Floats | None

    @property
    def all(self) -> Floats:
        return np.concatenate([self.intercepts, self.coefficients])


def waiting(last: Integers, change: Flags, values: Floats, days: int, width: int) -> Waiting:
    """People with the intercepts shared by `width` days in a row; a period without any change has hazard 0."""
    period = np.arange(days) // width
    seen = np.bincount(period[last[change]], minlength=int(period[-1]) + 1) > 0
    if not seen.any():
        raise NotEstimable(
            "nobody changes within the grace period, so the two strategies cannot be told apart; widen it"
        )
    number = np.where(seen, np.cumsum(seen) - 1, -1)
    return Waiting(values, last, change, number[period])


def fit_hazard(people: Waiting, counts: Floats) -> HazardFit:
    """Maximum likelihood of logit P(change on day d | none before) = a_period(d) + x'b; counts (n,) are frequency
    weights.

    Newton with step halving to a scaled gradient of 1e-8. Where no maximum exists (separation) a ridge stands in: minus
    RIDGE/2 times b'Pb with P from design.spread_penalty, intercepts free. D'Agostino et al. (1990) Stat Med 9:1501.
    Raises NotEstimable where that does not converge either.
    """
    k, p = people.intercepts, people.values.shape[1]
    start = np.concatenate([_marginal(people, counts), np.zeros(p)])
    reach = np.concatenate([np.ones(k), np.abs(people.values).max(axis=0, initial=0.0)])
    names = np.concatenate([np.full(k, -1), np.arange(p)])
    total = float(counts[people.last >= 0].sum())
    try:
        b = maximize(partial(evaluated, people, counts, None), start, reach, total, names).b
        return HazardFit(b[:k], b[k:], None)
    except NotEstimable:
        penalty = ridge(people)
        b = maximize(partial(evaluated, people, counts, penalty), start, reach, total, names).b
        return HazardFit(b[:k], b[k:], penalty)


def ridge(people: Waiting) -> Floats:
    """Penalty (k + p, k + p) on the log-odds ratios, none on the intercepts of the days."""
    k, p = people.intercepts, people.values.shape[1]
    penalty = np.zeros((k + p, k + p))
    penalty[k:, k:] = RIDGE * spread_penalty(np.column_stack([np.ones(len(people.values)), people.values]), 1)[1:, 1:]
    return penalty


def _marginal(people: Waiting, counts: Floats) -> Floats:
    """Log odds of a change in each period, whoever it is; half a change is taken off where all change."""
    day, k = np.arange(people.period.size), people.intercepts
    some = people.last >= 0
    reach = np.bincount(people.last[some], weights=counts[some], minlength=day.size)[::-1].cumsum()[::-1]
    came = np.bincount(people.last[people.change], weights=counts[people.change], minlength=day.size)
    told = people.period >= 0
    y = np.bincount(people.period[told], weights=came[told], minlength=k)
    n = np.bincount(people.period[told], weights=reach[told], minlength=k)
    return np.asarray(np.log(y / np.maximum(n - y, 0.5)), dtype=np.float64)


def hazards(people: Waiting, b: Floats) -> Floats:
    """(d, n) chance of a change on each day for whoever has not changed before, at coefficients b (k + p,)."""
    odds = odds_of(people, b)
    return np.asarray(odds / (1 + odds), dtype=np.float64)


def odds_of(people: Waiting, b: Floats) -> Floats:
    """(d, n) odds of a change on each day."""
    by_day = np.append(np.exp(np.clip(b[: people.intercepts], -FAR, FAR)), 0.0)[people.period]
    return np.asarray(
        by_day[:, None] * np.exp(np.clip(people.values @ b[people.intercepts :], -FAR, FAR)), dtype=np.float64
    )


def evaluated(people: Waiting, counts: Floats, penalty: Floats | None, b: Floats) -> Likelihood | None:
    """The log-likelihood at b; None where a linear predictor is out of range."""
    k = people.intercepts
    if np.abs(b[:k]).max() + np.abs(people.values @ b[k:]).max(initial=0.0) > FAR:
        return None
    at_risk = _at_risk(people)
    odds = odds_of(people, b) * at_risk
    h = odds / (1 + odds)
    came = np.flatnonzero(people.change)
    height = float(counts[came] @ np.log(odds[people.last[came], came]) - (np.log1p(odds) @ counts).sum())
    slope, curve = gradient(people, counts, h), curvature(people, counts, h * (1 - h))
    spread = np.concatenate([np.diag(curve)[:k], (counts * (h * (1 - h)).sum(axis=0)) @ people.values**2])
    if penalty is not None:
        height, slope, curve = height - float(b @ penalty @ b) / 2, slope - penalty @ b, curve + penalty
    return Likelihood(height, slope, curve, spread)


def _at_risk(people: Waiting) -> Flags:
    return np.asarray(np.arange(people.period.size)[:, None] <= people.last, dtype=np.bool_)


def gradient(people: Waiting, counts: Floats, h: Floats) -> Floats:
    """(k + p,) from hazards h (d, n) that are 0 outside the days at risk."""
    came = np.bincount(people.last[people.change], weights=counts[people.change], minlength=people.period.size)
    by_day = came - h @ counts
    told = people.period >= 0
    return np.concatenate(
        [
            np.bincount(people.period[told], weights=by_day[told], minlength=people.intercepts),
            (counts * (people.change - h.sum(axis=0))) @ people.values,
        ]
    )


def curvature(people: Waiting, counts: Floats, spread: Floats) -> Floats:
    """(k + p, k + p) minus the second derivative; spread (d, n) is h (1 - h), 0 outside the days at risk."""
    k, x = people.intercepts, people.values
    weighted = spread * counts
    told = np.flatnonzero(people.period >= 0)
    member = (people.period[told] == np.arange(k)[:, None]).astype(np.float64)
    by_period = member @ weighted[told]
    out = np.empty((k + x.shape[1],) * 2)
    out[:k, :k] = np.diag(by_period.sum(axis=1))
    out[:k, k:] = by_period @ x
    out[k:, :k] = out[:k, k:].T
    out[k:, k:] = (x * weighted.sum(axis=0)[:, None]).T @ x
    return out


def refit(people: Waiting, counts: Floats, fit: HazardFit) -> Floats:
    """(d, n) hazards of the same model fitted anew to counts (n,), from a fit to everybody.

    Newton steps with the draw's own curvature, which is kept while it serves, to a scaled gradient of 1e-5; what has
    not come there after 15 steps is fitted from the start. Raises NotEstimable where that does not converge.
    """
    at_risk, k = _at_risk(people), people.intercepts
    total = float(counts[people.last >= 0].sum())
    present = np.bincount(people.period[people.last[people.change]], weights=counts[people.change], minlength=k) > 0
    b = fit.all
    b[:k] = np.where(present, b[:k], -FAR)
    free = np.concatenate([present, np.ones(b.size - k, dtype=bool)])
    inverse, before = None, np.inf
    for _ in range(DRAW_STEPS):
        h = hazards(people, b)
        inside = h * at_risk
        slope = gradient(people, counts, inside)
        slope = (slope if fit.penalty is None else slope - fit.penalty @ b) * free
        steepest = float(np.abs(slope).max())
        if steepest <= DRAW_GRADIENT * total:
            return h
        if inverse is None or steepest > KEPT * before:
            curve = curvature(people, counts, inside * (1 - inside))
            curve = curve if fit.penalty is None else curve + fit.penalty
            try:
                inverse = np.linalg.inv(curve[np.ix_(free, free)])
            except np.linalg.LinAlgError:
                break
        b[free] += inverse @ slope[free]
        before = steepest
    again = fit_hazard(people if present.all() else _without_absent(people, present), counts)
    b[:k], b[k:] = -FAR, again.coefficients
    b[:k][present] = again.intercepts
    return hazards(people, b)


def _without_absent(people: Waiting, present: Flags) -> Waiting:
    """The same people where some periods have no change in this draw: their hazard is 0."""
    number = np.append(np.where(present, np.cumsum(present) - 1, -1), -1)
    return Waiting(
        people.values, people.last, people.change & present[people.period[people.last]], number[people.period]
    )
