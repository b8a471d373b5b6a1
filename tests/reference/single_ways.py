"""One way at a time: weights alone, outcome models alone, and the crude means that compare nobody with nobody."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pipeline.stats.weighting.arm_means import ArmMeans
from pipeline.stats.weighting.effects import augmented_means, several_means


def weighted_means(
    outcome: ArrayLike, arm: ArrayLike, covariates: ArrayLike, site: ArrayLike | None = None, **how: Any
) -> ArmMeans:
    return _one("weighted", outcome, arm, covariates, site, **how)


def outcome_model_means(
    outcome: ArrayLike, arm: ArrayLike, covariates: ArrayLike, site: ArrayLike | None = None, **how: Any
) -> ArmMeans:
    return _one("outcome model", outcome, arm, covariates, site, **how)


def crude_means(outcome: ArrayLike, arm: ArrayLike) -> ArmMeans:
    """Means of the measured with nothing adjusted for, people as the clusters."""
    people = np.size(arm)
    return augmented_means(outcome, arm, np.zeros((people, 0)), cluster=np.arange(people))


def _one(way: str, *people: Any, target: str = "overlap", **how: Any) -> ArmMeans:
    return several_means(*people, ways=[(way, target)], **how)[0]


def infinitesimal_jackknife(at: Callable[[np.ndarray], np.ndarray], n: int, step: float = 1e-5) -> np.ndarray:
    """(n, m) derivative of m numbers in each person's weight, by central differences: what influence functions are."""
    moved = []
    for person in range(n):
        up, down = np.ones(n), np.ones(n)
        up[person] += step
        down[person] -= step
        moved.append((at(up) - at(down)) / (2 * step))
    return np.array(moved)
