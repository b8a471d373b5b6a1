"""What happened after 24-hour care: who is asked, when IOP began, when they came back, when they died."""

import pytest

from tests.spec.staged import built, like, staged


def left(episodes, *, people="", discharges="", followups="", sessions="", assessments=""):
    tables = {"episodes": "episode_id | patient_id | level_of_care | program_id | start_day | end_day\n" + episodes}
    for name, head, rows in (
        ("patients", "patient_id | observed_from_day | observed_to_day", people),
        ("discharges", "episode_id | ending | destination_level", discharges),
        ("followups", "patient_id | contact_day | reached | ed_visit | alive | source", followups),
        ("sessions", "patient_id | program_id | level_of_care | service_day | status", sessions),
        ("assessments", "patient_id | instrument_id | assessed_day | score", assessments),
    ):
        if rows:
            tables[name] = f"{head}\n{rows}"
    return built(staged(**tables), "step_down_set")


def test_days_are_counted_from_the_day_of_leaving():
    con = left(
        """
        e1 | ann | IP  | P | 0  | 10
        e2 | ann | IOP | P | 18 | 40
        e3 | ann | IP  | P | 45 | 50
        """,
        people="ann | -400 | 200",
    )
    found, expected = like(
        con,
        "step_down_set",
        """
        patient_id | stay_id | discharge_day | stay_days | to_iop | to_readmission | to_death | to_end
        ann        | e1      | 10            | 11        | 8      | 35             |          | 190
        """,
    )
    assert found == expected


def test_someone_back_on_day_5_before_iop_starts_on_day_8_keeps_both_days():
    """Which of the two came first decides; the estimator then counts this person in both strategies until day 5."""
    con = left("""
        e1 | ann | RES | P | 0  | 10
        e2 | ann | IP  | P | 15 | 16
        e3 | ann | IOP | P | 18 | 40
        """)
    found, expected = like(
        con,
        "step_down_set",
        """
        patient_id | stay_id | to_iop | to_readmission
        ann        | e1      | 8      | 5
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("start", "stay", "back"), [(11, "e2", ""), (12, "e1", 2)])
def test_a_direct_transfer_is_one_stay_and_day_0_is_the_end_of_its_last_part(start, stay, back):
    con = left(f"""
        e1 | ann | IP  | P | 0       | 10
        e2 | ann | RES | Q | {start} | 30
        """)
    found, expected = like(
        con,
        "step_down_set",
        f"""
        patient_id | stay_id | to_readmission
        ann        | {stay}  | {back}
        """,
    )
    assert found == expected


def test_only_those_who_left_alive_and_not_for_other_24_hour_care_are_asked():
    names = ("home", "ama", "died", "hospital", "residence", "day_care")
    con = left(
        "\n".join(f"{name} | {name} | IP | P | 0 | 10" for name in names),
        discharges="""
        home      | completed   |
        ama       | ama         | OP
        died      | died        |
        hospital  | transferred | IP
        residence | transferred | RES
        day_care  | transferred | PHP
        """,
    )
    found, expected = like(
        con,
        "step_down_set",
        """
        patient_id | ended_as
        home       | as planned
        ama        | otherwise
        day_care   | as planned
        """,
    )
    assert found == expected


def test_the_first_leaving_that_can_be_asked_about_is_taken_and_an_unknown_ending_says_so():
    con = left(
        """
        e1 | ann | IP | P | 0   | 10
        e2 | ann | IP | P | 100 | 110
        e3 | ann | IP | P | 300 | 310
        """,
        discharges="e1 | transferred | RES",
    )
    found, expected = like(
        con,
        "step_down_set",
        """
        patient_id | stay_id | ended_as     | to_readmission
        ann        | e2      | not recorded | 190
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("seen_to", "asked"), [(10, False), (11, True)])
def test_at_least_one_day_after_leaving_was_observable(seen_to, asked):
    con = left("e1 | ann | IP | P | 0 | 10", people=f"ann | -400 | {seen_to}", discharges="e1 | completed |")
    assert con.execute("SELECT COUNT(*) FROM step_down_set").fetchone() == (int(asked),)


@pytest.mark.parametrize(("iop", "to_iop"), [(10, 0), (9, ""), (24, 14), (25, 15)])
def test_iop_on_the_day_of_leaving_or_later_counts_and_earlier_iop_does_not(iop, to_iop):
    con = left("e1 | ann | IP | P | 0 | 10", sessions=f"ann | Q | IOP | {iop} | attended")
    found, expected = like(
        con,
        "step_down_set",
        f"""
        patient_id | to_iop
        ann        | {to_iop}
        """,
    )
    assert found == expected


