"""How fast people leave, beside how many do: ratios of paces of leaving early where they stay the same, days in care,
and courses of staying."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pipeline.analysis.cohort import Records
from pipeline.analysis.comparison.fitted import Fitted, coded_target, estimate
from pipeline.analysis.contrasts import Contrast
from pipeline.analysis.frames import column_beside
from pipeline.analysis.headline import NaiveTwin
from pipeline.endings import DROPPED_OUT, GROUP_OF, IN_CARE
from pipeline.errors import NotEstimable
from pipeline.results import CurvePoint, GateWord, Result, Verdict
from pipeline.stats.estimate import Estimate
from pipeline.stats.hazards.cox import CoxFit, cox
from pipeline.stats.hazards.fine_gray import fine_gray
from pipeline.stats.hazards.hazard_ratio import hazard_ratio
from pipeline.stats.hazards.proportionality import proportional_hazards_test
from pipeline.stats.time_in_care.adjusted_stays import AdjustedStays, adjusted_stays, course_test, still_there
from pipeline.stats.time_in_care.log_rank import GrayTest, LogRank, gray_test, log_rank
from pipeline.stats.weighting.arm_means import difference
from pipeline.study import Study

CHANGES = 0.05  # of the test that a ratio stays the same
NOT_ONE = "the ratio changes over the stay, so that one number would mislead; days in care say what it comes to"
COX = "Pace of leaving early among those still in care; weighted like the answer, its weights taken as given"
FINE_GRAY = "The same with those whose care ended otherwise kept in the count, as they can no longer leave early"
DAYS = "Until the first day out of care for whatever reason, and no longer than the day of the answer"
AS_THEY_ARE = "Everybody as they are: it also sees that the sicker start at one level, and how soon they leave"
COURSES = NaiveTwin("log-rank, unweighted", AS_THEY_ARE)
ENDINGS = NaiveTwin("Gray's test, unweighted", AS_THEY_ARE)
LEFT, OTHERWISE = 1, 2  # causes
STAYING, WEEK = "staying", 7
SIMILAR = "similar people in care"  # state of the curves: no head count stands beside them


@dataclass(frozen=True, slots=True)
class Stays:
    """People of a comparison: day (n,) first out of care, cut off at the answer's day, and cause (n,), 0 still in."""

    day: np.ndarray
    cause: np.ndarray


def pace_rows(contrast: Contrast, comparison: Fitted, records: Records, study: Study, row: Result) -> Iterator[Result]:
    """Cox and Fine-Gray ratios of leaving early, and the difference in days in care, all exploratory, of the people and
    with the weights of an answer on leaving early that passed the gate; and Gray's test without weights.

    A ratio that changes over the stay (Grambsch & Therneau) is withheld.
    """
    if not contrast.endpoint.harm or contrast.endpoint.source is not None:
        return
    stays = stays_of(comparison, records, contrast.endpoint.day)
    blank = replace(row.blank().beneath(verdict=Verdict.EXPLORATORY, margin=None, ess=None), gate=GateWord.PASSED)
    ratio = replace(blank, measure="hazard_ratio", unit="ratio")
    try:
        fitted = by_cox(comparison, stays)
        if proportional_hazards_test(fitted).global_p < CHANGES:
            raise NotEstimable(NOT_ONE)
        df = comparison.means.df
        yield replace(ratio, estimator="Cox", note=COX).filled(hazard_ratio(fitted, 0, df=df), sign=None)
        yield replace(ratio, estimator="Fine-Gray", note=FINE_GRAY).filled(by_fine_gray(comparison, stays), sign=None)
    except NotEstimable as why:
        yield replace(ratio, estimator="Cox").refused(Verdict.DESCRIPTIVE, str(why))
    days = difference(
        estimate(replace(comparison, outcome=stays.day.astype(float)), study, comparison.design.values), 1, 0
    )
    yield replace(blank, measure="rmst_difference", unit="days", note=DAYS).filled(days, sign=None)
    here, codes = comparison.rows, comparison.used_codes
    yield as_they_are(ENDINGS, row, lambda: gray_test(stays.day[here], stays.cause[here], codes, of=LEFT))


def as_they_are(twin: NaiveTwin, row: Result, test: Callable[[], LogRank | GrayTest]) -> Result:
    """The course of the same people without weights, or why it could not be tested."""
    one = twin.beside(row, measure="course_test", unit="")
    try:
        found = test()
    except NotEstimable as why:
        return replace(one, note=f"{twin.why}. It could not be made here: {why}")
    return replace(one, p=found.p, df=float(found.df))


