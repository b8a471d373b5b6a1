"""Getting better sooner, in words: one schedule for both, the careless count beside it, and slopes as hints."""

from dataclasses import replace

import pytest

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.results import Result
from tests.spec.told_rows import said

ANSWER = Result(
    question="C3",
    analysis="claim",
    outcome="reliable_phq9_day90",
    day=56,
    arm="iop",
    reference="outpatient",
    measure="risk_difference",
    unit="share",
    target="overlap",
    estimator="augmented",
    estimate=0.056,
    raw_estimate=0.056,
    low=-0.02,
    high=0.13,
    verdict="inconclusive",
    gate="passed",
)
NAIVE = replace(
    ANSWER,
    analysis="as_observed",
    estimate=0.142,
    low=0.11,
    high=0.17,
    target="observed",
    verdict="descriptive only",
    gate="",
    twin_of=ANSWER.result_id,
)
SLOPE = replace(
    ANSWER,
    analysis="speed",
    outcome="phq9_day90",
    measure="slope_per_week",
    unit="points per week",
    day=None,
    estimate=0.12,
    low=0.08,
    high=0.15,
    verdict="exploratory",
    note="Intensive care gives several times the hours in a week.",
)


def test_more_people_sooner_is_said_with_the_day_and_the_rule_of_counting():
    assert (
        said(replace(ANSWER, estimate=0.09, low=0.03, high=0.15, verdict="better"))
        == "More people had reliably improved on the PHQ-9 by day 56 in IOP than in outpatient care, among similar"
        " people. Of 100 similar people, 9 more had reliably improved on the PHQ-9 by day 56 (likely range 3 to 15"
        " more). Both levels are looked at on the same days, and a better score counts only if the next one shows it"
        " too. [Fairly sure]"
    )


def test_the_careless_count_stands_beside_it_with_the_reason_why_it_reads_higher():
    words = said(ANSWER, NAIVE)
    assert words.startswith(
        "Whether more or fewer people had reliably improved on the PHQ-9 by day 56 in IOP than in outpatient care is"
    )
    assert words.endswith(
        "Counting the first better score whenever each person was measured, it reads 14 more in 100: whoever is"
        " measured more often is found better sooner. [Could be zero]"
    )


def test_a_refusal_says_what_is_missing_and_carries_no_number():
    words = said(
        replace(
            ANSWER,
            estimate=None,
            low=None,
            high=None,
            raw_estimate=None,
            gate="withheld",
            verdict="descriptive only",
            reason="nobody was measured near day 56; measure both arms every two weeks",
        )
    )
    assert words.startswith(
        "IOP and outpatient care cannot be compared here. The reason: nobody was measured near day 56;"
    )
    assert "same days" not in words


def test_a_slope_is_a_hint_with_its_range_and_its_limit():
    assert (
        said(SLOPE)
        == "A hint, not a finding: PHQ-9 scores improved 0.12 points a week more in IOP than in outpatient care, for"
        " similar people. Likely range 0.08 to 0.15 points more. Intensive care gives several times the hours in a"
        " week."
    )
    assert (
        said(replace(SLOPE, estimate=-0.3, low=-0.4, high=0.1, measure="slope_per_hour", note=""))
        == "A hint, not a finding: PHQ-9 scores improved 0.30 points an hour of care attended less in IOP than in"
        " outpatient care, for similar people. Likely range 0.40 points less to 0.10 points more; it holds no"
        " difference."
    )


@pytest.mark.parametrize(
    "row", [SLOPE, ANSWER, replace(ANSWER, analysis="speed", measure="adjusted_share", reference="")]
)
def test_what_is_hidden_stays_hidden(row):
    words = said(replace(row, **dict.fromkeys(("estimate", "raw_estimate", "low", "high"), SUPPRESSED)))
    assert "hidden" in words
    assert not any(character.isdigit() for character in words.replace("PHQ-9", "").replace("day 56", ""))
