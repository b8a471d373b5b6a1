"""C3: which scores count when it is asked who improves sooner."""

import pytest

from tests.spec.scored import scores, started
from tests.spec.staged import built, like, rows_of


@pytest.mark.parametrize(("day", "mark"), [(7, None), (8, 1), (14, 1), (21, 1), (22, 2), (105, 7), (106, None)])
def test_a_score_belongs_to_the_nearest_fortnight_and_to_the_earlier_on_ties(day, mark):
    con = built(started(scores(("ann", 0, 20), ("ann", day, 12))), "scheduled_scores")
    assert [row["mark"] for row in rows_of(con, "scheduled_scores")] == ([mark] if mark else [])


def test_of_several_scores_near_a_mark_the_nearest_is_taken_and_the_others_are_left_aside():
    con = built(
        started(scores(("ann", 0, 20), ("ann", 9, 19), ("ann", 13, 14), ("ann", 15, 20), ("ann", 19, 20))),
        "scheduled_scores",
    )
    found, expected = like(
        con,
        "scheduled_scores",
        """
        mark | day | improvement | improved
        1    | 13  | 6.0         | yes
        """,
    )
    assert found == expected


def test_a_person_measured_weekly_and_one_measured_monthly_with_the_same_course_improve_at_the_same_time():
    def course(day):
        return 20 if day < 20 else 12  # better from day 20 on

    weekly = [("ann", day, course(day)) for day in range(0, 99, 7)]
    monthly = [("bob", day, course(day)) for day in range(0, 99, 28)]
    con = built(started(scores(*weekly, *monthly), "ann", "bob"), "scheduled_scores", "schedule_set")
    improved = {}
    for row in rows_of(con, "scheduled_scores", "SUBSTRING(episode_id, 1, 3) AS who, mark, improved"):
        improved.setdefault(row["mark"], {})[row["who"]] = row["improved"]
    both = [marks for marks in improved.values() if len(marks) == 2]
    assert both
    assert all(marks["ann"] == marks["bob"] for marks in both)
    # the wrong way: each person's own first crossing finds the one sooner who is measured more often
    first = {
        row["who"]: row["first_crossing_day"]
        for row in rows_of(con, "schedule_set", "SUBSTRING(episode_id, 1, 3) AS who, first_crossing_day")
    }
    assert first == {"ann": 21, "bob": 28}


def test_hours_of_care_count_from_the_start_to_the_day_of_the_score():
    con = built(
        started(
            scores(("ann", 0, 20), ("ann", 7, 15), ("ann", 8, 15)),
            more="""
        ann | IOP | 7 | 180 | 120
        ann | OP  | 8 | 60  | 60
        """,
        ),
        "trajectory_scores",
    )
    found, expected = like(
        con,
        "trajectory_scores",
        """
        day | improvement | improved | attended_hours
        7   | 5.0         | no       | 5.0
        8   | 5.0         | no       | 6.0
        """,
    )
    assert found == expected


def test_a_score_of_the_start_itself_and_one_without_a_baseline_say_nothing_of_the_way():
    con = built(started(scores(("ann", 1, 20), ("bob", 14, 10)), "ann", "bob"), "trajectory_scores")
    assert rows_of(con, "trajectory_scores") == []


@pytest.mark.parametrize(("seen_to", "observable"), [(104, False), (105, True)])
def test_the_schedule_is_seen_where_records_reach_half_a_fortnight_past_its_last_mark(seen_to, observable):
    con = built(started(scores(("ann", 0, 20)), seen_to=seen_to), "schedule_set")
    assert [row["observable"] for row in rows_of(con, "schedule_set")] == [observable]
