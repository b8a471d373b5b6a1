"""How much each person moves a curve: sums of squared infinitesimal-jackknife influences, without a person-by-time
table."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.stats.time_in_care.follow_up import Floats, Observations
from pipeline.stats.time_in_care.risk_table import ROUNDING, RiskTable, calendar, count


@dataclass(frozen=True, slots=True)
class Members:
    """People of one arm, or cells of identical people, placed on the days of its risk table.

    left, entered  (r,) number of table days up to and including the last day, and up to and including the entry
    state          (r,) 0 observation stopped, 1..c ending
    squares        (r,) summed weight of a squared influence
    """

    left: NDArray[np.int64]
    entered: NDArray[np.int64]
    state: NDArray[Any]
    squares: Floats


def members(seen: Observations, day: NDArray[Any]) -> Members:
    """Rows of one arm; without delayed entry all who leave on the same day in the same way are one cell."""
    days, leaves, enters = calendar(seen)
    step = np.searchsorted(day, days, side="right")
    squares = seen.weight_squares
    if enters is None:
        return _cells(step, count(leaves, len(days), seen, squares)[:, 0])
    entered = np.where(enters < 0, 0, step[enters])
    return Members(step[leaves], entered, seen.state, np.ones(leaves.size) if squares is None else squares)


def members_of(table: RiskTable) -> Members:
    """The cells of a one-armed table of unweighted or frequency-weighted people seen from the beginning."""
    states = np.concatenate([(table.leaving - table.events[:, 0].sum(axis=1)[:, None]), table.events[:, 0]], axis=1)
    return _cells(np.arange(1, len(table.day) + 1), states)


def _cells(step: NDArray[np.int64], mass: Floats) -> Members:
    row, state = np.nonzero(mass)
    return Members(step[row], np.zeros(row.size, dtype=np.int64), state, mass[row, state])


@dataclass(frozen=True, slots=True)
class Hazards:
    """What influences need of a risk table of one arm; every array starts with the value before the first day.

    survival  (m,) S just before each day; pull (m,) 1/(r - d), 0 where nobody is left; risk (m,) r
    drift     (m+1,) running sum of (d/r)/(r - d)
    """

    survival: Floats
    pull: Floats
    risk: Floats
    drift: Floats


def hazards(table: RiskTable) -> Hazards:
    """Hazard pieces of a one-armed risk table."""
    risk = table.at_risk[:, 0]
    ended = table.events[:, 0].sum(axis=1)
    hazard = _share(ended, risk)
    survival = np.concatenate([[1.0], np.cumprod(1 - hazard)[:-1]])
    pull = _share(np.ones_like(risk), np.where(risk - ended > ROUNDING * risk, risk - ended, 0.0))
    return Hazards(survival, pull, risk, running(hazard * pull))


def incidence_variance(table: RiskTable, people: Members, cause: int | None) -> Floats:
    """(m,) variance of the cumulative incidence of one cause (all endings together where cause is None).

    With F the incidence, S the share still in care, h the cause's hazard, r at risk and H the running sum of
    (d/r)/(r - d), a person at risk since L has moved F(t) by the sum over L < s <= t of
    S(s-) h(s) (H(s-) - H(L)) - S(s-) h(s)/r(s); an ending by the cause adds S/r, and whoever has left moves later
    days through S alone. The variance is the sum of squares, weights squared for probability weights.
    Infinitesimal jackknife: Therneau & Grambsch (2000), section 2.3.
    """
    h = hazards(table)
    events = table.events[:, 0].sum(axis=1) if cause is None else table.events[:, 0, cause]
    step = h.survival * _share(events, h.risk)
    incidence = running(step)
    moved = running(step * h.drift[:-1] - _share(step, h.risk))
    left, entered = people.left, people.entered

    level = h.drift[entered]
    base = level * incidence[entered] - moved[entered]
    gone = people.state > 0
    own = gone if cause is None else people.state == cause + 1
    last = left - 1
    slope = np.where(gone, h.pull[last], 0.0) - h.drift[left] + level
    height = moved[left] - level * incidence[left] + base + slope * incidence[left]
    height = height + np.where(own, _share(h.survival, h.risk)[last], 0.0)

    def sums(position: NDArray[np.int64], value: Floats) -> Floats:
        return np.bincount(position, people.squares * value, incidence.size).cumsum()[1:]

    f, u = incidence[1:], moved[1:]
    out = sums(left, height**2) - 2 * f * sums(left, height * slope) + f**2 * sums(left, slope**2)
    here, l1, l2, b1, b2, lb = (
        sums(entered, value) - sums(left, value)
        for value in (np.ones_like(level), level, level**2, base, base**2, level * base)
    )
    return np.maximum(out + u**2 * here + f**2 * l2 + b2 - 2 * u * f * l1 + 2 * u * b1 - 2 * f * lb, 0.0)


def curve_slope(table: RiskTable, step: int) -> tuple[float, Floats, Floats]:
    """A one-armed curve after a number of its days, and its derivative in the weight of somebody who is lost (m+1,) or
    ends (m+1,) after so many days.

    S(t) moves by S(t) (H(min(own, t)) - 1/(r - d)(own) where they ended by t), terms as in incidence_variance.
    """
    h, place = hazards(table), np.arange(len(table.day) + 1)
    stay = 1 - _share(table.events[:, 0].sum(axis=1), h.risk)[:step]
    value = float(np.prod(np.where(stay > ROUNDING, stay, 0.0)))
    lost = value * h.drift[np.minimum(place, step)]
    return value, lost, lost - value * np.concatenate([[0.0], h.pull]) * (place <= step)


def log_rank_slope(table: RiskTable, day: NDArray[Any], ended: NDArray[Any], arm: NDArray[Any], of: int) -> Floats:
    """(n,) derivative of one arm's log-rank score in each person's weight; times the weights it adds up to the
    score."""
    risk, gone = table.at_risk.sum(axis=1), table.events.sum(axis=(1, 2))
    share, hazard = table.at_risk[:, of] / risk, gone / risk
    place, own = np.searchsorted(table.day, day), arm == of
    expected = own * running(hazard)[place + 1] - running(hazard * share)[place + 1]
    slope: Floats = ended * (own - share[place]) - expected
    return slope


def running(step: Floats) -> Floats:
    """(m+1,) running sum that starts at 0."""
    return np.concatenate([[0.0], np.cumsum(step)])


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
