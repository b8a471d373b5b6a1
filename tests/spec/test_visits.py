"""Visits kept, and what a yes-or-no screen found week by week."""

from collections import Counter

import numpy as np
import pytest

from tests.spec.staged import built, rows_of, staged

OUTPATIENT = {"level_of_care": "OP", "minutes_scheduled": 60, "minutes_attended": 60}


def visits(days, **more):
    return [
        {"patient_id": "a", "service_day": day, "session_id": f"s{i:03}", **OUTPATIENT, **more}
        for i, day in enumerate(days)
    ]


def test_a_kept_visit_is_attended_for_half_its_minutes_and_what_the_program_cancelled_counts_for_nothing():
    sessions = visits([0]) + [
        {
            "patient_id": "a",
            "session_id": f"x{i}",
            "service_day": 7,
            "level_of_care": "OP",
            "minutes_scheduled": 60,
            **one,
        }
        for i, one in enumerate(
            [
                {"status": "attended", "minutes_attended": 30},
                {"status": "attended", "minutes_attended": 29},
                {"status": "no_show"},
                {"status": "client_cancel_late"},
                {"status": "client_cancel"},
                {"status": "provider_cancel"},
            ]
        )
    ]
    con = built(staged(sessions=sessions), "index_attendance")
    assert rows_of(con, "index_attendance", "expected_sessions, kept_sessions") == [
        {"expected_sessions": 5, "kept_sessions": 2}
    ]


def test_visits_count_from_day_0_to_the_last_retention_day_both_included():
    con = built(staged(sessions=visits([0, 45, 90, 91])), "index_attendance")
    assert rows_of(con, "index_attendance", "expected_sessions") == [{"expected_sessions": 3}]


def test_a_week_counts_when_the_person_was_seen_and_a_week_without_a_screen_is_not_found():
    con = built(
        staged(
            sessions=visits([0, 6, 7, 13, 15]),
            assessments="""
        patient_id | instrument_id | assessed_day | score
        -----------+---------------+--------------+------
        a          | UDS_OPIOID    |            0 |     1
        a          | UDS_OPIOID    |           13 |     0
        a          | UDS_OPIOID    |           30 |     1
        a          | PHQ9          |            0 |    12
    """,
        ),
        "screen_weeks",
    )
    assert rows_of(con, "screen_weeks", "week, instrument_id, screened, found") == [
        {"week": 0, "instrument_id": "UDS_OPIOID", "screened": True, "found": True},
        {"week": 1, "instrument_id": "UDS_OPIOID", "screened": True, "found": False},
        {"week": 2, "instrument_id": "UDS_OPIOID", "screened": False, "found": False},
    ]


def test_one_finding_in_a_week_is_a_finding_and_screens_before_day_0_are_not_of_this_care():
    con = built(
        staged(
            sessions=visits([0, 1]),
            assessments="""
        patient_id | instrument_id | assessed_day | score
        -----------+---------------+--------------+------
        a          | UDS_OPIOID    |           -1 |     1
        a          | UDS_OPIOID    |            1 |     0
        a          | UDS_OPIOID    |            2 |     1
    """,
        ),
        "screen_weeks",
    )
    assert rows_of(con, "screen_weeks", "week, screened, found") == [{"week": 0, "screened": True, "found": True}]


def test_weeks_end_after_half_a_year_and_missed_visits_are_not_being_seen():
    sessions = visits([0, 28, 56, 84, 112, 140, 168, 181, 182]) + visits(
        [35], status="no_show", session_id="missed", minutes_attended=0
    )
    con = built(
        staged(
            sessions=sessions,
            assessments=[{"patient_id": "a", "instrument_id": "UDS_OPIOID", "assessed_day": 0, "score": 0}],
        ),
        "screen_weeks",
    )
    assert [row["week"] for row in rows_of(con, "screen_weeks", "week")] == [0, 4, 8, 12, 16, 20, 24, 25]


@pytest.mark.parametrize("seed", range(15))
def test_visits_and_screens_agree_with_their_slow_twin(seed):
    rng = np.random.default_rng(seed)
    days = [0, *sorted(rng.integers(1, 200, 30).tolist())]
    sessions = [
        {
            "patient_id": "a",
            "session_id": f"s{i}",
            "service_day": day,
            "level_of_care": "OP",
            "minutes_scheduled": 60,
            "status": "attended" if i == 0 else str(rng.choice(["attended", "no_show", "provider_cancel"])),
            "minutes_attended": int(rng.choice([20, 30, 60])) if i else 60,
        }
        for i, day in enumerate(days)
    ]
    screens = [
        {"patient_id": "a", "instrument_id": "UDS_OPIOID", "assessed_day": int(day), "score": int(rng.integers(0, 2))}
        for day in sorted(set(rng.integers(-5, 200, 20).tolist()))
    ]
    con = built(staged(sessions=sessions, assessments=screens), "index_attendance", "screen_weeks")

    counted = [one for one in sessions if one["status"] != "provider_cancel" and one["service_day"] <= 90]
    kept = [one for one in counted if one["status"] == "attended" and one["minutes_attended"] >= 30]
    assert rows_of(con, "index_attendance", "expected_sessions, kept_sessions") == [
        {"expected_sessions": len(counted), "kept_sessions": len(kept)}
    ]

    weeks = Counter(
        one["service_day"] // 7 for one in sessions if one["status"] == "attended" and one["service_day"] < 182
    )
    found = {one["assessed_day"] // 7 for one in screens if one["score"] and one["assessed_day"] >= 0}
    assert {row["week"]: row["found"] for row in rows_of(con, "screen_weeks", "week, found")} == {
        week: week in found for week in weeks
    }
