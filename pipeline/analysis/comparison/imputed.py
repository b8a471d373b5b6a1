"""The primary answer with those not measured filled in many times, from all that is known of them, in place of
weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from pipeline.analysis.cohort import INTERIM_SCORE, Records
from pipeline.analysis.comparison.fitted import Fitted, estimate
from pipeline.analysis.contrasts import Contrast
from pipeline.analysis.frames import column_beside
from pipeline.stats.estimate import Estimate
from pipeline.stats.imputation.imputation import impute
from pipeline.stats.imputation.rubins_rules import pool
from pipeline.stats.weighting.arm_means import difference
from pipeline.study import Study

WITHIN = 5  # data sets whose own variance is worked out by the slow way; it hardly differs between them
ENDINGS = ("completed", "transferred", "dropped_out", "in_care")


def filled_in(contrast: Contrast, comparison: Fitted, records: Records, study: Study) -> Estimate:
    """Rubin's rules over chained-equation imputations within arm, with what happened in care as auxiliaries.

    The variance within data sets is the mean of the first WITHIN, each by the contrast's own inference; between data
    sets,
    of all of them.  Raises NotEstimable where the imputation models do not hold.
    """
    covariates, outcome = comparison.design.values, comparison.outcome[comparison.rows]
    table = np.column_stack([outcome, covariates, auxiliaries(comparison, records)])
    kinds: list[Literal["flag", "number"]] = ["flag" if is_flag(column) else "number" for column in table.T]
    drawn = impute(
        table,
        comparison.used_codes,
        kinds,
        np.random.default_rng(study.study.seed),
        site=comparison.site[comparison.rows],
    )
    estimates: list[float] = []
    within: list[float] = []
    df = np.inf
    for completed in drawn:
        filled = comparison.outcome.copy()
        filled[comparison.rows] = completed[:, 0]
        slow = len(within) < WITHIN
        means = estimate(
            replace(comparison, outcome=filled, interim=None), study, covariates, inference=None if slow else "person"
        )
        one = difference(means, 1, 0)
        estimates.append(one.estimate)
        if slow:
            within.append(one.se)
            df = one.df
    typical = float(np.sqrt(np.mean(np.square(within))))
    return pool(
        estimates, np.full(len(estimates), typical), complete_df=df, n=len(outcome), level=contrast.level
    ).estimate


def auxiliaries(comparison: Fitted, records: Records) -> np.ndarray:
    """(n, q) the last improvement seen before the window, how long care lasted and how it ended: they tell of the
    outcome, and of who is measured."""
    people = comparison.used_people
    state = column_beside(people, records.care, "state")
    columns = [column_beside(people, records.care, "care_days").to_numpy(dtype=float)]
    columns += [(state == ending).to_numpy(dtype=float) for ending in ENDINGS]
    if INTERIM_SCORE in people:
        columns.append(people[INTERIM_SCORE].to_numpy(dtype=float))
    kept = [column for column in columns if all(tells(column[comparison.used_codes == code]) for code in (0, 1))]
    return np.column_stack(kept) if kept else np.zeros((len(people), 0))


def tells(column: np.ndarray) -> bool:
    """Whether a column is known of some of an arm and differs between them."""
    known = column[np.isfinite(column)]
    return known.size >= 2 and bool(np.ptp(known) > 0)


def is_flag(column: np.ndarray) -> bool:
    known = column[np.isfinite(column)]
    return bool(np.isin(known, (0.0, 1.0)).all())
