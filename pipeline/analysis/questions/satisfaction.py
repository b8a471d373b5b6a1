"""C5: do people who are content early stay longer and improve more?  An association after a landmark, never an
effect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.cohort import with_first_baseline
from pipeline.analysis.comparison.sharing import clusters_of_one, counts_of
from pipeline.analysis.covariates import category_terms, design
from pipeline.analysis.descriptive import share
from pipeline.analysis.frames import beside, text_places
from pipeline.analysis.headline import Asking, NaiveTwin, headline
from pipeline.errors import NotEstimable
from pipeline.results import AttritionStep, GateWord, Result, Verdict
from pipeline.stats.association.association import rank_correlation, within_between
from pipeline.stats.sites import BEYOND_SITES
from pipeline.study import Study, main_outcome

if TYPE_CHECKING:
    import pandas as pd

TWIN = NaiveTwin(
    "score at discharge",
    "the score given at discharge against the whole time in care, of everybody who gave one: those who had left were"
    " not there to be asked, and how content people are at the end follows from how it went",
)
NOT_AN_EFFECT = "An association among those who answered, not an effect of being content."


def satisfaction(asking: Asking) -> Iterator[Any]:
    """The rank correlation of the early score with the days stayed after the landmark, and what belongs beside it."""
    survey, study = read_surveys(asking), asking.study
    first, close = study.satisfaction.window
    last = max(study.retention.days)
    base = {
        "outcome": f"stayed_to_day{last}",
        "day": last,
        "measure": "rank_correlation",
        "unit": "correlation",
        "target": "observed",
        "estimator": f"Spearman from day {close}",
        "verdict": Verdict.DESCRIPTIVE,
        "note": NOT_AN_EFFECT,
        "population": f"people still in care on day {close} who answered a survey on days {first} to {close}",
    }
    row = headline("C5", **base)
    here = survey[survey["in_care"] & survey["observable"]]
    yield from steps(survey, close, last)
    if survey["survey_score"].notna().sum() == 0:
        names = " or ".join(study.satisfaction.instruments)
        yield from TWIN.refused(
            row,
            f"nobody answered a survey of satisfaction or alliance ({names}) on days {first} to {close}; "
            "ask for one in the second or third week",
        )
        return
    answered = here[here["survey_score"].notna()].reset_index(drop=True)
    stratum = str(answered["instrument_id"].iloc[0]) if len(answered) else ""
    row = replace(row, stratum=stratum)
    yield share(
        here["survey_score"].notna(),
        question="C5",
        analysis="satisfaction",
        outcome=row.outcome,
        day=close,
        stratum=stratum,
        measure="response_rate",
        population=f"people still in care on day {close}",
    )
    try:
        alike, said = who_is_alike(answered, study)
        found = rank_correlation(answered["survey_score"], answered["stayed_days"], cluster=alike)
    except NotEstimable as why:
        yield from TWIN.refused(row, str(why))
        return
    row = row.filled(found, n=found.n, note=f"{row.note} {said}".strip())
    yield replace(row, gate=GateWord.PASSED)
    yield naive(survey, row, study)
    yield from change_rows(asking, answered, row)
    yield from slopes(asking, answered, "stayed_days", replace(row, measure="slope_days", unit="days per point"))


def read_surveys(asking: Asking) -> pd.DataFrame:
    """One row per person of the arms that are compared, with the early score and what came after the landmark."""
    survey = asking.warehouse.execute(
        """SELECT episode_id, instrument_id, in_care, survey_day, survey_score, observable, care_days,
           stayed_days, late_score FROM satisfaction_landmark"""
    ).df()
    people = with_first_baseline(asking.records.people, asking.records)
    joined = beside(people[people["episode_id"].isin(survey["episode_id"])], survey)
    for name in ("survey_score", "care_days", "stayed_days", "late_score"):
        joined[name] = joined[name].astype("float64")
    return joined.assign(
        in_care=joined["in_care"].fillna(False).astype(bool), observable=joined["observable"].fillna(False).astype(bool)
    )


def steps(survey: pd.DataFrame, close: int, last: int) -> Iterator[AttritionStep]:
    """Who is asked what came after the landmark, and why others are not."""
    left, label = np.ones(len(survey), dtype=bool), "stayed after the early survey"
    yield AttritionStep(
        analysis=label,
        step=0,
        sentence="people who started new at one of the compared levels",
        n_left=len(survey),
        n_removed=0,
    )
    rules = (
        (f"they were no longer in care on day {close}", survey["in_care"]),
        (f"their records end before day {last} and the silence after it", survey["observable"]),
        ("they did not answer the survey", survey["survey_score"].notna()),
    )
    for number, (sentence, rule) in enumerate(rules, start=1):
        stays = left & rule.to_numpy()
        yield AttritionStep(
            analysis=label,
            step=number,
            sentence=f"left out: {sentence}",
            n_left=int(stays.sum()),
            n_removed=int(left.sum() - stays.sum()),
        )
        left = stays


def naive(survey: pd.DataFrame, row: Result, study: Study) -> Result:
    """Score at discharge against the whole time in care."""
    late = survey[survey["late_score"].notna() & survey["care_days"].notna()]
    try:
        found = rank_correlation(late["late_score"], late["care_days"], cluster=who_is_alike(late, study)[0])
    except NotEstimable as why:
        return TWIN.beside(row, reason=str(why))
    return TWIN.beside(row, found, n=found.n)


def change_rows(asking: Asking, answered: pd.DataFrame, row: Result) -> Iterator[Result]:
    """The same with the change of the study's main outcome after the survey; nothing where there is no outcome."""
    outcome = main_outcome(asking.study)
    if outcome is None:
        return
    change = asking.warehouse.execute(
        "SELECT episode_id, score_before, improvement_after FROM satisfaction_change WHERE outcome = ? "
        "ORDER BY episode_id",
        [outcome.name],
    ).df()
    both = answered.merge(change, on="episode_id", how="left", validate="one_to_one")
    both = both.assign(
        improvement_after=both["improvement_after"].astype("float64"),
        baseline_score=both["score_before"].astype("float64"),
    )
    one = replace(row, analysis="satisfaction", outcome=outcome.name, day=outcome.day, twin_of="")
    try:
        known = both[both["improvement_after"].notna()]
        alike, said = who_is_alike(known, asking.study)
        found = rank_correlation(known["survey_score"], known["improvement_after"], cluster=alike)
    except NotEstimable as why:
        yield replace(one.blank(), reason=str(why))
        return
    one = replace(one, note=f"{NOT_AN_EFFECT} {said}".strip())
    yield one.filled(found, n=found.n)
    yield from slopes(asking, both, "improvement_after", replace(one, measure="slope_points", unit="points per point"))


