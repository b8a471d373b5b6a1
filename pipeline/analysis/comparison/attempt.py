"""The one way to an adjusted comparison: fit, look at the control outcomes and at every line of the gate, or refuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.analysis.comparison.controls import NOT_ASSESSED, Checked, check_controls, control_lines
from pipeline.analysis.comparison.diagnostics import diagnose
from pipeline.analysis.comparison.fitted import Fitted, Unfitted, fit
from pipeline.analysis.comparison.likeness import sharing_lines
from pipeline.analysis.contrasts import Endpoint
from pipeline.analysis.gate import Refused, refusal
from pipeline.analysis.lacking import without_start
from pipeline.errors import NotEstimable
from pipeline.results import Diagnostic, Verdict
from pipeline.study import Study

if TYPE_CHECKING:
    import pandas as pd


SAME = "too few people at these levels differ in this outcome, so how sure a difference is cannot be told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A comparison that may carry a number: what the gate looked at, and what the control outcomes say."""

    fitted: Fitted
    diagnostics: Sequence[Diagnostic]
    controls: Checked


def answerable(comparison: Fitted | Unfitted, study: Study) -> Fitted:
    """The comparison, if its people and weights pass every line of the gate.

    Raises NotEstimable with the gate's reason where they do not, or where the estimate could not be made.
    """
    refused = refusal(diagnose(comparison, study, ""))
    if refused is not None:
        raise NotEstimable(refused.reason)
    if isinstance(comparison, Unfitted):
        raise NotEstimable(comparison.reason)
    return comparison


def never_varies(comparison: Fitted) -> bool:
    """Whether everybody measured has the same outcome, so that a difference has no uncertainty that could be told."""
    seen = comparison.outcome[comparison.rows]
    return bool(np.nanmin(seen) == np.nanmax(seen))


def attempt(
    people: pd.DataFrame,
    arms: tuple[str, ...],
    study: Study,
    endpoint: Endpoint,
    result_id: str,
    controls: pd.DataFrame | None = None,
) -> Passed | Refused:
    """Fits the comparison of these people's arms and puts it through the gate; two arms also before the control
    outcomes."""
    if endpoint.source is not None and (lacking := without_start(people, arms, endpoint.source)):
        return Refused(Verdict.NO_COMPARABLE, lacking)
    try:
        comparison = fit(people, arms, study, endpoint)
        checked = NOT_ASSESSED
        if isinstance(comparison, Fitted) and len(arms) == 2:
            checked = check_controls(comparison, controls, study)
        lines = [*sharing_lines(comparison, study, result_id), *diagnose(comparison, study, result_id)]
        lines += control_lines(checked, study, result_id) if controls is not None or len(arms) == 2 else ()
    except NotEstimable as why:
        return Refused(Verdict.DESCRIPTIVE, str(why))
    refused = refusal(lines)
    if isinstance(comparison, Unfitted):
        return refused or Refused(Verdict.NO_COMPARABLE, comparison.reason, lines)
    if refused is None and never_varies(comparison):
        return Refused(Verdict.DESCRIPTIVE, SAME, lines)
    return refused or Passed(fitted=comparison, diagnostics=lines, controls=checked)
