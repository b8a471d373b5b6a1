"""Hours scheduled and attended, week by week from day 0."""

import pytest

from tests.spec.staged import built, like, staged, study_of


def dose(sessions, **more):
    return built(staged(sessions=sessions, **more), "dose_weeks")


def test_weeks_are_seven_days_from_day_0_and_the_last_is_complete_only_where_the_episode_fills_it():
    con = dose("""
        patient_id | level_of_care | service_day | minutes_scheduled
        ann        | IOP           | 10          | 180
        ann        | IOP           | 16          | 180
        ann        | IOP           | 17          | 60
        ann        | IOP           | 22          | 60
        bob        | IOP           | 0           | 60
        bob        | IOP           | 13          | 60
        """)
    found, expected = like(
        con,
        "dose_weeks",
        """
        episode_id   | week | complete | scheduled_hours | attended_hours
        ann/P/IOP/10 | 0    | yes      | 6.0             | 6.0
        ann/P/IOP/10 | 1    | no       | 2.0             | 2.0
        bob/P/IOP/0  | 0    | yes      | 1.0             | 1.0
        bob/P/IOP/0  | 1    | yes      | 1.0             | 1.0
        """,
    )
    assert found == expected


def test_a_week_in_which_nothing_was_scheduled_counts_as_no_hours():
    con = dose("""
        patient_id | level_of_care | service_day | minutes_scheduled
        ann        | OP            | 0           | 60
        ann        | OP            | 14          | 60
        """)
    found, expected = like(
        con,
        "dose_weeks",
        """
        week | scheduled_hours | attended_hours
        0    | 1.0             | 1.0
        1    | 0.0             | 0.0
        2    | 1.0             | 1.0
        """,
    )
    assert found == expected


