"""What the pipeline itself keeps may be damaged, of another version, or something else may lie in its place: it is
told, with the way out, and never skipped."""

import json
import random
import shutil

import duckdb
import pytest

from pipeline import store
from pipeline.__main__ import main
from pipeline.storage import ledger_file
from pipeline.study_toml.file import load_study
from tests.unit.ingest.deliveries import delivery

DONE, FAILED, QUARANTINED = 0, 1, 3


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A small study that was ingested, built and analyzed."""
    folder = tmp_path_factory.mktemp("whole") / "study"
    delivery(folder, only=("patients", "episodes", "sessions"))
    for stage in ("ingest", "build", "analyze"):
        assert main([stage, str(folder)]) == DONE
    return folder


@pytest.fixture
def study(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "study")


def said(capsys, *words):
    """Exit code and what was said of a command; never a traceback, nor the last net."""
    code = main([str(word) for word in words])
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert "not foreseen" not in told
    return code, told


def noise(size=40_000):
    return random.Random(7).randbytes(size)


def damage(path, how):
    content = path.read_bytes()
    if how == "empty":
        path.write_bytes(b"")
    elif how == "cut off":
        path.write_bytes(content[: len(content) // 3])
    elif how == "random bytes":
        path.write_bytes(noise())
    elif how == "random bytes in its head":
        path.write_bytes(noise(4096) + content[4096:])
    elif how == "random bytes in its middle":
        path.write_bytes(content[: len(content) // 4] + noise(len(content) // 2) + content[-len(content) // 4 :])
    elif how == "another program's database":
        path.unlink()
        with duckdb.connect(str(path)) as con:
            con.execute("CREATE TABLE manifest_stage (x INTEGER); INSERT INTO manifest_stage VALUES (1)")
    elif how == "a note that is no JSON":
        with duckdb.connect(str(path)) as con:
            con.execute("UPDATE manifest_stage SET content = '{'")


HOWS = (
    *("cut off", "random bytes", "random bytes in its head", "random bytes in its middle"),
    *("another program's database", "a note that is no JSON"),
)


@pytest.mark.parametrize("how", HOWS)
def test_a_damaged_warehouse_is_told_and_built_anew_from_the_raw_files(study, capsys, how):
    damage(study / store.WAREHOUSE, how)
    code, told = said(capsys, "analyze", study, "--force")
    assert code == FAILED
    assert "warehouse.duckdb cannot be read" in told
    assert f"carelevels run {study} --force" in told
    code, told = said(capsys, "ingest", study, "--force")
    assert code == DONE
    with store.reading(load_study(study), store.WAREHOUSE) as con:
        assert con.execute("SELECT count(*) FROM staging.patients").fetchall() == [(4,)]


@pytest.mark.parametrize("how", ["cut off", "random bytes"])
def test_without_force_too_a_damaged_database_is_built_anew_and_said_to_be(study, capsys, how):
    damage(study / store.WAREHOUSE, how)
    code, told = said(capsys, "ingest", study)
    assert code == DONE
    assert "warehouse.duckdb cannot be read (damaged, or made by another version); it is built anew" in told


@pytest.mark.parametrize("how", [how for how in HOWS if how != "a note that is no JSON"])  # that one only runs read
def test_damaged_results_are_told_with_the_way_out(study, capsys, how):
    damage(study / store.RESULTS, how)
    for words in (("results", study, "--csv"), ("explain", study, "C2.x"), ("report", study)):
        code, told = said(capsys, *words)
        assert code == FAILED, words
        assert "results.duckdb cannot be read" in told
        assert f"carelevels run {study} --force" in told


def test_results_that_are_damaged_deep_within_are_made_anew_when_forced(study, capsys):
    damage(study / store.RESULTS, "random bytes in its middle")
    assert said(capsys, "analyze", study, "--force")[0] == DONE
    found = said(capsys, "results", study, "--csv")
    assert found[0] == DONE, found


def test_results_whose_note_is_damaged_are_made_anew_and_said_to_be(study, capsys):
    damage(study / store.RESULTS, "a note that is no JSON")
    code, told = said(capsys, "analyze", study)
    assert code == DONE
    assert "results.duckdb cannot be read (damaged, or made by another version); it is built anew" in told
    found = said(capsys, "results", study, "--csv")
    assert found[0] == DONE, found


def test_an_empty_database_is_built_anew(study, capsys):
    for name in (store.WAREHOUSE, store.RESULTS):
        damage(study / name, "empty")
    for stage in ("ingest", "build", "analyze"):
        assert said(capsys, stage, study)[0] == DONE
    found = said(capsys, "results", study, "--csv")
    assert found[0] == DONE, found


@pytest.mark.parametrize("name", [store.WAREHOUSE, store.RESULTS])
def test_a_folder_in_the_place_of_a_database_is_told(study, capsys, name):
    (study / name).unlink()
    (study / name).mkdir()
    for command in ("ingest", "build", "analyze"):
        code, told = said(capsys, command, study, "--force")
        if code == FAILED:
            assert name in told
            assert "move that folder away" in told
            return
    pytest.fail("nobody minded the folder")


def test_what_an_interrupted_change_left_beside_a_database_does_not_enter_the_next_one(study, capsys):
    (study / f"{store.WAREHOUSE}.wal").write_bytes(noise(5000))
    assert said(capsys, "ingest", study, "--force")[0] == DONE
    assert not (study / f"{store.WAREHOUSE}.wal").exists()
    assert said(capsys, "build", study)[0] == DONE


def test_another_program_that_holds_a_database_is_told(study, capsys):
    import subprocess
    import sys

    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import duckdb, sys; c = duckdb.connect({str(study / store.RESULTS)!r}); print(1, flush=True); sys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    holder.stdout.readline()
    code, told = said(capsys, "results", study, "--csv")
    holder.communicate(b"")
    assert code == FAILED
    assert "another program has" in told


LINES = {
    "no JSON": b"{oops\n",
    "bytes that are no text": b"\xff\xfe\n",
    "a number": b"5\n",
    "cut off": b'{"when": "2026-01-01T00:00:00Z"',
    "another checksum": b'{"check": "0000000000000000", "when": "2026-01-01T00:00:00Z"}\n',
    "nested without end": b"[" * 20_000 + b"\n",
}


@pytest.mark.parametrize("name", [ledger_file.PROTOCOL, ledger_file.FORGOTTEN, ledger_file.AUDIT])
@pytest.mark.parametrize("line", LINES)
def test_a_damaged_line_of_the_ledger_is_refused_with_its_number_and_the_way_back(study, capsys, name, line):
    path = study / "ledger" / name
    before = path.read_bytes() if path.exists() else b""
    path.write_bytes(before + LINES[line])
    number = before.count(b"\n") + 1
    for words in (("ingest", study, "--force"), ("freeze", study)):
        code, told = said(capsys, *words)
        if name == ledger_file.FORGOTTEN and words[0] == "freeze":
            continue  # a freeze does not read who withdrew
        assert code == FAILED
        assert f"{name}, line {number:,}:" in told
        assert "backup" in told
    assert path.read_bytes().startswith(before + LINES[line])


def test_a_line_that_was_changed_after_it_was_written_is_refused(study, capsys):
    assert said(capsys, "freeze", study)[0] == DONE
    path = study / "ledger" / ledger_file.PROTOCOL
    path.write_text(path.read_text().replace('"outcomes_already_read": true', '"outcomes_already_read": false'))
    code, told = said(capsys, "freeze", study)
    assert code == FAILED
    assert "not as it was written" in told


def test_lines_of_earlier_versions_have_no_checksum_and_stay_readable(study):
    (study / "ledger" / ledger_file.AUDIT).write_text('{"command": "run", "when": "2025-01-01T00:00:00Z"}\n')
    assert ledger_file.entries(study, ledger_file.AUDIT) == [{"command": "run", "when": "2025-01-01T00:00:00Z"}]


def test_a_ledger_that_is_a_file_is_told(study, capsys):
    shutil.rmtree(study / "ledger")
    (study / "ledger").write_text("x")
    for words in (("ingest", study), ("freeze", study), ("forget", study, "p1")):
        code, told = said(capsys, *words)
        assert code == FAILED
        assert "move that file away" in told


def test_a_command_that_cannot_be_noted_in_the_ledger_says_so_and_fails(study, capsys):
    audit = study / "ledger" / ledger_file.AUDIT
    audit.unlink()
    audit.mkdir()
    code, told = said(capsys, "results", study, "--csv")
    assert code == FAILED
    assert "audit.jsonl: a folder lies where a file must be; move that folder away" in told


@pytest.mark.parametrize("command", ["ingest", "results", "forget", "freeze", "report"])
def test_a_lock_that_is_a_folder_is_told(study, capsys, command):
    (study / ".lock").unlink(missing_ok=True)
    (study / ".lock").mkdir()
    code, told = said(capsys, command, study, *(["p1"] if command == "forget" else []))
    assert code == FAILED
    assert "move that folder away" in told


@pytest.mark.parametrize("place", ["reports", "reports/test", "reports/test/tables"])
def test_a_reports_path_that_is_a_file_is_told(study, capsys, tmp_path, place, monkeypatch):
    from pipeline.report.output import run

    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    monkeypatch.setattr(
        run, "one_page", lambda job, folder, pdf, *_: (run.save(job.name, folder / f"{job.name}.html", "", 0), ())
    )
    code, told = said(capsys, "report", study, "--reports", tmp_path / "reports")
    assert code == FAILED
    assert "move that file away" in told
    assert path.read_text() == "mine"
    assert not list(tmp_path.glob("reports/test/*.html"))


CACHES = {
    "nothing": b"",
    "no object": b"[]",
    "entries that are none": b'{"raw/patients.csv": 5, "raw/sessions.csv": {"settled": true}}',
    "a hash that is none": json.dumps({"raw/patients.csv": {"settled": True, "state": [1], "sha256": "x"}}).encode(),
    "no text": b"\xff\x00",
    "nested without end": b"[" * 20_000,
}


@pytest.mark.parametrize("content", CACHES)
def test_a_cache_of_any_content_is_made_anew(study, capsys, content):
    (study / ".input_hashes.json").write_bytes(CACHES[content])
    code, told = said(capsys, "ingest", study)
    assert code == DONE
    assert "ingest  unchanged" in told


def test_what_nobody_foresaw_becomes_one_line_and_a_log_without_a_value(study, capsys, monkeypatch):
    def broken(con, loaded):
        raise KeyError("a value from a record")

    monkeypatch.setattr("pipeline.ingest.checking.leave_out_repeats", broken)
    assert main(["check", str(study)]) == FAILED
    told = capsys.readouterr().err
    assert "not foreseen (KeyError in pipeline/ingest/checking.py, line" in told
    assert str(study / "fault.log") in told
    log = (study / "fault.log").read_text()
    assert "pipeline/ingest/run.py:" in log
    assert "a value from a record" not in told + log
