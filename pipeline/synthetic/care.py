"""Stays become scheduled services: who was expected when, for how long, and who came."""

from dataclasses import dataclass, fields

import numpy as np

from pipeline.schema import STATUSES
from pipeline.synthetic.courses import CODE, NONE, Courses, offset
from pipeline.synthetic.people import SyntheticPeople
from pipeline.synthetic.world import THERAPISTS, World

ATTENDED, NO_SHOW, LATE_CANCEL, CLIENT_CANCEL, PROVIDER_CANCEL, BED_DAY = (
    STATUSES.index(name)
    for name in ("attended", "no_show", "client_cancel_late", "client_cancel", "provider_cancel", "bed_day")
)
ATTENDANCE = np.array([0.80, 0.78, 0.85, 1.0, 1.0])
MINUTES = np.array([60, 180, 285, 0, 0])  # 24-hour care is counted in bed days
SERVICE_TYPES = ("individual", "group", "medication", "assessment", "milieu", "family")
INDIVIDUAL, GROUP, MEDICATION, INTAKE, MILIEU, FAMILY = range(6)
USUAL_SERVICE = np.array([INDIVIDUAL, GROUP, GROUP, MILIEU, MILIEU])
EXTRA_SHARE = np.array([0.10, 0.14, 0.14, 0.12, 0.12])  # a second service on the same day
OTHER_LEVEL_SHARE = 0.004  # of IOP and PHP days with a medication visit at the site's outpatient program


@dataclass(frozen=True, slots=True)
class Stays:
    """One row per stay that happened and could be seen, in order of person and time.

    person, slot   whose, and which of the five stays of a course
    level, site    where
    start, last    first and last attended service day before the person's observation ends
    open           True where the stay was still going on at that moment
    visits, pattern, ending, planned   as in Courses
    """

    person: np.ndarray
    slot: np.ndarray
    level: np.ndarray
    site: np.ndarray
    start: np.ndarray
    last: np.ndarray
    open: np.ndarray
    visits: np.ndarray
    pattern: np.ndarray
    ending: np.ndarray
    planned: np.ndarray


@dataclass(frozen=True, slots=True)
class Services:
    """One row per scheduled service or bed day; stay is its row in Stays, -1 for a visit outside any recorded
    episode."""

    stay: np.ndarray
    person: np.ndarray
    site: np.ndarray
    level: np.ndarray
    day: np.ndarray
    status: np.ndarray
    service_type: np.ndarray
    therapist: np.ndarray
    minutes: np.ndarray
    minutes_attended: np.ndarray
    modality: np.ndarray


def stays_of(courses: Courses, people: SyntheticPeople, world: World, observed_to: np.ndarray) -> Stays:
    """The stays that begin before each person's observation ends; a person readmitted where the site has no such
    program is not lost: courses only use levels that the site offers."""
    person, slot = np.nonzero((courses.level != NONE) & (courses.start <= observed_to[:, None]))
    part = {f.name: getattr(courses, f.name)[person, slot] for f in fields(Courses)}
    unseen = part["last"] > observed_to[person]
    return Stays(person=person, slot=slot, site=people.site[person], open=unseen, **part)


def death_day(stays: Stays, n: int) -> np.ndarray:
    """(n,) last attended day of those whose stay ended in death; far in the future for everybody else."""
    day = np.full(n, np.iinfo(np.int64).max)
    died = stays.ending == CODE["died"]
    day[stays.person[died]] = stays.last[died]
    return day


def services_of(
    stays: Stays, people: SyntheticPeople, world: World, observed_to: np.ndarray, rng: np.random.Generator
) -> Services:
    """Every scheduled service of these stays, in order of stay and day."""
    scheduled = expand(stays, stays.visits)
    main = main_services(stays, scheduled, people, rng)
    parts = [main, extra_services(main, rng), outpatient_visits(main, world, rng), empty_chairs(stays, people, rng)]
    together = Services(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Services)))
    seen = rows(together, together.day <= observed_to[together.person])
    return rows(seen, np.lexsort((seen.service_type, seen.level, seen.day, seen.person)))


def rows(services: Services, which: np.ndarray) -> Services:
    """Some rows, by mask or by position."""
    return Services(*(getattr(services, f.name)[which] for f in fields(Services)))


