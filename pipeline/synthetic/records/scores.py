"""Scores as they are recorded: at intake, during care, at discharge, and at day 90 and 180 whether or not care goes on.

Between day 0 and day 90 a score follows log(1 + day / settle); a person without a day-90 score has none at all in
that window (days 60 to 120), so that who is measured depends on day 0 alone.
"""

from dataclasses import dataclass, fields

import numpy as np

from pipeline.synthetic import outcomes
from pipeline.synthetic.care import Stays, death_day, expand
from pipeline.synthetic.courses import CODE
from pipeline.synthetic.coverage import Coverage
from pipeline.synthetic.people import within
from pipeline.synthetic.population import Draw

INSTRUMENTS = ("PHQ9", "GAD7", "PCL5", "CSSRS", "WHODAS12", "CSQ8")
PHQ9, GAD7, PCL5, CSSRS, WHODAS12, CSQ8 = range(6)
ITEMS = np.array([9, 7, 20, 6, 12, 8])
RANGE = np.array([[0, 27], [0, 21], [0, 80], [0, 5], [0, 48], [8, 32]])
OCCASIONS = ("intake", "during", "discharge", "followup")
INTAKE, DURING, DISCHARGE, FOLLOWUP = range(4)
INTAKE_SHARE = {PHQ9: 0.94, GAD7: 0.92, PCL5: 0.90, CSSRS: 0.95, WHODAS12: 0.92}
DISCHARGE_SHARE = {True: np.array([0.80, 0.85, 0.88, 0.90, 0.70]), False: np.array([0.20, 0.25, 0.30, 0.35, 0.20])}
FOLLOWUP_DAYS = (84, 97)
WINDOW = (60, 120)
NEAREST = 7  # no other score of the window lies nearer to day 90 than the follow-up's own range
VISIT_NOISE = 2.0  # PHQ-9 points
LATER_SHARE, LATER_DRIFT, LATER_NOISE = (
    0.5,
    0.3,
    2.5,
)  # measured at day 180 of those at day 90; PHQ-9 points by which they move


@dataclass(frozen=True, slots=True)
class Scored:
    """One row per administration; stay is its row in Stays, -1 outside any stay."""

    person: np.ndarray
    stay: np.ndarray
    instrument: np.ndarray
    day: np.ndarray
    score: np.ndarray
    occasion: np.ndarray


def scores_of(
    draw: Draw, stays: Stays, coverage: Coverage, followup_day: np.ndarray, rng: np.random.Generator
) -> Scored:
    """All administrations, in order of person, instrument and day; one per person, instrument and day."""
    parts = [
        intake(draw, stays, coverage, rng),
        during(draw, stays, coverage, rng),
        discharge(draw, stays, coverage, rng),
        followup(draw, coverage, followup_day, rng),
        satisfaction(draw, stays, rng),
    ]
    every = Scored(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Scored)))
    ends = np.minimum(coverage.to, death_day(stays, coverage.to.size))
    every = only(every, every.day <= ends[every.person])
    every = only(every, np.lexsort((every.occasion, every.day, every.instrument, every.person)))
    same = (np.diff(every.person) == 0) & (np.diff(every.instrument) == 0) & (np.diff(every.day) == 0)
    return only(every, np.concatenate([[True], ~same]))


def only(scored: Scored, which: np.ndarray) -> Scored:
    """Some rows, by mask or by position."""
    return Scored(*(getattr(scored, f.name)[which] for f in fields(Scored)))


def stack(parts: list[tuple[np.ndarray, np.ndarray, int, np.ndarray, np.ndarray, int]]) -> Scored:
    """Rows from (person, stay, instrument, day, score, occasion) with one instrument and occasion per part."""
    sizes = [part[0].size for part in parts]
    return Scored(
        person=np.concatenate([part[0] for part in parts]),
        stay=np.concatenate([part[1] for part in parts]),
        instrument=np.repeat([part[2] for part in parts], sizes),
        day=np.concatenate([part[3] for part in parts]),
        score=np.concatenate([part[4] for part in parts]),
        occasion=np.repeat([part[5] for part in parts], sizes),
    )


