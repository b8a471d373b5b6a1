"""What is said about being measured: how many often enough, level by level without comparing them, and what followed a
flag."""

from dataclasses import replace

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.results import Result
from tests.spec.told_rows import said

ROW = Result(
    question="C12",
    analysis="claim",
    outcome="phq9_day90",
    day=90,
    measure="measured_every_14_days",
    unit="share",
    target="observed",
    estimate=0.699,
    low=0.69,
    high=0.708,
    n=10985,
    numerator=7680,
    denominator=10985,
    gate="passed",
    verdict="descriptive only",
)
LEVELS = [
    replace(ROW, analysis="measurement", arm=arm, estimate=share)
    for arm, share in (("outpatient", 0.277), ("iop", 0.855))
]
PRESENT = [Result(question="M", analysis="scorecard", arm=arm, measure="starts") for arm in ("outpatient", "iop")]
FLAGS = [
    Result(question="C12", analysis="measurement", outcome="phq9_day90", measure=measure, estimate=share)
    for measure, share in (("behind_course", 0.27), ("measured_soon_after_flag", 0.893))
]


def test_the_share_first_then_each_level_without_comparing_them_then_what_followed_a_flag():
    assert (
        said(ROW, *LEVELS, *PRESENT, *FLAGS)
        == "70 of 100 people had a score on the PHQ-9 at least every 14 days while in care, up to day 90 (likely range 69 to"
        " 71). By level: Outpatient 28% and IOP 86%. A short stay needs fewer scores, so these figures do not"
        " compare the levels. 27% of people scored behind the expected course at some point; of those who stayed,"
        " 89% were measured again within 14 days."
    )


def test_a_hidden_level_says_hidden_and_hidden_flags_are_left_out():
    words = said(
        ROW,
        replace(LEVELS[0], estimate=SUPPRESSED),
        LEVELS[1],
        *PRESENT,
        replace(FLAGS[0], estimate=SUPPRESSED),
        FLAGS[1],
    )
    assert "Outpatient hidden and IOP 86%" in words
    assert "behind" not in words


def test_a_refusal_says_what_is_missing_and_rows_beside_it_have_the_rule_for_any_row():
    assert (
        said(replace(ROW, estimate=None, gate="withheld", reason="no scale; name one"))
        == "How often people are measured while in care cannot be told from these records. The reason: no scale; name"
        " one. [Cannot say]"
    )
    assert said(LEVELS[1]).startswith("Measured at least every 14 days while in care, PHQ-9, day 90, IOP: 86%.")
