"""Records as the warehouse would hand them over, drawn from a process whose truth is known."""

import numpy as np
import pandas as pd

from pipeline.analysis.cohort import Records
from pipeline.analysis.frames import CATEGORIES
from pipeline.analysis.headline import Asking
from pipeline.choices.asked import ComparisonChoices, Outcome
from pipeline.study import Study

ARMS = ("outpatient", "iop", "inpatient")


def study(folder, **changes):
    """A study of three arms and one score, with the usual margin."""
    given = {
        "folder": folder,
        "arms": {"outpatient": ("OP",), "iop": ("IOP",), "inpatient": ("RES", "IP")},
        "outcomes": (Outcome(margin=1.0, comparator_effect=2.0),),
        "comparison": ComparisonChoices(),
    }
    return Study(**(given | changes))


def made_records(seed=0, n=6000, sites=10, effect=0.0, observed=0.8, site_is_level=False, record=1.0):
    """n people; sicker ones start in inpatient care; effect = IOP's improvement beyond inpatient care, in points."""
    rng = np.random.default_rng(seed)
    severity = rng.normal(size=n)
    site = rng.integers(0, sites, n)
    chance = np.exp(np.column_stack([-0.5 * severity, 0.1 * severity, 0.6 * severity]))
    arm = (chance.cumsum(1) / chance.sum(1, keepdims=True) > rng.random((n, 1))).argmax(1)
    if site_is_level:
        site = arm * 3 + rng.integers(0, 3, n)
    baseline = np.clip(np.round(15 + 3 * severity + 3 * rng.normal(size=n)), 0, 27)
    improvement = (
        5 + 0.35 * (baseline - 15) + np.array([-1.0, effect, 0.0])[arm] + 0.4 * (site % 3) + 5 * rng.normal(size=n)
    )
    seen = rng.random(n) < observed
    change = np.where(seen, np.round(-improvement), np.nan)
    days = rng.geometric(1 / np.array([70, 60, 40])[arm])
    people = pd.DataFrame(
        {
            "patient_id": [f"p{i:05d}" for i in range(n)],
            "episode_id": [f"e{i:05d}" for i in range(n)],
            "arm": np.array(ARMS)[arm],
            "level_of_care": np.array(["OP", "IOP", "IP"])[arm],
            "program_id": site.astype(str),
            "site": [f"s{s}" for s in site],
            "start_day": rng.integers(0, 600, n),
            "period": [f"2025Q{q}" for q in rng.integers(1, 5, n)],
            "age": rng.integers(18, 80, n).astype(float),
            "sex": rng.choice(["F", "M"], n),
            "race_ethnicity": rng.choice(["WHITE", "BLACK"], n),
            "payer": rng.choice(["medicaid", "commercial"], n),
            "referral_source": rng.choice(["self", "hospital"], n),
            "diagnosis_group": rng.choice(["mood", "anxiety"], n),
            "housing": rng.choice(["independent", None], n),
            "prior_24h_care": pd.array(rng.random(n) < 0.2, dtype="boolean"),
            "prior_episodes": rng.poisson(1, n).astype(float),
            "sud": pd.array(rng.random(n) < 0.3, dtype="boolean"),
            "trauma": pd.array(rng.random(n) < 0.4, dtype="boolean"),
            "psychosis": pd.array(rng.random(n) < 0.05, dtype="boolean"),
            "baseline_modality": rng.choice(["in_person", "video"], n),
            "suicide_risk": np.where(rng.random(n) < record, np.clip(np.round(1 + severity), 0, 5), np.nan),
            "suicide_risk_source": "CSSRS",
            "function_score": 20 + 5 * severity + 5 * rng.normal(size=n),
            "function_source": "WHODAS12",
        }
    )
    people = people.astype({name: "category" for name in CATEGORIES if name in people})
    scores = pd.DataFrame(
        {
            "episode_id": people["episode_id"],
            "outcome": "phq9_day90",
            "baseline_score": baseline,
            "followup_score": baseline + change,
            "raw_change": change,
            "improvement": -change,
            "observable": True,
            "observed": seen,
            "reliably_improved": pd.array(np.where(seen, -change >= 6, pd.NA), dtype="boolean"),
            "reliably_deteriorated": pd.array(np.where(seen, -change <= -6, pd.NA), dtype="boolean"),
            "not_improvable": baseline < 6,
        }
    )
    state = rng.choice(["completed", "dropped_out", "transferred", "unknown"], n, p=[0.5, 0.3, 0.1, 0.1])
    open_still = days > 300
    care = pd.DataFrame(
        {
            "episode_id": people["episode_id"],
            "care_days": np.where(open_still, 300, days),
            "state": np.where(open_still, "in_care", state),
            "observable": True,
            "arm": people["arm"],
        }
    )
    care_at = pd.concat(
        [
            pd.DataFrame(
                {
                    "episode_id": people["episode_id"],
                    "at_day": day,
                    "observable": True,
                    "retained": days >= day,
                    "retained_in_level": days >= day,
                    "dropped_out": (days < day) & (state == "dropped_out"),
                }
            )
            for day in (30, 60, 90)
        ],
        ignore_index=True,
    )
    stays = pd.DataFrame(
        {
            "stay_id": people["episode_id"],
            "arm": people["arm"],
            "eligible": arm == 2,
            "readmitted_30": rng.random(n) < 0.1,
        }
    )
    flow = pd.DataFrame(
        {"step": [0], "sentence": ["people with a record"], "arm": [""], "n_left": [n], "n_removed": [0]}
    )
    expected = rng.integers(1, 20, n)
    visits = pd.DataFrame(
        {
            "episode_id": people["episode_id"],
            "arm": people["arm"],
            "expected_sessions": expected,
            "kept_sessions": rng.binomial(expected, 0.8),
        }
    )
    screens = pd.DataFrame(
        {
            "episode_id": people["episode_id"],
            "arm": people["arm"],
            "instrument_id": "UDS_OPIOID",
            "week": 0,
            "screened": True,
            "found": rng.random(n) < 0.3,
        }
    )
    return Records(
        people=people,
        scores=scores,
        care=care,
        care_at=care_at,
        stays=stays,
        visits=visits,
        screens=screens,
        flow=flow,
        arms=ARMS,
        main_outcome="phq9_day90",
    )


def asking(records: Records, asked: Study | None = None) -> Asking:
    """These records as a family is asked of them, where it needs no warehouse and no other answers."""
    return Asking(None, records, asked, [])
