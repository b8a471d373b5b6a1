"""Change beyond what equally severe people showed elsewhere, in standard deviations; improvement is positive."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import Estimate, wald

Worse = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class ReferenceRegression:
    """Expected score afterwards from the score before, in a stated reference group.

    intercept, slope  expected after = intercept + slope * before, in points
    baseline_sd       standard deviation of scores before, in points
    source            where these come from; printed beside every number made with them
    """

    intercept: float
    slope: float
    baseline_sd: float
    source: str


@dataclass(frozen=True, slots=True)
class SeverityAdjusted:
    """Change beyond what people equally severe at the start showed in the reference group, in baseline SDs.

    person  (n,) nan where a score is missing; mean  Estimate over those with both; source  of the reference regression
    """

    person: NDArray[np.float64]
    mean: Estimate
    source: str


def severity_adjusted_effect_size(
    before: ArrayLike, after: ArrayLike, *, reference: ReferenceRegression, worse: Worse = "higher", level: float = 0.95
) -> SeverityAdjusted:
    """Residual from a stated reference regression on baseline, over the reference's baseline SD; positive is better
    than expected.

    before, after  (n,) scores in points, nan where not measured

    (intercept + slope before - after)/baseline_sd, sign turned where lower is worse; mean with t(n - 1) limits (people
    independent; cluster by site on pages). Raises NotEstimable with fewer than two people, residuals that do not vary
    or a baseline SD of 0.
    """
    if not (
        np.isfinite([reference.intercept, reference.slope]).all()
        and np.isfinite(reference.baseline_sd)
        and reference.baseline_sd > 0
    ):
        raise NotEstimable(
            "the reference regression needs a positive baseline SD and finite coefficients; state its source"
        )
    first, last = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    _paired(first, last)
    expected = reference.intercept + reference.slope * first
    person = (expected - last) / reference.baseline_sd * (1.0 if worse == "higher" else -1.0)
    known = person[np.isfinite(person)]
    if known.size < 2:
        raise NotEstimable("fewer than two people have both scores; collect more follow-up scores")
    mean = wald(
        float(known.mean()),
        float(known.std(ddof=1) / np.sqrt(known.size)),
        df=known.size - 1.0,
        level=level,
        n=known.size,
    )
    return SeverityAdjusted(person, mean, reference.source)


def _paired(before: ArrayLike, after: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores of those who have both; raises NotEstimable for unpaired or infinite ones."""
    first, last = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if first.shape != last.shape or np.isinf(first).any() or np.isinf(last).any():
        raise NotEstimable("scores before and after must be paired and finite; leave out impossible scores")
    both = ~(np.isnan(first) | np.isnan(last))
    return first[both], last[both]
