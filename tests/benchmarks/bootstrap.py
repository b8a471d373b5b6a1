"""1,000 bootstrap replicates that refit the propensity model, beside a loop with scikit-learn: seconds, and how far the answers lie apart.

Run by hand: python tests/benchmarks/bootstrap.py [people] [replicates]
The peer fits PEER_DRAWS of the same draws and is scaled up; without scikit-learn its column stays empty.
The second line is clone-censor-weight with its weights refitted in every draw, which has no peer in Python.
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")      # the products are small; the threads are our own

import numpy as np

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.stats.strategies import clone_censor_weight  # noqa: E402
from pipeline.stats.weight_bootstrap import refitted_means  # noqa: E402

CLUSTERS, COLUMNS, PEER_DRAWS = 60, 22, 5
APART = 0.01            # of a standard error


def world(n: int) -> tuple[np.ndarray, ...]:
    """Outcome, arm (three), covariates and site of n people."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, COLUMNS))
    x[:, 10:] = x[:, 10:] > 0.8
    site = rng.integers(0, CLUSTERS, n)
    lean = np.column_stack([np.zeros(n), 0.3 * x[:, 0] - 0.2 * x[:, 1], 0.5 * x[:, 0] + 0.3 * x[:, 2] - 0.5])
    odds = np.exp(lean + 0.3 * rng.normal(size=(CLUSTERS, 3))[site])
    arm = (odds.cumsum(1) / odds.sum(1, keepdims=True) > rng.random((n, 1))).argmax(1)
    return x[:, 0] + rng.normal(size=n) + rng.normal(size=CLUSTERS)[site], arm, x, site


def peer_means(outcome: np.ndarray, arm: np.ndarray, x: np.ndarray, weights: np.ndarray) -> np.ndarray | None:
    """Overlap-weighted means with scikit-learn's unpenalized multinomial regression; None where it is not installed."""
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        return None
    e = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10).fit(x, arm, sample_weight=weights).predict_proba(x)
    w = weights / (1 / e).sum(axis=1) / e[np.arange(arm.size), arm]
    return np.bincount(arm, w * outcome) / np.bincount(arm, w)


def propensity_line(n: int, draws: int) -> dict[str, object]:
    outcome, arm, x, site = world(n)
    counts = np.random.default_rng(1).multinomial(CLUSTERS, np.full(CLUSTERS, 1 / CLUSTERS), size=draws)
    started = time.perf_counter()
    means = refitted_means(outcome, arm, x, site, counts)
    ours = time.perf_counter() - started
    line: dict[str, object] = {"job": "weight model refitted", "people": n, "draws": draws, "seconds": round(ours, 2)}
    started = time.perf_counter()
    theirs = [peer_means(outcome, arm, x, counts[b][site].astype(float)) for b in range(PEER_DRAWS)]
    if theirs[0] is not None:
        seconds = (time.perf_counter() - started) / PEER_DRAWS * draws
        apart = float((np.abs(np.array(theirs) - means[:PEER_DRAWS]) / means.std(axis=0)).max())
        line |= {"scikit-learn seconds": round(seconds), "times": round(seconds / ours), "apart": f"{apart:.0e} SE"}
        assert apart < APART, line
    return line


def strategies_line(n: int, draws: int) -> dict[str, object]:
    rng = np.random.default_rng(2)
    x, site = rng.normal(size=(n, 40)), rng.integers(0, 12, n)
    back, end = np.ceil(rng.exponential(200, n)).astype(int) + 1, rng.integers(60, 400, n)
    day = np.minimum(back, end)
    start = np.where(rng.random(n) < 1 / (1 + np.exp(-0.5 * x[:, 0])), 1 + rng.integers(0, 13, n), -1)
    started = time.perf_counter()
    clone_censor_weight(day, back <= end, np.where(start < day, start, -1), x, grace=14, horizon=90, site=site, draws=draws, rng=rng)
    return {"job": "clone-censor-weight, refitted", "people": n, "draws": draws, "seconds": round(time.perf_counter() - started, 2)}


if __name__ == "__main__":
    people = int(float(sys.argv[1])) if len(sys.argv) > 1 else 100_000
    replicates = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    print(json.dumps(propensity_line(people, replicates)), flush=True)
    print(json.dumps(strategies_line(max(people // 10, 500), replicates)), flush=True)
