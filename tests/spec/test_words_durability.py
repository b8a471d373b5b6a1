"""What lasted, in words: everybody who started, the careless count beside it, and those not known as a band of their
own."""

from dataclasses import replace

import pytest

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.results import Result
from tests.spec.told_rows import said

ANSWER = Result(
    question="C13",
    analysis="claim",
    outcome="phq9_day90",
    day=180,
    arm="iop",
    reference="inpatient",
    measure="difference",
    unit="points",
    target="overlap",
    estimator="augmented",
    estimate=-0.4,
    raw_estimate=0.4,
    low=-1.3,
    high=0.5,
    verdict="inconclusive",
    gate="passed",
)
NAIVE = replace(
    ANSWER,
    analysis="as_observed",
    estimate=-1.3,
    raw_estimate=1.3,
    low=-1.9,
    high=-0.7,
    target="observed",
    verdict="descriptive only",
    gate="",
    twin_of=ANSWER.result_id,
)
STILL = Result(
    question="C13",
    analysis="durability",
    outcome="phq9_day90",
    day=180,
    arm="iop",
    measure="still_recovered",
    unit="share",
    target="observed",
    estimator="observed",
    estimate=0.355,
    low=0.31,
    high=0.4,
    n=471,
    numerator=167,
    denominator=471,
    verdict="descriptive only",
    note="A new stay in 24-hour care counts as relapse.",
)
GONE = replace(STILL, measure="relapsed", estimate=0.163, low=0.13, high=0.2, numerator=77)
UNKNOWN = replace(STILL, measure="recovery_unknown", estimate=0.482, low=0.44, high=0.53, numerator=227)


def test_the_answer_counts_from_the_start_and_those_measured_twice_stand_beside_it_with_the_reason():
    assert (
        said(ANSWER, NAIVE)
        == "Whether IOP does better or worse than inpatient care for similar people is still open. From the start to"
        " day 180, counting everybody who started: Depression scores (PHQ-9) fell 0.4 points less (likely range 1.3"
        " less to 0.5 more). Among only those measured at both times, it reads 1.3 points less: those who are"
        " reached half a year later are often those who are doing well. [Could be zero]"
    )


def test_the_answer_also_says_what_became_of_those_in_remission_at_both_levels_even_where_it_is_withheld():
    refusal = replace(
        ANSWER,
        estimate=None,
        raw_estimate=None,
        low=None,
        high=None,
        gate="withheld",
        verdict="descriptive only",
        reason="too few people",
    )
    inpatient = [replace(one, arm="inpatient") for one in (STILL, GONE, UNKNOWN)]
    for row in (ANSWER, refusal):
        words = said(row, STILL, GONE, UNKNOWN, *inpatient)
        assert (
            "IOP: of 100 people in remission at day 90, 36 still were at day 180, 16 had relapsed, and 48 were not"
            in words
        )
        assert "Inpatient: of 100 people in remission at day 90, 36 still were at day 180" in words


def test_those_not_measured_again_are_told_with_the_recovered_and_the_relapsed():
    words = (
        "IOP: of 100 people in remission at day 90, 36 still were at day 180, 16 had relapsed, and 48 were not measured"
        " again. As observed: not adjusted for who starts where. A new stay in 24-hour care counts as relapse."
    )
    assert said(STILL, GONE, UNKNOWN) == words
    assert said(GONE, STILL, UNKNOWN) == words


def test_remission_at_day_90_is_told_of_everybody_who_started():
    first = replace(STILL, measure="in_remission", day=90, estimate=0.16, note="")
    others = [
        replace(first, measure="not_in_remission", estimate=0.47),
        replace(first, measure="remission_unknown", estimate=0.37),
    ]
    assert (
        said(first, *others)
        == "IOP: of 100 people who started, 16 were in remission on the PHQ-9 at day 90, 47 were not, and 37 were not"
        " measured. As observed: not adjusted for who starts where."
    )


@pytest.mark.parametrize("hidden", [GONE, UNKNOWN])
def test_where_relapse_or_those_not_known_are_hidden_recovery_is_not_told_as_if_it_were_all(hidden):
    others = [replace(one, estimate=SUPPRESSED) if one is hidden else one for one in (GONE, UNKNOWN)]
    assert (
        said(STILL, *others)
        == "IOP: what became of those in remission at day 90 by day 180 is hidden, because one of the groups is small."
        " [Cannot say]"
    )


def test_a_difference_since_day_90_is_a_hint_and_a_refusal_says_why():
    change = replace(
        ANSWER,
        analysis="durability",
        measure="difference_in_change",
        estimate=0.3,
        raw_estimate=-0.3,
        low=-0.1,
        high=0.7,
        verdict="exploratory",
    )
    assert (
        said(change)
        == "A hint, not a finding: from day 90 to day 180, PHQ-9 scores improved 0.3 points more in IOP than in"
        " inpatient care, for similar people (likely range 0.1 less to 0.7 more)."
    )
    refusal = replace(
        change,
        estimate=None,
        raw_estimate=None,
        low=None,
        high=None,
        gate="withheld",
        verdict="descriptive only",
        reason="too few people",
    )
    assert said(refusal).startswith(
        "How scores went on from day 90 to day 180 in IOP and inpatient care cannot be compared."
    )


def test_a_withheld_answer_carries_no_number_and_no_careless_count():
    words = said(
        replace(
            ANSWER,
            estimate=None,
            raw_estimate=None,
            low=None,
            high=None,
            gate="withheld",
            verdict="descriptive only",
            reason="too small a share of iop has the outcome measured (20 % are needed)",
        )
    )
    assert words.startswith("IOP and inpatient care cannot be compared here.")
    assert "both times" not in words
