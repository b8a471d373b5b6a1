"""Rows for what was seen, without any adjustment: shares with Wilson limits, means with t limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.results import Result
from pipeline.stats.estimate import Estimate, wald
from pipeline.stats.proportions import wilson

if TYPE_CHECKING:
    import pandas as pd

DESCRIPTIVE = "descriptive only"


def share(event: pd.Series, **where: Any) -> Result:
    """Share of people with the event among those for whom it is known, with Wilson limits."""
    known = event.dropna().astype(bool)
    numerator, denominator = int(known.sum()), len(known)
    base = {
        "target": "observed",
        "estimator": "observed",
        "verdict": DESCRIPTIVE,
        "unit": "share",
        "numerator": numerator,
        "denominator": denominator,
        "n": denominator,
        "events": numerator,
    } | where
    try:
        found = wilson(numerator, denominator)
    except NotEstimable as why:
        return Result(**base, reason=str(why))
    return Result(**base, estimate=found.estimate, low=found.low, high=found.high)


def mean(values: pd.Series, *, raw_sign: float = 1.0, **where: Any) -> Result:
    """Mean with t limits; raw_sign is -1 where the scale falls as people improve."""
    numbers = values.dropna().astype("float64").to_numpy()
    base = {"target": "observed", "estimator": "observed", "verdict": DESCRIPTIVE, "n": len(numbers)} | where
    try:
        if len(numbers) < 2:
            raise NotEstimable("fewer than two people have this score; collect more")
        found = wald(float(numbers.mean()), float(numbers.std(ddof=1) / np.sqrt(len(numbers))), df=len(numbers) - 1.0)
    except NotEstimable as why:
        return Result(**base, reason=str(why))
    return Result(
        **base,
        estimate=found.estimate,
        raw_estimate=raw_sign * found.estimate,
        se=found.se,
        df=found.df,
        low=found.low,
        high=found.high,
    )


def crude_difference(one: np.ndarray, other: np.ndarray) -> Estimate:
    """Welch's difference of two means, with Satterthwaite's degrees of freedom."""
    parts = [values.var(ddof=1) / len(values) for values in (one, other)]
    df = sum(parts) ** 2 / sum(part**2 / (len(values) - 1) for part, values in zip(parts, (one, other), strict=True))
    return wald(float(one.mean() - other.mean()), float(np.sqrt(sum(parts))), df=float(df), n=len(one) + len(other))
