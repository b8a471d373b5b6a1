"""Counts who is at risk and who ends on each day: one pass over people, then only days are left."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.time_in_care.follow_up import Floats, Kind, Observations, observe

CHUNK = 32_768  # rows whose keys stay in the processor's cache
ROUNDING = 1e-12  # a share below this is what adding weights in another order leaves of zero
SPARSE = 4  # a calendar longer than this many days per person is compressed to the days that occur


@dataclass(frozen=True, slots=True)
class RiskTable:
    """People at risk and endings per day, arm and cause.

    day       (m,) days on which somebody left or entered observation, ascending
    at_risk   (m, k) weight of those under observation just before that day
    events    (m, k, c) weight of endings on that day, by cause 1..c
    leaving   (m, k) weight of all who leave observation on that day, endings included
    entering  (m, k) weight of those who come under observation right after that day
    people    (k,) weight of all people, for probability weights their number
    """

    day: NDArray[Any]
    at_risk: Floats
    events: Floats
    leaving: Floats
    entering: Floats
    people: Floats


def risk_table(
    day: ArrayLike,
    state: ArrayLike,
    *,
    arm: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    kind: Kind = "frequency",
    arms: int | None = None,
    causes: int | None = None,
) -> RiskTable:
    """Risk table of k arms and c causes.

    day      (n,) days from the first attended service to ending or last observation
    state    (n,) 0 observation stopped first, 1..c ending by that cause
    arm      (n,) integers 0..k-1; entry (n,) day after which a person is under observation; weights (n,)

    A person is at risk on day t where entry < t <= day. Takes O(n) plus O(days). Raises NotEstimable as `observe` does.
    """
    return tabulate(observe(day, state, arm=arm, entry=entry, weights=weights, kind=kind, arms=arms, causes=causes))


def tabulate(seen: Observations) -> RiskTable:
    """Risk table of checked observations."""
    days, leaves, enters = calendar(seen)
    counts = count(leaves, len(days), seen, seen.weights)
    leaving = counts.sum(axis=2)
    entering = np.zeros_like(leaving) if enters is None else _entering(enters, seen, leaving.shape)
    at_risk = leaving[::-1].cumsum(axis=0)[::-1]
    if enters is not None:
        at_risk = at_risk - entering[::-1].cumsum(axis=0)[::-1]
        at_risk[_nobody(leaves, enters, seen, leaving.shape)] = 0.0  # what rounding of weights left behind
    occurs = (leaving.any(axis=1)) | (entering.any(axis=1))
    return RiskTable(
        days[occurs],
        at_risk[occurs],
        counts[occurs][:, :, 1:],
        leaving[occurs],
        entering[occurs],
        _people(seen, leaving),
    )


def one_arm(table: RiskTable, arm: int) -> RiskTable:
    """The same table for one arm alone, on the days that occur in it."""
    occurs = (table.leaving[:, arm] > 0) | (table.entering[:, arm] > 0)
    if not occurs.any():
        raise NotEstimable("an arm has nobody under observation; leave it out or widen it")
    own = slice(arm, arm + 1)
    return RiskTable(
        table.day[occurs],
        table.at_risk[occurs, own],
        table.events[occurs, own],
        table.leaving[occurs, own],
        table.entering[occurs, own],
        table.people[own],
    )


def calendar(seen: Observations) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any] | None]:
    """Days of the table, and each person's position of leaving and of entering in it (-1: from the beginning)."""
    last = seen.day.max()
    if seen.day.dtype.kind in "iu" and last < SPARSE * seen.day.size + CHUNK:
        return np.arange(int(last) + 1), seen.day, seen.entry
    if seen.entry is None:
        days, leaves = np.unique(seen.day, return_inverse=True)
        return days, leaves, None
    days = np.unique(np.concatenate([seen.day, seen.entry[seen.entry >= 0]]))
    return days, np.searchsorted(days, seen.day), np.where(seen.entry < 0, -1, np.searchsorted(days, seen.entry))


def count(position: NDArray[Any], positions: int, seen: Observations, weights: Floats | None) -> Floats:
    """(positions, k, c + 1) weight of people by position, arm and state. Works in chunks so that no key array of n rows
    is ever written."""
    states = seen.causes + 1
    cause_bits = (states - 1).bit_length()
    bits = cause_bits + (seen.arms - 1).bit_length()
    size = positions << bits
    chunk = CHUNK if size < CHUNK else position.size
    total = np.zeros(size)
    for start in range(0, position.size, chunk):
        rows = slice(start, start + chunk)
        key = position[rows].astype(np.int64, copy=False) << bits
        if seen.arm is not None:
            key |= seen.arm[rows].astype(np.int64, copy=False) << cause_bits
        key |= seen.state[rows].astype(np.int64, copy=False)  # a cast is cheaper than a mixed-type or
        total += np.bincount(key, None if weights is None else weights[rows], size)
    return total.reshape(-1, 1 << bits >> cause_bits, 1 << cause_bits)[:, : seen.arms, :states]


def _entering(enters: NDArray[Any], seen: Observations, shape: tuple[int, ...], weights: bool = True) -> Floats:
    late = enters >= 0
    arm = 0 if seen.arm is None else seen.arm[late]
    mass = seen.weights[late] if weights and seen.weights is not None else None
    return (
        np.bincount(enters[late].astype(np.int64) * shape[1] + arm, mass, shape[0] * shape[1])
        .reshape(shape)
        .astype(np.float64)
    )


def _nobody(
    leaves: NDArray[Any], enters: NDArray[Any], seen: Observations, shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    heads = count(leaves, shape[0], seen, None).sum(axis=2) - _entering(enters, seen, shape, weights=False)
    empty: NDArray[np.bool_] = heads[::-1].cumsum(axis=0)[::-1] == 0.0
    return empty


def _people(seen: Observations, leaving: Floats) -> Floats:
    if seen.weights is None or seen.kind == "frequency":
        return np.asarray(leaving.sum(axis=0))
    arm = np.zeros(seen.day.size, dtype=np.int64) if seen.arm is None else seen.arm
    return np.bincount(arm, None, seen.arms).astype(np.float64)
