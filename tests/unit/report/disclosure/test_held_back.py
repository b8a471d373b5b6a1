"""Which rows of a second edition say that they are held back."""

from dataclasses import replace

import pytest

from pipeline.report.disclosure.earlier import Earlier
from pipeline.report.disclosure.held_back import held, is_held_back
from pipeline.report.disclosure.last_shown import told
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
