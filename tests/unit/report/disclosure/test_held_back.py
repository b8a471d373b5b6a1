"""Which rows of a second edition say that they are held back."""

from dataclasses import replace

import pytest

from pipeline.report.disclosure.earlier import Earlier
from pipeline.report.disclosure.held_back import held, is_held_back
from pipeline.report.disclosure.last_shown import as_last_shown, told
from pipeline.report.disclosure.suppressed import SUPPRESSED, Within
from pipeline.results import Result

STORED = Result(
    question="M",
    analysis="measures",
    target="observed",
    arm="outpatient",
    measure="retention_level_started",
    unit="share",
    n=103,
    denominator=103,
    numerator=28,
    events=28,
    estimate=0.27,
)
RANGE = replace(STORED, numerator=Within(24, 33), events=Within(24, 33), estimate=Within(0.23, 0.33))


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (RANGE, RANGE, False),  # a small part of it is told as its bound, in every edition
        (STORED, RANGE, True),
        (RANGE, replace(RANGE, estimate=SUPPRESSED), True),
        (replace(RANGE, reason="held back: fewer than 11 people changed it"), RANGE, True),
    ],
)
def test_a_share_told_as_a_range_then_as_now_is_not_said_to_be_held_back(before, now, said):
    name = STORED.result_id
    earlier = Earlier(results={name: (103,)}, told={"results": {name: ("2026-11-30", [told(before)])}})
    assert is_held_back(held(STORED, now, earlier, 11)) is said


@pytest.mark.parametrize(
    ("then", "numerator", "again"),
    [
        ((20, 29), 28, True),  # with 24 to 33 they would be 24 to 29
        ((15, 40), 28, True),  # a narrower one now would be known with it for good
        ((24, 33), 28, False),  # the same
        ((15, 24), 28, False),  # no longer true: they changed
    ],
)
def test_a_share_stays_the_range_it_was_told_as_while_that_is_true(then, numerator, again):
    before = replace(RANGE, numerator=Within(*then), events=Within(*then), estimate=Within(0.1, 0.4))
    name = STORED.result_id
    earlier = {name: ("2026-08-31", [told(before)])}
    [row], days = as_last_shown([RANGE], [replace(STORED, numerator=numerator)], earlier, 11)
    assert row.numerator == (Within(*then) if again else RANGE.numerator)
    assert days == ({name: "2026-08-31"} if again else {})


def test_a_share_of_more_people_than_then_is_told_anew():
    before = replace(RANGE, n=100, denominator=100, numerator=Within(20, 29))
    [row], _ = as_last_shown([RANGE], [STORED], {STORED.result_id: ("2026-08-31", [told(before)])}, 11)
    assert row == RANGE
