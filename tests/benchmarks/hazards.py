"""Hazard models beside R's coxph and crr: seconds of the fit, peak memory of the process, and whether the answers agree.

Run by hand: python tests/benchmarks/hazards.py [share of the full sizes]
Each measurement is a fresh process on the same numbers, ours and R's alternating; medians. Without R its columns stay empty.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

COLUMNS = 23
AGREE = 1e-3            # of a standard error: R's defaults stop that far from the maximum (the unit tests compare to 1e-8)
SE_AGREE = {"cox": 1e-5, "cluster": 1e-5, "fine_gray": 2e-3}   # crr under ties: see tests/unit/stats/test_fine_gray.py
PEER = """
suppressMessages({library(survival); library(cmprsk)})
a <- commandArgs(TRUE); n <- as.integer(a[2]); p <- as.integer(a[3])
m <- matrix(readBin(a[1], "double", n * (p + 3)), n); x <- m[, -(1:3)]; day <- m[, 1]; cause <- m[, 2]; site <- m[, 3]
started <- proc.time()[["elapsed"]]
if (a[4] == "cox") { f <- coxph(Surv(day, cause > 0) ~ x); b <- coef(f); v <- vcov(f) }
if (a[4] == "cluster") { f <- coxph(Surv(day, cause > 0) ~ x + cluster(site)); b <- coef(f); v <- vcov(f) }
if (a[4] == "fine_gray") { f <- crr(day, cause, x); b <- f$coef; v <- f$var }
cat(proc.time()[["elapsed"]] - started, b, sqrt(diag(v)), sep = "\\n")
"""


@dataclass(frozen=True, slots=True)
class Job:
    """What is fitted to how many people; distinct: no two days alike; peer: whether R is asked too, and how often all are."""

    name: str
    model: str
    rows: int
    distinct: bool = False
    peer: bool = True
    repeats: int = 3


JOBS = (
    Job("Cox, Efron, daily ties", "cox", 1_000_000),
    Job("Cox, Efron, daily ties", "cox", 10_000),
    Job("Cox, no ties", "cox", 300_000, distinct=True),
    Job("Cox, cluster sandwich", "cluster", 10_000),
    Job("Fine-Gray with SE (crr on a fifth)", "fine_gray", 2_000, repeats=1),
    Job("Fine-Gray with SE", "fine_gray", 10_000, peer=False),
    Job("Fine-Gray with SE", "fine_gray", 1_000_000, peer=False),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of the fit, peak memory in MB, coefficients and their standard errors."""

    seconds: float
    peak: float
    coefficients: np.ndarray
    se: np.ndarray


def people(rows: int, distinct: bool) -> np.ndarray:
    """Columns day, cause, site and covariates: ten normal, the others indicators."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((rows, COLUMNS))
    x[:, 10:] = x[:, 10:] > 0.8
    ending = rng.exponential(120 * np.exp(-x @ np.linspace(-0.3, 0.3, COLUMNS)))
    lost = np.minimum(rng.uniform(30, 500, rows), 365)
    day = np.minimum(ending, lost)
    cause = np.where(ending <= lost, 1 + (rng.random(rows) < 0.4), 0)
    return np.column_stack([day if distinct else np.ceil(day), cause, np.arange(rows) % 200, x])


def fit_ours(path: str, rows: int, model: str) -> None:
    """The child process: fits, and prints seconds, coefficients and standard errors."""
    from pipeline.stats.cox import cox
    from pipeline.stats.fine_gray import fine_gray

    columns = np.fromfile(path).reshape(COLUMNS + 3, rows)
    day, cause, site = columns[0], columns[1].astype(int), columns[2].astype(int)
    day = day.astype(int) if (day == np.rint(day)).all() else day
    x = np.ascontiguousarray(columns[3:].T)
    del columns
    cox(day[:500], cause[:500] > 0, x[:500, 0])            # what is imported on first use is not timed; R has loaded its own
    fine_gray(day[:500], cause[:500], x[:500, 0])
    cluster = site if model == "cluster" else None
    started = time.perf_counter()
    fit = fine_gray(day, cause, x) if model == "fine_gray" else cox(day, cause > 0, x, cluster=cluster)
    seconds = time.perf_counter() - started
    print(seconds, *fit.coefficients, *np.sqrt(np.diag(fit.covariance)), sep="\n")


def measure(command: list[str]) -> Measured:
    """Runs one child and reads what it printed and how much memory it took at most."""
    with tempfile.TemporaryFile("w+") as out:
        child = subprocess.Popen(command, stdout=out, env=os.environ | {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "2")})
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{command[0]} left with {child.returncode}")
        out.seek(0)
        numbers = np.array([float(line) for line in out])
    return Measured(numbers[0], usage.ru_maxrss / 1024, numbers[1:COLUMNS + 1], numbers[COLUMNS + 1:])


def compare(job: Job, rows: int, folder: Path, rscript: str | None) -> dict[str, object]:
    """One line of the table."""
    path = folder / "people.bin"
    # drawn by a child too: the peak memory of a process is never reported below that of the one that started it
    subprocess.run([sys.executable, __file__, "--draw", str(path), str(rows), str(int(job.distinct))], check=True)
    peer = folder / "peer.R"
    peer.write_text(PEER)
    ours, theirs = [], []
    for _ in range(job.repeats):
        ours.append(measure([sys.executable, __file__, "--fit", str(path), str(rows), job.model]))
        if rscript and job.peer:
            theirs.append(measure([rscript, str(peer), str(path), str(rows), str(COLUMNS), job.model]))
    line: dict[str, object] = {"job": job.name, "rows": rows, "seconds": round(float(statistics.median(m.seconds for m in ours)), 3),
                               "peak MB": round(max(m.peak for m in ours))}
    if theirs:
        seconds = statistics.median(m.seconds for m in theirs)
        apart = np.abs(ours[0].coefficients - theirs[0].coefficients).max() / theirs[0].se.max()
        se_apart = np.abs(ours[0].se / theirs[0].se - 1).max()
        line |= {"R seconds": round(float(seconds), 2), "R peak MB": round(max(m.peak for m in theirs)),
                 "times": round(float(seconds) / float(statistics.median(m.seconds for m in ours))),
                 "apart": f"{apart:.0e} SE", "SE apart": f"{se_apart:.0e}"}
        assert apart < AGREE, line
        assert se_apart < SE_AGREE[job.model], line
    return line


def main(share: float) -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        print("Rscript is not installed, so R is left out; install R with survival and cmprsk to compare.")
    with tempfile.TemporaryDirectory() as folder:
        for job in JOBS:
            print(json.dumps(compare(job, max(500, int(job.rows * share)), Path(folder), rscript)), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fit"]:
        fit_ours(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    elif sys.argv[1:2] == ["--draw"]:
        people(int(sys.argv[3]), sys.argv[4] == "1").T.tofile(sys.argv[2])
    else:
        main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
