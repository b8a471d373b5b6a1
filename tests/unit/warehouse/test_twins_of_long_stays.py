"""The tables of hours, stays and scores against their twins on stays of several weeks, which the short random records
hardly hold."""

import numpy as np
import pytest

from pipeline.study import Study
from tests.spec.drawn import Row
from tests.spec.staged import built, staged, study_of
from tests.unit.warehouse import twin_dose
from tests.unit.warehouse.test_twins import comparable
from tests.unit.warehouse.twins import Warehouse

TABLES = ("patient_weeks", "stay_lengths", "taper_weeks", "modality_hours", "measured_gaps", "course_scores")
KINDS = ("group", "individual", "family", "medication", "somatic", "assessment")
SEEDS = range(6)
LAST_DAY = 60


def long_study() -> Study:
    return study_of(
        episodes={"gap_days": {"IOP": 8, "OP": 8}, "washout_days": 5},
        outcomes=[
            {"name": "low_day20", "instrument": "PHQ9", "day": 20, "window": [15, 25], "baseline_window": [-3, 1]},
            {"name": "high_day20", "instrument": "WHO5", "day": 20, "window": [15, 25], "baseline_window": [-3, 1]},
        ],
        retention={"days": [10, 35], "gap_days": 8},
    )


def long_records(seed: int) -> dict[str, list[Row]]:
    """People who come nearly every other day for weeks, mostly to IOP, and are scored every week or so."""
    rng = np.random.default_rng(seed)
    names = [f"p{i:02}" for i in range(14)]
    first = {name: int(rng.integers(-3, 12)) for name in names}
    patients = [
        {
            "patient_id": name,
            "observed_from_day": int(first[name] - rng.integers(4, 12)),
            "observed_to_day": int(rng.integers(20, LAST_DAY + 15)),
        }
        for name in names
    ]
    sessions, scores = [], {}
    for name in names:
        level = rng.choice(["IOP"] * 6 + ["OP"])
        for day in np.unique(first[name] + rng.integers(0, rng.integers(10, LAST_DAY), 26)):
            sessions.append(
                {
                    "session_id": f"s{len(sessions):03}",
                    "patient_id": name,
                    "program_id": "A",
                    "level_of_care": str(level),
                    "service_day": int(day),
                    "status": str(rng.choice(["attended", "attended", "attended", "no_show"])),
                    "service_type": str(rng.choice(KINDS)),
                    "minutes_scheduled": [None, 60.0, 180.0, 270.0, 600.0][rng.integers(5)],
                    "minutes_attended": 0.0 if rng.random() < 0.05 else None,
                    "cpt_hcpcs": "S9480" if rng.random() < 0.8 else None,
                }
            )
        for day in (0, 0, *rng.integers(-3, LAST_DAY, 16)):
            scale = str(rng.choice(["PHQ9", "PHQ9", "WHO5"]))
            key = (name, scale, str(rng.choice(["", "", "", "part"])), int(first[name] + day))
            scores[key] = {
                "patient_id": key[0],
                "instrument_id": scale,
                "subscale": key[2],
                "assessed_day": key[3],
                "score": float(rng.integers(0, 28)),
                "recall_variant": "weekly" if rng.random() < 0.1 else None,
            }
    return {"patients": patients, "sessions": sessions, "assessments": list(scores.values())}


@pytest.mark.parametrize("seed", SEEDS)
def test_tables_of_long_stays_agree_with_their_twins(seed):
    con = staged(calendar=seed % 2 == 1, **long_records(seed))
    con.execute("PRAGMA enable_optimizer")
    built(con, study=long_study())
    warehouse = Warehouse(con)
    for name in TABLES:
        found, expected = comparable(getattr(warehouse, name)), comparable(getattr(twin_dose, name)(warehouse))
        assert len(found) > 3, name
        assert (name, found) == (name, expected)
