"""Negative controls: outcomes that no level of care can change.  Where they differ after weighting, so does something
unseen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.analysis.comparison.fitted import Fitted
from pipeline.analysis.comparison.robustness import baseline_sd
from pipeline.analysis.contrasts import Contrast
from pipeline.errors import NotEstimable
from pipeline.results import Diagnostic, Result
from pipeline.stats.weighting.arm_means import difference, risk_ratio
from pipeline.stats.weighting.control_effects import ControlEffects, control_effects
from pipeline.stats.weighting.missing import observation_weights
from pipeline.stats.weighting.negative_controls import (
    FEWEST,
    SystematicError,
    calibrate,
    expected_absolute_systematic_error,
    systematic_error,
)
from pipeline.study import Study

if TYPE_CHECKING:
    import pandas as pd

POINTS_TO_LOG_RATIO = (
    0.91  # a difference of one SD is about a log risk ratio of 0.91 (Chinn 2000; VanderWeele & Ding 2017)
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the control outcomes say about one comparison.

    names    control outcomes with enough events in both arms
    effects  their log risk ratios
    error    the model of the comparison's systematic error; None where fewer than ten controls can be used
    """

    names: tuple[str, ...]
    effects: ControlEffects
    error: SystematicError | None


NONE = np.zeros(0)
NOT_ASSESSED = Checked((), ControlEffects(NONE, NONE, NONE, NONE.astype(bool), NONE.astype(np.int64)), None)


def check_controls(comparison: Fitted, controls: pd.DataFrame | None, study: Study) -> Checked:
    """Every control outcome compared between the same people with the same weights, those looked up standing in for the
    others."""
    codes = comparison.used_codes
    if controls is None:
        return NOT_ASSESSED
    values = controls.reindex(comparison.used_people["episode_id"]).to_numpy(dtype=np.float64)
    looked_up = np.isfinite(values).any(axis=1)
    if min(looked_up[codes == arm].sum() for arm in (0, 1)) == 0:
        return NOT_ASSESSED
    site = np.unique(comparison.site[comparison.rows], return_inverse=True)[1]
    seen = observation_weights(
        comparison.design.values,
        codes,
        looked_up,
        groups=site,
        max_weight=study.gate.max_observation_weight,
        own_slopes=True,
    )
    sites = (site[:, None] == np.arange(1, site.max() + 1)).astype(float)
    found = control_effects(
        values,
        codes,
        comparison.means.balancing * seen.weights,
        covariates=np.column_stack([comparison.design.values, sites]),
        chance=comparison.chances[:, 1],
    )
    names = tuple(str(name) for name in controls.columns[found.usable])
    return Checked(names, found, error_of(found))


def error_of(found: ControlEffects) -> SystematicError | None:
    """The error model; None where too few controls can be used, so that it is not assessed."""
    if found.usable.sum() < FEWEST:
        return None
    return systematic_error(found.log_ratio[found.usable], found.se[found.usable])


def control_lines(checked: Checked, study: Study, result_id: str) -> Iterator[Diagnostic]:
    """How many controls there are, each one's log risk ratio before and after weighting, and the expected size of the
    error."""
    usable = checked.effects.usable
    yield Diagnostic(
        result_id=result_id,
        check="controls",
        covariate="outcomes that no level of care can change",
        after=float(len(checked.names)),
        threshold=float(FEWEST),
        passed=checked.error is not None,
    )
    for name, before, after in zip(
        checked.names, checked.effects.crude[usable], checked.effects.log_ratio[usable], strict=True
    ):
        yield Diagnostic(
            result_id=result_id,
            check="control_outcome",
            covariate=name.replace("_", " "),
            before=float(before),
            after=float(after),
            passed=True,
        )
    if checked.error is not None:
        size = expected_absolute_systematic_error(checked.error)
        yield Diagnostic(
            result_id=result_id,
            check="negative_controls",
            covariate="expected systematic error, log risk ratio",
            after=size,
            threshold=study.gate.max_systematic_error,
            passed=size < study.gate.max_systematic_error,
        )


def calibrated_rows(contrast: Contrast, comparison: Fitted, checked: Checked, row: Result) -> Iterator[Result]:
    """The answer with limits that allow for the error the controls show: one sensitivity row, none where it is not
    assessed."""
    if checked.error is None:
        return
    made = calibrated_share if contrast.endpoint.kind == "share" else calibrated_points
    varied = "calibrated by negative controls"
    blank = row.beneath(margin=None, varied=varied, events=None, events_reference=None, note=row.note)
    try:
        yield made(contrast, comparison, checked.error, blank)
    except NotEstimable as why:
        yield replace(blank, reason=str(why))


def calibrated_share(contrast: Contrast, comparison: Fitted, error: SystematicError, blank: Result) -> Result:
    """The risk ratio with calibrated limits."""
    ratio = risk_ratio(comparison.means, 1, 0, level=contrast.level)
    found = calibrate(float(np.log(ratio.estimate)), ratio.se, error, level=contrast.level)
    estimate, low, high = np.exp([found.estimate, found.low, found.high]).tolist()
    return replace(
        blank,
        measure="risk_ratio",
        unit="ratio",
        estimate=estimate,
        se=found.se,
        df=found.df,
        low=low,
        high=high,
        level=contrast.level,
        p=found.p,
        note="the error that the control outcomes show is taken off and its spread is added to the range",
    )


def calibrated_points(contrast: Contrast, comparison: Fitted, error: SystematicError, blank: Result) -> Result:
    """The difference in points with calibrated limits, the error carried over from log risk ratios by the SD at
    start."""
    sd = baseline_sd(comparison)
    if sd is None:
        raise NotEstimable("the score at start does not vary, so an error on another scale cannot be carried to points")
    per_point = POINTS_TO_LOG_RATIO / sd
    found = difference(comparison.means, 1, 0, level=contrast.level)
    moved = calibrate(found.estimate * per_point, found.se * per_point, error, level=contrast.level)
    estimate, se, low, high = (value / per_point for value in (moved.estimate, moved.se, moved.low, moved.high))
    return replace(
        blank,
        estimate=estimate,
        se=se,
        df=moved.df,
        low=low,
        high=high,
        level=contrast.level,
        p=moved.p,
        note=(
            "the error that the control outcomes show, carried to points by the spread at start, is taken off and its "
            "spread is added to the range"
        ),
    )