def test_a_missed_iop_session_is_no_start():
    con = left(
        "e1 | ann | IP | P | 0 | 10",
        sessions="""
        ann | Q | IOP | 12 | no_show
        ann | Q | IOP | 15 | attended
        """,
    )
    assert con.execute("SELECT to_iop FROM step_down_set").fetchone() == (5,)


def test_a_death_is_dated_by_the_last_contact_of_the_stay_or_the_follow_up_that_told_of_it():
    con = left(
        """
        e1 | ann | IP  | P | 0  | 10
        e2 | ann | IOP | P | 12 | 30
        e3 | bob | IP  | P | 0  | 10
        e4 | cal | IP  | P | 0  | 10
        e5 | dot | IP  | P | 0  | 10
        """,
        discharges="e2 | died |",
        followups="""
        bob | 40 | died    |    |     | survey
        bob | 90 | died    |    |     | survey
        cal | 50 | reached |    | no  | survey
        dot | 60 | reached |    | yes | survey
        """,
    )
    found, expected = like(
        con,
        "step_down_set",
        """
        patient_id | to_death
        ann        | 20
        bob        | 30
        cal        | 40
        dot        |
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("day", "visit"), [(10, ""), (11, "yes"), (130, "yes"), (131, "")])
def test_an_emergency_visit_told_of_on_day_1_to_120_after_leaving_counts(day, visit):
    con = left("e1 | ann | IP | P | 0 | 10", followups=f"ann | {day} | reached | yes | | survey")
    found, expected = like(
        con,
        "step_down_set",
        f"""
        patient_id | ed_visit
        ann        | {visit}
        """,
    )
    assert found == expected


def test_whoever_was_reached_and_had_none_is_told_apart_from_whoever_was_never_asked():
    con = left("e1 | ann | IP | P | 0 | 10\ne2 | bob | IP | P | 0 | 10", followups="ann | 40 | reached | no | | survey")
    found, expected = like(
        con,
        "step_down_set",
        """
        patient_id | ed_visit
        ann        | no
        bob        |
        """,
    )
    assert found == expected


def test_a_stay_that_began_the_care_is_new_and_one_after_other_care_was_stepped_up_to():
    con = left("""
        e1 | ann | IP  | P | 0  | 10
        e2 | bob | IOP | P | 0  | 20
        e3 | bob | IP  | P | 25 | 30
        """)
    found, expected = like(
        con,
        "step_down_set",
        """
        patient_id | came_as
        ann        | new
        bob        | stepped up
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("day", "score"), [(-81, ""), (-80, 4), (10, 4), (11, "")])
def test_suicide_risk_is_the_last_one_of_the_90_days_before_leaving(day, score):
    con = left(
        "e1 | ann | IP | P | 0 | 10\ne2 | bob | IP | P | 0 | 10",
        assessments=f"ann | CSSRS | {day} | 4\nbob | CSSRS | 0 | 1",
    )
    found, expected = like(
        con,
        "step_down_set",
        f"""
        patient_id | suicide_risk
        ann        | {score}
        bob        | 1
        """,
    )
    assert [(row["patient_id"], row["suicide_risk"]) for row in found] == [
        (row["patient_id"], row["suicide_risk"]) for row in expected
    ]


def test_of_two_scores_the_later_one_says_how_someone_left():
    con = left(
        "e1 | ann | IP | P | 0 | 10", assessments="ann | PHQ9 | 0 | 20\nann | PHQ9 | 9 | 12\nann | PHQ9 | 11 | 3"
    )
    assert con.execute("SELECT value FROM discharge_readings WHERE role = 'phq9_day90'").fetchall() == [(12,)]


@pytest.mark.parametrize(("last", "known"), [(-365, True), (-366, False)])
def test_24_hour_care_in_the_year_before_the_stay_is_prior_care(last, known):
    con = left(
        f"""
        e0 | ann | RES | P | -400 | {last}
        e1 | ann | IP  | P | 0    | 10
        """,
        people="ann | -2000 | 400",
        discharges="e0 | transferred | RES",
    )
    assert con.execute("SELECT prior_24h_care FROM step_down_set WHERE stay_id = 'e1'").fetchall() == [(known,)]
