"""Where people go after an episode, and what belongs to one course of care."""

import pytest

from tests.spec.staged import built, like, staged


def recorded(rows):
    """A study of recorded episodes: what they say is what is there."""
    return staged(episodes="episode_id | patient_id | level_of_care | start_day | end_day\n" + rows)


@pytest.mark.parametrize(("then", "kind"), [("OP", "step_down"), ("PHP", "step_up"), ("IOP", "transfer"), ("WM", "none"), ("OTP", "none")])
def test_the_next_level_says_whether_a_person_stepped_down_or_up(then, kind):
    con = built(recorded(f"""
        e1 | ann | IOP    | 0  | 10
        e2 | ann | {then} | 11 | 20
        """), "transitions")
    assert con.execute("SELECT kind FROM transitions WHERE episode_id = 'e1'").fetchall() == [(kind,)]


@pytest.mark.parametrize(("gap", "kind", "direct"), [(0, "transfer", True), (1, "transfer", True), (2, "lateral", False),
                                                     (14, "lateral", False), (15, "none", False)])
def test_the_same_level_within_a_day_is_a_transfer_within_fourteen_days_lateral_and_later_nothing(gap, kind, direct):
    con = built(recorded(f"""
        e1 | ann | IOP | 0          | 10
        e2 | ann | IOP | {10 + gap} | 40
        """), "transitions")
    found, expected = like(con, "transitions", f"""
        episode_id | next_episode_id | gap   | kind   | direct
        e1         | e2              | {gap} | {kind} | {"yes" if direct else "no"}
        e2         |                 |       | none   | no
        """)
    assert found == expected


def test_of_two_episodes_that_start_on_one_day_the_more_intense_comes_first():
    con = built(recorded("""
        e1 | ann | OP | 0 | 10
        e2 | ann | IP | 0 | 3
        """), "transitions")
    found, expected = like(con, "transitions", """
        episode_id | next_level | gap | kind
        e1         |            |     | none
        e2         | OP         | -3  | step_down
        """)
    assert found == expected


def test_a_course_goes_on_while_the_next_episode_starts_within_fourteen_days_of_any_before():
    con = built(recorded("""
        e1 | ann | OP  | 0  | 60
        e2 | ann | IOP | 5  | 10
        e3 | ann | PHP | 74 | 80
        e4 | ann | OP  | 95 | 99
        e5 | bob | WM  | 0  | 3
        """), "courses")
    found, expected = like(con, "courses", """
        patient_id | course | episodes | start_day | last_day | first_level | last_level | highest_level
        ann        | 1      | 3        | 0         | 80       | OP          | PHP        | PHP
        ann        | 2      | 1        | 95        | 99       | OP          | OP         | OP
        """)
    assert found == expected