def expand(stays: Stays, visits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row of the stay and number of the visit (0, 1, …) for each scheduled visit."""
    stay = np.repeat(np.arange(visits.size), visits)
    return stay, np.arange(stay.size) - np.repeat(np.cumsum(visits) - visits, visits)


def main_services(
    stays: Stays, scheduled: tuple[np.ndarray, np.ndarray], people: SyntheticPeople, rng: np.random.Generator
) -> Services:
    """The visit or bed day of each scheduled day; the first and the last are attended, silences stay short."""
    stay, visit = scheduled
    person, level = stays.person[stay], stays.level[stay]
    came = rng.random(stay.size) < ATTENDANCE[level]
    edge = (visit == 0) | (visit == stays.visits[stay] - 1)
    came |= edge | twice_missed_before(came, stay)
    status = np.where(level > 2, BED_DAY, np.where(came, ATTENDED, missed(stay.size, rng)))
    first = visit == 0
    kind = np.where(first & (level < 3), INTAKE, USUAL_SERVICE[level])
    return Services(
        stay=stay,
        person=person,
        site=stays.site[stay],
        level=level,
        day=stays.start[stay] + offset(stays.start[stay], stays.pattern[stay], visit),
        status=status,
        service_type=kind,
        therapist=usual_therapist(people.therapist[person], rng),
        minutes=MINUTES[level],
        minutes_attended=minutes_attended(MINUTES[level], status, rng),
        modality=modality_of(people.modality[person], first & (stays.slot[stay] == 0), level, rng),
    )


def twice_missed_before(came: np.ndarray, stay: np.ndarray) -> np.ndarray:
    """True where the two visits before were missed: programs call after the second, so that nobody is silent for a
    month."""
    result = np.zeros(came.size, dtype=bool)
    result[2:] = ~came[1:-1] & ~came[:-2] & (stay[2:] == stay[:-2])
    return result


def missed(n: int, rng: np.random.Generator) -> np.ndarray:
    """(n,) ways not to come."""
    return rng.choice([NO_SHOW, LATE_CANCEL, CLIENT_CANCEL, PROVIDER_CANCEL], size=n, p=[0.5, 0.2, 0.2, 0.1])


def usual_therapist(own: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n,) the person's own therapist nine times in ten."""
    return np.where(rng.random(own.size) < 0.9, own, rng.integers(0, THERAPISTS, own.size))


def minutes_attended(minutes: np.ndarray, status: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n,) whole minutes: mostly all of them, sometimes the last tenth is missed, rarely most of it."""
    share = rng.choice([1.0, 0.9, 0.75, 0.4], size=minutes.size, p=[0.75, 0.14, 0.08, 0.03])
    return np.where(status == ATTENDED, np.rint(minutes * share), 0).astype(np.int64)


def modality_of(preferred: np.ndarray, first: np.ndarray, level: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n,) the first contact (for 24-hour care the admission assessment) is as the person preferred; later ones
    vary."""
    later = np.where((preferred > 0) & (level < 2) & (rng.random(preferred.size) < 0.6), preferred, 0)
    return np.where(first, preferred, later)


def extra_services(main: Services, rng: np.random.Generator) -> Services:
    """A second service on some attended days: medication at outpatient level, individual or family work elsewhere."""
    happened = (main.status == ATTENDED) | (main.status == BED_DAY)
    extra = rows(main, happened & (main.service_type != INTAKE) & (rng.random(main.day.size) < EXTRA_SHARE[main.level]))
    n = extra.day.size
    kind = np.where(
        extra.level == 0, MEDICATION, rng.choice([INDIVIDUAL, FAMILY, MEDICATION], size=n, p=[0.6, 0.15, 0.25])
    )
    return with_service(extra, kind, extra.level, extra.stay)


def outpatient_visits(main: Services, world: World, rng: np.random.Generator) -> Services:
    """A few people in IOP or PHP see the outpatient prescriber on the same day: two levels on one day, no episode of
    its own."""
    eligible = (
        (main.status == ATTENDED)
        & np.isin(main.level, [1, 2])
        & world.offered[main.site, 0]
        & (main.service_type != INTAKE)
    )
    visit = rows(main, eligible & (rng.random(main.day.size) < OTHER_LEVEL_SHARE))
    n = visit.day.size
    return with_service(visit, np.full(n, MEDICATION), np.zeros(n, dtype=np.int64), np.full(n, NONE))


def with_service(base: Services, kind: np.ndarray, level: np.ndarray, stay: np.ndarray) -> Services:
    """Attended services beside the given ones, 30 minutes for medication and 60 otherwise."""
    minutes = np.where(kind == MEDICATION, 30, 60)
    n = kind.size
    return Services(
        stay,
        base.person,
        base.site,
        level,
        base.day,
        np.full(n, ATTENDED),
        kind,
        base.therapist,
        minutes,
        minutes,
        base.modality,
    )


def empty_chairs(stays: Stays, people: SyntheticPeople, rng: np.random.Generator) -> Services:
    """The one to three appointments after the last contact of those who dropped out."""
    silent = np.isin(stays.ending, [CODE["dropped_out"]]) & (stays.level <= 2)
    count = np.where(silent, rng.integers(1, 4, silent.size), 0)
    stay, number = expand(stays, count)
    level, person, n = stays.level[stay], stays.person[stay], stay.size
    visit = stays.visits[stay] + number
    return Services(
        stay=stay,
        person=person,
        site=stays.site[stay],
        level=level,
        day=stays.start[stay] + offset(stays.start[stay], stays.pattern[stay], visit),
        status=np.full(n, NO_SHOW),
        service_type=USUAL_SERVICE[level],
        therapist=people.therapist[person],
        minutes=MINUTES[level],
        minutes_attended=np.zeros(n, dtype=np.int64),
        modality=np.zeros(n, dtype=np.int64),
    )
