"""How sure each confirmatory answer must be: all of them together, and nothing spent on what cannot be asked."""

from dataclasses import replace

import pytest

from pipeline.analysis.contrasts import can_be_put, confirmatory_level, pairs, role
from pipeline.study import Outcome
from tests.unit.analysis.made_records import study


def shared_by(asked):
    return round(0.05 / (1 - confirmatory_level(asked)))


def test_confirmatory_answers_share_five_in_a_hundred(tmp_path):
    asked = study(tmp_path)
    contrasts = sum(role(asked, *pair) == "confirmatory" for pair in pairs(asked))
    assert shared_by(asked) == contrasts + 4  # C3, C6, C7 and C13; no PCL-5 is followed, so C10 cannot be asked


def test_a_study_that_follows_the_pcl5_shares_it_with_the_question_of_tracks(tmp_path):
    asked = study(tmp_path)
    with_pcl5 = replace(asked, outcomes=(*asked.outcomes, Outcome(name="pcl5_day90", instrument="PCL5")))
    assert shared_by(with_pcl5) == shared_by(asked) + 1


@pytest.mark.parametrize(
    ("changes", "without"),
    [
        ({"outcomes": ()}, {"C3", "C10", "C13"}),
        ({"arms": {"outpatient": ("OP",), "iop": ("IOP",)}}, {"C10", "C13"}),
        ({"arms": {"ambulatory": ("OP", "IOP"), "inpatient": ("IP",)}}, {"C3", "C10"}),
        ({"arms": {"outpatient": ("OP",), "php": ("PHP",)}}, {"C3", "C10", "C13"}),
    ],
)
def test_questions_for_which_a_study_declares_nothing_spend_no_part_of_the_error(tmp_path, changes, without):
    asked = replace(study(tmp_path), **changes)
    assert {code for code in ("C3", "C6", "C7", "C10", "C13") if not can_be_put(asked, code)} == without
