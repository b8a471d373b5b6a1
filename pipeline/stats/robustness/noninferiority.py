"""Verdicts on a difference and its margin, and the sample sizes they ask for; all in units of improvement."""

from typing import Literal

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import critical_value

Verdict = Literal[
    "better",
    "worse by more than the margin",
    "worse, by less than the margin",
    "not worse by more than the margin",
    "worse",
    "inconclusive",
]


def judge(low: float, high: float, margin: float | None = None) -> Verdict:
    """Verdict word for a difference in improvement (arm minus reference, positive is better) with limits low..high.

    The first rule that applies, D the margin: low > 0 better; high < -D worse by more than the margin; high < 0 and low
    > -D worse, by less than the margin; low > -D not worse by more than the margin; high < 0 worse; otherwise
    inconclusive. Without a margin only better, worse and inconclusive are issued. For a harmful event pass -high, -low
    of the risk difference. Piaggio et al. (2012). Raises NotEstimable for missing or reversed limits and for a margin
    that is not positive.
    """
    if not low <= high:
        raise NotEstimable("the limits are missing or reversed; estimate the difference first")
    if margin is not None and not (np.isfinite(margin) and margin > 0):
        raise NotEstimable(
            "a margin must be a positive number, fixed before outcomes are opened; state it in study.toml"
        )
    if low > 0:
        return "better"
    if margin is None:
        return "worse" if high < 0 else "inconclusive"
    if high < -margin:
        return "worse by more than the margin"
    if low > -margin:
        return "worse, by less than the margin" if high < 0 else "not worse by more than the margin"
    return "worse" if high < 0 else "inconclusive"


def required_n(sd: float, margin: float, *, power: float = 0.8, level: float = 0.95, difference: float = 0.0) -> int:
    """Effective observed people per arm needed to show *not worse by more than the margin* with the given power.

    n = 2 sd^2 (z_(1+level)/2 + z_power)^2/(margin + difference)^2, rounded up; difference is the true one,
    improvement-positive. Raises NotEstimable where sd or margin + difference is not positive, or power is not between 0
    and 1.
    """
    if not (np.isfinite(sd) and sd > 0 and 0 < power < 1 and margin + difference > 0):
        raise NotEstimable("sample size needs a positive standard deviation and a margin wider than the harm expected")
    z = critical_value(np.inf, level) + critical_value(np.inf, 2 * power - 1)
    return int(np.ceil(2 * (sd * z / (margin + difference)) ** 2))


def detectable_difference(se: float, *, power: float = 0.8, level: float = 0.95, df: float = np.inf) -> float:
    """Smallest true difference that an estimate with this standard error would have shown with the given power.

    (t_(1+level)/2 + t_power) se. Raises NotEstimable without a usable standard error.
    """
    if not (np.isfinite(se) and se > 0 and df > 0 and 0 < power < 1):
        raise NotEstimable("the estimate has no usable standard error; more people or more sites would give one")
    return (critical_value(df, level) + critical_value(df, 2 * power - 1)) * se
