"""The probability of each arm where every covariate is a category: fitted to the distinct cells, not to the people."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers, build_design, checked_arms, checked_weights
from pipeline.stats.weighting.propensity import Propensity, described, fit_weight_model

DENSE = 8  # cells are counted in place while there are no more than this many possible ones per person
MOST_CELLS = 2**62


def categorical_propensity(levels: ArrayLike, arm: ArrayLike, *, weights: ArrayLike | None = None) -> Propensity:
    """Multinomial logistic regression of arm on categories: propensity.multinomial_propensity on their indicators, from
    cells.

    levels   (n, c) codes 0..L_j - 1 in each column; level 0 of a column is its reference, and has no coefficient
    arm      (n,) codes 0..k-1, every arm present; weights (n,) as there

    People with the same categories and arm are one row with the sum of their weights: 1.7 million admissions have about
    a tenth as many. coefficients and kept have one row per level but the first, column after column (p = sum L_j - c).
    Raises NotEstimable as multinomial_propensity, and for codes that are not whole numbers from 0 up.
    """
    codes, k = checked_arms(arm)
    x = _checked_levels(levels, len(codes))
    w = checked_weights(weights, codes, k)
    sizes = x.max(axis=0) + 1
    cell, of = _cells(x, sizes, codes, k)
    counts = np.bincount(of, weights=w, minlength=len(cell)).astype(np.float64)
    own = cell % k
    indicators = _indicators(cell // k, sizes)
    design = build_design(indicators, np.zeros(len(cell), dtype=np.int64), 1)
    fitted = described(fit_weight_model(design.values, 1, own, k, counts), design)
    return replace(fitted, probabilities=fitted.probabilities.take(of, axis=0))


def _checked_levels(levels: ArrayLike, n: int) -> Integers:
    values = np.asarray(levels)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or len(values) != n:
        raise NotEstimable("levels and arm have different numbers of rows; pass one row per person in both")
    whole = values.dtype.kind in "iub" or bool(np.isfinite(values).all() and (values == np.floor(values)).all())
    if not whole or not (values >= 0).all():
        raise NotEstimable("levels must be whole numbers 0, 1, ..; number the categories first, 'unknown' among them")
    out = values.astype(np.int64)
    if np.prod(out.max(axis=0) + 1.0) > MOST_CELLS / n:
        raise NotEstimable("so many categories have too many combinations; merge rare ones")
    return out


def _cells(x: Integers, sizes: Integers, arm: Integers, arms: int) -> tuple[Integers, Integers]:
    """Numbers of the cells that occur (m,), the arm the last digit, and each person's place among them (n,)."""
    number = np.zeros(len(arm), dtype=np.int64)
    for j, size in enumerate(sizes):
        number *= size
        number += x[:, j]
    number *= arms
    number += arm
    possible = int(np.prod(sizes)) * arms
    if possible > DENSE * len(arm):
        cell, of = np.unique(number, return_inverse=True)
        return cell, of.astype(np.int64)
    cell = np.flatnonzero(np.bincount(number, minlength=possible))
    place = np.zeros(possible, dtype=np.int64)
    place[cell] = np.arange(len(cell))
    return cell, place[number]


def _indicators(number: Integers, sizes: Integers) -> Floats:
    """One column per level but the first of every category (m, sum L_j - c), read from the digits of the cells'
    numbers."""
    parts: list[Floats] = []
    for size in sizes[::-1]:
        number, level = np.divmod(number, size)
        parts.append(np.asarray(level[:, None] == np.arange(1, size), dtype=np.float64))
    return np.hstack(parts[::-1]) if parts else np.zeros((len(number), 0))
