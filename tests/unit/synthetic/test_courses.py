"""Courses of care: service days, endings, step-downs, readmissions, and how long people stay."""

import datetime

import numpy as np
import pytest

from pipeline.endings import CODES as ENDINGS
from pipeline.synthetic.care import stays_of
from pipeline.synthetic.courses import (
    CODE,
    DAILY,
    INDEX,
    IOP_FOUR,
    IOP_MWF,
    IOP_TWT,
    NONE,
    PATTERN_DAYS,
    READMISSION,
    WEEKDAYS,
    WEEKLY,
    first_service_day,
    offset,
    weekday,
)
from pipeline.synthetic.population import draw, retention
from pipeline.synthetic.scenarios import DEFAULT, SCENARIOS


@pytest.fixture(scope="module")
def drawn():
    return draw(20_000, np.random.default_rng(5), DEFAULT)


@pytest.fixture(scope="module")
def courses(drawn):
    return drawn.courses()


def slow_offset(start, pattern, k):
    """Walks the calendar day by day."""
    day, found = start, 0
    while found < k:
        day += 1
        if pattern == WEEKLY:
            found += (day - start) % 7 == 0
        else:
            found += (
                datetime.date.fromordinal(datetime.date(1970, 1, 1).toordinal() + day).weekday()
                in PATTERN_DAYS[pattern]
            )
    return day - start


@pytest.mark.parametrize("pattern", [WEEKLY, IOP_MWF, IOP_TWT, IOP_FOUR, WEEKDAYS, DAILY])
def test_service_days_follow_the_calendar(pattern):
    for earliest in range(19723, 19730):
        start = first_service_day(np.array([earliest]), np.array([pattern]))
        assert 0 <= start[0] - earliest <= 6
        for k in (0, 1, 2, 5, 11):
            assert offset(start, np.array([pattern]), np.array([k]))[0] == slow_offset(start[0], pattern, k)


def test_no_ambulatory_care_begins_on_a_weekend(courses):
    ambulatory = (courses.level != NONE) & (courses.level <= 2)
    assert (weekday(courses.start[ambulatory]) <= 4).all()


def test_stays_of_a_person_never_overlap(courses):
    for earlier in range(5):
        for later in range(earlier + 1, 5):
            both = (courses.level[:, earlier] != NONE) & (courses.level[:, later] != NONE)
            assert (courses.start[both, later] > courses.last[both, earlier]).all()


def test_last_contact_is_the_last_scheduled_visit(courses):
    there = courses.level != NONE
    start, pattern, visits = courses.start[there], courses.pattern[there], courses.visits[there]
    assert (visits >= 1).all()
    assert (start + offset(start, pattern, visits - 1) == courses.last[there]).all()


def test_a_step_down_begins_within_fourteen_days(courses):
    for slot in (1, 2):
        there = courses.level[:, slot] != NONE
        gap = courses.start[there, slot] - courses.last[there, slot - 1]
        assert gap.min() >= 1
        assert gap.max() <= 14


def test_every_stay_is_at_a_level_the_site_offers(drawn, courses):
    person, slot = np.nonzero(courses.level != NONE)
    assert drawn.world.offered[drawn.people.site[person], courses.level[person, slot]].all()


@pytest.mark.parametrize(("level", "unplanned"), list(enumerate([0.33, 0.30, 0.20, 0.22, 0.08])))
def test_unplanned_endings_are_as_common_as_set(drawn, courses, level, unplanned):
    here = courses.ending[drawn.level == level, INDEX]
    planned = np.isin(here, [CODE["completed"], CODE["transferred"], CODE["died"]])
    assert 1 - planned.mean() == pytest.approx(unplanned, abs=0.03)


@pytest.mark.parametrize(("level", "share"), [(1, 0.07), (2, 0.10), (3, 0.10), (4, 0.15)])
def test_readmission_within_thirty_days_is_as_common_as_set(drawn, courses, level, share):
    here = drawn.level == level
    again = (courses.level[:, READMISSION] != NONE) & (courses.start[:, READMISSION] - courses.last[:, INDEX] <= 30)
    assert again[here].mean() == pytest.approx(share, abs=0.035)
    assert (courses.start[again, READMISSION] - courses.last[again, INDEX]).min() >= 2


def slow_retention(course):
    """Contact after contact: the chain ends at the first silence longer than 30 days."""
    stays = sorted(
        (course.start[slot], course.last[slot], course.ending[slot]) for slot in range(5) if course.level[slot] != NONE
    )
    last, ending = stays[0][1], stays[0][2]
    for start, end, how in stays[1:]:
        if start - last > 30:
            break
        last, ending = end, how
    return last - stays[0][0], ending


def test_retention_agrees_with_its_slow_twin(courses):
    stayed = retention(courses)
    fields = ("level", "start", "last", "ending")
    for person in range(0, 20_000, 25):
        one = type("Course", (), {name: getattr(courses, name)[person] for name in fields})
        assert slow_retention(one) == (stayed.days[person], stayed.ending[person])


def test_people_who_improve_less_drop_out_more(drawn):
    left = retention(drawn.courses_at(1)).dropped_out(90)
    assert drawn.people.hardship[left].mean() < drawn.people.hardship[~left].mean() - 0.15


def test_step_down_says_nothing_about_readmission_in_the_immortal_time_world():
    drawn = draw(40_000, np.random.default_rng(6), SCENARIOS["immortal_time"])
    courses = drawn.courses_at(4)
    able = drawn.world.offered[drawn.people.site, 1] & drawn.world.offered[drawn.people.site, 4]
    planned = drawn.luck[:, 6] < SCENARIOS["immortal_time"].step_down_planned
    again = (courses.level[:, READMISSION] != NONE) & (courses.start[:, READMISSION] - courses.last[:, INDEX] <= 30)
    difference = again[able & planned].mean() - again[able & ~planned].mean()
    assert abs(difference) < 4 * np.sqrt(0.15 * 0.85 * 4 / able.sum())


def test_endings_are_those_of_the_schema(courses):
    assert {ENDINGS[code] for code in np.unique(courses.ending[courses.level != NONE])} <= set(ENDINGS) - {"unknown"}


def test_a_stay_still_open_when_observation_ends_is_marked_open(drawn, courses):
    cut = np.full(20_000, int(np.median(courses.last[:, INDEX])))
    stays = stays_of(courses, drawn.people, drawn.world, cut)
    assert stays.open.any()
    assert (stays.open == (stays.last > cut[stays.person])).all()
    assert (stays.start <= cut[stays.person]).all()
