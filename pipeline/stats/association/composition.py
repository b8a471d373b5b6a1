"""Shares that add up to one: how zeros are replaced, and log-ratios that a regression can use."""

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats


def closed(parts: ArrayLike) -> Floats:
    """Parts (n, D) >= 0 divided by their sum, (n, D).  Raises NotEstimable where a row has nothing or D < 2."""
    x = np.asarray(parts, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] < 2:
        raise NotEstimable("a mix needs at least two kinds of service; with one there is nothing to compare")
    if not np.isfinite(x).all() or (x < 0).any() or (x.sum(axis=1) <= 0).any():
        raise NotEstimable(
            "a mix needs finite parts, none negative and not all zero; leave out people without any hours"
        )
    return np.asarray(x / x.sum(axis=1, keepdims=True), dtype=np.float64)


def replace_zeros(parts: ArrayLike, share: float) -> Floats:
    """Shares (n, D) in which every zero is `share`, the others made smaller in proportion so that rows still add up to
    1.

    Multiplicative replacement: ratios between the parts that were not zero stay as they were. Martin-Fernandez,
    Barcelo-Vidal & Pawlowsky-Glahn (2003) Math Geol 35:253. Raises NotEstimable unless 0 < share < 1/D.
    """
    x = closed(parts)
    if not 0 < share < 1 / x.shape[1]:
        raise NotEstimable("zeros must be replaced by something above 0 and below an equal share of the mix")
    zero = x == 0
    return np.where(zero, share, x * (1 - share * zero.sum(axis=1, keepdims=True)))


def isometric_log_ratio(shares: ArrayLike, first: int = 0) -> Floats:
    """Pivot coordinates (n, D - 1) of positive shares (n, D), with the part numbered `first` put first.

    z_i = sqrt((D - i) / (D - i + 1)) log(x_i / geometric mean of the parts after it), i = 1 .. D - 1. z_1 holds all
    that is to be said of that part beside the others. Egozcue et al. (2003) Math Geol 35:279; Filzmoser, Hron & Templ
    (2018), section 3.3. Raises NotEstimable where a share is zero.
    """
    x = closed(shares)
    if (x <= 0).any():
        raise NotEstimable("a share is zero, which has no logarithm; replace zeros first")
    d = x.shape[1]
    logs = np.log(x[:, [first, *(j for j in range(d) if j != first)]])
    after = logs[:, ::-1].cumsum(axis=1)[:, ::-1]
    count = np.arange(d - 1, 0, -1.0)
    return np.asarray(np.sqrt(count / (count + 1)) * (logs[:, :-1] - after[:, 1:] / count), dtype=np.float64)


def per_doubling(parts: int) -> float:
    """What z_1 grows by when the first of so many parts doubles beside the geometric mean of the others."""
    return float(np.sqrt((parts - 1) / parts) * np.log(2))
