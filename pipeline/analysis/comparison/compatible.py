"""What an answer without a verdict still says: what the records are compatible with, what they rule out, and how many
more people measured would narrow it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pipeline.analysis.comparison.adjusted import sizes
from pipeline.analysis.comparison.borrowing import borrowed_rows
from pipeline.analysis.comparison.fitted import Fitted
from pipeline.analysis.comparison.unmeasured import plausible
from pipeline.analysis.comparison.verdicts import read_limits
from pipeline.analysis.contrasts import Contrast
from pipeline.results import Result, Verdict
from pipeline.stats.estimate import Estimate
from pipeline.stats.robustness.compatibility import more_people, narrower, ruled_out
from pipeline.stats.weighting import missing
from pipeline.stats.weighting.arm_means import difference
from pipeline.study import Study

MONTH = 30.44  # days
FARTHEST = 120  # months: nobody plans beyond
SETTLED_BY_SHARE = "a larger share of people measured would narrow it, not more people"
MORE = "more people"
UNMEASURED = "allowing for those not measured"


def compatible_rows(
    contrast: Contrast, comparison: Fitted, study: Study, found: Estimate, row: Result
) -> Iterator[Result]:
    """Rows of an answer that draws no verdict: what these records are compatible with, those not measured being as far
    from similar people as is plausible; what is ruled out then; and what would narrow the limits.

    Nothing where the limits say who did better, or that one did not worse, and nobody unmeasured could overturn it.
    """
    settled = read_limits(contrast.endpoint, found) != Verdict.INCONCLUSIVE
    if row.verdict != Verdict.DEPENDS and (settled or row.verdict == Verdict.TURNED):
        return
    yield from told(contrast, comparison, study, found, beneath(row))


def beneath(row: Result) -> Result:
    """A row beneath an answer, without the events that only its own estimate needs."""
    return row.beneath(margin=None, events=None, events_reference=None)


def of_too_few(contrast: Contrast, comparison: Fitted, study: Study, row: Result) -> Iterator[Result]:
    """The same where the answer is withheld for nothing but its size (limits of few people are wide, and still limits),
    and the answer that borrows where the study declares what."""
    found = difference(comparison.means, 1, 0, level=contrast.level)
    blank = beneath(replace(row, **sizes(comparison)))
    yield from told(contrast, comparison, study, found, blank)
    yield from borrowed_rows(contrast, comparison, study, found, blank)


def told(contrast: Contrast, comparison: Fitted, study: Study, found: Estimate, blank: Result) -> Iterator[Result]:
    """The rows, each of one number."""
    low, high = envelope(contrast, comparison, study, found)
    note = UNMEASURED if (low, high) != (found.low, found.high) else ""
    yield replace(blank, measure="compatible_low", estimate=low, note=note)
    yield replace(blank, measure="compatible_high", estimate=high, note=note)
    yield replace(blank, measure="ruled_out", estimate=ruled_out(low, high))
    if read_limits(contrast.endpoint, found) != Verdict.INCONCLUSIVE and note:
        yield replace(blank, measure="people_to_narrow", unit=MORE, note=SETTLED_BY_SHARE)
        return
    yield from narrowing(contrast, comparison, (found.high - found.low) / 2, blank)


def narrowing(contrast: Contrast, comparison: Fitted, half: float, blank: Result) -> Iterator[Result]:
    """A narrower range, how many more people measured it takes, and in how many months so many are at the present pace:
    the narrowest worth having that is reached before FARTHEST, else the nearest."""
    measured, pace = int(comparison.means.n_observed.sum()), measured_per_month(comparison)
    targets = narrower(half, contrast.endpoint.margin)
    reached = [one for one in targets if more_people(measured, half, one) <= pace * FARTHEST]
    target = reached[0] if reached else targets[-1]
    more = more_people(measured, half, target)
    yield replace(blank, measure="narrower_limits", estimate=target)
    yield replace(blank, measure="people_to_narrow", unit=MORE, estimate=float(more))
    if np.isfinite(pace):
        yield replace(blank, measure="months_to_narrow", unit="months", estimate=float(np.ceil(more / pace)))


def measured_per_month(comparison: Fitted) -> float:
    """How many people a month are measured, of those who started while this comparison's people did; infinite where
    they all started within one month, which shows no pace."""
    days = comparison.used_people["start_day"].to_numpy(dtype=np.float64)
    spanned = float(np.nanmax(days) - np.nanmin(days) + 1) / MONTH
    return float(comparison.means.n_observed.sum()) / spanned if spanned > 1 else np.inf


def envelope(contrast: Contrast, comparison: Fitted, study: Study, found: Estimate) -> tuple[float, float]:
    """The lowest and the highest limit, of the answer itself and of those where the unmeasured are as far from similar
    people as is plausible."""
    every = [found]
    if not np.isfinite(comparison.outcome[comparison.rows]).all():
        shifts = plausible(contrast.endpoint, comparison, study.gate).departures(harm=contrast.endpoint.harm)
        adjusted = (missing.delta_adjust(comparison.means, shift) for shift in shifts)
        every += [difference(one, 1, 0, level=contrast.level) for one in adjusted]
    return min(one.low for one in every), max(one.high for one in every)
