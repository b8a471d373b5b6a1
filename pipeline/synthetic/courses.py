"""What happens after day 0 at a level: stays, step-downs, readmissions, and how each ends; for any level, so that
truths can be had.

A course has up to five stays: index, step-down, second step-down, readmission to 24-hour care, and a much later return.
"""

from dataclasses import dataclass, replace

import numpy as np

from pipeline.schema import ENDINGS
from pipeline.synthetic.people import SyntheticPeople, logistic
from pipeline.synthetic.scenarios import Scenario
from pipeline.synthetic.world import DROPOUT_THERAPIST_SD, IOP, IP, LEVEL_COUNT, RESIDENTIAL_OR_INPATIENT, World

STAYS = 5
INDEX, DOWN, SECOND_DOWN, READMISSION, RETURN = range(STAYS)
CHANCES = 32  # uniforms that a course uses per person
CHAIN_GAP = 30  # days without a contact after which a person is no longer in care

# Weekly patterns of service days, counted from Monday: OP any weekday, three kinds of IOP week, five weekdays, daily.
WEEKLY, IOP_MWF, IOP_TWT, IOP_FOUR, WEEKDAYS, DAILY = range(6)
PATTERN_DAYS = ((0,), (0, 2, 4), (1, 2, 3), (0, 1, 2, 3), (0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5, 6))
PER_WEEK = np.array([len(days) for days in PATTERN_DAYS])
POSITION = np.array([[*days, *[99] * (7 - len(days))] for days in PATTERN_DAYS])

UNPLANNED = np.array([0.33, 0.30, 0.20, 0.22, 0.08])  # by planned end, OP IOP PHP RES IP
PLANNED_LENGTH = ((12, 16), (6, 8), (10, 15), (28, 45), (6, 9))  # sessions, weeks, days, days, days
AFTERCARE_LENGTH = ((8, 12), (4, 6), (5, 10), (21, 28), (5, 8))
# Where people go on to after a planned end, by level left: OP IOP PHP RES IP (rest: nowhere).
ONWARD = np.array(
    [
        [0.00, 0.04, 0.00, 0.00, 0.01],
        [0.62, 0.00, 0.03, 0.01, 0.02],
        [0.20, 0.50, 0.00, 0.01, 0.02],
        [0.18, 0.38, 0.10, 0.00, 0.01],
        [0.26, 0.28, 0.16, 0.06, 0.00],
    ]
)
READMITTED_30 = np.array([0.03, 0.07, 0.10, 0.10, 0.15])
READMISSION_HORIZON = 180
UNPLANNED_KINDS = {  # share of each unplanned ending, by level
    "dropped_out": (0.74, 0.74, 0.72, 0.12, 0.00),
    "ama": (0.00, 0.00, 0.03, 0.54, 0.76),
    "terminated": (0.13, 0.14, 0.12, 0.22, 0.10),
    "moved_or_payer": (0.07, 0.07, 0.08, 0.08, 0.08),
    "incarcerated": (0.03, 0.03, 0.02, 0.01, 0.01),
    "other": (0.03, 0.02, 0.03, 0.03, 0.05),
}
CODE = {ending: i for i, ending in enumerate(ENDINGS)}
NONE = -1


@dataclass(frozen=True, slots=True)
class Courses:
    """The stays of n people, (n, 5) each, in time order; level is -1 where there is no such stay.

    start     day of the first service, days since 1970-01-01
    last      day of the last attended service
    visits    scheduled service days, first and last attended
    pattern   weekly pattern of service days
    ending    code in schema.ENDINGS
    planned   planned service days
    """

    level: np.ndarray
    start: np.ndarray
    last: np.ndarray
    visits: np.ndarray
    pattern: np.ndarray
    ending: np.ndarray
    planned: np.ndarray


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay per person; every array is (n,).  Fields as in Courses."""

    level: np.ndarray
    start: np.ndarray
    last: np.ndarray
    visits: np.ndarray
    pattern: np.ndarray
    ending: np.ndarray
    planned: np.ndarray


def draw_chances(n: int, rng: np.random.Generator) -> np.ndarray:
    """(n, 32) uniforms: a person's luck, the same whatever the level, so that potential courses differ by level
    alone."""
    return rng.random((n, CHANCES))


def course(
    people: SyntheticPeople, level: np.ndarray, chances: np.ndarray, scenario: Scenario, world: World
) -> Courses:
    """What would happen to each person after starting at that level (n,)."""
    odds = unplanned_log_odds(people, world)
    index = draw_stay(level, people.day, chances[:, 0:6], odds, PLANNED_LENGTH)
    down = onward(index, people, chances[:, 6:14], odds, scenario, world)
    second = onward(down, people, chances[:, 14:22], odds, None, world)
    again = readmission(index, people, chances[:, 22:26], scenario, world)
    down, second = interrupted(down, again), interrupted(second, again)
    second = without(second, down.level == NONE)
    index = handed_over(index, down, chances[:, 25])
    down = handed_over(down, second, chances[:, 25])
    back = later_return(last_contact_of([index, down, second, again]), people, chances[:, 26:32], odds, world)
    back = without(back, index.ending == CODE["died"])
    stays = (index, down, second, again, back)
    return Courses(*(np.column_stack([getattr(stay, name) for stay in stays]) for name in Courses.__slots__))


def unplanned_log_odds(people: SyntheticPeople, world: World) -> np.ndarray:
    """(n, 5) log-odds of an unplanned ending at each level; therapists and the person's course matter."""
    base = np.log(UNPLANNED / (1 - UNPLANNED))
    person = (
        0.3 * (people.sud - 0.35)
        + 0.45 * (people.housing == 2)
        - 0.15 * (people.age - 38) / 13
        - 0.3 * (people.referral == 3)
        - 0.35 * people.hardship
    )
    return 1.1 * base + person[:, None] + world.dropout[people.site, :, people.therapist] - DROPOUT_THERAPIST_SD**2 / 8


