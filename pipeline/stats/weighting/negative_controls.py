"""Systematic error learnt from effects that are known, and limits that allow for it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from pipeline.errors import NotEstimable
from pipeline.stats.between_site_variance import between_variance, checked_effects
from pipeline.stats.estimate import Estimate, wald

FEWEST = 10  # with fewer controls the spread of the error is a guess, and so is all that follows


@dataclass(frozen=True, slots=True)
class SystematicError:
    """Normal model of an analysis's error beyond chance, on the additive scale (logs for ratios).

    mean      average error: above 0, effects come out too high
    sd        standard deviation of the error from one outcome to the next
    mean_se   standard error of mean, 1 / sqrt(sum of 1 / (sd^2 + se^2))
    controls  how many controls it rests on
    """

    mean: float
    sd: float
    mean_se: float
    controls: int


def systematic_error(estimates: ArrayLike, standard_errors: ArrayLike, *, truth: ArrayLike = 0.0) -> SystematicError:
    """Normal error model by maximum likelihood from c control estimates (c,) with standard errors (c,).

    estimate_i - truth_i ~ N(mean, sd^2 + se_i^2); additive scale (logs for ratios); truth a number or (c,), 0 for
    negative controls. Schuemie et al. (2014) Stat Med 33:209. Raises NotEstimable (not assessed) with fewer than ten
    controls, and for missing or infinite input.
    """
    y, se = checked_effects(estimates, standard_errors)
    known = np.asarray(truth, dtype=np.float64)
    if (known.ndim and known.shape != y.shape) or not np.isfinite(known).all():
        raise NotEstimable(
            "the true effects of the controls must be finite, one for all or one each; 0 for negative controls"
        )
    if y.size < FEWEST:
        raise NotEstimable(
            f"not assessed: {y.size} negative controls, and fewer than {FEWEST} do not show systematic error; add"
            " controls"
        )
    error = y - known
    sd2 = between_variance(error, se, "ML")
    w = 1 / (sd2 + se**2)
    return SystematicError(float(w @ error / w.sum()), sd2**0.5, float(w.sum() ** -0.5), y.size)


def calibrate(
    estimate: float,
    se: float,
    error: SystematicError,
    *,
    model_known: bool = False,
    level: float = 0.95,
    null: float = 0.0,
) -> Estimate:
    """The estimate with the mean error taken off, and limits and p that allow for its spread.

    estimate - mean -/+ t(c - 1) sqrt(se^2 + c/(c - 1) sd^2 + mean_se^2), additive scale (logs for ratios); the error is
    taken to be the same at every true effect. model_known=True gives the published z sqrt(se^2 + sd^2), Schuemie et
    al. (2014) and (2018) PNAS 115:2571, which forgets that c controls only estimate the model: simulated 5 % tests
    then reject 11 % with ten controls and 8 % with twenty, against 5-6 % here. Raises NotEstimable without a usable
    standard error.
    """
    if not (np.isfinite(se) and se > 0):
        raise NotEstimable("the estimate has no usable standard error; more people or more sites would give one")
    c = error.controls
    if model_known:
        return wald(estimate - error.mean, float(np.hypot(se, error.sd)), level=level, null=null)
    spread = se**2 + error.sd**2 * c / (c - 1) + error.mean_se**2
    return wald(estimate - error.mean, float(spread**0.5), df=c - 1.0, level=level, null=null)


def expected_absolute_systematic_error(error: SystematicError) -> float:
    """Mean of |error| under the model: sd sqrt(2/pi) exp(-mean^2 / 2 sd^2) + mean (1 - 2 Phi(-mean/sd)); |mean| if sd =
    0.

    The folded normal mean, in the estimates' unit; 0 is best, and the gate's bar is 0.25 on the log scale.
    """
    if error.sd == 0:
        return abs(error.mean)
    z = error.mean / error.sd
    return float(error.sd * np.sqrt(2 / np.pi) * np.exp(-(z**2) / 2) + error.mean * (1 - 2 * ndtr(-z)))
