"""The rows of a comparison that passed the gate: its difference, its arms, the plain difference beside it, and where
people overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.analysis.comparison.fitted import Comparison, Fitted
from pipeline.analysis.comparison.verdicts import level_note, verdict_of
from pipeline.analysis.contrasts import Contrast, Endpoint, raw_sign
from pipeline.analysis.descriptive import crude_twin
from pipeline.analysis.headline import NaiveTwin
from pipeline.errors import NotEstimable
from pipeline.results import FigurePoint, GateWord, Result, Verdict
from pipeline.stats.estimate import Estimate
from pipeline.stats.proportions import newcombe_difference
from pipeline.stats.weighting.arm_means import arm_mean, difference
from pipeline.study import Study

FEW_DIFFER = "too few people at this level differ in this outcome, so how sure its mean is cannot be told"


def answered(contrast: Contrast, comparison: Fitted, row: Result, study: Study) -> tuple[Estimate, Result]:
    """The contrast's difference, and the row that says it: verdict, sizes, and what bounds where and how surely it
    holds."""
    found = difference(comparison.means, 1, 0, level=contrast.level)
    return found, row.filled(
        found,
        sign=raw_sign(contrast.endpoint),
        verdict=verdict_of(contrast, found, comparison, study),
        gate=GateWord.PASSED,
        note=" ".join(filter(None, (comparison.holds, level_note(contrast.level), interim_note(comparison)))),
        **sizes(comparison),
    )


def interim_note(comparison: Fitted) -> str:
    """Says so where a score between the start and the window stands in for those not measured."""
    return "" if comparison.interim is None else "The last score before the window stands in for those not measured."


def sizes(comparison: Fitted) -> dict[str, Any]:
    """How many people with the outcome stand behind a contrast of two arms, and their effective number."""
    means = comparison.means
    found: dict[str, Any] = {"n": int(means.n_observed[1]), "n_reference": int(means.n_observed[0])}
    if means.events is not None:
        found |= {"events": int(means.events[1]), "events_reference": int(means.events[0])}
    return found | {"ess": float(min(means.ess[:2]))}


def sizes_of_arm(comparison: Fitted, code: int) -> dict[str, Any]:
    """The same of one arm."""
    means = comparison.means
    events = None if means.events is None else int(means.events[code])
    return {"n": int(means.n_observed[code]), "events": events, "ess": float(means.ess[code])}


def each_arm(contrast: Contrast, comparison: Fitted, row: Result, **columns: Any) -> Iterator[Result]:
    """What each arm of an answered contrast comes to, beside its row."""
    for code, arm in enumerate(comparison.arms):
        own = replace(
            row,
            measure=mean_of(contrast.endpoint),
            arm=arm,
            reference="",
            stratum=f"{contrast.arm} or {contrast.reference}",
            margin=None,
            verdict="",
            n_reference=None,
            events_reference=None,
            twin_of=row.result_id,
            note=comparison.holds,
            **sizes_of_arm(comparison, code) | columns,
        )
        yield of_arm(own, comparison, code, raw_sign(contrast.endpoint))


def of_arm(row: Result, comparison: Fitted, code: int, sign: float) -> Result:
    """The row with its arm's mean; refused where all of that arm have the same outcome."""
    try:
        return row.filled(arm_mean(comparison.means, code), sign=sign, p=None)
    except NotEstimable:  # why would say that all of them, or none, had the outcome
        return row.refused(Verdict.DESCRIPTIVE, FEW_DIFFER)


def mean_of(endpoint: Endpoint) -> str:
    """What the adjusted value of one arm is called."""
    return f"adjusted_{'mean' if endpoint.kind == 'score' else 'share'}"


def unadjusted(comparison: Comparison, endpoint: Endpoint, row: Result, twin: NaiveTwin, **more: Any) -> Result:
    """The twin with the plain difference of everybody with the outcome, at all sites."""
    seen = np.isfinite(comparison.outcome)
    one, other = (comparison.outcome[(comparison.codes == code) & seen] for code in (1, 0))
    if endpoint.kind != "share":
        return crude_twin(row, twin, one, other, sign=raw_sign(endpoint), **more)
    found = newcombe_difference(int(one.sum()), len(one), int(other.sum()), len(other))
    counts = {"events": int(one.sum()), "events_reference": int(other.sum())}
    return twin.beside(row, found, sign=raw_sign(endpoint), n=len(one), n_reference=len(other), **counts | more)


def overlap_points(comparison: Fitted, result_id: str) -> Iterator[FigurePoint]:
    """How likely each person was to start at the arm, by arm, in tenths: where the two groups overlap."""
    for code, arm in enumerate(comparison.arms):
        chance = comparison.chances[comparison.used_codes == code, 1]
        counts, edges = np.histogram(chance, bins=np.linspace(0, 1, 11))
        for n, left in zip(counts, edges, strict=False):
            yield FigurePoint(
                result_id=result_id,
                figure="overlap",
                series=arm,
                x=float(left + 0.05),
                y=float(n / counts.sum()),
                n=int(n),
            )
