"""Mixed models beside R's lmer and statsmodels: seconds of the fit, peak memory of the process, and whether the answers agree.

Run by hand: python tests/benchmarks/mixed_model.py [share of the full sizes]
Each measurement is a fresh process on the same numbers, the three alternating; medians. Degrees of freedom are part of our fit,
lmer is asked for none. Without R its columns stay empty.
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

VISITS = 8
AGREE = 1e-2            # of a standard error: lmer minimizes without derivatives (the unit tests compare to 1e-5)
SE_AGREE = 1e-2
PEER = """
suppressMessages(library(lme4))
a <- commandArgs(TRUE); n <- as.integer(a[2])
d <- as.data.frame(matrix(readBin(a[1], "double", n * 5), n, dimnames = list(NULL, c("id", "week", "arm", "age", "score"))))
d$id <- as.integer(d$id)
started <- proc.time()[["elapsed"]]
f <- lmer(score ~ week * arm + age + (week | id), d, REML = a[3] == "reml", control = lmerControl(calc.derivs = FALSE))
cat(proc.time()[["elapsed"]] - started, fixef(f), sqrt(diag(as.matrix(vcov(f)))), sep = "\\n")
"""


@dataclass(frozen=True, slots=True)
class Job:
    """How many patients, each with VISITS visits on days of their own; which peers are asked, and how often all are."""

    name: str
    patients: int
    method: str = "reml"
    lmer: bool = True
    statsmodels: bool = False
    repeats: int = 3


JOBS = (
    Job("random intercept and slope, REML", 100_000),
    Job("random intercept and slope, ML", 100_000, method="ml"),
    Job("random intercept and slope, REML", 10_000),
    Job("random intercept and slope, REML", 1_000, statsmodels=True, repeats=1),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of the fit, peak memory in MB, coefficients and their standard errors."""

    seconds: float
    peak: float
    coefficients: np.ndarray
    se: np.ndarray


def scores(patients: int) -> np.ndarray:
    """Columns id, week, arm, age and score; visits at any time in twelve weeks."""
    rng = np.random.default_rng(1)
    id_ = np.repeat(np.arange(patients), VISITS)
    week = np.sort(rng.uniform(0, 12, (patients, VISITS)), axis=1).ravel()
    arm, age = (np.arange(patients) % 2)[id_], rng.normal(size=patients)[id_]
    own = rng.multivariate_normal([0, 0], [[9, -0.3], [-0.3, 0.1]], patients)[id_]
    score = 15 - 0.4 * week - 0.2 * arm * week + 0.5 * age + own[:, 0] + own[:, 1] * week + rng.normal(0, 2, id_.size)
    return np.column_stack([id_, week, arm, age, score])


def fit_here(path: str, rows: int, method: str, statsmodels: bool) -> None:
    """The child process: fits, and prints seconds, coefficients and standard errors."""
    from pipeline.stats.mixed_model import mixed_model

    id_, week, arm, age, score = np.fromfile(path).reshape(5, rows)
    id_ = id_.astype(int)
    x = np.column_stack([np.ones(rows), week, arm, age, week * arm])
    few = slice(0, 40 * VISITS)                             # what is imported on first use is not timed; R has loaded its own
    mixed_model(id_[few], score[few], x[few], week[few])
    if statsmodels:
        from statsmodels.regression.mixed_linear_model import MixedLM

        started = time.perf_counter()
        peer = MixedLM(score, x, id_, x[:, :2]).fit(reml=method == "reml")
        seconds, found, se = time.perf_counter() - started, peer.fe_params, peer.bse_fe
    else:
        started = time.perf_counter()
        fit = mixed_model(id_, score, x, week, restricted=method == "reml")
        seconds, found, se = time.perf_counter() - started, fit.fixed.coefficients, np.sqrt(np.diag(fit.fixed.covariance))
    print(seconds, *found, *se, sep="\n")


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
    return Measured(numbers[0], usage.ru_maxrss / 1024, numbers[1:6], numbers[6:])


def compare(job: Job, patients: int, folder: Path, rscript: str | None) -> dict[str, object]:
    """One line of the table."""
    path, rows = folder / "scores.bin", patients * VISITS
    subprocess.run([sys.executable, __file__, "--draw", str(path), str(patients)], check=True)
    peer = folder / "peer.R"
    peer.write_text(PEER)
    commands = {"ours": [sys.executable, __file__, "--fit", str(path), str(rows), job.method]}
    if rscript and job.lmer:
        commands["lmer"] = [rscript, str(peer), str(path), str(rows), job.method]
    if job.statsmodels:
        commands["statsmodels"] = [sys.executable, __file__, "--statsmodels", str(path), str(rows), job.method]
    found: dict[str, list[Measured]] = {name: [] for name in commands}
    for _ in range(job.repeats):
        for name, command in commands.items():
            found[name].append(measure(command))
    ours = float(statistics.median(one.seconds for one in found["ours"]))
    line: dict[str, object] = {"job": job.name, "patients": patients, "seconds": round(ours, 3),
                               "peak MB": round(max(one.peak for one in found["ours"]))}
    for name in [one for one in found if one != "ours"]:
        seconds = float(statistics.median(one.seconds for one in found[name]))
        apart = float((np.abs(found["ours"][0].coefficients - found[name][0].coefficients) / found["ours"][0].se).max())
        line |= {f"{name} seconds": round(seconds, 2), f"{name} peak MB": round(max(one.peak for one in found[name])),
                 f"{name} times": round(seconds / ours), f"{name} apart": f"{apart:.0e} SE"}
        if name == "lmer":
            se_apart = np.abs(found["ours"][0].se / found[name][0].se - 1).max()
            assert apart < AGREE, line
            assert se_apart < SE_AGREE, line
    return line


def main(share: float) -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        print("Rscript is not installed, so R is left out; install R with lme4 to compare.")
    with tempfile.TemporaryDirectory() as folder:
        for job in JOBS:
            print(json.dumps(compare(job, max(100, int(job.patients * share)), Path(folder), rscript)), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] in (["--fit"], ["--statsmodels"]):
        fit_here(sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[1] == "--statsmodels")
    elif sys.argv[1:2] == ["--draw"]:
        scores(int(sys.argv[3])).T.tofile(sys.argv[2])
    else:
        main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
