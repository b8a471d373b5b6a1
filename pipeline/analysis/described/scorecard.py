"""The scorecard: how people did at each level, as observed; never a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.analysis.cohort import Records
from pipeline.analysis.covariates import HIGH_RISK
from pipeline.analysis.descriptive import DESCRIPTIVE, mean, share
from pipeline.measures.library import instruments
from pipeline.results import FigurePoint, Result
from pipeline.study import Outcome, Study

if TYPE_CHECKING:
    import pandas as pd

POPULATION = "everybody who started new at this level"


def scorecard(records: Records, study: Study) -> Iterator[Result]:
    """One row per arm and measure: starts, severity at start, change, reliable change, retention, readmission."""
    for arm in records.arms:
        people = records.people[records.people["arm"] == arm]
        where = {"question": "M", "analysis": "scorecard", "population": POPULATION, "arm": arm}
        yield Result(**where, measure="starts", unit="people", target="observed", verdict=DESCRIPTIVE, n=len(people))
        if people["suicide_risk"].notna().any():
            source = str(people["suicide_risk_source"].dropna().iloc[0])
            yield share(
                (people["suicide_risk"] >= HIGH_RISK[source]).where(people["suicide_risk"].notna()),
                **where,
                measure="high_risk",
                note=f"by {source}",
            )
        for outcome in study.outcomes:
            scores = records.scores[(records.scores["arm"] == arm) & (records.scores["outcome"] == outcome.name)]
            yield from score_rows(scores, outcome, where)
        yield from retention_rows(records, study.gate.min_recorded, arm, where)
        yield from readmission_rows(records, study, arm, where)


def score_rows(scores: pd.DataFrame, outcome: Outcome, where: dict[str, str]) -> Iterator[Result]:
    """Severity at start, change, and reliable change up and down; the share measured stands beside them."""
    falls = instruments()[outcome.instrument]["higher_is"] == "worse"
    placed = where | {"outcome": outcome.name, "day": outcome.day}
    measured = scores[scores["observed"].fillna(False).astype(bool)]
    due = scores[scores["observable"].fillna(False).astype(bool)]
    yield mean(scores["baseline_score"], **(placed | {"measure": "baseline_mean", "unit": "points", "day": 0}))
    yield share(due["observed"].fillna(False), **placed, measure="observed")
    yield mean(measured["improvement"], raw_sign=-1.0 if falls else 1.0, **placed, measure="mean_change", unit="points")
    yield share(measured["reliably_improved"], **placed, measure="reliably_improved")
    yield share(measured["reliably_deteriorated"], **placed, measure="reliably_deteriorated")
    yield share(scores["not_improvable"].where(scores["baseline_score"].notna()), **placed, measure="not_improvable")


def retention_rows(records: Records, least_known: float, arm: str, where: dict[str, str]) -> Iterator[Result]:
    """Still in care at each day, at any level and at the level started."""
    care = records.care_at[(records.care_at["arm"] == arm) & records.care_at["observable"].fillna(False).astype(bool)]
    state = records.care.set_index("episode_id")["state"]
    for day, at in care.groupby("at_day", sort=True):
        left = at[at["retained"].eq(False)]
        known = (left["episode_id"].map(state) != "unknown").mean() if len(left) else 1.0
        placed = where | {"measure": "retained", "day": int(day)}
        yield share(at["retained"], **placed)
        yield share(at["retained_in_level"], **placed, stratum="level started")
        if known >= least_known:
            yield share(at["dropped_out"], **(placed | {"measure": "dropped_out"}))
        else:
            yield Result(
                **(placed | {"measure": "dropped_out"}),
                target="observed",
                estimator="observed",
                verdict=DESCRIPTIVE,
                reason=f"how care ended was written down for too few of those who left ({least_known:.0%} are needed)",
            )


def readmission_rows(records: Records, study: Study, arm: str, where: dict[str, str]) -> Iterator[Result]:
    """Back in 24-hour care within 30 days of leaving it; only arms that are 24-hour care can be asked."""
    if not set(study.arms[arm]) & {"RES", "IP"}:
        return
    stays = records.stays[(records.stays["arm"] == arm) & records.stays["eligible"].fillna(False).astype(bool)]
    yield share(
        stays["readmitted_30"],
        **(where | {"population": "stays in 24-hour care that ended alive and not in transfer"}),
        measure="readmitted",
        day=30,
    )


def quarter_starts(records: Records) -> Iterator[FigurePoint]:
    """How many people started in each period, by arm."""
    for (arm, period), people in records.people.groupby(["arm", "period"], sort=True):
        yield FigurePoint(
            "", "quarter_starts", str(arm), None, float(len(people)), None, None, len(people), str(period)
        )
