"""Shares with limits that hold for small numbers, and their difference between two groups.

Written out since statsmodels, the reference of test_proportions, takes longer to import than a small study to count.
"""

import numpy as np
from scipy.special import betaincinv, ndtr, ndtri

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import Estimate

HALVINGS = 50  # of the range in which a limit is sought: more than the digits of a number


def wilson(events: float, n: float, *, level: float = 0.95) -> Estimate:
    """Share events/n with Wilson's score limits; se and p do not exist (nan).

    (p + z^2/2n -+ z sqrt(p(1 - p)/n + z^2/4n^2)) / (1 + z^2/n). Wilson (1927); Newcombe (1998), method 3.
    Raises NotEstimable unless 0 <= events <= n and n > 0.
    """
    _check(events, n)
    z = float(ndtri((1 + level) / 2))
    return _share(events, n, *_score_limits(events / n, n, z), level)


def exact_share(events: float, n: float, *, level: float = 0.95) -> Estimate:
    """Share events/n with exact (Clopper-Pearson) limits; se and p do not exist (nan).

    low = B^-1(alpha/2; x, n - x + 1), high = B^-1(1 - alpha/2; x + 1, n - x), B the beta distribution function. Where
    nobody had the event the whole alpha lies above: high = 1 - alpha^(1/n), about 3/n at 95 % (the rule of three),
    and likewise low where everybody had it. Clopper & Pearson (1934) Biometrika 26:404; Hanley & Lippman-Hand (1983)
    JAMA 249:1743. Raises NotEstimable unless 0 <= events <= n and n > 0.
    """
    _check(events, n)
    tail = (1 - level) / (1 if events in (0, n) else 2)
    low = 0.0 if events == 0 else float(betaincinv(events, n - events + 1, tail))
    high = 1.0 if events == n else float(betaincinv(events + 1, n - events, 1 - tail))
    return _share(events, n, low, high, level)


def newcombe_difference(
    events: float, n: float, reference_events: float, reference_n: float, *, level: float = 0.95
) -> Estimate:
    """Difference of two independent shares (group minus reference) with Newcombe's hybrid score limits.

    d - sqrt((p1 - l1)^2 + (u0 - p0)^2), d + sqrt((u1 - p1)^2 + (p0 - l0)^2) with Wilson limits l, u; Newcombe (1998),
    method 10. se is the unpooled binomial one; p is that of the limits: 1 less the level at which they reach 0, 1 where
    the shares are equal. Raises NotEstimable unless 0 <= events <= n and n > 0 in both groups.
    """
    _check(events, n)
    _check(reference_events, reference_n)
    p1, p0, z = events / n, reference_events / reference_n, float(ndtri((1 + level) / 2))
    (low1, high1), (low0, high0) = _score_limits(p1, n, z), _score_limits(p0, reference_n, z)
    return Estimate(
        p1 - p0,
        float(np.sqrt(p1 * (1 - p1) / n + p0 * (1 - p0) / reference_n)),
        np.inf,
        p1 - p0 - float(np.hypot(p1 - low1, high0 - p0)),
        p1 - p0 + float(np.hypot(high1 - p1, p0 - low0)),
        _p_of_limits(p1, n, p0, reference_n),
        round(n + reference_n),
        round(events + reference_events),
        level=level,
    )


def _p_of_limits(share: float, n: float, reference: float, reference_n: float) -> float:
    """2 (1 - Phi(z)), z where a hybrid score limit of the difference is 0."""
    (low, m), (high, k) = sorted([(reference, reference_n), (share, n)])
    if low == high:
        return 1.0

    def beyond(z: float) -> float:
        down, up = high - _score_limits(high, k, z)[0], _score_limits(low, m, z)[1] - low
        return float(np.hypot(down, up) - (high - low))

    short, long = 0.0, 1.0
    while beyond(long) < 0:
        long *= 2
    for _ in range(HALVINGS):
        z = (short + long) / 2
        short, long = (z, long) if beyond(z) < 0 else (short, z)
    return float(2 * ndtr(-long))


def _score_limits(share: float, n: float, z: float) -> tuple[float, float]:
    """Wilson's limits of a share at z."""
    middle, half = share + z * z / (2 * n), z * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    whole = 1 + z * z / n
    return (middle - half) / whole, (middle + half) / whole


def _share(events: float, n: float, low: float, high: float, level: float) -> Estimate:
    low, high = 0.0 if events == 0 else low, 1.0 if events == n else high
    return Estimate(events / n, np.nan, np.inf, low, high, np.nan, round(n), round(events), level=level)


def _check(events: float, n: float) -> None:
    if not (np.isfinite(events) and np.isfinite(n) and n > 0):
        raise NotEstimable("nobody is in the group, or a count is missing; widen the period or the group")
    if not 0 <= events <= n:
        raise NotEstimable("more events than people, or fewer than none; count people once each")
