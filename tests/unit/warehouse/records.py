"""Seeded random records: few people, few days and short gaps, so that every boundary of every rule is met often."""

import numpy as np

from pipeline.study import Study
from tests.spec.drawn import Row
from tests.spec.staged import study_of

SEEDS = range(15)  # data sets on which every table is compared with its twin
PEOPLE, PROGRAMS, LAST_DAY = 14, ("A", "B", "C"), 75
LEVELS = ("OP", "IOP", "PHP", "RES", "IP", "OTP", "WM", "ED")
CODES = ("S9480", "H0035", "H0017", "H0010", "H2036", "G0410", "90837", "90853")
REVENUE = ("0905", "912", "1001", "0907", "0118", "0914")
PLACES = ("11", "21", "51", "52", "55", "57", "23", "58", "2")
BILLS = ("111", "0110", "131", "891")
INSTRUMENTS = ("PHQ9", "WHO5", "WSAS", "CSSRS", "WHODAS12", "UDS_OPIOID", "PCL5")
ENDINGS = ("completed", "transferred", "dropped_out", "ama", "terminated", "died", "unknown")


def tight_study(seed: int) -> Study:
    """Short gaps and windows: a boundary is never far from a random day."""
    return study_of(
        episodes={
            "gap_days": {"OP": 6, "IOP": 4, "PHP": 3, "RES": 1, "IP": 1, "OTP": 5, "WM": 1, "ED": 1},
            "washout_days": 5,
            "seen_after": seed != 9,
            "chain_days": 4,
            "transfer_days": 1,
            "residential_3_7": "IP" if seed % 3 == 0 else "RES",
        },
        outcomes=[
            {"name": "low_day9", "instrument": "PHQ9", "day": 9, "window": [6, 12], "baseline_window": [-3, 1]},
            {"name": "high_day5", "instrument": "WHO5", "day": 5, "window": [5, 8], "baseline_window": [-2, 2]},
            {"name": "stress_day9", "instrument": "PCL5", "day": 9, "window": [5, 12], "baseline_window": [-4, 3]},
        ],
        retention={"days": [4, 8, 15], "gap_days": 5},
        schedule={"every_days": 4, "day": 8, "last_day": 16},
        durability={"day": 20, "window": [16, 24]},
        satisfaction={"window": [2, 7], "instruments": ["CSQ8", "WAISR"]},
        cost=(
            {"days": [10, 45], "price_year": 2025, "price_index": {"2024": 50.0, "2025": 100.0}}
            if seed % 2
            else {"days": [45]}
        ),
    )


def random_records(seed: int) -> dict[str, list[Row]]:
    """Raw tables as ingest would leave them; what is exported depends on the seed.

    seed % 5: 0 and 1 levels written on most services, 2 levels on recorded episodes, 3 codes and hours only, 4 no
    sessions.
    """
    rng, kind = np.random.default_rng(seed), seed % 5
    episodes = [episode(rng, number, kind) for number in range(rng.integers(25, 45))]
    for number, row in enumerate(episodes if kind == 4 else []):
        if number % 3 == 0 and row["end_day"] is not None:  # known only as a range of days
            row["end_latest_day"] = row["end_day"] + number % 8
    sessions = [] if kind == 4 else [session(rng, number, kind, episodes) for number in range(rng.integers(220, 320))]
    return {
        "patients": [person(rng, number) for number in range(PEOPLE)],
        "episodes": episodes,
        "sessions": sessions,
        "assessments": assessments(rng) + surveys(seed),
        "discharges": [discharge(rng, row) for row in episodes if rng.random() < 0.7],
        "programs": [{"program_id": "A", "site": "north"}, {"program_id": "B", "site": None}],
        "followups": followups(seed),
        "costs": costs(seed, episodes),
    }


def pick(rng: np.random.Generator, values: tuple, missing: float = 0.0):
    return None if rng.random() < missing else values[rng.integers(len(values))]


def person(rng: np.random.Generator, number: int) -> Row:
    return {
        "patient_id": f"p{number:02}",
        "observed_from_day": int(rng.integers(-12, 6)),
        "observed_to_day": int(rng.integers(30, LAST_DAY + 12)),
        "age_at_index": pick(rng, (15, 17, 18, 30, 90), 0.3),
        "birth_year": pick(rng, (1951, 1952, 1953, 1990), 0.3),
        "sex": pick(rng, ("F", "M"), 0.2),
        "race_ethnicity": pick(rng, ("WHITE", "BLACK"), 0.2),
        "housing": pick(rng, ("homeless", "independent"), 0.3),
        "prior_episodes_lifetime": pick(rng, (0, 1, 4), 0.3),
    }


