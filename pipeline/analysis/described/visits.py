"""Visits kept, and what yes-or-no screens found week by week, as observed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipeline.analysis.cohort import Records
from pipeline.analysis.descriptive import DESCRIPTIVE, share
from pipeline.errors import NotEstimable
from pipeline.results import Result
from pipeline.stats.estimate import wald
from pipeline.study import Study

LEAST_MISSED = 0.01  # where fewer than 1 in 100 expected visits were missed, missed visits are not in the records
NOT_RECORDED = (
    "missed visits are hardly recorded here (fewer than 1 in 100), so a share of visits kept would say nothing"
)


def attendance(records: Records, study: Study) -> Iterator[Result]:
    """Share of expected visits that were kept, by arm, with limits that let a person's visits resemble each other."""
    for arm in records.arms:
        visits = records.visits[records.visits["arm"] == arm]
        kept, expected = (
            visits["kept_sessions"].to_numpy(dtype=float),
            visits["expected_sessions"].to_numpy(dtype=float),
        )
        row = {
            "question": "M",
            "analysis": "scorecard",
            "population": "everybody who started new at this level",
            "arm": arm,
            "measure": "visits_kept",
            "unit": "share",
            "day": max(study.retention.days),
            "target": "observed",
            "estimator": "observed",
            "verdict": DESCRIPTIVE,
            "n": len(visits),
        }
        if not expected.sum():
            yield Result(**row, reason="no visit was expected here")
        elif kept.sum() > (1 - LEAST_MISSED) * expected.sum():
            yield Result(**row, reason=NOT_RECORDED)
        else:
            yield visit_share(kept, expected, row)


def visit_share(kept: np.ndarray, expected: np.ndarray, row: dict[str, object]) -> Result:
    """Kept over expected visits: the people's shares weighted by how many visits each was expected at."""
    found = float(kept.sum() / expected.sum())
    try:
        spread = np.sqrt(((kept - found * expected) ** 2).sum() * len(kept) / max(len(kept) - 1, 1)) / expected.sum()
        limits = wald(found, float(spread), df=len(kept) - 1.0)
    except NotEstimable as why:
        return Result(**row, reason=str(why))
    return Result(**row, estimate=found, se=limits.se, df=limits.df, low=limits.low, high=min(limits.high, 1.0))


def screens(records: Records) -> Iterator[Result]:
    """By week of care: of the people seen, the share whose screen found something; at least, because not every week has
    a screen."""
    for (arm, instrument, week), seen in records.screens.groupby(["arm", "instrument_id", "week"], sort=True):
        yield share(
            seen["found"],
            question="M",
            analysis="screens",
            population="people with a visit or bed day in that week",
            arm=str(arm),
            outcome=str(instrument),
            measure="screen_positive",
            day=7 * int(week),
            stratum=f"week {int(week)}",
            note="at least: a week without a recorded screen counts as not found",
        )
