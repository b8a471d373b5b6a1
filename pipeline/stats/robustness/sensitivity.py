"""What it would take to explain a result away: unmeasured confounding (E-values, robustness values), or one site."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.estimate import critical_value
from pipeline.stats.resampling import Estimator, jackknife_sites

Measure = Literal["RR", "OR", "HR", "SMD"]
SMD_TO_LOG_RR = 0.91  # Chinn (2000), Hasselblad & Hedges (1995): exp(0.91 d)
SMD_SE_TO_LOG_RR = 1.78  # 0.91 times 1.96, as VanderWeele & Ding print it


@dataclass(frozen=True, slots=True)
class EValue:
    """Smallest risk ratio with both level and outcome that an unmeasured confounder needs to explain a result away.

    risk_ratio, limit_ratio   the estimate and its limit nearer the null on the risk-ratio scale (limit_ratio nan
                              without limits)
    point, limit              E-values of both; limit is 1 where the interval holds the null, nan without limits
    """

    risk_ratio: float
    limit_ratio: float
    point: float
    limit: float


@dataclass(frozen=True, slots=True)
class StrongestMeasured:
    """The measured confounder whose omission moves the result most, on the E-value scale.

    index     its position
    e_value   its observed-covariate E-value
    e_values  (c,) those of all covariates
    """

    index: int
    e_value: float
    e_values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WithoutOneSite:
    """A result without each of its sites.

    sites           (G,) the site left out
    estimates       (G,) the estimate without it
    lowest, highest the range of these
    moved           (G,) how far the estimate moves when the site is left out
    most            place of the site that moves it most
    changes_sign    True where without some site the estimate lies on the other side of 0
    """

    sites: NDArray[np.int64]
    estimates: NDArray[np.float64]
    lowest: float
    highest: float
    moved: NDArray[np.float64]
    most: int
    changes_sign: bool


def e_value(
    estimate: float,
    low: float | None = None,
    high: float | None = None,
    *,
    measure: Measure = "RR",
    se: float | None = None,
    common: bool = False,
) -> EValue:
    """E-value of a risk ratio, odds ratio, hazard ratio or standardized mean difference and of its limit nearer the
    null.

    E = RR + sqrt(RR (RR - 1)), 1/RR in place of RR below 1. Common outcomes (15 % or more): RR = sqrt(OR), RR = (1 -
    0.5^sqrt(HR))/(1 - 0.5^sqrt(1/HR)); rare ones: RR = OR or HR. SMD d: RR = exp(0.91 d), limits exp(0.91 d -+ 1.78
    se). VanderWeele & Ding (2017). Raises NotEstimable for a ratio that is not positive, limits that do not hold the
    estimate, or a lone limit.
    """
    if (low is None) != (high is None):
        raise NotEstimable("an E-value of the limit needs both limits; pass low and high")
    if measure == "SMD":
        ratio = float(np.exp(SMD_TO_LOG_RR * _finite(estimate)))
        ends = (low, high)
        if se is not None:
            half = SMD_SE_TO_LOG_RR * _finite(se)
            low, high = ratio * float(np.exp(-half)), ratio * float(np.exp(half))
        elif low is not None and high is not None:
            low, high = (float(np.exp(SMD_TO_LOG_RR * _finite(float(end or 0.0)))) for end in ends)
    else:
        ratio = _risk_ratio(estimate, measure, common)
        if low is not None and high is not None:
            low, high = _risk_ratio(low, measure, common), _risk_ratio(high, measure, common)
    if low is None or high is None:
        return EValue(ratio, np.nan, _strength(ratio), np.nan)
    if not low <= ratio <= high:
        raise NotEstimable("the limits do not hold the estimate; pass them on the estimate's own scale")
    near = low if ratio >= 1 else high
    crosses = low <= 1 <= high
    return EValue(ratio, near, _strength(ratio), 1.0 if crosses else _strength(near))


def e_value_to_margin(limit: float, margin: float, sd: float) -> EValue:
    """E-value that would move the lower limit of a *not worse* verdict to -margin.

    limit   lower limit of the difference in improvement; margin > 0; sd  baseline standard deviation, all in points

    RR = exp(0.91 (margin + limit)/sd); 1 where the limit lies beyond the margin already. VanderWeele & Ding (2017).
    Raises NotEstimable unless margin and sd are positive.
    """
    if not (sd > 0 and margin > 0 and np.isfinite(sd) and np.isfinite(margin)):
        raise NotEstimable("margin and standard deviation must be positive; state the margin in study.toml")
    ratio = float(np.exp(SMD_TO_LOG_RR * max(margin + _finite(limit), 0.0) / sd))
    return EValue(ratio, ratio, _strength(ratio), _strength(ratio))


def strongest_measured(
    full: float, without: ArrayLike, *, measure: Measure = "RR", common: bool = False, sd: float | None = None
) -> StrongestMeasured:
    """Observed-covariate E-values: how far the estimate moves when each measured confounder is left out.

    full     the estimate with all confounders; without (c,) the estimate without each of them
    sd       for measure "SMD": divides both, where they are mean differences in points

    E of the ratio of the two risk ratios. McGowan & Greevy (2020); D'Agostino McGowan (2022).
    Raises NotEstimable without any covariate.
    """
    others = np.atleast_1d(np.asarray(without, dtype=np.float64))
    if others.size == 0:
        raise NotEstimable("no measured confounder can be left out; name the confounders of the study")
    scale = 1.0 if sd is None else sd

    def ratio(value: float) -> float:
        if measure == "SMD":
            return float(np.exp(SMD_TO_LOG_RR * _finite(value / scale)))
        return _risk_ratio(value, measure, common)

    whole = ratio(full)
    e_values = np.array([_strength(ratio(float(value)) / whole) for value in others])
    index = int(e_values.argmax())
    return StrongestMeasured(index, float(e_values[index]), e_values)


def robustness_value(t: float, df: float, *, q: float = 1.0, alpha: float | None = None) -> float:
    """Share of residual variance of both level and outcome that a confounder must explain to cut an estimate by 100 q
    per cent.

    t   t-statistic of the estimate; df  residual degrees of freedom; alpha given: to make it insignificant at that
        level instead

    f = q |t|/sqrt(df) - t_(1 - alpha/2, df - 1)/sqrt(df - 1); RV = (sqrt(f^4 + 4 f^2) - f^2)/2, or (f_q^2 - f_a^2)/(1 +
    f_q^2) where a confounder that explains all of the outcome binds first. Cinelli & Hazlett (2020). Raises
    NotEstimable unless df > 1.
    """
    if not (np.isfinite(t) and df > 1 and q > 0):
        raise NotEstimable("a robustness value needs a finite t-statistic and more than one residual degree of freedom")
    whole = q * abs(t) / float(np.sqrt(df))
    cut = 0.0 if alpha is None else critical_value(df - 1, 1 - alpha) / float(np.sqrt(df - 1))
    f = whole - cut
    if f <= 0:
        return 0.0
    if cut > 0 and whole > 1 / cut:
        return float((whole**2 - cut**2) / (1 + whole**2))
    return float((np.sqrt(f**4 + 4 * f**2) - f**2) / 2)


def leave_one_site_out(estimator: Estimator, site: ArrayLike) -> WithoutOneSite:
    """Does the answer rest on one site?  The estimate again without each site, everything refitted.

    estimator  takes row numbers and returns numbers of which the first is the estimate; site (n,) any labels
    Viechtbauer & Cheung (2010) Res Synth Methods 1:112. Raises NotEstimable with one site, or where there is no
    estimate without one of them.
    """
    labels = np.asarray(site)
    if not labels.size:
        raise NotEstimable("nobody is in the comparison; widen the study period or the arms")
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise NotEstimable(
            "a site is missing for someone; give those without one a site of their own or leave them out"
        )
    whole = float(estimator(np.arange(labels.size))[0])
    if not np.isfinite(whole):
        raise NotEstimable("there is no estimate with all sites; mend it before leaving any out")
    left = jackknife_sites(estimator, labels)
    estimates = left.replicates[:, 0]
    moved = estimates - whole
    most = int(np.abs(moved).argmax())
    return WithoutOneSite(
        left.sites,
        estimates,
        float(estimates.min()),
        float(estimates.max()),
        moved,
        most,
        bool((estimates * whole < 0).any()),
    )


def _risk_ratio(value: float, measure: Measure, common: bool) -> float:
    if not (np.isfinite(value) and value > 0):
        raise NotEstimable("a ratio must be a positive number; pass the ratio itself, not its logarithm")
    if common and measure == "OR":
        return float(np.sqrt(value))
    if common and measure == "HR":
        return float((1 - 0.5 ** np.sqrt(value)) / (1 - 0.5 ** np.sqrt(1 / value)))
    return float(value)


def _strength(ratio: float) -> float:
    above = max(ratio, 1 / ratio)
    return float(above + np.sqrt(above * (above - 1)))


def _finite(value: float) -> float:
    if not np.isfinite(value):
        raise NotEstimable("the estimate or its standard error is missing; estimate it first")
    return float(value)
