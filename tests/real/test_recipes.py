"""Each recipe reads the public export of its kind, and says nothing of levels of care that the export does not."""

import os
import shutil
from pathlib import Path

import pytest

from pipeline.ingest.run import ingest
from pipeline.stages import run
from pipeline.start import start_study
from pipeline.study_toml.file import load_study

SET_TO = os.environ.get("CARELEVELS_REAL", "")
EXPORTS = Path(SET_TO) / "exports"
pytestmark = pytest.mark.skipif(
    not (bool(SET_TO) and EXPORTS.is_dir()),
    reason="the exports are not here: CARELEVELS_REAL must name the folder that holds exports/",
)
OF_ANOTHER_SERVER = ("episodeofcare.ndjson", "servicerequest.ndjson")  # examples about people who are in no file


def begun(folder, ready, files):
    """A study with a recipe and these files as they are."""
    start_study(folder, ready)
    for path in files:
        shutil.copy(path, folder / "raw")
    return load_study(folder)


def counts(con, *tables):
    return [con.execute(f"SELECT COUNT(*) FROM staging.{table}").fetchone()[0] for table in tables]


@pytest.fixture
def con():
    import duckdb

    made = duckdb.connect()
    yield made
    made.close()


def test_synthea(tmp_path, con):
    ingest(begun(tmp_path / "study", "synthea", (EXPORTS / "synthea_csv").glob("*.csv")), con)
    assert counts(con, "patients", "sessions", "episodes", "assessments") == [27, 593, 11, 12]
    assert (
        con.execute("SELECT DISTINCT level_of_care FROM staging.sessions WHERE level_of_care <> 'ED'").fetchall() == []
    )


def test_fhir(tmp_path, con):
    files = [path for path in (EXPORTS / "fhir").iterdir() if path.name not in OF_ANOTHER_SERVER]
    ingest(begun(tmp_path / "study", "fhir", files), con)
    assert counts(con, "patients", "sessions", "followups") == [50, 50, 4]
    races = dict(con.execute("SELECT race_ethnicity, COUNT(*) FROM staging.patients GROUP BY 1").fetchall())
    assert races == {"WHITE": 43, "HISP": 5, "BLACK": 2}
    assert set(con.execute("SELECT DISTINCT level_of_care FROM staging.sessions").fetchall()) == {(None,), ("ED",)}


def test_omop(tmp_path, con):
    ingest(begun(tmp_path / "study", "omop", (EXPORTS / "omop54").glob("*.csv")), con)
    assert counts(con, "patients", "sessions", "episodes", "followups") == [28, 1778, 13, 3]
    found = con.execute("SELECT level_of_care, COUNT(*) FROM staging.sessions GROUP BY 1 ORDER BY 2").fetchall()
    assert found == [("ED", 56), (None, 1722)]


def test_omop_straight_from_a_duckdb_file(tmp_path, con):
    import duckdb

    with duckdb.connect(str(tmp_path / "cdm.duckdb")) as cdm:
        for path in (EXPORTS / "omop54").glob("*.csv"):
            cdm.execute(f"CREATE TABLE {path.stem} AS SELECT * FROM read_csv('{path}')")
    ingest(begun(tmp_path / "study", "omop", [tmp_path / "cdm.duckdb"]), con)
    assert counts(con, "patients", "sessions", "episodes", "followups") == [28, 1778, 13, 3]


def test_redcap(tmp_path, con):
    study = begun(tmp_path / "study", "redcap", [EXPORTS / "redcap/longitudinal_data.csv"])
    by_hand(
        study,
        {'# 0 = "F"\n# 1 = "M"': '0 = "F"\n1 = "M"', '# "*_arm_2" = "IOP"': '"*_arm_1" = "IOP"\n"*_arm_2" = "OP"'},
    )
    ingest(study, con)
    assert counts(con, "patients", "episodes") == [3, 3]
    assert con.execute("SELECT level_of_care, COUNT(*) FROM staging.episodes GROUP BY 1 ORDER BY 1").fetchall() == [
        ("IOP", 2),
        ("OP", 1),
    ]


def test_qualtrics(tmp_path, con):
    study = begun(tmp_path / "study", "qualtrics", [EXPORTS / "qualtrics/sample.csv"])
    by_hand(
        study,
        {
            "*, 20*.csv": "sample.csv",
            "ExternalReference": "ResponseId",
            '# PHQ9 = { items = "Q1_{1-9}", total = "SC0" }': 'PHQ9 = "Q1"',
        },
    )
    (study.folder / "raw/patients.csv").write_text("patient_id,sex\nR_2YPOQ602ER1jkf1,F\n")
    (study.folder / "raw/episodes.csv").write_text(
        "episode_id,patient_id,program_id,start_date\ne1,R_2YPOQ602ER1jkf1,g1,2017-07-01\n"
    )
    ingest(study, con)
    assert con.execute("SELECT score, assessed_day FROM staging.assessments").fetchall() == [(2, 17365)]


def test_claims(tmp_path, con):
    program = EXPORTS / "program/june"
    study = begun(tmp_path / "study", "claims", [program / "Claims_Extract.csv", program / "Client_Roster.csv"])
    (study.folder / "sources/patients.sql").unlink()
    people = 'patient_id = "Client ID"\nbirth_year = { year = "DOB" }\n\n[values.single_service] '
    by_hand(
        study,
        {
            "[values.single_service]     ": f'dates = "M/D/YYYY"\n[patients."Client_Roster.csv"]\n{people}',
            "hcpcs_code": "Proc",
            '"claim_id", "claim_line_number"': '"Claim Line"',
            "claim_start_date": "DOS",
        },
    )
    ingest(study, con)
    codes = dict(con.execute("SELECT cpt_hcpcs, COUNT(*) FROM staging.sessions GROUP BY 1").fetchall())
    assert codes == {"S9480": 8166, "H0015": 8129, "H0018": 7945, "H0035": 5179, "90837": 4708, "90834": 4616}


def by_hand(study, lines):
    """What somebody would change in the mapping: a line's text -> what they write."""
    path = study.folder / "mapping.toml"
    text = path.read_text()
    for theirs, ours in lines.items():
        assert theirs in text, theirs
        text = text.replace(theirs, ours)
    path.write_text(text)


def test_general_medicine_ends_on_pages_that_compare_nothing(tmp_path):
    study = begun(tmp_path / "study", "synthea", (EXPORTS / "synthea_csv").glob("*.csv"))
    said = []
    done = run(study, upto="report", only=None, force=False, reports=tmp_path / "reports", say=said.append)
    assert done.index.is_file()
    assert any("0 people in the analysis set" in line for line in said)
    page = (tmp_path / "reports/study/director.html").read_text()
    assert "cannot be compared here" in page