def episode(rng: np.random.Generator, number: int, kind: int) -> Row:
    start = int(rng.integers(0, LAST_DAY))
    length = int(rng.integers(0, 14))
    return {
        "episode_id": f"e{number:02}",
        "patient_id": f"p{rng.integers(PEOPLE):02}",
        "program_id": pick(rng, PROGRAMS),
        "level_of_care": pick(rng, LEVELS, 0.5 if kind == 3 else 0.1),
        "asam_level": pick(rng, ("0.5", "1", "2.1", "2.5", "3.1", "3.7", "4"), 0.9 if kind == 3 else 0.6),
        "start_day": start,
        "end_day": None if rng.random() < 0.3 else start + length,
        "admit_year": pick(rng, ("2024", "2025Q1"), 0.2),
        "referral_source": pick(rng, ("self", "court"), 0.2),
        "payer": pick(rng, ("medicaid", "commercial"), 0.2),
        "primary_dx": pick(
            rng,
            (
                "F10.2",
                "F19",
                "f20",
                "F29",
                "F30",
                "F332",
                "F39",
                "F40",
                "F43.1",
                "f4310",
                "F43.2",
                "F48",
                "F49",
                "F50",
                "F59",
                "F60",
                "F69",
                "F70",
                "Z00",
            ),
            0.1,
        ),
        "sud_flag": pick(rng, (True, False), 0.2),
        "trauma_flag": pick(rng, (True, False), 0.2),
        "psychosis_flag": pick(rng, (True, False), 0.2),
        "prior_24h_care_12m": pick(rng, (True, False), 0.5),
        "track": pick(rng, ("trauma", "general"), 0.3),
        "planned_weeks": pick(rng, (6.0, 8.0), 0.3),
        "planned_hours_per_week": pick(rng, (9.0, 20.0), 0.3),
        "mandated": pick(rng, (True, False), 0.4),
        "recommended_level": pick(rng, ("OP", "IOP", "PHP", "IP", "OTP"), 0.3),
    }


def session(rng: np.random.Generator, number: int, kind: int, episodes: list[Row]) -> Row:
    named = episodes[rng.integers(len(episodes))] if rng.random() < (0.8 if kind == 2 else 0.4) else None
    near = named is not None and rng.random() < 0.8
    day = int(named["start_day"] + rng.integers(-1, 9)) if near else int(rng.integers(0, LAST_DAY))
    mine = rng.random() < 0.9
    status = pick(
        rng,
        (
            "attended",
            "attended",
            "attended",
            "attended",
            "no_show",
            "client_cancel_late",
            "client_cancel",
            "provider_cancel",
            "bed_day",
        ),
    )
    scheduled = pick(rng, (60.0, 120.0, 180.0, 360.0, 540.0), 0.25)
    return {
        "session_id": f"s{number:03}",
        "patient_id": named["patient_id"] if named and mine else f"p{rng.integers(PEOPLE):02}",
        "episode_id": named["episode_id"] if named else None,
        "program_id": named["program_id"] if near else pick(rng, PROGRAMS),
        "level_of_care": pick(rng, LEVELS, {0: 0.05, 1: 0.2, 2: 0.9, 3: 0.97}[kind]),
        "therapist_id": pick(rng, ("t1", "t2"), 0.2),
        "service_day": day,
        "status": status,
        "service_type": pick(rng, ("group", "individual", "family", "assessment"), 0.2),
        "minutes_scheduled": scheduled,
        "minutes_attended": pick(rng, (0.0, 30.0, 60.0, 90.0, 180.0), 0.4) if status == "attended" else None,
        "modality": pick(rng, ("in_person", "video"), 0.3),
        "cpt_hcpcs": pick(rng, CODES, 0.7),
        "revenue_code": pick(rng, REVENUE, 0.8),
        "pos": pick(rng, PLACES, 0.8),
        "condition_code": pick(rng, ("41", "92"), 0.9),
        "bill_type": pick(rng, BILLS, 0.9),
        "apc": pick(rng, ("5861", "5853"), 0.95),
    }


