"""Truths of days and groups of their own: immortal time after a 24-hour stay, being measured more often, and what lasts
half a year."""

from dataclasses import replace

import numpy as np

from pipeline.measures.library import instruments
from pipeline.synthetic.courses import CODE, DOWN, NONE, READMISSION, Courses
from pipeline.synthetic.people import within
from pipeline.synthetic.population import Draw
from pipeline.synthetic.records.scores import LATER_DRIFT, LATER_NOISE, LATER_SHARE, PHQ9, RANGE, VISIT_NOISE, progress
from pipeline.synthetic.truth.contrasts import Moments, TrueContrast, sums, two_arm_moments
from pipeline.synthetic.world import IOP, RESIDENTIAL_OR_INPATIENT

GRACE_DAYS = 14
STEP_DOWN_LUCK = 6  # the uniform of a course that decides what follows a 24-hour stay
FIRST_WEEKS = 56
LATER_DAY = 180


def trap_moments(drawn: Draw, eligible: np.ndarray | None = None) -> dict[TrueContrast, Moments]:
    """C6 where its scenario is drawn; C3 and C13 of every scenario."""
    found = {}
    if drawn.scenario.step_down_planned is not None:
        found = (
            immortal_time(drawn, 30) | immortal_time(drawn, 90) | stepped_down(drawn, drawn.scenario.step_down_planned)
        )
    return found | measured_more_often(drawn) | half_a_year_later(drawn, eligible)


def immortal_time(drawn: Draw, horizon: int) -> dict[TrueContrast, Moments]:
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
    groups = np.array(
        [[time[who].sum(), event[who].sum(), event[who].sum()] for who in (left & begun, left & ~begun)], dtype=float
    )
    asked = TrueContrast(
        "C6", f"readmitted_day{horizon}", "iop within 14 days", "no iop within 14 days", "hazard_ratio", day=horizon
    )
    ones = np.ones(drawn.level.size) * left
    return {asked: sums(ones, ones, np.stack([groups, groups]))}


def stepped_down(drawn: Draw, planned: float) -> dict[TrueContrast, Moments]:
    """C6: risk of being back in 24-hour care by day 30 and 90 had everybody at a site with IOP had it planned, less had
    nobody.

    Naive: whoever did start within the grace period, less the others.
    """
    left = np.isin(drawn.level, RESIDENTIAL_OR_INPATIENT) & drawn.world.offered[drawn.people.site, IOP]
    seen = drawn.courses()
    left &= seen.ending[:, 0] != CODE["died"]
    begun = (seen.level[:, DOWN] == IOP) & (seen.start[:, DOWN] - seen.last[:, 0] <= GRACE_DAYS)
    chance = drawn.luck[:, STEP_DOWN_LUCK]
    waits = [
        back_after(forced)
        for forced in (with_luck(drawn, planned * chance), with_luck(drawn, planned + (1 - planned) * chance))
    ]
    found, as_seen = {}, back_after(seen)
    for horizon in (30, 90):
        event = as_seen <= horizon
        naive = np.array(
            [[who.sum(), event[who].sum(), event[who].sum()] for who in (left & begun, left & ~begun)], dtype=float
        )
        asked = TrueContrast(
            "C6",
            f"readmitted_day{horizon}",
            f"IOP within {GRACE_DAYS} days",
            f"no IOP within {GRACE_DAYS} days",
            "risk_difference",
            target="combined",
            day=horizon,
        )
        found[asked] = sums(left * 1.0, (waits[0] <= horizon) * 1.0 - (waits[1] <= horizon), np.stack([naive, naive]))
    return found


def with_luck(drawn: Draw, chance: np.ndarray) -> Courses:
    """The courses that would happen with this uniform (n,) in place of the one that decides about stepping down."""
    luck = drawn.luck.copy()
    luck[:, STEP_DOWN_LUCK] = chance
    return replace(drawn, luck=luck).courses()


def back_after(courses: Courses) -> np.ndarray:
    """(n,) days from the end of the first stay to the next 24-hour stay that is no direct transfer; a great number
    where none comes."""
    wait = courses.start[:, 1:] - courses.last[:, :1]
    back = np.isin(courses.level[:, 1:], RESIDENTIAL_OR_INPATIENT) & (wait >= 2)
    return np.asarray(np.where(back, wait, 10**6).min(axis=1))


def measured_more_often(drawn: Draw) -> dict[TrueContrast, Moments]:
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
            crossed |= (
                np.rint(change * progress(np.array(day), settle[level]) + VISIT_NOISE * rng.normal(size=change.size))
                >= rci
            )
        ever.append(crossed.astype(float))
    chances = drawn.chances[:, IOP], drawn.chances[:, 0]
    both = chances[0] + chances[1]
    h = np.divide(chances[0] * chances[1], both, out=np.zeros_like(both), where=both > 0)
    naive = np.array(
        [
            [(who := drawn.level == level).sum(), x[who].sum(), x[who].sum()]
            for level, x in zip((IOP, 0), ever, strict=True)
        ],
        dtype=float,
    )
    asked = TrueContrast("C3", "reliable_phq9_day90", "iop", "outpatient", "risk_difference", day=FIRST_WEEKS)
    return {asked: sums(h, now[0] - now[1], np.stack([naive, naive]))}


def half_a_year_later(drawn: Draw, eligible: np.ndarray | None) -> dict[TrueContrast, Moments]:
    """C13: improvement on the PHQ-9 from the start to day 180, IOP against 24-hour care, of everybody who starts.

    Scores drift after day 90 whatever the level, so that nothing is lost or gained but at the ends of the scale.
    """
    n = drawn.level.size
    rng = np.random.default_rng([n, LATER_DAY])
    drift = LATER_DRIFT + LATER_NOISE * rng.normal(size=n)
    improvement = (drawn.people.phq9[:, None] - within(drawn.scores.phq9 + drift[:, None], *RANGE[PHQ9])).astype(float)
    measured = drawn.scores.measured[np.arange(n), drawn.level] & (rng.random(n) < LATER_SHARE)
    arm, reference = np.array([IOP]), np.array(RESIDENTIAL_OR_INPATIENT)
    everybody = np.ones(n, dtype=bool) if eligible is None else eligible
    asked = TrueContrast("C13", "phq9_day90", "iop", "inpatient", "difference", day=LATER_DAY)
    values = improvement[:, arm], improvement[:, reference]
    return {asked: two_arm_moments(drawn, arm, reference, values, measured, everybody, eligible is not None)}
