"""Hazard models beside lifelines and R's coxph, crr and finegray: seconds of the fit, peak memory of the process, and
the answers.

Run by hand: python tests/benchmarks/hazards.py [share of the full sizes]
"""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.benchmarks.measuring import Job, Peer, run

COLUMNS = 23
NAMES = [f"x{j}" for j in range(COLUMNS)]
AGREE = 1e-3  # of a standard error: peers stop that far from the maximum (the unit tests compare to 1e-8)
SAME_ERRORS = 1e-5
CRR_ERRORS = 2e-3  # crr under ties: see tests/unit/stats/hazards/test_fine_gray.py
FINEGRAY_APART = 0.01  # finegray treats losses on a day of endings a little differently from crr and us
LIFELINES = 0.02  # of a standard error: it stops when the likelihood moves by less than 1e-7 of itself
READ = """
options(digits = 15); a <- commandArgs(TRUE); n <- as.integer(a[2]); q <- as.integer(a[3])
m <- matrix(readBin(a[1], "double", n * q), n); x <- m[, -(1:3)]; day <- m[, 1]; cause <- m[, 2]; site <- m[, 3]
colnames(x) <- paste0("x", seq_len(ncol(x)))
started <- proc.time()[["elapsed"]]
"""
WRITE = """
cat(proc.time()[["elapsed"]] - started, b, sqrt(diag(v)), sep = "\\n")
"""
COXPH = (
    "suppressMessages(library(survival))"
    + READ
    + """
f <- if (a[4] == "cluster") coxph(Surv(day, cause > 0) ~ x + cluster(site)) else coxph(Surv(day, cause > 0) ~ x)
b <- coef(f); v <- vcov(f)"""
    + WRITE
)
CRR = "suppressMessages(library(cmprsk))" + READ + "f <- crr(day, cause, x); b <- f$coef; v <- f$var" + WRITE
FINEGRAY = (
    "suppressMessages(library(survival))"
    + READ
    + """
long <- finegray(Surv(day, factor(cause, 0:2)) ~ ., data = data.frame(day, cause, x))
f <- coxph(as.formula(paste("Surv(fgstart, fgstop, fgstatus) ~", paste(colnames(x), collapse = "+"))), long, weights = fgwt,
           ties = "breslow")
cat(proc.time()[["elapsed"]] - started, coef(f), sep = "\\n")
"""
)
R_COXPH = Peer("R coxph", "survival", AGREE, SAME_ERRORS, COXPH)
RISK_SETS = "nearly all is the product of 24 columns with themselves over people at risk, once in each Newton step"
JOBS = (
    Job(
        "Cox, Efron, 23 columns, daily ties",
        1_000_000,
        (Peer("lifelines", "lifelines", LIFELINES, LIFELINES), R_COXPH),
        ("cox",),
        times=20,
        bound=RISK_SETS,
    ),
    Job(
        "Cox, Efron, 23 columns, daily ties",
        10_000,
        (Peer("lifelines", "lifelines", LIFELINES, LIFELINES), R_COXPH),
        ("cox",),
        times=6,
        bound=RISK_SETS,
    ),
    Job("Cox, 23 columns, no two days alike", 300_000, (R_COXPH,), ("cox", "distinct"), bound=RISK_SETS),
    Job(
        "Cox, cluster-robust",
        10_000,
        (Peer("lifelines", "lifelines", LIFELINES), R_COXPH),
        ("cluster",),
        times=20,
        bound=RISK_SETS,
    ),
    Job(
        "Fine–Gray with SE",
        2_000,
        (Peer("R crr", "cmprsk", AGREE, CRR_ERRORS, CRR),),
        ("fine_gray",),
        times=100,
        bound="at so few people a fixed cost of some milliseconds",
    ),
    Job(
        "Fine–Gray with SE",
        10_000,
        (Peer("R finegray and coxph (coefficients)", "survival", FINEGRAY_APART, source=FINEGRAY),),
        ("fine_gray",),
        times=100,
        bound="some hundred small sums over blocks of days, each a few microseconds of Python",
    ),
    Job("Fine–Gray with SE (to be faster than R at 10,000)", 1_000_000, (), ("fine_gray",)),
)


def draw(rows: int, job: Job) -> np.ndarray:
    """Columns day, cause, site and covariates: ten normal, the others indicators."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((rows, COLUMNS))
    x[:, 10:] = x[:, 10:] > 0.8
    ending = rng.exponential(120 * np.exp(-x @ np.linspace(-0.3, 0.3, COLUMNS)))
    lost = np.minimum(rng.uniform(30, 500, rows), 365)
    day = np.minimum(ending, lost)
    cause = np.where(ending <= lost, 1 + (rng.random(rows) < 0.4), 0)
    return np.column_stack([day if "distinct" in job.words else np.ceil(day), cause, np.arange(rows) % 200, x])


def ours(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from pipeline.stats.hazards.cox import cox
    from pipeline.stats.hazards.fine_gray import fine_gray

    day, cause, site = columns[0].copy(), columns[1].astype(int), columns[2].astype(int)
    day = day.astype(int) if (day == np.rint(day)).all() else day
    x = np.ascontiguousarray(columns[3:].T)
    cox(day[:500], cause[:500] > 0, x[:500, 0])  # what is imported on first use is not timed
    fine_gray(day[:500], cause[:500], x[:500, 0])
    cluster = site if "cluster" in job.words else None
    started = time.perf_counter()
    fit = fine_gray(day, cause, x) if "fine_gray" in job.words else cox(day, cause > 0, x, cluster=cluster)
    seconds = time.perf_counter() - started
    return seconds, [*fit.coefficients, *np.sqrt(np.diag(fit.covariance))]


def lifelines(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    import pandas as pd
    from lifelines import CoxPHFitter

    frame = pd.DataFrame(columns[3:].T.copy(), columns=NAMES)
    frame["day"], frame["ended"] = columns[0], columns[1] > 0
    chosen = {}
    if "cluster" in job.words:
        frame["site"], chosen = columns[2], {"cluster_col": "site", "robust": True}
    CoxPHFitter().fit(frame.head(500)[["x0", "day", "ended"]], "day", "ended")
    started = time.perf_counter()
    fit = CoxPHFitter().fit(frame, "day", "ended", **chosen)
    return time.perf_counter() - started, [*fit.params_[NAMES], *fit.standard_errors_[NAMES]]


if __name__ == "__main__":
    run(__file__, JOBS, draw, {"ours": ours, "lifelines": lifelines})
