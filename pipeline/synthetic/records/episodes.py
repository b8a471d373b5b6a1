"""The tables that a stay leaves behind: episodes, discharges and costs."""

import numpy as np
import pandas as pd

from pipeline.endings import CODES as ENDINGS
from pipeline.synthetic.care import ATTENDED, BED_DAY, Services, Stays
from pipeline.synthetic.courses import CODE, PER_WEEK, READMISSION
from pipeline.synthetic.coverage import Coverage
from pipeline.synthetic.people import PAYERS, REFERRALS, SyntheticPeople
from pipeline.synthetic.records import codes
from pipeline.synthetic.records.columns import PERSON, coded, flags, listed, whole
from pipeline.synthetic.scenarios import LEVELS
from pipeline.synthetic.world import IOP, LEVEL_COUNT, RESIDENTIAL_OR_INPATIENT

SCHEDULED_MINUTES = np.array([60, 180, 285, 300, 300])
CLOSED_LATE = 0.01  # share of episodes whose recorded end is the closure of the chart, not the last contact
NO_DISCHARGE_ROW = 0.015
UNKNOWN_ENDING = 0.01
PAYER_FACTOR = np.array([1.2, 0.8, 1.0, 0.9, 0.6, 1.0])
SLICE_DAYS = 30


def episode_table(
    stays: Stays,
    people: SyntheticPeople,
    episode_ids: np.ndarray,
    patient_ids: np.ndarray,
    period: np.ndarray,
    closure: np.ndarray,
    telehealth: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """One row per recorded stay.  closure is the day each chart was closed, telehealth the share of contacts not in
    person."""
    who, n = stays.person, stays.person.size
    late = rng.random(n) < CLOSED_LATE
    prior = people.prior_24h[who] | earlier_24h(stays)
    per_week = PER_WEEK[stays.pattern]
    return pd.DataFrame(
        {
            PERSON: who,
            "episode_id": listed(np.arange(n), episode_ids),
            "patient_id": listed(who, patient_ids),
            "program_id": program_column(stays.site, stays.level),
            "level_of_care": coded(stays.level, LEVELS),
            "recommended_level": recommended(stays, rng),
            "locus_composite": locus(people, stays, rng),
            "start_day": whole(stays.start),
            "end_day": whole(np.where(late, closure, stays.last), stays.open),
            "admit_year": period,
            "referral_source": coded(people.referral[who], REFERRALS),
            "mandated": flags(people.referral[who] == 3),
            "payer": coded(np.where(rng.random(n) < 0.01, -1, people.payer[who]), PAYERS),
            "primary_dx": diagnosis_column(people, who, rng),
            "sud_flag": flags(people.sud[who]),
            "trauma_flag": flags(people.trauma[who]),
            "psychosis_flag": flags(people.psychosis[who]),
            "telehealth_share": np.round(telehealth, 2),
            "prior_24h_care_12m": flags(prior, ~prior & (rng.random(n) < 0.02)),
            "track": track_column(stays, people),
            "planned_weeks": np.round(stays.planned / per_week, 1),
            "planned_hours_per_week": np.round(SCHEDULED_MINUTES[stays.level] * per_week / 60.0, 1),
            "medication_for_sud": flags(people.sud[who] & (rng.random(n) < 0.3), ~people.sud[who]),
        }
    )


def program_column(site: np.ndarray, level: np.ndarray) -> pd.Categorical:
    """Program codes of these sites and levels."""
    words = np.array(
        [codes.program_code(s, k) for s in range(site.max() + 1) for k in range(LEVEL_COUNT)], dtype=object
    )
    return listed(site * LEVEL_COUNT + level, words)


def earlier_24h(stays: Stays) -> np.ndarray:
    """True where an earlier stay of the same person was in 24-hour care; rows are in order of person and time."""
    was = np.isin(stays.level, RESIDENTIAL_OR_INPATIENT).astype(np.int64)
    total = np.cumsum(was) - was
    first = np.concatenate([[True], np.diff(stays.person) != 0])
    before_person = np.maximum.accumulate(np.where(first, total, 0))
    return total > before_person


def recommended(stays: Stays, rng: np.random.Generator) -> pd.Categorical:
    """The level recommended at intake: mostly the one received, sometimes its neighbor, sometimes not recorded."""
    step = rng.choice([0, -1, 1], size=stays.level.size, p=[0.76, 0.12, 0.12])
    level = np.clip(stays.level + step, 0, LEVEL_COUNT - 1)
    return coded(np.where(rng.random(level.size) < 0.15, -1, level), LEVELS)


def locus(people: SyntheticPeople, stays: Stays, rng: np.random.Generator) -> pd.arrays.IntegerArray:
    """LOCUS composite, recorded for half of the stays."""
    who = stays.person
    value = (
        15.5
        + 0.25 * (people.phq9[who] - 15)
        + 0.08 * (people.whodas[who] - 20)
        + 1.2 * people.cssrs[who] / 2
        + 1.1 * stays.level
    )
    return whole(np.clip(np.rint(value + 1.5 * rng.normal(size=who.size)), 7, 35), rng.random(who.size) < 0.5)


def diagnosis_column(people: SyntheticPeople, who: np.ndarray, rng: np.random.Generator) -> pd.Categorical:
    """An ICD-10-CM code of the person's group; 2% are not recorded."""
    words = [code for group in codes.DIAGNOSIS_CODES for code in group]
    first = np.cumsum([0, *(len(group) for group in codes.DIAGNOSIS_CODES)])
    sizes = np.array([len(group) for group in codes.DIAGNOSIS_CODES])
    own = np.floor(rng.random(people.site.size) * sizes[people.diagnosis]).astype(np.int64)  # one code per person
    code = (first[people.diagnosis] + own)[who]
    return coded(np.where(rng.random(people.site.size)[who] < 0.02, -1, code), words)


def track_column(stays: Stays, people: SyntheticPeople) -> pd.Categorical:
    """The IOP track: trauma or general; other levels have none."""
    in_track = people.trauma_track[stays.person]
    return coded(np.where(stays.level == IOP, in_track.astype(np.int64), -1), ["general", "trauma"])


def closure_days(stays: Stays, rng: np.random.Generator) -> np.ndarray:
    """Charts close on the day in 24-hour care, within a week after a planned end, after two to six weeks of silence."""
    planned = np.isin(stays.ending, [CODE["completed"], CODE["transferred"]])
    lag = np.where(planned, rng.integers(0, 8, planned.size), rng.integers(14, 43, planned.size))
    return stays.last + np.where(stays.level >= RESIDENTIAL_OR_INPATIENT[0], 0, lag)


def discharge_table(
    stays: Stays, episode_ids: np.ndarray, closure: np.ndarray, coverage: Coverage, rng: np.random.Generator
) -> pd.DataFrame:
    """One row per ended stay whose chart was closed while the person was observed."""
    n = stays.person.size
    ended = ~stays.open & (closure <= coverage.to[stays.person]) & (rng.random(n) >= NO_DISCHARGE_ROW)
    ending = np.where(rng.random(n) < UNKNOWN_ENDING, CODE["unknown"], stays.ending)
    following = next_level(stays)
    which = np.flatnonzero(ended)
    planned = np.isin(ending, [CODE["completed"], CODE["transferred"]])[which]
    referred = (following[which] >= 0) | (rng.random(which.size) < 0.35)
    return pd.DataFrame(
        {
            PERSON: stays.person[which],
            "episode_id": listed(which, episode_ids),
            "discharge_day": closure[which],
            "ending": coded(ending[which], ENDINGS),
            "planned_ending": flags(planned, ending[which] == CODE["unknown"]),
            "destination_level": coded(np.where(planned, following[which], -1), LEVELS),
            "referral_made": flags(referred & planned),
            "appointment_within_7d": flags(referred & planned & (rng.random(which.size) < 0.6)),
        }
    )


def next_level(stays: Stays) -> np.ndarray:
    """Level that a person was discharged to within 14 days, -1 where there is none; coming back to 24-hour care
    after having left it is a readmission and no destination."""
    following = np.full(stays.level.size, -1)
    same = (np.diff(stays.person) == 0) & (stays.start[1:] - stays.last[:-1] <= 14)
    came_back = (stays.slot[1:] == READMISSION) & np.isin(stays.level[:-1], RESIDENTIAL_OR_INPATIENT)
    following[:-1][same & ~came_back] = stays.level[1:][same & ~came_back]
    return following


def cost_table(
    services: Services, stays: Stays, people: SyntheticPeople, episode_ids: np.ndarray, patient_ids: np.ndarray
) -> pd.DataFrame:
    """One row per stay and 30 days: what payers paid.  Prices are assumptions (codes.UNIT_PRICE)."""
    paid = np.flatnonzero(((services.status == ATTENDED) | (services.status == BED_DAY)) & (services.stay >= 0))
    day_of_stay = services.day[paid] - stays.start[services.stay[paid]]
    key = services.stay[paid] * 64 + day_of_stay // SLICE_DAYS
    _, first, units = np.unique(key, return_index=True, return_counts=True)
    row = paid[first]
    stay, who = services.stay[row], services.person[row]
    price = np.round(np.array(codes.UNIT_PRICE)[stays.level[stay]] * PAYER_FACTOR[people.payer[who]], 2)
    return pd.DataFrame(
        {
            PERSON: who,
            "patient_id": listed(who, patient_ids),
            "episode_id": listed(stay, episode_ids),
            "service_day": services.day[row],
            "level_of_care": coded(stays.level[stay], LEVELS),
            "amount": np.round(price * units, 2),
            "amount_kind": "paid",
            "currency": "USD",
            "price_year": codes.PRICE_YEAR,
            "perspective": "payer",
            "units": units,
            "unit_price": price,
        }
    )
