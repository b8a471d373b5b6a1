"""What `carelevels init --from redcap` and `--from qualtrics` make of the files that the two survey systems export."""

import pytest

from pipeline.errors import StructureError
from pipeline.start import start_study
from pipeline.study_toml.file import load_study
from tests.unit.ingest.deliveries import csv, ingested

PROJECT = """
    record_id,redcap_event_name,redcap_repeat_instance,dob,sex,admission_date,discharge_date,phq_gad_timestamp,phq9_1,phq9_2,phq9_3,phq9_4,phq9_5,phq9_6,phq9_7,phq9_8,phq9_9,phq9_total
    7,intake_arm_1,,1980-04-09,0,2025-01-06,2025-02-14,2025-01-06 10:02:11,1,1,1,1,1,1,1,1,1,9
    7,day_90_arm_1,,,,,,2025-04-07 09:00:00,0,1,0,1,0,1,0,1,,
    7,day_180_arm_1,,,,,,[not completed],,,,,,,,,,
    8,intake_arm_2,,1990-01-02,1,2025-01-08,,2025-01-08 12:00:00,2,2,2,2,2,2,2,2,2,18
"""
ITEMS = ",".join(f"Q1_{place}" for place in range(1, 10))
SURVEY = (
    f"StartDate,Status,RecordedDate,ExternalReference,{ITEMS},SC0\n"
    f"Start,Type,Recorded,Reference,{','.join('item' for _ in range(9))},Score\n"
    + ",".join(f'"{{""ImportId"": ""q{place}""}}"' for place in range(14))
    + "\n2025-01-06 09:00:00,0,2025-01-06 09:05:00,p1,1,1,1,1,1,1,1,1,1,9\n"
    "2025-01-06 09:00:00,1,2025-01-06 09:05:00,p1,3,3,3,3,3,3,3,3,3,27\n"
    "2025-01-07 09:00:00,0,2025-01-07 09:05:00,,2,2,2,2,2,2,2,2,2,18\n"
)
NAME = "Intake survey_July 5, 2026_10.22.csv"


def project(folder, *, codes=True):
    """A study that reads the project; `codes` says what its numbers mean."""
    start_study(folder, "redcap")
    (folder / "raw/Study_DATA_2026-07-05_1022.csv").write_text(csv(PROJECT))
    mapping = folder / "mapping.toml"
    text = mapping.read_text().replace('# "*_arm_2" = "IOP"', '"*_arm_1" = "IOP"\n"*_arm_2" = "OP"')
    if codes:
        text = text.replace('# 0 = "F"\n# 1 = "M"', '0 = "F"\n1 = "M"')
    mapping.write_text(text)
    return load_study(folder)


@pytest.fixture(scope="module")
def redcap(tmp_path_factory):
    con, _ = ingested(project(tmp_path_factory.mktemp("redcap") / "study"))
    return con


def test_a_record_is_a_person_once_however_many_events_it_has(redcap):
    found = redcap.execute("SELECT patient_id, sex, birth_year FROM staging.patients ORDER BY 1").fetchall()
    assert found == [("7", "F", 1980), ("8", "M", 1990)]


def test_an_arm_is_a_level_once_a_line_says_so(redcap):
    found = redcap.execute("SELECT patient_id, level_of_care, end_day - start_day FROM staging.episodes ORDER BY 1")
    assert found.fetchall() == [("7", "IOP", 39), ("8", "OP", None)]


def test_each_event_with_answers_is_one_assessment_and_a_survey_begun_only_is_none(redcap):
    found = redcap.execute(
        "SELECT patient_id, score, n_items_answered, occasion FROM staging.assessments ORDER BY 1, 2"
    )
    assert found.fetchall() == [("7", 5, 8, None), ("7", 9, 9, "intake"), ("8", 18, 9, "intake")]


def test_codes_that_mean_another_thing_in_each_project_are_asked_for(tmp_path):
    with pytest.raises(StructureError, match="sex are none of F, M, X, U"):
        ingested(project(tmp_path / "study", codes=False))


def test_a_field_that_nobody_filled_leaves_no_person_and_the_mapping_is_named(tmp_path):
    study = project(tmp_path / "study")
    (study.folder / "raw/Study_DATA_2026-07-05_1022.csv").write_text("record_id,sex,admission_date\n7,,2025-01-06\n")
    with pytest.raises(StructureError, match=r"mapping\.toml leaves all of its rows out"):
        ingested(study)


def survey(folder, lines=""):
    """A study that reads a survey; `lines` are added to the end of its mapping."""
    start_study(folder, "qualtrics")
    (folder / "raw" / NAME).write_text(SURVEY)
    (folder / "raw/patients.csv").write_text("patient_id,sex\np1,F\n")
    (folder / "raw/episodes.csv").write_text("episode_id,patient_id,program_id,start_date\ne1,p1,g1,2025-01-06\n")
    mapping = folder / "mapping.toml"
    mapping.write_text(mapping.read_text() + lines)
    return ingested(load_study(folder))


def test_a_survey_whose_scales_nobody_named_is_not_read_and_told(tmp_path):
    con, report = survey(tmp_path / "study")
    assert con.execute("SELECT COUNT(*) FROM staging.assessments").fetchall() == [(0,)]
    assert any("any of its scales" in line for line in report.lines())


def test_responses_count_and_previews_and_strangers_do_not(tmp_path):
    con, _ = survey(tmp_path / "study", 'PHQ9 = { items = "Q1_{1-9}", total = "SC0" }\n')
    found = con.execute("SELECT patient_id, instrument_id, score, n_items_answered FROM staging.assessments").fetchall()
    assert found == [("p1", "PHQ9", 9, 9)]
