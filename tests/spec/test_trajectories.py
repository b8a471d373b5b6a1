"""Which scores count when it is asked who improves sooner, and what is left of it half a year after the start."""

import pytest

from tests.spec.staged import built, like, rows_of, staged, study_of

COLUMNS = "patient_id | instrument_id | assessed_day | score"


def scores(*rows):
    return "\n".join([COLUMNS, *[f"{name} | PHQ9 | {day} | {score}" for name, day, score in rows]])


def started(assessments, *names, more="", seen_to=4000):
    sessions = "\n".join(
        [
            "patient_id | level_of_care | service_day | minutes_scheduled | minutes_attended",
            *[f"{name} | IOP | 0 | 180 | 180" for name in names or ("ann",)],
            *more.strip().splitlines(),
        ]
    )
    return staged(sessions=sessions, assessments=assessments, patients=f"patient_id | observed_to_day\nann | {seen_to}")


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


@pytest.mark.parametrize(("day", "taken"), [(149, False), (150, True), (210, True), (211, False)])
def test_the_later_score_is_taken_from_day_150_to_day_210(day, taken):
    con = built(started(scores(("ann", 0, 20), ("ann", day, 8))), "later_scores")
    assert bool(rows_of(con, "later_scores")) == taken


@pytest.mark.parametrize(("score", "remitted"), [(4, True), (5, False)])
def test_remission_on_the_phq_9_is_a_score_below_five(score, remitted):
    con = built(started(scores(("ann", 0, 20), ("ann", 90, score), ("ann", 180, 4))), "durability_set")
    found, expected = like(
        con,
        "durability_set",
        f"""
        measured | remitted                      | remitted_later | improvement     | later_improvement
        yes      | {"yes" if remitted else "no"} | yes            | {20 - score}.0  | 16.0
        """,
    )
    assert found == expected


def test_who_is_not_measured_later_is_neither_recovered_nor_relapsed():
    con = built(started(scores(("ann", 0, 20), ("ann", 90, 3))), "durability_set")
    found, expected = like(
        con,
        "durability_set",
        """
        measured | remitted | remitted_later | later_improvement | back_in_24h
        yes      | yes      |                |                   | no
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("day", "back"), [(90, False), (91, True), (180, True), (181, False)])
def test_back_in_24_hour_care_is_a_new_stay_after_day_90_and_by_day_180(day, back):
    con = built(started(scores(("ann", 0, 20), ("ann", 90, 3)), more=f"ann | IP | {day} | |"), "durability_set")
    assert [row["back_in_24h"] for row in rows_of(con, "durability_set")] == [back]


def test_a_scale_without_a_line_for_remission_has_none():
    study = study_of(outcomes=[{"name": "well", "instrument": "WHO5"}], comparison={"primary": []})
    con = built(
        started("""
        patient_id | instrument_id | assessed_day | score
        ann        | WHO5          | 0            | 20
        ann        | WHO5          | 90           | 60
        ann        | WHO5          | 180          | 50
        """),
        "durability_set",
        study=study,
    )
    found, expected = like(
        con,
        "durability_set",
        """
        remitted | remitted_later | improvement | later_improvement
                 |                | 40.0        | 30.0
        """,
    )
    assert found == expected
