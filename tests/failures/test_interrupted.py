"""Whatever stops a run, and whenever: the last good state stands, and what is said helps."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from pipeline import store
from pipeline.__main__ import main
from pipeline.report.output import publishing, run
from pipeline.storage import disk, ledger_file
from pipeline.study_toml.file import load_study
from tests.unit.ingest.deliveries import delivery

ROOT = Path(__file__).parent.parent.parent
DONE, FAILED = 0, 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A small study that was ingested."""
    folder = tmp_path_factory.mktemp("whole") / "study"
    delivery(folder, only=("patients", "episodes", "sessions"))
    assert main(["ingest", str(folder)]) == DONE
    return folder


@pytest.fixture
def study(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "study")


def said(capsys, *words):
    code = main([str(word) for word in words])
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert "not foreseen" not in told
    return code, told


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


REFUSALS = (
    (errno.ENOSPC, "the disk is full"),
    (errno.EROFS, "read-only file system"),
    (errno.EACCES, "this account may not"),
    (errno.EIO, "the disk reports an error"),
    (errno.EDQUOT, "your share of the disk"),
    (9999, "the operating system says"),
)


@pytest.mark.parametrize(
    ("number", "words", "where"),
    [
        *((number, words, "os.open") for number, words in REFUSALS),
        *((*REFUSALS[0], where) for where in ("os.replace", "tempfile.mkdtemp")),
    ],
)
def test_whatever_the_disk_refuses_is_told_and_the_last_state_stands(study, capsys, monkeypatch, number, words, where):
    def refused(*_, **__):
        raise OSError(number, "as the system says it")

    before = (study / store.WAREHOUSE).read_bytes()
    command = "check" if where == "tempfile.mkdtemp" else "ingest"
    monkeypatch.setattr(where, refused)
    code, told = said(capsys, command, study, *(["--force"] if command == "ingest" else []))
    monkeypatch.undo()
    assert code == FAILED
    assert words in told
    assert (study / store.WAREHOUSE).read_bytes() == before
    assert not list(study.glob("*.building*"))


def test_the_engines_own_words_for_a_full_disk_are_ours(tmp_path):
    fault = duckdb.IOException('Could not write file "x": No space left on device')
    assert "the disk is full" in str(disk.told_by_library(fault, tmp_path))
    assert "the disk is full" in str(
        disk.told_by_library(duckdb.TransactionException("Failed to commit: No space left on device"), tmp_path)
    )
    assert disk.told_by_library(duckdb.InvalidInputException("a cell says: no space left"), tmp_path) is None


def test_a_file_that_may_not_grow_is_told(study, capsys):
    """A limit on file sizes stands in for a full disk where none can be mounted."""
    script = (
        "import resource, sys; from pipeline.__main__ import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        f"sys.exit(main(['ingest', {str(study)!r}, '--force']))"
    )
    before = (study / store.WAREHOUSE).read_bytes()
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == FAILED
    assert "Traceback" not in done.stderr
    assert "a file may not grow as large as it must" in done.stderr
    assert (study / store.WAREHOUSE).read_bytes() == before


def test_a_line_that_could_not_be_written_whole_is_taken_back(study, monkeypatch):
    path = study / "ledger" / ledger_file.AUDIT
    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(disk.DiskError, match="the disk is full"):
        ledger_file.append(study, ledger_file.AUDIT, {"command": "run"})
    assert path.read_bytes() == before


def test_a_raw_file_that_changes_while_it_is_read_is_noticed_and_nothing_of_it_is_kept(study, capsys, monkeypatch):
    from pipeline.ingest import run as ingest_run

    before = (study / store.WAREHOUSE).read_bytes()
    checked = ingest_run.check_all

    def meanwhile(*words):
        sessions = study / "raw/sessions.csv"
        sessions.write_text(sessions.read_text().replace("attended,180,150", "attended,180,151"))
        return checked(*words)

    monkeypatch.setattr(ingest_run, "check_all", meanwhile)
    for command in ("ingest", "check"):
        code, told = said(capsys, command, study, *(["--force"] if command == "ingest" else []))
        assert code == FAILED
        assert "raw/sessions.csv changed while it was read" in told
        assert "run the same command again" in told
    assert (study / store.WAREHOUSE).read_bytes() == before


def test_a_file_that_comes_while_the_others_are_read_is_noticed(study, capsys, monkeypatch):
    from pipeline.ingest import run as ingest_run

    checked = ingest_run.check_all

    def meanwhile(*words):
        (study / "raw/sessions_2.csv").write_bytes((study / "raw/sessions.csv").read_bytes())
        return checked(*words)

    monkeypatch.setattr(ingest_run, "check_all", meanwhile)
    code, told = said(capsys, "ingest", study, "--force")
    assert code == FAILED
    assert "raw/sessions_2.csv" in told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_of_any_kind_ends_a_command_in_words(study, number):
    """The command waits for the study's lock, which this test holds."""
    from pipeline.storage.locks import locked

    with locked(load_study(study)):
        waiting = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "ingest", str(study)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # a suite in the background may ignore it
        )
        assert "waiting for it to end" in waiting.stderr.readline()
        waiting.send_signal(number)
        _, told = waiting.communicate(timeout=60)
    assert waiting.returncode == FAILED
    assert told.strip() == "carelevels: stopped; the last good state is untouched"


