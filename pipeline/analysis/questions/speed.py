"""C3: do people get better sooner in intensive outpatient care than similar people in outpatient care?"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.cohort import left_out
from pipeline.analysis.comparison.adjusted import answered, each_arm, overlap_points
from pipeline.analysis.comparison.attempt import attempt
from pipeline.analysis.comparison.fitted import Fitted, named_target, whom
from pipeline.analysis.comparison.robustness import robustness_rows
from pipeline.analysis.contrasts import Contrast, share_of
from pipeline.analysis.gate import Refused, percent
from pipeline.analysis.headline import Asking, NaiveTwin, headline
from pipeline.analysis.lacking import NO_SCALE_IN_CARE, arm_with, no_arms, too_few_started, too_few_with_start
from pipeline.analysis.questions.slopes import slope_rows
from pipeline.analysis.questions.trajectories import trajectory_points
from pipeline.analysis.standing import at_its_level
from pipeline.choices.asked import Outcome
from pipeline.errors import NotEstimable
from pipeline.results import CurvePoint, Result, Verdict
from pipeline.stats.proportions import newcombe_difference
from pipeline.stats.time_in_care.time_to_first import FirstTimes, first_confirmed, first_time_incidence
from pipeline.stats.weighting.arm_means import difference
from pipeline.study import Study, main_outcome

if TYPE_CHECKING:
    import pandas as pd

LEVELS = ("IOP", "OP")
STATE = "first reliable improvement"
ESTIMATOR = "augmented, pseudo-observations of interval-censored times"
TWIN = NaiveTwin(
    "first crossing, everybody on their own schedule",
    "It counts the first score that is reliably better, whenever somebody is measured and whether or not the next one"
    " bears it out: who is measured more often is found better sooner",
)


@dataclass(frozen=True, slots=True)
class Looked:
    """People of both arms on the common schedule.

    people  one row each, with `outcome`: the pseudo-observation, missing for those looked at fewer than twice
    marks   days of the marks at which both arms are looked at
    times   between which of these marks each person's first confirmed improvement lies
    asked   place of the mark the question is about, from 1
    """

    people: pd.DataFrame
    marks: np.ndarray
    times: FirstTimes
    asked: int


def speed(asking: Asking) -> Iterator[Any]:
    """The share reliably better by the schedule's day, like for like, its naive twin, courses by week and by hour, and
    slopes."""
    study = asking.study
    arms = tuple(arm_with(study, level) for level in LEVELS)
    source = main_outcome(study)
    row = base(arms, source, study)
    if source is None or not all(arms) or arms[0] == arms[1]:
        yield from TWIN.refused(row, NO_SCALE_IN_CARE if source is None else no_arms(*LEVELS))
        return
    if lacking := too_few_started(arms, asking.records) or too_few_with_start(asking.records, arms, source):
        yield from TWIN.refused(row, lacking, Verdict.NO_COMPARABLE)
        return
    people = yield from asked_people(asking, source, arms)
    contrast = speed_contrast(source, study, arms)
    yield from trajectory_points(asking, source, people, row.result_id)
    try:
        looked = on_schedule(asking, source, people, arms)
    except NotEstimable as why:
        yield from TWIN.refused(row, str(why))
        return
    tried = attempt(looked.people, arms[::-1], study, contrast.endpoint, row.result_id, asking.records.controls)
    yield from tried.diagnostics
    if isinstance(tried, Refused):
        yield from TWIN.refused(row, tried.reason, tried.verdict)
        return
    yield from estimated(contrast, tried.fitted, row, looked, study)
    yield from slope_rows(asking, source, tried.fitted, looked.marks[: looked.asked], row)


def base(arms: tuple[str, ...], source: Outcome | None, study: Study) -> Result:
    """What the headline says whether or not it carries a number."""
    overlap = f"people who could have started in either {arms[0]} or {arms[1]}"
    return headline(
        "C3",
        outcome=f"reliable_{source.name}" if source else "reliable",
        day=study.schedule.day,
        arm=arms[0] or "iop",
        reference=arms[1] or "outpatient",
        measure="risk_difference",
        unit="share",
        target=named_target(study.comparison.target, arms[::-1]),
        estimator=ESTIMATOR,
        population=whom(study.comparison.target, arms[::-1], overlap),
    )


def speed_contrast(source: Outcome, study: Study, arms: tuple[str, ...]) -> Contrast:
    """The contrast as the engine asks it."""
    endpoint = share_of("C3", f"reliable_{source.name}", study.schedule.day, source=source)
    return Contrast(endpoint=endpoint, arm=arms[0], reference=arms[1], role="confirmatory")


def asked_people(asking: Asking, source: Outcome, arms: tuple[str, ...]) -> Generator[Any, None, pd.DataFrame]:
    """Says who is left out, and returns those of both arms whose schedule is fully seen and who have a score at the
    start."""
    frame = started(asking, source, arms)
    label = f"first reliable improvement: {' and '.join(arms)}"
    return (yield from left_out(frame, arms, label, rules_of(frame, source)))


def started(asking: Asking, source: Outcome, arms: tuple[str, ...]) -> pd.DataFrame:
    """Everybody who started at one of the two levels, with what is seen of the schedule and the score at the start."""
    seen = asking.warehouse.execute(
        "SELECT episode_id, observable, scores_taken, first_crossing_day FROM schedule_set "
        "WHERE outcome = ? ORDER BY episode_id",
        [source.name],
    ).df()
    scores = asking.records.scores
    baseline = scores.loc[scores["outcome"] == source.name, ["episode_id", "baseline_score"]]
    frame = asking.records.people[asking.records.people["arm"].isin(arms)]
    return frame.merge(seen, on="episode_id", how="left", validate="one_to_one").merge(
        baseline, on="episode_id", how="left", validate="one_to_one"
    )


def rules_of(frame: pd.DataFrame, source: Outcome) -> tuple[tuple[str, pd.Series[bool]], ...]:
    """Who stays, with why the others do not."""
    return (
        ("their records end before the common schedule does", frame["observable"].fillna(False).astype(bool)),
        (f"no {source.instrument} score was taken at the start", frame["baseline_score"].notna()),
    )


def why_not(asking: Asking) -> str:
    """Why scores do not say by when people had improved, before anything is fitted; empty where they do, or where
    something graver is lacking."""
    source, arms = main_outcome(asking.study), tuple(arm_with(asking.study, level) for level in LEVELS)
    if source is None or not all(arms) or arms[0] == arms[1]:
        return ""
    if too_few_started(arms, asking.records) or too_few_with_start(asking.records, arms, source):
        return ""
    frame = started(asking, source, arms)
    (_, seen), (_, scored) = rules_of(frame, source)
    try:
        on_schedule(asking, source, frame[seen & scored], arms)
    except NotEstimable as why:
        return str(why)
    return ""


def on_schedule(asking: Asking, source: Outcome, people: pd.DataFrame, arms: tuple[str, ...]) -> Looked:
    """The people at the marks at which enough of both arms are looked at.  Raises NotEstimable where these do not
    serve."""
    schedule, least = asking.study.schedule, asking.study.gate.min_observed_share
    found = asking.warehouse.execute(
        "SELECT episode_id, mark, improved FROM scheduled_scores WHERE outcome = ? ORDER BY episode_id, mark",
        [source.name],
    ).df()
    wide = (
        found.pivot(index="episode_id", columns="mark", values="improved")
        .reindex(people["episode_id"])
        .astype("float64")
    )
    share = wide.notna().groupby(people["arm"].to_numpy()).mean().reindex(list(arms)).fillna(0.0)
    marks = np.array([mark for mark in wide.columns if (share[mark] >= least).all()], dtype=np.int64)
    asked = schedule.day // schedule.every_days
    if asked not in marks or not (marks > asked).any():
        raise NotEstimable(
            f"fewer than {percent(least)} of people in one of the arms have a score near day {schedule.day} or after"
            " it, so nobody can say by when they had improved; measure both arms every two weeks"
        )
    times = first_confirmed(wide[marks].to_numpy())
    place = int(np.flatnonzero(marks == asked)[0]) + 1
    outcome = np.full(len(people), np.nan)
    for arm in arms:
        here = (people["arm"] == arm).to_numpy()
        own = FirstTimes(times.after[here], times.by[here])
        incidence = first_time_incidence(own, len(marks))
        pseudo = incidence.estimate[place - 1] + incidence.influence[:, place - 1]
        outcome[here] = np.where((own.after > 0) | (own.by <= len(marks)), pseudo, np.nan)
        if not np.isfinite(incidence.estimate[place - 1]):
            raise NotEstimable(
                f"too few people in {arm} have scores on both sides of day {schedule.day}; measure both arms every "
                "two weeks"
            )
    return Looked(people.assign(outcome=outcome), marks * schedule.every_days, times, place)


def estimated(contrast: Contrast, comparison: Fitted, row: Result, looked: Looked, study: Study) -> Iterator[Any]:
    """The headline with its number, its twin, each arm's share, what would overturn it, and the two curves."""
    contrast = yield from at_its_level(contrast, difference(comparison.means, 1, 0))
    found, told = answered(contrast, comparison, row, study)
    yield told
    yield first_crossings(looked.people, contrast, told)
    yield from each_arm(contrast, comparison, told, analysis="speed")
    yield from robustness_rows(contrast, comparison, study, found, told)
    yield from overlap_points(comparison, told.result_id)
    yield from curves(comparison, looked, told.result_id)


