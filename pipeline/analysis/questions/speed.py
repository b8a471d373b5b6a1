"""C3: do people get better sooner in intensive outpatient care than similar people in outpatient care?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.cohort import count_arms
from pipeline.analysis.comparison.adjusted import answered, attempt
from pipeline.analysis.comparison.fitted import Comparison, named_target
from pipeline.analysis.comparison.like_for_like import overlap_points, whom
from pipeline.analysis.comparison.robustness import robustness_rows
from pipeline.analysis.contrasts import Contrast, Endpoint, confirmatory_level
from pipeline.analysis.gate import DESCRIPTIVE, NO_COMPARABLE, percent
from pipeline.analysis.headline import Asking, headline, naive_twin, refused_with_twin
from pipeline.analysis.questions.slopes import slope_rows
from pipeline.analysis.questions.trajectories import trajectory_points
from pipeline.errors import NotEstimable
from pipeline.results import CurvePoint, Result
from pipeline.stats.proportions import newcombe_difference
from pipeline.stats.time_in_care.time_to_first import FirstTimes, first_confirmed, first_time_incidence
from pipeline.stats.weighting.arm_means import arm_mean
from pipeline.study import Outcome, Study

if TYPE_CHECKING:
    import pandas as pd

LEVELS = ("IOP", "OP")
STATE = "first reliable improvement"
ESTIMATOR = "augmented, pseudo-observations of interval-censored times"
CROSSING = "first crossing, everybody on their own schedule"
WHY = (
    "It counts the first score that is reliably better, whenever somebody is measured and whether or not the next one"
    " bears it out: who is measured more often is found better sooner"
)
NO_SCALE = "no symptom scale is part of this study: add an [[outcomes]] block to study.toml and measure it during care"
NO_ARMS = "this question needs an arm with IOP and one with OP: name both under [arms] in study.toml"


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
    arms = tuple(next((arm for arm, levels in study.arms.items() if level in levels), "") for level in LEVELS)
    source = next(iter(study.outcomes), None)
    row = base(arms, source, study)
    if source is None or not all(arms) or arms[0] == arms[1]:
        yield from without(row, NO_SCALE if source is None else NO_ARMS)
        return
    absent = [arm for arm in arms if arm not in asking.records.arms]
    if absent:
        yield from without(row, f"too few people started in {' and '.join(absent)}", NO_COMPARABLE)
        return
    people = yield from asked_people(asking, source, arms)
    contrast = speed_contrast(source, study, arms)
    yield from trajectory_points(asking, source, people, row.result_id)
    try:
        looked = on_schedule(asking, source, people, arms)
    except NotEstimable as why:
        yield from without(row, str(why))
        return
    tried = attempt(looked.people, arms[::-1], study, contrast.question, row.result_id, asking.records.controls)
    yield from tried.diagnostics
    if tried.refusal or tried.comparison is None:
        assert tried.refusal is not None
        yield from without(row, tried.refusal.reason, tried.refusal.verdict)
        return
    yield from estimated(contrast, tried.comparison, row, looked, study)
    yield from slope_rows(asking, source, tried.comparison, looked.marks[: looked.asked], row)


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
    question = Endpoint(
        "C3", f"reliable_{source.name}", study.schedule.day, "share", "share", None, False, source, "outcome", ""
    )
    return Contrast(question, arms[0], arms[1], "confirmatory", confirmatory_level(study))


def without(row: Result, reason: str, verdict: str = DESCRIPTIVE) -> Iterator[Result]:
    """The headline and its twin without any number."""
    return refused_with_twin(row, verdict, reason, estimator=CROSSING, why=WHY)


def asked_people(asking: Asking, source: Outcome, arms: tuple[str, ...]) -> Iterator[Any]:
    """Says who is left out, and returns those of both arms whose schedule is fully seen and who have a score at the
    start."""
    seen = asking.warehouse.execute(
        "SELECT episode_id, observable, scores_taken, first_crossing_day FROM schedule_set "
        "WHERE outcome = ? ORDER BY episode_id",
        [source.name],
    ).df()
    scores = asking.records.scores
    baseline = scores.loc[scores["outcome"] == source.name, ["episode_id", "baseline_score"]]
    frame = asking.records.people[asking.records.people["arm"].isin(arms)]
    frame = frame.merge(seen, on="episode_id", how="left", validate="one_to_one").merge(
        baseline, on="episode_id", how="left", validate="one_to_one"
    )
    label = f"first reliable improvement: {' and '.join(arms)}"
    yield from count_arms(frame, arms, label, 0, "people who started at one of these levels", None)
    for step, (sentence, rule) in enumerate(
        (
            ("their records end before the common schedule does", frame["observable"].fillna(False).astype(bool)),
            (f"no {source.instrument} score was taken at the start", frame["baseline_score"].notna()),
        ),
        start=1,
    ):
        left = frame[rule[frame.index]]
        yield from count_arms(left, arms, label, step, f"left out: {sentence}", frame)
        frame = left
    return frame.reset_index(drop=True)


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


def estimated(contrast: Contrast, comparison: Comparison, row: Result, looked: Looked, study: Study) -> Iterator[Any]:
    """The headline with its number, its twin, each arm's share, what would overturn it, and the two curves."""
    means = comparison.means
    assert means is not None
    found, told = answered(contrast, comparison, row, study)
    yield told
    yield naive_twin(told, estimator=CROSSING, why=WHY, **first_crossings(looked.people, contrast, study))
    for code, arm in enumerate(comparison.arms):
        mean = arm_mean(means, code)
        yield replace(
            told,
            analysis="speed",
            measure="adjusted_share",
            arm=arm,
            reference="",
            estimate=mean.estimate,
            raw_estimate=mean.estimate,
            se=mean.se,
            df=mean.df,
            low=mean.low,
            high=mean.high,
            p=None,
            verdict="",
            stratum=f"{contrast.arm} or {contrast.reference}",
            n=int(means.n_observed[code]),
            n_reference=None,
            ess=float(means.ess[code]),
            twin_of=told.result_id,
            note=comparison.sites.sentence,
        )
    yield from robustness_rows(contrast, comparison, study, found, told)
    yield from (replace(point, result_id=told.result_id) for point in overlap_points(contrast, comparison, study))
    yield from curves(comparison, looked, told.result_id)


def first_crossings(people: pd.DataFrame, contrast: Contrast, study: Study) -> dict[str, Any]:
    """What everybody's own scores say: the share with any reliably better score by the day, of those with any score by
    then."""
    measured = people[people["scores_taken"] > 0]
    crossed = [
        measured.loc[measured["arm"] == arm, "first_crossing_day"].notna().to_numpy()
        for arm in (contrast.arm, contrast.reference)
    ]
    one, other = crossed
    found = newcombe_difference(int(one.sum()), len(one), int(other.sum()), len(other))
    return {
        "estimate": found.estimate,
        "raw_estimate": found.estimate,
        "se": found.se,
        "df": found.df,
        "low": found.low,
        "high": found.high,
        "p": found.p,
        "n": len(one),
        "n_reference": len(other),
        "events": int(one.sum()),
        "events_reference": int(other.sum()),
    }


def curves(comparison: Comparison, looked: Looked, result_id: str) -> Iterator[CurvePoint]:
    """Share whose first confirmed improvement has begun, by mark, among similar people; limits take the weights as
    known."""
    means = comparison.means
    assert means is not None
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
                    result_id,
                    arm,
                    STATE,
                    day,
                    float(found.estimate[k]),
                    low,
                    high,
                    found.n - before,
                    int(found.events[k]),
                )
            before = int(found.events[k])
