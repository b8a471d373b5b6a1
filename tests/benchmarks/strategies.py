"""Clone-censor-weight with its weights refitted in every one of 1,000 draws, which has no peer in Python.

Run by hand: python tests/benchmarks/strategies.py [share of the full sizes]
"""

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

if "ours" in sys.argv:
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # our products are small

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.benchmarks.measuring import Job, run

DRAWS = 1_000
JOBS = (
    Job("clone-censor-weight, 1,000 bootstrap replicates, weights refitted, 12 sites", 10_000, smallest=500, repeats=1),
)


def draw(rows: int, job: Job) -> np.ndarray:
    """Columns day, ended, day of the start (-1: none), site and covariates."""
    rng = np.random.default_rng(0)
    x, site = rng.normal(size=(rows, 40)), rng.integers(0, 12, rows)
    back, end = np.ceil(rng.exponential(200, rows)).astype(int) + 1, rng.integers(60, 400, rows)
    day = np.minimum(back, end)
    start = np.where(rng.random(rows) < 1 / (1 + np.exp(-0.5 * x[:, 0])), 1 + rng.integers(0, 13, rows), -1)
    return np.column_stack([day, back <= end, np.where(start < day, start, -1), site, x])


def ours(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from pipeline.stats.strategies.strategies import clone_censor_weight

    day, ended, start, site = columns[:4].astype(int)
    x = np.ascontiguousarray(columns[4:].T)
    started = time.perf_counter()
    clone_censor_weight(
        day, ended == 1, start, x, grace=14, horizon=90, site=site, draws=DRAWS, rng=np.random.default_rng(2)
    )
    return time.perf_counter() - started, []


if __name__ == "__main__":
    run(__file__, JOBS, draw, {"ours": ours})
