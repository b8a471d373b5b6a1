"""From limits to a verdict, and whether the verdict survives those whose outcome was not measured."""

import numpy as np

from pipeline.analysis.asked import Contrast, Question
from pipeline.analysis.contrast import Comparison
from pipeline.stats.arm_means import difference
from pipeline.stats.estimate import Estimate
from pipeline.stats.missing import delta_adjust
from pipeline.stats.noninferiority import improvement_limits, judge
from pipeline.study import Study

DEPENDS = "inconclusive: depends on those not measured"


def verdict_of(contrast: Contrast, found: Estimate, comparison: Comparison, study: Study) -> str:
    """The verdict by domain order; a claim that the unmeasured could overturn is inconclusive, and says on what it depends."""
    if contrast.role == "exploratory":
        return "exploratory"
    verdict = read_limits(contrast.question, found)
    if verdict != "inconclusive" and not survives_delta(contrast, comparison, study, verdict):
        return DEPENDS
    return verdict


def read_limits(question: Question, found: Estimate) -> str:
    """The limits as a verdict about improvement; for a harmful event fewer is better."""
    low, high = improvement_limits(found.low, found.high) if question.harm else (found.low, found.high)
    return judge(low, high, question.margin)


def survives_delta(contrast: Contrast, comparison: Comparison, study: Study, verdict: str) -> bool:
    """Whether the verdict stays the same when the unmeasured of one arm did better or worse by each declared step.

    Steps are points of the scale; for a yes-or-no outcome no such step exists, and everybody asked has it.
    """
    if contrast.question.kind != "score" or comparison.means is None:
        return True
    for step in study.gate.delta_points:
        for arm in (0, 1):
            for sign in (-1.0, 1.0):
                shifted = delta_adjust(comparison.means, np.eye(2)[arm] * sign * step)
                if not agrees(verdict, read_limits(contrast.question, difference(shifted, 1, 0, level=contrast.level))):
                    return False
    return True


def agrees(verdict: str, other: str) -> bool:
    """A claim is kept where the other reading says the same or more in the same direction."""
    kept = {"not worse by more than the margin": {"not worse by more than the margin", "better", "worse, by less than the margin"},
            "worse, by less than the margin": {"worse, by less than the margin", "worse by more than the margin"},
            "worse": {"worse", "worse by more than the margin"}}
    return other in kept.get(verdict, {verdict})
