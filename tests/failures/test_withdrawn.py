"""A person who withdrew stays out: under any name of the study, of every table and of the file itself, or nothing is
built."""

import hashlib
import json

import duckdb
import pytest

from pipeline.__main__ import main
from pipeline.storage.ledger_file import FORGOTTEN
from tests.unit.ingest.deliveries import HONEST, csv, delivery, ingested, rows

DONE, FAILED, USAGE = 0, 1, 2
PERSON = "WITHDRAWN77"
RENAMED = {table: csv(drawn).replace("p1,", f"{PERSON},").encode() for table, drawn in HONEST.items()}


@pytest.fixture
def study(tmp_path):
    delivery(tmp_path / "study", **RENAMED)
    return tmp_path / "study"


def said(capsys, *words):
    code = main([str(word) for word in words])
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert PERSON not in told
    return code, told


def people(study):
    with duckdb.connect(str(study / "warehouse.duckdb"), read_only=True) as con:
        return {person for (person,) in con.execute("SELECT patient_id FROM staging.patients").fetchall()}


def earlier_line(study, name):
    """A withdrawal as earlier versions noted it: salted with the study's name."""
    (study / "ledger").mkdir(exist_ok=True)
    digest = hashlib.sha256(f"{name}:{PERSON}".encode()).hexdigest()
    with open(study / "ledger" / FORGOTTEN, "a") as handle:
        handle.write(json.dumps({"sha256": digest, "when": "2025-01-01T00:00:00Z"}) + "\n")


def name_it(study, name):
    (study / "study.toml").write_text(f'[study]\nname = "{name}"\n')


def test_another_name_or_folder_of_the_study_does_not_undo_a_withdrawal(study, tmp_path, capsys):
    assert said(capsys, "forget", study, PERSON)[0] == DONE
    name_it(study, "renamed")
    moved = study.rename(tmp_path / "moved")
    assert said(capsys, "ingest", moved)[0] == DONE
    assert people(moved) == {"p2", "p3", "p4"}


def test_nothing_of_a_withdrawn_person_is_left_in_any_table_or_in_the_file(study, capsys):
    assert said(capsys, "ingest", study)[0] == DONE
    assert PERSON.encode() in (study / "warehouse.duckdb").read_bytes()
    assert said(capsys, "forget", study, PERSON)[0] == DONE
    for words in (("ingest", study), ("build", study)):
        assert said(capsys, *words)[0] == DONE
    assert PERSON.encode() not in (study / "warehouse.duckdb").read_bytes()
    with duckdb.connect(str(study / "warehouse.duckdb"), read_only=True) as con:
        gone = con.execute("SELECT sum(forgotten) FROM staging.files").fetchall()
        assert con.execute("SELECT min(source_row), max(source_row) FROM staging.sessions").fetchall() == [(5, 9)]
    assert gone == [(10,)]


def test_a_withdrawal_says_where_the_person_is(study, capsys):
    assert said(capsys, "ingest", study)[0] == DONE
    code, told = said(capsys, "forget", study, PERSON)
    assert code == DONE
    assert "noted, without the id" in told
    assert "patients.csv 1" in told
    assert "sessions.csv 3" in told
    assert "rows in warehouse.duckdb until the next run: " in told
    assert "results, pages and exports made so far count this person" in told
    assert "was noted before" in said(capsys, "forget", study, PERSON)[1]
    assert len((study / "ledger" / FORGOTTEN).read_text().splitlines()) == 1


def test_an_id_that_nobody_has_is_not_noted(study, capsys):
    code, told = said(capsys, "forget", study, PERSON.lower())
    assert code == USAGE
    assert "nobody with this id is in the raw files or the databases (one that differs only in capitals" in told
    assert "Check its spelling" in told
    assert "nothing was noted" in told
    assert not (study / "ledger" / FORGOTTEN).exists()
    assert "differs only" not in said(capsys, "forget", study, "nobody")[1]


