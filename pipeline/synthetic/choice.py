"""How a level of care is chosen: the true propensity, from measured covariates and the site alone."""

import numpy as np

from pipeline.synthetic.people import FIRST_DAY, PSYCHOSIS, SUBSTANCE, TRAUMA, SyntheticPeople, pick_by_row
from pipeline.synthetic.world import IP, LEVEL_COUNT, World

# Log-odds against OP for OP, IOP, PHP, RES, IP.
CONSTANT = (0.0, -0.45, -1.50, -2.75, -2.95)
PER_UNIT = {
    "severity": (0.0, 0.42, 0.68, 0.58, 0.82),  # PHQ-9, per standard deviation
    "function": (0.0, 0.12, 0.22, 0.25, 0.30),  # WHODAS, per standard deviation
    "some_risk": (0.0, 0.10, 0.35, 0.45, 0.90),  # C-SSRS 1 to 3 against 0
    "high_risk": (0.0, 0.40, 1.40, 1.10, 2.95),  # C-SSRS 4 or 5 against 0
    "prior_24h": (0.0, 0.20, 0.30, 0.60, 0.60),
    "prior_episodes": (0.0, 0.05, 0.05, 0.08, 0.06),
    "sud": (0.0, 0.10, 0.00, 0.50, 0.05),
    "trauma": (0.0, 0.15, 0.10, 0.10, 0.00),
    "age": (0.0, -0.05, -0.10, -0.10, 0.05),  # per 13 years
    "male": (0.0, 0.00, 0.00, 0.15, 0.10),
    "medicaid": (0.0, 0.10, 0.20, -0.20, 0.20),
    "uninsured": (0.0, -0.30, -0.50, -0.60, 0.10),
    "hospital_referral": (0.0, 0.20, 0.50, 0.20, 0.70),
    "court_referral": (0.0, 0.30, 0.10, 0.40, 0.00),
    "dependent_housing": (0.0, 0.05, 0.10, 0.40, 0.10),
    "homeless": (0.0, -0.10, -0.20, 0.70, 0.30),
    "substance_diagnosis": (0.0, 0.20, -0.20, 0.60, -0.20),
    "trauma_diagnosis": (0.0, 0.15, 0.15, 0.10, 0.00),
    "psychosis_diagnosis": (0.0, -0.20, 0.10, 0.20, 0.80),
    "telehealth": (0.0, -0.10, -0.30, -0.50, -0.50),
    "years_since_start": (0.0, 0.08, 0.05, 0.00, -0.05),
}


def covariates(people: SyntheticPeople) -> dict[str, np.ndarray]:
    """(n,) columns that PER_UNIT multiplies, by name."""
    return {
        "severity": (people.phq9 - 15) / 5.3,
        "function": (people.whodas - 20) / 9.0,
        "some_risk": (people.cssrs > 0) & ~people.high_risk,
        "high_risk": people.high_risk,
        "prior_24h": people.prior_24h,
        "prior_episodes": np.minimum(people.prior_episodes, 6),
        "sud": people.sud,
        "trauma": people.trauma,
        "age": (people.age - 38) / 13.0,
        "male": people.sex == 1,
        "medicaid": people.payer == 1,
        "uninsured": (people.payer == 3) | (people.payer == 4),
        "hospital_referral": people.referral == 2,
        "court_referral": people.referral == 3,
        "dependent_housing": people.housing == 1,
        "homeless": people.housing == 2,
        "substance_diagnosis": people.diagnosis == SUBSTANCE,
        "trauma_diagnosis": people.diagnosis == TRAUMA,
        "psychosis_diagnosis": people.diagnosis == PSYCHOSIS,
        "telehealth": people.modality != 0,
        "years_since_start": (people.day - FIRST_DAY) / 365.25,
    }


def without_comparators(people: SyntheticPeople, world: World) -> np.ndarray:
    """(n,) True where only a hospital would take the person: psychosis with a C-SSRS of 4 or 5, at a site with one."""
    return people.high_risk & people.psychosis & world.offered[people.site, IP]


def propensity(people: SyntheticPeople, world: World) -> np.ndarray:
    """(n, 5) true probability of each level; 0 where the site does not offer it."""
    columns = covariates(people)
    X = np.column_stack([columns[name].astype(float) for name in PER_UNIT])
    log_odds = X @ np.array(list(PER_UNIT.values())) + np.array(CONSTANT) + world.leaning[people.site]
    log_odds[~world.offered[people.site]] = -np.inf
    log_odds[without_comparators(people, world), :IP] = -np.inf
    odds = np.exp(log_odds - log_odds.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def choose(chances: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n,) levels 0..4 drawn from (n, 5) probabilities."""
    with np.errstate(divide="ignore"):
        return np.minimum(pick_by_row(rng, np.log(chances)), LEVEL_COUNT - 1)
