"""When a stay starts and ends, and which recorded episode it takes its attributes from."""

import pytest

from tests.spec.staged import built, like, staged, study_of


def episodes(calendar=False, **tables):
    return built(staged(calendar, **tables), "episodes")


def test_a_silence_as_long_as_the_gap_of_the_level_continues_the_stay_and_one_day_more_ends_it():
    con = episodes(
        sessions="""
        patient_id | level_of_care | service_day | status
        ann        | OP            | 0           | attended
        ann        | OP            | 60          | attended
        bob        | OP            | 0           | attended
        bob        | OP            | 61          | attended
        cem        | IOP           | 0           | attended
        cem        | IOP           | 30          | attended
        dan        | IOP           | 0           | attended
        dan        | IOP           | 31          | attended
        eve        | PHP           | 0           | attended
        eve        | PHP           | 14          | attended
        fay        | PHP           | 0           | attended
        fay        | PHP           | 15          | attended
        gus        | RES           | 0           | bed_day
        gus        | RES           | 1           | bed_day
        hal        | IP            | 0           | bed_day
        hal        | IP            | 2           | bed_day
        """
    )
    found, expected = like(
        con,
        "episodes",
        """
        patient_id | level_of_care | start_day | last_day
        ann        | OP            | 0         | 60
        bob        | OP            | 0         | 0
        bob        | OP            | 61        | 61
        cem        | IOP           | 0         | 30
        dan        | IOP           | 0         | 0
        dan        | IOP           | 31        | 31
        eve        | PHP           | 0         | 14
        fay        | PHP           | 0         | 0
        fay        | PHP           | 15        | 15
        gus        | RES           | 0         | 1
        hal        | IP            | 0         | 0
        hal        | IP            | 2         | 2
        """,
    )
    assert found == expected


def test_a_new_level_or_a_new_program_is_a_new_episode_whatever_the_order_of_the_file():
    con = episodes(
        sessions="""
        patient_id | level_of_care | program_id | service_day
        ann        | OP            | P          | 62
        ann        | IOP           | Q          | 20
        ann        | IOP           | P          | 30
        ann        | IOP           | P          | 0
        ann        | IOP           | P          | 61
        """
    )
    found, expected = like(
        con,
        "episodes",
        """
        patient_id | level_of_care | program_id | start_day | last_day
        ann        | IOP           | P          | 0         | 30
        ann        | IOP           | P          | 61        | 61
        ann        | IOP           | Q          | 20        | 20
        ann        | OP            | P          | 62        | 62
        """,
    )
    assert found == expected


def test_only_attended_services_and_bed_days_make_a_stay():
    con = episodes(
        sessions="""
        patient_id | level_of_care | service_day | status
        ann        | IOP           | 0           | no_show
        ann        | IOP           | 3           | attended
        ann        | IOP           | 5           | client_cancel_late
        ann        | IOP           | 6           | client_cancel
        ann        | IOP           | 7           | provider_cancel
        """
    )
    found, expected = like(
        con,
        "episodes",
        """
        patient_id | start_day | last_day
        ann        | 3         | 3
        """,
    )
    assert found == expected


def test_a_lighter_service_on_a_day_of_a_more_intense_level_makes_no_episode_of_its_own():
    con = episodes(
        sessions="""
        patient_id | level_of_care | program_id | service_day
        ann        | IOP           | P          | 0
        ann        | OP            | Q          | 0
        ann        | IOP           | P          | 2
        ann        | OP            | Q          | 9
        """
    )
    found, expected = like(
        con,
        "episodes",
        """
        level_of_care | start_day | last_day
        IOP           | 0         | 2
        OP            | 9         | 9
        """,
    )
    assert found == expected


