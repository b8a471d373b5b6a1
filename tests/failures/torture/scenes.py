"""The scenes: each tries one interruption once, and counts what must not be."""

import contextlib
import hashlib
import importlib
import os
import random
import shutil
import signal
import subprocess
import threading
import time

import duckdb

from tests.failures.torture.study_states import (
    NOT_BEGUN,
    command,
    done,
    ended,
    forked,
    ledger_is_whole,
    leftovers,
    prints,
    states_shown,
)

STAGES = ("ingest", "build", "analyze", "report", "run")
STOPS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
DONE, FAILED, QUARANTINED = 0, 1, 3


def fresh(place, source):
    """A copy of a study and its pages to work on."""
    work = place / f"work-{os.getpid()}"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(source, work)
    return work


class States:
    """The study before each stage: made once, copied for each try; with the prints its databases may have."""

    def __init__(self, place, first, second):
        self.place, self.before, self.seconds = place, {"ingest": second, "run": second}, {}
        self.known = [prints(first / "study")]
        now = second
        for stage, then in (("ingest", "build"), ("build", "analyze"), ("analyze", "report"), ("report", "")):
            work = fresh(place, now)
            started = time.monotonic()
            code, said, _ = forked([stage, "study"], work)
            assert code in (DONE, QUARANTINED), said
            self.seconds[stage] = time.monotonic() - started
            self.known.append(prints(work / "study"))
            if then:
                self.before[then] = now = place / f"before_{then}"
                shutil.copytree(work, now)
        self.seconds["run"] = sum(self.seconds.values())

    def good(self, study):
        """Whether each database is one that a whole stage left."""
        try:
            found = prints(study)
        except duckdb.Error:
            return False
        return all(any(found[name] == one[name] for one in self.known) for name in found)


def judged(states, work, said, code, wrong=""):
    """What is counted of every try."""
    study, shown = work / "study", states_shown(work / "reports/study")
    if wrong:
        print(f"  wrong, exit code {code}: {wrong!r}", flush=True)
    return {
        "ended well": code in (DONE, QUARANTINED),
        "databases lost": not states.good(study),
        "two states in one folder": len(shown) != 1,
        "ledger damaged": not ledger_is_whole(study),
        "tracebacks": "Traceback" in said or "not foreseen" in said,
        "not told": code == FAILED and not said.strip(),
        "wrong": bool(wrong),
    }


def a_kill(states, stage, rng):
    """Stops a stage at a random moment; now and then looks whether the next run cleans up."""
    work = fresh(states.place, states.before[stage])
    how = rng.choice(STOPS)
    code, said, took = forked([stage, "study"], work, rng.uniform(0, states.seconds[stage] * 1.1), how)
    wrong = "" if code in (DONE, QUARANTINED, NOT_BEGUN, -signal.SIGKILL, -how) or "stopped" in said else said
    found = judged(states, work, said, code, wrong)
    found["slow to stop"] = took > 20
    if rng.random() < 0.15:
        code, said, _ = forked([stage, "study"], work)
        again = judged(states, work, said, code, leftovers(work / "study"))
        found = {name: found[name] or (again[name] and name != "ended well") for name in again} | {
            "ended well": found["ended well"],
            "slow to stop": found["slow to stop"],
        }
    return found


def a_crowd(states, many, rng):
    """Several runs at once, and somebody who reads meanwhile."""
    work = fresh(states.place, states.before["ingest"])
    runs = [command("run", "study", cwd=work) for _ in range(many)]
    time.sleep(rng.uniform(0, 3))
    readers = [command("results", "study", "--csv", cwd=work), command("report", "study", cwd=work)]
    ends = [ended(one, 600) for one in runs]
    read = [ended(one, 600) for one in readers]
    wrong = [said for code, _, said in ends if code not in (DONE, QUARANTINED)]
    wrong += [said for code, _, said in read if code != DONE and "carelevels run" not in said]
    return judged(states, work, "".join(said for _, _, said in ends + read), ends[0][0], "".join(wrong))


