"""What is said about IOP after 24-hour care: the difference first, then what counting from day 0 would have made of
it."""

from dataclasses import replace

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.results import Result
from tests.spec.told_rows import said

ROW = Result(
    question="C6",
    analysis="claim",
    outcome="readmitted_day30",
    day=30,
    arm="IOP within 14 days",
    reference="no IOP within 14 days",
    measure="risk_difference",
    unit="share",
    target="combined",
    estimator="clone-censor-weight",
    estimate=-0.041,
    low=-0.07,
    high=-0.012,
    n=578,
    n_reference=1285,
    events=60,
    events_reference=200,
    gate="passed",
    verdict="better",
    note="This holds for these sites only.",
)
TWIN = replace(
    ROW,
    analysis="as_observed",
    estimator="ever started, counted from day 0",
    estimate=-0.09,
    verdict="descriptive only",
    gate="",
    twin_of=ROW.result_id,
    note="Whoever lives to start cannot have come back before.",
)
NEEDED = replace(
    ROW,
    analysis="strategies",
    measure="number_needed_to_link",
    unit="people",
    estimate=24.4,
    low=14.3,
    high=83.3,
    verdict="",
    gate="",
    stratum="one fewer",
    twin_of=ROW.result_id,
    note="",
)


def test_a_difference_is_told_with_its_range_the_number_to_link_and_the_careless_count():
    assert (
        said(ROW, TWIN, NEEDED)
        == "Fewer people were back in 24-hour care by day 30 with IOP within 14 days than without it, for similar"
        " people. Of 100 people, 4 fewer were back in 24-hour care by day 30 (likely range 1 to 7 fewer). About 24"
        " people would have to start for one fewer to be back by day 30. Counted from the day of leaving by who ever"
        " started, it would read 9 fewer. Whoever lives to start cannot have come back before. This holds for these"
        " sites only. [Fairly sure]"
    )


def test_more_readmissions_are_told_as_more_not_as_better():
    worse = replace(ROW, estimate=0.041, low=0.012, high=0.07, verdict="worse")
    assert said(worse).startswith(
        "More people were back in 24-hour care by day 30 with IOP within 14 days than without it"
    )


def test_a_range_that_holds_none_is_still_open_and_names_no_number_to_link():
    open_ = replace(ROW, estimate=0.017, low=-0.026, high=0.061, verdict="inconclusive", note="")
    silent = replace(NEEDED, estimate=None, low=None, high=None, reason="the range of the difference includes none")
    assert (
        said(open_, silent)
        == "Whether more or fewer people were back in 24-hour care by day 30 with IOP within 14 days is still open. Of"
        " 100 people, 2 more were back in 24-hour care by day 30 (likely range 3 fewer to 6 more). [Could be zero]"
    )
    assert "cannot be told" in said(silent)


def test_a_refusal_gives_its_reason_and_no_number():
    refused = replace(
        ROW,
        estimate=None,
        low=None,
        high=None,
        n=None,
        gate="withheld",
        verdict="descriptive only",
        reason="nobody is seen to start IOP after 24-hour care; export the sessions of the IOP programs",
    )
    assert (
        said(refused)
        == "Whether more or fewer people were back in 24-hour care by day 30 with IOP within 14 days cannot be told"
        " from these records. The reason: nobody is seen to start IOP after 24-hour care; export the sessions of the"
        " IOP programs. [Cannot say]"
    )


def test_a_hidden_difference_is_called_hidden():
    assert "is hidden" in said(replace(ROW, estimate=SUPPRESSED, low=SUPPRESSED, high=SUPPRESSED))


def test_what_would_have_been_under_one_strategy_is_an_estimate_for_similar_people():
    row = replace(
        ROW,
        analysis="strategies",
        measure="risk",
        reference="",
        estimate=0.151,
        low=0.126,
        high=0.178,
        gate="",
        verdict="exploratory",
    )
    assert (
        said(row)
        == "With IOP within 14 days, an estimated 15 of 100 similar people were back in 24-hour care by day 30 (likely"
        " range 13 to 18)."
    )


def test_the_landmark_says_whom_it_leaves_out():
    row = replace(
        ROW, analysis="sensitivity", varied="landmark at day 14", verdict="", gate="", twin_of=ROW.result_id, note=""
    )
    assert said(row).startswith(
        "Among those alone who were still out of 24-hour care at the landmark at day 14, counted from there:"
    )


def test_emergency_visits_are_described_and_not_compared():
    row = Result(
        question="C6",
        analysis="strategies",
        outcome="ed_visit",
        arm="no IOP within 14 days",
        measure="ed_visit",
        unit="share",
        estimate=0.103,
        low=0.086,
        high=0.123,
        n=1041,
        verdict="descriptive only",
        note="told by those who were reached within 120 days; not adjusted for anything",
    )
    assert (
        said(row)
        == "With no IOP within 14 days, 10 of 100 people told of an emergency visit (likely range 9 to 12). This is"
        " told by those who were reached within 120 days; not adjusted for anything."
    )


def test_the_number_to_link_has_its_own_sentence():
    assert (
        said(NEEDED)
        == "About 24 people would have to have IOP within 14 days for one fewer to be back in 24-hour care by day 30 "
        "(likely range 14 to 83)."
    )
