"""One estimate from several completed data sets: Rubin's rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats
from pipeline.stats.estimate import Estimate, wald

Quantity = Literal["mean", "ratio", "survival", "median"]


@dataclass(frozen=True, slots=True)
class Pooled:
    """Estimate over m completed data sets, and how much the missing values cost.

    estimate            in the quantity's own unit; se is that of the logarithm for a ratio
    within, between     variance within and between completed data sets, on the scale pooled (log, log-log or as is)
    missing_information share of the information about this quantity lost to missing values, 0..1
    m                   completed data sets
    """

    estimate: Estimate
    within: float
    between: float
    missing_information: float
    m: int


def pool(
    estimates: ArrayLike,
    standard_errors: ArrayLike,
    *,
    complete_df: float,
    quantity: Quantity = "mean",
    n: int = 0,
    level: float = 0.95,
) -> Pooled:
    """Rubin's rules on m estimates (m,) and standard errors (m,) from completed data sets.

    T = W + (1 + 1/m) B; df by Barnard & Rubin (1999) Biometrika 86:948 from complete_df, the degrees of freedom had
    nothing been missing (sites - 1 for a site jackknife, inf for large samples). quantity: "mean" for means, shares,
    differences and anything else pooled as it is; "ratio" pools log ratios, standard errors being those of the
    logarithm; "survival" pools log(-log S), standard errors being those of S, and has no p (nan). Marshall et al.
    (2009) BMC Med Res Methodol 9:57. Simulated: tests/simulation/results.csv, cells *imputed*. Raises NotEstimable for
    a median, which Rubin's rules do not fit, fewer than two data sets, a ratio not above 0, a survival that is 0 or 1
    in one of them, or a standard error that is not positive.
    """
    if quantity == "median":
        raise NotEstimable("a median is not pooled over imputations; pool shares on fixed days, or the restricted mean")
    q, se = _checked(estimates, standard_errors, complete_df)
    if quantity == "ratio":
        if not (q > 0).all():
            raise NotEstimable("a ratio is not above zero in a completed data set; pool the difference instead")
        return _rubin(np.log(q), se, complete_df, n, level, lambda pooled: _in_unit(pooled, np.exp))
    if quantity == "survival":
        if not ((q > 0) & (q < 1)).all():
            raise NotEstimable(
                "a survival is 0 or 1 in a completed data set; pool it on a day when some remain and some have left"
            )
        return _rubin(np.log(-np.log(q)), se / np.abs(q * np.log(q)), complete_df, n, level, _as_survival)
    return _rubin(q, se, complete_df, n, level, lambda pooled: pooled)


def barnard_rubin(m: int, share_between: float, complete_df: float) -> float:
    """Degrees of freedom of m imputations where share_between is (1 + 1/m) B / T.

    1/df = share^2 / (m - 1) + 1 / ((v + 1)/(v + 3) v (1 - share)), v = complete_df. Raises NotEstimable for fewer than
    two imputations, a share outside 0..1 or degrees of freedom that are not above 0.
    """
    if not (m >= 2 and 0 <= share_between <= 1 and complete_df > 0):
        raise NotEstimable(
            "degrees of freedom need two imputations, a share within 0..1 and complete-data df above 0; pool() finds"
            " them"
        )
    observed = (
        np.inf if np.isinf(complete_df) else (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share_between)
    )
    inverse = share_between**2 / (m - 1) + 1 / observed
    return float(1 / inverse) if inverse > 0 else np.inf


def _rubin(
    q: Floats, se: Floats, complete_df: float, n: int, level: float, unit: Callable[[Estimate], Estimate]
) -> Pooled:
    m = q.size
    within, between = float(np.mean(se**2)), float(np.var(q, ddof=1))
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    df = barnard_rubin(m, share, complete_df)
    increase = (1 + 1 / m) * between / within
    missing = (increase + 2 / (df + 3)) / (1 + increase) if between > 0 else 0.0
    few = m < 100 * missing
    note = (
        "fewer imputations than 100 times the share of information missing: drawing again would move the limits"
        if few
        else ""
    )
    return Pooled(
        unit(wald(float(q.mean()), total**0.5, df=df, level=level, n=n, note=note)), within, between, missing, m
    )


def _in_unit(log: Estimate, back: Callable[[float], float]) -> Estimate:
    with np.errstate(over="ignore"):  # a limit beyond the largest number is infinite
        ends = [float(back(value)) for value in (log.estimate, log.low, log.high)]
    return Estimate(ends[0], log.se, log.df, min(ends[1:]), max(ends[1:]), log.p, log.n, None, log.note, log.level)


def _as_survival(loglog: Estimate) -> Estimate:
    share = _in_unit(loglog, lambda value: float(np.exp(-np.exp(value))))
    slope = abs(share.estimate * np.log(share.estimate))
    return Estimate(
        share.estimate,
        float(loglog.se * slope),
        share.df,
        share.low,
        share.high,
        np.nan,
        share.n,
        None,
        share.note,
        share.level,
    )


def _checked(estimates: ArrayLike, standard_errors: ArrayLike, complete_df: float) -> tuple[Floats, Floats]:
    q, se = np.asarray(estimates, dtype=np.float64), np.asarray(standard_errors, dtype=np.float64)
    if q.ndim != 1 or q.shape != se.shape or q.size < 2:
        raise NotEstimable(
            "pooling needs an estimate and a standard error from each of two completed data sets or more"
        )
    if not (np.isfinite(q).all() and np.isfinite(se).all() and (se > 0).all()):
        raise NotEstimable(
            "a completed data set has no usable estimate or standard error; mend that analysis before pooling"
        )
    if not complete_df > 0:
        raise NotEstimable(
            "the complete-data degrees of freedom must be above 0; sites - 1 for a site jackknife, inf for large"
            " samples"
        )
    return q, se