@contextlib.contextmanager
def small_disk(place, source, free):
    """The study on a disk of its own with so many bytes free; needs the right to mount one."""
    disk = place / f"disk-{os.getpid()}"
    disk.mkdir(exist_ok=True)
    used = sum(-(-path.stat().st_size // 4096) * 4096 + 4096 for path in source.rglob("*"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={used + free}", "tmpfs", str(disk)], check=True)
    try:
        shutil.copytree(source, disk, dirs_exist_ok=True)
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def a_full_disk(states, stage, rng):
    """A stage on a disk that fills up somewhere on the way."""
    with small_disk(states.place, states.before[stage], rng.randrange(0, 6_000_000)) as work:
        code, said, _ = forked([stage, "study"], work)
        told = code in (DONE, QUARANTINED) or "disk is full" in said
        found = judged(states, work, said, code, "" if told else said)
        _, out, said = done("results", "study", "--csv", cwd=work)
        readable = out.startswith("result_id") or "run: carelevels run" in said
        return found | {"wrong": found["wrong"] or not readable}


READ_ONLY = (
    ("run",),
    ("ingest",),
    ("analyze",),
    ("report",),
    ("results", "--csv"),
    ("check",),
    ("freeze",),
    ("forget", "x", "--yes"),
)


def read_only(states, words, rng):
    """A command in a folder that may not be written."""
    with small_disk(states.place, states.before["ingest"], 9_000_000) as work:
        subprocess.run(["mount", "-o", "remount,ro", str(work)], check=True)
        code, out, said = done(words[0], "study", *words[1:], cwd=work)
        told = code == FAILED and "read-only" in said and (words[0] != "results" or out.startswith("result_id"))
        return judged(states, work, said, code, "" if told else said or "nothing was said")


def raw_changes(states, stage, rng):
    """An export that still runs while its files are read: what is kept is one of its states, or nothing is."""
    work = fresh(states.place, states.before["ingest"])
    sessions = work / "study/raw/sessions.csv"
    lines = sessions.read_bytes().splitlines(keepends=True)
    versions = [b"".join(lines[:keep]) for keep in (len(lines), len(lines) // 2, len(lines) // 3)]
    rows = {hashlib.sha256(one).hexdigest(): one.count(b"\n") - 1 for one in versions}
    over = threading.Event()

    def exporting():
        while not over.is_set():
            sessions.write_bytes(rng.choice(versions))
            over.wait(rng.uniform(0, 0.6))

    thread = threading.Thread(target=exporting)
    thread.start()
    code, _, said = done(stage, "study", cwd=work)
    over.set()
    thread.join()
    with duckdb.connect(str(work / "study/warehouse.duckdb"), read_only=True) as con:
        [(sha, read)] = con.execute("SELECT sha256, read FROM staging.files WHERE \"table\" = 'sessions'").fetchall()
    mixed = code in (DONE, QUARANTINED) and rows.get(sha) != read
    return {
        "ended well": code in (DONE, QUARANTINED),
        "wrong": mixed or (code == FAILED and "sessions.csv" not in said and "changed" not in said),
        "tracebacks": "Traceback" in said or "not foreseen" in said,
    }


SCENES = {
    "killed while": a_kill,
    "runs at once": a_crowd,
    "disk full while": a_full_disk,
    "read-only disk": read_only,
    "raw file rewritten while": raw_changes,
}


HERE = {}  # what a process of the torture knows of the study


def start(states):
    """Imports what the stages import, so that a kill meets their work and not their start."""
    for module in ("ingest.run", "warehouse.build", "analysis.asking.run", "report.output.run"):
        importlib.import_module(f"pipeline.{module}")
    HERE["states"] = states


def tried(one):
    """One try, in a process of its own folder."""
    scene, of, seed = one
    found = SCENES[scene](HERE["states"], of, random.Random(seed))
    return (scene, of if isinstance(of, (str, int)) else of[0]), {key: int(value) for key, value in found.items()}


def may_mount():
    """Whether this account may mount a small disk."""
    return subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode == 0
