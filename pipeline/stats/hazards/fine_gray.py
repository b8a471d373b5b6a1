"""Fine-Gray regression: how covariates move the share who have had one kind of ending, when others compete."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.hazard_newton import Maximum
from pipeline.stats.hazards.cox_robust import score_products
from pipeline.stats.hazards.fitting import ROUGH, fitted, rough_start
from pipeline.stats.hazards.sorted_rows import running
from pipeline.stats.hazards.subdistribution import (
    CENSORED,
    OF_INTEREST,
    WHOLE,
    Endings,
    SameDay,
    Subdistribution,
    SubdistributionLikelihood,
    endings,
    interest_total,
    later,
    lived_through,
    subdistribution,
    subdistribution_likelihood,
    waiting_sum,
)
from pipeline.stats.time_in_care.follow_up import Kind


@dataclass(frozen=True, slots=True)
class FineGrayFit:
    """A converged Fine-Gray model.

    coefficients      (q,) log subdistribution hazard ratio per unit of each covariate kept
    covariance        (q, q) sandwich that includes the estimation of the censoring distribution
    model_covariance  (q, q) inverse information, which understates
    kept, dropped     (q,), (p - q,) columns in the model, and redundant ones
    center            (q,) mean of each covariate kept
    day, step         (m,) distinct days, and steps of the subdistribution hazard of a person whose covariates are
                      center
    log_likelihood    log pseudo-likelihood
    gradient          largest scaled gradient element per ending (at most 1e-8), after so many steps
    n, events         people, and endings of interest; sums of frequency weights
    clusters          distinct clusters, or None
    """

    coefficients: Floats
    covariance: Floats
    model_covariance: Floats
    kept: Integers
    dropped: Integers
    center: Floats
    day: NDArray[Any]
    step: Floats
    log_likelihood: float
    gradient: float
    steps: int
    n: int
    events: int
    clusters: int | None
    likelihood: SubdistributionLikelihood = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class PredictedIncidence:
    """Cumulative incidence of the ending of interest for g people: day (m,), estimate (m, g)."""

    day: NDArray[Any]
    estimate: Floats


def fine_gray(
    day: ArrayLike,
    cause: ArrayLike,
    covariates: ArrayLike,
    *,
    of: int = 1,
    censoring_group: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    kind: Kind = "frequency",
    cluster: ArrayLike | None = None,
    same_day: SameDay = "together",
) -> FineGrayFit:
    """Proportional subdistribution hazards for one kind of ending.

    day              (n,) days from the first attended service to ending or last observation
    cause            (n,) 0 still under observation, 1.. kinds of ending; `of` is the one of interest
    covariates       (n, p) or (n,)
    censoring_group  (n,) integers 0..; the censoring distribution is estimated within each (e.g. site), else in all
                     together
    weights          (n,) counts of identical people, or probability weights, which also enter the censoring
                     distribution
    cluster          (n,) any labels; score residuals are added up within clusters
    same_day         whether those who end on a day could have been censored on it ("together") or not ("endings first")

    Those who end otherwise on day T stay at risk on later days t with weight G(t-)/G(T-), G the Kaplan-Meier curve of
    censoring; G of a group is 0 after its last day. Ties are Breslow's. The sandwich adds each person's influence on G.
    Delayed entry is not modeled. Fine & Gray (1999) J Am Stat Assoc 94:496, with the variance of their appendix.
    Takes O(n p^2) time and O(n p) memory. Raises NotEstimable where the ending never happens, days order nobody, no
    covariate varies, a ratio is infinite (it names the column), or no maximum is found.
    """
    people = endings(day, cause, covariates, of=of, group=censoring_group, weights=weights, kind=kind, cluster=cluster)
    data, kept, best = _fit(subdistribution(people, same_day), _start(people, same_day))
    scale = data.rows.scale
    bread = np.linalg.inv(best.at.curve)
    covariance = bread @ _score_products(data, best.at) @ bread
    n = people.day.size if people.weights is None or kind == "probability" else people.weights.sum()
    happened = people.state == OF_INTEREST
    events = happened.sum() if people.weights is None or kind == "probability" else people.weights[happened].sum()
    dropped = np.setdiff1d(np.arange(people.covariates.shape[1]), kept)
    unscale = np.outer(scale, scale)
    return FineGrayFit(
        best.b / scale,
        covariance / unscale,
        bread / unscale,
        kept,
        dropped,
        data.rows.center,
        data.day,
        best.at.step,
        best.at.height,
        best.gradient,
        best.steps,
        int(n),
        int(events),
        people.clusters,
        best.at,
    )


def predicted_incidence(fit: FineGrayFit, covariates: ArrayLike) -> PredictedIncidence:
    """1 - exp(-sum of steps exp((x - center)'b)) of people with covariates (g, p) or (p,).

    Raises NotEstimable where covariates do not fit the model.
    """
    x = np.atleast_2d(np.asarray(covariates, dtype=np.float64))
    p = fit.kept.size + fit.dropped.size
    if x.ndim != 2 or x.shape[1] != p or not np.isfinite(x).all():
        raise NotEstimable(f"this model reads {p} finite covariates per person; give them in the order of the fit")
    relative = np.exp((x[:, fit.kept] - fit.center) @ fit.coefficients)
    return PredictedIncidence(fit.day, -np.expm1(-np.cumsum(fit.step)[:, None] * relative))


def _start(people: Endings, same_day: SameDay) -> Floats:
    """Where the full fit begins: (p,) coefficients."""

    def to_some() -> tuple[Subdistribution, Integers, Maximum[SubdistributionLikelihood]] | None:
        part = people.only(slice(None, None, 20))
        some = (part.state == OF_INTEREST).any()
        return _fit(subdistribution(part, same_day), zero, gradient=ROUGH, step=ROUGH) if some else None

    zero = np.zeros(people.covariates.shape[1])
    return rough_start(people.day.size, zero.size, to_some)


def _fit(
    data: Subdistribution, start: Floats, **tolerance: float
) -> tuple[Subdistribution, Integers, Maximum[SubdistributionLikelihood]]:
    return fitted(data, start, subdistribution_likelihood, interest_total, **tolerance)


def _score_products(data: Subdistribution, at: SubdistributionLikelihood) -> Floats:
    """Sum of outer products (q, q) of score residuals, each with its influence on the censoring distribution."""
    mean = np.divide(at.risk[:, 1:], at.risk[:, :1], out=np.zeros_like(at.risk[:, 1:]), where=data.events[:, None] > 0)
    of_interest = (data.state == OF_INTEREST).astype(np.float64)
    by_hazard = lived_through(data, at.step[:, None] * mean)
    by_weight = -of_interest[:, None] * mean[data.place] + _censoring_influence(data, at, mean)
    return score_products(
        data.rows, at.b, of_interest, lived_through(data, at.step), by_hazard, by_weight, data.cluster, data.kind
    )


def _censoring_influence(data: Subdistribution, at: SubdistributionLikelihood, mean: Floats) -> Floats:
    """What each block (blocks, q) adds to the score by taking part in the estimation of G.

    With q(u) = sum over those waiting on day u of r/G(T-) (z A(u) - B(u)), A and B the sums of G(t-) step and G(t-)
    step mean over later days: q/Y for a person censored on u, minus the sum of q dC/Y^2 over the days the person could
    have been censored.
    """
    out = np.zeros((data.rows.blocks, mean.shape[1]))
    for group in range(data.free.shape[1]):
        if not data.censored[:, group].any():
            continue
        ahead = data.free[:, group] * at.step
        waiting = waiting_sum(data, at.sums.first, group)
        q = waiting[:, 1:] * later(ahead)[:, None] - waiting[:, :1] * later(ahead[:, None] * mean)
        watched = data.watched[:, [group]]
        own = np.divide(q, watched, out=np.zeros_like(q), where=watched > 0)
        share = np.divide(data.censored[:, [group]], watched, out=np.zeros_like(watched), where=watched > 0)
        passed = running(own * share, WHOLE)
        blocks = np.flatnonzero(data.group == group)
        place, ended = data.place[blocks], data.state[blocks] != CENSORED
        exposed = place - ended if data.same_day == "endings first" else place
        out[blocks] = own[place] * ~ended[:, None] - np.concatenate([passed, np.zeros((1, mean.shape[1]))])[exposed]
    return out