def test_missed_and_cancelled_services_are_scheduled_and_not_attended():
    con = dose("""
        patient_id | level_of_care | service_day | status             | minutes_scheduled | minutes_attended
        ann        | IOP           | 0           | attended           | 60                | 45
        ann        | IOP           | 1           | no_show            | 60                |
        ann        | IOP           | 2           | client_cancel_late | 60                |
        ann        | IOP           | 3           | client_cancel      | 60                |
        ann        | IOP           | 4           | provider_cancel    | 60                | 60
        ann        | IOP           | 6           | attended           | 60                |
        """)
    found, expected = like(
        con,
        "dose_weeks",
        """
        week | scheduled_hours | attended_hours | attended_services | expected_services
        0    | 6.0             | 1.75           | 2                 | 4
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("minutes", "counts"), [(29, 0), (30, 1), (31, 1)])
def test_a_service_counts_as_attended_from_half_of_its_scheduled_minutes(minutes, counts):
    con = dose(f"""
        patient_id | level_of_care | service_day | minutes_scheduled | minutes_attended
        ann        | IOP           | 0           | 60                | {minutes}
        """)
    found, expected = like(
        con,
        "dose_weeks",
        f"""
        attended_services | expected_services | attended_hours
        {counts}          | 1                 | {minutes / 60}
        """,
    )
    assert found == expected


def test_a_per_diem_day_without_minutes_is_given_the_hours_of_its_level_once_and_flagged():
    con = dose("""
        session_id | patient_id | level_of_care | service_day | cpt_hcpcs | revenue_code | minutes_scheduled
        s1         | ann        | IOP           | 0           | S9480     |              |
        s2         | ann        | IOP           | 0           |           | "0905"       |
        s3         | bob        | PHP           | 0           | H0035     |              |
        s4         | cem        | IOP           | 0           | S9480     |              |
        s5         | cem        | IOP           | 0           |           |              | 90
        s6         | dan        | IOP           | 0           | "90853"   |              |
        """)
    found, expected = like(
        con,
        "dose_weeks",
        """
        episode_id  | scheduled_hours | attended_hours | imputed_hours | minutes_imputed
        ann/P/IOP/0 | 3.0             | 3.0            | 3.0           | yes
        bob/P/PHP/0 | 5.0             | 5.0            | 5.0           | yes
        cem/P/IOP/0 | 1.5             | 1.5            | 0.0           | no
        dan/P/IOP/0 | 0.0             | 0.0            | 0.0           | no
        """,
    )
    assert found == expected


def test_minutes_of_zero_are_no_minutes_so_the_per_diem_day_is_still_given_its_hours():
    con = dose("""
        patient_id | level_of_care | service_day | cpt_hcpcs | minutes_scheduled
        ann        | IOP           | 0           | S9480     |
        ann        | IOP           | 0           |           | 0
        """)
    assert con.execute("SELECT imputed_hours FROM dose_weeks").fetchall() == [(3.0,)]


def test_the_hours_of_a_per_diem_day_go_to_the_service_that_was_attended():
    con = dose("""
        session_id | patient_id | level_of_care | service_day | cpt_hcpcs | status
        s1         | ann        | IOP           | 0           | S9480     | no_show
        s2         | ann        | IOP           | 0           | S9480     | attended
        s3         | bob        | IOP           | 0           | S9480     | attended
        s4         | bob        | IOP           | 0           | S9480     | no_show
        """)
    found, expected = like(
        con,
        "dose_weeks",
        """
        episode_id  | scheduled_hours | attended_hours
        ann/P/IOP/0 | 3.0             | 3.0
        bob/P/IOP/0 | 3.0             | 3.0
        """,
    )
    assert found == expected


def test_the_study_says_how_many_hours_a_per_diem_day_has():
    con = built(
        staged(
            sessions="""
        patient_id | level_of_care | cpt_hcpcs
        ann        | IOP           | S9480
        bob        | PHP           | S9480
        """
        ),
        "dose_weeks",
        study=study_of(episodes={"iop_day_hours": 2.5, "php_day_hours": 6}),
    )
    found, expected = like(
        con,
        "dose_weeks",
        """
        episode_id  | imputed_hours
        ann/P/IOP/0 | 2.5
        bob/P/PHP/0 | 6.0
        """,
    )
    assert found == expected


def test_bed_days_are_counted_and_their_hours_are_not_known():
    con = dose("""
        patient_id | level_of_care | service_day | status   | minutes_scheduled
        ann        | RES           | 0           | bed_day  |
        ann        | RES           | 1           | bed_day  |
        bob        | RES           | 0           | bed_day  |
        bob        | RES           | 0           | attended | 90
        """)
    found, expected = like(
        con,
        "dose_weeks",
        """
        episode_id  | bed_days | scheduled_hours | attended_hours | expected_services
        ann/P/RES/0 | 2        |                 |                | 0
        bob/P/RES/0 | 1        | 1.5             | 1.5            | 1
        """,
    )
    assert found == expected


def test_a_lighter_service_in_the_program_of_the_day_belongs_to_the_episode_that_claims_the_day():
    con = dose("""
        patient_id | level_of_care | program_id | service_day | minutes_scheduled
        ann        | IOP           | P          | 0           | 180
        ann        | OP            | P          | 0           | 60
        ann        | OP            | Q          | 0           | 60
        """)
    found, expected = like(
        con,
        "dose_weeks",
        """
        episode_id  | scheduled_hours
        ann/P/IOP/0 | 4.0
        """,
    )
    assert found == expected


def test_a_day_with_services_and_no_minutes_at_all_is_untimed_and_its_week_has_no_hours():
    con = built(
        staged(
            sessions="""
        patient_id | level_of_care | service_day | status   | minutes_scheduled | cpt_hcpcs
        ann        | IOP           | 0           | attended | 180               |
        ann        | IOP           | 1           | attended |                   | "90853"
        ann        | IOP           | 7           | attended |                   | S9480
        ann        | IOP           | 7           | no_show  |                   | "90853"
        """
        ),
        "patient_weeks",
    )
    found, expected = like(
        con,
        "patient_weeks",
        """
        week | untimed_days | attended_hours | attended_band
        0    | 1            |                |
        1    | 0            | 3.0            | below
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("minutes", "band"), [(539, "below"), (540, "within"), (1199, "within"), (1200, "above")])
def test_a_week_lies_within_the_hours_of_iop_from_nine_to_under_twenty(minutes, band):
    con = built(
        staged(
            sessions=f"""
        patient_id | level_of_care | service_day | minutes_scheduled
        ann        | IOP           | 0           | {minutes}
        """
        ),
        "patient_weeks",
    )
    assert con.execute("SELECT scheduled_band, attended_band FROM patient_weeks").fetchall() == [(band, band)]


def test_24_hour_care_has_no_weeks_of_hours():
    con = built(
        staged(
            sessions="""
        patient_id | level_of_care | service_day | status   | minutes_scheduled
        ann        | RES           | 0           | bed_day  |
        ann        | RES           | 0           | attended | 90
        """
        ),
        "patient_weeks",
    )
    assert con.execute("SELECT * FROM patient_weeks").fetchall() == []
