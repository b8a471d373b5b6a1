"""How an answer reads at face value and at the plausible limit, and how far those not measured would have to be from
similar people for it to read otherwise."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from pipeline.analysis.comparison.fitted import Fitted
from pipeline.analysis.comparison.unmeasured import Plausible, plausible, standard_deviation
from pipeline.analysis.comparison.verdicts import keeps, read_limits
from pipeline.analysis.contrasts import Contrast, raw_sign
from pipeline.results import Result, Verdict
from pipeline.stats.estimate import Estimate
from pipeline.stats.weighting import missing
from pipeline.stats.weighting.arm_means import difference
from pipeline.study import Study

FARTHEST = 2.0  # SD: farther than that nobody would believe similar people to differ
STEPS = 50  # in one SD
MOST_TIMES, TIMES_STEP = 10.0, 0.1  # of what is plausible
OWN_RECORDS = "by what these records show of those not measured"
BY_LATE = "by how much worse those did who were measured late or only after reminders"
BY_RULE = "by the default rule, for want of scores before the window"


def tipping_rows(
    contrast: Contrast, comparison: Fitted, study: Study, found: Estimate, blank: Result
) -> Iterator[Result]:
    """The reading of the limits as they are, the reading where the unmeasured are as far from similar people as is
    plausible, what is plausible, and for a claim what would take it away: in points, in SD, and as a multiple of the
    plausible.  Nothing where everybody is measured."""
    sd = standard_deviation(comparison)
    if np.isfinite(comparison.outcome[comparison.rows]).all() or not sd > 0:
        return
    claim, sign = read_limits(contrast.endpoint, found), raw_sign(contrast.endpoint)
    limit = plausible(contrast.endpoint, comparison, study.gate)
    worst = at_the_limit(contrast, comparison, limit, claim)
    yield replace(blank, measure="at_face_value", stratum=claim).filled(found, sign=sign)
    read = read_limits(contrast.endpoint, worst)
    yield replace(blank, measure="at_plausible_limit", stratum=read).filled(worst, sign=sign)
    by = BY_LATE if limit.late else OWN_RECORDS if limit.from_records else BY_RULE
    farthest = max(limit.alike, default=0.0) / sd
    yield replace(blank, measure="plausible_departure", unit="SD", estimate=farthest, note=by)
    if claim == Verdict.INCONCLUSIVE:
        return
    tips = tipping_point(contrast, comparison, claim)
    if tips is not None:
        words = "by which those not measured in one arm would have to differ from similar people"
        yield replace(blank, measure="tipping_point", estimate=tips, stratum=claim, note=f"points {words}")
        in_sd = float(f"{tips / sd:.2g}")
        yield replace(blank, measure="tipping_point_sd", unit="SD", estimate=in_sd, stratum=claim, note=f"SD {words}")
    times = tipping_multiple(contrast, comparison, limit, claim)
    yield replace(blank, measure="tipping_multiple", unit="times the plausible", estimate=times, stratum=claim, note=by)


def at_the_limit(contrast: Contrast, comparison: Fitted, limit: Plausible, claim: Verdict) -> Estimate:
    """The difference under the plausible departure that is hardest on the claim: one that takes it away where there is
    one; where nothing is claimed, that under which the arm does worst."""
    endpoint = contrast.endpoint
    found = [
        difference(missing.delta_adjust(comparison.means, shift), 1, 0, level=contrast.level)
        for shift in limit.departures(harm=endpoint.harm)
    ]
    broken = [one for one in found if claim != Verdict.INCONCLUSIVE and not keeps(endpoint, claim, one)]
    hardest = broken or found
    worse = claim in (Verdict.WORSE, Verdict.WORSE_WITHIN, Verdict.WORSE_BEYOND)
    return max(hardest, key=lambda one: one.high if worse is not endpoint.harm else -one.low)


def tipping_multiple(contrast: Contrast, comparison: Fitted, limit: Plausible, claim: Verdict) -> float:
    """The smallest multiple of the plausible departures that takes the claim away; MOST_TIMES where no less does."""
    reads, endpoint = partial(keeps, contrast.endpoint, claim), contrast.endpoint
    for step in range(1, round(MOST_TIMES / TIMES_STEP)):
        shifts = limit.departures(step * TIMES_STEP, harm=endpoint.harm)
        if not missing.stands(comparison.means, reads, shifts, level=contrast.level):
            return round(step * TIMES_STEP, 1)
    return MOST_TIMES


def tipping_point(contrast: Contrast, comparison: Fitted, verdict: Verdict) -> float | None:
    """Smallest shift of the unmeasured of one arm that takes the verdict away, in the outcome's unit; None where
    FARTHEST SD do not."""
    sd = standard_deviation(comparison)
    reads = partial(keeps, contrast.endpoint, verdict)
    found = missing.tipping_point(comparison.means, reads, level=contrast.level, largest=FARTHEST * sd, step=sd / STEPS)
    return None if found is None else float(f"{found:.2g}")
