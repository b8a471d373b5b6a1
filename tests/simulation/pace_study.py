"""How often limits of weighted ratios of paces and of weighted courses hold the truth, where the sicker start at one
level and leave sooner.

python -m tests.simulation.pace_study [--studies 400]     rewrites pace.csv
"""

import argparse
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np

from pipeline.analysis.comparison.pace import CHANGES
from pipeline.stats.hazards.cox import cox
from pipeline.stats.hazards.fine_gray import fine_gray
from pipeline.stats.hazards.hazard_ratio import hazard_ratio
from pipeline.stats.hazards.proportionality import proportional_hazards_test
from pipeline.stats.time_in_care.adjusted_stays import AdjustedStays, adjusted_stays, course_test, still_there
from pipeline.stats.weighting.propensity import balancing_weights, multinomial_propensity
from tests.simulation.pooling_study import write

TABLE = Path(__file__).with_name("pace.csv")
CELLS = tuple(product((400, 1000), (0.0, -0.5)))  # people, log ratio of paces of people alike
LAST, LEAVE, OTHERWISE = 90, 0.010, 0.012  # days, and the chance of either ending each day
ON = 60  # the day on which a course is read
MANY = 400_000  # people of whom the truth is read, with their true weights


@dataclass(frozen=True)
class Row:
    """Share of studies whose 95 % limits hold the ratio among people who could have started at either level: weighted,
    and of the same people unweighted; truth is the ratio's log; in which share it would not be told because it seems to
    change over the stay.  Model curve: the same of the share still in care at the second level on day 60; log-rank: the
    share of studies of equal courses in which the test says nothing (p of .05 and more)."""

    people: int
    effect: float
    model: str
    studies: int
    truth: float
    weighted: float
    unweighted: float
    not_told: float


@dataclass(frozen=True)
class Drawn:
    day: np.ndarray
    cause: np.ndarray
    arm: np.ndarray
    covariates: np.ndarray
    chance: np.ndarray  # of the second level


def drawn(people: int, effect: float, seed: int) -> Drawn:
    r = np.random.default_rng([seed, people])
    x = r.normal(size=(people, 2))
    chance = 1 / (1 + np.exp(-(0.8 * x[:, 0] + 0.3 * x[:, 1])))
    arm = (r.random(people) < chance).astype(int)
    leave = r.exponential(1 / (LEAVE * np.exp(0.6 * x[:, 0] + effect * arm)))
    otherwise = r.exponential(1 / (OTHERWISE * np.exp(-0.3 * x[:, 1])))
    first = np.minimum(leave, otherwise)
    cause = np.where(first >= LAST, 0, np.where(leave < otherwise, 1, 2))
    return Drawn(np.ceil(np.minimum(first, LAST)).astype(int), cause, arm, x, chance)


def fitted(model: str, one: Drawn, weights: np.ndarray):
    return (
        cox(one.day, one.cause == 1, one.arm.astype(float), weights=weights, kind="probability")
        if model == "Cox"
        else fine_gray(one.day, one.cause, one.arm.astype(float), weights=weights, kind="probability")
    )


def ratio(model: str, one: Drawn, weights: np.ndarray):
    return hazard_ratio(fitted(model, one, weights), 0)


def changes(one: Drawn, weights: np.ndarray) -> bool:
    """Whether the ratio would not be told, as analysis.comparison.pace decides it."""
    scaled = weights * weights.sum() / np.square(weights).sum()
    return proportional_hazards_test(fitted("Cox", one, scaled)).global_p < CHANGES


def truth_of(model: str, effect: float) -> float:
    """The log ratio of a great many people, weighted by their true chances: the other level's."""
    one = drawn(MANY, effect, 0)
    return float(np.log(ratio(model, one, np.where(one.arm == 1, 1 - one.chance, one.chance)).estimate))


def overlap(one: Drawn) -> np.ndarray:
    found = multinomial_propensity(one.covariates, one.arm)
    return balancing_weights(found.probabilities, one.arm, "overlap").weights


def row_of(people: int, effect: float, model: str, truth: float, studies: int) -> Row:
    """The studies of a cell, summed up."""
    held, untold = [], []
    for seed in range(1, studies + 1):
        one = drawn(people, effect, seed)
        weights = overlap(one)
        found = [ratio(model, one, each) for each in (weights, np.ones(people))]
        untold.append(changes(one, weights))
        held.append([each.low <= np.exp(truth) <= each.high for each in found])
    weighted, unweighted = np.mean(held, axis=0)
    shares = [round(float(share), 3) for share in (weighted, unweighted, np.mean(untold))]
    return Row(people, effect, model, studies, round(truth, 3), *shares)


def courses(one: Drawn, covariates: np.ndarray) -> AdjustedStays:
    return adjusted_stays(one.day, one.cause > 0, one.arm, covariates, inference="person")


def true_share(effect: float) -> float:
    """Who of a great many people at the second level is still in care on the day, weighted by their true chances."""
    one = drawn(MANY, effect, 0)
    own = one.arm == 1
    return float(np.average(one.day[own] > ON, weights=1 - one.chance[own]))


def course_rows(people: int, effect: float, truth: float, studies: int) -> list[Row]:
    """The curve of a cell, and the test of its courses where they are equal."""
    held, silent = [], []
    for seed in range(1, studies + 1):
        one = drawn(people, effect, seed)
        both = [courses(one, x) for x in (one.covariates, np.zeros((people, 1)))]
        at = [still_there(each, 1, ON) for each in both]
        held.append([each.low <= truth <= each.high for each in at])
        silent.append([course_test(each).p >= 0.05 for each in both])
    rows = [Row(people, effect, "curve", studies, round(truth, 3), *np.mean(held, axis=0).round(3).tolist(), 0.0)]
    if effect == 0:
        rows.append(Row(people, effect, "log-rank", studies, 0.0, *np.mean(silent, axis=0).round(3).tolist(), 0.0))
    return rows


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.simulation.pace_study")
    asked.add_argument("--studies", type=int, default=400)
    studies = asked.parse_args().studies
    truths = {(model, effect): truth_of(model, effect) for model in ("Cox", "Fine-Gray") for effect in (0.0, -0.5)}
    shares = {effect: true_share(effect) for effect in (0.0, -0.5)}
    rows = [
        row_of(people, effect, model, truths[model, effect], studies)
        for people, effect in CELLS
        for model in ("Cox", "Fine-Gray")
    ]
    rows += [row for people, effect in CELLS for row in course_rows(people, effect, shares[effect], studies)]
    write(TABLE, [asdict(row) for row in rows])


if __name__ == "__main__":
    main()
