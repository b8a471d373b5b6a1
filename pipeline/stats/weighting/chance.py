"""How far arms that do not differ still look apart: what a finite sample alone gives a balance check."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from pipeline.errors import NotEstimable

BY_CHANCE = 0.025  # how often the largest of all lines together may exceed its limit where nothing differs
UNEQUAL = 4.0  # times an equal share of the effective sample: weights between 0 and 1 seldom go beyond


def smd_error(ess: ArrayLike) -> float:
    """Standard error of a standardized mean difference between the two smallest arms, sqrt(1/ess_a + 1/ess_b).

    ess  (k,) effective sample of each arm.  Cohen (1988), with effective for actual sizes; a column that is in the
    weighting model differs by less.  Raises NotEstimable for fewer than two arms or an arm without anybody.
    """
    sizes = np.sort(np.asarray(ess, dtype=np.float64))
    if sizes.size < 2 or not (np.isfinite(sizes).all() and sizes[0] > 0):
        raise NotEstimable("balance needs at least two arms with somebody in them; leave the empty arm out")
    return float(np.sqrt((1 / sizes[:2]).sum()))


def largest_by_chance(lines: int, at_most: float = BY_CHANCE) -> float:
    """How many standard errors the largest of so many normal lines exceeds with chance at_most (two-sided, Bonferroni).

    Raises NotEstimable for no line or a chance outside 0..1.
    """
    if lines < 1 or not 0 < at_most < 1:
        raise NotEstimable("a largest line needs at least one line and a chance between 0 and 1")
    return float(-ndtri(at_most / (2 * lines)))


def variance_ratio_by_chance(ess: ArrayLike, lines: int, at_most: float = BY_CHANCE) -> float:
    """Factor by which the larger of two equal variances exceeds the other by chance alone in the largest of the lines.

    exp(z sqrt(2/(ess_a - 1) + 2/(ess_b - 1))), the delta-method error of a log variance under normality.  1 without any
    line.  Raises NotEstimable as smd_error does, and for an effective sample of one.
    """
    if lines == 0:
        return 1.0
    sizes = np.sort(np.asarray(ess, dtype=np.float64))[:2]
    smd_error(sizes)
    if sizes[0] <= 1:
        raise NotEstimable("a variance needs more than one person in each arm; leave the arm out")
    return float(np.exp(largest_by_chance(lines, at_most) * np.sqrt((2 / (sizes - 1)).sum())))


def share_gap_by_chance(shares: ArrayLike, sizes: ArrayLike, lines: int, at_most: float = BY_CHANCE) -> float:
    """Largest difference that chance gives two arms' shares in so many lines, at their common share.

    shares (k,) nan where nobody is; sizes (k,) people.  0 where all or none have it.  Raises NotEstimable for no line.
    """
    share, n = np.asarray(shares, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    here = np.isfinite(share) & (n > 0)
    if here.sum() < 2:
        return 0.0
    common = float(np.average(share[here], weights=n[here]))
    smallest = np.sort(n[here])[:2]
    return largest_by_chance(lines, at_most) * float(np.sqrt(common * (1 - common) * (1 / smallest).sum()))


def largest_person_share(ess: float) -> float:
    """Share of an arm's weight that one of its people may have where nobody decides: UNEQUAL equal shares of the
    effective sample ess.  Raises NotEstimable for an effective sample that is not positive."""
    if not (np.isfinite(ess) and ess > 0):
        raise NotEstimable("an arm without an effective sample has no shares; leave it out")
    return min(1.0, UNEQUAL / ess)
