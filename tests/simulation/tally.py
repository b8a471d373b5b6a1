"""How an estimator does over many studies whose truth is known: bias, coverage, error of the first kind, width,
refusals."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import Estimate, critical_value

MOST_BIAS = 0.15  # in empirical standard deviations; the lines of docs/statistics.md, Trust
LEAST_COVERAGE = 0.93
MOST_FALSE = 0.062  # error of the first kind: 5 % and two and a half Monte-Carlo errors of 2,000 replicates
CERTAIN = 2.46  # Monte-Carlo errors that MOST_FALSE leaves; with fewer replicates the same number of larger ones
MARGIN = 1.0  # points; *not worse* is asked with this one
WORTH_SEEING = 2.0  # points


@dataclass(frozen=True, slots=True)
class Found:
    """One study's answer beside the truth; gate: whether the pipeline would have shown it."""

    estimate: float
    truth: float
    se: float
    df: float
    low: float
    high: float
    gate: bool

    @classmethod
    def of(cls, estimate: Estimate, truth: float, gate: bool = True) -> "Found":
        return cls(estimate.estimate, truth, estimate.se, estimate.df, estimate.low, estimate.high, gate)


Study = Callable[[np.random.Generator], dict[str, Found]]


@dataclass(frozen=True, slots=True)
class Performance:
    """bias, its Monte-Carlo error and empirical_sd in the outcome's unit; coverage of 95 % limits; false: share of null
    studies with p < 0.05; sees, not_worse: share of null studies that would have shown WORTH_SEEING, or ruled out
    MARGIN; refused: studies without an answer; gated: share of answers the gate lets through."""

    replicates: int
    refused: int
    truth: float
    bias: float
    bias_error: float
    empirical_sd: float
    mean_se: float
    coverage: float
    width: float
    gated: float
    bias_gated: float
    coverage_gated: float


def answers(study: Study, replicates: int, seed: int) -> list[dict[str, Found]]:
    """One dictionary per study; empty where it was refused."""
    return [answer_of(study, rng) for rng in np.random.default_rng(seed).spawn(replicates)]


def first_answer(study: Study, seed: int) -> dict[str, Found]:
    """What the first of these studies says, to see whether the estimator is still the one of the table."""
    return answer_of(study, np.random.default_rng(seed).spawn(1)[0])


def answer_of(study: Study, rng: np.random.Generator) -> dict[str, Found]:
    """What one study says; nothing where it is refused."""
    try:
        return study(rng)
    except NotEstimable:
        return {}


def performance(found: list[dict[str, Found]], estimator: str) -> Performance:
    """Errors are against the true effect in the population the inference speaks of."""
    told = [one[estimator] for one in found if estimator in one]
    if len(told) < 2:
        return Performance(len(found), len(found) - len(told), *[np.nan] * 7, 0.0, np.nan, np.nan)
    error = np.array([one.estimate - one.truth for one in told])
    covered, gate = np.array([one.low <= one.truth <= one.high for one in told]), np.array([one.gate for one in told])
    return Performance(
        len(found),
        len(found) - len(told),
        float(np.mean([one.truth for one in told])),
        float(error.mean()),
        float(error.std(ddof=1) / len(error) ** 0.5),
        float(error.std(ddof=1)),
        float(np.mean([one.se for one in told])),
        float(covered.mean()),
        float(np.mean([one.high - one.low for one in told])),
        float(gate.mean()),
        float(error[gate].mean()) if gate.any() else np.nan,
        float(covered[gate].mean()) if gate.any() else np.nan,
    )


def most_false(replicates: int) -> float:
    """The line for the error of the first kind at this many replicates."""
    return max(MOST_FALSE, 0.05 + CERTAIN * (0.05 * 0.95 / replicates) ** 0.5)


def coverage_at_least(line: float, replicates: int, errors: float = 3.0) -> float:
    """What a method that covers at the line would fall below once in a thousand runs of so many replicates."""
    return line - errors * (line * (1 - line) / replicates) ** 0.5


def share(found: list[dict[str, Found]], estimator: str, event: Callable[[Found], bool]) -> float:
    """Share of the studies with an answer of which the event is true; nan where none has one."""
    told = [event(one[estimator]) for one in found if estimator in one]
    return float(np.mean(told)) if told else np.nan


def false_positive(found: Found) -> bool:
    return not found.low <= found.truth <= found.high


def sees(found: Found, points: float = WORTH_SEEING) -> bool:
    """Whether limits would have excluded 0 had the last arm done that much more; the estimators follow such a shift
    exactly."""
    return found.estimate - found.truth + points > critical_value(found.df, 0.95) * found.se


def rules_out(found: Found, margin: float = MARGIN) -> bool:
    """Whether *not worse by more than the margin* is reached where nothing differs."""
    return found.low - found.truth > -margin
