"""The study folder: same seed, same bytes; nobody's files are overwritten."""

import json
import re

import numpy as np
import pytest

from pipeline.errors import UsageError
from pipeline.study import tracks_are_primary
from pipeline.study_toml.file import load_study
from pipeline.synthetic.output.files import refuse_to_overwrite, sha256
from pipeline.synthetic.output.run import synthesize
from pipeline.synthetic.output.study_file import synthetic_study
from pipeline.synthetic.records.identifiers import tokens


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic") / "small"
    return folder, synthesize(folder, patients=400, seed=5)


def test_the_same_seed_makes_the_same_bytes(made, tmp_path):
    folder, report = made
    again = synthesize(tmp_path / "small", patients=400, seed=5)
    assert again.files == report.files
    assert report.files["raw/sessions.csv"] == sha256(folder / "raw" / "sessions.csv")


def test_another_seed_makes_other_people_in_the_same_world(made, tmp_path):
    folder, report = made
    other = synthesize(tmp_path / "small", patients=400, seed=6)
    differs = {name for name in report.files if report.files[name] != other.files[name]}
    assert differs >= {"raw/patients.csv", "raw/episodes.csv", "raw/sessions.csv", "raw/assessments.csv"}
    assert programs_in(folder) == programs_in(tmp_path / "small")


def programs_in(folder):
    lines = (folder / "raw" / "programs.csv").read_text().splitlines()
    return [line.split(",")[:3] for line in lines]


def test_the_study_file_is_a_valid_study_with_a_watermark_and_three_outcomes(made):
    study = load_study(made[0])
    assert study.study.synthetic
    assert study.study.name == "small"
    assert study.study.regime == "limited-data-set"
    assert study.study.seed == 5
    assert [outcome.name for outcome in study.outcomes] == ["phq9_day90", "gad7_day90", "pcl5_day90"]
    assert (study.outcomes[0].margin, study.outcomes[0].comparator_effect) == (1.0, 2.0)
    assert study.comparison.primary == ("iop", "inpatient", "phq9_day90")


def test_the_scenario_about_the_trauma_track_declares_it_as_the_primary_contrast(tmp_path):
    (tmp_path / "study.toml").write_text(synthetic_study("known", "limited-data-set", 1, "known_effect"))
    study = load_study(tmp_path)
    assert study.comparison.primary == ("trauma", "general", "pcl5_day90")
    assert tracks_are_primary(study)


def test_truth_lies_beside_the_records_and_never_in_them(made):
    truths = json.loads((made[0] / "truth.json").read_text())
    assert len(truths) >= 16
    header = "".join((made[0] / "raw" / f"{name}.csv").open().readline() for name in made[1].rows)
    assert not re.search("potential|propensity|hardship|effect|truth", header)


def test_files_it_made_itself_are_made_anew(made, tmp_path):
    synthesize(tmp_path / "small", patients=300)
    (tmp_path / "small" / "warehouse.duckdb").write_bytes(b"built")
    report = synthesize(tmp_path / "small", patients=400, seed=5)
    assert report.files == made[1].files
    assert (tmp_path / "small" / "warehouse.duckdb").read_bytes() == b"built"


def test_a_folder_with_somebodys_own_file_is_refused_and_left_alone(tmp_path):
    (tmp_path / "raw").mkdir()
    mine = tmp_path / "raw" / "patients.csv"
    mine.write_text("patient_id\nmine\n")
    with pytest.raises(UsageError, match="name an empty or new folder"):
        synthesize(tmp_path, patients=300)
    assert mine.read_text() == "patient_id\nmine\n"
    assert [path.name for path in tmp_path.rglob("*")] == ["raw", "patients.csv"]


def test_a_file_changed_by_hand_is_not_overwritten(tmp_path):
    synthesize(tmp_path / "small", patients=300)
    study = tmp_path / "small" / "study.toml"
    study.write_text(study.read_text() + "\n# my own choice\n")
    with pytest.raises(UsageError, match=r"study\.toml was changed"):
        synthesize(tmp_path / "small", patients=300)


def test_an_added_file_is_refused_too(tmp_path):
    synthesize(tmp_path / "small", patients=300)
    (tmp_path / "small" / "raw" / "sessions_mine.csv").write_text("mine\n")
    with pytest.raises(UsageError, match="sessions_mine"):
        refuse_to_overwrite(tmp_path / "small")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"patients": 10}, "--patients"), ({"scenario": "nul"}, "choose one of"), ({"regime": "none"}, "choose one of")],
)
def test_arguments_that_cannot_be_are_refused_before_anything_is_written(tmp_path, wrong, says):
    with pytest.raises(UsageError, match=says):
        synthesize(tmp_path / "small", **wrong)
    assert not (tmp_path / "small").exists()


def test_the_report_is_plain_json(made):
    assert json.loads(json.dumps(made[1].as_json()))["patients"] == 400


def test_tokens_are_unique_and_say_nothing_about_order():
    made = tokens("p", 20_000, np.random.default_rng(1))
    assert len(set(made)) == 20_000
    assert all(re.fullmatch("p[2-9a-z]{7}", token) for token in made[:200])
    order = np.argsort(made)
    assert abs(np.corrcoef(order, np.arange(20_000))[0, 1]) < 0.05
