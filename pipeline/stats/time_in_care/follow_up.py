"""Checks follow-up times, endings, arms and weights before any curve is drawn from them."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable

Kind = Literal["frequency", "probability"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Observations:
    """People under observation, checked; rows that can contribute nothing are gone.

    day      (n,) day of ending or last observation, >= 0
    state    (n,) 0 observation stopped first, 1..causes the ending seen
    arm      (n,) integers 0..arms-1, or None with a single arm
    entry    (n,) at risk only on days after this one, or None (from the beginning); -1 = from the beginning
    weights  (n,) positive, or None
    kind     whether weights are frequencies (counts of identical people) or probability weights
    """

    day: NDArray[Any]
    state: NDArray[Any]
    arm: NDArray[Any] | None
    entry: NDArray[Any] | None
    weights: Floats | None
    kind: Kind
    arms: int
    causes: int

    @property
    def weight_squares(self) -> Floats | None:
        """(n,) weight of a squared influence: w for w identical people, w squared for one person counted w times."""
        if self.weights is None or self.kind == "frequency":
            return self.weights
        return self.weights**2


def observe(
    day: ArrayLike,
    state: ArrayLike,
    *,
    arm: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    kind: Kind = "frequency",
    arms: int | None = None,
    causes: int | None = None,
) -> Observations:
    """Checked observations; a person whose entry is not before their last day was never at risk and is left out.

    entry 0 means from the first attended service on, that day included. Raises NotEstimable for empty, negative,
    missing or infinite input, for lengths that differ and for unusable weights.
    """
    days = checked_days(day, "day")
    states = checked_labels(state, "state", days.size)
    groups = None if arm is None else checked_labels(arm, "arm", days.size)
    entries = None if entry is None else checked_entry(entry, days)
    mass = None if weights is None else checked_weights(weights, kind, days.size)
    if entries is not None or mass is not None:
        keep = np.ones(days.size, dtype=bool) if entries is None else entries < days
        keep &= True if mass is None else mass > 0
        if not keep.any():
            raise NotEstimable("no person was observed; widen the study period or the arm")
        days, states = days[keep], states[keep]
        groups, entries, mass = _kept(groups, keep), _kept(entries, keep), _kept(mass, keep)
    return Observations(
        days,
        states,
        groups,
        entries,
        mass,
        kind,
        _count(groups, arms, "arm", 1),
        max(_count(states, None if causes is None else causes + 1, "state", 2) - 1, 1),
    )


def checked_days(day: ArrayLike, name: str) -> NDArray[Any]:
    """(n,) days >= 0, as integers where they are whole; raises NotEstimable otherwise."""
    days = np.asarray(day)
    if days.ndim != 1 or days.size == 0:
        raise NotEstimable("no person was observed; widen the study period or the arm")
    if days.dtype.kind not in "iu":
        days = _whole_if_possible(days, name)
    if _lowest(days) < 0:
        raise NotEstimable(f"{name} holds a time before the first attended service; count days from that service")
    return days


def checked_labels(labels: ArrayLike, name: str, size: int) -> NDArray[Any]:
    """(n,) integer codes 0, 1, 2, ...; raises NotEstimable for anything else."""
    codes = np.asarray(labels)
    if codes.shape != (size,):
        raise NotEstimable(f"{name} has another length than day; give one value per person")
    if codes.dtype.kind == "b":
        return codes.view(np.int8)
    if codes.dtype.kind not in "iu":
        codes = _whole_if_possible(codes, name)
        if codes.dtype.kind == "f":
            raise NotEstimable(f"{name} must be whole numbers from 0; code it so")
    if _lowest(codes) < 0:
        raise NotEstimable(f"{name} must be whole numbers from 0; code it so")
    return codes.astype(np.int64) if codes.dtype.kind == "u" else codes


def checked_entry(entry: ArrayLike, days: NDArray[Any]) -> NDArray[Any]:
    """(n,) days of entry, 0 turned into -1 (at risk from the beginning); raises NotEstimable where one is after the
    exit."""
    entries = checked_days(entry, "entry")
    if entries.shape != days.shape:
        raise NotEstimable("entry has another length than day; give one value per person")
    if (entries > days).any():
        raise NotEstimable("somebody enters observation after leaving it; check entry against the last day")
    return np.where(entries == 0, -1, entries)


def checked_weights(weights: ArrayLike, kind: Kind, size: int) -> Floats:
    """(n,) finite weights >= 0, not all zero; counts where kind is frequency."""
    mass = np.asarray(weights, dtype=np.float64)
    if mass.shape != (size,):
        raise NotEstimable("weights has another length than day; give one weight per person")
    if not np.isfinite(mass).all() or (mass < 0).any():
        raise NotEstimable("a weight is missing, infinite or negative; leave those people out or mend the weight model")
    if not mass.any():
        raise NotEstimable("every weight is zero; choose a target population that these people belong to")
    if kind == "frequency" and (mass != np.rint(mass)).any():
        raise NotEstimable("frequency weights are counts of people; pass kind='probability' for other weights")
    return mass


def _whole_if_possible(values: NDArray[Any], name: str) -> NDArray[Any]:
    numbers = values.astype(np.float64)
    if not np.isfinite(numbers).all():
        raise NotEstimable(f"{name} is missing or infinite for somebody; leave them out and report how many")
    whole = np.rint(numbers)
    return whole.astype(np.int64) if (whole == numbers).all() and whole.max() < 2**53 else numbers


def _lowest(values: NDArray[Any]) -> Any:
    return 0 if values.dtype.kind == "u" else values.min()


def _count(codes: NDArray[Any] | None, declared: int | None, name: str, least: int) -> int:
    seen = 1 if codes is None else int(codes.max()) + 1
    if declared is not None and seen > declared:
        raise NotEstimable(f"{name} holds more codes than declared; count them again")
    return max(seen, least) if declared is None else declared


def _kept(values: NDArray[Any] | None, keep: NDArray[np.bool_]) -> NDArray[Any] | None:
    return None if values is None else values[keep]
