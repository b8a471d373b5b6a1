"""Who came back to 24-hour care within thirty days of leaving it."""

import pytest

from tests.spec.staged import built, like, staged


def stays(rows, *, seen_to=4000, discharges=""):
    tables = {
        "episodes": "episode_id | patient_id | level_of_care | program_id | start_day | end_day\n" + rows,
        "patients": f"patient_id | observed_to_day\nann | {seen_to}",
    }
    if discharges:
        tables["discharges"] = "episode_id | ending | destination_level\n" + discharges
    return built(staged(**tables), "readmission")


@pytest.mark.parametrize(("back", "readmitted", "day"), [(2, True, 2), (30, True, 30), (31, False, None)])
def test_a_readmission_starts_on_day_2_to_30_after_the_discharge(back, readmitted, day):
    con = stays(f"""
        e1 | ann | IP  | P | 0           | 10
        e2 | ann | RES | P | {10 + back} | 60
        """)
    found, expected = like(
        con,
        "readmission",
        f"""
        stay_id | discharge_day | eligible | readmitted_30                   | readmission_day
        e1      | 10            | yes      | {"yes" if readmitted else "no"} | {day or ""}
        """,
        where="stay_id = 'e1'",
    )
    assert found == expected


@pytest.mark.parametrize("start", [3, 10, 11])
def test_a_direct_transfer_is_one_stay_at_the_level_of_its_last_part(start):
    con = stays(f"""
        e1 | ann | IP  | P | 0       | 10
        e2 | ann | RES | Q | {start} | 30
        """)
    found, expected = like(
        con,
        "readmission",
        """
        stay_id | level_of_care | arm       | program_id | start_day | discharge_day | readmitted_30 | index_episode
        e2      | RES           | inpatient | Q          | 0         | 30            | no            | yes
        """,
    )
    assert found == expected


def test_going_on_to_lighter_care_is_no_readmission():
    con = stays("""
        e1 | ann | IP  | P | 0  | 10
        e2 | ann | IOP | P | 15 | 30
        """)
    found, expected = like(
        con,
        "readmission",
        """
        stay_id | readmitted_30 | readmission_day
        e1      | no            |
        """,
    )
    assert found == expected


def test_only_people_who_left_alive_and_not_for_other_24_hour_care_are_asked():
    names = ["home", "ama", "died", "hospital", "residence", "day_care"]
    con = stays(
        "\n".join(f"{name} | {name} | IP | P | 0 | 10\n{name}2 | {name} | IP | P | 20 | 30" for name in names),
        discharges="""
        home      | completed   |
        ama       | ama         | OP
        died      | died        |
        hospital  | transferred | IP
        residence | transferred | RES
        day_care  | transferred | PHP
        """,
    )
    found, expected = like(
        con,
        "readmission",
        """
        stay_id   | eligible | readmitted_30 | readmission_day
        home      | yes      | yes           | 10
        ama       | yes      | yes           | 10
        died      | no       |               |
        hospital  | no       |               |
        residence | no       |               |
        day_care  | yes      | yes           | 10
        """,
        where="discharge_day = 10",
    )
    assert found == expected


@pytest.mark.parametrize(("seen_to", "asked"), [(10, False), (39, False), (40, True)])
def test_only_people_whose_next_thirty_days_were_observable_are_asked(seen_to, asked):
    con = stays("e1 | ann | IP | P | 0 | 10", seen_to=seen_to, discharges="e1 | completed |")
    found, expected = like(
        con,
        "readmission",
        f"""
        eligible                   | readmitted_30
        {"yes" if asked else "no"} | {"no" if asked else ""}
        """,
    )
    assert found == expected


def test_whoever_is_still_in_the_bed_has_not_been_discharged():
    con = stays("e1 | ann | IP | P | 0 | 10", seen_to=10)
    found, expected = like(
        con,
        "readmission",
        """
        ending  | eligible
        in_care | no
        """,
    )
    assert found == expected