def first_crossings(people: pd.DataFrame, contrast: Contrast, row: Result) -> Result:
    """What everybody's own scores say: the share with any reliably better score by the day, of those with any score by
    then."""
    measured = people[people["scores_taken"] > 0]
    one, other = (
        measured.loc[measured["arm"] == arm, "first_crossing_day"].notna().to_numpy()
        for arm in (contrast.arm, contrast.reference)
    )
    events, events_reference = int(one.sum()), int(other.sum())
    return TWIN.beside(
        row,
        newcombe_difference(events, len(one), events_reference, len(other)),
        n=len(one),
        n_reference=len(other),
        events=events,
        events_reference=events_reference,
    )


def curves(comparison: Fitted, looked: Looked, result_id: str) -> Iterator[CurvePoint]:
    """Share whose first confirmed improvement has begun, by mark, among similar people; limits take the weights as
    known."""
    means = comparison.means
    rows = np.flatnonzero(comparison.rows)
    for code, arm in enumerate(comparison.arms):
        own = rows[(comparison.used_codes == code) & (means.weights > 0)]
        weights = means.weights[(comparison.used_codes == code) & (means.weights > 0)]
        found = first_time_incidence(
            FirstTimes(looked.times.after[own], looked.times.by[own]), len(looked.marks), weights=weights
        )
        before = 0
        for k, day in enumerate(looked.marks[:-1].tolist()):
            if np.isfinite(found.estimate[k]):
                low, high = (
                    None if not np.isfinite(value) else float(value) for value in (found.low[k], found.high[k])
                )
                yield CurvePoint(
                    result_id=result_id,
                    arm=arm,
                    state=STATE,
                    day=day,
                    estimate=float(found.estimate[k]),
                    low=low,
                    high=high,
                    at_risk=found.n - before,
                    events=int(found.events[k]),
                )
            before = int(found.events[k])
