"""How often limits of partially pooled effects hold the truth, and how much narrower they are than each group's own.

python -m tests.simulation.pooling_study [--draws 400]     rewrites partial_pooling.csv and pooled_shares.csv
"""

import argparse
import csv
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np

from pipeline.stats.between_site_variance import between_variance
from pipeline.stats.partial_pooling import partially_pooled, pooled_shares
from pipeline.stats.proportions import wilson

TABLE = Path(__file__).with_name("partial_pooling.csv")
SHARES = Path(__file__).with_name("pooled_shares.csv")
CELLS = tuple(product((3, 6, 12), (1, 4), (0.0, 0.5, 1.0, 2.0)))  # groups, largest error over smallest, spread
SHARE_CELLS = tuple(product((3, 6, 12), (0.05, 0.2, 0.5), (0.0, 0.3, 0.8)))  # groups, typical share, spread of log odds
PEOPLE = (12, 60)  # in a group, at least and at most
Z = 1.959964


@dataclass(frozen=True)
class Row:
    """Share of effects that 95 % limits hold where the spread between groups is averaged over (pooled) and where it is
    taken as known; width of the former, and their squared error, over those of each group's own.

    spread is in the geometric mean of the groups' standard errors.
    """

    groups: int
    unequal: int
    spread: float
    draws: int
    pooled: float
    spread_known: float
    width: float
    error: float


def drawn(groups: int, unequal: int, spread: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True effects, estimates and standard errors of one draw."""
    r = np.random.default_rng([seed, groups, unequal])
    se = np.geomspace(unequal**-0.5, unequal**0.5, groups)
    truth = spread * r.normal(size=groups)
    return truth, truth + se * r.normal(size=groups), se


def with_spread_known(y: np.ndarray, se: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best predictions and their standard errors, the spread by REML taken as known."""
    tau2 = between_variance(y, se, "REML")
    w = 1 / (tau2 + se**2)
    own = tau2 * w
    return own * y + (1 - own) * (w @ y) / w.sum(), np.sqrt(own * se**2 + (1 - own) ** 2 / w.sum())


def one(groups: int, unequal: int, spread: float, seed: int) -> tuple[float, ...]:
    truth, y, se = drawn(groups, unequal, spread, seed)
    found = partially_pooled(y, se).estimates
    low, high, middle = (np.array([getattr(e, name) for e in found]) for name in ("low", "high", "estimate"))
    guess, error = with_spread_known(y, se)
    return (
        float(((low <= truth) & (truth <= high)).mean()),
        float((abs(guess - truth) <= Z * error).mean()),
        float((high - low).mean() / (2 * Z * se).mean()),
        float(((middle - truth) ** 2).mean()),
        float(((y - truth) ** 2).mean()),
    )


def row_of(groups: int, unequal: int, spread: float, draws: int) -> Row:
    """The draws of a cell, summed up."""
    held, known, width, pooled, alone = np.mean([one(groups, unequal, spread, s) for s in range(draws)], axis=0)
    rounded = [round(float(x), 3) for x in (held, known, width, pooled / alone)]
    return Row(groups, unequal, spread, draws, *rounded)


@dataclass(frozen=True)
class ShareRow:
    """Share of true shares that 95 % limits hold, pulled and each alone (Wilson); width and squared error of the former
    over those of the latter."""

    groups: int
    share: float
    spread: float
    draws: int
    pulled: float
    alone: float
    width: float
    error: float


def one_of_shares(groups: int, share: float, spread: float, seed: int) -> tuple[float, ...]:
    r = np.random.default_rng([seed, groups, round(100 * share)])
    people = r.integers(PEOPLE[0], PEOPLE[1] + 1, groups)
    truth = 1 / (1 + (1 - share) / share * np.exp(-spread * r.normal(size=groups)))
    events = r.binomial(people, truth)
    found = pooled_shares(events, people).estimates
    each = [wilson(x, n) for x, n in zip(events, people, strict=True)]
    told: list[float] = []
    for these in (found, each):
        low, high, middle = (np.array([getattr(e, name) for e in these]) for name in ("low", "high", "estimate"))
        held = float(((low <= truth) & (truth <= high)).mean())
        told += [held, float((high - low).mean()), float(((middle - truth) ** 2).mean())]
    return tuple(told)


def share_row(groups: int, share: float, spread: float, draws: int) -> ShareRow:
    """The draws of a cell of shares, summed up."""
    pulled, width, error, alone, wide, far = np.mean(
        [one_of_shares(groups, share, spread, s) for s in range(draws)], axis=0
    )
    rounded = [round(float(x), 3) for x in (pulled, alone, width / wide, error / far)]
    return ShareRow(groups, share, spread, draws, *rounded)


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.simulation.pooling_study")
    asked.add_argument("--draws", type=int, default=400)
    draws = asked.parse_args().draws
    write(TABLE, [asdict(row_of(*cell, draws)) for cell in CELLS])
    write(SHARES, [asdict(share_row(*cell, draws)) for cell in SHARE_CELLS])


def write(path: Path, rows: list[dict[str, float]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
