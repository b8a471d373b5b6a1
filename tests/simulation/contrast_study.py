"""Draws studies whose true effects are known, and tallies how an estimator does on them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import expit, ndtr

from pipeline.errors import NotEstimable
from pipeline.stats.arm_means import ArmMeans, difference
from pipeline.stats.effects import augmented_means
from pipeline.stats.sites import choose_inference

COVARIATES = 8
OUTCOME_SD = 5.0


@dataclass(frozen=True)
class Scenario:
    """People, sites, arms, and how strongly the sicker are sent to the more intensive arm (0: not at all, 1: strongly)."""

    people: int
    sites: int = 12
    arms: int = 2
    indication: float = 1.0
    observed: float = 0.65
    effect: float = 2.0
    binary: bool = False        # the outcome is improving by more than 7 points

    @property
    def site_effect_sd(self) -> float:
        """Sites differ in how much the intensive arm helps, unless there are too few to speak beyond them."""
        return 0.4 if self.sites >= 6 else 0.0


@dataclass(frozen=True)
class Drawn:
    outcome: np.ndarray
    arm: np.ndarray
    covariates: np.ndarray
    site: np.ndarray
    probability: np.ndarray     # (n, k) the true one
    expected: np.ndarray        # (n, k) mean outcome in each arm at the person's site


@dataclass(frozen=True)
class Compared:
    """A comparison and the row numbers of the people it rests on."""

    result: ArmMeans
    rows: np.ndarray


def draw(scenario: Scenario, rng: np.random.Generator, people: int | None = None, sites: int | None = None) -> Drawn:
    """One study: severity drives level, outcome and being measured; sites differ in quality and in their mix of levels."""
    n, g = people or scenario.people, sites or scenario.sites
    severity = rng.normal(size=n)
    other = rng.normal(size=(n, 3))
    flags = (rng.random((n, 4)) < expit(-1 + 0.5 * severity[:, None] * np.array([1, 0, 1, 0]))).astype(float)
    x = np.column_stack([severity, other, flags])
    site, quality = rng.integers(0, g, n), rng.normal(size=g)
    own = rng.normal(size=(g, scenario.arms)) * scenario.site_effect_sd
    own[:, 0] = 0

    lean = 0.9 * severity + 0.4 * other[:, 0] + 0.8 * flags[:, 0] - 0.4 * quality[site]
    steps = np.arange(scenario.arms) / (scenario.arms - 1)
    utility = scenario.indication * np.outer(lean - 0.4, steps) + 0.3 * rng.normal(size=(g, scenario.arms))[site]
    probability = np.exp(utility) / np.exp(utility).sum(axis=1, keepdims=True)
    arm = (probability.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)

    natural = 5 + 1.6 * severity - 0.8 * flags[:, 1] - 0.5 * flags[:, 0] + 0.5 * other[:, 1] + quality[site]
    expected = natural[:, None] + np.outer(scenario.effect - 0.5 * severity, steps) + own[site]
    outcome = expected[np.arange(n), arm] + OUTCOME_SD * rng.normal(size=n)
    if scenario.binary:
        expected, outcome = ndtr((expected - 7) / OUTCOME_SD), (outcome > 7).astype(float)
    centre = np.log(scenario.observed / (1 - scenario.observed)) if scenario.observed < 1 else np.inf
    seen = rng.random(n) < expit(centre - 0.4 * severity - 0.3 * flags[:, 1] + 0.3 * other[:, 2] - 0.3 * steps[arm])
    return Drawn(np.where(seen, outcome, np.nan), arm, x, site, probability, expected)


@cache
def truth(scenario: Scenario) -> float:
    """Last arm minus arm 0 in the overlap population, from a large population of many sites."""
    big = draw(scenario, np.random.default_rng(20_240_101), people=400_000, sites=20_000)
    return own_truth(big, np.arange(400_000))


def own_truth(drawn: Drawn, rows: np.ndarray) -> float:
    """The same at the sites compared; what person-level inference speaks of."""
    tilt = 1 / (1 / drawn.probability[rows]).sum(axis=1)
    mean = drawn.expected[rows]
    return float(tilt @ (mean[:, -1] - mean[:, 0]) / tilt.sum())


def as_the_pipeline_does(drawn: Drawn) -> Compared:
    """Counted sites only, and the inference their number allows."""
    choice = choose_inference(drawn.site, drawn.arm, np.isfinite(drawn.outcome))
    if not choice.separable:
        raise NotEstimable(choice.sentence)
    rows = np.flatnonzero(choice.rows)
    return Compared(augmented_means(drawn.outcome[rows], drawn.arm[rows], drawn.covariates[rows], drawn.site[rows],
                                    inference=choice.method), rows)


@dataclass(frozen=True)
class Performance:
    """bias and its Monte-Carlo error in the outcome's unit, bias over empirical SD, coverage of 95 % limits, failures."""

    replicates: int
    failed: int
    bias: float
    bias_error: float
    empirical_sd: float
    mean_se: float
    coverage: float
    width: float

    @property
    def standardized_bias(self) -> float:
        return abs(self.bias) / self.empirical_sd


def performance(scenario: Scenario, estimator: Callable[[Drawn], Compared], replicates: int, seed: int) -> Performance:
    """Repeats the study; errors are against the true effect in the population the inference speaks of."""
    found, failed = [], 0
    for rng in np.random.default_rng(seed).spawn(replicates):
        drawn = draw(scenario, rng)
        try:
            compared = estimator(drawn)
            one = difference(compared.result, scenario.arms - 1, 0)
        except NotEstimable:
            failed += 1
            continue
        here_only = compared.result.inference == "person"
        true = own_truth(drawn, compared.rows) if here_only else truth(scenario)
        found.append((one.estimate - true, one.se, one.low <= true <= one.high, one.high - one.low))
    error, se, covered, width = np.array(found, dtype=float).T
    return Performance(replicates, failed, error.mean(), error.std(ddof=1) / len(error) ** 0.5, error.std(ddof=1), se.mean(),
                       covered.mean(), width.mean())
