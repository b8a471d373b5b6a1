"""A three-site program's ten files as its systems export them: drafted, mapped without SQL, and read again next month.

The export is made up, with names and dates of birth left in on purpose; what is planted in it is known: intensive
outpatient care is as good as residential care, and two points better than outpatient care.
"""

import os
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from pipeline import store
from pipeline.ingest.drafting.run import draft_mapping
from pipeline.stages import run
from pipeline.study_toml.file import load_study
from tests.unit.ingest.deliveries import ingested, rows

REAL = Path(os.environ.get("CARELEVELS_REAL", "")) / "exports" / "program"
pytestmark = pytest.mark.skipif(
    "CARELEVELS_REAL" not in os.environ or not REAL.is_dir(), reason="CARELEVELS_REAL does not name the exports"
)
STUDY = """\
[study]
name = "program"
[confounders]  # nobody's first day of residential care is by video, so that cannot be made alike
more = ["prior_episodes", "sud", "trauma", "age", "sex", "payer", "referral_source", "housing", "quarter"]
"""
BY_HAND = {  # what the program's own code book says, and one word that no list of ours knows
    '# "01" = ""': '"01" = "completed"',
    '# "02" = ""': '"02" = "transferred"',
    '# "03" = ""': '"03" = "dropped_out"',
    '# "04" = ""': '"04" = "ama"',
    '# "05" = ""': '"05" = "terminated"',
    '# "06" = ""': '"06" = "moved_or_payer"',
    '# "07" = ""': '"07" = "died"',
    '# "99" = ""': '"99" = "unknown"',
    '"Referral Source", values = "known" }': '"Referral Source", values = [{ Alumni = "other" }, "known"] }',
    '["ending", "known"] }': '["ending", "known"], default = "unknown" }',
}


def study_of(folder, month):
    """A study folder over the files of a month."""
    shutil.copytree(REAL / month, folder / "raw", dirs_exist_ok=True, copy_function=shutil.copyfile)
    (folder / "study.toml").write_text(STUDY)
    return load_study(folder)


def standing(text):
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.fixture(scope="module")
def june(tmp_path_factory):
    """The drafted mapping of June with what a person fills in."""
    study = study_of(tmp_path_factory.mktemp("june"), "june")
    draft_mapping(study, lambda line: None)
    path = study.folder / "mapping.toml"
    text = path.read_text()
    for drafted, filled in BY_HAND.items():
        assert drafted in text, drafted
        text = text.replace(drafted, filled)
    path.write_text(text)
    return study


@pytest.fixture(scope="module")
def read(june):
    return ingested(june)


def staged(con):
    return dict(rows(con, 'SELECT "table", CAST(sum(kept) AS INTEGER) FROM staging.files GROUP BY 1'))


def test_the_whole_mapping_is_eighty_lines_of_which_seven_in_eight_were_drafted_as_they_stand(june):
    lines = standing((june.folder / "mapping.toml").read_text())
    assert len(lines) <= 80
    assert max(map(len, lines)) <= 120
    assert len(BY_HAND) <= len(lines) / 7


def test_no_name_no_birth_date_and_no_address_stands_in_the_draft(june):
    text = (june.folder / "mapping.toml").read_text()
    con = duckdb.connect()
    roster = con.execute(
        f'SELECT "Last Name", "First Name", CAST(DOB AS VARCHAR), "Client ID" FROM read_csv(\'{REAL}/june/Client_Roster.csv\')'
    ).fetchall()
    values = {str(cell) for row in roster for cell in row}
    assert not [value for value in values if re.search(rf"\b{re.escape(value)}\b", text)]
    assert "@" not in text


def test_every_row_of_the_ten_files_is_kept_or_told(read):
    con, report = read
    # 2,510 people, 3,436 admissions; of 53,308 appointments 3,867 are to come or were moved and 555 stand twice; of the
    # claims 2,552 were denied; 45 surveys are of people in no roster, two instruments each, and a few cannot be scored.
    assert staged(con) == {
        "patients": 2_510,
        "episodes": 3_436,
        "sessions": 48_886,
        "assessments": 27_778,
        "discharges": 2_924,
        "followups": 2_602,
        "costs": 40_923,
    }
    assert report.quarantined == 96
    assert {breach.rule for breach in report.breaches if breach.severity == "quarantine"} == {"patient_id_unknown"}


def test_levels_and_scores_are_read_as_the_program_means_them(read):
    con, _ = read
    levels = dict(rows(con, "SELECT level_of_care, count(*) FROM staging.episodes GROUP BY 1"))
    assert set(levels) == {"OP", "IOP", "PHP", "RES"}
    assert rows(
        con,
        "SELECT min(score), max(score), count(*) FILTER (WHERE score < 0) FROM staging.assessments WHERE instrument_id = 'PHQ9'",
    ) == [(0, 27, 0)]
    assert rows(con, "SELECT count(*) FROM staging.sessions WHERE modality NOT IN ('video', 'in_person')") == [(0,)]
    assert rows(con, "SELECT min(amount) > 0, count(DISTINCT price_year) FROM staging.costs WHERE amount <> 0") == [
        (True, 2)
    ]


def test_july_needs_no_line_more(june, tmp_path):
    study = study_of(tmp_path, "july")
    before = (june.folder / "mapping.toml").read_text()
    (tmp_path / "mapping.toml").write_text(before)
    told = []
    draft_mapping(study, told.append)
    assert (tmp_path / "mapping.toml").read_text() == before
    con, report = ingested(study)
    assert staged(con)["patients"] > 2_510
    assert {breach.rule for breach in report.breaches if breach.severity == "quarantine"} == {"patient_id_unknown"}


def test_the_planted_truth_comes_out(june, tmp_path):
    run(june, upto="analyze", only=None, force=False, reports=tmp_path, say=lambda line: None)
    with store.reading(june, store.RESULTS) as con:
        found = con.execute(
            "SELECT reference, estimate, low, high FROM results WHERE question = 'C2' AND analysis = 'like_for_like' "
            "AND outcome = 'phq9_day90' AND arm = 'iop' AND reference <> ''"
        ).fetchall()
    limits = {reference: (low, high) for reference, _, low, high in found}
    truth = {"inpatient": 0.0, "outpatient": 2.0}
    assert set(limits) == set(truth)
    for reference, (low, high) in limits.items():
        assert low <= truth[reference] <= high, reference
        assert high - low < 2.5, "limits so wide that they would hold anything"
