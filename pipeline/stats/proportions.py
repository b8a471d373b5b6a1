"""Shares with limits that hold for small numbers, and their difference between two groups; formulas by statsmodels."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import Estimate


def wilson(events: float, n: float, *, level: float = 0.95) -> Estimate:
    """Share events/n with Wilson's score limits; se and p do not exist (nan).

    (p + z^2/2n -+ z sqrt(p(1 - p)/n + z^2/4n^2)) / (1 + z^2/n). Wilson (1927); Newcombe (1998), method 3.
    Raises NotEstimable unless 0 <= events <= n and n > 0.
    """
    return _share(events, n, "wilson", level)


def exact_share(events: float, n: float, *, level: float = 0.95) -> Estimate:
    """Share events/n with exact (Clopper-Pearson) limits; se and p do not exist (nan).

    low = B^-1(alpha/2; x, n - x + 1), high = B^-1(1 - alpha/2; x + 1, n - x), B the beta distribution function. Where
    nobody had the event the whole alpha lies above: high = 1 - alpha^(1/n), about 3/n at 95 % (the rule of three),
    and likewise low where everybody had it. Clopper & Pearson (1934) Biometrika 26:404; Hanley & Lippman-Hand (1983)
    JAMA 249:1743. Raises NotEstimable unless 0 <= events <= n and n > 0.
    """
    return _share(events, n, "beta", level)


def newcombe_difference(
    events: float, n: float, reference_events: float, reference_n: float, *, level: float = 0.95
) -> Estimate:
    """Difference of two independent shares (group minus reference) with Newcombe's hybrid score limits.

    d - sqrt((p1 - l1)^2 + (u0 - p0)^2), d + sqrt((u1 - p1)^2 + (p0 - l0)^2) with Wilson limits l, u; Newcombe (1998),
    method 10. se is the unpooled binomial one; p is that of the limits: 1 less the level at which they reach 0, 1 where
    the shares are equal. Raises NotEstimable unless 0 <= events <= n and n > 0 in both groups.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    _check(events, n)
    _check(reference_events, reference_n)
    low, high = confint_proportions_2indep(
        events, n, reference_events, reference_n, method="newcomb", compare="diff", alpha=1 - level
    )
    p1, p0 = events / n, reference_events / reference_n
    return Estimate(
        p1 - p0,
        float(np.sqrt(p1 * (1 - p1) / n + p0 * (1 - p0) / reference_n)),
        np.inf,
        float(low),
        float(high),
        _p_of_limits(events / n, n, reference_events / reference_n, reference_n),
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
        down, up = high - _score_limit(high, k, -z), _score_limit(low, m, z) - low
        return float(np.hypot(down, up) - (high - low))

    widest = 1.0
    while beyond(widest) < 0:
        widest *= 2
    return float(2 * ndtr(-brentq(beyond, 0.0, widest, xtol=1e-12)))


def _score_limit(share: float, n: float, z: float) -> float:
    """Wilson's upper limit of a share at z, the lower one at -z."""
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return float((share + z * z / (2 * n) + half) / (1 + z * z / n))


def _share(events: float, n: float, method: str, level: float) -> Estimate:
    from statsmodels.stats.proportion import proportion_confint

    _check(events, n)
    one_sided = method == "beta" and events in (0, n)
    low, high = proportion_confint(events, n, alpha=(1 - level) * (2 if one_sided else 1), method=method)
    low, high = 0.0 if events == 0 else float(low), 1.0 if events == n else float(high)
    return Estimate(events / n, np.nan, np.inf, low, high, np.nan, round(n), round(events), level=level)


def _check(events: float, n: float) -> None:
    if not (np.isfinite(events) and np.isfinite(n) and n > 0):
        raise NotEstimable("nobody is in the group, or a count is missing; widen the period or the group")
    if not 0 <= events <= n:
        raise NotEstimable("more events than people, or fewer than none; count people once each")
