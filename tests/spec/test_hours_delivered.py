"""C1: whether intensive outpatient care delivered the hours it sells, on records small enough to count by hand."""

import pytest

from pipeline.analysis.lacking import NO_IOP
from pipeline.analysis.questions.dose import NO_MINUTES, NO_WEEKS, dose
from pipeline.results import FigurePoint
from tests.spec.asked import asked, claim, the, twin
from tests.spec.staged import built, staged

# ann: one whole week of 9 attended hours, one of 6 (3 more missed), and a broken one; bob: one whole week of 9
SESSIONS = """
    patient_id | level_of_care | service_day | status   | minutes_scheduled
    ann        | IOP           | 0           | attended | 180
    ann        | IOP           | 2           | attended | 180
    ann        | IOP           | 4           | attended | 180
    ann        | IOP           | 7           | attended | 180
    ann        | IOP           | 9           | no_show  | 180
    ann        | IOP           | 13          | attended | 180
    ann        | IOP           | 14          | attended | 180
    bob        | IOP           | 0           | attended | 270
    bob        | IOP           | 6           | attended | 270
    """


def answered(sessions=SESSIONS):
    return asked(dose, built(staged(sessions=sessions), "patient_weeks"), people=False)


def test_the_answer_is_the_share_of_whole_weeks_with_nine_to_under_twenty_attended_hours():
    row = claim(answered())
    assert (row.numerator, row.denominator, row.n, row.estimate) == (2, 3, 2, pytest.approx(2 / 3))
    assert (row.verdict, row.gate) == ("descriptive only", "passed")


def test_the_last_broken_week_counts_for_nothing():
    assert the(answered(), measure="hours_per_week", outcome="attended_hours").estimate == pytest.approx(
        (9 + 6 + 9) / 3
    )


def test_missed_hours_are_scheduled_and_not_attended():
    assert the(answered(), measure="hours_per_week", outcome="scheduled_hours").estimate == pytest.approx(9)
    assert the(answered(), measure="weeks_below_hours", outcome="scheduled_hours").numerator == 0
    assert the(answered(), measure="weeks_below_hours", outcome="attended_hours").numerator == 1


def test_the_naive_answer_counts_scheduled_hours_and_broken_weeks_and_says_so():
    row = twin(answered())
    assert row.estimate == pytest.approx(3 / 4)  # four weeks, three with nine scheduled hours; the broken one has three
    assert "every scheduled hour as attended" in row.note


def test_too_few_sites_are_said_to_speak_for_themselves_only():
    assert "this site only" in claim(answered()).note


def test_hours_that_a_per_diem_code_stands_for_are_told_as_a_share():
    rows = answered("""
        patient_id | level_of_care | service_day | minutes_scheduled | cpt_hcpcs
        ann        | IOP           | 0           | 540               |
        ann        | IOP           | 6           |                   | S9480
        bob        | IOP           | 0           | 720               |
        bob        | IOP           | 6           | 60                |
        """)
    assert the(rows, measure="hours_imputed").estimate == pytest.approx(3 / 25)
    assert "12% of the scheduled hours are assumed" in claim(rows).note


def test_run_charts_show_each_week_of_the_stay_and_each_period_with_the_people_behind_it():
    points = [row for row in answered() if isinstance(row, FigurePoint)]
    weekly = [(p.series, p.x, p.y, p.n) for p in points if p.figure == "dose_by_week"]
    assert weekly == [("attended", 1, 9, 2), ("scheduled", 1, 9, 2), ("attended", 2, 6, 1), ("scheduled", 2, 9, 1)]
    assert [(p.label, p.y, p.n) for p in points if p.figure == "dose_by_site"] == [
        ("below", 1 / 3, 2),
        ("within", 2 / 3, 2),
        ("above", 0, 2),
    ]


@pytest.mark.parametrize(
    ("sessions", "reason"),
    [
        (
            "patient_id | level_of_care | service_day | minutes_scheduled\n ann | OP | 0 | 60\n ann | OP | 7 | 60",
            NO_IOP,
        ),
        (
            "patient_id | level_of_care | service_day | minutes_scheduled\n ann | IOP | 0 | 600\n ann | IOP | 5 | 60",
            NO_WEEKS,
        ),
        ("patient_id | level_of_care | service_day\n ann | IOP | 0\n ann | IOP | 8", NO_MINUTES),
    ],
)
def test_records_that_cannot_tell_are_refused_with_what_to_export(sessions, reason):
    rows = answered(sessions)
    for row in (claim(rows), twin(rows)):
        assert (row.gate, row.reason, row.estimate, row.n) == ("withheld", reason, None, None)


def test_one_person_alone_has_no_range_and_is_refused():
    assert (
        "draw"
        in claim(
            answered("""
        patient_id | level_of_care | service_day | minutes_scheduled
        ann        | IOP           | 0           | 540
        ann        | IOP           | 6           | 60
        """)
        ).reason
    )


def test_stays_known_from_recorded_episodes_alone_have_no_hours():
    con = built(
        staged(
            episodes="""
        episode_id | patient_id | level_of_care | start_day | end_day
        e1         | ann        | IOP           | 0         | 20
        e2         | bob        | IOP           | 0         | 20
        """
        ),
        "patient_weeks",
    )
    assert claim(asked(dose, con, people=False)).reason == NO_MINUTES