def assessments(rng: np.random.Generator) -> list[Row]:
    """One score per person, instrument and day at most, as ingest leaves them."""
    rows = {}
    for _ in range(540):
        key = (
            f"p{rng.integers(PEOPLE):02}",
            pick(rng, INSTRUMENTS),
            pick(rng, ("", "", "", "part")),
            int(rng.integers(-3, LAST_DAY)),
        )
        rows[key] = {
            "patient_id": key[0],
            "instrument_id": key[1],
            "subscale": key[2],
            "assessed_day": key[3],
            "score": float(rng.integers(0, {"UDS_OPIOID": 2, "PCL5": 66}.get(key[1], 28))),
            "item_9": pick(rng, (0.0, 1.0, 3.0), 0.4),
            "recall_variant": pick(rng, ("weekly",), 0.8),
        }
    return list(rows.values())


def discharge(rng: np.random.Generator, row: Row) -> Row:
    last = row["end_day"] if row["end_day"] is not None else row["start_day"] + int(rng.integers(-2, 9))
    return {
        "episode_id": row["episode_id"],
        "discharge_day": None if rng.random() < 0.2 else last + int(rng.integers(0, 6)),
        "ending": pick(rng, ENDINGS),
        "planned_ending": pick(rng, (True, False), 0.5),
        "destination_level": pick(rng, ("OP", "RES", "IP"), 0.5),
    }


def followups(seed: int) -> list[Row]:
    """Control outcomes and survey attempts; a generator of their own keeps the other records as they are."""
    rng, rows = np.random.default_rng([seed, 1]), {}
    harm = np.random.default_rng([seed, 2])
    for _ in range(120):
        day = int(rng.integers(-5, LAST_DAY + 380))
        key = (f"p{rng.integers(PEOPLE):02}", day, pick(rng, ("", "eye_exam", "flu_vaccination", "dental_visit")))
        rows[key] = {
            "patient_id": key[0],
            "contact_day": key[1],
            "control_outcome": key[2],
            "source": "claims",
            "reached": pick(rng, ("reached", "not_reached", "died"), 0.2),
            "value": pick(rng, (0, 1), 0.2),
            "window": pick(harm, ("30d", "90d", "180d"), 0.4),
            "self_harm": pick(harm, (True, False, False), 0.3),
            "ed_visit": pick(harm, (True, False, False), 0.3),
            "alive": pick(harm, (True, True, False), 0.6),
        }
    return list(rows.values())


def costs(seed: int, episodes: list[Row]) -> list[Row]:
    """Amounts of whole dollars, so that sums in any order are equal; mixed kinds and years by the seed."""
    rng, rows = np.random.default_rng([seed, 2]), []
    kinds = ("paid", "charge") if seed % 5 == 1 else ("paid",)
    years = (2024, 2025) if seed % 3 else (2025,)
    for _ in range(150):
        named = episodes[rng.integers(len(episodes))] if rng.random() < 0.6 else None
        day = named["start_day"] + int(rng.integers(0, 20)) if named else int(rng.integers(-5, LAST_DAY + 20))
        rows.append(
            {
                "patient_id": named["patient_id"] if named else f"p{rng.integers(PEOPLE):02}",
                "episode_id": named["episode_id"] if named else None,
                "service_day": day,
                "amount": float(2 * rng.integers(-5, 400)),
                "amount_kind": pick(rng, kinds),
                "currency": "USD",
                "price_year": pick(rng, years),
                "perspective": pick(rng, ("payer", "payer", "payer", "patient")),
            }
        )
    return rows


def surveys(seed: int) -> list[Row]:
    """Satisfaction and alliance, most of them early; every third data set has alliance alone."""
    rng, rows = np.random.default_rng([seed, 3]), {}
    for _ in range(220):
        key = (
            f"p{rng.integers(PEOPLE):02}",
            "WAISR" if seed % 3 == 0 else pick(rng, ("CSQ8", "WAISR")),
            int(rng.integers(-3, LAST_DAY)),
        )
        rows[key] = {
            "patient_id": key[0],
            "instrument_id": key[1],
            "subscale": "",
            "assessed_day": key[2],
            "score": float(rng.integers(12, 33)),
            "occasion": pick(rng, ("during", "discharge"), 0.3),
        }
    return list(rows.values())
