"""Baseline hazard of a Cox model, and the survival it predicts for given people."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.hazards.cox import CoxFit
from pipeline.stats.hazards.sorted_rows import running
from pipeline.stats.time_in_care.survival import Scale, curve_limits


@dataclass(frozen=True, slots=True)
class BaselineHazard:
    """Cumulative hazard of one kind of person, on the days of endings.

    day, stratum  (m,) days ascending within strata
    hazard        (m,) its step on each day
    cumulative    (m,) their sum so far within the stratum
    se            (m,) standard error of the sum
    """

    day: NDArray[Any]
    stratum: Integers
    hazard: Floats
    cumulative: Floats
    se: Floats


@dataclass(frozen=True, slots=True)
class PredictedSurvival:
    """Survival of g people, as the model has them.

    day         (m,) days of endings in their stratum; survival is 1 before the first
    survival    (m, g) S(day)
    se          (m, g) its standard error
    low, high   (m, g) pointwise limits; nan where survival is 1 or 0
    """

    day: NDArray[Any]
    survival: Floats
    se: Floats
    low: Floats
    high: Floats
    level: float


def baseline_hazard(fit: CoxFit, covariates: ArrayLike | None = None) -> BaselineHazard:
    """Cumulative hazard at covariates (p,), by default their means among those at risk.

    The step is exp(x'b) times the sum over the day's endings of w / (at risk - those tied before, in Efron's sense);
    variance: exp(2 x'b) (sum of w / (...)^2 + q'Vq), q = sum of steps times (x - mean at risk). Breslow (1972); Tsiatis
    (1981) Ann Stat 9:93; Therneau & Grambsch (2000), section 10.2. Raises NotEstimable where covariates do not fit the
    model.
    """
    x = _standardized(fit, None if covariates is None else np.atleast_2d(np.asarray(covariates, dtype=np.float64)))
    if len(x) != 1:
        raise NotEstimable("a baseline belongs to one row of covariates; give one, or use predicted_survival")
    cumulative, se = _cumulative(fit, x)
    sets = fit.sets
    step = fit.likelihood.ties.by * np.exp(x[0] @ fit.likelihood.b)
    return BaselineHazard(sets.day, sets.stratum, step, cumulative[:, 0], se[:, 0])


def predicted_survival(
    fit: CoxFit, covariates: ArrayLike, *, stratum: int = 0, limits: Scale = "log-log", level: float = 0.95
) -> PredictedSurvival:
    """exp(-cumulative hazard) of people with covariates (g, p) or (p,) in one stratum, with pointwise limits.

    Raises NotEstimable where covariates do not fit the model, or nobody in the stratum ended.
    """
    x = _standardized(fit, np.atleast_2d(np.asarray(covariates, dtype=np.float64)))
    here = fit.sets.stratum == stratum
    if not here.any():
        raise NotEstimable("nobody in this stratum was seen to end; choose another or merge strata")
    cumulative, se = _cumulative(fit, x)
    survival = np.exp(-cumulative[here])
    low, high = curve_limits(survival, survival * se[here], limits, level)
    return PredictedSurvival(fit.sets.day[here], survival, survival * se[here], low, high, level)


def _standardized(fit: CoxFit, covariates: Floats | None) -> Floats:
    q = fit.kept.size
    if covariates is None:
        return np.zeros((1, q))
    p = q + fit.dropped.size
    if covariates.ndim != 2 or covariates.shape[1] != p or not np.isfinite(covariates).all():
        raise NotEstimable(f"this model reads {p} finite covariates per person; give them in the order of the fit")
    return np.asarray((covariates[:, fit.kept] - fit.center) / fit.sets.rows.scale, dtype=np.float64)


def _cumulative(fit: CoxFit, x: Floats) -> tuple[Floats, Floats]:
    """Cumulative hazard and its standard error (m, g) at scaled covariates x (g, q)."""
    sets, at = fit.sets, fit.likelihood
    ties, relative = at.ties, np.exp(x @ at.b)
    mean = ties.square[:, None] * at.risk[:, 1:]
    if at.dying is not None:
        mean = mean - ties.square_f[:, None] * at.dying[:, 1:]
    total = running(ties.by, sets.opens)
    drift, noise = running(mean, sets.opens), running(ties.square, sets.opens)
    half = np.linalg.cholesky(fit.covariance * np.outer(sets.rows.scale, sets.rows.scale))
    variance = np.empty((total.size, len(x)))
    for j, one in enumerate(x):
        variance[:, j] = noise + (((total[:, None] * one - drift) @ half) ** 2).sum(axis=1)
    return total[:, None] * relative, np.sqrt(variance) * relative
