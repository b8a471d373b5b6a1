"""Which level of care a service and a day count as (rules 1 to 6, first match wins)."""

import pytest

from tests.spec.staged import built, like, staged, study_of


def levels(sessions, *, study=None, calendar=False, **tables):
    return built(staged(calendar, sessions=sessions, **tables), "sessions", study=study)


def test_the_level_written_on_a_service_comes_before_its_recorded_episode_and_its_codes():
    con = levels(
        """
        session_id | patient_id | level_of_care | episode_id | cpt_hcpcs | minutes_scheduled
        s1         | ann        | OP            | e1         | H0035     | 60
        s2         | ann        |               | e1         | H0035     | 60
        s3         | ann        |               |            | H0035     | 60
        """,
        episodes="""
        episode_id | patient_id | level_of_care | start_day
        e1         | ann        | IOP           | 0
        """,
    )
    found, expected = like(
        con,
        "sessions",
        """
        session_id | level_of_care | level_rule
        s1         | OP            | written on the service
        s2         | IOP           | recorded episode
        s3         | PHP           | per-diem or condition code
        """,
    )
    assert found == expected


def test_a_recorded_episode_of_another_person_says_nothing():
    con = levels(
        """
        session_id | patient_id | episode_id | minutes_scheduled
        s1         | bob        | e1         | 60
        """,
        episodes="""
        episode_id | patient_id | level_of_care | start_day
        e1         | ann        | IOP           | 0
        """,
    )
    found, expected = like(
        con,
        "sessions",
        """
        session_id | level_of_care | level_rule
        s1         | OP            | scheduled hours
        """,
    )
    assert found == expected


def test_per_diem_and_condition_codes_come_before_revenue_codes_and_those_before_the_place():
    con = levels("""
        session_id | patient_id | cpt_hcpcs | condition_code | apc  | revenue_code | pos  | bill_type | minutes_scheduled
        s1         | a1         | S9480     | "41"           |      | "0912"       | "51" |           | 60
        s2         | a2         | "90853"   | "41"           |      | "0905"       | "51" |           | 60
        s3         | a3         |           |                | 5861 | "0912"       | "51" |           | 60
        s4         | a4         |           |                |      | "0906"       | "55" |           | 60
        s5         | a5         |           |                |      | "905"        | "55" |           | 60
        s6         | a6         |           |                |      |              | "55" | "111"     | 60
        s7         | a7         |           |                |      |              | "55" | "131"     | 60
        """)
    found, expected = like(
        con,
        "sessions",
        """
        session_id | level_of_care | level_rule
        s1         | IOP           | per-diem or condition code
        s2         | PHP           | per-diem or condition code
        s3         | IOP           | per-diem or condition code
        s4         | IOP           | revenue code
        s5         | IOP           | revenue code
        s6         | IP            | place of service
        s7         | RES           | place of service
        """,
    )
    assert found == expected


