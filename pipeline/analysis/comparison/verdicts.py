"""From limits to a verdict, and whether the verdict survives those whose outcome was not measured."""

from collections.abc import Iterable
from functools import partial

import numpy as np

from pipeline.analysis.comparison.fitted import Fitted, start_sd
from pipeline.analysis.contrasts import Contrast, Endpoint
from pipeline.results import Verdict
from pipeline.stats.estimate import Estimate
from pipeline.stats.robustness.noninferiority import judge
from pipeline.stats.weighting import missing
from pipeline.study import Gate, Study

FARTHEST = 2.0  # SD: farther than that nobody would believe similar people to differ
STEPS = 50  # in one SD
STEEPEST = 0.4  # height of the normal curve at its middle: the most people per standard deviation that lie anywhere


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
    shifts = plausible_departures(contrast.endpoint, standard_deviation(comparison), study.gate)
    return missing.stands(comparison.means, partial(keeps, contrast.endpoint, verdict), shifts, level=contrast.level)


def plausible_departures(endpoint: Endpoint, sd: float, gate: Gate) -> np.ndarray:
    """(m, 2) how much worse the unmeasured of the reference and of the arm did, in the outcome's unit.

    Both alike by each of delta_alike SD, and on top of each either one arm by a margin, or delta_apart SD where there
    is none.  For a yes-or-no outcome made of a score, the share of people that such a shift can at most move over its
    line: were scores normal, and the line where most people are.
    """
    unit = sd if endpoint.kind == "score" else STEEPEST
    apart = endpoint.margin or gate.delta_apart * unit
    worse = missing.departures([unit * one for one in gate.delta_alike], apart, arms=2)
    return -worse if endpoint.harm else worse


def standard_deviation(comparison: Fitted) -> float:
    """SD of the score at the start, else of the outcome itself."""
    sd = start_sd(comparison)
    return float(np.nanstd(comparison.outcome[comparison.rows], ddof=1)) if np.isnan(sd) else sd


def tipping_point(contrast: Contrast, comparison: Fitted, verdict: Verdict) -> float | None:
    """Smallest shift of the unmeasured of one arm that takes the verdict away, in the outcome's unit; None where
    FARTHEST SD do not."""
    if verdict == Verdict.INCONCLUSIVE:
        return None
    sd = standard_deviation(comparison)
    if not sd > 0:
        return None
    reads = partial(keeps, contrast.endpoint, verdict)
    found = missing.tipping_point(comparison.means, reads, level=contrast.level, largest=FARTHEST * sd, step=sd / STEPS)
    return None if found is None else float(f"{found:.2g}")


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
    """Says when limits are wider than 95 % because several verdicts are read together."""
    return f"Limits hold together with the study's other verdicts ({level:.1%} each)." if level > 0.95 else ""
