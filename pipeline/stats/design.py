"""Model columns: what may enter a model, on which scale, and which columns say the same thing twice."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

# A column is called redundant when less than this share of its variance is its own.  The Gram matrix squares the
# condition number, so this is sqrt(machine epsilon) with one digit to spare.
OWN_VARIANCE = 1e-9
BLOCK = 4096  # rows at a time, so that several passes over them stay in a cache


@dataclass(frozen=True, slots=True)
class Design:
    """Columns of a regression: one indicator per group, then the covariates centered and scaled.

    values         (n, groups + p) float64
    groups         number of indicator columns; 1 where there is a plain intercept
    center, scale  (p,) so that values = (covariate - center) / scale; constant covariates have scale 1
    """

    values: Floats
    groups: int
    center: Floats
    scale: Floats


def build_design(covariates: Floats, group: Integers, groups: int) -> Design:
    """Indicators of group (n,) in 0..groups-1, which replace the intercept, beside standardized covariates (n, p)."""
    n, p = covariates.shape
    center = covariates.mean(axis=0)
    squares = np.zeros(p)
    for i in range(0, n, BLOCK):
        part = covariates[i : i + BLOCK] - center
        squares += np.einsum("ij,ij->j", part, part)
    scale = np.sqrt(squares / n)
    constant = scale <= 1e-12 * np.maximum(np.abs(center), 1)
    scale[constant] = 1
    values = np.zeros((n, groups + p))
    for i in range(0, n, BLOCK):
        part = (covariates[i : i + BLOCK] - center) / scale
        part[:, constant] = 0
        values[i : i + BLOCK, groups:] = part
    values[np.arange(n), group] = 1
    return Design(values, groups, center, scale)


def independent_columns(gram: Floats) -> Flags:
    """Which columns of a design with Gram matrix (q, q) add something to those before them; (q,) True where kept."""
    size = np.sqrt(np.diag(gram))
    kept = size > 0
    left = gram[np.ix_(kept, kept)] / np.outer(size[kept], size[kept])
    if _full_rank(left):
        return kept
    for position, j in enumerate(np.flatnonzero(kept)):
        kept[j] = left[position, position] > OWN_VARIANCE
        if kept[j]:
            column = left[position + 1 :, position]
            left[position + 1 :, position + 1 :] -= np.outer(column, column / left[position, position])
    return kept


def _full_rank(correlation: Floats) -> bool:
    """Whether every column adds more than OWN_VARIANCE to those before it."""
    try:
        return bool(np.diag(np.linalg.cholesky(correlation)).min(initial=1) ** 2 > OWN_VARIANCE)
    except np.linalg.LinAlgError:
        return False


def spread_penalty(values: Floats, groups: int, levels: int = 0) -> Floats:
    """Penalty (q, q) that pulls group intercepts to their mean and covariate effects to zero, in standard deviations.

    Two-valued covariates count per half range instead, so that a rare flag is pulled as hard as a common one. The last
    columns may be the flags of a factor's levels but its first (arms): these are pulled to the mean of all levels, so
    that it does not matter which of them comes first; of two levels that is the same as any flag.
    """
    q = values.shape[1]
    penalty = np.zeros((q, q))
    penalty[:groups, :groups] = np.eye(groups) - 1 / groups
    low, high = values[:, groups:].min(axis=0), values[:, groups:].max(axis=0)
    two_valued = ((values[:, groups:] == low) | (values[:, groups:] == high)).all(axis=0)
    covariate = np.where(two_valued & (high > low), (high - low) / 2, 1) ** 2
    penalty[range(groups, q), range(groups, q)] = covariate
    if levels:
        penalty[q - levels :, q - levels :] = (np.eye(levels) - 1 / (levels + 1)) / 2
    return penalty


def checked_covariates(covariates: ArrayLike, n: int) -> Floats:
    """Covariates as (n, p) finite floats; one column may come as (n,)."""
    values = np.asarray(covariates, dtype=np.float64)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or len(values) != n:
        raise NotEstimable("covariates and arm have different numbers of rows; pass one row per person in both")
    if not np.isfinite(values).all():
        raise NotEstimable(
            "a covariate is missing or infinite for someone; fill numbers and add an indicator, or use an 'unknown'"
            " category"
        )
    return values


def checked_arms(arm: ArrayLike, arms: int | None = None, *, least: int = 2) -> tuple[Integers, int]:
    """Arm codes (n,) in 0..k-1 and k, at least `least`; every arm must hold somebody."""
    codes = np.asarray(arm)
    if codes.ndim != 1 or codes.size == 0:
        raise NotEstimable("nobody is in the comparison; widen the study period or the arms")
    if not np.issubdtype(codes.dtype, np.integer) and not (
        np.isfinite(codes).all() and (codes == np.floor(codes)).all()
    ):
        raise NotEstimable("arm codes must be whole numbers 0, 1, ..; number the arms first")
    codes = codes.astype(np.int64)
    k = int(codes.max()) + 1 if arms is None else arms
    if codes.min() < 0 or codes.max() >= k:
        raise NotEstimable("arm codes must run from 0 to the number of arms minus 1; number the arms again")
    if k < least:
        raise NotEstimable("only one arm is present; a comparison needs people at two levels of care at least")
    if not np.bincount(codes, minlength=k).all():
        raise NotEstimable("one arm has nobody in it; leave it out or widen the study period")
    return codes, k


def checked_weights(weights: ArrayLike | None, arm: Integers, arms: int) -> Floats | None:
    """Weights (n,), finite and not negative, with a positive sum in every arm; None means everyone counts once."""
    if weights is None:
        return None
    values = np.asarray(weights, dtype=np.float64)
    if values.shape != arm.shape or not np.isfinite(values).all() or (values < 0).any():
        raise NotEstimable("weights must be finite, not negative and one per person; mend them before comparing")
    if not (np.bincount(arm, weights=values, minlength=arms) > 0).all():
        raise NotEstimable("all weights in one arm are zero; that arm has nobody who counts, so leave it out")
    return values
