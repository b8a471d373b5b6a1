"""Staying and leaving, as observed: still in care by day, and how care ended, each ending competing with the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.headline import Asking
from pipeline.analysis.stay_ranges import RangedCurve, ranged_curve
from pipeline.endings import CAUSE_OF, GROUP_NAMES, IN_CARE
from pipeline.errors import NotEstimable
from pipeline.results import CurvePoint, Result, Verdict
from pipeline.stats.time_in_care.incidence import IncidenceCurves, aalen_johansen, incidence_at
from pipeline.stats.time_in_care.survival import at
from pipeline.study import Study

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

HORIZON = 180  # days: beyond it few programs still have people to count
STEP = 7  # curves are kept weekly, the coarsest step that still shows a shape


def retention(asking: Asking) -> Iterator[Result | CurvePoint]:
    """Still in care (Kaplan-Meier, any ending) and cumulative incidence of each ending (Aalen-Johansen), by arm."""
    records, study = asking.records, asking.study
    for arm in records.arms:
        care = records.care[(records.care["arm"] == arm) & records.care["observable"].fillna(False).astype(bool)]
        where: dict[str, Any] = {
            "question": "C4",
            "analysis": "retention",
            "arm": arm,
            "target": "observed",
            "verdict": Verdict.DESCRIPTIVE,
            "population": "everybody who started new at this level",
            "n": len(care),
        }
        try:
            # + 1: the first day out of care, so that in care at day t means a contact on day t or later
            day, latest = (care[known].to_numpy(dtype=np.int64) + 1 for known in ("care_days", "care_days_latest"))
            state = care["state"].map(CAUSE_OF).to_numpy(dtype=np.int64)
            curve = ranged_curve(day, latest, state > 0)
            endings = aalen_johansen(day, state, causes=len(GROUP_NAMES))
        except NotEstimable as why:
            yield Result(**where, measure="survival", estimator="Kaplan-Meier", reason=str(why))
            continue
        yield from still_in_care(curve, study, where)
        if reason := untold_endings(care["state"], study.gate.min_recorded):
            yield Result(**where, measure="cumulative_incidence", estimator="Aalen-Johansen", reason=reason)
        else:
            yield from how_it_ended(endings, study, where, curve.grid(STEP, HORIZON))


def untold_endings(states: pd.Series[str], least_known: float) -> str:
    """Why endings are not told of an arm: too few of those whose care ended have a known one; '' where enough do."""
    ended = states[states != IN_CARE]
    if not len(ended) or (ended != "unknown").mean() >= least_known:
        return ""
    return f"how care ended was written down for too few of those who left ({least_known:.0%} are needed)"


def still_in_care(ranged: RangedCurve, study: Study, where: dict[str, Any]) -> Iterator[Result | CurvePoint]:
    """The share still in care at the study's days, the median, and the curve at weekly steps."""
    placed: dict[str, Any] = where | {"measure": "survival", "unit": "share", "estimator": "Kaplan-Meier"}
    curve = ranged.earliest
    points = at(curve, np.array([day for day in study.retention.days if day <= curve.day[-1]], dtype=np.int64))
    for i, day in enumerate(points.day.tolist()):
        yield Result(
            **placed,
            day=day,
            estimate=points.estimate[i],
            se=points.se[i],
            low=points.low[i],
            high=points.high[i],
            level=curve.level,
            events=int(points.events[i]),
        )
    for day in study.retention.days:
        if day > curve.day[-1]:
            yield Result(**placed, day=day, reason="nobody was observed for so long; follow people longer")
    yield median_row(ranged, where)
    curve_id = Result(**placed, day=study.retention.days[-1]).result_id
    grid = ranged.grid(STEP, HORIZON)
    along = at(curve, grid)
    for i, day in enumerate(grid):
        yield CurvePoint(
            result_id=curve_id,
            arm=where["arm"],
            state="in care",
            day=int(day),
            estimate=along.estimate[i],
            low=along.low[i],
            high=along.high[i],
            at_risk=int(along.at_risk[i]),
            events=int(along.events[i]),
        )


def median_row(curve: RangedCurve, where: dict[str, Any]) -> Result:
    """Median days in care, the range of days it lies in, or why it is not reached."""
    row = Result(**where, measure="median_care_days", unit="days", estimator="Kaplan-Meier")
    try:
        return curve.placed(row)
    except NotEstimable as why:
        return replace(row, reason=str(why))


def how_it_ended(
    endings: IncidenceCurves, study: Study, where: dict[str, Any], grid: NDArray[np.int64]
) -> Iterator[Result | CurvePoint]:
    """Share of people whose care had ended in each way by the last day, and the curves; the shares add up with those in
    care."""
    last = min(max(study.retention.days), int(endings.day[-1]))
    points, along = incidence_at(endings, np.array([last])), incidence_at(endings, grid)
    for j, state in enumerate(GROUP_NAMES):
        row = Result(
            **where,
            measure="cumulative_incidence",
            unit="share",
            estimator="Aalen-Johansen",
            stratum=state,
            day=last,
            estimate=points.estimate[0, j],
            se=points.se[0, j],
            low=points.low[0, j],
            high=points.high[0, j],
            level=endings.level,
            events=int(points.events[0, j]),
        )
        yield row
        for i, day in enumerate(grid):
            yield CurvePoint(
                result_id=row.result_id,
                arm=where["arm"],
                state=state,
                day=int(day),
                estimate=along.estimate[i, j],
                low=along.low[i, j],
                high=along.high[i, j],
                at_risk=int(along.at_risk[i]),
                events=int(along.events[i, j]),
            )
