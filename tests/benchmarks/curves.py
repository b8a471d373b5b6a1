"""Curves of remaining in care and of endings in three arms, beside statsmodels, lifelines and R.

Run by hand: python tests/benchmarks/curves.py [share of the full sizes]
Everybody reads the curves on the same days; what draws them is timed, not reading the file.
"""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.benchmarks.measuring import Job, Peer, run

DAYS = np.array([30, 90, 180, 300])
SAME = 1e-6  # of a standard error: everyone adds up the same counts
CUMINC_ERRORS = 0.01  # cuminc has Aalen's variance, survfit and we the infinitesimal jackknife
READ = """
options(digits = 15); a <- commandArgs(TRUE); n <- as.integer(a[2])
m <- matrix(readBin(a[1], "double", n * as.integer(a[3])), n); day <- m[, 1]; cause <- m[, 2]; arm <- m[, 3]; at <- c(30, 90, 180, 300)
"""
KAPLAN_MEIER = (
    "suppressMessages(library(survival))"
    + READ
    + """
started <- proc.time()[["elapsed"]]
s <- summary(survfit(Surv(day, cause > 0) ~ arm), times = at); d <- survdiff(Surv(day, cause > 0) ~ arm)
took <- proc.time()[["elapsed"]] - started
cat(took, s$surv, d$chisq, s$std.err, 0, sep = "\\n")
"""
)
SURVFIT = (
    "suppressMessages(library(survival))"
    + READ
    + """
ending <- factor(cause, 0:2)
started <- proc.time()[["elapsed"]]
s <- summary(survfit(Surv(day, ending) ~ arm), times = at)
took <- proc.time()[["elapsed"]] - started
cat(took, s$pstate[, 2], s$pstate[, 3], s$std.err[, 2], s$std.err[, 3], sep = "\\n")
"""
)
CUMINC = (
    "suppressMessages(library(cmprsk))"
    + READ
    + """
started <- proc.time()[["elapsed"]]
f <- cuminc(day, cause, arm)
took <- proc.time()[["elapsed"]] - started
p <- timepoints(f, at)
cat(took, t(p$est), sqrt(t(p$var)), sep = "\\n")
"""
)
COUNTING = (
    "counting people by day and arm is one pass over them; the rest is days and takes the same for any number of people"
)
INFLUENCE = (
    "half is the influence of each day on the errors, the same for any number of people; the rest is one pass over them"
)
JOBS = (
    Job(
        "Kaplan–Meier and log-rank, 3 arms",
        1_000_000,
        (
            Peer("statsmodels", "statsmodels", SAME, SAME),
            Peer("lifelines", "lifelines", SAME),
            Peer("R survival", "survival", SAME, SAME, KAPLAN_MEIER),
        ),
        times=50,
        ours="kaplan_meier",
        bound=COUNTING,
    ),
    Job(
        "Aalen–Johansen, 3 arms",
        1_000_000,
        (Peer("R cuminc", "cmprsk", SAME, CUMINC_ERRORS, CUMINC), Peer("R survfit", "survival", SAME, SAME, SURVFIT)),
        times=100,
        ours="aalen_johansen",
        bound=INFLUENCE,
    ),
)


def draw(rows: int, job: Job) -> np.ndarray:
    """Columns day, cause and arm."""
    rng = np.random.default_rng(1)
    arm = rng.integers(0, 3, rows)
    ending, lost = rng.exponential(120 * (1 + 0.2 * arm)), np.minimum(rng.uniform(30, 500, rows), 365)
    cause = np.where(ending <= lost, 1 + (rng.random(rows) < 0.4), 0)
    return np.column_stack([np.ceil(np.minimum(ending, lost)), cause, arm])


def kaplan_meier(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from pipeline.stats.time_in_care.log_rank import log_rank_of
    from pipeline.stats.time_in_care.risk_table import risk_table
    from pipeline.stats.time_in_care.survival import at, survival_curves

    day, cause, arm = columns.astype(int)
    ended = cause > 0
    log_rank_of(
        risk_table(day[:500], ended[:500], arm=arm[:500], causes=1)
    )  # what is imported on first use is not timed
    started = time.perf_counter()
    table = risk_table(day, ended, arm=arm, causes=1)
    curves, test = survival_curves(table), log_rank_of(table)
    seconds = time.perf_counter() - started
    points = [at(curve, DAYS) for curve in curves]
    return seconds, [
        *np.ravel([one.estimate for one in points]),
        test.chi_square,
        *np.ravel([one.se for one in points]),
        0.0,
    ]


def aalen_johansen(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from pipeline.stats.time_in_care.incidence import incidence_at, incidence_curves
    from pipeline.stats.time_in_care.risk_table import risk_table

    day, cause, arm = columns.astype(int)
    incidence_curves(risk_table(day[:500], cause[:500], arm=arm[:500]))
    started = time.perf_counter()
    curves = incidence_curves(risk_table(day, cause, arm=arm))
    seconds = time.perf_counter() - started
    points = [incidence_at(curve, DAYS) for curve in curves]
    return seconds, [*by_cause([one.estimate for one in points]), *by_cause([one.se for one in points])]


def by_cause(values: list[np.ndarray]) -> np.ndarray:
    """Arm by day within cause, as R prints them."""
    return np.array(values).transpose(2, 0, 1).ravel()


def statsmodels(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from statsmodels.duration.survfunc import SurvfuncRight, survdiff

    day, cause, arm = columns
    ended = (cause > 0).astype(float)
    survdiff(day[:500], ended[:500], arm[:500])
    started = time.perf_counter()
    curves = [SurvfuncRight(day[arm == a], ended[arm == a]) for a in range(3)]
    chi_square = survdiff(day, ended, arm)[0]
    seconds = time.perf_counter() - started
    places = [np.searchsorted(curve.surv_times, DAYS, side="right") - 1 for curve in curves]
    return seconds, [
        *np.ravel([c.surv_prob[at] for c, at in zip(curves, places, strict=True)]),
        chi_square,
        *np.ravel([c.surv_prob_se[at] for c, at in zip(curves, places, strict=True)]),
        0.0,
    ]


def lifelines(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from lifelines import KaplanMeierFitter
    from lifelines.statistics import multivariate_logrank_test

    day, cause, arm = columns
    ended = cause > 0
    multivariate_logrank_test(day[:500], arm[:500], ended[:500])
    started = time.perf_counter()
    curves = [KaplanMeierFitter().fit(day[arm == a], ended[arm == a]) for a in range(3)]
    chi_square = multivariate_logrank_test(day, arm, ended).test_statistic
    seconds = time.perf_counter() - started
    return seconds, [*np.ravel([curve.predict(DAYS) for curve in curves]), chi_square]


if __name__ == "__main__":
    run(
        __file__,
        JOBS,
        draw,
        {
            "kaplan_meier": kaplan_meier,
            "aalen_johansen": aalen_johansen,
            "statsmodels": statsmodels,
            "lifelines": lifelines,
        },
    )
