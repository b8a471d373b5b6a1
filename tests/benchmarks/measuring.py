"""How every benchmark measures: fresh processes on the same numbers, ours and the peers' in turns, medians, answers
compared.

A script says what it draws, what it fits and whom it asks (JOBS); each job becomes one line of JSON. Peers that the
project does not install are looked for in the Python that the environment variable CARELEVELS_PEERS names, and R on the
path; one that is not there or that fails is named with the reason. Whoever runs in Python is asked with the threads its
libraries choose and with one, as our own command runs; the faster counts, ours and theirs alike.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent.parent
SLOW, SLOWEST = (
    10.0,
    30.0,
)  # a process of so many seconds is not asked again, or with one thread: its noise is small beside the ratio
THREADS = ("", "1")  # as the libraries choose, and one
PATIENCE = 300.0  # seconds after which a peer is given up
Draw = Callable[[int, "Job"], np.ndarray]
Fit = Callable[[np.ndarray, "Job"], tuple[float, Iterable[float]]]


@dataclass(frozen=True, slots=True)
class Peer:
    """Another program that does the same.

    name         as the table has it
    needs        the Python module or R packages it needs
    source       its R program, which gets the path, rows, columns and the job's words; empty: a fit of the script, in
                 Python
    apart        how far an answer may lie from ours: of a standard error where answers come with errors, otherwise as
                 it is
    errors_apart share by which its standard errors may differ
    """

    name: str
    needs: str
    apart: float
    errors_apart: float = np.inf
    source: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the table.

    size, unit   how many rows at full size, and of what; never fewer than smallest
    words        what the script's draw and fits are told
    errors       whether the second half of the answers are standard errors of the first
    times        how many times faster than the fastest peer we should be; None: no line to meet
    bound        what bounds our time, in a sentence, for the table where the line is missed
    """

    name: str
    size: int
    peers: tuple[Peer, ...] = ()
    words: tuple[str, ...] = ()
    unit: str = "people"
    errors: bool = True
    times: float | None = None
    bound: str = ""
    smallest: int = 500
    repeats: int = 3
    ours: str = "ours"


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of the fit, peak memory of its process in MB, the answers, threads of BLAS (empty: as it chose), and
    seconds of the whole process."""

    seconds: float
    peak: float
    answers: np.ndarray
    threads: str = ""
    wall: float = 0.0


def run(script: str, jobs: Sequence[Job], draw: Draw, fits: Mapping[str, Fit]) -> None:
    """The command line of a script: all its jobs at a share of their size, or, in a child, one draw or one fit."""
    words = sys.argv[1:]
    if words[:1] == ["--draw"]:
        draw(int(words[3]), jobs[int(words[1])]).T.tofile(words[2])
    elif words[:1] == ["--fit"]:
        job, rows = jobs[int(words[2])], int(words[4])
        seconds, answers = fits[words[1]](np.fromfile(words[3]).reshape(-1, rows), job)
        print(seconds, *np.asarray(list(answers), dtype=float).tolist(), sep="\n")
    else:
        share, wrong = float(words[0]) if words else 1.0, 0
        with tempfile.TemporaryDirectory() as folder:
            for place, job in enumerate(jobs):
                rows = max(job.smallest, int(job.size * share))
                try:
                    line = compared(script, place, job, rows, Path(folder))
                except ChildProcessError as why:
                    line = {
                        "job": job.name,
                        "size": rows,
                        "unit": job.unit,
                        "times": job.times,
                        "peers": [],
                        "failed": f"ours {why}",
                    }
                    wrong += 1
                print(json.dumps(line), flush=True)
                wrong += sum(not peer.get("agrees", True) for peer in line["peers"])
        if wrong:
            sys.exit(f"{wrong} answers failed or lie further from ours than they should")


def compared(script: str, place: int, job: Job, rows: int, folder: Path) -> dict[str, object]:
    """One line: our seconds and memory, and of each peer the same and how far its answers lie from ours, or why it is
    left out."""
    path = folder / "drawn.bin"
    # drawn by a child too: the peak memory of a process is never reported below that of the one that started it
    subprocess.run([sys.executable, script, "--draw", str(place), str(path), str(rows)], check=True)
    columns = path.stat().st_size // 8 // rows
    commands: dict[str, list[str]] = {"": [sys.executable, script, "--fit", job.ours, str(place), str(path), str(rows)]}
    told: dict[str, dict[str, object]] = {}
    for peer in job.peers:
        found, why = asked(peer, script, place, path, rows, columns, job)
        commands |= {peer.name: found} if found else {}
        told[peer.name] = {"name": peer.name} | ({"left_out": why} if why else {})
    taken = in_turns(commands, job.repeats, told)
    ours = taken[""]
    for peer in job.peers:
        if "left_out" not in told[peer.name]:
            told[peer.name] |= summary(taken[peer.name]) | agreement(
                job, peer, ours[0].answers, taken[peer.name][0].answers
            )
    return {
        "job": job.name,
        "size": rows,
        "unit": job.unit,
        **summary(ours),
        "times": job.times,
        "bound": job.bound,
        "peers": list(told.values()),
    }


def asked(peer: Peer, script: str, place: int, path: Path, rows: int, columns: int, job: Job) -> tuple[list[str], str]:
    """The command that asks a peer, or why it cannot be asked."""
    if peer.source:
        rscript = with_packages(peer.needs)
        if rscript is None:
            return [], f"R with {peer.needs.replace(' ', ' and ')} is not installed"
        program = path.with_name("peer.R")
        program = program.with_stem(f"peer_{abs(hash(peer.source))}")
        program.write_text(peer.source, encoding="utf-8")
        return [rscript, str(program), str(path), str(rows), str(columns), *job.words], ""
    python = with_module(peer.needs)
    if python is None:
        return [], f"{peer.needs} is not installed; name a Python that has it in CARELEVELS_PEERS"
    return [python, script, "--fit", peer.name, str(place), str(path), str(rows)], ""


@cache
def with_module(module: str) -> str | None:
    """A Python in which the module can be imported: this one, or that of CARELEVELS_PEERS."""
    for python in filter(None, [sys.executable, os.environ.get("CARELEVELS_PEERS")]):
        if (
            shutil.which(python)
            and subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0
        ):
            return python
    return None


@cache
def with_packages(packages: str) -> str | None:
    """Rscript, where it is installed with these packages."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    wanted = "; ".join(f"loadNamespace('{package}')" for package in packages.split())
    return (
        rscript if subprocess.run([rscript, "-e", wanted], capture_output=True, check=False).returncode == 0 else None
    )


