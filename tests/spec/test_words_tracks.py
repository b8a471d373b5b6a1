"""The trauma track in words: a contrast of similar people, hints by severity, and refusals that say what is missing."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.choices.asked import Outcome
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.questions.sentence_of import sentence_of
from pipeline.results import Result
from pipeline.study import Study

STUDY = Study(
    Path("study"), outcomes=(Outcome(name="pcl5_day90", instrument="PCL5", margin=2.0, comparator_effect=4.4),)
)
RELEASED = SimpleNamespace(study=STUDY, row=lambda **wanted: None, rows=lambda **wanted: ())
ANSWER = Result(
    question="C10",
    analysis="claim",
    outcome="pcl5_day90",
    day=90,
    arm="trauma track",
    reference="general track",
    measure="difference",
    unit="points",
    target="overlap",
    estimator="augmented",
    estimate=3.1,
    raw_estimate=-3.1,
    low=1.2,
    high=5.0,
    margin=2.0,
    verdict="better",
    gate="passed",
)
BAND = replace(ANSWER, analysis="tracks", stratum="a PCL-5 below 45 at the start", margin=None, verdict="exploratory")
DEPENDS = replace(
    BAND,
    measure="interaction",
    stratum="severity of post-traumatic stress",
    unit="",
    estimate=None,
    raw_estimate=None,
    low=None,
    high=None,
    p=0.3,
)


def said(row):
    sentence = sentence_of(RELEASED, row)
    return f"{sentence.point} {sentence.detail} [{sentence.tag}]".replace(" []", "")


def test_the_answer_names_both_tracks_and_speaks_of_similar_people():
    assert (
        said(ANSWER)
        == "The trauma track did better than the general track for similar people. Post-traumatic stress scores (PCL-5)"
        " fell 3.1 points more (likely range 1.2 to 5.0 more). [Fairly sure]"
    )


def test_a_band_of_severity_is_a_hint_and_never_a_finding():
    assert (
        said(BAND)
        == "A hint, not a finding, for people with a PCL-5 below 45 at the start: The trauma track and the general"
        " track. Post-traumatic stress scores (PCL-5) fell 3.1 points more (likely range 1.2 to 5.0 more). With"
        " several groups looked at, one can look different by chance."
    )


def test_groups_that_differ_no_more_than_chance_show_nothing_and_that_is_not_proof_of_sameness():
    words = said(DEPENDS)
    assert (
        words
        == "Nothing here shows that the difference depends on the severity of post-traumatic stress. Chance alone could"
        " make the groups this unlike (p = 0.30); a real difference could still be there."
    )
    assert "same" not in words


@pytest.mark.parametrize(("p", "written"), [(0.0004, "p below 0.001"), (0.012, "p = 0.012"), (0.049, "p = 0.049")])
def test_groups_that_differ_more_than_chance_are_a_hint(p, written):
    words = said(replace(DEPENDS, p=p))
    assert words.startswith("A hint that the difference is not the same for everybody: it varies with the severity")
    assert written in words


def test_a_withheld_answer_holds_no_number():
    withheld = replace(
        ANSWER,
        estimate=None,
        raw_estimate=None,
        low=None,
        high=None,
        gate="withheld",
        verdict="no comparable patients",
        reason="too few people in general track could plausibly have started in the other track",
    )
    assert said(withheld).startswith("The trauma track and the general track cannot be compared here.")
    assert "1.2" not in said(withheld)


@pytest.mark.parametrize("row", [BAND, DEPENDS])
def test_what_is_hidden_says_so(row):
    hidden = replace(row, estimate=SUPPRESSED if row.estimate else None, p=SUPPRESSED)
    assert "hidden, because it rests on a small group" in said(hidden)
    assert "[Cannot say]" in said(hidden)