def test_hospital_and_residence_say_the_level_but_office_and_telehealth_leave_it_to_the_hours():
    con = levels("""
        session_id | patient_id | pos  | minutes_scheduled
        s1         | a1         | "21" | 60
        s2         | a2         | "51" | 60
        s3         | a3         | "56" | 60
        s4         | a4         | "52" | 60
        s5         | a5         | "23" | 60
        s6         | a6         | "11" | 60
        s7         | a7         | "02" | 60
        s8         | a8         | "10" | 540
        """)
    found, expected = like(
        con,
        "sessions",
        """
        session_id | level_of_care | level_rule
        s1         | IP            | place of service
        s2         | IP            | place of service
        s3         | RES           | place of service
        s4         | PHP           | place of service
        s5         | ED            | place of service
        s6         | OP            | scheduled hours
        s7         | OP            | scheduled hours
        s8         | IOP           | scheduled hours
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("minutes", "level"), [(1, "OP"), (539, "OP"), (540, "IOP"), (1199, "IOP"), (1200, "PHP")])
def test_nine_scheduled_hours_a_week_are_intensive_and_twenty_are_partial_hospital(minutes, level):
    con = levels(f"""
        patient_id | service_day | minutes_scheduled
        ann        | 0           | {minutes // 2}
        ann        | 6           | {minutes - minutes // 2}
        """)
    found, expected = like(
        con,
        "sessions",
        f"""
        service_day | level_of_care
        0           | {level}
        6           | {level}
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("age", "level"), [("17", "IOP"), ("18", "OP"), ("", "OP")])
def test_below_eighteen_six_scheduled_hours_a_week_are_intensive(age, level):
    con = levels(
        """
        patient_id | service_day | minutes_scheduled
        ann        | 0           | 360
        """,
        patients=f"""
        patient_id | age_at_index
        ann        | {age}
        """,
    )
    found, expected = like(
        con,
        "sessions",
        f"""
        patient_id | level_of_care
        ann        | {level}
        """,
    )
    assert found == expected


@pytest.mark.parametrize(
    ("birth_year", "calendar", "level"), [(2008, True, "IOP"), (2007, True, "OP"), (2008, False, "OP")]
)
def test_without_an_age_the_year_of_birth_says_who_is_below_eighteen_where_days_are_dates(birth_year, calendar, level):
    con = levels(
        """
        patient_id | service_day | minutes_scheduled
        ann        | 20200       | 360
        """,
        calendar=calendar,
        patients=f"""
        patient_id | birth_year
        ann        | {birth_year}
        """,
    )  # day 20200 is in April 2025
    found, expected = like(
        con,
        "sessions",
        f"""
        patient_id | level_of_care
        ann        | {level}
        """,
    )
    assert found == expected


def test_missed_and_cancelled_services_count_as_scheduled_so_that_no_shows_never_lower_the_level():
    con = levels("""
        patient_id | service_day | minutes_scheduled | status
        ann        | 0           | 180               | attended
        ann        | 2           | 180               | no_show
        ann        | 4           | 180               | client_cancel
        """)
    found, expected = like(
        con,
        "sessions",
        """
        service_day | level_of_care
        0           | IOP
        2           | IOP
        4           | IOP
        """,
    )
    assert found == expected


def weeks(*hours):
    """One service on the first day and one on the last day of each week, with these hours together."""
    rows = [f"ann | {7 * week + day} | {60 * hour // 2}" for week, hour in enumerate(hours) for day in (0, 6)]
    return "\n".join(["patient_id | service_day | minutes_scheduled", *rows])


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((10, 2, 10), "IOP IOP IOP"),
        ((10, 2, 2, 10), "IOP OP OP OP"),
        ((10, 2, 24, 24, 2, 2), "IOP IOP PHP PHP OP OP"),
        ((2, 10, 10), "OP IOP IOP"),
    ],
)
def test_a_change_by_the_hours_counts_only_where_it_lasts_two_weeks_in_a_row(hours, expected):
    con = levels(weeks(*hours))
    rows = con.execute(
        "SELECT MIN(level_of_care) FROM sessions GROUP BY service_day // 7 ORDER BY service_day // 7"
    ).fetchall()
    assert [level for (level,) in rows] == expected.split()


def test_a_last_week_that_is_not_over_takes_the_level_before_it_unless_it_is_the_only_one():
    con = levels("""
        patient_id | service_day | minutes_scheduled
        ann        | 0           | 300
        ann        | 6           | 300
        ann        | 7           | 60
        ann        | 12          | 60
        bob        | 0           | 60
        """)
    found, expected = like(
        con,
        "sessions",
        """
        patient_id | service_day | level_of_care
        ann        | 0           | IOP
        ann        | 6           | IOP
        ann        | 7           | IOP
        ann        | 12          | IOP
        bob        | 0           | OP
        """,
    )
    assert found == expected


def test_after_a_silence_longer_than_any_ambulatory_stay_allows_weeks_are_counted_anew():
    con = levels("""
        patient_id | service_day | minutes_scheduled
        ann        | 0           | 600
        ann        | 60          | 60
        bob        | 0           | 600
        bob        | 61          | 60
        """)
    found, expected = like(
        con,
        "weekly_hours",
        """
        patient_id | first_day | week
        ann        | 0         | 0
        ann        | 0         | 8
        bob        | 0         | 0
        bob        | 61        | 0
        """,
    )
    assert found == expected


def test_a_code_for_one_of_two_levels_decides_only_together_with_the_hours():
    con = levels("""
        patient_id | service_day | cpt_hcpcs | pos  | revenue_code | minutes_scheduled
        few        | 0           | G0410     |      |              | 120
        some       | 0           | G0410     |      |              | 600
        many       | 0           | G0410     |      |              | 1200
        house      | 0           |           | "57" |              | 1200
        visit      | 0           |           | "57" |              | 60
        bed        | 0           |           |      | "0118"       |
        """)
    found, expected = like(
        con,
        "sessions",
        """
        patient_id | level_of_care
        few        | IOP
        some       | IOP
        many       | PHP
        house      | IOP
        visit      | OP
        bed        | UNKNOWN
        """,
    )
    assert found == expected