def in_turns(
    commands: dict[str, list[str]], repeats: int, told: dict[str, dict[str, object]]
) -> dict[str, list[Measured]]:
    """Everyone's measurements with the threads they are faster with.

    All are asked in turn, the slow ones once; a peer that fails is told so and not asked again, ours may not fail.
    """
    taken: dict[tuple[str, str], list[Measured]] = {}
    for turn in range(repeats):
        for threads in THREADS:
            for name, command in commands.items():
                before = [one for other in THREADS for one in taken.get((name, other), [])]
                enough = any(one.wall > (SLOW if turn else SLOWEST) for one in before)
                if enough or (name and "left_out" in told[name]) or (threads and not command[1].endswith(".py")):
                    continue
                try:
                    found = measured(command, threads)
                except ChildProcessError as why:
                    if not name:
                        raise
                    told[name]["left_out"] = str(why)
                else:
                    taken.setdefault((name, threads), []).append(found)
    return {name: min((of[1] for of in taken.items() if of[0][0] == name), key=middle, default=[]) for name in commands}


def middle(taken: list[Measured]) -> float:
    return statistics.median(one.seconds for one in taken)


def measured(command: list[str], threads: str = "") -> Measured:
    """Runs one child, reads the numbers it printed and how much memory it took at most; threads of BLAS, empty: as it
    chooses.

    Raises ChildProcessError where it fails or takes longer than PATIENCE.
    """
    free = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    free |= {f"{library}_NUM_THREADS": threads for library in ("OPENBLAS", "OMP") if threads}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        started = time.perf_counter()
        child = subprocess.Popen(command, stdout=out, stderr=err, env=free)
        clock = threading.Timer(PATIENCE, child.kill)
        clock.start()
        _, status, usage = os.wait4(child.pid, 0)
        clock.cancel()
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if child.returncode:
            said = err.read().strip().splitlines()
            raise ChildProcessError(f"ended with {child.returncode}: {said[-1] if said else 'it said nothing'}")
        numbers = np.array([float(line) for line in out])
    return Measured(float(numbers[0]), usage.ru_maxrss / 1024, numbers[1:], threads, wall)


def summary(taken: list[Measured]) -> dict[str, object]:
    """Median seconds, largest peak, and whether one thread was faster."""
    return {
        "seconds": float(f"{middle(taken):.3g}"),
        "peak_mb": round(max(one.peak for one in taken)),
        "one_thread": taken[0].threads == "1",
    }


def agreement(job: Job, peer: Peer, ours: np.ndarray, theirs: np.ndarray) -> dict[str, object]:
    """How far a peer's answers lie from ours at most, in standard errors where there are any, and whether that is near
    enough.

    A peer may give the answers alone where we give their errors too.
    """
    estimates = len(ours) // 2 if job.errors else len(ours)
    if len(theirs) not in (estimates, len(ours)):
        return {"apart": None, "agrees": False}
    size = ours[estimates:] if job.errors else np.ones(estimates)
    apart = float(np.max(np.abs(ours[:estimates] - theirs[:estimates]) / np.where(size > 0, size, 1)))
    found: dict[str, object] = {"apart": float(f"{apart:.1e}"), "in": "SE" if job.errors else ""}
    agrees = apart <= peer.apart
    if job.errors and len(theirs) == len(ours):
        both = size > 0
        errors = float(np.max(np.abs(theirs[estimates:][both] / size[both] - 1)))
        found["errors_apart"] = float(f"{errors:.1e}")
        agrees = agrees and errors <= peer.errors_apart
    return found | {"agrees": bool(agrees)}