def stays_of(comparison: Fitted, records: Records, last: int) -> Stays:
    """The stays of everybody who could be asked; all were seen to the answer's day and the silence after it."""
    days = column_beside(comparison.people, records.care, "care_days").to_numpy(dtype=np.float64)
    state = column_beside(comparison.people, records.care, "state")
    left = state.map(GROUP_OF).eq(DROPPED_OUT).to_numpy(dtype=bool)
    ended = (days < last) & state.ne(IN_CARE).to_numpy(dtype=bool)
    day = np.minimum(days + 1, last).astype(np.int64)
    return Stays(day, np.where(ended, np.where(left, LEFT, OTHERWISE), 0))


def by_cox(comparison: Fitted, stays: Stays) -> CoxFit:
    """Cox with the arm alone, weighted like the answer."""
    here, weights, arm, cluster = weighed(comparison)
    return cox(stays.day[here], stays.cause[here] == LEFT, arm, weights=weights, kind="probability", cluster=cluster)


def by_fine_gray(comparison: Fitted, stays: Stays) -> Estimate:
    """The same of those who have left early so far, other endings competing."""
    here, weights, arm, cluster = weighed(comparison)
    fitted = fine_gray(
        stays.day[here], stays.cause[here], arm, of=LEFT, weights=weights, kind="probability", cluster=cluster
    )
    return hazard_ratio(fitted, 0, df=comparison.means.df)


def weighed(comparison: Fitted) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Places of those with a weight among all people, the weights, which add up to the effective sample so that tests
    may read them as people, arms and clusters: sites, or who belongs together within few of them."""
    given = comparison.means.balancing
    some = given > 0
    own = comparison.clusters.codes
    sites = comparison.site[comparison.rows]
    by_person = np.arange(given.size) if own is None else own
    cluster = by_person if comparison.means.inference == "person" else sites
    weights = given[some] * given.sum() / np.square(given).sum()
    return np.flatnonzero(comparison.rows)[some], weights, comparison.used_codes[some].astype(float), cluster[some]


def staying_rows(
    contrast: Contrast, comparison: Fitted, records: Records, study: Study, row: Result
) -> Iterator[Result | CurvePoint]:
    """Weighted curves of both arms of an answer on still being in care that passed the gate, and their weighted
    log-rank test, all exploratory; and that test without weights."""
    if contrast.endpoint.column != "retained":
        return
    test = replace(
        row.blank().beneath(verdict=Verdict.EXPLORATORY, margin=None, ess=None),
        measure="course_test",
        unit="",
        estimator="weighted log-rank",
    )
    try:
        stays = weighed_stays(comparison, records, study, contrast.endpoint.day)
        found = course_test(stays)
    except NotEstimable as why:
        yield test.refused(Verdict.DESCRIPTIVE, str(why))
        return
    yield replace(test, gate=GateWord.PASSED, p=found.p, df=found.df)
    yield as_they_are(COURSES, row, lambda: log_rank(stays.day, stays.ended, stays.people.arm))
    for code in range(len(comparison.arms)):
        yield from course_of(stays, code, comparison, study, row)


def weighed_stays(comparison: Fitted, records: Records, study: Study, last: int) -> AdjustedStays:
    """The stays of the people an answer rests on, weighted as it is, counted as it counts them."""
    rows, all_stays = comparison.rows, stays_of(comparison, records, last)
    return adjusted_stays(
        all_stays.day[rows],
        all_stays.cause[rows] > 0,
        comparison.used_codes,
        comparison.design.values,
        comparison.site[rows],
        target=coded_target(study.comparison.target, comparison.arms),
        inference="person" if comparison.means.inference == "person" else "sandwich",
        cluster=comparison.clusters.codes,
    )


def course_of(stays: AdjustedStays, code: int, comparison: Fitted, study: Study, row: Result) -> Iterator[Any]:
    """The weighted curve of one arm at the study's days, and week by week."""
    own = replace(
        row.blank(),
        analysis=STAYING,
        arm=comparison.arms[code],
        reference="",
        stratum=f"{row.arm} or {row.reference}",
        measure="survival",
        estimator="weighted Kaplan-Meier",
        margin=None,
        verdict=Verdict.EXPLORATORY,
        ess=None,
        twin_of=row.result_id,
        note="",
    )
    for day in study.retention.days:
        yield replace(own, day=day).limited(still_there(stays, code, day))
    there = stays.people.arm == code
    for day in range(0, max(study.retention.days) + 1, WEEK):
        found = still_there(stays, code, day)
        yield CurvePoint(
            result_id=own.result_id,
            arm=own.arm,
            state=SIMILAR,
            day=day,
            estimate=found.estimate,
            low=found.low,
            high=found.high,
            at_risk=int((there & (stays.day >= day)).sum()),
            events=found.events,
        )
