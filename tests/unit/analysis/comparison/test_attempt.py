"""One way to an adjusted comparison: what passes has its means, what is refused has a reason and no means."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.attempt import Passed, attempt
from pipeline.analysis.comparison.fitted import Fitted
from pipeline.analysis.contrasts import contrasts
from pipeline.analysis.gate import Refused
from pipeline.results import Verdict
from tests.unit.analysis.made_records import made_records, study

ANALYSIS = Path(__file__).parents[4] / "pipeline" / "analysis"
# C6 and C14 compare strategies, not people who started at two levels
ASK_THE_GATE = {"attempt.py", "step_down.py", "stay_strategy.py"}


def tried(tmp_path, records, **choices):
    asked = study(tmp_path, **choices)
    contrast = next(one for one in contrasts(asked) if one.role == "primary")
    people, _ = people_asked(records, contrast.endpoint, contrast.arms)
    return attempt(people, contrast.arms, asked, contrast.endpoint, "C2.example", records.controls)


def test_a_comparison_that_passes_every_line_has_its_means_and_its_chances(tmp_path):
    passed = tried(tmp_path, made_records())
    assert isinstance(passed, Passed)
    assert isinstance(passed.fitted, Fitted)
    assert passed.fitted.chances.shape == (passed.fitted.rows.sum(), 2)
    assert all(line.result_id == "C2.example" for line in passed.diagnostics)


def test_a_comparison_that_fails_a_line_is_refused_with_all_that_was_looked_at(tmp_path):
    refused = tried(tmp_path, made_records(observed=0.1))
    assert isinstance(refused, Refused)
    assert refused.verdict == Verdict.DESCRIPTIVE
    assert "has the outcome measured" in refused.reason
    assert {"observed_n", "balance"} <= {line.check for line in refused.diagnostics}


def test_where_a_confounder_is_not_recorded_all_else_is_looked_at_as_if_the_answer_were_read(tmp_path, monkeypatch):
    records = made_records(n=1500, sites=7, record=0.5)
    refused = tried(tmp_path, records)
    assert "Suicide risk at start" in refused.reason
    monkeypatch.setattr("pipeline.analysis.comparison.attempt.well_recorded", lambda *_, **__: True)
    read = tried(tmp_path, records)
    assert refused.diagnostics == read.diagnostics
    assert refused.reason == read.reason


def test_an_arm_without_a_score_at_the_start_has_no_comparable_patients(tmp_path):
    records = made_records()
    inpatients = records.people.loc[records.people["arm"] == "inpatient", "episode_id"]
    scores = records.scores[~records.scores["episode_id"].isin(inpatients)]
    refused = tried(tmp_path, replace(records, scores=scores))
    assert refused.verdict == Verdict.NO_COMPARABLE
    assert refused.reason.startswith("nobody in inpatient has a score on the PHQ-9 at the start (day -7 to day 1)")


@pytest.mark.parametrize("name", ["refusal", "diagnose", "check_controls"])
def test_nothing_but_the_engine_puts_a_comparison_before_the_gate(name):
    asking = {
        path.name
        for path in ANALYSIS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names)
    }
    assert "attempt.py" in asking
    assert asking <= ASK_THE_GATE
