"""How much of each person's life the records can see: look-back, earlier care, and when observation ends."""

from dataclasses import dataclass, replace

import numpy as np

from pipeline.synthetic.courses import NONE, READMISSION, RETURN, Courses
from pipeline.synthetic.people import FIRST_DAY, SyntheticPeople
from pipeline.synthetic.world import World

LOOK_BACK_FROM = FIRST_DAY - 92  # 2023-10-01: the extract begins a quarter before the first admission
DATA_CUT = FIRST_DAY + 820  # 2026-03-31
SHORT_LOOK_BACK = 0.05  # share of people first seen less than 60 days before they start
EARLIER_CARE = 0.03  # share with outpatient visits in the weeks before
LEFT_COVERAGE = 0.07  # share whose observation ends before the data cut


@dataclass(frozen=True, slots=True)
class Coverage:
    """Observation of n people; every array is (n,).

    start          day 0: first service of the index stay
    from_, to      first and last day on which services would be seen
    earlier_care   True where outpatient visits precede day 0 by less than 60 days
    new_user       True where 60 days before day 0 can be seen and hold no visit
    """

    start: np.ndarray
    from_: np.ndarray
    to: np.ndarray
    earlier_care: np.ndarray
    new_user: np.ndarray


def draw_coverage(people: SyntheticPeople, courses: Courses, world: World, rng: np.random.Generator) -> Coverage:
    """Observation periods; earlier care is only seen by those whose look-back is short, so that it never becomes day
    0."""
    n, start = len(people), courses.start[:, 0]
    luck = rng.random(n)
    short = luck < SHORT_LOOK_BACK
    earlier = (luck > 1 - EARLIER_CARE) & world.offered[people.site, 0]
    begins = np.where(short, start - rng.integers(5, 60, n), LOOK_BACK_FROM)
    begins = np.where(earlier, start - 56, begins)
    leaves = rng.random(n) < LEFT_COVERAGE
    ends = np.where(leaves, np.minimum(start + rng.integers(20, 400, n), DATA_CUT), DATA_CUT)
    return Coverage(start, np.maximum(begins, LOOK_BACK_FROM), ends, earlier, ~short & ~earlier)


def seen_courses(courses: Courses, coverage: Coverage) -> Courses:
    """Courses without the late stays of people who are not new users: a stay months later would make them new."""
    level = courses.level.copy()
    level[np.ix_(~coverage.new_user, [READMISSION, RETURN])] = NONE
    return replace(courses, level=level)
