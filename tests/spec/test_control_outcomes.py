"""Outcomes that no level of care can change: which records of them count."""

from tests.spec.staged import built, like, staged

CARE = """
    patient_id | level_of_care | service_day
    ann        | IOP           | 0
    ben        | IP            | 100
    """


def controls(followups):
    return built(staged(sessions=CARE, followups=followups), "control_outcomes")


def test_only_what_came_after_day_zero_and_within_a_year_counts():
    con = controls("""
        patient_id | control_outcome | contact_day | value | source
        ann        | eye_exam        | 0           | 1     | claims
        ann        | flu_vaccination | 1           | 1     | claims
        ann        | dental_visit    | 365         | 1     | claims
        ann        | skin_check      | 366         | 1     | claims
        ben        | eye_exam        | 100         | 1     | claims
        ben        | flu_vaccination | 101         | 0     | claims
        """)
    found, expected = like(
        con,
        "control_outcomes",
        """
        control_outcome | happened
        flu_vaccination | 1
        dental_visit    | 1
        flu_vaccination | 0
        """,
    )
    assert found == expected


def test_who_was_never_looked_up_has_no_row_which_is_not_the_same_as_none():
    con = controls("""
        patient_id | control_outcome | contact_day | value | source
        ann        | eye_exam        | 180         | 0     | claims
        ben        | eye_exam        | 280         |       | claims
        ben        |                 | 280         | 1     | survey
        """)
    found, expected = like(
        con,
        "control_outcomes",
        """
        episode_id | control_outcome | happened
        ann/P/IOP/0 | eye_exam       | 0
        """,
    )
    assert found == expected


def test_one_claim_that_says_yes_is_enough():
    con = controls("""
        patient_id | control_outcome | contact_day | value | source
        ann        | eye_exam        | 90          | 1     | claims
        ann        | eye_exam        | 180         | 0     | claims
        """)
    assert con.execute("SELECT happened FROM control_outcomes").fetchall() == [(1,)]
