"""Rows for what was seen, without any adjustment: shares with Wilson limits, means with t limits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.headline import NaiveTwin
from pipeline.errors import NotEstimable
from pipeline.results import Result, Verdict
from pipeline.stats.estimate import Estimate, wald
from pipeline.stats.proportions import wilson

if TYPE_CHECKING:
    import pandas as pd


OBSERVED: dict[str, Any] = {"target": "observed", "estimator": "observed", "verdict": Verdict.DESCRIPTIVE}


def share(event: pd.Series, **where: Any) -> Result:
    """Share of people with the event among those for whom it is known, with Wilson limits."""
    known = event.dropna().astype(bool)
    numerator, denominator = int(known.sum()), len(known)
    base: dict[str, Any] = OBSERVED | {
        "unit": "share",
        "numerator": numerator,
        "denominator": denominator,
        "n": denominator,
        "events": numerator,
    }
    row = Result(**base | where)
    try:
        return row.limited(wilson(numerator, denominator))
    except NotEstimable as why:
        return replace(row, reason=str(why))


def mean(values: pd.Series, *, raw_sign: float = 1.0, **where: Any) -> Result:
    """Mean with t limits; raw_sign is -1 where the scale falls as people improve."""
    numbers = values.dropna().astype("float64").to_numpy()
    row = Result(**OBSERVED | {"n": len(numbers)} | where)
    try:
        if len(numbers) < 2:
            raise NotEstimable("fewer than two people have this score; collect more")
        found = wald(float(numbers.mean()), float(numbers.std(ddof=1) / np.sqrt(len(numbers))), df=len(numbers) - 1.0)
    except NotEstimable as why:
        return replace(row, reason=str(why))
    return row.filled(found, sign=raw_sign, p=None)


def crude_difference(one: np.ndarray, other: np.ndarray) -> Estimate:
    """Welch's difference of two means, with Satterthwaite's degrees of freedom.

    Raises NotEstimable where either holds fewer than two people, or nobody differs.
    """
    if min(len(one), len(other)) < 2:
        raise NotEstimable("fewer than two people of one level have this outcome; collect more")
    parts = [values.var(ddof=1) / len(values) for values in (one, other)]
    if not sum(parts) > 0:
        raise NotEstimable("too few people differ in this outcome, so how sure a difference is cannot be told")
    df = sum(parts) ** 2 / sum(part**2 / (len(values) - 1) for part, values in zip(parts, (one, other), strict=True))
    return wald(float(one.mean() - other.mean()), float(np.sqrt(sum(parts))), df=float(df), n=len(one) + len(other))


def crude_twin(
    row: Result, twin: NaiveTwin, one: np.ndarray, other: np.ndarray, *, sign: float | None = 1.0, **more: Any
) -> Result:
    """The twin of a row with the plain difference of two means and who is behind it, or why there is none."""
    counts = {"n": len(one), "n_reference": len(other)} | more
    try:
        return twin.beside(row, crude_difference(one, other), sign=sign, **counts)
    except NotEstimable as why:
        return twin.beside(row, reason=str(why))
