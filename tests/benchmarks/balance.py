"""Balance of 30 covariates in three weighted arms, beside what one would write in pandas, and beside tableone.

Run by hand: python tests/benchmarks/balance.py [share of the full sizes]
pandas computes the standardized differences before and after weighting and the effective sample; tableone those before,
and its table.
"""

import sys
import time
import warnings
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.benchmarks.measuring import Job, Peer, run

COLUMNS, FEW = 30, 2_000
BOUND = (
    "two products of six rows of weights with thirty columns and the search for two-valued columns, each a pass over"
    " the table"
)
SAME = 1e-9  # the same sums
ROUNDED = 6e-4  # tableone prints three digits
PAIRS = list(combinations(range(3), 2))
NAMES = [f"x{j}" for j in range(COLUMNS)]
JOBS = (
    Job(
        "balance, 30 covariates, 3 arms",
        1_000_000,
        (Peer("pandas", "pandas", SAME),),
        words=("weighted",),
        errors=False,
        times=3,
        smallest=FEW,
        bound=BOUND,
    ),
    Job(
        "balance, 30 covariates, 3 arms",
        100_000,
        (Peer("tableone", "tableone", ROUNDED),),
        words=("before",),
        errors=False,
        times=200,
        smallest=FEW,
        bound=BOUND,
    ),
)


def draw(rows: int, job: Job) -> np.ndarray:
    """Columns arm, weight and covariates: half normal, half indicators."""
    rng = np.random.default_rng(1)
    arm, x = rng.integers(0, 3, rows), rng.standard_normal((rows, COLUMNS))
    x += 0.1 * arm[:, None] * np.linspace(-1, 1, COLUMNS)
    x[:, 15:] = x[:, 15:] > 0.8
    return np.column_stack([arm, rng.uniform(0.2, 2, rows), x])


def ours(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    from pipeline.stats.weighting.balance import balance

    arm, weights, x = columns[0].astype(int), columns[1].copy(), np.ascontiguousarray(columns[2:].T)
    balance(x[:FEW], NAMES, arm[:FEW], weights[:FEW])
    started = time.perf_counter()
    found = balance(x, NAMES, arm, weights)
    seconds = time.perf_counter() - started
    return seconds, found.smd_before if job.words == ("before",) else [*found.smd_before, *found.smd_after, *found.ess]


def pandas(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    import pandas as pd

    frame = pd.DataFrame(columns[2:].T.copy(), columns=NAMES)
    frame["arm"], frame["weight"] = columns[0].astype(int), columns[1]
    by_hand(frame.head(FEW))
    started = time.perf_counter()
    answers = by_hand(frame)
    return time.perf_counter() - started, answers


def by_hand(frame) -> Iterable[float]:  # a data frame; pandas is imported by the peer alone
    groups = frame.groupby("arm")
    means, sds = groups[NAMES].mean().to_numpy(), groups[NAMES].std().to_numpy()
    weighted = frame[NAMES].mul(frame["weight"], axis=0).groupby(frame["arm"]).sum().to_numpy()
    total = groups["weight"].sum().to_numpy()
    after = weighted / total[:, None]
    squares = (frame["weight"] ** 2).groupby(frame["arm"]).sum().to_numpy()

    def largest(m: np.ndarray) -> np.ndarray:
        return np.max([np.abs(m[a] - m[b]) / np.sqrt((sds[a] ** 2 + sds[b] ** 2) / 2) for a, b in PAIRS], axis=0)

    return [*largest(means), *largest(after), *(total**2 / squares)]


def tableone(columns: np.ndarray, job: Job) -> tuple[float, Iterable[float]]:
    import pandas as pd
    from tableone import TableOne

    warnings.simplefilter("ignore")
    frame = pd.DataFrame(columns[2:].T.copy(), columns=NAMES)
    frame["arm"] = columns[0].astype(int)

    def table(part):
        return TableOne(part, columns=NAMES, continuous=NAMES, categorical=[], groupby="arm", smd=True, missing=False)

    table(frame.head(FEW))
    started = time.perf_counter()
    made = table(frame)
    seconds = time.perf_counter() - started
    smd = made.tableone.xs("Grouped by arm", axis=1, level=0).filter(like="SMD")
    # with no covariate split into levels, the first row is the number of people
    return seconds, np.abs(smd.iloc[1:].to_numpy(dtype=float)).max(axis=1)


if __name__ == "__main__":
    run(__file__, JOBS, draw, {"ours": ours, "pandas": pandas, "tableone": tableone})
