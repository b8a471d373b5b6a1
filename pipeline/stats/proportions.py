"""Shares and rates with limits that hold for small numbers, and their difference and ratio between two groups."""

import numpy as np
from scipy.special import betaincinv, ndtr

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import Estimate, critical_value


def wilson(events: float, n: float, *, level: float = 0.95) -> Estimate:
    """Share events/n with Wilson's score limits; se and p do not exist (nan).

    (p + z^2/2n -+ z sqrt(p(1 - p)/n + z^2/4n^2)) / (1 + z^2/n). Wilson (1927); Newcombe (1998), method 3.
    Raises NotEstimable unless 0 <= events <= n and n > 0.
    """
    _check(events, n)
    low, high = _score_limits(events, n, level)
    return Estimate(events / n, np.nan, np.inf, low, high, np.nan, round(n), round(events))


def newcombe_difference(
    events: float, n: float, reference_events: float, reference_n: float, *, level: float = 0.95
) -> Estimate:
    """Difference of two independent shares (group minus reference) with Newcombe's hybrid score limits.

    d - sqrt((p1 - l1)^2 + (u0 - p0)^2), d + sqrt((u1 - p1)^2 + (p0 - l0)^2) with Wilson limits l, u; Newcombe (1998),
    method 10. se is the unpooled binomial one; p is from the pooled score test, 1 where neither group or everybody had
    the event. Raises NotEstimable unless 0 <= events <= n and n > 0 in both groups.
    """
    _check(events, n)
    _check(reference_events, reference_n)
    p1, p0 = events / n, reference_events / reference_n
    low1, high1 = _score_limits(events, n, level)
    low0, high0 = _score_limits(reference_events, reference_n, level)
    difference = p1 - p0
    pooled = (events + reference_events) / (n + reference_n)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / reference_n))
    p = 2 * ndtr(-abs(difference) / spread) if spread > 0 else 1.0
    se = np.sqrt(p1 * (1 - p1) / n + p0 * (1 - p0) / reference_n)
    return Estimate(
        difference,
        float(se),
        np.inf,
        difference - float(np.hypot(p1 - low1, high0 - p0)),
        difference + float(np.hypot(high1 - p1, p0 - low0)),
        float(p),
        round(n + reference_n),
        round(events + reference_events),
    )


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
    return Estimate(events / n, np.nan, np.inf, low, high, np.nan, round(n), round(events))


def _check(events: float, n: float) -> None:
    if not (np.isfinite(events) and np.isfinite(n) and n > 0):
        raise NotEstimable("nobody is in the group, or a count is missing; widen the period or the group")
    if not 0 <= events <= n:
        raise NotEstimable("more events than people, or fewer than none; count people once each")


def _score_limits(events: float, n: float, level: float) -> tuple[float, float]:
    z2 = critical_value(np.inf, level) ** 2
    p = events / n
    half = np.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n)))
    middle, scale = p + z2 / (2 * n), 1 + z2 / n
    low = 0.0 if events == 0 else float((middle - half) / scale)
    high = 1.0 if events == n else float((middle + half) / scale)
    return low, high
