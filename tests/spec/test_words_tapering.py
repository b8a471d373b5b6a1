"""What is said about hours after improvement: seen or not seen, never that one brings the other."""

from dataclasses import replace

import pytest

from pipeline.analysis.questions.tapering import NOTE
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.sentences.tapering import AFTER, BEFORE
from pipeline.results import Result
from tests.spec.told_rows import said

ROW = Result(
    question="C8",
    analysis="claim",
    arm="iop",
    outcome="phq9_day90",
    measure="lower_next_week_difference",
    unit="weeks in 100",
    target="observed",
    estimate=-0.48,
    low=-2.45,
    high=1.49,
    n=2922,
    gate="passed",
    verdict="descriptive only",
    note=NOTE,
)
SHARES = [
    Result(
        question="C8",
        analysis="tapering",
        outcome="phq9_day90",
        stratum=stratum,
        measure="lower_next_week",
        unit="share",
        estimate=share,
    )
    for stratum, share in ((AFTER, 0.44), (BEFORE, 0.448))
]


def test_a_range_that_holds_zero_says_that_nothing_is_to_be_seen():
    assert (
        said(ROW, *SHARES)
        == "Whether attended hours fall more often once people have reliably improved is not to be seen here. Beside"
        " weeks of the same number and hours, 0.5 fewer of 100 were followed by fewer hours (likely range 2.5 fewer"
        " to 1.5 more). As observed, 44% of weeks after improvement and 45% of the others were. Hours are an outcome"
        " of response as well as a dose, so this says nothing about what hours do."
    )


@pytest.mark.parametrize(("low", "high", "word"), [(2.0, 6.0, "more"), (-6.0, -2.0, "less")])
def test_a_range_on_one_side_of_zero_says_which_and_not_why(low, high, word):
    words = said(replace(ROW, estimate=(low + high) / 2, low=low, high=high), *SHARES)
    assert words.startswith(f"Attended hours fell {word} often once people had reliably improved than before.")
    assert "because" not in words


def test_hidden_shares_are_left_out_and_a_refusal_says_why():
    assert "As observed" not in said(ROW, replace(SHARES[0], estimate=SUPPRESSED), SHARES[1])
    assert said(replace(ROW, estimate=None, gate="withheld", reason="too few")).startswith(
        "Whether hours fall as people get better cannot be told from these records. The reason: too few."
    )
