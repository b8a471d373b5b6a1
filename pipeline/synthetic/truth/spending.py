"""C7: what starting at each level would cost a payer, the index stay and all that follows it, in expectation over who
shows up.

Prices are assumptions (codes.UNIT_PRICE).  As in the costs table, an amount stands on the first day of its 30 days of a
stay.
"""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from pipeline.choices.asked import ComparisonChoices, Cost
from pipeline.study import Study
from pipeline.synthetic.care import ATTENDANCE, EXTRA_SHARE
from pipeline.synthetic.courses import NONE, STAYS, Courses, offset
from pipeline.synthetic.outcomes import Scores
from pipeline.synthetic.people import SyntheticPeople
from pipeline.synthetic.population import Draw
from pipeline.synthetic.records import codes
from pipeline.synthetic.records.episodes import PAYER_FACTOR, SLICE_DAYS
from pipeline.synthetic.truth.contrasts import Moments, TrueContrast, member, naive_sums, two_arm_moments, value_at
from pipeline.synthetic.world import LEVEL_COUNT

MOST_PEOPLE = 20_000  # of one draw: their visits are counted one by one, at every level
IN_BED = 3  # levels from here on are paid by the day, whoever comes to the groups


def cost_moments(drawn: Draw, eligible: np.ndarray | None = None) -> dict[TrueContrast, Moments]:
    """Sums of each declared pair and period over the first people of a draw; naive: the index stay alone,
    unadjusted."""
    draw = first_people(drawn, MOST_PEOPLE)
    n, days = draw.level.size, Cost().days
    whom = np.ones(n, dtype=bool) if eligible is None else eligible[:n]
    by_level = np.stack(
        [expected_costs(draw.people, draw.courses_at(level), days) for level in range(LEVEL_COUNT)], axis=1
    )
    arms = Study(Path()).arms
    moments = {}
    for arm, reference in ComparisonChoices().contrasts:
        levels = member(arms[arm]), member(arms[reference])
        started = np.isin(draw.level, levels[0]), np.isin(draw.level, levels[1])
        either = np.array([draw.world.offered[:, one].any(axis=1) for one in levels])
        shared = np.asarray(either.all(axis=0))
        index = [value_at(draw.level, one, by_level[:, one, len(days)]) for one in levels]
        naive = naive_sums(index, started, whom, shared[draw.people.site])
        for place, day in enumerate(days):
            values = by_level[:, levels[0], place], by_level[:, levels[1], place]
            found = two_arm_moments(draw, *levels, values, np.ones(n, dtype=bool), whom, eligible is not None)
            moments[TrueContrast("C7", f"cost_day{day}", arm, reference, "cost_difference", day=day)] = replace(
                found, naive=naive
            )
    return moments


def first_people(drawn: Draw, most: int) -> Draw:
    """The draw with no more than so many people."""
    if drawn.level.size <= most:
        return drawn
    people = SyntheticPeople(*(getattr(drawn.people, field.name)[:most] for field in fields(SyntheticPeople)))
    scores = Scores(*(getattr(drawn.scores, field.name)[:most] for field in fields(Scores)))
    return replace(
        drawn,
        people=people,
        scores=scores,
        **{name: getattr(drawn, name)[:most] for name in ("chances", "level", "luck")},
    )


def expected_costs(people: SyntheticPeople, courses: Courses, days: tuple[int, ...]) -> np.ndarray:
    """(n, periods + 1) expected cost from day 0 to the end of each period, and of the index stay alone, whatever its
    length."""
    n = len(people)
    total = np.zeros((n, len(days) + 1))
    for slot in range(STAYS):
        level = courses.level[:, slot]
        who, visit = expand_visits(np.where(level == NONE, 0, courses.visits[:, slot]))
        start, pattern = courses.start[who, slot], courses.pattern[who, slot]
        day_of_stay = offset(start, pattern, visit)
        paid = expected_services(level[who], visit, courses.visits[who, slot])
        _, first, part = np.unique(who * 1024 + day_of_stay // SLICE_DAYS, return_index=True, return_inverse=True)
        services = np.bincount(part, weights=paid)
        owner = who[first]
        price = np.round(np.array(codes.UNIT_PRICE)[level[owner]] * PAYER_FACTOR[people.payer[owner]], 2)
        since = (start + day_of_stay)[first] - courses.start[owner, 0]
        for place, end in enumerate(days):
            total[:, place] += np.bincount(owner, weights=services * price * (since < end), minlength=n)
        if slot == 0:
            total[:, -1] = np.bincount(owner, weights=services * price, minlength=n)
    return total


def expand_visits(visits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row of the person and number of the visit (0, 1, …) for each scheduled visit."""
    who = np.repeat(np.arange(visits.size), visits)
    return who, np.arange(who.size) - np.repeat(np.cumsum(visits) - visits, visits)


def expected_services(level: np.ndarray, visit: np.ndarray, visits: np.ndarray) -> np.ndarray:
    """Services that are paid for on each scheduled day: the first and last visit happen, two are never missed in a row
    and a third with them, and some days hold a second service."""
    chance = ATTENDANCE[level]
    came = np.where(visit >= 2, chance + (1 - chance) ** 3, chance)
    came = np.where((visit == 0) | (visit == visits - 1), 1.0, came)
    second = np.where((visit == 0) & (level < IN_BED), 0.0, EXTRA_SHARE[level])
    return came * (1 + second)
