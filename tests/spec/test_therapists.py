"""Whose patient somebody was: the therapist seen most often in the stay that is compared."""

from tests.spec.staged import built, rows_of, staged

SEEN = "patient_id | level_of_care | service_day | therapist_id | status"


def therapist_of(sessions):
    con = built(staged(sessions=sessions), "analysis_set")
    return [row["therapist_id"] for row in rows_of(con, "analysis_set", "therapist_id")]


def test_a_persons_therapist_is_whom_they_saw_most_often_in_the_stay_that_is_compared():
    assert therapist_of(f"""
        {SEEN}
        -----------+---------------+-------------+--------------+---------
        ann        | OP            | 0           | intake       | attended
        ann        | OP            | 7           | t1           | attended
        ann        | OP            | 14          | t1           | attended
        """) == ["t1"]


def test_a_therapist_whose_visits_were_missed_was_not_seen():
    assert therapist_of(f"""
        {SEEN}
        -----------+---------------+-------------+--------------+---------
        ann        | OP            | 0           | t1           | attended
        ann        | OP            | 7           | t2           | no_show
        ann        | OP            | 14          | t2           | client_cancel
        """) == ["t1"]


def test_of_two_seen_equally_often_the_one_seen_first_counts():
    assert therapist_of(f"""
        {SEEN}
        -----------+---------------+-------------+--------------+---------
        ann        | OP            | 0           | t2           | attended
        ann        | OP            | 7           | t1           | attended
        """) == ["t2"]


def test_of_two_seen_equally_often_from_the_same_day_the_smaller_code_counts():
    assert therapist_of(f"""
        {SEEN}
        -----------+---------------+-------------+--------------+---------
        ann        | OP            | 0           | t2           | attended
        ann        | OP            | 0           | t1           | attended
        """) == ["t1"]


def test_who_was_seen_at_another_program_or_in_a_later_stay_is_not_the_therapist_of_this_one():
    found = therapist_of([
        {"patient_id": "ann", "level_of_care": "OP", "service_day": day, "therapist_id": who, "program_id": program,
         "session_id": f"s{place}"}
        for place, (day, who, program) in enumerate(
            [(0, "t1", "P"), (5, "t2", "Q"), (6, "t2", "Q"), (400, "t3", "P"), (407, "t3", "P")]
        )
    ])  # fmt: skip
    assert found == ["t1"]


def test_where_no_service_names_a_therapist_nobody_is_made_up():
    assert therapist_of([{"patient_id": "ann", "level_of_care": "OP"}]) == [None]
