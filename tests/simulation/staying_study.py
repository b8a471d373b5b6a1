"""How often limits of staying at least so long hold the truth, where the ill leave sooner and come back more often.

python -m tests.simulation.staying_study [--studies 100]     rewrites staying.csv
"""

import argparse
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np

from pipeline.stats.strategies.strategies import clone_censor_weight
from pipeline.stats.strategies.strategy_risks import risk_difference
from tests.simulation.pooling_study import write

TABLE = Path(__file__).with_name("staying.csv")
CELLS = tuple(product((300, 600), (1.0, 2.0)))  # people, ratio of chances of coming back once somebody has left
GRACE, LAST, BACK, LEAVE = 30, 90, 0.004, 0.02  # days, and the chance of either on a day
MANY, DRAWS = 400_000, 100


@dataclass(frozen=True)
class Row:
    """Share of studies whose 95 % limits hold the difference in risk of coming back, all leaving within the days minus
    all staying: by clones, and of the same people by whether they were seen to leave; shift is the mean error of clones
    in standard errors."""

    people: int
    ratio: float
    studies: int
    truth: float
    clones: float
    seen_to_leave: float
    shift: float


@dataclass(frozen=True)
class Drawn:
    illness: np.ndarray
    day: np.ndarray
    back: np.ndarray
    left: np.ndarray


def leaving(illness: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """The day on which each person leaves: the ill sooner, and each with one chance a day."""
    return np.floor(np.log(uniform) / np.log1p(-LEAVE * np.exp(0.6 * illness))).astype(int)


def followed(illness: np.ndarray, left: np.ndarray, ratio: float, r: np.random.Generator) -> Drawn:
    """Day of coming back, or the last; chances change on the day after leaving."""
    day = np.full(illness.size, LAST + 1)
    for d in range(1, LAST + 1):
        chance = BACK * np.exp(0.6 * illness) * np.where(left < d, ratio, 1.0)
        day[(r.random(illness.size) < chance) & (day > LAST)] = d
    return Drawn(illness, np.minimum(day, LAST), day <= LAST, np.where(left < day, left, -1))


def drawn(people: int, ratio: float, seed: int) -> Drawn:
    r = np.random.default_rng([seed, people])
    illness = r.normal(size=people)
    return followed(illness, leaving(illness, r.random(people)), ratio, r)


def true_difference(ratio: float) -> float:
    """The risks of a great many people, each left on a day of those like them who leave in time, and each after it."""
    r = np.random.default_rng(0)
    illness, u = r.normal(size=MANY), r.random(MANY)
    stays = (1 - LEAVE * np.exp(0.6 * illness)) ** (GRACE + 1)  # chance of leaving later than the days
    sooner, later = (leaving(illness, at) for at in (stays + u * (1 - stays), u * stays))
    risks = [followed(illness, left, ratio, r).back.mean() for left in (sooner, later)]
    return float(risks[0] - risks[1])


def answers(one: Drawn, seed: int) -> list[tuple[float, float]]:
    """Differences with their standard errors: by clones, and by whether somebody was seen to leave."""
    rng = np.random.default_rng(seed)
    x, cause = one.illness[:, None], one.back.astype(int)
    found = risk_difference(
        clone_censor_weight(
            one.day, cause, one.left, x, grace=GRACE, horizon=LAST, width=6, max_weight=20.0, draws=DRAWS, rng=rng
        ),
        LAST,
    )
    own = (one.left >= 0) & (one.left <= GRACE)
    shares = [one.back[some].mean() for some in (own, ~own)]
    error = np.sqrt(sum(p * (1 - p) / some.sum() for p, some in zip(shares, (own, ~own), strict=True)))
    return [(found.estimate, found.se), (float(shares[0] - shares[1]), float(error))]


def row_of(people: int, ratio: float, truth: float, studies: int) -> Row:
    """The studies of a cell, summed up."""
    found = np.array([answers(drawn(people, ratio, seed), seed) for seed in range(1, studies + 1)])
    off = (found[:, :, 0] - truth) / found[:, :, 1]
    clones, seen = (np.abs(off) <= 1.96).mean(axis=0)
    numbers = [round(float(one), 3) for one in (truth, clones, seen, off[:, 0].mean())]
    return Row(people, ratio, studies, *numbers)


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.simulation.staying_study")
    asked.add_argument("--studies", type=int, default=100)
    studies = asked.parse_args().studies
    truths = {ratio: true_difference(ratio) for _, ratio in CELLS}
    write(TABLE, [asdict(row_of(people, ratio, truths[ratio], studies)) for people, ratio in CELLS])


if __name__ == "__main__":
    main()
