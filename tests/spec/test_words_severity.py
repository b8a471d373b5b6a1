"""Severity and safety in words: no answer where nobody compares, harm beside every difference, nothing seen is not
nothing there."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.sentences.told import told
from pipeline.results import Result
from pipeline.study import Study

STUDY = Study(Path("study"))
HIGH = Result(
    question="C11",
    analysis="severity",
    outcome="phq9_day90",
    day=90,
    arm="iop",
    reference="inpatient",
    measure="difference",
    unit="points",
    target="overlap",
    estimator="augmented",
    stratum="high suicide risk",
    estimate=-1.4,
    raw_estimate=1.4,
    low=-3.0,
    high=0.3,
    verdict="exploratory",
    gate="passed",
)
REFUSED = replace(
    HIGH,
    analysis="claim",
    stratum="high suicide risk and psychosis",
    estimate=None,
    raw_estimate=None,
    low=None,
    high=None,
    verdict="no comparable patients",
    gate="withheld",
    reason="nobody in one of the arms is like these people",
)
HARM = Result(
    question="C11",
    analysis="safety",
    measure="self_harm",
    arm="iop",
    day=90,
    unit="share",
    target="observed",
    estimator="exact",
    estimate=0.027,
    low=0.0209,
    high=0.0342,
    n=2447,
    numerator=66,
    denominator=2447,
    verdict="descriptive only",
)


def said(row, *beside):
    def find(**wanted):
        return next((one for one in beside if all(getattr(one, name) == value for name, value in wanted.items())), None)

    sentence = told(SimpleNamespace(study=STUDY, row=find), row)
    return f"{sentence.point} {sentence.detail} [{sentence.tag}]".replace(" []", "")


def test_those_whom_nobody_compares_get_a_refusal_and_no_number():
    assert (
        said(REFUSED)
        == "IOP and inpatient care cannot be compared for people with high suicide risk and psychosis. The reason:"
        " nobody in one of the arms is like these people. [Cannot say]"
    )


def test_a_difference_at_one_risk_is_a_hint_with_the_harm_at_both_levels_beside_it():
    assert (
        said(HIGH, HARM, replace(HARM, arm="inpatient", estimate=0.0457))
        == "A hint, not a finding, for people with high suicide risk: IOP and inpatient care. Depression scores (PHQ-9)"
        " fell 1.4 points less (likely range 3.0 less to 0.3 more). With several groups looked at, one can look"
        " different by chance. Beside it, of 100 people at any risk who were asked, as observed, these many had"
        " harmed themselves by day 90: IOP 2.7; inpatient care 4.6."
    )


@pytest.mark.parametrize("beside", [(), (HARM, replace(HARM, arm="inpatient", estimate=SUPPRESSED))])
def test_harm_that_is_hidden_or_not_known_is_said_to_be_so(beside):
    assert said(HIGH, *beside).endswith(
        "How many harmed themselves is not known or hidden, because few people are behind it."
    )


def test_a_band_of_a_scale_is_named_as_readers_name_it():
    assert "for people with a PHQ-9 of 10 to 14 at the start" in said(
        replace(HIGH, stratum="a PHQ9 of 10 to 14 at the start")
    )


def test_a_harm_is_counted_in_a_hundred_and_compares_nothing():
    assert (
        said(HARM)
        == "IOP: of 100 people, 2.7 had harmed themselves by day 90. Likely range 2.1 to 3.4, of 2,447 people who were"
        " reached and asked. As observed: not adjusted for who starts where."
    )


def test_a_harm_that_nobody_had_is_bounded_and_not_called_impossible():
    none = replace(HARM, measure="moved_up", estimate=0.0, low=0.0, high=0.00082, numerator=0, denominator=3649, n=3649)
    assert (
        said(none)
        == "IOP: nobody had moved to 24-hour care by day 90, of 3,649 people whose records reach so far. That it was"
        " not seen does not mean that it cannot happen: up to 0.08 in 100 would fit. As observed: not adjusted for"
        " who starts where."
    )


def test_a_hidden_harm_says_few_or_none_and_an_unknown_one_why():
    assert (
        said(replace(HARM, estimate=SUPPRESSED, numerator=SUPPRESSED))
        == "IOP: how many had harmed themselves by day 90 is hidden. Few people did, or none, or the number beside it"
        " would give few people away."
    )
    unknown = replace(
        HARM, estimate=None, low=None, high=None, n=None, numerator=None, denominator=None, reason="nobody was asked"
    )
    assert said(unknown) == "IOP: how many had harmed themselves by day 90 is not known. The reason: nobody was asked."
