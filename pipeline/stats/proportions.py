"""Shares with limits that hold for small numbers, and their difference between two groups; formulas by statsmodels."""

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import Estimate


def wilson(events: float, n: float, *, level: float = 0.95) -> Estimate:
    """Share events/n with Wilson's score limits; se and p do not exist (nan).

    (p + z^2/2n -+ z sqrt(p(1 - p)/n + z^2/4n^2)) / (1 + z^2/n). Wilson (1927); Newcombe (1998), method 3.
    Raises NotEstimable unless 0 <= events <= n and n > 0.
    """
    return _share(events, n, "wilson", 1 - level)


def exact_share(events: float, n: float, *, level: float = 0.95) -> Estimate:
    """Share events/n with exact (Clopper-Pearson) limits; se and p do not exist (nan).

    low = B^-1(alpha/2; x, n - x + 1), high = B^-1(1 - alpha/2; x + 1, n - x), B the beta distribution function. Where
    nobody had the event the whole alpha lies above: high = 1 - alpha^(1/n), about 3/n at 95 % (the rule of three),
    and likewise low where everybody had it. Clopper & Pearson (1934) Biometrika 26:404; Hanley & Lippman-Hand (1983)
    JAMA 249:1743. Raises NotEstimable unless 0 <= events <= n and n > 0.
    """
    return _share(events, n, "beta", (1 - level) * (2 if events in (0, n) else 1))


def newcombe_difference(
    events: float, n: float, reference_events: float, reference_n: float, *, level: float = 0.95
) -> Estimate:
    """Difference of two independent shares (group minus reference) with Newcombe's hybrid score limits.

    d - sqrt((p1 - l1)^2 + (u0 - p0)^2), d + sqrt((u1 - p1)^2 + (p0 - l0)^2) with Wilson limits l, u; Newcombe (1998),
    method 10. se is the unpooled binomial one; p is from the pooled score test, 1 where neither group or everybody had
    the event. Raises NotEstimable unless 0 <= events <= n and n > 0 in both groups.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

    _check(events, n)
    _check(reference_events, reference_n)
    low, high = confint_proportions_2indep(
        events, n, reference_events, reference_n, method="newcomb", compare="diff", alpha=1 - level
    )
    alike = events + reference_events in (0, n + reference_n)
    p = 1.0 if alike else float(proportions_ztest([events, reference_events], [n, reference_n])[1])
    p1, p0 = events / n, reference_events / reference_n
    return Estimate(
        p1 - p0,
        float(np.sqrt(p1 * (1 - p1) / n + p0 * (1 - p0) / reference_n)),
        np.inf,
        float(low),
        float(high),
        p,
        round(n + reference_n),
        round(events + reference_events),
    )


def _share(events: float, n: float, method: str, alpha: float) -> Estimate:
    from statsmodels.stats.proportion import proportion_confint

    _check(events, n)
    low, high = proportion_confint(events, n, alpha=alpha, method=method)
    low, high = 0.0 if events == 0 else float(low), 1.0 if events == n else float(high)
    return Estimate(events / n, np.nan, np.inf, low, high, np.nan, round(n), round(events))


def _check(events: float, n: float) -> None:
    if not (np.isfinite(events) and np.isfinite(n) and n > 0):
        raise NotEstimable("nobody is in the group, or a count is missing; widen the period or the group")
    if not 0 <= events <= n:
        raise NotEstimable("more events than people, or fewer than none; count people once each")
