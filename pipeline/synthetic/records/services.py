"""The sessions table: services with the codes that a billing office would have put on them."""

import numpy as np
import pandas as pd

from pipeline.schema import STATUSES
from pipeline.synthetic.care import ATTENDED, INDIVIDUAL, SERVICE_TYPES, Services
from pipeline.synthetic.coverage import Coverage
from pipeline.synthetic.people import MODALITIES, SUBSTANCE, SyntheticPeople
from pipeline.synthetic.records import codes
from pipeline.synthetic.records.columns import PERSON, coded, listed, whole
from pipeline.synthetic.records.episodes import program_column
from pipeline.synthetic.records.identifiers import tokens
from pipeline.synthetic.scenarios import LEVELS
from pipeline.synthetic.world import IOP, LEVEL_COUNT, THERAPISTS

LEVEL_NOT_EXPORTED = (6, 11)  # sites whose sessions carry no level: it comes from their episodes
PER_DIEM = ((3, 1), (5, 2))  # (site, level) of programs that bill by the day: no minutes
EARLIER_VISITS = (49, 35, 21)  # days before day 0, for people who were in care already


def with_earlier_visits(services: Services, coverage: Coverage, people: SyntheticPeople) -> Services:
    """The services, and the outpatient visits of those who were in care before day 0."""
    who = np.repeat(np.flatnonzero(coverage.earlier_care), len(EARLIER_VISITS))
    n = who.size
    before = np.tile(EARLIER_VISITS, n // len(EARLIER_VISITS))
    sixty, nought = np.full(n, 60), np.zeros(n, dtype=np.int64)
    earlier = Services(
        stay=np.full(n, -1),
        person=who,
        site=people.site[who],
        level=nought,
        day=coverage.start[who] - before,
        status=np.full(n, ATTENDED),
        service_type=np.full(n, INDIVIDUAL),
        therapist=people.therapist[who],
        minutes=sixty,
        minutes_attended=sixty,
        modality=nought,
    )
    joined = {name: np.concatenate([getattr(earlier, name), getattr(services, name)]) for name in Services.__slots__}
    order = np.lexsort((joined["day"], joined["person"]))
    return Services(**{name: column[order] for name, column in joined.items()})


def session_table(
    services: Services,
    people: SyntheticPeople,
    episode_ids: np.ndarray,
    patient_ids: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """One row per scheduled service or bed day."""
    n, level = services.day.size, services.level
    in_bed = level >= 3
    untimed = (in_bed & (services.minutes == 0)) | np.isin(
        services.site * LEVEL_COUNT + level, [s * LEVEL_COUNT + k for s, k in PER_DIEM]
    )
    blank = np.isin(services.site, LEVEL_NOT_EXPORTED) & (services.stay >= 0)
    words = therapist_words(services.site.max() + 1)
    therapist = np.where(
        in_bed & (services.minutes == 0), -1, (services.site * LEVEL_COUNT + level) * THERAPISTS + services.therapist
    )
    return pd.DataFrame(
        {
            PERSON: services.person,
            "session_id": tokens("v", n, rng),
            "patient_id": listed(services.person, patient_ids),
            "episode_id": listed(services.stay, episode_ids),
            "program_id": program_column(services.site, level),
            "level_of_care": coded(np.where(blank, -1, level), LEVELS),
            "therapist_id": listed(therapist, words),
            "service_day": whole(services.day),
            "status": coded(services.status, STATUSES),
            "service_type": coded(services.service_type, SERVICE_TYPES),
            "minutes_scheduled": whole(services.minutes, untimed),
            "minutes_attended": whole(services.minutes_attended, untimed),
            "modality": coded(services.modality, MODALITIES),
            **billing(services, people, untimed),
            "room": coded(rng.integers(0, 4, n), ["A", "B", "C", "D"]),
        }
    )


def billing(services: Services, people: SyntheticPeople, untimed: np.ndarray) -> dict[str, pd.Categorical]:
    """Procedure, revenue, place-of-service and condition codes."""
    level = services.level
    chemical = (level == IOP) & (people.diagnosis[services.person] == SUBSTANCE)
    procedure_words = [*codes.HCPCS, codes.IOP_CODES["chemical"][0], *codes.OUTPATIENT_CODE]
    revenue_words = [*codes.REVENUE, codes.IOP_CODES["chemical"][1]]
    at_level = np.where(chemical, LEVEL_COUNT, level)
    procedure = np.where(level == 0, LEVEL_COUNT + 1 + services.service_type, at_level)
    medicare = people.payer[services.person] == 2
    remote = services.modality > 0
    return {
        "cpt_hcpcs": coded(procedure, procedure_words),
        "revenue_code": coded(at_level, revenue_words),
        "pos": coded(np.where(remote & (level < 3), LEVEL_COUNT, level), [*codes.PLACE, "10"]),
        "condition_code": coded(np.where(medicare, level, -1), codes.CONDITION),
    }


def therapist_words(sites: int) -> np.ndarray:
    """Every therapist's code, by site, level and number."""
    return np.array(
        [
            codes.therapist_code(site, level, number)
            for site in range(sites)
            for level in range(LEVEL_COUNT)
            for number in range(THERAPISTS)
        ],
        dtype=object,
    )