def test_what_a_killed_run_left_is_removed_by_the_next_one(study, capsys):
    (study / f"{store.WAREHOUSE}.building").write_bytes(b"half")
    (study / f"{store.RESULTS}.building.tmp").mkdir()
    (study / ".checking-999999999-x").mkdir()
    own = study / f".checking-{os.getpid()}-x"
    own.mkdir()
    assert said(capsys, "ingest", study)[0] == DONE
    own.rmdir()
    assert sorted(path.name for path in study.iterdir()) == [
        ".input_hashes.json",
        ".lock",
        "ledger",
        "raw",
        "study.toml",
        "warehouse.duckdb",
    ]


def test_a_clock_that_is_wrong_is_said_and_changes_nothing(study, capsys, monkeypatch):
    monkeypatch.setattr("pipeline.ledger.now", lambda: "1970-01-01T00:00:00Z")
    monkeypatch.setattr("time.time_ns", lambda: 0)
    code, told = said(capsys, "ingest", study)
    assert code == DONE
    assert "this computer's clock says 1970-01-01T00:00:00Z, but the ledger's youngest line was written at 20" in told
    assert "ingest  unchanged" in told
    assert said(capsys, "freeze", study)[0] == DONE
    [frozen] = ledger_file.entries(study, ledger_file.PROTOCOL)
    assert frozen["clock_behind"] > "2020"


# pages: one state in one folder


@pytest.fixture
def pages(tmp_path):
    """A folder with a whole set of pages, made by hand."""
    folder = tmp_path / "reports/test"
    folder.mkdir(parents=True)
    for name in ("director.html", "index.html", "quality-2025Q1.html", "mine.html"):
        (folder / name).write_text("old")
    (folder / publishing.STAMP).write_text("made from\nstate\n")
    return folder


def shown(folder):
    return {path.name: path.read_text() for path in sorted(folder.glob("*.html"))}


def new_pages(folder, say=lambda text: None, stop=None):
    with publishing.publishing(folder, say) as draft:
        for name in ("director.html", "index.html"):
            (draft.folder / name).write_text("new")
        draft.superseded += ["director.html", "index.html", "quality-2025Q1.html"]
        if stop:
            raise stop


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), OSError(errno.ENOSPC, ""), ValueError()])
def test_pages_that_are_not_all_made_leave_the_last_whole_set(pages, stop):
    before = shown(pages)
    with pytest.raises((KeyboardInterrupt, disk.DiskError, ValueError)):
        new_pages(pages, stop=stop)
    assert shown(pages) == before
    assert not (pages / publishing.BUILDING).exists()


def test_new_pages_take_their_places_together_and_those_they_supersede_are_gone(pages):
    new_pages(pages)
    assert shown(pages) == {"director.html": "new", "index.html": "new", "mine.html": "old"}


def test_a_run_killed_while_it_moves_pages_is_carried_through_by_the_next(pages, monkeypatch):
    moved = os.replace

    def killed(source, target):
        if Path(target).name == "index.html":
            raise MemoryError  # stands in for a kill: nothing after it runs
        return moved(source, target)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(MemoryError):
        new_pages(pages)
    monkeypatch.undo()
    assert publishing.stamped(pages) == ("", "")
    publishing.finish(pages)
    assert shown(pages) == {"director.html": "new", "index.html": "new", "mine.html": "old"}
    assert not (pages / publishing.BUILDING).exists()


def test_a_stop_while_pages_are_moved_waits_until_all_are(pages, monkeypatch):
    moved = os.replace

    def stopped(source, target):
        if Path(target).name == "director.html":
            os.kill(os.getpid(), signal.SIGINT)
        return moved(source, target)

    monkeypatch.setattr(publishing.os, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        new_pages(pages)
    assert shown(pages) == {"director.html": "new", "index.html": "new", "mine.html": "old"}


def test_two_reports_into_one_folder_wait_for_each_other(pages):
    told = []
    script = f"""if True:
        import time
        from pathlib import Path
        from pipeline.report.output.publishing import publishing
        with publishing(Path({str(pages)!r}), print):
            print("held", flush=True)
            time.sleep(1.5)
    """
    other = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "held\n"
    started = time.perf_counter()
    new_pages(pages, told.append)
    other.wait()
    assert time.perf_counter() - started > 0.5
    assert told == [f"another run holds {pages}; waiting for it to end"]


def test_no_further_page_is_begun_after_a_stop(tmp_path, monkeypatch):
    begun, ended = [], threading.Event()

    def page(*asked):
        begun.append(asked)
        if len(begun) > 1:
            assert ended.wait(60)  # a page that is being made, until the stop ends it
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "one_page", page)
    monkeypatch.setattr(run, "stop_making", lambda press: ended.set())
    with pytest.raises(KeyboardInterrupt):
        run.written_pages(range(50), tmp_path, tmp_path, False, run.quiet)
    assert len(begun) <= run.AT_ONCE + 1


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), RuntimeError("Query interrupted")])
def test_a_stop_is_told_as_one_also_where_the_engine_says_it_its_own_way(study, capsys, monkeypatch, fault):
    def stopped(con, loaded):
        raise fault

    monkeypatch.setattr("pipeline.ingest.checking.leave_out_repeats", stopped)
    code, told = said(capsys, "check", study)
    assert code == FAILED
    assert told == "carelevels: stopped; the last good state is untouched\n"
