"""Who starts new, at which level, and why others are left out."""

import pytest

from tests.spec.staged import built, like, staged, study_of


def index(sessions, study=None, **tables):
    return built(staged(sessions=sessions, **tables), "index_episodes", "attrition_flow", study=study)


def starts(con):
    return con.execute("SELECT patient_id, arm, start_day FROM index_episodes ORDER BY 1").fetchall()


@pytest.mark.parametrize(("earlier", "start"), [(-61, 0), (-60, None)])
def test_a_start_is_new_where_no_service_at_a_compared_level_was_attended_in_the_sixty_days_before(earlier, start):
    con = index(
        f"""
        patient_id | level_of_care | service_day
        ann        | OP            | {earlier}
        ann        | IOP           | 0
        """,
        patients="""
        patient_id | observed_from_day
        ann        | -60
        """,
    )
    assert starts(con) == ([] if start is None else [("ann", "iop", start)])


@pytest.mark.parametrize(("seen_from", "new"), [(-59, False), (-60, True)])
def test_a_start_whose_sixty_days_before_were_not_observable_is_prevalent_and_left_out(seen_from, new):
    con = index(
        """
        patient_id | level_of_care | service_day
        ann        | IOP           | 0
        """,
        patients=f"""
        patient_id | observed_from_day
        ann        | {seen_from}
        """,
    )
    assert starts(con) == ([("ann", "iop", 0)] if new else [])


@pytest.mark.parametrize("level", ["WM", "ED", "OTP"])
def test_care_at_a_level_that_is_not_compared_does_not_make_a_start_old(level):
    con = index(f"""
        patient_id | level_of_care | service_day
        ann        | {level}       | -3
        ann        | IOP           | 0
        """)
    assert starts(con) == [("ann", "iop", 0)]


def test_one_person_has_one_index_episode_the_first_that_qualifies():
    con = index(
        """
        patient_id | level_of_care | service_day
        ann        | OP            | 0
        ann        | IOP           | 100
        ann        | PHP           | 300
        bob        | RES           | 7
        """,
        patients="""
        patient_id | observed_from_day
        ann        | 0
        bob        | -90
        """,
    )
    assert starts(con) == [("ann", "iop", 100), ("bob", "inpatient", 7)]


def test_a_stay_that_reaches_into_the_sixty_days_counts_to_its_last_day():
    con = index(
        """
        patient_id | level_of_care | service_day
        ann        | IOP           | 61
        bob        | IOP           | 62
        """,
        episodes="""
        episode_id | patient_id | level_of_care | start_day | end_day
        e1         | ann        | IP            | -30       | 1
        e2         | bob        | IP            | -30       | 1
        """,
        patients="""
        patient_id | observed_from_day
        ann        | -40
        bob        | -40
        """,
    )
    assert starts(con) == [("bob", "iop", 62)]


def test_an_unfinished_stay_around_the_start_makes_it_old():
    con = built(
        staged(
            episodes="""
        episode_id | patient_id | level_of_care | start_day | end_day
        e1         | ann        | OP            | -90       | 90
        e2         | ann        | IOP           | 0         | 9
        """,
            patients="""
        patient_id | observed_from_day
        ann        | -100
        """,
        ),
        "starts",
    )
    found, expected = like(
        con,
        "starts",
        """
        episode_id | last_served_day | washout_observable | washout_clean
        e1         |                 | no                 | yes
        e2         | -1              | yes                | no
        """,
    )
    assert found == expected


def test_of_two_recorded_starts_on_one_day_the_more_intense_level_is_the_index():
    con = built(
        staged(
            episodes="""
        episode_id | patient_id | level_of_care | program_id | start_day | end_day
        e1         | ann        | OP            | P          | 0         | 9
        e2         | ann        | RES           | P          | 0         | 9
        e3         | bob        | IOP           | Q          | 0         | 9
        e4         | bob        | IOP           | P          | 0         | 9
        """
        ),
        "index_episodes",
    )
    assert con.execute("SELECT episode_id FROM index_episodes ORDER BY 1").fetchall() == [("e2",), ("e4",)]


def test_everybody_with_a_record_is_counted_until_the_one_reason_for_which_they_leave():
    con = index(
        """
        patient_id | level_of_care | service_day | status
        came       | IOP           | 0           | attended
        missed     | IOP           | 0           | no_show
        methadone  | OTP           | 0           | attended
        begun      | PHP           | 0           | attended
        again      | OP            | 0           | attended
        again      | IOP           | 61          | attended
        again      | OP            | 30          | attended
        """,
        patients="""
        patient_id | observed_from_day
        came       | -60
        missed     | -60
        methadone  | -60
        begun      | -59
        again      | -59
        nobody     | -60
        """,
    )
    found, expected = like(
        con,
        "attrition_flow",
        """
        step | arm       | n_left | n_removed
        0    |           | 6      | 0
        1    |           | 4      | 2
        2    |           | 3      | 1
        3    | iop       | 1      | 0
        3    | php       | 0      | 1
        3    | outpatient| 1      | 0
        3    | inpatient | 0      | 0
        4    | iop       | 1      | 0
        4    | php       | 0      | 0
        4    | outpatient| 0      | 1
        4    | inpatient | 0      | 0
        5    | iop       | 1      | 0
        5    | php       | 0      | 0
        5    | outpatient| 0      | 0
        5    | inpatient | 0      | 0
        """.replace("|           |", '| ""        |'),
    )
    assert found == expected


def test_the_sentences_of_the_flow_name_the_study_s_own_washout():
    con = index(
        """
        patient_id | level_of_care | service_day
        ann        | IOP           | 0
        """,
        study=study_of(episodes={"washout_days": 45}),
    )
    [(sentence,)] = con.execute("SELECT DISTINCT sentence FROM attrition_flow WHERE step = 4").fetchall()
    assert sentence == "left out: in care at a compared level within 45 days before every start"