def intake(draw: Draw, stays: Stays, coverage: Coverage, rng: np.random.Generator) -> Scored:
    """Baselines of the index stay, mostly on day 0, from three days before to one day after."""
    people, n = draw.people, len(draw.people)
    index = np.full(n, -1)
    index[stays.person[stays.slot == 0]] = np.flatnonzero(stays.slot == 0)
    day = coverage.start + rng.choice([-3, -1, 0, 1], size=n, p=[0.06, 0.09, 0.75, 0.10])
    value = {PHQ9: people.phq9, GAD7: people.gad7, PCL5: people.pcl5, CSSRS: people.cssrs, WHODAS12: people.whodas}
    parts = []
    for instrument, share in INTAKE_SHARE.items():
        taken = rng.random(n) < share
        if instrument == PCL5:
            taken &= people.trauma
        who = np.flatnonzero(taken)
        parts.append((who, index[who], instrument, day[who], value[instrument][who], INTAKE))
    return stack(parts)


def during(draw: Draw, stays: Stays, coverage: Coverage, rng: np.random.Generator) -> Scored:
    """Scores in care at the level's own rhythm; four in five are taken."""
    every = np.array(draw.scenario.score_every)[stays.level]
    length = np.minimum(stays.last, coverage.to[stays.person]) - stays.start
    count = np.where(every > 0, (length - 1) // np.maximum(every, 1), 0)
    stay, number = expand(stays, np.maximum(count, 0))
    day = stays.start[stay] + every[stay] * (number + 1)
    keep = (rng.random(stay.size) < 0.8) & may_be_scored(draw, stays.person[stay], day, coverage)
    stay, day, number = stay[keep], day[keep], number[keep]
    return symptoms(draw, stays, stay, day, coverage, (number % 4 == 3), DURING, rng)


def discharge(draw: Draw, stays: Stays, coverage: Coverage, rng: np.random.Generator) -> Scored:
    """Scores on the last day of a stay that ended under observation, far more often after a planned end."""
    planned = np.isin(stays.ending, [CODE["completed"], CODE["transferred"]])
    share = np.where(planned, DISCHARGE_SHARE[True][stays.level], DISCHARGE_SHARE[False][stays.level])
    taken = (
        ~stays.open
        & (stays.last >= stays.start + 2)
        & (rng.random(share.size) < share)
        & (stays.ending != CODE["died"])
    )
    taken &= may_be_scored(draw, stays.person, stays.last, coverage)
    stay = np.flatnonzero(taken)
    return symptoms(draw, stays, stay, stays.last[stay], coverage, np.ones(stay.size, dtype=bool), DISCHARGE, rng)


def may_be_scored(draw: Draw, person: np.ndarray, day: np.ndarray, coverage: Coverage) -> np.ndarray:
    """True outside the day-90 window; inside it only for those who have a day-90 score, and further from day 90."""
    since = day - coverage.start[person]
    inside = (since >= WINDOW[0]) & (since <= WINDOW[1])
    measured = draw.scores.measured[person, draw.level[person]]
    return (since >= 2) & (~inside | (measured & (np.abs(since - 90) > NEAREST)))


def symptoms(
    draw: Draw,
    stays: Stays,
    stay: np.ndarray,
    day: np.ndarray,
    coverage: Coverage,
    with_pcl5: np.ndarray,
    occasion: int,
    rng: np.random.Generator,
) -> Scored:
    """PHQ-9, GAD-7 and sometimes PCL-5 (people with trauma) on the way from the baseline to the day-90 score."""
    person = stays.person[stay]
    share = progress(day - coverage.start[person], np.array(draw.scenario.settle)[draw.level[person]])
    parts = []
    for instrument, before, after in foretold_scales(draw):
        noise = VISIT_NOISE * RANGE[instrument, 1] / 27 * rng.normal(size=person.size)
        score = before[person] + share * (after[person] - before[person]) + noise
        which = with_pcl5 & draw.people.trauma[person] if instrument == PCL5 else np.ones(person.size, dtype=bool)
        parts.append(
            (person[which], stay[which], instrument, day[which], within(score[which], *RANGE[instrument]), occasion)
        )
    return stack(parts)


def symptom_scales(draw: Draw) -> list[tuple[int, np.ndarray, np.ndarray]]:
    """(instrument, baseline, day-90 score at the level that was chosen)."""
    rows = np.arange(draw.level.size)
    return [
        (PHQ9, draw.people.phq9, draw.scores.phq9[rows, draw.level]),
        (GAD7, draw.people.gad7, draw.scores.gad7[rows, draw.level]),
        (PCL5, draw.people.pcl5, draw.scores.pcl5[rows, draw.level]),
    ]


def foretold_scales(draw: Draw) -> list[tuple[int, np.ndarray, np.ndarray]]:
    """The same with the day-90 score that scores in care lead to: not as bad, where people fell back unseen."""
    scenario, rows = draw.scenario, np.arange(draw.level.size)
    unseen = scenario.missing_worse * ~(draw.scores.measured[rows, draw.level] | scenario.missing_foretold)
    effects = {PHQ9: outcomes.PHQ9.effect, GAD7: outcomes.GAD7.effect, PCL5: outcomes.PCL5.effect}
    return [(scale, before, after - effects[scale] * unseen) for scale, before, after in symptom_scales(draw)]


def progress(since: np.ndarray, settle: np.ndarray) -> np.ndarray:
    """Share of the day-90 change reached after so many days; fast early, 1 from day 90 on."""
    return np.minimum(np.log1p(np.maximum(since, 0) / settle) / np.log1p(90 / settle), 1.0)


def followup(draw: Draw, coverage: Coverage, followup_day: np.ndarray, rng: np.random.Generator) -> Scored:
    """Day-90 scores exactly as the process made them, and for half of those a score at day 180."""
    rows = np.arange(draw.level.size)
    measured = draw.scores.measured[rows, draw.level]
    later = measured & (rng.random(rows.size) < LATER_SHARE)
    parts = []
    for instrument, _, after in symptom_scales(draw):
        who = np.flatnonzero(measured & (draw.people.trauma | (instrument != PCL5)))
        parts.append((who, np.full(who.size, -1), instrument, followup_day[who], after[who], FOLLOWUP))
        who = np.flatnonzero(later & (draw.people.trauma | (instrument != PCL5)))
        drift = (LATER_DRIFT + LATER_NOISE * rng.normal(size=who.size)) * RANGE[instrument, 1] / 27
        parts.append(
            (
                who,
                np.full(who.size, -1),
                instrument,
                followup_day[who] + 91,
                within(after[who] + drift, *RANGE[instrument]),
                FOLLOWUP,
            )
        )
    return stack(parts)


def satisfaction(draw: Draw, stays: Stays, rng: np.random.Generator) -> Scored:
    """CSQ-8 in the second or third week, and at discharge; the content stay longer and answer more often."""
    well = draw.people.hardship[stays.person]
    early = stays.start + rng.integers(7, 22, stays.start.size)
    parts = []
    for day, share, occasion in ((early, 0.45, DURING), (stays.last, 0.35, DISCHARGE)):
        asked = (stays.slot == 0) & ~stays.open & (day <= stays.last) & (rng.random(day.size) < share + 0.05 * well)
        stay = np.flatnonzero(asked)
        score = within(25.5 + 1.6 * well[stay] + 3.2 * rng.normal(size=stay.size), *RANGE[CSQ8])
        parts.append((stays.person[stay], stay, CSQ8, day[stay], score, occasion))
    return stack(parts)
