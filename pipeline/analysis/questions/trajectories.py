"""Mean improvement along the way, by week and by hours of care attended, as observed: what a chart of courses shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from pipeline.analysis.headline import Asking
from pipeline.choices.asked import Outcome
from pipeline.errors import NotEstimable
from pipeline.results import FigurePoint
from pipeline.stats.estimate import wald

if TYPE_CHECKING:
    import pandas as pd

BY_WEEK, BY_HOURS = "trajectory_week", "trajectory_hours"
HOURS = (
    5.0,
    10.0,
    20.0,
    40.0,
    80.0,
    160.0,
)  # doubling, because outpatient care gives in two months what intensive care gives in a week
LABEL = "measured people as observed, not comparable"


def trajectory_points(asking: Asking, source: Outcome, people: pd.DataFrame, result_id: str) -> Iterator[FigurePoint]:
    """Mean improvement of each arm at each mark of the schedule, and at each band of hours attended by then."""
    every = asking.study.schedule.every_days
    marks = asking.warehouse.execute(
        "SELECT episode_id, mark, improvement FROM scheduled_scores WHERE outcome = ? ORDER BY episode_id, mark",
        [source.name],
    ).df()
    arm_of = people.set_index("episode_id")["arm"]
    marks = marks[marks["episode_id"].isin(arm_of.index)]
    for (arm, mark), at in marks.groupby([marks["episode_id"].map(arm_of), "mark"], sort=True):
        yield from mean_point(at["improvement"], result_id, BY_WEEK, str(arm), float(mark) * every / 7)
    scores = scores_along(asking, source, people)
    band = np.searchsorted(HOURS, scores["attended_hours"].to_numpy(), side="right")
    last = scores.assign(band=band).drop_duplicates(["episode_id", "band"], keep="last")
    for (arm, number), at in last[last["attended_hours"] > 0].groupby(["arm", "band"], sort=True):
        yield from mean_point(at["improvement"], result_id, BY_HOURS, str(arm), middle(int(number)))


def middle(band: int) -> float:
    """A place on the axis for a band of hours, the same for every arm, whoever is in it."""
    edges = (HOURS[0] / 2, *HOURS, HOURS[-1] * 2)
    return float(np.sqrt(edges[band] * edges[band + 1]))


def scores_along(asking: Asking, source: Outcome, people: pd.DataFrame) -> pd.DataFrame:
    """Every score of these people after the start, with days and hours of care by then, in order of person and day."""
    scores = asking.warehouse.execute(
        "SELECT episode_id, day, improvement, attended_hours FROM trajectory_scores WHERE outcome = ? "
        "ORDER BY episode_id, day",
        [source.name],
    ).df()
    scores = scores[scores["episode_id"].isin(people["episode_id"])]
    return scores.assign(arm=scores["episode_id"].map(people.set_index("episode_id")["arm"])).reset_index(drop=True)


def mean_point(values: pd.Series, result_id: str, figure: str, arm: str, x: float) -> Iterator[FigurePoint]:
    """One mean with t limits; nothing where a single person was measured."""
    numbers = values.to_numpy(dtype=np.float64)
    try:
        found = (
            wald(float(numbers.mean()), float(numbers.std(ddof=1) / np.sqrt(len(numbers))), df=len(numbers) - 1.0)
            if len(numbers) > 1
            else None
        )
    except NotEstimable:
        found = None  # everybody the same: no limits could be drawn
    if found is not None:
        yield FigurePoint(
            result_id=result_id,
            figure=figure,
            series=arm,
            x=round(x, 1),
            y=found.estimate,
            low=found.low,
            high=found.high,
            n=len(numbers),
            label=LABEL,
        )
