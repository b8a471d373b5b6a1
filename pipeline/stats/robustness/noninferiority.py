"""Verdicts on a difference and its margin, and the sample sizes they ask for; all in units of improvement."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import critical_value, wald

Verdict = Literal[
    "better",
    "worse by more than the margin",
    "worse, by less than the margin",
    "not worse by more than the margin",
    "worse",
    "inconclusive",
]
LEAST_PRESERVED = 0.5  # a margin may give away at most half of what the comparator does beyond natural course


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Two one-sided tests of a difference against -margin and +margin.

    low, high          limits at 1 - 2 alpha (90 % by default)
    p_lower, p_upper   one-sided p-values against -margin and +margin
    p                  the larger of the two
    equivalent         True where the interval lies inside the margins
    """

    low: float
    high: float
    p_lower: float
    p_upper: float
    p: float
    equivalent: bool


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


def preserved_fraction(margin: float, comparator_effect: float) -> float:
    """Share of the comparator's effect beyond natural course that a margin preserves: 1 - margin/comparator_effect.

    Raises NotEstimable where it is below one half: no non-inferiority verdict may then be issued.
    """
    if not (margin > 0 and comparator_effect > 0 and np.isfinite(comparator_effect)):
        raise NotEstimable("margin and comparator_effect must be positive; state both before outcomes are opened")
    preserved = 1 - margin / comparator_effect
    if preserved < LEAST_PRESERVED:
        raise NotEstimable("the margin gives away more than half of what the comparator does; choose a smaller margin")
    return preserved


def equivalence(estimate: float, se: float, margin: float, *, df: float = np.inf, alpha: float = 0.05) -> Equivalence:
    """Two one-sided tests (TOST): equivalent where the 1 - 2 alpha interval lies inside -margin..margin.

    Schuirmann (1987). Raises NotEstimable without a usable standard error or a positive margin.
    """
    if not (np.isfinite(margin) and margin > 0):
        raise NotEstimable(
            "equivalence needs a positive margin, fixed before outcomes are opened; state it in study.toml"
        )
    interval = wald(estimate, se, df=df, level=1 - 2 * alpha)
    p_lower, p_upper = _upper_tail(estimate + margin, se, df), _upper_tail(margin - estimate, se, df)
    return Equivalence(
        interval.low,
        interval.high,
        p_lower,
        p_upper,
        max(p_lower, p_upper),
        bool(interval.low > -margin and interval.high < margin),
    )


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


def _upper_tail(distance: float, se: float, df: float) -> float:
    """One-sided p-value of a difference that lies `distance` beyond its null in the wished direction."""
    two_sided = wald(distance, se, df=df).p
    return two_sided / 2 if distance >= 0 else 1 - two_sided / 2
