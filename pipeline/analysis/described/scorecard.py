"""The scorecard: how people did at each level, as observed; never a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from pipeline.analysis.cohort import Records
from pipeline.analysis.covariates import HIGH_RISK
from pipeline.analysis.descriptive import OBSERVED, mean, share
from pipeline.analysis.frames import column_beside, rows_of
from pipeline.analysis.headline import Asking
from pipeline.choices.asked import Outcome
from pipeline.errors import NotEstimable
from pipeline.levels import is_24_hour
from pipeline.measures.library import instruments
from pipeline.results import FigurePoint, Result, Verdict
from pipeline.stats.variance_share import share_between
from pipeline.study import Study

if TYPE_CHECKING:
    import pandas as pd

POPULATION = "everybody who started new at this level"
FEWEST_EACH = 3  # measured people of a therapist, on average: with fewer the share could be almost anything


def scorecard(asking: Asking) -> Iterator[Result]:
    """One row per arm and measure: starts, severity at start, change, reliable change, retention, readmission."""
    records, study = asking.records, asking.study
    for arm in records.arms:
        people = records.people[records.people["arm"] == arm]
        where: dict[str, Any] = {"question": "M", "analysis": "scorecard", "population": POPULATION, "arm": arm}
        yield Result(
            **where, measure="starts", unit="people", target="observed", verdict=Verdict.DESCRIPTIVE, n=len(people)
        )
        if people["suicide_risk"].notna().any():
            source = str(people["suicide_risk_source"].dropna().iloc[0])
            yield share(
                (people["suicide_risk"] >= HIGH_RISK[source]).where(people["suicide_risk"].notna()),
                **where,
                measure="high_risk",
                note=f"by {source}",
            )
        for outcome in study.outcomes:
            scores = records.scores[records.scores["outcome"] == outcome.name]
            here = scores[scores["episode_id"].isin(people["episode_id"])]
            yield from score_rows(here, outcome, where)
            if outcome.name == records.main_outcome:
                yield from therapist_rows(people, here, outcome, study, where)
        yield from retention_rows(records, people, study.gate.min_recorded, where)
        yield from readmission_rows(records, study, arm, where)


def score_rows(scores: pd.DataFrame, outcome: Outcome, where: dict[str, Any]) -> Iterator[Result]:
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


def therapist_rows(
    people: pd.DataFrame, scores: pd.DataFrame, outcome: Outcome, study: Study, where: dict[str, Any]
) -> Iterator[Result]:
    """How much of what change varies by, given the first score, lies between the therapists of a site: whole percents
    without counts, of no single therapist; none where too few therapists are known, or share people."""
    if "therapist_id" not in people or not people["therapist_id"].notna().mean() >= study.gate.min_recorded:
        return
    measured = scores[scores["observed"].fillna(False).astype(bool) & scores["baseline_score"].notna()]
    seen = measured.merge(people[["episode_id", "site", "therapist_id"]].dropna(), on="episode_id")
    if len(seen) < max(FEWEST_EACH * seen["therapist_id"].nunique(), study.disclosure.threshold):
        return
    therapist, site = (seen[name].to_numpy(dtype=str) for name in ("therapist_id", "site"))
    change, first = (seen[name].to_numpy(dtype=float) for name in ("improvement", "baseline_score"))
    row = Result(
        **OBSERVED | where | {"measure": "between_therapists", "unit": "share"}, outcome=outcome.name, day=outcome.day
    )
    try:
        found = share_between(change, therapist, site, first)
    except NotEstimable:
        return
    yield row.limited(replace(found, **{name: round(getattr(found, name), 2) for name in ("estimate", "low", "high")}))


def retention_rows(
    records: Records, people: pd.DataFrame, least_known: float, where: dict[str, Any]
) -> Iterator[Result]:
    """Still in care at each day, at any level and at the level started."""
    here = rows_of(records.care_at, people) >= 0
    care = records.care_at[here & records.care_at["observable"].fillna(False).astype(bool)]
    for day, at in care.groupby("at_day", sort=True):
        left = at[at["retained"].eq(False)]
        known = (column_beside(left, records.care, "state") != "unknown").mean() if len(left) else 1.0
        placed: dict[str, Any] = where | {"measure": "retained", "day": int(day)}
        yield share(at["retained"], **placed)
        yield share(at["retained_in_level"], **placed, stratum="level started")
        if known >= least_known:
            yield share(at["dropped_out"], **(placed | {"measure": "dropped_out"}))
        else:
            yield Result(
                **(placed | {"measure": "dropped_out"}),
                target="observed",
                estimator="observed",
                verdict=Verdict.DESCRIPTIVE,
                reason=f"how care ended was written down for too few of those who left ({least_known:.0%} are needed)",
            )


def readmission_rows(records: Records, study: Study, arm: str, where: dict[str, Any]) -> Iterator[Result]:
    """Back in 24-hour care within 30 days of leaving it; only arms that are 24-hour care can be asked."""
    if not is_24_hour(study.arms[arm]):
        return
    stays = records.stays[(records.stays["arm"] == arm) & records.stays["eligible"].fillna(False).astype(bool)]
    yield share(
        stays["readmitted_30"],
        **(where | {"population": "stays in 24-hour care that ended alive and not in transfer"}),
        measure="readmitted",
        day=30,
    )
    first = stays[stays["index_episode"].fillna(False).astype(bool)]
    yield from own_readmission(first["readmitted_30"], stays["readmitted_30"], study.disclosure.threshold, where)


def own_readmission(
    own: pd.Series[bool], every: pd.Series[bool], threshold: int, where: dict[str, Any]
) -> Iterator[Result]:
    """Of the people of the row itself, how many were back within 30 days of the stay they are counted for: a whole
    percent without counts, since all stays' count beside it would else tell how many of few others came back."""
    told = round(float(own.mean()), 2) if len(own) else 0.0
    least, most = ceil((told - 0.005) * len(own)), floor((told + 0.005) * len(own))
    others = int(every.sum()) - most, int(every.sum()) - least  # how many others may have come back, given the percent
    open_ended = others[0] >= threshold or (others[0] <= 0 and others[1] >= threshold - 1)
    if open_ended and least >= threshold and len(own) - most >= threshold:
        yield Result(
            **(where | {"population": "people of this level, after the 24-hour stay they are counted for"}),
            measure="readmitted_own",
            unit="share",
            day=30,
            target="observed",
            estimator="observed",
            verdict=Verdict.DESCRIPTIVE,
            estimate=told,
        )


def quarter_starts(asking: Asking) -> Iterator[FigurePoint]:
    """How many people started in each period, by arm."""
    for (arm, period), people in asking.records.people.groupby(["arm", "period"], sort=True):
        yield FigurePoint(
            figure="quarter_starts", series=str(arm), y=float(len(people)), n=len(people), label=str(period)
        )
