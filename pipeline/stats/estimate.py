"""The one shape in which every estimator hands back a number with its uncertainty."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from pipeline.errors import NotEstimable

LEVEL = 0.95  # of limits that no family of verdicts shares
ROUNDING = 1e-12  # of the size of the numbers: what sums of equal numbers leave behind


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number, its uncertainty and what it rests on.

    estimate   the point estimate, in the unit its function names
    se         standard error, same unit (log unit for ratios, as the function says); nan where the method gives none
    df         degrees of freedom of the t reference; inf for the normal
    low, high  limits at the requested level
    p          two-sided p-value against the null; nan where the method gives none
    n          people (or frequency-weighted people) who contribute
    events     events among them; None where the outcome has no events
    note       what a reader must know about this number; empty where nothing
    level      confidence of the limits; p < 1 - level says the same as that the null lies outside them
    """

    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float
    n: int
    events: int | None = None
    note: str = ""
    level: float = LEVEL


def critical_value(df: float, level: float) -> float:
    """Two-sided critical value of Student's t with df degrees of freedom (normal where df is inf)."""
    upper = (1 + level) / 2
    return float(ndtri(upper) if np.isinf(df) else stdtrit(df, upper))


def wald(
    estimate: float,
    se: float,
    *,
    df: float = np.inf,
    level: float = 0.95,
    null: float = 0.0,
    n: int = 0,
    events: int | None = None,
    note: str = "",
    size: float = 0.0,
) -> Estimate:
    """Estimate with limits estimate ± t(df) se and the two-sided p-value of (estimate - null) / se.

    size: of the numbers it was made from, so that a standard error of their rounding is not taken for one. Raises
    NotEstimable where the estimate, its standard error or its degrees of freedom is not a usable number.
    """
    if not (np.isfinite(estimate) and np.isfinite(se) and se > ROUNDING * abs(size) and df > 0):
        raise NotEstimable("the estimate has no usable standard error; more people or more sites would give one")
    half = critical_value(df, level) * se
    z = abs(estimate - null) / se
    p = 2 * (ndtr(-z) if np.isinf(df) else stdtr(df, -z))
    return Estimate(
        float(estimate),
        float(se),
        float(df),
        float(estimate - half),
        float(estimate + half),
        float(p),
        int(n),
        events,
        note,
        level,
    )
