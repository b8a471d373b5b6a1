"""What is said about hours delivered: whole weeks first, then the average, then what scheduled hours would have made of
it."""

from dataclasses import replace

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.results import Result
from tests.spec.told_rows import said

ROW = Result(
    question="C1",
    analysis="claim",
    arm="iop",
    stratum="IOP",
    outcome="attended_hours",
    measure="weeks_within_hours",
    unit="share",
    target="observed",
    estimate=0.389,
    low=0.344,
    high=0.471,
    n=4514,
    numerator=8988,
    denominator=23086,
    gate="passed",
    verdict="descriptive only",
    note="17% of the scheduled hours are assumed, because per-diem codes carry no minutes.",
)
TWIN = replace(
    ROW,
    analysis="as_observed",
    estimate=0.959,
    low=0.955,
    high=0.963,
    twin_of=ROW.result_id,
    note="It takes scheduled hours.",
)
MEANS = [
    Result(
        question="C1",
        analysis="dose",
        arm="iop",
        stratum="IOP",
        outcome=f"{kind}_hours",
        measure="hours_per_week",
        estimate=hours,
    )
    for kind, hours in (("attended", 7.6), ("scheduled", 9.79))
]


def test_the_share_of_whole_weeks_comes_first_and_the_naive_reading_last():
    assert (
        said(ROW, TWIN, *MEANS)
        == "In 39 of 100 whole weeks of IOP, people attended 9 to under 20 hours (likely range 34 to 47). On average"
        " 7.6 hours a week were attended, of 9.8 scheduled. 17% of the scheduled hours are assumed, because per-diem"
        " codes carry no minutes. Had every scheduled hour counted as attended, it would read 96 of 100."
    )


def test_what_is_hidden_beside_it_is_left_out():
    hidden = replace(ROW, low=SUPPRESSED, high=SUPPRESSED, note="")
    assert (
        said(hidden, replace(TWIN, estimate=SUPPRESSED), replace(MEANS[0], estimate=SUPPRESSED))
        == "In 39 of 100 whole weeks of IOP, people attended 9 to under 20 hours."
    )


def test_a_hidden_share_and_a_refusal_say_that_nothing_can_be_said():
    assert (
        said(replace(ROW, estimate=SUPPRESSED))
        == "How many hours a week people attended (IOP) is hidden, because few people are behind it. [Cannot say]"
    )
    refused = replace(ROW, estimate=None, gate="withheld", reason="no stay in IOP is in these records; export sessions")
    assert (
        said(refused)
        == "How many hours a week people attended (IOP) cannot be told from these records. The reason: no stay in "
        "IOP is in these records; export sessions. [Cannot say]"
    )


def test_the_naive_twin_is_never_told_as_the_answer():
    assert said(TWIN).startswith("Whole weeks within the hours of intensive outpatient care")
    assert "It takes scheduled hours." in said(TWIN)
