"""Whether arms are separated, so that a logistic regression has no maximum: proved by a direction, never guessed.

Albert & Anderson (1984) Biometrika 71:1: there is none where some direction moves nobody's own arm behind another one
and somebody's ahead. Newton's steps turn towards such a direction, which saves a linear program.
"""

from itertools import combinations

import numpy as np

from pipeline.stats.design import Flags, Floats, Integers

LEFT_BEHIND = 1e-3  # of a linear predictor, by a step of about 1: further from a separating direction than is tried
UNMOVED = 0.1  # of the longest way ahead: who moves less is held where they are
SAME = 1e-10  # an eigenvalue over the largest: columns that nobody held tells apart
ROUNDING = 1e-9  # of the longest way ahead


def separating(values: Floats, arm: Integers, step: Floats, weights: Floats | None = None) -> Floats | None:
    """A direction (q, k-1) close to step, of a fit of arm (n,) on values (n, q), that proves separation; None where
    none does: that part of step which leaves all who hardly moved where they are. Whoever has no weight does not
    count."""
    values, arm = counted(values, arm, weights)
    ahead = _ahead(values, arm, step)
    if ahead.min() < -LEFT_BEHIND:
        return None
    size, axes = np.linalg.eigh(_held(values, arm, ahead < UNMOVED * ahead.max()))
    free = axes[:, size <= SAME * max(size[-1], 1)]
    direction = np.asarray((free @ (free.T @ step.T.ravel())).reshape(step.shape[::-1]).T, dtype=np.float64)
    return direction if separates(values, arm, direction) else None


def separates(values: Floats, arm: Integers, direction: Floats, weights: Floats | None = None) -> bool:
    """Whether a direction (q, k-1) moves nobody's own arm behind another one, and somebody's ahead."""
    proof = _ahead(*counted(values, arm, weights), direction)
    return bool(proof.max() > 0 and proof.min() >= -ROUNDING * proof.max())


def counted(values: Floats, arm: Integers, weights: Floats | None) -> tuple[Floats, Integers]:
    """Those who have any weight."""
    if weights is None or weights.all():
        return values, arm
    return values[weights > 0], arm[weights > 0]


def _ahead(values: Floats, arm: Integers, step: Floats) -> Floats:
    """How far ahead of each arm (n, k) a step takes everybody's own."""
    moved = np.column_stack([np.zeros(len(values)), values @ step])
    return np.asarray(moved[np.arange(len(arm)), arm][:, None] - moved, dtype=np.float64)


def _held(values: Floats, arm: Integers, unmoved: Flags) -> Floats:
    """Sum of squares (m, m), arm-major, of what a step does to those (n, k) who are to stay; m = (k-1) q."""
    q, k = values.shape[1], unmoved.shape[1]
    total = np.zeros((k, q, k, q))
    for a, b in combinations(range(k), 2):
        here = values[((arm == a) & unmoved[:, b]) | ((arm == b) & unmoved[:, a])]
        gram = here.T @ here
        for one, other in ((a, a), (b, b), (a, b), (b, a)):
            total[one, :, other, :] += gram if one == other else -gram
    return np.asarray(total[1:, :, 1:, :].reshape((k - 1) * q, (k - 1) * q), dtype=np.float64)
