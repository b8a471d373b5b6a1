"""C14: lengths of stay from first to last contact, open stays kept, chart closures never used."""

import pytest

from pipeline.analysis.questions.dose import NO_IOP
from pipeline.analysis.questions.stay_length import NONE_IN_SIGHT, stay_length
from pipeline.results import FigurePoint
from tests.spec.asked import asked, claim, the, twin
from tests.spec.staged import built, like, staged

PEOPLE = """
    patient_id | observed_from_day | observed_to_day
    ann        | -100              | 400
    bob        | -100              | 400
    cem        | -100              | 60
    dan        | 0                 | 400
    eve        | -100              | 20
    """


def stays(sessions, **more):
    return built(staged(sessions=sessions, **({"patients": PEOPLE} | more)), "stay_lengths")


def visits(*spans):
    """IOP services of a person every 20 days from the first day to the last."""
    lines = [f"{who} | IOP | {day}" for who, first, last in spans for day in sorted({*range(first, last, 20), last})]
    return "patient_id | level_of_care | service_day\n" + "\n".join(lines)


def test_a_stay_lasts_from_its_first_to_its_last_attended_day_both_counted():
    found, expected = like(
        stays(visits(("ann", 0, 30))),
        "stay_lengths",
        """
        days | attended_days | ended | new_stay | too_young
        31   | 3             | yes   | yes      | no
        """,
    )
    assert found == expected


def test_a_stay_is_open_where_its_last_contact_is_less_than_the_gap_before_the_end_of_the_records():
    found, expected = like(
        stays(
            visits(("cem", 0, 31)),
            discharges="""
        episode_id | discharge_day | ending
        e1         | 45            | completed
        """,
            episodes="""
        episode_id | patient_id | level_of_care | start_day | end_day
        e1         | cem        | IOP           | 0         | 31
        """,
        ),
        "stay_lengths",
        """
        days | ended | contact_days | closure_lag | days_to_closure
        31   | no    | 32           | 14          | 46
        """,
    )
    assert found == expected


def test_a_stay_that_may_have_begun_before_the_records_is_not_new_and_one_begun_at_their_end_is_too_young():
    found, expected = like(
        stays(visits(("dan", 29, 40), ("eve", 0, 5))),
        "stay_lengths",
        """
        new_stay | too_young
        no       | no
        yes      | yes
        """,
    )
    assert found == expected


# ann 20 days; bob 21 days, and later 131; cem still open when last seen on day 31 of the stay
FOUR = visits(("ann", 0, 19), ("bob", 0, 20), ("bob", 100, 230), ("cem", 0, 40))


def test_the_answer_counts_stays_of_21_to_120_days_and_keeps_the_open_ones():
    row = claim(asked(stay_length, stays(FOUR), people=False))
    assert (
        "discharge_day" in twin(asked(stay_length, stays(FOUR), people=False)).reason
    )  # no chart says when it was closed
    # by Kaplan-Meier: 1/4 left at 20, 1/4 at 21, the open one leaves sight at 31, and the last goes on beyond 120
    assert (row.n, row.events, row.estimate) == (4, 1, pytest.approx(1 / 4))
    assert row.verdict == "descriptive only"


def test_dropping_the_open_stay_would_have_made_stays_shorter():
    rows = asked(
        stay_length,
        stays(
            FOUR,
            episodes="""
        episode_id | patient_id | level_of_care | start_day | end_day
        e1         | ann        | IOP           | 0         | 19
        e2         | bob        | IOP           | 0         | 20
        """,
            discharges="""
        episode_id | discharge_day | ending
        e1         | 21            | completed
        e2         | 50            | dropped_out
        """,
        ),
        people=False,
    )
    assert (
        twin(rows).estimate == 1.0
    )  # both closed charts span 21 days or more, one of them only because it was closed late
    assert "closed charts" in twin(rows).estimator
    assert the(rows, measure="mean_days_to_closure").estimate == pytest.approx((22 + 51) / 2)
    assert the(rows, measure="median_closure_lag").estimate == 16
    assert the(rows, measure="closed_after_a_week").numerator == 1


def test_by_ending_only_stays_seen_long_enough_are_described():
    rows = asked(stay_length, stays(FOUR), people=False)
    assert the(rows, measure="stays_by_ending", stratum="other or unknown").denominator == 3  # ann's and both of bob's
    assert the(rows, measure="median_stay_days", stratum="other or unknown").estimate == 21
    assert the(rows, measure="median_stay_days", outcome="attended_days").n == 3


def test_the_bars_hold_the_stays_that_ended_in_each_week():
    points = [row for row in asked(stay_length, stays(FOUR), people=False) if isinstance(row, FigurePoint)]
    assert [(p.x, p.n) for p in points if p.n] == [(3, 2)]  # days 15 to 21; bob's long stay ended in week 19


@pytest.mark.parametrize(
    ("sessions", "reason"),
    [
        ("patient_id | level_of_care\n ann | OP", NO_IOP),
        (visits(("eve", 0, 5)), NONE_IN_SIGHT),
        (visits(("cem", 0, 40)), "choose an earlier day"),
    ],
)
def test_records_that_cannot_tell_are_refused(sessions, reason):
    rows = asked(stay_length, stays(sessions), people=False)
    for row in (claim(rows), twin(rows)):
        assert (row.gate, row.estimate, row.n) == ("withheld", None, None)
        assert reason in row.reason
