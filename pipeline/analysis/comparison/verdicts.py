"""From limits to a verdict, and whether the verdict survives those whose outcome was not measured."""

from collections.abc import Iterable
from functools import partial

import numpy as np

from pipeline.analysis.comparison.fitted import Fitted
from pipeline.analysis.comparison.unmeasured import plausible
from pipeline.analysis.contrasts import Contrast, Endpoint
from pipeline.results import Verdict
from pipeline.stats.estimate import LEVEL, Estimate
from pipeline.stats.robustness.noninferiority import judge
from pipeline.stats.weighting import missing
from pipeline.study import Study


def verdict_of(contrast: Contrast, found: Estimate, comparison: Fitted, study: Study) -> Verdict:
    """The verdict in the order of docs/statistics.md, Verdicts; a claim that the unmeasured could overturn is
    inconclusive, and says on what it depends."""
    if contrast.role == "exploratory":
        return Verdict.EXPLORATORY
    verdict = read_limits(contrast.endpoint, found)
    if verdict != Verdict.INCONCLUSIVE and not survives_departures(contrast, comparison, study, verdict):
        return Verdict.DEPENDS
    return verdict


def read_limits(endpoint: Endpoint, found: Estimate) -> Verdict:
    """The limits as a verdict about improvement; for a harmful event fewer is better."""
    low, high = (-found.high, -found.low) if endpoint.harm else (found.low, found.high)
    return Verdict(judge(low, high, endpoint.margin))


def survives_departures(contrast: Contrast, comparison: Fitted, study: Study, verdict: Verdict) -> bool:
    """Whether the verdict stays when the unmeasured did worse than similar people, alike and apart, as far as is
    plausible; nobody departs where everybody asked has the outcome."""
    if np.isfinite(comparison.outcome[comparison.rows]).all():
        return True
    shifts = plausible(contrast.endpoint, comparison, study.gate).departures(harm=contrast.endpoint.harm)
    return missing.stands(comparison.means, partial(keeps, contrast.endpoint, verdict), shifts, level=contrast.level)


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


def unless_turned(
    claim: Verdict, others: Iterable[float | None], *, harm: bool, margin: float | None = None
) -> Verdict:
    """The claim; TURNED where one of the other answers (estimates; None where there is none) contradicts it."""
    gains = [-other if harm else other for other in others if other is not None]
    return Verdict.TURNED if any(turns(claim, gain, margin or 0.0) for gain in gains) else claim


def turns(claim: Verdict, gain: float, margin: float) -> bool:
    """Whether another answer (improvement) lies on the other side of what is claimed: of no difference, or of the
    margin where that is all the claim excludes; its limits do not matter."""
    if claim == Verdict.BETTER:
        return gain < 0
    if claim == Verdict.NOT_WORSE:
        return gain < -margin
    if claim == Verdict.WORSE_WITHIN:
        return gain > 0 or gain < -margin
    return claim in (Verdict.WORSE, Verdict.WORSE_BEYOND) and gain > 0


def level_note(level: float) -> str:
    """Says when limits are wider than 95 % because several verdicts share one error."""
    return (
        f"The range is that of {level:.1%}, so that the verdicts of this study hold together." if level > LEVEL else ""
    )
