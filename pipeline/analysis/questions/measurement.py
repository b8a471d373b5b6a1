"""C12: how often people are measured while in care, and what follows a score that is behind the expected course."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.analysis.descriptive import share
from pipeline.analysis.headline import Asking, NaiveTwin, headline
from pipeline.analysis.lacking import NO_SCALE_NAMED
from pipeline.errors import NotEstimable
from pipeline.results import Analysis, FigurePoint, GateWord, Result, Verdict
from pipeline.stats.association.regression import clustered_regression
from pipeline.stats.monitoring.control_charts import p_prime
from pipeline.stats.proportions import wilson
from pipeline.study import main_outcome

if TYPE_CHECKING:
    import duckdb

POPULATION = "people who started new and whose records reach to the last day asked about"
SCORED = "people who started new, with a score at the start and another one in care"
NOBODY = "nobody who started new can be seen for long enough; give observed_to, or export a longer period"
NEVER = (
    "nobody was given the study's first scale while in care; export assessments, or name the scale that is used under"
    " [[outcomes]]"
)
NOBODY_COMPLETED = "nobody's care is recorded as completed; export discharges with the ending"
TWIN = NaiveTwin(
    "those who completed care",
    "It asks only those who completed care: they stay longest, with most time for a gap, and whoever dropped out is"
    " left out",
)
MEASURES = {"measured_every_14_days": "every_14_days", "measured_every_30_days": "every_30_days"}
BASELINE = 12  # periods whose line and limits are frozen; later ones are judged against them
FEWEST = 4  # periods below which no chart is drawn
SOON = 14  # days within which a score that is behind should be followed by another
LEAST_SCORES = 100  # a course cannot be expected from fewer


def measurement(asking: Asking) -> Iterator[Result | FigurePoint]:
    """The headline and its twin, each level, each program, the control charts, and what followed a score behind the
    course."""
    scale = main_outcome(asking.study)
    first = "" if scale is None else scale.name
    where: dict[str, Any] = {"population": POPULATION, "outcome": first, "day": max(asking.study.retention.days)}
    answer = headline(
        "C12",
        **where,
        measure="measured_every_14_days",
        unit="share",
        target="observed",
        estimator="observed",
        verdict=Verdict.DESCRIPTIVE,
    )
    people = read_people(asking, first)
    if why := why_not(people, first):
        yield from TWIN.refused(answer, why)
        return
    claim = {"question": "C12", "analysis": Analysis.CLAIM, "gate": GateWord.PASSED}
    row = share(people["every_14_days"], **claim, **where, measure="measured_every_14_days")
    yield row
    yield among_completers(people, row)
    where |= {"question": "C12", "analysis": "measurement"}
    for arm in asking.records.arms:
        rows = people[people["arm"] == arm]
        for measure, column in MEASURES.items():
            yield share(rows[column], **where, arm=arm, measure=measure)
        yield from control_chart(rows, row.result_id, f"measured_{arm}", asking.study.disclosure.threshold)
    yield share(people["every_30_days"], **where, measure="measured_every_30_days")
    for (arm, program), rows in people.groupby(["arm", "program_id"], sort=True):
        yield share(rows["every_14_days"], **where, arm=str(arm), site=str(program), measure="measured_every_14_days")
    yield from after_flags(asking.warehouse, where | {"population": SCORED, "day": None})


def why_not(people: pd.DataFrame, outcome: str) -> str:
    """What keeps the question from being asked of these people; empty where nothing does."""
    if not outcome:
        return NO_SCALE_NAMED
    return NOBODY if people.empty else "" if people["scores"].sum() else NEVER


def read_people(asking: Asking, outcome: str) -> pd.DataFrame:
    """Everybody who could be seen to the last day asked about, whether measured often enough, and the month or period
    of the start."""
    gaps = asking.warehouse.execute(
        """
        SELECT gap.episode_id, gap.scores, gap.every_14_days, gap.every_30_days, ending.ending
        FROM measured_gaps AS gap
        JOIN endings AS ending ON ending.episode_id = gap.episode_id
        WHERE gap.observable AND gap.outcome = ? ORDER BY gap.episode_id""",
        [outcome],
    ).df()
    known = asking.records.people[["episode_id", "arm", "program_id", "start_day", "period"]]
    people = gaps.merge(known, on="episode_id", validate="one_to_one")
    [(calendar,)] = asking.warehouse.execute("SELECT calendar FROM protocol").fetchall()
    month = (
        people["start_day"].to_numpy(np.int64).astype("datetime64[D]").astype("datetime64[M]").astype(str)
        if calendar
        else people["period"].to_numpy(object)
    )
    return people.assign(month=month)


def among_completers(people: pd.DataFrame, row: Result) -> Result:
    """The naive twin: the same share among those whose care was completed."""
    done = people.loc[people["ending"] == "completed", "every_14_days"].astype(bool)
    if done.empty:
        return TWIN.beside(row, reason=NOBODY_COMPLETED)
    some, everybody = int(done.sum()), len(done)
    counts: dict[str, Any] = {"n": everybody, "events": some, "numerator": some, "denominator": everybody}
    return TWIN.beside(row, **counts).limited(wilson(some, everybody))


def control_chart(people: pd.DataFrame, result_id: str, figure: str, threshold: int) -> Iterator[FigurePoint]:
    """Share measured every 14 days by month of start, with limits frozen after the first BASELINE points.

    By period (a quarter where there is a calendar) where most months would have fewer than threshold people on one
    side.
    """
    counted = by_start(people, "month")
    if np.minimum(counted["sum"], counted["size"] - counted["sum"]).median() < threshold:
        counted = by_start(people, "period")
    if len(counted) < FEWEST:
        return
    try:
        chart = p_prime(
            counted["sum"].to_numpy(float), counted["size"].to_numpy(float), baseline=min(BASELINE, len(counted))
        )
    except NotEstimable:
        return  # nobody or everybody throughout: the row of this level says so, and there are no limits to draw
    for i, (month, n) in enumerate(counted["size"].items()):
        yield FigurePoint(
            result_id=result_id,
            figure=figure,
            series="share",
            x=float(i + 1),
            y=float(chart.value[i]),
            low=float(chart.lower[i]),
            high=float(chart.upper[i]),
            n=int(n),
            label=str(month),
        )
    yield FigurePoint(
        result_id=result_id,
        figure=figure,
        series="center",
        y=chart.center,
        label=f"first {min(BASELINE, len(counted))} periods",
    )


def by_start(people: pd.DataFrame, column: str) -> pd.DataFrame:
    """How many were measured often enough, of how many, by when they started."""
    return people[people[column].notna()].groupby(column, sort=True)["every_14_days"].agg(["sum", "size"]).astype(float)


def after_flags(con: duckdb.DuckDBPyConnection, where: dict[str, Any]) -> Iterator[Result]:
    """How many people had a score behind the expected course, how many of them were measured again soon, and were then
    back on it."""
    scores = con.execute(
        "SELECT * FROM course_scores WHERE outcome = ? ORDER BY episode_id, day", [where["outcome"]]
    ).df()
    row = Result(
        **where,
        measure="behind_course",
        unit="share",
        target="observed",
        estimator="observed",
        verdict=Verdict.DESCRIPTIVE,
    )
    try:
        behind = behind_course(scores)
    except NotEstimable as why:
        yield replace(row, reason=str(why))
        return
    last = pd.Series(scores["episode_id"] != scores["episode_id"].shift(-1))
    following = pd.Series(np.where(last, np.nan, np.append(behind[1:], 0.0)))
    flagged = scores[behind].assign(still_behind=following[behind])
    firsts = flagged.drop_duplicates("episode_id")
    yield share(
        scores.assign(behind=behind).groupby("episode_id")["behind"].any(),
        **where,
        measure="behind_course",
        note=(
            "Behind: improvement more than one standard deviation below what these records expect for that start and"
            " day."
        ),
    )
    seen = firsts[firsts["last_day"] - firsts["day"] >= SOON]
    yield share(
        seen["next_day"] - seen["day"] <= SOON,
        **where,
        measure="measured_soon_after_flag",
        note=f"Of people still in care {SOON} days after their first score behind the course.",
    )
    yield share(
        1 - firsts["still_behind"].dropna(),
        **where,
        measure="back_on_course",
        note=(
            "At the next score after the first one behind the course; part of any return is chance, because a low score"
            " tends to be followed by a usual one."
        ),
    )


def behind_course(scores: pd.DataFrame) -> np.ndarray:
    """(n,) True where improvement is more than one residual SD below its expectation.

    Expected: a regression of improvement on the score at the start, the logarithm of the day and their product, over
    all scores in care.
    """
    if len(scores) < LEAST_SCORES:
        raise NotEstimable(
            f"fewer than {LEAST_SCORES} scores were taken in care, from which no course can be expected; score more"
            " often"
        )
    start, log_day = scores["baseline_score"].to_numpy(float), np.log1p(scores["day"].to_numpy(float))
    start = start - start.mean()
    fit = clustered_regression(
        scores["improvement"].to_numpy(float),
        np.column_stack([start, log_day, start * log_day]),
        scores["episode_id"].to_numpy(str),
    )
    return np.asarray(scores["improvement"].to_numpy(float) < fit.fitted - fit.residual_sd, dtype=bool)