def draw_stay(
    level: np.ndarray, earliest: np.ndarray, chances: np.ndarray, odds: np.ndarray, lengths: tuple[tuple[int, int], ...]
) -> Stay:
    """A stay at each level (n,) that begins on the first service day from `earliest` on; level -1 gives no stay."""
    known = np.maximum(level, 0)
    pattern = pattern_of(known, chances[:, 0])
    start = first_service_day(earliest, pattern)
    low, high = np.array(lengths)[known].T
    planned = low + np.floor(chances[:, 1] * (high - low + 1)).astype(np.int64)
    planned = np.where(known == IOP, planned * PER_WEEK[pattern], planned)
    unplanned = chances[:, 2] < logistic(odds[np.arange(level.size), known])
    early = np.ceil(planned * chances[:, 3] ** 1.4 * 0.92).astype(np.int64)
    visits = np.maximum(np.where(unplanned, early, planned), 1)
    ending = np.where(unplanned, unplanned_ending(known, chances[:, 4]), CODE["completed"])
    ending = np.where(chances[:, 5] > 0.999, CODE["died"], ending)
    stay = Stay(level, start, start + offset(start, pattern, visits - 1), visits, pattern, ending, planned)
    return without(stay, level == NONE)


def pattern_of(level: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """(n,) weekly pattern: IOP meets three days a week, sometimes four."""
    iop = np.select([chance < 0.5, chance < 0.8], [IOP_MWF, IOP_TWT], IOP_FOUR)
    return np.select([level == 0, level == 1, level == 2], [WEEKLY, iop, WEEKDAYS], DAILY)


def weekday(day: np.ndarray) -> np.ndarray:
    """0 Monday .. 6 Sunday of days since 1970-01-01, a Thursday."""
    return (day + 3) % 7


def first_service_day(earliest: np.ndarray, pattern: np.ndarray) -> np.ndarray:
    """(n,) the first day from `earliest` on that belongs to the pattern; weekly care takes any weekday."""
    of_week = weekday(earliest)
    ahead = (POSITION[pattern] - of_week[:, None]) % 7
    ahead[POSITION[pattern] == 99] = 99
    weekly = np.where(of_week >= 5, 7 - of_week, 0)
    return earliest + np.where(pattern == WEEKLY, weekly, ahead.min(axis=1))


def offset(start: np.ndarray, pattern: np.ndarray, k: np.ndarray) -> np.ndarray:
    """(n,) days from the start to the k-th service day after it."""
    position, first = POSITION[pattern], slot_of(start, pattern)
    per_week, rows = PER_WEEK[pattern], np.arange(start.size)
    return 7 * ((first + k) // per_week) + position[rows, (first + k) % per_week] - position[rows, first]


def slot_of(start: np.ndarray, pattern: np.ndarray) -> np.ndarray:
    """(n,) which of the pattern's weekly service days the start is."""
    return np.where(pattern == WEEKLY, 0, (POSITION[pattern] < weekday(start)[:, None]).sum(axis=1))


def unplanned_ending(level: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """(n,) codes of unplanned endings, drawn with the level's shares."""
    edges = np.cumsum(np.array(list(UNPLANNED_KINDS.values())), axis=0)[:, level]
    kind = np.minimum((edges <= chance).sum(axis=0), len(UNPLANNED_KINDS) - 1)
    return np.array([CODE[name] for name in UNPLANNED_KINDS])[kind]


def onward(
    stay: Stay, people: SyntheticPeople, chances: np.ndarray, odds: np.ndarray, scenario: Scenario | None, world: World
) -> Stay:
    """The next stay after a planned end, within 14 days, at a level that the site offers.

    Under a scenario with step_down_planned, 24-hour stays go on to IOP with that chance on the first service day after
    4 to 10 days.
    """
    left = np.maximum(stay.level, 0)
    edges = np.cumsum(ONWARD[left], axis=1)
    to = (edges <= chances[:, :1]).sum(axis=1)
    planned_end = (stay.level != NONE) & (stay.ending == CODE["completed"])
    wait = np.floor(np.where(chances[:, 1] < 0.3, 1, 1 + 9 * chances[:, 1])).astype(np.int64)
    if scenario is not None and scenario.step_down_planned is not None:
        blind = np.isin(stay.level, RESIDENTIAL_OR_INPATIENT)
        to = np.where(blind, np.where(chances[:, 0] < scenario.step_down_planned, IOP, LEVEL_COUNT), to)
        wait = np.where(blind, 4 + np.floor(7 * chances[:, 1]).astype(np.int64), wait)
        planned_end |= blind & (stay.ending != CODE["died"])
    goes = planned_end & (to < LEVEL_COUNT)
    goes[goes] = world.offered[people.site[goes], to[goes]]
    return draw_stay(np.where(goes, to, NONE), stay.last + wait, chances[:, 2:8], odds, AFTERCARE_LENGTH)


def readmission(index: Stay, people: SyntheticPeople, chances: np.ndarray, scenario: Scenario, world: World) -> Stay:
    """A new 24-hour stay after the index stay, day 2 or later, Weibull in time; independent of any step-down."""
    hazard_30 = -np.log1p(-READMITTED_30[index.level])
    relative = np.exp(0.35 * people.prior_24h + 0.2 * people.sud + 0.25 * people.high_risk - 0.22)
    wait = 30 * (-np.log1p(-chances[:, 0]) / (hazard_30 * relative)) ** (1 / scenario.readmission_shape)
    happens = (wait <= READMISSION_HORIZON) & (index.ending != CODE["died"])
    site_has = world.offered[people.site]
    happens &= site_has[:, RESIDENTIAL_OR_INPATIENT].any(axis=1)
    level = np.where(site_has[:, IP], IP, RESIDENTIAL_OR_INPATIENT[0])
    day = index.last + np.maximum(np.ceil(np.where(happens, wait, 0)), 2).astype(np.int64)
    planned = 5 + np.floor(4 * chances[:, 1]).astype(np.int64)
    stay = Stay(
        level, day, day + planned - 1, planned, np.full(day.size, DAILY), np.full(day.size, CODE["completed"]), planned
    )
    return without(stay, ~happens)


def interrupted(stay: Stay, again: Stay) -> Stay:
    """A stay cut short by a readmission: only service days before it happen."""
    present = (stay.level != NONE) & (again.level != NONE)
    reach = again.start - stay.start + np.where(stay.pattern == WEEKLY, 0, weekday(stay.start))
    position = np.where(stay.pattern[:, None] == WEEKLY, POSITION[WEEKLY], POSITION[stay.pattern])
    before = (reach // 7) * PER_WEEK[stay.pattern] + (position < (reach % 7)[:, None]).sum(axis=1)
    possible = before - slot_of(stay.start, stay.pattern)
    cut = present & (again.start <= stay.last)
    visits = np.where(cut, np.maximum(possible, 0), stay.visits)
    last = np.where(cut, stay.start + offset(stay.start, stay.pattern, np.maximum(visits - 1, 0)), stay.last)
    ending = np.where(cut, CODE["transferred"], stay.ending)
    shorter = replace(stay, visits=visits, last=last, ending=ending)
    return without(shorter, present & (again.start <= stay.start))


def handed_over(stay: Stay, following: Stay, chance: np.ndarray) -> Stay:
    """Half of the planned ends that another stay follows are recorded as transfers, the others as completions."""
    transferred = (following.level != NONE) & (stay.ending == CODE["completed"]) & (chance < 0.5)
    return replace(stay, ending=np.where(transferred, CODE["transferred"], stay.ending))


def later_return(
    last: np.ndarray, people: SyntheticPeople, chances: np.ndarray, odds: np.ndarray, world: World
) -> Stay:
    """Some come back for a new course of outpatient care two to six months later."""
    comes = (chances[:, 0] < 0.08) & world.offered[people.site, 0]
    wait = 62 + np.floor(120 * chances[:, 1]).astype(np.int64)
    return draw_stay(np.where(comes, 0, NONE), last + wait, chances, odds, AFTERCARE_LENGTH)


def last_contact_of(stays: list[Stay]) -> np.ndarray:
    """(n,) last attended day over all stays."""
    return np.max([np.where(stay.level != NONE, stay.last, 0) for stay in stays], axis=0)


def without(stay: Stay, gone: np.ndarray) -> Stay:
    """The stays with some removed."""
    return replace(stay, level=np.where(gone, NONE, stay.level), visits=np.where(gone, 0, stay.visits))
