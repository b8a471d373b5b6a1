"""The nine tables as a program would export them: staged column names, days still whole numbers from 1970 on."""

import numpy as np
import pandas as pd

from pipeline.synthetic.care import ATTENDED, Services, Stays, services_of, stays_of
from pipeline.synthetic.coverage import Coverage, draw_coverage, seen_courses
from pipeline.synthetic.people import HOUSING, RACES, SEXES, SyntheticPeople
from pipeline.synthetic.population import Draw
from pipeline.synthetic.records import codes
from pipeline.synthetic.records.afterwards import attempts_of, control_claims, draw_followup_day
from pipeline.synthetic.records.columns import PERSON, coded, listed, whole
from pipeline.synthetic.records.episodes import closure_days, cost_table, discharge_table, episode_table
from pipeline.synthetic.records.identifiers import tokens
from pipeline.synthetic.records.questionnaires import assessment_table, followup_table
from pipeline.synthetic.records.scores import FOLLOWUP_DAYS, scores_of
from pipeline.synthetic.records.services import session_table, with_earlier_visits
from pipeline.synthetic.scenarios import LEVELS
from pipeline.synthetic.world import THERAPISTS, World

CREDENTIALS = ("LCSW", "LPC", "PhD", "PsyD", "MD", "CADC")


def records_of(draw: Draw, regime: str, rng: np.random.Generator) -> tuple[dict[str, pd.DataFrame], Coverage]:
    """Clean tables by name, each with the hidden column `person`, and what of each person's life they cover."""
    people, world = draw.people, draw.world
    courses = draw.courses()
    coverage = draw_coverage(people, courses, world, rng)
    stays = stays_of(seen_courses(courses, coverage), people, world, coverage.to)
    services = with_earlier_visits(services_of(stays, people, world, coverage.to, rng), coverage, people)
    patient_ids, episode_ids = tokens("p", len(people), rng), tokens("e", stays.person.size, rng)
    followup_day = draw_followup_day(coverage, FOLLOWUP_DAYS, rng)
    scored = scores_of(draw, stays, coverage, followup_day, rng)
    closure = closure_days(stays, rng)
    attempts = attempts_of(draw, stays, coverage, followup_day, rng)
    return {
        "patients": patient_table(people, coverage, patient_ids, rng),
        "episodes": episode_table(
            stays,
            people,
            episode_ids,
            patient_ids,
            periods(stays.start, regime),
            closure,
            telehealth_share(services, stays),
            rng,
        ),
        "sessions": session_table(services, people, episode_ids, patient_ids, rng),
        "assessments": assessment_table(scored, people, episode_ids, patient_ids, rng),
        "discharges": discharge_table(stays, episode_ids, closure, coverage, rng),
        "followups": followup_table(attempts, control_claims(draw, coverage, rng), patient_ids),
        "costs": cost_table(services, stays, people, episode_ids, patient_ids),
        "programs": program_table(world, rng),
        "providers": provider_table(world, rng),
    }, coverage


def patient_table(
    people: SyntheticPeople, coverage: Coverage, patient_ids: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """One row per person."""
    n = len(people)
    age = np.where(people.age >= 90, "90+", people.age.astype(str))
    return pd.DataFrame(
        {
            PERSON: np.arange(n),
            "patient_id": listed(np.arange(n), patient_ids),
            "observed_from_day": coverage.from_,
            "observed_to_day": coverage.to,
            "age_at_index": age.astype(object),
            "sex": coded(people.sex, SEXES),
            "race_ethnicity": coded(people.race, RACES),
            "employment": coded(rng.integers(-1, 4, n), ["full_time", "part_time", "unemployed", "not_in_labor_force"]),
            "housing": coded(np.where(rng.random(n) < 0.03, -1, people.housing), HOUSING),
            "veteran": coded((rng.random(n) < 0.05).astype(int), ["false", "true"]),
            "prior_episodes_lifetime": whole(people.prior_episodes, rng.random(n) < 0.03),
            "export_run": np.full(n, 7),
        }
    )


def periods(day: np.ndarray, regime: str) -> pd.Series:
    """Year and quarter of each start; the year alone where no more may leave the site."""
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    year = pd.Series(1970 + month // 12).astype(str)
    return year if regime == "relative-days" else year + "Q" + pd.Series(month % 12 // 3 + 1).astype(str)


def telehealth_share(services: Services, stays: Stays) -> np.ndarray:
    """Share of attended contacts of each stay that were not in person."""
    came = (services.status == ATTENDED) & (services.stay >= 0)
    total = np.bincount(services.stay[came], minlength=stays.person.size)
    remote = np.bincount(services.stay[came], weights=services.modality[came] > 0, minlength=stays.person.size)
    return remote / np.maximum(total, 1)


def program_table(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """One row per program: each level that a site runs."""
    site, level = np.nonzero(world.offered)
    return pd.DataFrame(
        {
            "program_id": [codes.program_code(int(s), int(k)) for s, k in zip(site, level, strict=True)],
            "level_of_care": coded(level, LEVELS),
            "site": [codes.site_code(int(s)) for s in site],
            "capacity": rng.integers(12, 60, site.size),
            "model": coded(rng.integers(0, 3, site.size), ["CBT", "DBT", "mixed"]),
            "public_label": [codes.program_code(int(s), int(k)) for s, k in zip(site, level, strict=True)],
        }
    )


def provider_table(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """One row per therapist."""
    ids = [
        codes.therapist_code(site, level, number)
        for site, level in zip(*np.nonzero(world.offered), strict=True)
        for number in range(THERAPISTS)
    ]
    return pd.DataFrame(
        {
            "therapist_id": ids,
            "credential": coded(rng.integers(0, len(CREDENTIALS), len(ids)), CREDENTIALS),
            "start_year": rng.integers(1995, 2024, len(ids)),
        }
    )
