"""One adjusted comparison for a question of its own: fitted, judged by the gate, and written into the question's
rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.comparison.controls import NOT_ASSESSED, check_controls, control_lines
from pipeline.analysis.comparison.diagnostics import diagnose
from pipeline.analysis.comparison.fitted import Comparison, fit
from pipeline.analysis.comparison.like_for_like import crude_difference, level_note
from pipeline.analysis.comparison.verdicts import verdict_of
from pipeline.analysis.contrasts import Contrast, Endpoint, raw_sign
from pipeline.analysis.gate import DESCRIPTIVE, NO_COMPARABLE, Refusal, refusal
from pipeline.errors import NotEstimable
from pipeline.results import Diagnostic, Result
from pipeline.stats.estimate import Estimate
from pipeline.stats.weighting.arm_means import difference
from pipeline.study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Attempt:
    """A comparison as far as it came: its diagnostics, and why it carries no number (None where it may)."""

    comparison: Comparison | None
    diagnostics: list[Diagnostic]
    refusal: Refusal | None


def attempt(
    people: pd.DataFrame,
    arms: tuple[str, ...],
    study: Study,
    question: Endpoint,
    result_id: str,
    controls: pd.DataFrame | None = None,
) -> Attempt:
    """Fits the comparison of these people's arms and puts it through the gate; two arms also before the control
    outcomes."""
    absent = [arm for arm in arms if not (people["arm"] == arm).any()]
    if absent:
        return Attempt(
            None, [], Refusal(NO_COMPARABLE, f"nobody with the outcome's baseline score is in {' and '.join(absent)}")
        )
    try:
        comparison = fit(people, arms, study, question)
        checked = check_controls(comparison, controls, study) if comparison.means and len(arms) == 2 else NOT_ASSESSED
        diagnostics = [*diagnose(comparison, study, result_id), *control_lines(checked, study, result_id)]
    except NotEstimable as why:
        return Attempt(None, [], Refusal(DESCRIPTIVE, str(why)))
    refused = refusal(diagnostics) or (None if comparison.means else Refusal(NO_COMPARABLE, comparison.failure))
    return Attempt(comparison, diagnostics, refused)


def with_estimate(row: Result, question: Endpoint, found: Estimate, **more: Any) -> Result:
    """The row with an estimate, in improvement and on the scale's own sign."""
    return replace(
        row,
        estimate=found.estimate,
        raw_estimate=raw_sign(question) * found.estimate,
        se=found.se,
        df=found.df,
        low=found.low,
        high=found.high,
        p=found.p,
        **more,
    )


def sizes(comparison: Comparison, arm: int = 1, reference: int = 0) -> dict[str, Any]:
    """How many people with the outcome stand behind a contrast of two arms, and their effective number."""
    means = comparison.means
    assert means is not None
    return {
        "n": int(means.n_observed[arm]),
        "n_reference": int(means.n_observed[reference]),
        "ess": float(min(means.ess[[reference, arm]])),
    }


def unadjusted(comparison: Comparison, question: Endpoint, arm: int = 1, reference: int = 0) -> dict[str, Any]:
    """The plain difference of everybody with the outcome at all sites, as columns of a naive twin."""
    seen = np.isfinite(comparison.outcome)
    one, other = (comparison.outcome[(comparison.codes == code) & seen] for code in (arm, reference))
    found = crude_difference(one, other)
    return {
        "estimate": found.estimate,
        "raw_estimate": raw_sign(question) * found.estimate,
        "se": found.se,
        "df": found.df,
        "low": found.low,
        "high": found.high,
        "p": found.p,
        "n": len(one),
        "n_reference": len(other),
    }


def answered(contrast: Contrast, comparison: Comparison, row: Result, study: Study) -> tuple[Estimate, Result]:
    """The contrast's difference, and the row that says it: verdict, sizes, and what bounds where and how surely it
    holds."""
    assert comparison.means is not None
    found = difference(comparison.means, 1, 0, level=contrast.level)
    note = " ".join(filter(None, (comparison.sites.sentence, level_note(contrast.level))))
    return found, with_estimate(
        row,
        contrast.question,
        found,
        verdict=verdict_of(contrast, found, comparison, study),
        gate="passed",
        note=note,
        **sizes(comparison),
    )
