"""C8: do attended hours fall after people have reliably improved?  A description: hours follow response as much as they
bring it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from pipeline.analysis.cohort import MIN_STARTS
from pipeline.analysis.headline import Asking, NaiveTwin, headline
from pipeline.analysis.lacking import IOP, NO_SCALE_NAMED, arm_with, not_compared
from pipeline.errors import NotEstimable
from pipeline.results import FigurePoint, GateWord, Result, Verdict
from pipeline.stats.association.regression import clustered_regression, coefficient
from pipeline.stats.estimate import Estimate
from pipeline.study import main_outcome

POPULATION = "people who started new in intensive outpatient care, with a score at the start and at least three in all"
TOO_FEW = (
    f"fewer than {MIN_STARTS} people in intensive outpatient care have three scores and two whole weeks in a row with"
    " known hours; score people at least every two weeks, and export sessions with their minutes"
)
ONE_KIND = (
    "all weeks lie before, or all after, a reliable improvement, so nothing can be compared; score people more often"
)
NOTE = "Hours are an outcome of response as well as a dose, so this says nothing about what hours do."
UNIT = "weeks in 100"
TWIN = NaiveTwin(
    "whole stays",
    "It sets hours over the whole stay beside improvement: who stays longer gathers hours and has more time to improve,"
    " and who does not improve may be given more of them",
)
LATE_WEEK = 7  # weeks from here on are taken together
GROUPS = (
    "improved in weeks 1 and 2",
    "improved in weeks 3 and 4",
    "improved in week 5 or later",
    "not reliably improved in the stay",
)


def tapering(asking: Asking) -> Iterator[Result | FigurePoint]:
    """The headline and its twin, the shares they come from, and mean hours by week and response."""
    first = main_outcome(asking.study)
    arm = arm_with(asking.study, IOP)
    where: dict[str, Any] = {
        "population": POPULATION,
        "arm": arm,
        "outcome": first.name if first else "",
        "unit": "share",
        "target": "observed",
        "verdict": Verdict.DESCRIPTIVE,
    }
    answer = headline(
        "C8",
        **where | {"unit": UNIT},
        measure="lower_next_week_difference",
        estimator="week by week, for the same week and hours",
    )
    weeks = read_weeks(asking, where["outcome"])
    steps = weeks[weeks["next_attended_hours"].notna()]
    try:
        if first is None:
            raise NotEstimable(NO_SCALE_NAMED)
        if lacking := not_compared(asking.warehouse, arm, asking.records):
            raise NotEstimable(lacking)
        found, people = difference(steps)
    except NotEstimable as why:
        yield from TWIN.refused(answer, str(why))
        return
    row = answer.filled(found, sign=None, n=people, note=NOTE, gate=GateWord.PASSED)
    yield row
    twin = TWIN.beside(row, **correlation(asking, first.name))
    yield replace(twin, measure="hours_correlation", unit="")
    yield from shares(steps, {"question": "C8", "analysis": "tapering", **where})
    yield from heat_map(weeks, row.result_id)


def read_weeks(asking: Asking, outcome: str) -> pd.DataFrame:
    """Each whole week of intensive outpatient care of the people who are scored often enough, with the week after."""
    return asking.warehouse.execute(
        "SELECT * FROM taper_weeks WHERE outcome = ? ORDER BY episode_id, week", [outcome]
    ).df()


def why_not(asking: Asking, outcome: str) -> str:
    """What keeps the weeks from being compared, before anything is fitted; empty where nothing does."""
    weeks = read_weeks(asking, outcome)
    steps = weeks[weeks["next_attended_hours"].notna()]
    return TOO_FEW if steps["person_no"].nunique() < MIN_STARTS else ""


def difference(steps: pd.DataFrame) -> tuple[Estimate, int]:
    """How much more often a week is followed by fewer hours once a person has improved, than before, in the same week
    with as many hours; and the number of people.

    A regression on improved, indicators of the week, and its hours and their square: many hours are followed by fewer
    in any case.
    """
    people = steps["person_no"].nunique()
    if people < MIN_STARTS:
        raise NotEstimable(TOO_FEW)
    improved = steps["improved_by"].to_numpy(float)
    if improved.min() == improved.max():
        raise NotEstimable(ONE_KIND)
    week = np.minimum(steps["week"].to_numpy(np.int64), LATE_WEEK)
    hours = steps["attended_hours"].to_numpy(float)
    scaled = (hours - hours.mean()) / (hours.std() or 1.0)
    columns = [improved, *(np.equal(week, one).astype(float) for one in np.unique(week)[1:])]
    columns += [power for power in (scaled, scaled**2 - (scaled**2).mean()) if np.ptp(power) > 0]
    lower = (steps["next_attended_hours"] < steps["attended_hours"]).to_numpy(float)
    fit = clustered_regression(lower, np.column_stack(columns), steps["person_no"].to_numpy())
    return coefficient(fit, 1, scale=100.0), people


def correlation(asking: Asking, outcome: str) -> dict[str, Any]:
    """Pearson's correlation of hours attended in the stay with improvement at its last score."""
    frame = asking.warehouse.execute(
        """
        SELECT last.improvement, SUM(week.attended_hours) AS hours
        FROM course_scores AS last
        JOIN patient_weeks AS week ON week.episode_id = last.episode_id
        WHERE last.next_day IS NULL AND last.outcome = ? AND week.level_of_care = ? AND week.attended_hours IS NOT NULL
        GROUP BY last.episode_id, last.improvement ORDER BY last.episode_id""",
        [outcome, IOP],
    ).df()
    if len(frame) < 3 or frame.nunique().min() < 2:
        return {}
    return {"estimate": float(np.corrcoef(frame["improvement"], frame["hours"])[0, 1]), "n": len(frame)}


def shares(steps: pd.DataFrame, where: dict[str, Any]) -> Iterator[Result]:
    """Of the weeks before and after a reliable improvement, the share followed by a week with fewer hours, and mean
    hours, as observed."""
    lower = steps["next_attended_hours"] < steps["attended_hours"]
    for improved, stratum in ((True, "weeks after reliable improvement"), (False, "weeks before it or without it")):
        rows = steps["improved_by"] == improved
        n = int(steps.loc[rows, "person_no"].nunique())
        placed = where | {"stratum": stratum, "estimator": "observed", "n": n}
        yield Result(
            **placed | {"population": f"weeks of {POPULATION}"},
            measure="lower_next_week",
            numerator=int(lower[rows].sum()),
            denominator=int(rows.sum()),
            estimate=float(lower[rows].mean()),
        )
        yield Result(
            **placed | {"unit": "hours"},
            measure="hours_per_week",
            estimate=float(steps.loc[rows, "attended_hours"].mean()),
        )


def heat_map(weeks: pd.DataFrame, result_id: str) -> Iterator[FigurePoint]:
    """Mean attended hours by week of the stay, for people by when they first reliably improved; n is people."""
    improved = weeks["improved_week"].astype("float64").to_numpy()
    place = np.where(np.isnan(improved), 3, np.select([improved < 2, improved < 4], [0, 1], 2))
    for (group, week), rows in weeks.groupby([place, weeks["week"]], sort=True):
        yield FigurePoint(
            result_id=result_id,
            figure="dose_response",
            series=GROUPS[int(group)],
            x=float(week) + 1,
            y=float(rows["attended_hours"].mean()),
            n=len(rows),
        )
