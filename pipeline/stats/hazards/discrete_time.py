"""Hazard ratios from stays that are only known in bins, such as length-of-stay codes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.hazard_newton import informative_columns, maximize
from pipeline.stats.hazards.risk_sets import FollowUp, follow_up
from pipeline.stats.time_in_care.follow_up import Kind

PORTION = 2048  # people whose bins are worked on at a time


@dataclass(frozen=True, slots=True)
class DiscreteTimeFit:
    """A converged grouped-time proportional hazards model.

    coefficients      (q,) log hazard ratio per unit of each covariate kept
    covariance        (q, q) theirs: sandwich where weights are probabilities or clusters are given, else inverse
                      expected information
    model_covariance  (q, q) inverse expected information
    kept, dropped     (q,), (p - q,) columns in the model, and redundant ones
    bins              (j,) bins with endings and with people who stay on; elsewhere the hazard is exactly 0 or 1
    log_hazard        (j,) complementary log-log of the chance of ending in each bin at covariates 0
    log_hazard_se     (j,) its standard error
    always            (a,) bins in which all who reach them end
    log_likelihood    binomial log-likelihood
    gradient          largest scaled gradient element per ending (at most 1e-8), after so many steps
    n, events         people and endings; sums of frequency weights
    clusters          distinct clusters, or None
    """

    coefficients: Floats
    covariance: Floats
    model_covariance: Floats
    kept: Integers
    dropped: Integers
    bins: Integers
    log_hazard: Floats
    log_hazard_se: Floats
    always: Integers
    log_likelihood: float
    gradient: float
    steps: int
    n: int
    events: int
    clusters: int | None


@dataclass(frozen=True, slots=True)
class _Stays:
    """Scaled covariates (n, p), how many informative bins each reached (n,), whether they ended in the last of them
    (n,), weights (n,)."""

    values: Floats
    reached: Integers
    ended: Floats
    weights: Floats


@dataclass(frozen=True, slots=True)
class _Likelihood:
    height: float
    slope: Floats
    curve: Floats
    spread: Floats


def discrete_time_hazard(
    bin_: ArrayLike,
    ended: ArrayLike,
    covariates: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    kind: Kind = "frequency",
    cluster: ArrayLike | None = None,
) -> DiscreteTimeFit:
    """Proportional hazards from binned stays: binomial regression per bin with the complementary log-log link.

    bin_        (n,) integers 0..: the bin in which somebody ended, or the last one they were seen to stay through
    ended       (n,) True where they ended in that bin
    covariates  (n, p) or (n,)
    weights     (n,) counts of identical people, or probability weights (sandwich variance)
    cluster     (n,) any labels; score residuals are added up within clusters

    P(ends in bin t | reached t) = 1 - exp(-exp(a_t + x'b)); exp(b) is the hazard ratio of the continuous-time model,
    whatever the widths of the bins. Equals a binomial generalized linear model on one row per person and bin, which is
    never written out. Prentice & Gloeckler (1978) Biometrics 34:57. A bin without endings has hazard 0, one that nobody
    outlasts has hazard 1: both say nothing about b. Raises NotEstimable as cox does.
    """
    people = follow_up(bin_, ended, covariates, weights=weights, kind=kind, cluster=cluster)
    if people.day.dtype.kind not in "iu":
        raise NotEstimable("bins must be whole numbers from 0; number them in order of time")
    bins, always, stays, center, scale = _informative_stays(people)
    j, p = bins.size, people.covariates.shape[1]
    start = np.concatenate([_marginal(stays, j), np.zeros(p)])
    columns = informative_columns(_evaluate(stays, j, start))
    kept = columns[columns >= j] - j
    if not kept.size:
        raise NotEstimable("no covariate varies among people in the same bin; add one that does")
    stays = _Stays(np.ascontiguousarray(stays.values[:, kept]), stays.reached, stays.ended, stays.weights)
    reach = np.concatenate([np.ones(j), np.abs(stays.values).max(axis=0)])
    events = float(stays.weights @ stays.ended)
    names = np.concatenate([np.full(j, -1), kept])
    best = maximize(
        partial(_evaluate_or_none, stays, j), np.concatenate([start[:j], np.zeros(kept.size)]), reach, events, names
    )
    expected, scores = _expected_information(stays, j, best.b, people)
    bread = np.linalg.inv(expected)
    robust = kind == "probability" or cluster is not None
    back = _unscaling(j, center[kept], scale[kept])
    model = back @ bread @ back.T
    covariance = back @ bread @ scores @ bread @ back.T if robust else model
    b = back @ best.b
    n = people.day.size if people.weights is None or kind == "probability" else people.weights.sum()
    count = (
        people.ended.sum() if people.weights is None or kind == "probability" else people.weights[people.ended].sum()
    )
    return DiscreteTimeFit(
        b[j:],
        covariance[j:, j:],
        model[j:, j:],
        kept,
        np.setdiff1d(np.arange(p), kept),
        bins,
        b[:j],
        np.sqrt(np.diag(covariance)[:j]),
        always,
        best.at.height,
        best.gradient,
        best.steps,
        int(n),
        int(count),
        people.clusters,
    )


def _informative_stays(people: FollowUp) -> tuple[Integers, Integers, _Stays, Floats, Floats]:
    """Leaves out bins with hazard 0 or 1, and scales covariates."""
    last = people.day.astype(np.int64)
    ended = people.ended.astype(np.float64)
    size = int(last.max()) + 1
    if size > 100_000:
        raise NotEstimable("there are more than 100,000 bins; use cox for stays in days")
    ends = np.bincount(last, ended, size)
    reach = np.bincount(last, minlength=size)[::-1].cumsum()[::-1]
    always = np.flatnonzero((ends > 0) & (ends == reach))
    informative = (ends > 0) & (ends < reach)
    bins = np.flatnonzero(informative)
    if not bins.size:
        raise NotEstimable("in every bin all or none end, so bins order nobody; use finer bins")
    before = np.cumsum(informative, dtype=np.int64)
    reached = before[last]  # a last bin that says nothing counts only the bins before it
    ended = ended * informative[last]
    center, scale = people.covariates.mean(axis=0), people.covariates.std(axis=0)
    scale = np.where(scale > 1e-12 * np.maximum(np.abs(center), 1), scale, np.inf)
    values = (people.covariates - center) / scale
    mass = np.ones(last.size) if people.weights is None else people.weights
    return bins, always, _Stays(values, reached, ended, mass), center, scale


def _marginal(stays: _Stays, j: int) -> Floats:
    """Complementary log-log of the share ending in each bin, whoever they are."""
    at_risk = np.bincount(stays.reached, stays.weights, j + 1)[1:][::-1].cumsum()[::-1]
    ended = stays.ended > 0
    ends = np.bincount(stays.reached[ended] - 1, stays.weights[ended], j)
    return np.asarray(np.log(-np.log1p(-ends / at_risk)), dtype=np.float64)


def _evaluate_or_none(stays: _Stays, j: int, b: Floats) -> _Likelihood | None:
    if np.abs(b[:j]).max() + np.abs(stays.values @ b[j:]).max() > 300:
        return None
    return _evaluate(stays, j, b)


def _evaluate(stays: _Stays, j: int, b: Floats) -> _Likelihood:
    """Log-likelihood, gradient and observed information at b = (log hazards (j,), coefficients (p,)).

    With m = exp(a_t + x'b): a bin stayed through adds -m; the bin of the ending adds log(1 - exp(-m)), whose derivative
    in log m is u = m/(exp(m) - 1) and whose second derivative is u (1 - m - u).
    """
    p = stays.values.shape[1]
    height, slope, curve = 0.0, np.zeros(j + p), np.zeros((j + p, j + p))
    spread = np.zeros(j + p)
    for x, w, reached, ended, m in _portions(stays, j, b):
        rows = np.flatnonzero(ended)
        own = m[rows, reached[rows] - 1].copy()
        m[rows, reached[rows] - 1] = 0.0
        u = own / np.expm1(np.minimum(own, 700))
        height += float(w[rows] @ np.log(-np.expm1(-own)) - w @ m.sum(axis=1))
        first, second = -m * w[:, None], m * w[:, None]
        first[rows, reached[rows] - 1] = u * w[rows]
        second[rows, reached[rows] - 1] = -u * (1 - own - u) * w[rows]
        slope += np.concatenate([first.sum(axis=0), first.sum(axis=1) @ x])
        _add_information(curve, second, x)
        spread[j:] += second.sum(axis=1) @ (x * x)
    spread[:j] = np.diag(curve)[:j]
    return _Likelihood(height, slope, curve, spread)


def _expected_information(stays: _Stays, j: int, b: Floats, people: FollowUp) -> tuple[Floats, Floats]:
    """Expected information, as a generalized linear model reports it, and the outer products of summed score
    residuals."""
    p = stays.values.shape[1]
    expected = np.zeros((j + p, j + p))
    residuals = np.empty((len(stays.values), j + p))
    done = 0
    for x, w, reached, ended, m in _portions(stays, j, b):
        u = m / np.expm1(np.clip(m, 1e-300, 700))
        _add_information(expected, m * u * w[:, None], x)
        rows = np.flatnonzero(ended)
        first = -m
        first[rows, reached[rows] - 1] = u[rows, reached[rows] - 1]
        part = residuals[done : done + len(x)]
        part[:, :j], part[:, j:] = first * w[:, None], (first.sum(axis=1) * w)[:, None] * x
        done += len(x)
    if people.cluster is not None:
        total = np.zeros((int(people.cluster.max()) + 1, j + p))
        np.add.at(total, people.cluster, residuals)
        residuals = total
    return expected, residuals.T @ residuals


def _portions(stays: _Stays, j: int, b: Floats) -> Iterator[tuple[Floats, Floats, Integers, Floats, Floats]]:
    """Covariates, weights, bins reached, whether ended, and exp(a_t + x'b) (rows, j) where at risk, for a portion of
    people."""
    bins = np.arange(j)
    for i in range(0, len(stays.values), PORTION):
        here = slice(i, i + PORTION)
        x, reached = stays.values[here], stays.reached[here]
        m = np.exp((x @ b[j:])[:, None] + b[:j]) * (bins < reached[:, None])
        yield x, stays.weights[here], reached, stays.ended[here], m


def _add_information(curve: Floats, by_bin: Floats, x: Floats) -> None:
    j = by_bin.shape[1]
    curve[range(j), range(j)] += by_bin.sum(axis=0)
    cross = by_bin.T @ x
    curve[:j, j:] += cross
    curve[j:, :j] += cross.T
    curve[j:, j:] += (x * by_bin.sum(axis=1)[:, None]).T @ x


def _unscaling(j: int, center: Floats, scale: Floats) -> Floats:
    """Matrix that takes scaled coefficients back to the units of the covariates, and log hazards to covariates 0."""
    q = center.size
    back = np.zeros((j + q, j + q))
    back[:j, :j] = np.eye(j)
    back[range(j, j + q), range(j, j + q)] = 1 / scale
    back[:j, j:] = -center / scale
    return back
