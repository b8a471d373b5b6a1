"""Two states of one study's raw files, and what must hold of everything made from them."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from pipeline import __main__ as command_line
from pipeline.report.output import run
from pipeline.report.released import released
from pipeline.study_toml.file import load_study
from tests.unit.ingest.deliveries import delivery

ROOT = Path(__file__).parent.parent.parent.parent
HANGS = -100  # the exit code of a command that had to be ended
DATABASES = ("warehouse.duckdb", "results.duckdb")
SHOWN = re.compile(r"released results ([0-9a-f]+)")


def command(*words, cwd):
    """A carelevels command as another process would start it."""
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline", *map(str, words)],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def ended(process, patience=900):
    """Exit code, stdout and stderr."""
    try:
        out, said = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        out, said = process.communicate()
        return HANGS, out, said
    return process.returncode, out, said


def done(*words, cwd):
    return ended(command(*words, cwd=cwd))


def two_states(place):
    """place/first and place/second: a study of a few people that has run, and the same with other raw files since."""
    first, second = place / "first", place / "second"
    delivery(first / "study", '[study]\nname = "study"\n')
    code, said, _ = forked(["run", "study"], first)
    assert code == 0, said
    shutil.copytree(first, second)
    sessions = second / "study/raw/sessions.csv"
    sessions.write_text("".join(sessions.read_text().splitlines(keepends=True)[:-1]))
    return first, second


def forked(words, cwd, after=None, how=signal.SIGKILL):
    """A command in a process forked from this one, in which everything is imported already, stopped after so many
    seconds: exit code, what it said, and the seconds that it took to stop.  Its pages are made without kernels."""
    said, started = cwd / "said.txt", time.monotonic()
    child = os.fork()
    if not child:
        code = 1
        try:
            code = in_child(words, cwd, said)
        except KeyboardInterrupt:  # stopped before the command line began
            code = NOT_BEGUN
        finally:
            os._exit(code)
    if after is not None:
        while time.monotonic() - started < after and os.waitid(os.P_PID, child, ENDED) is None:
            time.sleep(0.005)
        os.kill(child, how)
    stopped = time.monotonic()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said.read_text(), time.monotonic() - stopped


NOT_BEGUN = 99
ENDED = os.WEXITED | os.WNOHANG | os.WNOWAIT


def in_child(words, cwd, said):
    """What the `carelevels` command does, with pages that name their results and nothing else."""
    with open(said, "w") as handle:
        os.dup2(handle.fileno(), 1)
        os.dup2(handle.fileno(), 2)
    os.chdir(cwd)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, command_line.stopped)

    def page(job, folder, pdf, *_):
        shown = released(load_study("study")).results_hash[:12]
        return run.save(job.name, folder / f"{job.name}.html", f"released results {shown}", 0), ()

    run.one_page = page
    return command_line.main(words)


def prints(folder):
    """What each database says it was made from; raises where one cannot be read."""
    found = {}
    for name in DATABASES:
        with duckdb.connect(str(folder / name), read_only=True) as con:
            rows = con.execute("SELECT stage, fingerprint FROM manifest_stage ORDER BY stage").fetchall()
            found[name] = dict(rows)
            for schema, table in con.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall():
                con.execute(f'SELECT count(*) FROM (SELECT * FROM "{schema}"."{table}") AS t').fetchall()
    return found


def states_shown(reports):
    """Which states of the data the pages of a folder show; one, unless a killed run was just moving them."""
    if (reports / ".building/.ready").exists():
        return {"being moved"}
    return {found for page in reports.glob("*.html") for found in SHOWN.findall(page.read_text(encoding="utf-8"))}


def ledger_is_whole(folder):
    """Every line of the ledger can be read."""
    return all(
        isinstance(json.loads(line), dict)
        for path in (folder / "ledger").glob("*.jsonl")
        for line in path.read_text().splitlines()
    )


def leftovers(folder):
    """What a finished command must not leave behind."""
    names = [path.name for path in folder.iterdir()]
    return [name for name in names if ".building" in name or name.startswith(".checking-") or name.endswith(".wal")]