def slopes(asking: Asking, people: pd.DataFrame, outcome: str, row: Result) -> Iterator[Result]:
    """Adjusted slopes per point of the early score: between people of one program, and between programs."""
    row = replace(row, analysis="satisfaction", estimator="least squares, adjusted")
    known = people[people[outcome].notna()].reset_index(drop=True)
    try:
        levels = [column for _, column, _ in category_terms(known["arm"], "level")]
        columns = np.column_stack([design(known, asking.study, None).values, *levels])
        found = within_between(
            known[outcome],
            known["survey_score"],
            known["program_id"],
            columns,
            cluster=who_is_alike(known, asking.study)[0],
        )
    except NotEstimable as why:
        yield replace(row.blank(), reason=str(why))
        return
    for where, one in (("within programs", found.within), ("between programs", found.between)):
        yield row.filled(one, stratum=f"{row.stratum}, {where}", n=one.n)


def who_is_alike(people: pd.DataFrame, study: Study) -> tuple[np.ndarray | None, str]:
    """Sites as the clusters where there are enough of them, else programs, therapists or people, and the sentence about
    it; every person here counts as observed."""
    _, site = text_places(people["site"])
    if not len(people) or site.max() + 1 >= BEYOND_SITES:
        return (site if len(people) else None), ""
    alike = clusters_of_one(people, np.ones(len(people), dtype=bool), study)
    return alike.codes, counts_of(alike)
