"""Borrowing from outside a study: the posterior of a difference under a robust mixture prior, how far what is borrowed
conflicts with the records, and how much may be borrowed before an answer errs too often."""

from dataclasses import dataclass, replace
from math import floor

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats
from pipeline.stats.estimate import Estimate

MOST_ERROR = 0.10  # of limits that miss the truth, wherever it lies, before less is borrowed
LEAST_WEIGHT = 0.05  # of what is borrowed: less is not worth its name
TRUTHS, SAMPLES, REACH = 81, 401, 6.0  # grid of truths and of estimates, in SD, on which errors are added up


@dataclass(frozen=True, slots=True)
class Prior:
    """What is thought of a difference before the records: weight N(mean, sd^2) + (1 - weight) N(0, vague^2)."""

    mean: float
    sd: float
    weight: float
    vague: float


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is thought of it after them.

    estimate  posterior mean with its SD and equal-tailed limits; p is nan
    weight    posterior weight of what was borrowed, 0..1
    conflict  two-sided probability of an estimate at least as far from what was borrowed, were that true here
    error     largest share of limits that miss the truth, over all truths, with this prior and standard error
    prior     what was borrowed in the end: with the weight that keeps error at most at MOST_ERROR, 0 where none does
    """

    estimate: Estimate
    weight: float
    conflict: float
    error: float
    prior: Prior


def predictive_prior(
    estimates: ArrayLike, standard_errors: ArrayLike, apart: float, *, weight: float, vague: float
) -> Prior:
    """The prior for a new program from differences elsewhere (s,) with standard errors (s,), whose truths lie around a
    common one with SD apart: mean sum w y / sum w, w = 1 / (se^2 + apart^2), variance 1 / sum w + apart^2.

    Neuenschwander et al. (2010) Clin Trials 7:5, with apart as declared instead of estimated. Raises NotEstimable for
    nothing to borrow, numbers that are missing, or spreads and a weight that are out of range.
    """
    y, se = np.asarray(estimates, dtype=np.float64), np.asarray(standard_errors, dtype=np.float64)
    usable = y.size > 0 and y.shape == se.shape and np.isfinite(y).all() and (np.isfinite(se) & (se > 0)).all()
    if not (usable and 0 <= apart < np.inf and 0 <= weight < 1 and 0 < vague < np.inf):
        raise NotEstimable(
            "what is borrowed needs an estimate and a positive standard error each, a spread that is not negative, and"
            " a weight from 0 to under 1"
        )
    w = 1 / (se**2 + apart**2)
    return Prior(float(w @ y / w.sum()), float((1 / w.sum() + apart**2) ** 0.5), weight, vague)


def borrowed(estimate: float, se: float, prior: Prior, *, level: float = 0.95, n: int = 0) -> Posterior:
    """The posterior of a difference estimated with normal error se under the prior, of which as much is borrowed as
    keeps limits right.

    Each part's posterior is normal, N(v (m / s^2 + y / se^2), v), v = 1 / (1 / s^2 + 1 / se^2), and its weight goes
    with N(y; m, s^2 + se^2): where the records conflict with what is borrowed, that loses its weight by itself.
    Schmidli et al. (2014) Biometrics 70:1023. conflict after Box (1980) JRSS A 143:383. Raises NotEstimable without a
    usable estimate and standard error.
    """
    if not (np.isfinite(estimate) and np.isfinite(se) and se > 0):
        raise NotEstimable("the estimate has no usable standard error; more people or more sites would give one")
    kept = replace(prior, weight=safe_weight(se, prior, level))
    means, sds, shares = parts(np.array([estimate]), se, kept)
    m, s, q = means[:, 0], sds, shares[:, 0]
    mean = float(q @ m)
    sd = float(np.sqrt(q @ (s**2 + m**2) - mean**2))
    low, high = (quantile(m, s, q, tail) for tail in ((1 - level) / 2, (1 + level) / 2))
    far = abs(estimate - prior.mean) / float(np.hypot(prior.sd, se))
    found = Estimate(mean, sd, np.inf, low, high, float("nan"), n, level=level)
    return Posterior(found, float(q[0]), float(2 * ndtr(-far)), worst_error(se, kept, level), kept)


def safe_weight(se: float, prior: Prior, level: float = 0.95) -> float:
    """The largest weight up to the prior's whose limits miss the truth at most in MOST_ERROR of samples wherever it
    lies; 0 where that is less than LEAST_WEIGHT."""
    if prior.weight < LEAST_WEIGHT or worst_error(se, replace(prior, weight=LEAST_WEIGHT), level) > MOST_ERROR:
        return 0.0
    if worst_error(se, prior, level) <= MOST_ERROR:
        return prior.weight
    fits, too_much = LEAST_WEIGHT, prior.weight
    while too_much - fits > 0.005:
        middle = (fits + too_much) / 2
        right = worst_error(se, replace(prior, weight=middle), level) <= MOST_ERROR
        fits, too_much = (middle, too_much) if right else (fits, middle)
    return floor(1000 * fits) / 1000


def worst_error(se: float, prior: Prior, level: float = 0.95) -> float:
    """Largest share of limits that miss the truth, over truths around what is borrowed and around no difference."""
    return float(errors_at(truths_around(se, prior), se, prior, level).max())


def truths_around(se: float, prior: Prior) -> Floats:
    """(t,) truths from no difference, and from what is borrowed, to where that has lost its weight on either side; none
    farther from no difference than one SD of the vague part, or than what is borrowed."""
    reach, far = REACH * float(np.hypot(prior.sd, se)), max(prior.vague, abs(prior.mean))
    low, high = max(-far, min(0.0, prior.mean - reach)), min(far, max(0.0, prior.mean + reach))
    return np.unique(np.append(np.linspace(low, high, TRUTHS), 0.0))


def errors_at(truths: ArrayLike, se: float, prior: Prior, level: float = 0.95) -> Floats:
    """(t,) share of equal-tailed limits that miss each truth, added up over estimates y ~ N(truth, se^2): a truth is
    missed where the posterior has it in either tail."""
    truth = np.asarray(truths, dtype=np.float64)
    steps = np.linspace(-REACH, REACH, SAMPLES)
    chance = np.exp(-(steps**2) / 2)
    chance /= chance.sum()
    y = (truth[:, None] + se * steps).ravel()
    means, sds, shares = parts(y, se, prior)
    here = np.repeat(truth, SAMPLES)
    below = (shares * ndtr((here - means) / sds[:, None])).sum(axis=0).reshape(-1, SAMPLES)
    tail = (1 - level) / 2
    return np.asarray(((below < tail) | (below > 1 - tail)) @ chance, dtype=np.float64)


def parts(y: Floats, se: float, prior: Prior) -> tuple[Floats, Floats, Floats]:
    """Posterior means (2, n), SDs (2,) and weights (2, n) of the borrowed and the vague part, for estimates y (n,)."""
    center, spread = np.array([prior.mean, 0.0]), np.array([prior.sd, prior.vague])
    variance = 1 / (1 / spread**2 + 1 / se**2)
    means = variance[:, None] * ((center / spread**2)[:, None] + y / se**2)
    total = np.sqrt(spread**2 + se**2)[:, None]
    with np.errstate(divide="ignore"):
        log = np.log([[prior.weight], [1 - prior.weight]]) - np.log(total) - ((y - center[:, None]) / total) ** 2 / 2
    share = np.exp(log - log.max(axis=0))
    return means, np.sqrt(variance), share / share.sum(axis=0)


def quantile(means: Floats, sds: Floats, weights: Floats, tail: float) -> float:
    """The value under which a share tail of a mixture of normals lies."""
    from scipy.optimize import brentq

    ends = means + sds * ndtri(tail)
    low, high = float(ends.min()), float(ends.max())
    if high - low <= 1e-12 * (abs(low) + float(sds.max())):
        return low
    return float(brentq(lambda x: float(weights @ ndtr((x - means) / sds)) - tail, low, high, xtol=1e-10))
