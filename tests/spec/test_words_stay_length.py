"""What is said about how long stays last."""

from dataclasses import replace

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.results import Result
from tests.spec.told_rows import said

ROW = Result(
    question="C14",
    analysis="claim",
    arm="iop",
    stratum="IOP",
    measure="stays_of_weeks_to_months",
    day=120,
    unit="share",
    target="observed",
    estimate=0.808,
    low=0.797,
    high=0.819,
    n=4829,
    events=3857,
    gate="passed",
    verdict="descriptive only",
)
LOW, MIDDLE, HIGH, LAG = (
    Result(
        question="C14", analysis="stay_length", arm="iop", stratum="IOP", measure=measure, unit="days", estimate=days
    )
    for measure, days in (
        ("quartile_25_stay_days", 26.0),
        ("median_stay_days", 40.0),
        ("quartile_75_stay_days", 48.0),
        ("median_closure_lag", 5.0),
    )
)


def test_the_share_of_stays_within_the_range_then_the_middle_half_then_why_closure_is_not_used():
    assert (
        said(ROW, LOW, MIDDLE, HIGH, LAG)
        == "81 of 100 stays in IOP last three weeks to four months (21 to 120 days; likely range 80 to 82). Half last"
        " 40 days or less; the middle half of stays last 26 to 48 days. Stays that are still open count as far as"
        " they were seen. Half of the charts are closed 5 days or more after the last contact, so closure days are"
        " not used."
    )


def test_a_median_that_is_not_reached_or_hidden_is_not_said():
    assert (
        said(ROW, replace(MIDDLE, estimate=None, reason="not reached"), replace(LAG, estimate=SUPPRESSED))
        == "81 of 100 stays in IOP last three weeks to four months (21 to 120 days; likely range 80 to 82)."
    )


def test_quartiles_are_left_out_where_one_of_them_is_hidden():
    assert "middle half" not in said(ROW, replace(LOW, estimate=SUPPRESSED), MIDDLE, HIGH)


def test_a_refusal_says_what_is_missing():
    assert (
        said(replace(ROW, estimate=None, gate="withheld", reason="no stay is in sight; export a longer period"))
        == "How long IOP lasts cannot be told from these records. The reason: no stay is in sight; export a longer"
        " period. [Cannot say]"
    )


def test_the_naive_twin_is_told_as_what_it_counts():
    twin = replace(
        ROW, analysis="as_observed", estimate=0.976, note="It counts only closed charts", twin_of=ROW.result_id
    )
    assert said(twin).startswith("Stays of 21 to 120 days")
    assert "It counts only closed charts." in said(twin)
