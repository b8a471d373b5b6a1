"""Where a comparison has comparable people: within a stratum, or near a severity."""

from dataclasses import dataclass

import numpy as np

from pipeline.stats.design import Flags, Floats, Integers
from pipeline.stats.subgroups.conditional_effects import Projected
from pipeline.stats.weighting.balance import effective_sample, overlap_report
from pipeline.stats.weighting.nuisance import People


@dataclass(frozen=True, slots=True)
class Comparators:
    """What a stratum, or the neighborhood of a severity, needs in each arm before an effect is shown there.

    observed   people with the outcome measured
    effective  effective sample after all weights
    equipoise  share of each arm whose preference score lies in 0.3..0.7
    """

    observed: int = 30
    effective: float = 30.0
    equipoise: float = 0.20


def too_few(observed: Integers, needs: Comparators) -> str:
    """Why a stratum with so many observed people by arm (2,) cannot be compared; empty where it can."""
    if observed.min() == 0:
        return (
            "nobody in one of the arms is like these people, so nothing says how they would have done there: it takes"
            " such people in both"
        )
    if observed.min() < needs.observed:
        return f"too few people like these have the outcome in one of the arms ({needs.observed} are needed)"
    return ""


def comparable(people: People, found: Projected, chosen: Flags, needs: Comparators) -> tuple[str, Floats]:
    """Why the chosen people (n,) cannot be compared (empty where they can), and their effective sample by arm (2,)."""
    observed = np.bincount(people.arm[chosen & people.observed], minlength=2)
    if why := too_few(observed, needs):
        return why, np.full(2, np.nan)
    rows = np.flatnonzero(chosen)
    effective = effective_sample(found.at.weights[rows], people.arm[rows])
    if effective.min() < needs.effective:
        return (
            f"too few comparable people in one of the arms (an effective {needs.effective:.0f} are needed)",
            effective,
        )
    overlap = overlap_report(found.models.weight.probabilities[rows], people.arm[rows], found.at.weights[rows])
    if overlap.smallest < needs.equipoise:
        return "too few of these people could plausibly have been in the other arm", effective
    return "", effective
