"""Time to the first confirmed improvement when people are looked at on one schedule and not always there:
interval-censored."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.estimate import Estimate, wald
from pipeline.stats.time_in_care.survival import curve_limits

ROUGH_STEPS = 50  # self-consistent steps, which near a probability of 0 get nowhere, before Newton's
MOST_STEPS = 200
SETTLED = 1e-11  # largest move of a probability in the last step
NOTHING = 1e-12  # a probability, or a fall of the likelihood, that is none
KEPT_OUT = 1e-8  # how far the slope of an empty mark may exceed 1 by rounding
EMPTY = 1e-9  # a mark with less probability than this has none
UNTOLD = 1e-8  # least share of all information below which a direction is not told by the data
LEAST = 5  # people of an arm: the spread of fewer says nothing


@dataclass(frozen=True, slots=True)
class FirstTimes:
    """Between which marks 1..K of the schedule each person's first confirmed improvement lies.

    after  (n,) last mark at which it had not begun; 0 is the start
    by     (n,) first mark at which it is known to have begun; K + 1 where it was not seen to
    """

    after: Integers
    by: Integers


@dataclass(frozen=True, slots=True)
class FirstTimeIncidence:
    """Share of people whose first confirmed improvement has begun by each mark.

    estimate   (K,); the last mark can only confirm, so that its own share is not known and is nan, and so is that of
               every mark the data do not tell apart from the next
    se         (K,) from the influence of each person
    low, high  (K,) pointwise limits on the log(-log) scale; nan where the share is 0 or 1
    influence  (n, K) of each person on the estimate, summing to 0 with the weights; estimate + influence are
               pseudo-observations
    n          people who were looked at twice or more
    events     (K,) people of whom it is known that it had begun by the mark
    """

    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    influence: Floats
    n: int
    events: Integers


def first_confirmed(improved: ArrayLike) -> FirstTimes:
    """From whether each person was improved at each mark: (n, K), 1 or 0, nan where there is no score near the mark.

    An improvement counts from the mark at which it is first seen, if the person's next score on the schedule shows it
    too. A person's last score can therefore only confirm or deny: whatever it shows, it says nothing of its own mark,
    for the improved and the others alike, so that being looked at no more is not mistaken for not improving.
    """
    seen = np.asarray(improved, dtype=np.float64)
    if seen.ndim != 2 or seen.shape[1] < 2 or not np.isin(seen[~np.isnan(seen)], (0, 1)).all():
        raise NotEstimable(
            "improved must hold 1, 0 or nothing for each person at two marks or more; the second confirms the first"
        )
    n, marks = seen.shape
    after, before, then = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), np.zeros(n)
    by = np.full(n, marks + 1)
    for mark in range(1, marks + 1):
        now = seen[:, mark - 1]
        looked = ~np.isnan(now) & (by == marks + 1)
        confirmed = looked & (then == 1) & (now == 1)
        by[confirmed] = before[confirmed]
        denied = looked & ~confirmed
        after[denied] = before[denied]
        before[looked], then[looked] = mark, now[looked]
    return FirstTimes(after, by)


def first_time_incidence(
    times: FirstTimes,
    marks: int,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> FirstTimeIncidence:
    """Nonparametric maximum likelihood of the discrete time from intervals (after, by].

    times    of n people, from first_confirmed
    marks    K
    weights  (n,) probability weights, taken as known; None: everybody once
    cluster  (n,) labels within which influence is added up; None: people

    L = prod_i (sum_{after < j <= by} p_j)^w, p_{K+1} = later or never; its maximum is the life table where nobody
    misses a mark. Influence of person i: G a_i / (a_i'p), a_i the marks in the interval, G the inverse of the
    information on sum p = 1; SE^2 = n / (n - 1) sum of squared influence, times the weight. The times of looking must
    not depend on when improvement came. Turnbull (1976) J R Stat Soc B 38:290. Raises NotEstimable where nobody was
    looked at.
    """
    inside, w = _intervals(times, marks, weights)
    p = _most_likely(inside, w, marks)
    share = inside @ p
    total = w.sum()
    support = p > EMPTY
    score = np.divide(
        inside[:, support], share[:, None], out=np.zeros((len(w), int(support.sum()))), where=share[:, None] > 0
    )
    information = (score * (w / total)[:, None]).T @ score
    solver, untold = _constrained(information)
    moved = np.zeros((len(w), marks + 1))
    moved[:, support] = score @ solver
    estimate = np.cumsum(p)[:marks]
    influence = np.cumsum(moved, axis=1)[:, :marks]
    known = np.array(
        [not (untold[:, np.flatnonzero(support) < k].sum(axis=1) ** 2 > UNTOLD).any() for k in range(1, marks + 1)]
    )
    known[-1] = False
    estimate, influence = np.where(known, np.clip(estimate, 0, 1), np.nan), np.where(known, influence, np.nan)
    unit = np.arange(len(w)) if cluster is None else np.unique(np.asarray(cluster), return_inverse=True)[1]
    se = _spread(influence * (w / total)[:, None], unit)
    lower, upper = curve_limits(1 - estimate, se, "log-log", level)
    looked = (times.after > 0) | (times.by <= marks)
    events = np.array([(times.by <= k).sum() for k in range(1, marks + 1)], dtype=np.int64)
    return FirstTimeIncidence(estimate, se, 1 - upper, 1 - lower, influence, int(looked.sum()), events)


def first_time_difference(
    arm: FirstTimeIncidence, reference: FirstTimeIncidence, mark: int, *, level: float = 0.95
) -> Estimate:
    """Share begun by a mark (1..K) in one arm minus that in another, arms independent, normal limits.

    Raises NotEstimable where either share is not known at that mark, or rests on fewer than LEAST people.
    """
    one, other = arm.estimate[mark - 1], reference.estimate[mark - 1]
    if not (np.isfinite(one) and np.isfinite(other)):
        raise NotEstimable(
            "too few people have scores around that day to say by when they had improved; "
            "ask about a mark at which both arms are measured"
        )
    if min(arm.n, reference.n) < LEAST:
        raise NotEstimable(f"one arm has fewer than {LEAST} people with scores; widen the study period")
    return wald(
        float(one - other),
        float(np.hypot(arm.se[mark - 1], reference.se[mark - 1])),
        level=level,
        n=arm.n + reference.n,
    )


def _intervals(times: FirstTimes, marks: int, weights: ArrayLike | None) -> tuple[Floats, Floats]:
    """a_i (n, K + 1) and weights (n,)."""
    after, by = np.asarray(times.after), np.asarray(times.by)
    if not ((after > 0) | (by <= marks)).any():
        raise NotEstimable("nobody has two scores on the schedule; measure people during care")
    w = np.ones(len(after)) if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != after.shape or not np.isfinite(w).all() or (w < 0).any() or not w.sum() > 0:
        raise NotEstimable("weights must be finite, not negative and one per person, with a positive sum")
    place = np.arange(1, marks + 2)
    inside = (place > after[:, None]) & (place <= by[:, None])
    return np.where((by == marks + 1)[:, None], place > after[:, None], inside).astype(np.float64), w


def _most_likely(inside: Floats, w: Floats, marks: int) -> Floats:
    """Probabilities (K + 1,) of each mark and of later, from the distinct intervals: self-consistent steps, then
    Newton's.

    At the maximum the slope in every p_j is 1 where p_j > 0 and at most 1 where it is 0.
    """
    kinds, of = np.unique(inside[w > 0], axis=0, return_inverse=True)
    weight = np.bincount(of.ravel(), weights=w[w > 0]) / w.sum()
    p = np.full(marks + 1, 1 / (marks + 1))
    for _ in range(ROUGH_STEPS):
        p = p * _slope(kinds, weight, p)
    p = np.where(p < NOTHING, 0.0, p)
    for _ in range(MOST_STEPS):
        held = p > 0
        slope = _slope(kinds, weight, p)
        move = np.zeros(marks + 1)
        move[held] = (
            _constrained((kinds[:, held] * (weight / (kinds @ p) ** 2)[:, None]).T @ kinds[:, held])[0] @ slope[held]
        )
        if np.abs(move).max() < SETTLED:
            if not (slope[~held] > 1 + KEPT_OUT).any():
                return np.asarray(p / p.sum(), dtype=np.float64)
            p = np.where(~held & (slope > 1 + KEPT_OUT), 1e-3, p)  # back in: mass there would raise the likelihood
            p /= p.sum()
            continue
        p = _uphill(kinds, weight, p, move)
    raise NotEstimable("the shares by mark could not be found; use fewer marks, or arms with more people")


def _slope(kinds: Floats, weight: Floats, p: Floats) -> Floats:
    return np.asarray((weight / (kinds @ p)) @ kinds, dtype=np.float64)


def _uphill(kinds: Floats, weight: Floats, p: Floats, move: Floats) -> Floats:
    """As far along move as no probability is negative and the likelihood does not fall; what reaches 0 stays there."""
    falling = move < 0
    reach = float((p[falling] / -move[falling]).min(initial=np.inf))
    height = float(weight @ np.log(kinds @ p))
    for halving in range(40):
        step = min(1.0, reach) / 2**halving
        new = p + step * move
        new[new < NOTHING * 1e-2] = 0.0
        at = kinds @ new
        if (at > 0).all() and float(weight @ np.log(at)) >= height - NOTHING:
            return np.asarray(new / new.sum(), dtype=np.float64)
    return p


def _constrained(information: Floats) -> tuple[Floats, Floats]:
    """Inverse of the information among changes that sum to 0, and the directions (d, s) about which it says nothing."""
    s = len(information)
    free = np.linalg.svd(np.ones((1, s)))[2][1:]  # orthonormal rows that sum to 0
    values, vectors = np.linalg.eigh(free @ information @ free.T)
    told = values > UNTOLD * float(np.trace(information))
    turned = vectors.T @ free
    return (turned[told].T / values[told]) @ turned[told], turned[~told]


def _spread(influence: Floats, unit: Integers) -> Floats:
    """Standard error (K,) from weighted influence (n, K), added up within units."""
    g = int(unit.max()) + 1
    sums = np.column_stack([np.bincount(unit, weights=column, minlength=g) for column in influence.T])
    return np.asarray(np.sqrt(g / max(g - 1, 1) * (sums**2).sum(axis=0)), dtype=np.float64)
