"""What counts as harm within 30 and 90 days of a start, and of whom it is known."""

import pytest

from tests.spec.staged import built, like, rows_of, staged


def harm(contacts="", sessions="ann | IOP | 0", seen_to=4000, discharges=None, episodes=None):
    tables = {
        "sessions": f"patient_id | level_of_care | service_day\n{sessions}",
        "patients": f"patient_id | observed_to_day\nann | {seen_to}",
    }
    if contacts:
        tables["followups"] = "patient_id | window | contact_day | reached | self_harm | ed_visit | alive\n" + contacts
    if episodes:
        tables |= {"episodes": episodes, "discharges": discharges}
    return built(staged(**tables), "safety_set")


def at(con, column):
    return {row["at_day"]: row[column] for row in rows_of(con, "safety_set", f"at_day, {column}")}


def test_whoever_was_not_reached_is_not_known_to_have_come_to_no_harm():
    con = harm("ann | 30d | 30 | reached | no | no |\nann | 90d | 90 | not_reached | | |")
    assert at(con, "self_harm") == {30: False, 90: None}
    assert at(con, "ed_visit") == {30: False, 90: None}


def test_a_yes_at_day_30_stays_a_yes_for_whoever_answers_at_day_90():
    con = harm("ann | 30d | 30 | reached | yes | no |\nann | 90d | 90 | reached | no | no |")
    assert at(con, "self_harm") == {30: True, 90: True}
    assert at(con, "ed_visit") == {30: False, 90: False}


def test_of_those_not_reached_at_day_90_nobody_is_counted_not_even_who_had_said_yes_before():
    con = harm("ann | 30d | 30 | reached | yes | no |\nann | 90d | 90 | not_reached | | |")
    assert at(con, "self_harm") == {30: True, 90: None}


def test_a_yes_told_at_day_90_is_not_moved_back_to_day_30():
    con = harm("ann | 30d | 30 | reached | no | no |\nann | 90d | 90 | reached | yes | no |")
    assert at(con, "self_harm") == {30: False, 90: True}


@pytest.mark.parametrize(
    ("day", "known"),
    [
        (14, {30: None, 90: None}),
        (15, {30: False, 90: None}),
        (45, {30: False, 90: None}),
        (46, {30: None, 90: None}),
        (59, {30: None, 90: None}),
        (60, {30: None, 90: False}),
        (120, {30: None, 90: False}),
        (121, {30: None, 90: None}),
    ],
)
def test_a_contact_without_a_named_window_belongs_to_the_window_its_day_falls_in(day, known):
    assert at(harm(f"ann | | {day} | reached | no | no |"), "self_harm") == known


def test_what_was_said_before_the_start_says_nothing_about_the_time_after_it():
    assert at(harm("ann | 30d | 0 | reached | yes | yes |"), "self_harm") == {30: None, 90: None}


@pytest.mark.parametrize(
    ("day", "died"),
    [
        (30, {30: True, 90: True}),
        (31, {30: False, 90: True}),
        (90, {30: False, 90: True}),
        (91, {30: False, 90: False}),
    ],
)
def test_a_death_counts_from_the_day_it_became_known(day, died):
    assert at(harm(f"ann | | {day} | died | | |"), "died") == died
    assert at(harm(f"ann | | {day} | reached | no | no | no"), "died") == died


def test_a_death_in_care_counts_on_the_day_of_the_last_contact():
    con = harm(
        sessions="ann | IOP | 0\nann | IOP | 20",
        episodes="""
        episode_id | patient_id | level_of_care | start_day | end_day
        e1         | ann        | IOP           | 0         | 20
        """,
        discharges="""
        episode_id | ending
        e1         | died
        """,
    )
    assert at(con, "died") == {30: True, 90: True}


@pytest.mark.parametrize(
    ("level", "day", "moved"),
    [
        ("IP", 1, {30: True, 90: True}),
        ("RES", 30, {30: True, 90: True}),
        ("IP", 31, {30: False, 90: True}),
        ("IP", 90, {30: False, 90: True}),
        ("IP", 91, {30: False, 90: False}),
        ("PHP", 5, {30: False, 90: False}),
    ],
)
def test_moved_up_is_a_start_of_24_hour_care_after_a_start_in_day_care(level, day, moved):
    assert at(harm(sessions=f"ann | IOP | 0\nann | {level} | {day}"), "moved_up") == moved


def test_whoever_started_in_24_hour_care_cannot_move_up_to_it():
    assert at(harm(sessions="ann | RES | 0\nann | IP | 20"), "moved_up") == {30: None, 90: None}


@pytest.mark.parametrize(
    ("seen_to", "observable"), [(29, {30: False, 90: False}), (30, {30: True, 90: False}), (90, {30: True, 90: True})]
)
def test_only_people_whose_records_reach_so_far_can_be_asked(seen_to, observable):
    assert at(harm(seen_to=seen_to), "observable") == observable


@pytest.mark.parametrize(
    ("seen_to", "observable"),
    [(39, {30: True, 90: False}), (40, {30: True, 90: True}), (71, {30: True, 90: True}), (72, {30: True, 90: False})],
)
def test_whose_records_end_with_a_death_is_counted_among_those_seen_to_the_day(seen_to, observable):
    con = harm("ann | | 40 | died | | |", seen_to=seen_to)
    assert at(con, "observable") == observable
    assert at(con, "died") == {30: False, 90: True}


def test_the_answers_about_outcomes_that_no_care_can_change_are_left_out():
    con = built(
        staged(
            sessions="""
        patient_id | level_of_care | service_day
        ann        | IOP           | 0
        """,
            followups="""
        patient_id | window | contact_day | reached | self_harm | control_outcome
        ann        | 30d    | 30          | reached | yes       | flu_vaccination
        """,
        ),
        "safety_set",
    )
    found, expected = like(
        con,
        "safety_set",
        """
        at_day | self_harm
        30     |
        90     |
        """,
    )
    assert found == expected
