"""Who comes: everything that is known about a person on day 0, before any level of care has been chosen."""

from dataclasses import dataclass

import numpy as np

from pipeline.synthetic.scenarios import Scenario
from pipeline.synthetic.world import THERAPISTS, World

FIRST_DAY = 19723  # 2024-01-01 as days since 1970-01-01
ADMISSION_DAYS = 731  # two calendar years
DIAGNOSES = ("mood", "anxiety", "trauma", "substance", "psychosis", "personality", "eating", "other")
SEXES = ("F", "M", "X")
PAYERS = ("commercial", "medicaid", "medicare", "self", "none", "other")
REFERRALS = ("self", "provider", "hospital", "court", "payer", "employer", "school", "other")
HOUSING = ("independent", "dependent", "homeless")
RACES = ("WHITE", "BLACK", "HISP", "ASIAN", "MULTI", "AIAN", "NHPI", "OTHER", "UNK")
MODALITIES = ("in_person", "video", "phone")
MOOD, ANXIETY, TRAUMA, SUBSTANCE, PSYCHOSIS = 0, 1, 2, 3, 4
HIGH_RISK = 4  # C-SSRS level at which clinical action is needed
CSSRS_CUTS = np.array([-0.45, 0.22, 0.66, 1.42, 2.30])  # latent points between levels 0|1|2|3|4|5


@dataclass(frozen=True, slots=True)
class SyntheticPeople:
    """n people on day 0; every array is (n,).

    Codes index the tuples of this module (site: 0..S-1).  Scores are as measured.  hardship is the person's own
    part of the outcome (standard normal, positive is better); nothing in the records shows it before day 0.
    """

    site: np.ndarray
    day: np.ndarray
    age: np.ndarray
    sex: np.ndarray
    race: np.ndarray
    payer: np.ndarray
    referral: np.ndarray
    housing: np.ndarray
    modality: np.ndarray
    diagnosis: np.ndarray
    sud: np.ndarray
    trauma: np.ndarray
    prior_24h: np.ndarray
    prior_episodes: np.ndarray
    phq9: np.ndarray
    gad7: np.ndarray
    pcl5: np.ndarray
    whodas: np.ndarray
    cssrs: np.ndarray
    trauma_track: np.ndarray
    therapist: np.ndarray
    hardship: np.ndarray

    @property
    def psychosis(self) -> np.ndarray:
        """(n,) True for a diagnosis of the psychosis group."""
        return self.diagnosis == PSYCHOSIS

    @property
    def high_risk(self) -> np.ndarray:
        """(n,) True for a C-SSRS of 4 or 5."""
        return self.cssrs >= HIGH_RISK

    def __len__(self) -> int:
        return self.site.size


def draw_people(n: int, rng: np.random.Generator, scenario: Scenario, world: World) -> SyntheticPeople:
    """n people of a scenario, independent of each other given the world."""
    severity = rng.normal(size=n)
    site = pick(rng, n, world.size)
    diagnosis = pick(rng, n, [0.45, 0.16, 0.13, 0.12, 0.05, 0.04, 0.03, 0.02])
    sud = (rng.random(n) < 0.27) | (diagnosis == SUBSTANCE)
    trauma = (rng.random(n) < 0.34) | (diagnosis == TRAUMA)
    cssrs = np.searchsorted(CSSRS_CUTS, 0.75 * severity + rng.normal(size=n))
    prior_24h = rng.random(n) < logistic(-1.9 + 0.6 * severity + 0.25 * cssrs)
    age = draw_age(n, rng)
    pcl5 = within(42 + 9 * severity + 13 * rng.normal(size=n), 0, 80)
    return SyntheticPeople(
        site=site,
        day=FIRST_DAY + rng.integers(0, ADMISSION_DAYS, n),
        age=age,
        sex=pick(rng, n, [0.58, 0.40, 0.02]),
        race=pick(rng, n, [0.55, 0.15, 0.16, 0.04, 0.03, 0.01, 0.005, 0.03, 0.025]),
        payer=draw_payer(age, severity, rng),
        referral=draw_referral(severity, cssrs, sud, rng),
        housing=draw_housing(severity, sud, rng),
        modality=pick(rng, n, [0.88, 0.10, 0.02]),
        diagnosis=diagnosis,
        sud=sud,
        trauma=trauma,
        prior_24h=prior_24h,
        prior_episodes=rng.poisson(np.exp(-0.1 + 0.2 * severity + 0.6 * prior_24h)),
        phq9=draw_phq9(severity, scenario, rng),
        gad7=within(13.2 + 3.0 * severity + 3.6 * rng.normal(size=n), 0, 21),
        pcl5=pcl5,
        whodas=within(20 + 7 * severity + 6 * rng.normal(size=n), 0, 48),
        cssrs=cssrs,
        trauma_track=trauma & (rng.random(n) < logistic(0.05 * (pcl5 - 42))),
        therapist=rng.integers(0, THERAPISTS, n),
        hardship=rng.normal(size=n),
    )


