"""Targets of a program: named like measures, shares, and held against a measure in its own direction."""

import pytest

from pipeline.errors import StudyError
from pipeline.study import Study
from pipeline.study_toml.file import load_study
from pipeline.study_toml.targets import meets, target_of


def study(tmp_path, lines):
    (tmp_path / "study.toml").write_text(f"[targets]\n{lines}\n")
    return load_study(tmp_path)


def test_a_target_of_a_day_comes_before_one_of_any_day(tmp_path):
    made = study(tmp_path, "retention_any_level = 0.5\nretention_any_level_day90 = 0.3")
    assert target_of(made, "retention_any_level", 90) == 0.3
    assert target_of(made, "retention_any_level", 30) == 0.5
    assert target_of(made, "attendance", 90) is None


def test_a_target_of_no_measure_is_refused_with_the_nearest_one(tmp_path):
    with pytest.raises(StudyError, match=r'no measure "reliable_improvment"; did you mean "reliable_improvement"'):
        study(tmp_path, "reliable_improvment = 0.4")


@pytest.mark.parametrize("value", ["0", "1", "40"])
def test_a_target_is_a_share_and_no_percentage(tmp_path, value):
    with pytest.raises(StudyError, match="a share between 0 and 1"):
        study(tmp_path, f"reliable_improvement = {value}")


def test_a_target_is_met_from_below_where_fewer_is_better():
    assert meets("readmission_30", 0.07, 0.08)
    assert not meets("readmission_30", 0.09, 0.08)
    assert meets("reliable_improvement", 0.41, 0.4)


def test_a_study_without_targets_has_none(tmp_path):
    assert Study(folder=tmp_path).targets == {}
