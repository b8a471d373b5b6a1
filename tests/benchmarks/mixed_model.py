"""Mixed models beside R's lmer and statsmodels: seconds of the fit, peak memory of the process, and whether the answers
agree.

Run by hand: python tests/benchmarks/mixed_model.py [share of the full sizes]
Degrees of freedom are part of our fit, lmer is asked for none.
"""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.benchmarks.measuring import Job, Peer, run

VISITS = 8
AGREE = 1e-2  # of a standard error: lmer minimizes without derivatives (the unit tests compare to 1e-5)
NOT_CONVERGED = 1.0  # statsmodels says so itself
LMER = """
suppressMessages(library(lme4))
options(digits = 15); a <- commandArgs(TRUE); n <- as.integer(a[2])
d <- as.data.frame(matrix(readBin(a[1], "double", n * 5), n, dimnames = list(NULL, c("id", "week", "arm", "age", "score"))))
d$id <- as.integer(d$id)
started <- proc.time()[["elapsed"]]
f <- lmer(score ~ week * arm + age + (week | id), d, REML = a[4] == "reml", control = lmerControl(calc.derivs = FALSE))
cat(proc.time()[["elapsed"]] - started, fixef(f), sqrt(diag(as.matrix(vcov(f)))), sep = "\\n")
"""
R_LMER = Peer("R lmer", "lme4", AGREE, AGREE, LMER)
BOUND = "three quarters are small factors of every patient at each of the seventeen values of the likelihood"
FULL = 100_000 * VISITS
JOBS = (
    Job(
        "mixed model, intercept and slope, REML",
        FULL,
        (R_LMER,),
        ("reml",),
        "scores",
        times=80,
        bound=BOUND,
        smallest=800,
    ),
    Job(
        "mixed model, intercept and slope, ML", FULL, (R_LMER,), ("ml",), "scores", times=80, bound=BOUND, smallest=800
    ),
    Job(
        "mixed model, intercept and slope, REML",
        FULL // 10,
        (R_LMER,),
        ("reml",),
        "scores",
        times=30,
        bound=BOUND,
        smallest=800,
    ),
    Job(
        "mixed model, intercept and slope, REML",
        FULL // 100,
        (Peer("statsmodels", "statsmodels", NOT_CONVERGED),),
        ("reml",),
        "scores",
        bound=BOUND,
        smallest=800,
    ),
)


def draw(rows: int, job: Job) -> np.ndarray:
    """Columns id, week, arm, age and score; eight visits of each patient at any time in twelve weeks."""
    rng, patients = np.random.default_rng(1), -(-rows // VISITS)
    id_ = np.repeat(np.arange(patients), VISITS)
    week = np.sort(rng.uniform(0, 12, (patients, VISITS)), axis=1).ravel()
    arm, age = (np.arange(patients) % 2)[id_], rng.normal(size=patients)[id_]
    own = rng.multivariate_normal([0, 0], [[9, -0.3], [-0.3, 0.1]], patients)[id_]
    score = 15 - 0.4 * week - 0.2 * arm * week + 0.5 * age + own[:, 0] + own[:, 1] * week + rng.normal(0, 2, id_.size)
    return np.column_stack([id_, week, arm, age, score])[:rows]


def read(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Patient, score, fixed columns as R has them, and week."""
    id_, week, arm, age, score = columns
    return id_.astype(int), score.copy(), np.column_stack([np.ones(week.size), week, arm, age, week * arm]), week.copy()


def ours(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from pipeline.stats.repeated_scores.mixed_model import mixed_model

    id_, score, x, week = read(columns)
    few = slice(0, 40 * VISITS)  # what is imported on first use is not timed
    mixed_model(id_[few], score[few], x[few], week[few])
    started = time.perf_counter()
    fit = mixed_model(id_, score, x, week, restricted="reml" in job.words)
    return time.perf_counter() - started, [*fit.fixed.coefficients, *np.sqrt(np.diag(fit.fixed.covariance))]


def statsmodels(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from statsmodels.regression.mixed_linear_model import MixedLM

    id_, score, x, _ = read(columns)
    started = time.perf_counter()
    fit = MixedLM(score, x, id_, x[:, :2]).fit(reml="reml" in job.words)
    return time.perf_counter() - started, [*fit.fe_params, *fit.bse_fe]


if __name__ == "__main__":
    run(__file__, JOBS, draw, {"ours": ours, "statsmodels": statsmodels})
