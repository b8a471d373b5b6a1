"""The one way to an adjusted comparison: fit, look at the control outcomes and at every line of the gate, or refuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from pipeline.analysis.comparison.controls import NOT_ASSESSED, Checked, check_controls, control_lines
from pipeline.analysis.comparison.diagnostics import diagnose, recorded_lines
from pipeline.analysis.comparison.fitted import Comparison, Fitted, Unfitted, fit
from pipeline.analysis.comparison.likeness import sharing_lines
from pipeline.analysis.contrasts import Endpoint
from pipeline.analysis.gate import LINES, Refused, refusal
from pipeline.analysis.lacking import without_start
from pipeline.errors import NotEstimable
from pipeline.results import Diagnostic, Verdict
from pipeline.study import Study

if TYPE_CHECKING:
    import pandas as pd


SIZE = (
    "observed_n",
    "effective_size",
    "max_person_share",
)  # lines that ask how many there are, not whether they compare
LEAST_EFFECTIVE = 10.0  # effective people in each arm: limits of fewer were not simulated
SAME = "too few people at these levels differ in this outcome, so how sure a difference is cannot be told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A comparison that may carry a number: what the gate looked at, and what the control outcomes say."""

    fitted: Fitted
    diagnostics: Sequence[Diagnostic]
    controls: Checked


@dataclass(frozen=True, slots=True, kw_only=True)
class TooFew(Refused):
    """A comparison that is withheld for nothing but its size: people compare, and its limits, however wide, are
    limits."""

    fitted: Fitted


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


def well_recorded(comparison: Comparison, study: Study) -> bool:
    """Whether the confounders are recorded well enough for an answer, as is known before anything is fitted."""
    return all(line.passed for line in recorded_lines(comparison, study, ""))


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
        comparison = fit(people, arms, study, endpoint, read=partial(well_recorded, study=study))
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
    if refused is not None:
        return too_few(refused, comparison, study) or refused
    return Passed(fitted=comparison, diagnostics=lines, controls=checked)


def too_few(refused: Refused, comparison: Fitted, study: Study) -> TooFew | None:
    """The refusal of a comparison that fails lines of size alone; None where it fails another, where an arm has fewer
    measured people than may be shown or LEAST_EFFECTIVE, or where their outcome does not vary."""
    failed = {line.check for line in refused.diagnostics if line.check in LINES and not line.passed}
    enough = int(comparison.means.n_observed.min()) >= study.disclosure.threshold
    enough = enough and float(comparison.means.ess.min()) >= LEAST_EFFECTIVE
    if not failed <= set(SIZE) or not enough or never_varies(comparison):
        return None
    return TooFew(refused.verdict, refused.reason, refused.diagnostics, fitted=comparison)
