"""The probability of each of three arms, beside scikit-learn, statsmodels and R, and doubly robust means of five folds.

Run by hand: python tests/benchmarks/propensity.py [share of the full sizes]
The answers compared are log-odds ratios (means where the job is means), after a fit that every peer may end by its own
rule.
"""

import sys
import time
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.benchmarks.measuring import Job, Peer, run

COLUMNS, FOLDS, FEW = 22, 5, 2_000
LEVELS = (4, 5, 3, 2, 2, 6, 3, 4, 2, 3, 2)  # about as many combinations occur among 1.7 million people as in TEDS
NEAR = 1e-3  # log-odds: peers stop at a gradient of 1e-4 of theirs
ROUGH = 0.02  # multinom climbs without second derivatives and stops sooner
SAME = 1e-4  # of a standard error: the peer's propensity model stops sooner
MULTINOM = """
suppressMessages(library(nnet))
options(digits = 15); a <- commandArgs(TRUE); n <- as.integer(a[2]); q <- as.integer(a[3])
m <- matrix(readBin(a[1], "double", n * q), n); x <- m[, 3:q]; arm <- factor(m[, 1])
started <- proc.time()[["elapsed"]]
f <- multinom(arm ~ x, trace = FALSE, maxit = 1000)
took <- proc.time()[["elapsed"]] - started
cat(took, coef(f)[, -1], sep = "\\n")
"""
PASSES = "four fifths are the three products of 22 columns with themselves that every Newton step takes of all people"
JOBS = (
    Job(
        "multinomial propensity, 3 arms, 22 columns",
        1_000_000,
        (Peer("scikit-learn newton-cholesky", "sklearn", NEAR), Peer("statsmodels", "statsmodels", NEAR)),
        errors=False,
        times=4,
        ours="multinomial",
        bound=PASSES,
        smallest=FEW,
    ),
    Job(
        "multinomial propensity, 3 arms, 22 columns",
        100_000,
        (Peer("scikit-learn newton-cholesky", "sklearn", NEAR), Peer("R multinom", "nnet", ROUGH, source=MULTINOM)),
        errors=False,
        times=4,
        ours="multinomial",
        bound=PASSES,
        smallest=FEW,
    ),
    Job(
        "all-categorical propensity, 3 arms, 11 categories",
        1_700_000,
        (Peer("scikit-learn newton-cholesky on indicators", "sklearn", NEAR),),
        words=("categories",),
        errors=False,
        times=10,
        ours="categories",
        smallest=FEW,
        bound=(
            "Newton on the cells that occur and building their indicator columns are two thirds, numbering everybody's"
            " cell a sixth"
        ),
    ),
    Job(
        "doubly robust means, 3 arms, 5 folds",
        100_000,
        (Peer("scikit-learn loop", "sklearn", SAME, 1e-4),),
        words=("means",),
        times=8,
        ours="doubly_robust",
        smallest=FEW,
        bound="two fifths are Newton steps over everybody and each fold's information, the rest passes over the people",
    ),
)


def draw(rows: int, job: Job) -> np.ndarray:
    """Columns arm, outcome and covariates (ten normal, the others indicators), or arm, outcome and the codes of
    categories."""
    rng = np.random.default_rng(1)
    if job.words == ("categories",):
        x = np.column_stack(
            [rng.choice(size, rows, p=0.5 ** np.arange(size) / (0.5 ** np.arange(size)).sum()) for size in LEVELS]
        )
        lean = 0.4 * (x[:, 0] == 1) - 0.3 * (x[:, 5] > 2), 0.2 * (x[:, 1] > 0) + 0.5 * (x[:, 7] == 3) - 0.5
    else:
        x = rng.standard_normal((rows, COLUMNS))
        x[:, 10:] = x[:, 10:] > 0.8
        lean = 0.3 * x[:, 0] - 0.2 * x[:, 1], 0.5 * x[:, 0] + 0.3 * x[:, 2] - 0.5
    odds = np.exp(np.column_stack([np.zeros(rows), *lean]))
    arm = (odds.cumsum(1) / odds.sum(1, keepdims=True) > rng.random((rows, 1))).argmax(1)
    return np.column_stack([arm, x[:, 0] + 0.5 * arm + rng.standard_normal(rows), x])


