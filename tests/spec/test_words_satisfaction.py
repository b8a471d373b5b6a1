"""C5 in words: going together is said as that, with the response rate and the wrong way beside it, and never as a
cause."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.sentences.satisfaction import NOT_AN_EFFECT, SENTENCES
from pipeline.results import Result
from pipeline.study import Study

ROW = Result(
    question="C5",
    analysis="claim",
    outcome="stayed_to_day90",
    day=90,
    stratum="CSQ8",
    measure="rank_correlation",
    unit="correlation",
    target="observed",
    estimator="Spearman from day 21",
    estimate=0.24,
    low=0.15,
    high=0.33,
    verdict="descriptive only",
)
RATE = replace(
    ROW, analysis="satisfaction", measure="response_rate", unit="share", day=21, estimate=0.432, low=0.42, high=0.44
)
TWIN = replace(
    ROW,
    analysis="as_observed",
    estimator="score at discharge",
    estimate=0.61,
    low=0.55,
    high=0.66,
    twin_of=ROW.result_id,
    note="the score given at discharge against the whole time in care",
)
SLOPE = replace(
    ROW,
    analysis="satisfaction",
    measure="slope_days",
    stratum="CSQ8, within programs",
    estimate=0.18,
    low=-0.05,
    high=0.36,
)


class Page:
    """Released rows as the sentences read them."""

    study = Study(Path("study"))

    def __init__(self, *rows):
        self.kept = rows

    def rows(self, **wanted):
        return tuple(row for row in self.kept if all(getattr(row, name) == value for name, value in wanted.items()))

    def row(self, **wanted):
        return next(iter(self.rows(**wanted)), None)


def said(row, *beside):
    sentence = SENTENCES[row.question, row.measure](Page(row, *beside), row)
    return f"{sentence.point} {sentence.detail} [{sentence.tag}]".replace(" []", "").strip()


def test_an_association_is_said_with_who_answered_and_what_the_score_at_discharge_would_have_read():
    assert said(ROW, RATE, TWIN) == (
        "People who were more content early stayed longer afterwards: the two go together a little. Rank correlation"
        " +0.24 (likely range +0.15 to +0.33; 0 is none, 1 is the most). Of those still in care on day 21, 43% had"
        " answered the CSQ-8, a survey of satisfaction. With the score at discharge, which only those can give who are"
        " still there, it reads +0.61. " + NOT_AN_EFFECT
    )


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (0.04, "stayed longer afterwards, but by so little that it hardly tells one person from another"),
        (0.29, "stayed longer afterwards: the two go together a little"),
        (0.31, "go together clearly"),
        (0.62, "go together strongly"),
        (-0.24, "stayed less long afterwards: the two go together a little"),
    ],
)
def test_the_size_of_a_correlation_is_said_in_steps(estimate, words):
    half = 0.02 if estimate > 0 else 0.1
    assert words in said(replace(ROW, estimate=estimate, low=estimate - half, high=estimate + half))


def test_a_range_that_holds_zero_is_open():
    assert said(replace(ROW, estimate=0.03, low=-0.04, high=0.1)).startswith(
        "Whether people who are more content early stay longer afterwards is open."
    )


def test_change_after_the_survey_names_its_scale():
    assert "improved more on the PHQ-9 afterwards" in said(replace(ROW, outcome="phq9_day90"))


def test_the_alliance_is_not_called_satisfaction():
    words = said(replace(ROW, stratum="WAISR"), replace(RATE, stratum="WAISR"))
    assert "more in accord with their therapist" in words


def test_a_slope_says_whether_it_is_between_people_or_between_programs():
    assert said(SLOPE).startswith(
        "For one point more on the CSQ-8, between people of one program: +0.18 days in care afterwards. Likely range"
        " −0.05 to +0.36"
    )
    assert "between programs: +0.18 points of improvement" in said(
        replace(SLOPE, measure="slope_points", stratum="CSQ8, between programs")
    )


def test_the_response_rate_says_what_is_not_known():
    assert (
        said(RATE)
        == "Of those still in care on day 21, 43% had answered the CSQ-8, a survey of satisfaction. Nothing is known of"
        " how content the others were."
    )


@pytest.mark.parametrize("row", [ROW, RATE, SLOPE])
def test_what_is_withheld_hidden_or_unknown_has_no_number(row):
    empty = replace(row, estimate=None, low=None, high=None)
    withheld = said(replace(empty, gate="withheld", reason="nobody answered a survey"))
    assert withheld.endswith("cannot be said here. The reason: nobody answered a survey. [Cannot say]")
    assert "hidden, because it rests on a small group" in said(
        replace(empty, estimate=SUPPRESSED, low=SUPPRESSED, high=SUPPRESSED)
    )
    assert "is not known. The reason: too few." in said(replace(empty, reason="too few"))


@pytest.mark.parametrize("row", [ROW, replace(ROW, outcome="phq9_day90"), TWIN, SLOPE, RATE])
def test_no_sentence_names_a_cause(row):
    words = said(row, RATE, TWIN).replace(NOT_AN_EFFECT, "").lower()
    causes = ("because of", "effect", "leads to", "keeps people", "improves retention", "proven", "thanks to")
    assert not any(word in words for word in causes)
