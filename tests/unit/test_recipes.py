"""Ready mappings: what `carelevels init --from` writes, and that every recipe can be read."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.command.options import parser
from pipeline.errors import UsageError
from pipeline.ingest.mapping.reading import mapping_of
from pipeline.recipes.library import ROOM, recipe, recipes
from pipeline.start import start_study
from pipeline.study_toml.file import load_study

ROOT = Path(__file__).parents[2]


def test_every_folder_of_the_room_is_a_recipe_and_every_recipe_has_one():
    assert set(recipes()) == {path.parent.name for path in ROOM.glob("*/mapping.toml")}


def test_the_readme_names_each_recipe_with_what_it_reads():
    told = re.findall(r"^\| `(\w[\w-]*)` \| (.*?) \|", (ROOT / "README.md").read_text(), re.M)
    assert told == [(one.name, one.export) for one in recipes().values()]


def test_the_help_of_init_names_each_recipe(capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["init", "--help"])
    assert f"for one of: {', '.join(recipes())}" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("name", recipes())
def test_what_a_recipe_writes_can_be_read_as_it_is(name, tmp_path):
    said = start_study(tmp_path / "study", name)
    study = load_study(tmp_path / "study")
    assert study.study.name == "study"
    assert set(mapping_of(study).tables) <= recipe(name).tables
    assert recipe(name).yours in " ".join(said)
    waiting = {path.stem for path in (study.folder / "raw").iterdir()}
    assert waiting == set(recipe(name).waits_for), "people and stays come from somewhere"


def test_a_survey_alone_waits_for_people_and_stays(tmp_path):
    start_study(tmp_path / "study", "qualtrics")
    assert {path.name for path in (tmp_path / "study/raw").iterdir()} == {"patients.csv", "episodes.csv"}


@pytest.mark.parametrize("name", recipes())
def test_no_recipe_guesses_a_level_from_words(name):
    listed = re.search(r"^\[values\.level\].*?\n(.*?)\n\n", recipe(name).mapping, re.M | re.S)
    if listed:
        assert [line for line in listed[1].splitlines() if not line.startswith("#")] == ['"*" = ""']


def test_files_that_lie_in_raw_already_stay(tmp_path):
    raw = tmp_path / "study/raw"
    raw.mkdir(parents=True)
    (raw / "Patient.ndjson").write_text("{}\n")
    start_study(tmp_path / "study", "fhir")
    assert (raw / "Patient.ndjson").read_text() == "{}\n"


def test_a_folder_that_holds_anything_else_is_left_alone(tmp_path):
    (tmp_path / "study/raw").mkdir(parents=True)
    (tmp_path / "study/mapping.toml").write_text("# mine\n")
    with pytest.raises(UsageError, match="not empty"):
        start_study(tmp_path / "study", "fhir")
    assert (tmp_path / "study/mapping.toml").read_text() == "# mine\n"


def test_an_export_that_nobody_wrote_a_recipe_for_is_told_with_those_there_are(tmp_path):
    command = [sys.executable, "-m", "pipeline", "init", str(tmp_path / "study"), "--from", "paper"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--from takes " in done.stderr
    assert not (tmp_path / "study").exists()
