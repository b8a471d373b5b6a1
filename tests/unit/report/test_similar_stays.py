"""Courses of staying of similar people, drawn beside those of everybody; not where either level's is hidden."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.report.disclosure.gate import Tables
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.figures.retention import similar_figure
from pipeline.report.released import Released
from pipeline.results import CurvePoint, Result
from pipeline.study import Study

ANSWER = Result(
    question="C4",
    analysis="like_for_like",
    outcome="retained_day90",
    day=90,
    arm="iop",
    reference="outpatient",
    measure="risk_difference",
    unit="share",
)
END = replace(ANSWER, analysis="staying", measure="survival", reference="", estimate=0.22, twin_of=ANSWER.result_id)
ENDS = (END, replace(END, arm="outpatient", estimate=0.41))
DAYS = (0, 7, 14)


def drawn(*ends):
    points = [
        CurvePoint(
            result_id=end.result_id, arm=end.arm, state="similar", day=day, estimate=1 - day / 100, low=0.5, high=1.0
        )
        for end in ends
        for day in DAYS
    ]
    study = Study(Path("study"), arms={"outpatient": ("OP",), "iop": ("IOP",)})
    return similar_figure(Released(study, Tables((ANSWER, *ends), tuple(points)), {}, ""), ANSWER, "stays")


def test_both_levels_are_drawn_and_named_with_their_last_share():
    said = drawn(*ENDS)
    assert "IOP 22%" in said
    assert "Outpatient 41%" in said
    assert "similar people" in said


@pytest.mark.parametrize("ends", [(), ENDS[:1], (END, replace(ENDS[1], estimate=SUPPRESSED))])
def test_where_one_level_is_not_shown_nothing_is_drawn(ends):
    assert drawn(*ends) == ""
