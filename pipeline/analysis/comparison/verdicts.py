"""From limits to a verdict, and whether the verdict survives those whose outcome was not measured."""

from functools import partial

import numpy as np

from pipeline.analysis.comparison.fitted import Fitted
from pipeline.analysis.contrasts import Contrast, Endpoint
from pipeline.results import Verdict
from pipeline.stats.estimate import Estimate
from pipeline.stats.robustness.noninferiority import judge
from pipeline.stats.weighting import missing
from pipeline.study import Study

STEEPEST = 0.4  # height of the normal curve at its middle: the most people per standard deviation that lie anywhere


def verdict_of(contrast: Contrast, found: Estimate, comparison: Fitted, study: Study) -> Verdict:
    """The verdict in the order of docs/statistics.md, Verdicts; a claim that the unmeasured could overturn is
    inconclusive, and says on what it depends."""
    if contrast.role == "exploratory":
        return Verdict.EXPLORATORY
    verdict = read_limits(contrast.endpoint, found)
    if verdict != Verdict.INCONCLUSIVE and not survives_delta(contrast, comparison, study, verdict):
        return Verdict.DEPENDS
    return verdict


def read_limits(endpoint: Endpoint, found: Estimate) -> Verdict:
    """The limits as a verdict about improvement; for a harmful event fewer is better."""
    low, high = (-found.high, -found.low) if endpoint.harm else (found.low, found.high)
    return Verdict(judge(low, high, endpoint.margin))


def survives_delta(contrast: Contrast, comparison: Fitted, study: Study, verdict: Verdict) -> bool:
    """Whether the verdict stays when the unmeasured of one arm did better or worse by each declared step."""
    return all(stands_at(contrast, comparison, verdict, step) for step in steps_of(contrast, comparison, study))


def steps_of(contrast: Contrast, comparison: Fitted, study: Study) -> tuple[float, ...]:
    """The declared points of the scale; for a yes-or-no outcome made of it, the share of people that so many points can
    at most move over its line, were scores normal and the line where most people are.  None where everybody asked has
    the outcome.
    """
    points = study.gate.delta_points
    if contrast.endpoint.kind == "score":
        return tuple(points)
    here = comparison.used_people
    if np.isfinite(comparison.outcome[comparison.rows]).all() or "baseline_score" not in here:
        return ()
    sd = float(np.nanstd(here["baseline_score"].astype("float64").to_numpy(), ddof=1))
    return tuple(STEEPEST * one / sd for one in points) if sd > 0 else ()


def stands_at(contrast: Contrast, comparison: Fitted, verdict: Verdict, points: float) -> bool:
    """Whether the verdict stays when the unmeasured of either arm did that many points better or worse than similar
    people."""
    return missing.stands_shifted(
        comparison.means, partial(keeps, contrast.endpoint, verdict), points, level=contrast.level
    )


def tipping_point(contrast: Contrast, comparison: Fitted, verdict: Verdict) -> float | None:
    """Smallest shift of the unmeasured of one arm, in tenths of a point, that takes the verdict away; None where 10
    points do not."""
    if verdict == Verdict.INCONCLUSIVE:
        return None
    found = missing.tipping_point(comparison.means, partial(keeps, contrast.endpoint, verdict), level=contrast.level)
    return None if found is None else round(found, 1)


def keeps(endpoint: Endpoint, verdict: Verdict, found: Estimate) -> bool:
    """Whether these limits still read as the verdict, or as more in the same direction."""
    return agrees(verdict, read_limits(endpoint, found))


def agrees(verdict: Verdict, other: Verdict) -> bool:
    """A claim is kept where the other reading says the same or more in the same direction."""
    worse = {Verdict.WORSE_WITHIN, Verdict.WORSE_BEYOND}
    kept = {
        Verdict.NOT_WORSE: {Verdict.NOT_WORSE, Verdict.BETTER, Verdict.WORSE_WITHIN},
        Verdict.WORSE_WITHIN: worse,
        Verdict.WORSE: {Verdict.WORSE, Verdict.WORSE_BEYOND},
    }
    return other in kept.get(verdict, {verdict})


def level_note(level: float) -> str:
    """Says when limits are wider than 95 % because several verdicts are read together."""
    return f"Limits hold together with the study's other verdicts ({level:.1%} each)." if level > 0.95 else ""