def test_a_service_that_no_rule_can_place_is_unknown_and_is_kept_and_counted():
    con = built(
        staged(
            sessions="""
        session_id | patient_id | service_day | cpt_hcpcs
        s1         | ann        | 0           | 90837
        """
        ),
        "sessions",
        "level_evidence",
        "episodes",
    )
    found, expected = like(
        con,
        "level_evidence",
        """
        level_of_care | level_rule | services | services_imputed
        UNKNOWN       | unknown    | 1        | 0
        """,
    )
    assert found == expected
    found, expected = like(
        con,
        "episodes",
        """
        patient_id | level_of_care | arm
        ann        | UNKNOWN       |
        """,
    )
    assert found == expected


def days(con):
    return (
        built(con, "service_days")
        .execute(
            "SELECT patient_id, service_day, level_of_care, program_id FROM service_days JOIN setting USING"
            " (setting_no) JOIN person USING (person_no) ORDER BY 1, 2, 3"
        )
        .fetchall()
    )


def test_of_several_levels_on_one_day_the_most_intense_counts_then_the_first_program():
    pairs = [("IP", "RES"), ("RES", "PHP"), ("PHP", "IOP"), ("IOP", "OP"), ("OP", "OTP")]
    rows = [f"{first}{second} | {order}" for first, second in pairs for order in (first, second)]
    con = staged(sessions="\n".join(["patient_id | level_of_care | service_day", *[f"{row} | 0" for row in rows]]))
    assert [(person, level) for person, _, level, _ in days(con)] == sorted(
        (first + second, first) for first, second in pairs
    )
    con = staged(
        sessions="""
        session_id | patient_id | level_of_care | service_day | program_id
        s1         | ann        | OP            | 0           | P2
        s2         | ann        | OP            | 0           | P1
        s3         | ann        | IOP           | 1           | P2
        s4         | ann        | OP            | 1           | P1
        """
    )
    assert days(con) == [("ann", 0, "OP", "P1"), ("ann", 1, "IOP", "P2")]


def test_withdrawal_management_and_emergencies_never_set_the_level_of_a_day():
    con = staged(
        sessions="""
        patient_id | level_of_care | service_day
        ann        | WM            | 0
        ann        | OP            | 0
        ann        | ED            | 1
        """
    )
    assert days(con) == [("ann", 0, "OP", "P"), ("ann", 0, "WM", "P"), ("ann", 1, "ED", "P")]


@pytest.mark.parametrize(
    ("chosen", "hospital", "level"), [("RES", 0, "RES"), ("IP", 0, "IP"), ("RES", 1, "RES"), ("RES", 2, "IP")]
)
def test_asam_3_7_is_what_the_study_says_and_inpatient_where_half_the_services_are_in_a_hospital(
    chosen, hospital, level
):
    places = ["21"] * hospital + ["55"] * (4 - hospital)
    rows = "\n".join(f'ann | {day} | bed_day | e1 | RES | "{place}"' for day, place in enumerate(places))
    con = built(
        staged(
            sessions="patient_id | service_day | status | episode_id | level_of_care | pos\n" + rows,
            episodes="""
        episode_id | patient_id | asam_level | level_of_care | start_day
        e1         | ann        | "3.7"      | RES           | 0
        e2         | ann        | "3.5"      | RES           | 0
        e3         | ann        | "3.7"      | OP            | 0
        """,
        ),
        "sessions",
        study=study_of(episodes={"residential_3_7": chosen}),
    )
    assert {row for (row,) in con.execute("SELECT level_of_care FROM sessions").fetchall()} == {level}
    found, expected = like(
        con,
        "recorded_episodes",
        f"""
        episode_id | level_of_care
        e1         | {level}
        e2         | RES
        e3         | OP
        """,
    )
    assert found == expected


def test_a_recorded_episode_without_a_level_takes_that_of_its_asam_level():
    con = built(
        staged(
            episodes="""
        episode_id | patient_id | asam_level | start_day
        e1         | ann        | "1.7"      | 0
        e2         | ann        | "2.1"      | 0
        e3         | ann        | "2.7"      | 0
        e4         | ann        | "3.3"      | 0
        e5         | ann        | "4"        | 0
        e6         | ann        | "0.5"      | 0
        """
        ),
        "recorded_episodes",
    )
    found, expected = like(
        con,
        "recorded_episodes",
        """
        episode_id | level_of_care
        e1         | OP
        e2         | IOP
        e3         | PHP
        e4         | RES
        e5         | IP
        e6         |
        """,
    )
    assert found == expected
