"""Placements in words: a hint about similar people, shares of whom, and no cause for being placed elsewhere."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.sentences.told import told
from pipeline.results import Result
from pipeline.study import Study

RELEASED = SimpleNamespace(study=Study(Path("study")), row=lambda **wanted: None)
ANSWER = Result(
    question="C15",
    analysis="claim",
    outcome="phq9_day90",
    day=90,
    arm="as recommended",
    reference="less than recommended",
    measure="difference",
    unit="points",
    target="overlap",
    estimator="augmented",
    estimate=0.6,
    raw_estimate=-0.6,
    low=-0.1,
    high=1.2,
    verdict="exploratory",
    gate="passed",
)
SHARE = Result(
    question="C15",
    analysis="placement",
    measure="placed_as_recommended",
    unit="share",
    estimate=0.8193,
    low=0.811,
    high=0.827,
    n=9457,
    numerator=7748,
    denominator=9457,
    verdict="descriptive only",
)


def said(row):
    sentence = told(RELEASED, row)
    return f"{sentence.point} {sentence.detail} [{sentence.tag}]".replace(" []", "")


def test_the_answer_is_a_hint_about_similar_people_and_names_no_cause():
    assert (
        said(ANSWER)
        == "A hint, not a finding: the recommended level beside a less intensive level than recommended, for similar"
        " people. Depression scores (PHQ-9) fell 0.6 points more (likely range 0.1 less to 1.2 more). Why people"
        " were placed elsewhere is not recorded: a full program, a payer's refusal and a person's own wish all look"
        " the same."
    )


def test_a_withheld_answer_gives_its_reason_and_no_number():
    withheld = replace(
        ANSWER,
        estimate=None,
        raw_estimate=None,
        low=None,
        high=None,
        gate="withheld",
        verdict="descriptive only",
        reason="nearly everybody received the level that was recommended",
    )
    assert said(withheld).startswith(
        "The recommended level and a less intensive level than recommended cannot be compared here. The "
        "reason: nearly everybody received"
    )


def test_a_share_names_how_many_had_a_recommendation():
    assert said(SHARE).startswith(
        "Of 9,457 people with a recommendation, 82% started at the level that was recommended. Likely range 81% to 83%."
    )


def test_a_hidden_share_is_not_shown():
    assert "hidden" in said(replace(SHARE, estimate=SUPPRESSED, low=SUPPRESSED, high=SUPPRESSED))
