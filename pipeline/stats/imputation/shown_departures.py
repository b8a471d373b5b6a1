"""How much worse than similar people the unmeasured were doing when last seen, and how much of that no record shows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats
from pipeline.stats.weighting.nuisance import People, checked_people, fit_outcome

LEAST = 30  # measured, and unmeasured, people of an arm: of fewer the gap is chance
TELLS = 0.1  # partial R squared below which the later score is no guide to the outcome


@dataclass(frozen=True, slots=True)
class ShownDepartures:
    """What later scores show of the unmeasured of each arm, in the outcome's unit.

    shown      (k,) how much lower they are predicted once the later score is known; positive is worse
    se         (k,) standard error of shown, the slopes taken as known
    explained  (k,) share of what the start leaves open that the later score explains among the measured, 0..1
    """

    shown: Floats
    se: Floats
    explained: Floats

    @property
    def hidden(self) -> Floats:
        """(k,) what is left beyond the later score, were being measured a matter of the outcome itself."""
        left: Floats = self.shown * (1 - self.explained) / self.explained
        return left

    def hidden_at_most(self, z: float = 1.96) -> Floats:
        """(k,) the same at the upper limit of shown; never below 0."""
        upper: Floats = np.maximum(self.shown + z * self.se, 0) * (1 - self.explained) / self.explained
        return upper


def shown_departures(
    outcome: ArrayLike, arm: ArrayLike, covariates: ArrayLike, later: ArrayLike, site: ArrayLike | None = None
) -> ShownDepartures:
    """Predictions for the unmeasured of each arm, from start and later scores less those from the start alone.

    outcome (n,) nan where not measured; later (n, q) as in sequential_means.  If whoever did worse by d is measured
    less, the later score of the unmeasured is worse too, and shows explained x d of it (exact for normal scores): so
    shown / explained estimates d, and d less shown is what no record shows.  Jackson, White & Leese (2010) J R Stat Soc
    A 173:593 use the number of contact attempts in the same way.  Raises NotEstimable where an arm with gaps has fewer
    than LEAST people measured or not, or the later score explains less than TELLS.
    """
    start, known = np.asarray(covariates, dtype=np.float64), np.asarray(later, dtype=np.float64)
    early = checked_people(outcome, arm, start, site, None)
    late = checked_people(outcome, arm, np.hstack([start, known.reshape(len(start), -1)]), site, None)
    found = [_of_arm(early, late, early.arm == code) for code in range(early.arms)]
    shown, se, explained = (np.array(column) for column in zip(*found, strict=True))
    return ShownDepartures(shown, se, explained)


def _of_arm(early: People, late: People, own: Flags) -> tuple[float, float, float]:
    seen, gaps = own & early.observed, own & ~early.observed
    if not gaps.any():
        return 0.0, 0.0, 1.0
    if min(seen.sum(), gaps.sum()) < LEAST:
        raise NotEstimable(f"an arm has fewer than {LEAST} people measured or not measured; use the default rule")
    code = int(early.arm[own][0])
    by_start, by_all = (_predicted(people, code) for people in (early, late))
    left = np.sum((early.outcome - by_start)[seen] ** 2)
    explained = 1 - np.sum((early.outcome - by_all)[seen] ** 2) / left if left > 0 else 0.0
    if not explained >= TELLS:
        raise NotEstimable("the later score hardly tells of the outcome; use the default rule for the unmeasured")
    moved = by_all - by_start
    variance = moved[gaps].var(ddof=1) / gaps.sum() + moved[seen].var(ddof=1) / seen.sum()
    return float(-moved[gaps].mean()), float(variance**0.5), float(explained)


def _predicted(people: People, arm: int) -> Floats:
    model, _ = fit_outcome(people, arm)
    values: Floats = people.design.values @ (model.columns @ model.coefficients)
    return values
