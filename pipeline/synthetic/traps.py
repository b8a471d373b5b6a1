"""Truths that only one scenario is about: immortal time after a 24-hour stay, and being measured more often."""

import numpy as np

from pipeline.measures.library import instruments
from pipeline.synthetic.contrasts import Moments, Question, sums
from pipeline.synthetic.courses import DOWN, NONE, READMISSION
from pipeline.synthetic.population import Draw
from pipeline.synthetic.scores import VISIT_NOISE, progress
from pipeline.synthetic.world import IOP, RESIDENTIAL_OR_INPATIENT

GRACE_DAYS = 14
FIRST_WEEKS = 56


def trap_moments(drawn: Draw) -> dict[Question, Moments]:
    """The scenario's own trap; empty for scenarios without one."""
    if drawn.scenario.step_down_planned is not None:
        return immortal_time(drawn, 30) | immortal_time(drawn, 90)
    if drawn.scenario.name == "assessment_frequency":
        return measured_more_often(drawn)
    return {}


def immortal_time(drawn: Draw, horizon: int) -> dict[Question, Moments]:
    """C6: the hazard of readmission with and without IOP within 14 days of discharge: ratio 1 by construction.

    The naive rates count whoever started IOP from the day of discharge on: naive holds (days at risk, readmissions,
    readmissions) per group, so that its ratio of means is a rate.
    """
    courses = drawn.courses()
    left = np.isin(drawn.level, RESIDENTIAL_OR_INPATIENT)
    discharge = courses.last[:, 0]
    wait = np.where(courses.level[:, READMISSION] != NONE, courses.start[:, READMISSION] - discharge, horizon + 1)
    begun = (courses.level[:, DOWN] == IOP) & (courses.start[:, DOWN] - discharge <= GRACE_DAYS)
    event, time = wait <= horizon, np.minimum(wait, horizon)
    groups = np.array([[time[who].sum(), event[who].sum(), event[who].sum()] for who in (left & begun, left & ~begun)], dtype=float)
    asked = Question("C6", f"readmitted_day{horizon}", "iop within 14 days", "no iop within 14 days", "hazard_ratio", day=horizon)
    ones = np.ones(drawn.level.size) * left
    return {asked: sums(ones, ones, np.stack([groups, groups]))}


def measured_more_often(drawn: Draw) -> dict[Question, Moments]:
    """C3: reliable improvement on the PHQ-9 on day 56, had everybody been measured just then; IOP against weekly care.

    Naive: a first crossing at any score taken by then; errors of measurement cross too, and IOP has far more scores.
    """
    rci = float(instruments()["PHQ9"]["rci_default"])
    every, settle = np.array(drawn.scenario.score_every), np.array(drawn.scenario.settle)
    rng = np.random.default_rng(drawn.level.size)
    now, ever = [], []
    for level in (IOP, 0):
        change = drawn.people.phq9 - drawn.scores.phq9[:, level]
        now.append((change * progress(np.array(FIRST_WEEKS), settle[level]) >= rci).astype(float))
        crossed = np.zeros(change.size, dtype=bool)
        for day in range(every[level], FIRST_WEEKS + 1, every[level]):
            crossed |= np.rint(change * progress(np.array(day), settle[level]) + VISIT_NOISE * rng.normal(size=change.size)) >= rci
        ever.append(crossed.astype(float))
    chances = drawn.chances[:, IOP], drawn.chances[:, 0]
    both = chances[0] + chances[1]
    h = np.divide(chances[0] * chances[1], both, out=np.zeros_like(both), where=both > 0)
    naive = np.array([[(who := drawn.level == level).sum(), x[who].sum(), x[who].sum()]
                      for level, x in zip((IOP, 0), ever, strict=True)], dtype=float)
    asked = Question("C3", "reliable_phq9_day90", "iop", "outpatient", "risk_difference", day=FIRST_WEEKS)
    return {asked: sums(h, now[0] - now[1], np.stack([naive, naive]))}