def read(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arm, outcome and covariates by row."""
    return columns[0].astype(int), columns[1].copy(), np.ascontiguousarray(columns[2:].T)


def multinomial(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from pipeline.stats.weighting.propensity import multinomial_propensity

    arm, _, x = read(columns)
    multinomial_propensity(x[:FEW], arm[:FEW])  # what is imported on first use is not timed
    started = time.perf_counter()
    fit = multinomial_propensity(x, arm)
    return time.perf_counter() - started, fit.coefficients[:, 1:].ravel()


def categories(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from pipeline.stats.weighting.categorical_propensity import categorical_propensity

    arm, _, x = read(columns)
    levels = x.astype(np.int8)
    categorical_propensity(levels[:FEW], arm[:FEW])
    started = time.perf_counter()
    fit = categorical_propensity(levels, arm)
    return time.perf_counter() - started, fit.coefficients[:, 1:].ravel()


def doubly_robust(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from pipeline.stats.weighting.cross_fitting import cross_fitted_means

    arm, outcome, x = read(columns)
    folds = np.arange(arm.size) % FOLDS
    cross_fitted_means(outcome[:FEW], arm[:FEW], x[:FEW], folds=folds[:FEW], inference="person")
    started = time.perf_counter()
    found = cross_fitted_means(outcome, arm, x, folds=folds, inference="person")
    return time.perf_counter() - started, [*found.means, *np.sqrt(np.diag(found.covariance))]


def scikit_learn(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    arm, _, x = read(columns)
    if job.words == ("categories",):
        x = np.hstack([x[:, [j]] == np.arange(1, size) for j, size in enumerate(LEVELS)]).astype(float)
    model = unpenalized()
    model.fit(x[:FEW], arm[:FEW])
    started = time.perf_counter()
    model.fit(x, arm).predict_proba(x)
    seconds = time.perf_counter() - started
    return seconds, (model.coef_[1:] - model.coef_[0]).T.ravel()


def unpenalized():  # its type is there only where scikit-learn is
    from sklearn.linear_model import LogisticRegression

    warnings.simplefilter("ignore")
    return LogisticRegression(C=np.inf, solver="newton-cholesky", max_iter=500)


def scikit_learn_loop(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from sklearn.linear_model import LinearRegression

    arm, outcome, x = read(columns)
    fold, own = np.arange(arm.size) % FOLDS, arm[:, None] == np.arange(3)
    unpenalized().fit(x[:FEW], arm[:FEW])
    LinearRegression().fit(x[:FEW], outcome[:FEW])
    started = time.perf_counter()
    e, m = np.empty((arm.size, 3)), np.empty((arm.size, 3))
    for f in range(FOLDS):
        here, others = fold == f, fold != f
        e[here] = unpenalized().set_params(tol=1e-8).fit(x[others], arm[others]).predict_proba(x[here])
        for a in range(3):
            rows = others & own[:, a]
            m[here, a] = LinearRegression().fit(x[rows], outcome[rows]).predict(x[here])
    w, left = own / e, outcome[:, None] - m
    rest = (w * left).sum(axis=0) / w.sum(axis=0)
    moved = (m - m.mean(axis=0)) / arm.size + w * (left - rest) / w.sum(axis=0)
    errors = np.sqrt(arm.size / (arm.size - 1) * (moved**2).sum(axis=0))
    return time.perf_counter() - started, [*(m.mean(axis=0) + rest), *errors]


def statsmodels(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from statsmodels.discrete.discrete_model import MNLogit

    arm, _, x = read(columns)
    design = np.column_stack([np.ones(arm.size), x])
    MNLogit(arm[:FEW], design[:FEW]).fit(disp=0)
    started = time.perf_counter()
    fit = MNLogit(arm, design).fit(disp=0)
    fit.predict()
    return time.perf_counter() - started, fit.params[1:].ravel()


if __name__ == "__main__":
    run(
        __file__,
        JOBS,
        draw,
        {
            "multinomial": multinomial,
            "categories": categories,
            "doubly_robust": doubly_robust,
            "scikit-learn newton-cholesky": scikit_learn,
            "scikit-learn newton-cholesky on indicators": scikit_learn,
            "scikit-learn loop": scikit_learn_loop,
            "statsmodels": statsmodels,
        },
    )
