"""The tool's own empty templates beside a program's files: they never stand in the way, and are told."""

import pytest

from pipeline.errors import StructureError
from pipeline.ingest.drafting.run import draft_mapping
from pipeline.ingest.files.templates import is_template
from pipeline.ingest.run import check
from pipeline.start import start_study
from pipeline.study_toml.file import load_study
from tests.unit.ingest.deliveries import HONEST, csv

MAPPED = """
[patients."Roster.csv"]
patient_id = "Client ID"
[episodes."Stays.csv"]
episode_id = "Stay"
patient_id = "Client ID"
program_id = "=g1"
level_of_care = "Level"
start = "Admitted"
end = "Left"
[discharges."discharges"]
episode_id = "Stay"
discharge = "Left"
ending = "How"
"""
FILES = {
    "Roster.csv": "Client ID\np1\np2\n",
    "Stays.csv": "Stay,Client ID,Level,Admitted,Left\ne1,p1,IOP,2025-01-06,2025-02-14\ne2,p2,OP,2025-03-03,2025-04-11\n",
    "Discharges.csv": "Stay,Left,How\ne1,2025-02-14,completed\ne2,2025-04-11,dropped_out\n",
}


@pytest.fixture
def begun(tmp_path):
    """A study as `carelevels init` leaves it."""
    start_study(tmp_path / "mine")
    return tmp_path / "mine"


def bring(folder, files):
    for name, text in files.items():
        (folder / "raw" / name).write_text(text)


def test_templates_left_empty_stand_in_no_mapping_s_way_and_are_told_once(begun):
    bring(begun, FILES)
    (begun / "mapping.toml").write_text(MAPPED)
    found = check(load_study(begun))
    assert {file.file: file.kept for file in found.files} == {"Roster.csv": 2, "Stays.csv": 2, "Discharges.csv": 2}
    told = [line for line in found.warnings if "template" in line]
    assert len(told) == 1
    assert all(name in told[0] for name in ("sessions.csv", "discharges.csv", "delete them"))


def test_a_template_that_was_filled_in_is_read_beside_a_mapping(begun):
    bring(begun, FILES | {"programs.csv": "program_id,level_of_care,site\ng1,IOP,north\n"})
    (begun / "mapping.toml").write_text(MAPPED)
    found = check(load_study(begun))
    assert {"programs.csv": 1}.items() <= {file.file: file.kept for file in found.files}.items()
    assert not any("programs.csv" in line for line in found.warnings)


def test_people_whom_nothing_reads_are_missed_by_the_name_of_their_empty_template(begun):
    bring(begun, {name: FILES[name] for name in ("Stays.csv", "Discharges.csv")})
    (begun / "mapping.toml").write_text(MAPPED.partition("[episodes")[1] + MAPPED.partition("[episodes")[2])
    with pytest.raises(StructureError, match=r"patients\.csv is still an empty template"):
        check(load_study(begun))


def test_the_same_table_as_a_workbook_or_another_spelling_comes_before_its_template(begun):
    bring(begun, {"Patients.TXT": csv(HONEST["patients"]), "Episodes_2025.csv": csv(HONEST["episodes"])})
    found = check(load_study(begun))
    assert {file.file for file in found.files if file.read} == {"Patients.TXT", "Episodes_2025.csv"}
    assert any(line.startswith("episodes.csv, patients.csv are empty templates") for line in found.warnings)


def test_map_says_that_nothing_is_new_where_nothing_is(begun):
    bring(begun, FILES)
    draft_mapping(load_study(begun), str)
    said = []
    draft_mapping(load_study(begun), said.append)
    assert said[0].startswith("nothing is new")


@pytest.mark.parametrize(
    ("name", "text", "is_one"),
    [
        ("discharges.csv", "episode_id,discharge_date,ending\n", True),
        ("discharges.csv", "episode_id\r\n\r\n", True),
        ("discharges.csv", "episode_id,ending\ne1,completed\n", False),
        ("discharges.csv", "Admission ID,ending\n", False),
        ("discharges.csv", "", False),
        ("other.csv", "episode_id\n", False),
        ("discharges.tsv", "episode_id\n", False),
    ],
)
def test_a_template_has_our_name_our_columns_and_no_row(tmp_path, name, text, is_one):
    (tmp_path / name).write_bytes(text.encode())
    assert is_template(tmp_path / name) is is_one
