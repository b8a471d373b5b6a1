"""One draw of the whole process: people, the level each would start at, and what would happen at every level.

The same draw serves the records, the truth and simulation studies.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.synthetic.choice import choose, propensity
from pipeline.synthetic.courses import CHAIN_GAP, CODE, NONE, Courses, course, draw_chances
from pipeline.synthetic.outcomes import Scores, draw_scores
from pipeline.synthetic.people import SyntheticPeople, draw_people
from pipeline.synthetic.scenarios import Scenario
from pipeline.synthetic.world import World, with_own_therapists, world_of


@dataclass(frozen=True, slots=True)
class Draw:
    """n people with their potential outcomes.

    chances   (n, 5) true propensity of each level
    level     (n,) the level each person did start at
    scores    potential day-90 scores, (n, 5) each
    luck      (n, 32) uniforms from which the course at any level follows
    """

    scenario: Scenario
    world: World
    people: SyntheticPeople
    chances: np.ndarray
    level: np.ndarray
    scores: Scores
    luck: np.ndarray

    def courses_at(self, level: int) -> Courses:
        """The courses that everybody would have after starting at that level (0..4)."""
        return course(self.people, np.full(len(self.people), level), self.luck, self.scenario, self.world)

    def courses(self) -> Courses:
        """The courses that happen."""
        return course(self.people, self.level, self.luck, self.scenario, self.world)


def draw(n: int, rng: np.random.Generator, scenario: Scenario) -> Draw:
    """n people of a scenario."""
    world = world_of(scenario)
    if scenario.own_therapists:
        world = with_own_therapists(world, scenario, rng)
    people = draw_people(n, rng, scenario, world)
    chances = propensity(people, world)
    level = choose(chances, rng)
    scores = draw_scores(people, rng, scenario, world)
    return Draw(scenario, world, people, chances, level, scores, draw_chances(n, rng))


@dataclass(frozen=True, slots=True)
class RetentionTruth:
    """How long people stay in care, any level: contacts with no silence longer than 30 days.

    days      (n,) last contact of the chain that begins on day 0, days after day 0
    ending    (n,) place of its code in endings.CODES, of the stay in which it falls
    """

    days: np.ndarray
    ending: np.ndarray

    def retained(self, day: int) -> np.ndarray:
        """(n,) True where a contact of the chain falls on that day or later."""
        return self.days >= day

    def dropped_out(self, day: int) -> np.ndarray:
        """(n,) True where the chain ended before that day by dropping out or leaving against advice."""
        return (self.days < day) & np.isin(self.ending, [CODE["dropped_out"], CODE["ama"]])


def retention(courses: Courses) -> RetentionTruth:
    """Retention of each course."""
    last, ending = courses.last[:, 0].copy(), courses.ending[:, 0].copy()
    for stay in range(1, courses.level.shape[1]):
        joined = (courses.level[:, stay] != NONE) & (courses.start[:, stay] - last <= CHAIN_GAP)
        last = np.where(joined, courses.last[:, stay], last)
        ending = np.where(joined, courses.ending[:, stay], ending)
    return RetentionTruth(last - courses.start[:, 0], ending)
