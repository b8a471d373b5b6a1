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


STAYED_ON = Result(
    question="C14",
    analysis="staying_on",
    outcome="readmitted_day180",
    day=180,
    arm="under 6 weeks of IOP",
    reference="at least 6 weeks of IOP",
    measure="risk_difference",
    unit="share",
    target="combined",
    estimator="clone-censor-weight",
    estimate=0.052,
    low=0.011,
    high=0.093,
    gate="passed",
    verdict="exploratory",
    note="This holds for these sites only.",
)


def test_staying_on_is_a_hint_and_says_for_whom_and_how_surely():
    assert said(STAYED_ON) == (
        "A hint, not a finding: had all had under 6 weeks of IOP instead of at least 6 weeks of IOP, 5 more in 100 would"
        " have been back in 24-hour care by day 180. Likely range 1 to 9 more. This holds for these sites only."
    )


def test_staying_on_that_cannot_be_told_says_why():
    refused = replace(STAYED_ON, estimate=None, low=None, high=None, gate="withheld", reason="no stay was seen")
    assert said(refused).startswith(
        "Whether under 6 weeks of IOP would bring other people back to 24-hour care cannot be told from these records. The"
        " reason: no stay was seen."
    )


def test_the_share_under_one_strategy_is_an_estimate_for_everybody():
    one = replace(
        STAYED_ON, arm="at least 6 weeks of IOP", reference="", measure="risk", estimate=0.178, low=0.138, high=0.222
    )
    assert said(one).startswith(
        "With at least 6 weeks of IOP, an estimated 18 of 100 would have been back in 24-hour care by day 180 (likely"
        " range 14 to 22)."
    )
