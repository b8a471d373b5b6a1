"""Where people go after an episode."""

from tests.spec.staged import built, like, staged


def recorded(rows):
    """A study of recorded episodes: what they say is what is there."""
    return staged(episodes="episode_id | patient_id | level_of_care | start_day | end_day\n" + rows)


def test_the_next_level_says_whether_a_person_stepped_down_or_up():
    con = built(
        recorded("""
        a1 | ann | IOP | 0  | 10
        a2 | ann | OP  | 11 | 20
        b1 | bob | IOP | 0  | 10
        b2 | bob | PHP | 11 | 20
        c1 | cem | IOP | 0  | 10
        c2 | cem | WM  | 11 | 20
        d1 | dan | IOP | 0  | 10
        d2 | dan | OTP | 11 | 20
        """),
        "transitions",
    )
    found, expected = like(
        con,
        "transitions",
        """
        episode_id | next_level | kind
        a1         | OP         | step_down
        a2         |            | none
        b1         | PHP        | step_up
        b2         |            | none
        c1         |            | none
        d1         |            | none
        """,
    )
    assert found == expected


def test_the_same_level_within_a_day_is_a_transfer_within_fourteen_days_lateral_and_later_nothing():
    con = built(
        recorded("""
        a1 | ann | IOP | 0  | 10
        a2 | ann | IOP | 10 | 40
        b1 | bob | IOP | 0  | 10
        b2 | bob | IOP | 11 | 40
        c1 | cem | IOP | 0  | 10
        c2 | cem | IOP | 12 | 40
        d1 | dan | IOP | 0  | 10
        d2 | dan | IOP | 24 | 40
        e1 | eve | IOP | 0  | 10
        e2 | eve | IOP | 25 | 40
        """),
        "transitions",
    )
    found, expected = like(
        con,
        "transitions",
        """
        episode_id | next_episode_id | gap | kind     | direct
        a1         | a2              | 0   | transfer | yes
        b1         | b2              | 1   | transfer | yes
        c1         | c2              | 2   | lateral  | no
        d1         | d2              | 14  | lateral  | no
        e1         | e2              | 15  | none     | no
        """,
        where="next_episode_id IS NOT NULL",
    )
    assert found == expected


def test_of_two_episodes_that_start_on_one_day_the_more_intense_comes_first():
    con = built(
        recorded("""
        e1 | ann | OP | 0 | 10
        e2 | ann | IP | 0 | 3
        """),
        "transitions",
    )
    found, expected = like(
        con,
        "transitions",
        """
        episode_id | next_level | gap | kind
        e1         |            |     | none
        e2         | OP         | -3  | step_down
        """,
    )
    assert found == expected
