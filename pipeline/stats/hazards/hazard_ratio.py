"""Reads hazard ratios, with their limits, from a fitted hazard model."""

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.estimate import Estimate, wald


class HazardModel(Protocol):
    """What every fitted hazard model has: log hazard ratios of the columns kept, and their covariance."""

    @property
    def coefficients(self) -> Floats: ...
    @property
    def covariance(self) -> Floats: ...
    @property
    def kept(self) -> Integers: ...
    @property
    def dropped(self) -> Integers: ...
    @property
    def n(self) -> int: ...
    @property
    def events(self) -> int: ...


def hazard_ratio(fit: HazardModel, contrast: int | ArrayLike, *, df: float = np.inf, level: float = 0.95) -> Estimate:
    """Hazard ratio of one column, or of a difference in covariates.

    contrast  a column number, or (p,) the covariates of one person minus those of another
    df        degrees of freedom of the t reference, for few clusters

    exp(c'b), with se on the log scale and p against a ratio of 1. Raises NotEstimable where the contrast rests on a
    redundant column.
    """
    difference = _contrast(fit, contrast)
    log_ratio = float(difference @ fit.coefficients)
    log = wald(
        log_ratio,
        float(np.sqrt(difference @ fit.covariance @ difference)),
        df=df,
        level=level,
        n=fit.n,
        events=fit.events,
    )
    with np.errstate(over="ignore"):  # a limit beyond the largest number is inf, and reads so
        ratio, low, high = np.exp([log_ratio, log.low, log.high])
    return Estimate(float(ratio), log.se, df, float(low), float(high), log.p, fit.n, fit.events, level=level)


def _contrast(fit: HazardModel, contrast: int | ArrayLike) -> Floats:
    p = fit.kept.size + fit.dropped.size
    difference = np.asarray(contrast, dtype=np.float64)
    if difference.ndim == 0:
        column = int(difference)
        if not 0 <= column < p:
            raise NotEstimable("the model has no such column; columns are counted from 0")
        difference = np.eye(p)[column]
    if difference.shape != (p,) or not np.isfinite(difference).all():
        raise NotEstimable(
            "a contrast needs one finite number per covariate; give the difference of two people's covariates"
        )
    if difference[fit.dropped].any():
        raise NotEstimable(
            "the contrast rests on a column the model dropped as redundant; leave out the columns it repeats"
        )
    return difference[fit.kept]
