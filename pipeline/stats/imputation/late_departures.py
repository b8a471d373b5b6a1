"""How much worse those did who were measured late, or only after reminders, than similar people measured promptly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats
from pipeline.stats.weighting.nuisance import People, checked_people

LEAST = 30  # measured promptly, and late, in an arm: of fewer the gap is chance


@dataclass(frozen=True, slots=True)
class LateDepartures:
    """The gap in each arm, in the outcome's unit.

    gap  (k,) how much lower the outcome of those measured late is, given the start and site; positive is worse
    se   (k,) its standard error
    """

    gap: Floats
    se: Floats

    def beyond_chance(self, z: float = 1.96) -> float:
        """The largest gap that chance does not explain; 0 where there is none."""
        return float(np.max(np.where(self.gap > z * self.se, self.gap, 0.0)))


def late_departures(
    outcome: ArrayLike, arm: ArrayLike, covariates: ArrayLike, late: ArrayLike, site: ArrayLike | None = None
) -> LateDepartures:
    """Least squares of the outcome of those measured on start, site and `late` (n,), in each arm that has gaps.

    outcome (n,) nan where not measured.  Whoever is harder to reach is more like those never reached, so that the gap
    says how far these could be from similar people (Lin & Schaeffer 1995, Public Opin Q 59:236; Jackson, White & Leese
    2010, J R Stat Soc A 173:593).  se is HC1.  An arm in which all are measured has a gap of 0.  Raises NotEstimable
    where an arm with gaps has fewer than LEAST people measured promptly, or late.
    """
    people = checked_people(outcome, arm, covariates, site, None)
    flag = np.asarray(late, dtype=np.float64)
    if flag.shape != people.arm.shape or not np.isin(flag[people.observed], (0.0, 1.0)).all():
        raise NotEstimable("late says of everybody measured whether they were, as 0 or 1; pass one for each person")
    found = [_of_arm(people, flag, people.arm == code) for code in range(people.arms)]
    gap, se = (np.array(column) for column in zip(*found, strict=True))
    return LateDepartures(gap, se)


def _of_arm(people: People, late: Floats, own: Flags) -> tuple[float, float]:
    """The gap of one arm and its standard error: what is left of `late`, and of the outcome, beyond the design."""
    seen = own & people.observed
    if seen.sum() == own.sum():
        return 0.0, 0.0
    y, flag, design = people.outcome[seen], late[seen], people.design.values[seen]
    if min(flag.sum(), (1 - flag).sum()) < LEAST:
        raise NotEstimable(f"an arm has fewer than {LEAST} people measured promptly, or late; they tell nothing here")
    both = np.column_stack([y, flag])
    solved, _, rank, _ = np.linalg.lstsq(design, both, rcond=1e-10)
    left, more = (both - design @ solved).T
    spread = float(more @ more)
    if spread < 1e-9 * len(more) or len(y) <= rank + 1:
        raise NotEstimable("who is measured late follows from the start, so that nothing else tells of it")
    slope = float(more @ left) / spread
    errors = left - slope * more
    variance = float((more * errors) @ (more * errors)) / spread**2 * len(y) / (len(y) - rank - 1)
    return -slope, variance**0.5
