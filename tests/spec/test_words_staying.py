"""Whether similar people leave at one pace, in words."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.questions.sentence_of import sentence_of
from pipeline.results import Result
from pipeline.study import Study

RELEASED = SimpleNamespace(study=Study(Path("study")), row=lambda **wanted: None, rows=lambda **wanted: ())
TEST = Result(
    question="C4",
    analysis="sensitivity",
    outcome="retained_day90",
    day=90,
    arm="iop",
    reference="outpatient",
    measure="course_test",
    target="overlap",
    estimator="weighted log-rank",
    p=0.3,
    verdict="exploratory",
    gate="passed",
)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            TEST,
            "Nothing here shows that people in IOP and similar people in outpatient care leave at different paces. Chance"
            " alone could set the curves so far apart (p = 0.30); a real difference could still be there.",
        ),
        (
            replace(TEST, p=0.004),
            "A hint that people in IOP and similar people in outpatient care do not leave at one pace. Chance alone"
            " would seldom set the curves so far apart (p = 0.004).",
        ),
        (
            replace(TEST, analysis="as_observed", outcome="dropped_out_day90", p=0.004, gate=""),
            "A hint that people in IOP and in outpatient care do not leave early at one pace. Chance alone would seldom"
            " set the curves so far apart (p = 0.004).",
        ),
        (
            replace(TEST, p=None, gate="withheld", reason="no ending was seen"),
            "Whether people in IOP and similar people in outpatient care leave at one pace cannot be said. The reason: no"
            " ending was seen.",
        ),
    ],
)
def test_a_test_of_two_courses_says_what_it_shows_and_never_that_they_are_equal(row, said):
    sentence = sentence_of(RELEASED, row)
    assert f"{sentence.point} {sentence.detail}" == said


def test_a_hidden_test_says_that_it_is_hidden():
    assert "leave at one pace: hidden" in sentence_of(RELEASED, replace(TEST, p=SUPPRESSED)).point
