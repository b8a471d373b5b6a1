"""Effects on outcomes that the arms cannot have changed, all at once and with the weights of the comparison they
check."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats, Integers, checked_arms

FEWEST_EVENTS = (
    11  # with fewer with, or without, the outcome in an arm its ratio is mostly chance, and its count is a small cell
)


@dataclass(frozen=True, slots=True)
class ControlEffects:
    """Log risk ratio of arm 1 to arm 0 for each control outcome.

    crude      (c,) without weights
    log_ratio  (c,) with weights; nan where not usable
    se         (c,) of log_ratio; nan where not usable
    usable     (c,) True where enough people of both arms had the outcome, and enough did not
    n          (c,) people for whom it is known
    """

    crude: Floats
    log_ratio: Floats
    se: Floats
    usable: Flags
    n: Integers


def control_effects(
    outcomes: ArrayLike,
    arm: ArrayLike,
    weights: ArrayLike,
    *,
    covariates: ArrayLike | None = None,
    chance: ArrayLike | None = None,
) -> ControlEffects:
    """Weighted log risk ratios of many yes-or-no outcomes from one set of weights, as one matrix product.

    outcomes (n, c) 0/1, nan where not known; arm (n,) 0 or 1; weights (n,) balancing (and observation) weights, 0
    allowed. log_ratio = log(sum_1 w y / sum_1 w) - log(sum_0 w y / sum_0 w), person-level sandwich, n / (n - 1).
    With covariates (n, p) and chance (n,) of arm 1 from the logistic weight model on them, the influence is first freed
    of its projection on the scores (arm - chance) (1, x): estimated weights are less noisy than known ones (Hirano,
    Imbens & Ridder 2003, Econometrica 71:1161). Raises NotEstimable for anything but two arms or outcomes other than 0,
    1 and nan.
    """
    codes, k = checked_arms(arm)
    y, w = np.asarray(outcomes, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if k != 2 or y.ndim != 2 or len(y) != len(codes) or w.shape != codes.shape:
        raise NotEstimable(
            "control outcomes are compared between two arms, one row per person; pass two arms at a time"
        )
    known = np.isfinite(y)
    if np.isinf(y).any() or not np.isin(y[known], (0, 1)).all() or not (np.isfinite(w).all() and (w >= 0).all()):
        raise NotEstimable(
            "control outcomes must be 0, 1 or unknown, and weights not negative; mend them before comparing"
        )
    happened = np.where(known, y, 0.0)
    counts = np.stack([happened[codes == a].sum(axis=0) for a in (0, 1)])
    people = np.stack([known[codes == a].sum(axis=0) for a in (0, 1)])
    sides = np.stack([codes == 0, codes == 1]).astype(np.float64)
    weight, events = sides @ (w[:, None] * known), sides @ (w[:, None] * happened)
    usable: Flags = np.asarray(
        (counts >= FEWEST_EVENTS).all(axis=0)
        & (people - counts >= FEWEST_EVENTS).all(axis=0)
        & (events > 0).all(axis=0)
    )
    crude, log_ratio, se = (np.full(y.shape[1], np.nan) for _ in range(3))
    if usable.any():
        share = events[:, usable] / weight[:, usable]
        risk = counts[:, usable] / people[:, usable]
        crude[usable] = np.log(risk[1] / risk[0])
        log_ratio[usable] = np.log(share[1] / share[0])
        sign = np.where(codes == 1, 1.0, -1.0)[:, None]
        moved = (
            sign
            * w[:, None]
            * known[:, usable]
            * (happened[:, usable] - share[codes])
            / (weight[:, usable] * share)[codes]
        )
        moved = _freed_of_scores(moved, codes, covariates, chance)
        n = len(codes)
        se[usable] = np.sqrt(n / (n - 1) * (moved**2).sum(axis=0))
    return ControlEffects(crude, log_ratio, se, usable, known.sum(axis=0))


def _freed_of_scores(moved: Floats, arm: Integers, covariates: ArrayLike | None, chance: ArrayLike | None) -> Floats:
    """Influence (n, c) less its least-squares projection on the weight model's scores."""
    if covariates is None or chance is None:
        return moved
    x = np.column_stack([np.ones(len(arm)), np.asarray(covariates, dtype=np.float64)])
    scores = x * (arm - np.asarray(chance, dtype=np.float64))[:, None]
    solved = np.linalg.lstsq(scores.T @ scores, scores.T @ moved, rcond=None)[0]
    freed: Floats = moved - scores @ solved
    return freed
