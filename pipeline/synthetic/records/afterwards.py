"""What is learned after the start: attempts to reach people, and claims for care that no level of care can change."""

from dataclasses import dataclass, replace

import numpy as np

from pipeline.synthetic.care import Stays, death_day
from pipeline.synthetic.courses import READMISSION
from pipeline.synthetic.coverage import Coverage
from pipeline.synthetic.people import logistic
from pipeline.synthetic.population import Draw

WINDOWS = ("30d", "90d", "180d")
REACHED = ("reached", "refused", "not_reached", "wrong_contact", "died")
CLAIMS_LINKED = 0.75  # share of people whose physical-health claims can be seen
# Negative controls: base log-odds, then per 13 years of age, per unstable housing, per Medicaid.
CONTROLS = {
    "flu_vaccination": (-0.6, 0.45, -0.3, 0.0),
    "dental_visit": (-0.2, 0.10, -0.6, -0.4),
    "eye_exam": (-0.9, 0.35, -0.2, 0.0),
    "skin_check": (-2.2, 0.40, -0.4, -0.3),
    "hearing_test": (-3.0, 0.50, 0.0, 0.0),
    "tetanus_booster": (-2.3, 0.00, 0.0, 0.0),
    "cholesterol_panel": (-1.1, 0.50, -0.2, 0.0),
    "allergy_visit": (-2.4, 0.00, 0.0, -0.2),
    "foot_exam": (-2.6, 0.35, 0.2, 0.2),
    "bone_density_scan": (-3.2, 0.60, 0.0, 0.0),
    "physical_therapy": (-1.9, 0.20, 0.0, 0.0),
    "new_glasses": (-1.3, 0.20, -0.2, -0.1),
    "travel_vaccination": (-3.0, 0.00, -0.4, -0.5),
    "wart_removal": (-3.1, -0.10, 0.0, 0.0),
}


@dataclass(frozen=True, slots=True)
class Attempts:
    """One row per survey attempt: window and reached index WINDOWS and REACHED; -1 where an answer is not known."""

    person: np.ndarray
    window: np.ndarray
    day: np.ndarray
    reached: np.ndarray
    readmitted: np.ndarray
    readmitted_on: np.ndarray
    readmitted_level: np.ndarray
    ed_visit: np.ndarray
    self_harm: np.ndarray
    employed: np.ndarray


@dataclass(frozen=True, slots=True)
class ControlClaims:
    """One row per person and negative control; control indexes CONTROLS, value is 0 or 1."""

    person: np.ndarray
    control: np.ndarray
    day: np.ndarray
    value: np.ndarray


def draw_followup_day(coverage: Coverage, days: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(n,) the day on which each person's day-90 score is or would be taken."""
    return coverage.start + rng.integers(days[0], days[1] + 1, coverage.start.size)


def attempts_of(
    draw: Draw, stays: Stays, coverage: Coverage, followup_day: np.ndarray, rng: np.random.Generator
) -> Attempts:
    """Three attempts per person; at day 90 those are reached who have a score then."""
    n = draw.level.size
    measured = draw.scores.measured[np.arange(n), draw.level]
    death = death_day(stays, n)
    parts = []
    for window, shift in enumerate((-60, 0, 91)):
        day = followup_day + shift
        reached = (measured if window == 1 else rng.random(n) < (0.7, 0.0, 0.5)[window]) & (day <= death)
        part = answers(draw, stays, np.flatnonzero(day <= coverage.to), window, day, reached, rng)
        dead = death[part.person] < part.day
        parts.append(replace(part, reached=np.where(dead, REACHED.index("died"), part.reached)))
    return Attempts(*(np.concatenate([getattr(part, name) for part in parts]) for name in Attempts.__slots__))


def answers(
    draw: Draw,
    stays: Stays,
    who: np.ndarray,
    window: int,
    day: np.ndarray,
    reached: np.ndarray,
    rng: np.random.Generator,
) -> Attempts:
    """The rows of one window; answers only from those who were reached."""
    n, people = who.size, draw.people
    unreached = rng.choice([1, 2, 3], size=n, p=[0.2, 0.75, 0.05])
    came_back = np.full(draw.level.size, -1)
    level = np.full(draw.level.size, -1)
    again = stays.slot == READMISSION
    came_back[stays.person[again]], level[stays.person[again]] = stays.start[again], stays.level[again]
    again_by_now = reached[who] & (came_back[who] >= 0) & (came_back[who] <= day[who])
    told = {
        "ed_visit": rng.random(n) < 0.05 + 0.05 * people.high_risk[who],
        "self_harm": rng.random(n) < 0.01 + 0.03 * people.high_risk[who],
        "employed": rng.random(n) < logistic(0.1 - 0.03 * (people.whodas[who] - 20)),
    }
    return Attempts(
        person=who,
        window=np.full(n, window),
        day=day[who],
        reached=np.where(reached[who], 0, unreached),
        readmitted=np.where(reached[who], again_by_now, -1).astype(np.int64),
        readmitted_on=np.where(again_by_now, came_back[who], -1),
        readmitted_level=np.where(again_by_now, level[who], -1),
        **{name: np.where(reached[who], value, -1).astype(np.int64) for name, value in told.items()},
    )


def control_claims(draw: Draw, coverage: Coverage, rng: np.random.Generator) -> ControlClaims:
    """Fourteen outcomes of the first half year that depend on age, housing and payer and never on the level of care."""
    people, day = draw.people, coverage.start + 180
    who = np.flatnonzero((rng.random(draw.level.size) < CLAIMS_LINKED) & (day <= coverage.to))
    X = np.column_stack(
        [np.ones(who.size), (people.age[who] - 38) / 13, people.housing[who] > 0, people.payer[who] == 1]
    )
    value = rng.random((who.size, len(CONTROLS))) < logistic(X @ np.array(list(CONTROLS.values())).T)
    return ControlClaims(
        np.repeat(who, len(CONTROLS)),
        np.tile(np.arange(len(CONTROLS)), who.size),
        np.repeat(day[who], len(CONTROLS)),
        value.ravel().astype(np.int64),
    )
