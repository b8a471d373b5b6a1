"""From limits to a verdict, and whether the verdict survives those whose outcome was not measured."""

from functools import partial

import numpy as np

from pipeline.analysis.comparison.fitted import Comparison
from pipeline.analysis.contrasts import Contrast, Endpoint
from pipeline.stats.estimate import Estimate
from pipeline.stats.robustness.noninferiority import judge
from pipeline.stats.weighting import missing
from pipeline.study import Study

STEEPEST = 0.4  # height of the normal curve at its middle: the most people per standard deviation that lie anywhere
DEPENDS = "inconclusive: depends on those not measured"


def verdict_of(contrast: Contrast, found: Estimate, comparison: Comparison, study: Study) -> str:
    """The verdict by domain order; a claim that the unmeasured could overturn is inconclusive, and says on what it
    depends."""
    if contrast.role == "exploratory":
        return "exploratory"
    verdict = read_limits(contrast.question, found)
    if verdict != "inconclusive" and not survives_delta(contrast, comparison, study, verdict):
        return DEPENDS
    return verdict


def read_limits(question: Endpoint, found: Estimate) -> str:
    """The limits as a verdict about improvement; for a harmful event fewer is better."""
    low, high = (-found.high, -found.low) if question.harm else (found.low, found.high)
    return judge(low, high, question.margin)


def survives_delta(contrast: Contrast, comparison: Comparison, study: Study, verdict: str) -> bool:
    """Whether the verdict stays when the unmeasured of one arm did better or worse by each declared step."""
    return all(stands_at(contrast, comparison, verdict, step) for step in steps_of(contrast, comparison, study))


def steps_of(contrast: Contrast, comparison: Comparison, study: Study) -> tuple[float, ...]:
    """The declared points of the scale; for a yes-or-no outcome made of it, the share of people that so many points can
    at most move over its line, were scores normal and the line where most people are.  None where everybody asked has
    the outcome.
    """
    points = study.gate.delta_points
    if contrast.question.kind == "score":
        return tuple(points)
    here = comparison.used_people
    if np.isfinite(comparison.outcome[comparison.rows]).all() or "baseline_score" not in here:
        return ()
    sd = float(np.nanstd(here["baseline_score"].astype("float64").to_numpy(), ddof=1))
    return tuple(STEEPEST * one / sd for one in points) if sd > 0 else ()


def stands_at(contrast: Contrast, comparison: Comparison, verdict: str, points: float) -> bool:
    """Whether the verdict stays when the unmeasured of either arm did that many points better or worse than similar
    people."""
    assert comparison.means is not None
    return missing.stands_shifted(
        comparison.means, partial(keeps, contrast.question, verdict), points, level=contrast.level
    )


def tipping_point(contrast: Contrast, comparison: Comparison, verdict: str) -> float | None:
    """Smallest shift of the unmeasured of one arm, in tenths of a point, that takes the verdict away; None where 10
    points do not."""
    if verdict == "inconclusive":
        return None
    assert comparison.means is not None
    found = missing.tipping_point(comparison.means, partial(keeps, contrast.question, verdict), level=contrast.level)
    return None if found is None else round(found, 1)


def keeps(question: Endpoint, verdict: str, found: Estimate) -> bool:
    """Whether these limits still read as the verdict, or as more in the same direction."""
    return agrees(verdict, read_limits(question, found))


def agrees(verdict: str, other: str) -> bool:
    """A claim is kept where the other reading says the same or more in the same direction."""
    kept = {
        "not worse by more than the margin": {
            "not worse by more than the margin",
            "better",
            "worse, by less than the margin",
        },
        "worse, by less than the margin": {"worse, by less than the margin", "worse by more than the margin"},
        "worse": {"worse", "worse by more than the margin"},
    }
    return other in kept.get(verdict, {verdict})
