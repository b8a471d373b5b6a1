"""Clones of people in two strategies: who follows which for how long, how much each weighs, and their weighted
incidence."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats, Integers

NEVER = -1


@dataclass(frozen=True, slots=True)
class Followed:
    """n people from time zero; days beyond the horizon count as the day after it.

    On one day endings come first, then changes, then the end of observation: whoever is readmitted no longer starts
    that day. Whoever did both on one day changed first, and the ending is counted on the day after.

    day       (n,) ending or last observation; cause (n,) 0 observation stopped, 1..c
    change    (n,) day of the change, the horizon + 1 or later where none was seen
    counts    (n,) how many people each row stands for
    grace, horizon, causes   as in strategies.clone_censor_weight
    """

    day: Integers
    cause: Integers
    change: Integers
    counts: Floats
    grace: int
    horizon: int
    causes: int

    @property
    def last_waiting(self) -> Integers:
        """(n,) last day of the grace period on which the person could change; -1 for endings on day 0."""
        return np.minimum(np.minimum(self.day - (self.cause > 0), self.change), self.grace)

    @property
    def changes(self) -> Flags:
        """(n,) True where the change came within the grace period."""
        return np.asarray(self.change <= self.grace, dtype=np.bool_)

    def rows(self, chosen: Integers) -> "Followed":
        """The same people at the row numbers chosen."""
        return replace(
            self, day=self.day[chosen], cause=self.cause[chosen], change=self.change[chosen], counts=self.counts[chosen]
        )

    def at_end(self, clones: "Clones") -> Flags:
        """(n, 2) True for clones that still follow their strategy just after the grace period."""
        return np.asarray((self.day > self.grace)[:, None] & (clones.final > 0), dtype=np.bool_)

    def numbers(self, clones: "Clones") -> tuple[Integers, Integers]:
        """(t, 2) clones under observation just before each day, and (t, 2, c) endings of people that count in each
        strategy by then."""
        ones = Clones(clones.stay, (clones.early > 0).astype(np.float64), (clones.final > 0).astype(np.float64))
        events, at_risk = weighted_counts(self, ones, self.counts)
        return np.rint(at_risk).astype(np.int64), np.rint(events.cumsum(axis=0)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Clones:
    """Weights of the clones of n people.

    stay   (g + 1, n) modelled chance of no change up to and including each day
    early  (g + 2, n, 2) weight on each day 0..g + 1; 0 once censored, or not under observation
    final  (n, 2) weight on day g + 1, which is kept from then on, or on the day of an earlier ending
    """

    stay: Floats
    early: Floats
    final: Floats


def followed(
    day: ArrayLike,
    cause: ArrayLike,
    changed: ArrayLike,
    *,
    grace: int,
    horizon: int,
    causes: int | None,
    weights: ArrayLike | None,
) -> Followed:
    """Checked people.  Raises NotEstimable for days that are not whole numbers from 0, and where nobody is observed."""
    ends, why, came = (np.asarray(one) for one in (day, cause, changed))
    if ends.ndim != 1 or ends.size == 0:
        raise NotEstimable("nobody was observed; widen the study period")
    if not (ends.shape == why.shape == came.shape):
        raise NotEstimable("day, cause and changed have different numbers of rows; pass one of each per person")
    for numbers, name in ((ends, "days"), (why, "causes"), (came, "days of the change")):
        if not (np.isfinite(numbers).all() and (numbers == np.floor(numbers)).all()):
            raise NotEstimable(f"{name} must be whole numbers; round them, and give -1 where a change was never seen")
    if ends.min() < 0 or why.min() < 0 or came.min() < NEVER:
        raise NotEstimable("days and causes count from 0; leave out people whose follow-up ends before time zero")
    if not 0 <= grace < horizon:
        raise NotEstimable(
            "the grace period must begin on day 0 and end before the horizon; shorten it or follow people longer"
        )
    counts = np.ones(ends.size) if weights is None else np.asarray(weights, dtype=np.float64)
    whole = counts.shape == ends.shape and bool(np.isfinite(counts).all() and (counts == np.floor(counts)).all())
    if not whole or counts.min() < 0 or not counts.any():
        raise NotEstimable("weights count identical people: whole numbers from 0, not all of them 0")
    c = max(int(why.max()), 1) if causes is None else causes
    if why.max() > c:
        raise NotEstimable("a cause lies beyond the number of causes; number them from 1")
    seen = came != NEVER
    change = np.where(seen & (came <= ends), came, horizon + 1)
    ends = ends + ((change == ends) & (why > 0))
    beyond = ends > horizon
    return Followed(
        np.where(beyond, horizon + 1, ends).astype(np.int64),
        np.where(beyond, 0, why).astype(np.int64),
        change.astype(np.int64),
        counts,
        grace,
        horizon,
        c,
    )


def clones_of(seen: Followed, h: Floats, cap: float) -> Clones:
    """Weights from the hazards of a change (g + 1, n), cut at `cap`; formulas in strategies.clone_censor_weight."""
    stay: Floats = np.asarray(np.cumprod(1 - h, axis=0), dtype=np.float64)
    end, before = stay[-1], np.concatenate([np.ones((1, h.shape[1])), stay])
    days = np.arange(seen.grace + 2)[:, None]
    changed, under = seen.change < days, seen.day >= days
    early = np.empty((*before.shape, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        early[:, :, 0] = np.where(changed, 0.0, 1 / before)
        early[:, :, 1] = np.where(changed, 1 / (1 - end), (before - end) / ((1 - end) * before))
    early = np.where(under[:, :, None], np.minimum(early, cap), 0.0)
    return Clones(stay, early, early[np.minimum(seen.day, seen.grace + 1), np.arange(seen.day.size)])


def weighted_counts(seen: Followed, clones: Clones, counts: Floats) -> tuple[Floats, Floats]:
    """Weighted events (t, 2, c) and weight under observation (t, 2) on each day up to the horizon."""
    t, g = seen.horizon + 1, seen.grace
    at_risk, events = np.empty((t, 2)), np.zeros((t, 2, seen.causes))
    ended = np.flatnonzero(seen.cause)
    for s in (0, 1):
        final = counts * clones.final[:, s]
        after = np.bincount(seen.day, weights=final, minlength=t + 1)[::-1].cumsum()[::-1]
        at_risk[:, s] = after[:t]
        at_risk[: g + 2, s] = clones.early[:, :, s] @ counts
        place = seen.day[ended] * seen.causes + seen.cause[ended] - 1
        events[:, s] = np.bincount(place, weights=final[ended], minlength=t * seen.causes)[: t * seen.causes].reshape(
            t, -1
        )
    return events, at_risk


def weighted_incidence(seen: Followed, clones: Clones, counts: Floats) -> tuple[Floats, Floats]:
    """Aalen-Johansen of the weighted clones: (t, 2, c) incidences, nan from where a strategy has nobody, and (t, 2) at
    risk."""
    events, at_risk = weighted_counts(seen, clones, counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = events / at_risk[:, :, None]
    in_care = np.cumprod(1 - hazard.sum(axis=2), axis=0)
    before = np.concatenate([np.ones((1, 2)), in_care[:-1]])
    done = before <= 1e-12  # nobody is left to follow, and nothing more can happen
    hazard[done] = 0.0
    incidence: Floats = np.cumsum(before[:, :, None] * hazard, axis=0)
    return incidence, at_risk
