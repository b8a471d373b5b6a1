"""How fast scores improve in two arms, per week on the calendar and per hour of care attended: mixed models with log
time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.analysis.comparison.fitted import Fitted
from pipeline.analysis.headline import Asking
from pipeline.analysis.questions.trajectories import scores_along
from pipeline.choices.asked import Outcome
from pipeline.errors import NotEstimable
from pipeline.results import GateWord, Result, Verdict
from pipeline.stats.estimate import Estimate
from pipeline.stats.repeated_scores.fixed_effects import slope_contrast
from pipeline.stats.repeated_scores.mixed_model import mixed_model

if TYPE_CHECKING:
    import pandas as pd

# the hours asked about are ones that both arms reach: a twentieth of their scores come before, a twentieth after
SHARED = 0.95
CERTAIN = 1e-6  # log odds of a start at certainty are cut off there
NOTES = {
    "week": "Intensive care gives several times the hours in a week.",
    "hour": "Hours are attended as people get better or worse, so a slope per hour is no effect of an hour.",
}


def slope_rows(asking: Asking, source: Outcome, comparison: Fitted, marks: np.ndarray, row: Result) -> Iterator[Result]:
    """Difference of mean slopes per week and per attended hour over the time both arms share, exploratory; or why there
    is none.

    By week only the scores at the common marks (days) count, by hour those between the hours that both arms reach:
    where a curve bends, arms that are measured at different times have different slopes without being different.
    """
    scores = scores_along(asking, source, comparison.used_people)
    nearest = at_marks(asking, source, scores, marks)
    yield one_slope(nearest.assign(time=nearest["day"] / 7), comparison, row, "week", float(marks[-1]) / 7)
    seen = scores[scores["attended_hours"] > 0]
    ends = seen.groupby("arm")["attended_hours"].quantile([1 - SHARED, SHARED]).unstack().reindex(list(comparison.arms))
    first, last = float(ends[1 - SHARED].max(skipna=False)), float(np.floor(ends[SHARED].min(skipna=False)))
    within = seen[seen["attended_hours"].between(first, last)]
    yield one_slope(
        within.assign(time=within["attended_hours"]), comparison, row, "hour", last if first < last else 0.0
    )


def at_marks(asking: Asking, source: Outcome, scores: pd.DataFrame, marks: np.ndarray) -> pd.DataFrame:
    """Of these scores the ones nearest each common mark."""
    found = asking.warehouse.execute(
        "SELECT episode_id, mark, day FROM scheduled_scores WHERE outcome = ? ORDER BY episode_id, mark", [source.name]
    ).df()
    found = found[(found["mark"] * asking.study.schedule.every_days).isin(marks)]
    return scores.merge(found[["episode_id", "day"]], on=["episode_id", "day"], validate="one_to_one")


def one_slope(scores: pd.DataFrame, comparison: Fitted, row: Result, unit: str, reach: float) -> Result:
    """Improvement on log(1 + time) with its own slope in each arm, adjusted for the score at the start and the odds of
    each arm.

    Improvement counts from each person's own start, so both arms begin at one point. The slope reported is the mean one
    from 0 to reach: that of log(1 + time) times log(1 + reach) / reach.
    """
    blank = replace(
        row,
        analysis="speed",
        outcome=source_outcome(row),
        measure=f"slope_per_{unit}",
        unit=f"points per {unit}",
        day=None,
        target="adjusted",
        estimator="mixed model with log time",
        verdict=Verdict.EXPLORATORY,
        gate=GateWord.PASSED,
        population="people compared, as far as both arms have scores",
        margin=None,
    )
    try:
        if (
            reach < 1
            or scores.groupby("arm")["episode_id"].nunique().reindex(list(comparison.arms)).fillna(0).min() < 2
        ):
            raise NotEstimable("the two arms have no scores at the same times; measure both during care")
        found = fitted(scores, comparison, reach)
    except NotEstimable as why:
        return blank.refused(Verdict.DESCRIPTIVE, str(why))
    people = scores.groupby("arm")["episode_id"].nunique()
    return blank.filled(
        found, sign=None, n=int(people[row.arm]), n_reference=int(people[row.reference]), note=NOTES[unit]
    )


def source_outcome(row: Result) -> str:
    return row.outcome.removeprefix("reliable_")


def fitted(scores: pd.DataFrame, comparison: Fitted, reach: float) -> Estimate:
    """The difference of slopes; sites are clusters where there are many, else their own columns."""
    people = comparison.used_people
    place = (
        people.reset_index(drop=True)
        .reset_index()
        .set_index("episode_id")["index"]
        .loc[scores["episode_id"]]
        .to_numpy(np.int64)
    )
    chance = np.clip(comparison.chances[:, 1], CERTAIN, 1 - CERTAIN)
    arm = comparison.used_codes.astype(np.float64)[place]
    start = people["baseline_score"].to_numpy(dtype=np.float64)
    start = (start - start.mean()) / (start.std() or 1.0)
    own = np.column_stack([np.ones(len(people)), start, start**2, np.log(chance / (1 - chance))])[place]
    time = np.log1p(scores["time"].to_numpy(dtype=np.float64))
    site = comparison.site[comparison.rows]
    many = comparison.sites.method == "sandwich"
    unit = site if many else comparison.clusters.codes
    columns = [(arm * time)[:, None], own, own * time[:, None]]
    if not many:
        columns.append((site[place][:, None] == np.unique(site)[None, 1:]).astype(np.float64))
    fit = mixed_model(
        place,
        scores["improvement"].to_numpy(dtype=np.float64),
        np.column_stack(columns),
        time,
        cluster=None if unit is None else unit[place],
    )
    rows = {code: np.zeros((2, fit.fixed.kept.size + fit.fixed.dropped.size)) for code in (0, 1)}
    for code, grid in rows.items():
        grid[1, 0] = code * np.log1p(reach)
    return slope_contrast(fit.fixed, rows[1], rows[0], reach)
