"""Standardized change and standardized differences of change; improvement is positive."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.change.reliable_change import Worse
from pipeline.stats.estimate import Estimate, wald


@dataclass(frozen=True, slots=True)
class EffectSize:
    """Standardized mean change of one group, in standard deviations; positive is better.

    d            mean change over the average of both SDs; g  the same with the small-sample correction J
    correction   J = 1 - 3/(4 df - 1), df = n - 1
    correlation  of the scores before and after; nan where not known
    variance     closed form of the variance of d, nan without the correlation; limits on pages come from the site
                 bootstrap
    n            people with both scores
    """

    d: float
    g: float
    correction: float
    correlation: float
    variance: float
    n: int


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


def effect_size_av(before: ArrayLike, after: ArrayLike, *, worse: Worse = "higher") -> EffectSize:
    """Average-SD effect size of people with both scores (n,), nan where not measured.

    As `effect_size_av_from_summary`, with the sample's own correlation.
    Raises NotEstimable with fewer than three people or constant scores.
    """
    first, last = _paired(before, after)
    if first.size < 3:
        raise NotEstimable("fewer than three people have both scores; collect more follow-up scores")
    spread = first.std(ddof=1), last.std(ddof=1)
    correlation = float(np.corrcoef(first, last)[0, 1]) if min(spread) > 0 else np.nan
    return effect_size_av_from_summary(
        float(first.mean()),
        float(last.mean()),
        float(spread[0]),
        float(spread[1]),
        first.size,
        correlation=None if np.isnan(correlation) else correlation,
        worse=worse,
    )


def effect_size_av_from_summary(
    mean_before: float,
    mean_after: float,
    sd_before: float,
    sd_after: float,
    n: int,
    *,
    correlation: float | None = None,
    worse: Worse = "higher",
) -> EffectSize:
    """Average-SD effect size from means and standard deviations, all in points.

    d = (M_before - M_after)/((SD_before + SD_after)/2), sign turned where lower is worse; g = J d; var d = (1/n +
    d^2/2n) 2 (1 - r). Becker (1988); Borenstein et al. (2009). Raises NotEstimable where both SDs are 0 or n < 3.
    """
    spread = (sd_before + sd_after) / 2
    if not (
        np.isfinite([mean_before, mean_after, spread]).all() and min(sd_before, sd_after) >= 0 and spread > 0 and n >= 3
    ):
        raise NotEstimable("scores do not vary or fewer than three people have both; report the mean change in points")
    d = (mean_before - mean_after) / spread * (1 if worse == "higher" else -1)
    correction = 1 - 3 / (4 * (n - 1) - 1)
    r = np.nan if correlation is None else correlation
    return EffectSize(d, correction * d, correction, r, (1 / n + d * d / (2 * n)) * 2 * (1 - r), n)


def effect_size_z(t: float, n: int) -> float:
    """Change over the standard deviation of change, t/sqrt(n); grows with the pre-post correlation, so never beside
    d_av in one column.

    t  paired t-statistic of improvement; n  pairs. Raises NotEstimable with fewer than two pairs.
    """
    if n < 2 or not np.isfinite(t):
        raise NotEstimable("a paired effect size needs two people with both scores; collect more follow-up scores")
    return float(t / np.sqrt(n))


def hedges_g(
    mean: float, sd: float, n: int, reference_mean: float, reference_sd: float, reference_n: int, *, level: float = 0.95
) -> Estimate:
    """Standardized difference of mean improvement between two groups (group minus reference), in pooled standard
    deviations.

    g = J (M1 - M0)/s_pooled, J = 1 - 3/(4 df - 1), df = n1 + n0 - 2; se^2 = (n1 + n0)/(n1 n0) + g^2/(2 (n1 + n0)).
    Hedges (1981). Raises NotEstimable with fewer than two people in a group or without variation.
    """
    if (
        min(n, reference_n) < 2
        or not np.isfinite([mean, sd, reference_mean, reference_sd]).all()
        or min(sd, reference_sd) < 0
    ):
        raise NotEstimable("a standardized difference needs two people with scores in each group; collect more")
    df = n + reference_n - 2
    pooled = np.sqrt(((n - 1) * sd**2 + (reference_n - 1) * reference_sd**2) / df)
    if pooled == 0:
        raise NotEstimable("scores do not vary within the groups; report the difference in points")
    g = (1 - 3 / (4 * df - 1)) * (mean - reference_mean) / pooled
    people = n + reference_n
    return wald(float(g), float(np.sqrt(people / (n * reference_n) + g * g / (2 * people))), level=level, n=people)


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