def test_an_id_of_a_later_export_is_noted_where_that_is_asked_for(study, capsys):
    code, told = said(capsys, "forget", study, "later1", "--yes")
    assert code == DONE
    assert "it is noted all the same, for a later export" in told
    (study / "raw" / "patients.csv").write_text(RENAMED["patients"].decode() + "later1,1980,F\n".rjust(0))
    assert "was noted before" in said(capsys, "forget", study, "later1")[1]


def test_a_withdrawal_is_noted_also_where_the_files_cannot_be_looked_into(study, capsys):
    (study / "raw" / "patients.csv").write_text("nothing,of,ours\n1,2,3\n")
    code, told = said(capsys, "forget", study, "somebody")
    assert code == DONE
    assert "could not be looked into" in told
    assert (study / "ledger" / FORGOTTEN).exists()


def test_a_withdrawal_by_an_earlier_version_holds_and_is_tied_to_its_name_by_the_next_run(study, capsys):
    earlier_line(study, "test")
    assert said(capsys, "ingest", study)[0] == DONE
    assert people(study) == {"p2", "p3", "p4"}
    name_it(study, "another")
    assert said(capsys, "ingest", study, "--force")[0] == DONE
    assert people(study) == {"p2", "p3", "p4"}


def test_a_withdrawal_by_an_earlier_version_that_fits_nobody_is_refused_until_its_name_is_told(study, capsys):
    earlier_line(study, "old name")
    for command in ("ingest", "check"):
        code, told = said(capsys, command, study)
        assert code == FAILED
        assert f"{FORGOTTEN}, line 1: an earlier version tied it to the study's name" in told
        assert "--under NAME" in told
    assert not (study / "warehouse.duckdb").exists()
    assert said(capsys, "forget", study, "--under", "old name")[0] == DONE
    assert said(capsys, "ingest", study)[0] == DONE
    assert people(study) == {"p2", "p3", "p4"}


@pytest.mark.parametrize("how", ["removed", "emptied"])
def test_a_list_that_lost_its_lines_is_refused(study, capsys, how):
    assert said(capsys, "forget", study, PERSON)[0] == DONE
    path = study / "ledger" / FORGOTTEN
    path.unlink() if how == "removed" else path.write_text("")
    for words in (("ingest", study), ("check", study)):
        code, told = said(capsys, *words)
        assert code == FAILED
        assert "has 0 lines and had 1" in told
        assert "backup" in told


def test_a_ledger_that_is_gone_altogether_is_missed_by_what_was_built_with_it(study, capsys):
    import shutil

    assert said(capsys, "forget", study, PERSON)[0] == DONE
    assert said(capsys, "ingest", study)[0] == DONE
    shutil.rmtree(study / "ledger")
    code, told = said(capsys, "ingest", study, "--force")
    assert code == FAILED
    assert "has 0 lines and had 1" in told
    assert people(study) == {"p2", "p3", "p4"}


def test_forget_needs_an_id_or_a_name_and_not_both(study, capsys):
    assert said(capsys, "forget", study)[0] == USAGE
    assert said(capsys, "forget", study, "x", "--under", "y")[0] == USAGE


@pytest.mark.parametrize("noted", ["101.0", "101"])
def test_a_person_whose_id_a_data_frame_made_decimal_stays_out_however_the_id_was_noted(tmp_path, noted):
    patients = "patient_id,sex\n101.0,F\n102.0,M\n"
    sessions = (
        "session_id,patient_id,program_id,service_date,status\n"
        "s1,101.0,g1,2025-01-06,attended\ns2,102.0,g1,2025-01-06,attended\n"
    )
    study = delivery(tmp_path, only=(), patients=patients, sessions=sessions)
    assert main(["forget", str(study.folder), noted, "--yes"]) == 0
    con, report = ingested(study)
    assert rows(con, "SELECT patient_id FROM staging.patients") == [("102",)]
    assert sum(file.forgotten for file in report.files) == 2