def test_a_24_hour_stay_without_exported_bed_days_lasts_as_long_as_it_was_recorded():
    con = episodes(
        sessions="""
        patient_id | level_of_care | program_id | service_day | status
        ann        | RES           | P          | 2           | attended
        ann        | RES           | P          | 9           | attended
        bob        | RES           | P          | 0           | bed_day
        bob        | RES           | P          | 1           | bed_day
        """,
        episodes="""
        episode_id | patient_id | level_of_care | start_day | end_day
        e1         | ann        | RES           | 0         | 20
        e2         | bob        | RES           | 0         | 20
        e3         | cem        | IP            | 0         |
        e4         | dan        | IP            | 5         |
        e5         | eve        | OP            | 0         | 20
        """,
        discharges="""
        episode_id | discharge_day | ending
        e3         | 6             | completed
        e4         | 4             | completed
        """,
    )
    found, expected = like(
        con,
        "episodes",
        """
        patient_id | level_of_care | start_day | last_day
        ann        | RES           | 0         | 20
        bob        | RES           | 0         | 1
        cem        | IP            | 0         | 6
        dan        | IP            | 5         | 5
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("bed", "ends"), [(-1, 20), (0, 0), (20, 20), (21, 21)])
def test_one_bed_day_within_a_recorded_stay_means_that_bed_days_are_exported(bed, ends):
    con = episodes(
        sessions=f"""
        patient_id | level_of_care | service_day | status
        ann        | IP            | {bed}       | bed_day
        """,
        episodes="""
        episode_id | patient_id | level_of_care | start_day | end_day
        e1         | ann        | IP            | 0         | 20
        """,
    )
    [(last,)] = con.execute("SELECT MAX(last_day) FROM episodes").fetchall()
    [(stays,)] = con.execute("SELECT COUNT(*) FROM recorded_stays").fetchall()
    assert last == ends
    assert stays == (0 if 0 <= bed <= 20 else 1)


def test_a_study_without_sessions_uses_its_recorded_episodes_as_they_are():
    con = episodes(
        episodes="""
        episode_id | patient_id | level_of_care | start_day | end_day
        e1         | ann        | IOP           | 0         | 20
        e2         | ann        | IOP           | 21        | 30
        e3         | bob        |               | 4         |
        """
    )
    found, expected = like(
        con,
        "episodes",
        """
        episode_id | recorded_episode_id | level_of_care | start_day | last_day | made_from
        e1         | e1                  | IOP           | 0         | 20       | recorded episodes
        e2         | e2                  | IOP           | 21        | 30       | recorded episodes
        e3         | e3                  | UNKNOWN       | 4         | 4        | recorded episodes
        """,
    )
    assert found == expected


def test_attributes_come_from_the_recorded_episode_that_shares_most_service_days():
    con = episodes(
        sessions="""
        patient_id | level_of_care | service_day
        ann        | IOP           | 0
        ann        | IOP           | 5
        ann        | IOP           | 9
        """,
        episodes="""
        episode_id | patient_id | program_id | start_day | end_day | payer
        e1         | ann        | P          | -9        | 0       | medicaid
        e2         | ann        | Q          | 5         | 9       | commercial
        e3         | bob        | P          | 0         | 9       | medicare
        """,
    )
    found, expected = like(
        con,
        "episodes",
        """
        patient_id | recorded_episode_id | payer
        ann        | e2                  | commercial
        """,
    )
    assert found == expected


@pytest.mark.parametrize(
    ("programs", "starts", "best"), [("QP", (-5, 0), "e2"), ("PP", (0, -5), "e2"), ("PP", (0, 0), "e1")]
)
def test_ties_go_to_the_same_program_then_the_earlier_start_then_the_first_id(programs, starts, best):
    con = episodes(
        sessions="""
        patient_id | level_of_care | service_day
        ann        | IOP           | 3
        """,
        episodes=f"""
        episode_id | patient_id | program_id    | start_day   | end_day
        e1         | ann        | {programs[0]} | {starts[0]} | 9
        e2         | ann        | {programs[1]} | {starts[1]} | 9
        """,
    )
    assert con.execute("SELECT recorded_episode_id FROM episodes").fetchall() == [(best,)]


def test_a_service_that_names_its_recorded_episode_belongs_to_no_other():
    con = episodes(
        sessions="""
        patient_id | level_of_care | service_day | episode_id
        ann        | IOP           | 3           | e2
        ann        | IOP           | 4           | e2
        ann        | IOP           | 5           |
        """,
        episodes="""
        episode_id | patient_id | start_day | end_day
        e1         | ann        | 0         | 9
        e2         | ann        | 8         | 9
        """,
    )
    assert con.execute("SELECT recorded_episode_id FROM episodes").fetchall() == [("e2",)]


def test_disagreements_between_derived_and_recorded_episodes_are_counted():
    con = built(
        staged(
            sessions="""
        patient_id | level_of_care | service_day | episode_id
        ann        | IOP           | 0           | e1
        ann        | IOP           | 9           | e1
        bob        | IOP           | 1           | e2
        bob        | IOP           | 8           | e2
        cem        | OP            | 0           |
        """,
            episodes="""
        episode_id | patient_id | level_of_care | start_day | end_day
        e1         | ann        | IOP           | 0         | 9
        e2         | bob        | PHP           | 0         | 9
        e3         | dan        | OP            | 0         |
        """,
        ),
        "episode_agreement",
    )
    found, expected = like(
        con,
        "episode_agreement",
        """
        what     | n_compared | n_differ
        level    | 2          | 1
        start    | 2          | 1
        end      | 2          | 1
        recorded | 3          | 1
        derived  | 3          | 1
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("calendar", "period"), [(True, "2025Q2"), (False, "2024")])
def test_the_period_is_the_quarter_of_the_start_or_what_was_recorded_where_days_are_no_dates(calendar, period):
    con = episodes(
        calendar,
        sessions="""
        patient_id | level_of_care | service_day
        ann        | IOP           | 20269
        """,
        episodes="""
        episode_id | patient_id | start_day | admit_year
        e1         | ann        | 20269     | "2024"
        """,
    )  # day 20269 is 30 June 2025
    assert con.execute("SELECT period FROM episodes").fetchall() == [(period,)]


def test_a_program_without_a_site_is_a_site_of_its_own():
    con = episodes(
        sessions="""
        patient_id | level_of_care | program_id
        ann        | IOP           | P
        bob        | IOP           | Q
        cem        | IOP           | R
        """,
        programs="""
        program_id | site
        P          | north
        Q          |
        """,
    )
    found, expected = like(
        con,
        "episodes",
        """
        program_id | site
        P          | north
        Q          | Q
        R          | R
        """,
    )
    assert found == expected


def test_the_study_decides_which_levels_are_an_arm():
    con = built(
        staged(
            sessions="""
        patient_id | level_of_care
        ann        | IOP
        bob        | PHP
        cem        | OP
        """
        ),
        "episodes",
        study=study_of(
            arms={"intensive": ["IOP", "PHP"], "beds": ["IP"]},
            comparison={"contrasts": [["intensive", "beds"]], "primary": []},
        ),
    )
    found, expected = like(
        con,
        "episodes",
        """
        patient_id | arm
        ann        | intensive
        bob        | intensive
        cem        |
        """,
    )
    assert found == expected
