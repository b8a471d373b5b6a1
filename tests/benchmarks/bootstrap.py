"""1,000 bootstrap replicates that refit the propensity model, beside a loop with scikit-learn; and clone-censor-weight
with its weights refitted in every draw, which has no peer in Python.

Run by hand: python tests/benchmarks/bootstrap.py [share of the full sizes]
The peer fits PEER_DRAWS of the same draws; its seconds are scaled up to all of them.
"""

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

if "ours" in sys.argv or "strategies" in sys.argv:
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # our products are small; the threads are our own

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.benchmarks.measuring import Job, Peer, run

CLUSTERS, COLUMNS, DRAWS, PEER_DRAWS = 60, 22, 1_000, 5
APART = 0.01  # of a standard error
JOBS = (
    Job(
        "1,000 bootstrap replicates, weight model refitted, 3 arms, 22 columns, 60 sites",
        100_000,
        (Peer("scikit-learn loop (5 draws, scaled up)", "sklearn", APART),),
        times=100,
        smallest=5_000,
        bound="one exponential per person, arm and draw in each of the passes after the first step",
    ),
    Job(
        "clone-censor-weight, 1,000 bootstrap replicates, weights refitted, 12 sites",
        10_000,
        ours="strategies",
        smallest=500,
        repeats=1,
    ),
)


def draw(rows: int, job: Job) -> np.ndarray:
    """Columns outcome, arm (three), site and covariates; or day, ended, day of the start (-1: none), site and
    covariates."""
    rng = np.random.default_rng(0)
    if job.ours == "strategies":
        x, site = rng.normal(size=(rows, 40)), rng.integers(0, 12, rows)
        back, end = np.ceil(rng.exponential(200, rows)).astype(int) + 1, rng.integers(60, 400, rows)
        day = np.minimum(back, end)
        start = np.where(rng.random(rows) < 1 / (1 + np.exp(-0.5 * x[:, 0])), 1 + rng.integers(0, 13, rows), -1)
        return np.column_stack([day, back <= end, np.where(start < day, start, -1), site, x])
    x = rng.normal(size=(rows, COLUMNS))
    x[:, 10:] = x[:, 10:] > 0.8
    site = rng.integers(0, CLUSTERS, rows)
    lean = np.column_stack([np.zeros(rows), 0.3 * x[:, 0] - 0.2 * x[:, 1], 0.5 * x[:, 0] + 0.3 * x[:, 2] - 0.5])
    odds = np.exp(lean + 0.3 * rng.normal(size=(CLUSTERS, 3))[site])
    arm = (odds.cumsum(1) / odds.sum(1, keepdims=True) > rng.random((rows, 1))).argmax(1)
    return np.column_stack([x[:, 0] + rng.normal(size=rows) + rng.normal(size=CLUSTERS)[site], arm, site, x])


def drawn_counts() -> np.ndarray:
    """How often each site is drawn in each replicate."""
    return np.random.default_rng(1).multinomial(CLUSTERS, np.full(CLUSTERS, 1 / CLUSTERS), size=DRAWS)


def ours(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from pipeline.stats.weighting.weight_bootstrap import refitted_means

    outcome, arm, site, x = (
        columns[0].copy(),
        columns[1].astype(int),
        columns[2].astype(int),
        np.ascontiguousarray(columns[3:].T),
    )
    counts = drawn_counts()
    started = time.perf_counter()
    means = refitted_means(outcome, arm, x, site, counts)
    seconds = time.perf_counter() - started
    return seconds, [*means[:PEER_DRAWS].ravel(), *np.tile(means.std(axis=0), PEER_DRAWS)]


def scikit_learn(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    """Overlap-weighted means with an unpenalized multinomial regression in every draw."""
    from sklearn.linear_model import LogisticRegression

    outcome, arm, site, x = (
        columns[0].copy(),
        columns[1].astype(int),
        columns[2].astype(int),
        np.ascontiguousarray(columns[3:].T),
    )
    counts, answers = drawn_counts(), []
    started = time.perf_counter()
    for b in range(PEER_DRAWS):
        weights = counts[b][site].astype(float)
        model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10).fit(x, arm, sample_weight=weights)
        e = model.predict_proba(x)
        w = weights / (1 / e).sum(axis=1) / e[np.arange(arm.size), arm]
        answers += list(np.bincount(arm, w * outcome) / np.bincount(arm, w))
    return (time.perf_counter() - started) / PEER_DRAWS * DRAWS, answers


def strategies(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from pipeline.stats.strategies.strategies import clone_censor_weight

    day, ended, start, site = columns[:4].astype(int)
    x = np.ascontiguousarray(columns[4:].T)
    started = time.perf_counter()
    clone_censor_weight(
        day, ended == 1, start, x, grace=14, horizon=90, site=site, draws=DRAWS, rng=np.random.default_rng(2)
    )
    return time.perf_counter() - started, []


if __name__ == "__main__":
    run(
        __file__,
        JOBS,
        draw,
        {"ours": ours, "strategies": strategies, "scikit-learn loop (5 draws, scaled up)": scikit_learn},
    )