def pick(rng: np.random.Generator, n: int, shares: np.ndarray | list[float]) -> np.ndarray:
    """(n,) codes drawn with these shares."""
    return np.minimum(np.searchsorted(np.cumsum(shares), rng.random(n), side="right"), len(shares) - 1)


def pick_by_row(rng: np.random.Generator, log_odds: np.ndarray) -> np.ndarray:
    """(n,) codes drawn from each person's own shares; log_odds is (n, k)."""
    odds = np.exp(log_odds - log_odds.max(axis=1, keepdims=True))
    cumulative = np.cumsum(odds, axis=1)
    return (cumulative < rng.random((len(odds), 1)) * cumulative[:, -1:]).sum(axis=1)


def logistic(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + np.exp(-x))


def within(x: np.ndarray, low: int, high: int) -> np.ndarray:
    """Whole numbers inside a scale's range."""
    return np.clip(np.rint(x), low, high).astype(np.int64)


def draw_age(n: int, rng: np.random.Generator) -> np.ndarray:
    """(n,) years, 18 to 94; a few are old enough to need the 90+ rule."""
    age = np.clip(rng.normal(38, 13, n), 18, 80)
    old = rng.random(n) < 0.02
    return np.floor(np.where(old, rng.uniform(70, 95, n), age)).astype(np.int64)


def draw_phq9(severity: np.ndarray, scenario: Scenario, rng: np.random.Generator) -> np.ndarray:
    """(n,) baseline PHQ-9; the floor scenario replaces a share by scores below 5."""
    score = within(15.7 + 4.4 * severity + 3.4 * rng.normal(size=severity.size), 0, 27)
    at_floor = rng.random(severity.size) < scenario.floor_share
    return np.where(at_floor, rng.integers(0, 5, severity.size), score)


def draw_payer(age: np.ndarray, severity: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n,) payer codes: Medicare from 65 on, Medicaid more often where severity is high."""
    log_odds = np.tile(np.log([0.42, 0.34, 0.06, 0.08, 0.06, 0.04]), (age.size, 1))
    log_odds[:, 1] += 0.25 * severity
    log_odds[:, 2] += np.where(age >= 65, 4.0, 0.0)
    return pick_by_row(rng, log_odds)


def draw_referral(severity: np.ndarray, cssrs: np.ndarray, sud: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n,) referral codes: hospitals refer the severe, courts refer people with a substance use disorder."""
    log_odds = np.tile(np.log([0.32, 0.24, 0.14, 0.06, 0.07, 0.06, 0.04, 0.07]), (severity.size, 1))
    log_odds[:, 2] += 0.3 * severity + 0.15 * cssrs
    log_odds[:, 3] += 1.0 * sud
    return pick_by_row(rng, log_odds)


def draw_housing(severity: np.ndarray, sud: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n,) housing codes."""
    log_odds = np.tile(np.log([0.80, 0.13, 0.07]), (severity.size, 1))
    log_odds[:, 1] += 0.2 * severity
    log_odds[:, 2] += 0.3 * severity + 0.5 * sud
    return pick_by_row(rng, log_odds)
