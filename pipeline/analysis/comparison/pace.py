"""How fast people leave early, beside how many do: ratios of paces where they stay the same, and days in care."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pipeline.analysis.cohort import Records
from pipeline.analysis.comparison.fitted import Fitted, estimate
from pipeline.analysis.contrasts import Contrast
from pipeline.analysis.frames import column_beside
from pipeline.endings import DROPPED_OUT, GROUP_OF, IN_CARE
from pipeline.errors import NotEstimable
from pipeline.results import GateWord, Result, Verdict
from pipeline.stats.estimate import Estimate
from pipeline.stats.hazards.cox import CoxFit, cox
from pipeline.stats.hazards.fine_gray import fine_gray
from pipeline.stats.hazards.hazard_ratio import hazard_ratio
from pipeline.stats.hazards.proportionality import proportional_hazards_test
from pipeline.stats.weighting.arm_means import difference
from pipeline.study import Study

CHANGES = 0.05  # of the test that a ratio stays the same
NOT_ONE = "the ratio changes over the stay, so that one number would mislead; days in care say what it comes to"
COX = "Pace of leaving early among those still in care; weighted like the answer, its weights taken as given"
FINE_GRAY = "The same with those whose care ended otherwise kept in the count, as they can no longer leave early"
DAYS = "Until the first day out of care for whatever reason, and no longer than the day of the answer"
LEFT, OTHERWISE = 1, 2  # causes


@dataclass(frozen=True, slots=True)
class Stays:
    """People of a comparison: day (n,) first out of care, cut off at the answer's day, and cause (n,), 0 still in."""

    day: np.ndarray
    cause: np.ndarray


def pace_rows(contrast: Contrast, comparison: Fitted, records: Records, study: Study, row: Result) -> Iterator[Result]:
    """Cox and Fine-Gray ratios of leaving early, and the difference in days in care, all exploratory, of the people and
    with the weights of an answer on leaving early that passed the gate.

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
