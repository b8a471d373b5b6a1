"""Cox regression: hazard ratios of leaving care, with ties, delayed entry, strata, weights and clusters."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincc

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.hazard_newton import Maximum
from pipeline.stats.hazards.cox_robust import sandwich
from pipeline.stats.hazards.fitting import ROUGH, fitted, rough_start
from pipeline.stats.hazards.partial_likelihood import PartialLikelihood, deaths_total, partial_likelihood
from pipeline.stats.hazards.risk_sets import FollowUp, RiskSets, Ties, follow_up, risk_sets
from pipeline.stats.time_in_care.follow_up import Kind


@dataclass(frozen=True, slots=True)
class CoxFit:
    """A converged Cox model.

    coefficients      (q,) log hazard ratio per unit of each covariate kept
    covariance        (q, q) theirs: sandwich where weights are probabilities or clusters are given, else inverse
                      information
    model_covariance  (q, q) inverse information
    kept, dropped     (q,), (p - q,) columns in the model, and redundant ones: constant among those at risk, or
                      combinations of columns before them
    center            (q,) mean of each covariate kept, over those at risk at any ending
    log_likelihood    log partial likelihood
    gradient          largest scaled gradient element per ending (at most 1e-8), after so many steps
    n, events         people and endings; sums of frequency weights
    clusters          distinct clusters, or None
    ties              "efron" or "breslow"
    robust            whether covariance is a sandwich
    people, sets, likelihood  those who were at risk, sorted, and the likelihood at the maximum: what tests and
                              baselines read;
                      leave out when storing
    """

    coefficients: Floats
    covariance: Floats
    model_covariance: Floats
    kept: Integers
    dropped: Integers
    center: Floats
    log_likelihood: float
    gradient: float
    steps: int
    n: int
    events: int
    clusters: int | None
    ties: Ties
    robust: bool
    people: FollowUp = field(repr=False, compare=False)
    sets: RiskSets = field(repr=False, compare=False)
    likelihood: PartialLikelihood = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class ModelTests:
    """Whether any covariate matters: likelihood ratio, Wald and score chi-square, each with df degrees of freedom, and
    their p.

    wald uses the covariance of the fit; the others take people as independent and weights as counts.
    """

    likelihood_ratio: float
    wald: float
    score: float
    df: int
    p_likelihood_ratio: float
    p_wald: float
    p_score: float


def cox(
    day: ArrayLike,
    ended: ArrayLike,
    covariates: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    kind: Kind = "frequency",
    cluster: ArrayLike | None = None,
    ties: Ties = "efron",
) -> CoxFit:
    """Cox proportional hazards regression by maximum partial likelihood.

    day         (n,) days from the first attended service to ending or last observation
    ended       (n,) True where the ending was seen
    covariates  (n, p) or (n,); indicators of arms belong here
    entry       (n,) at risk only on days after this one; 0 or None: from the beginning
    strata      (n,) integers 0..; each has its own baseline hazard
    weights     (n,) counts of identical people (`kind` "frequency") or probability weights ("probability", sandwich
                variance)
    cluster     (n,) any labels; sandwich variance that adds up score residuals within clusters
    ties        "efron" or "breslow"

    The hazard at t is h0(t) exp(x'b). Frequency weights equal writing people out. With probability weights, d endings
    of one day enter Efron's correction as d people with their mean weight, so only Breslow's is unchanged when somebody
    is split in two. Cox (1972) J R Stat Soc B 34:187; Efron (1977) J Am Stat Assoc 72:557; Breslow (1974) Biometrics
    30:89; sandwich: Lin & Wei (1989) J Am Stat Assoc 84:1074, with the tie-corrected score residuals of Therneau &
    Grambsch (2000), sections 3.3 and 7.2. Takes O(n p^2) time and O(n p) memory, tied or not. Raises NotEstimable where
    nobody ends, no covariate varies among those at risk, a hazard ratio is infinite (it names the column), days order
    nobody, or no maximum is found.
    """
    people = follow_up(day, ended, covariates, entry=entry, strata=strata, weights=weights, kind=kind, cluster=cluster)
    if ties not in ("efron", "breslow"):
        raise NotEstimable("ties must be 'efron' or 'breslow'; choose one")
    sets = risk_sets(people, ties)
    sets, kept, best = _fit(sets, _start(people, ties))
    scale = sets.rows.scale
    model = np.linalg.inv(best.at.curve) / np.outer(scale, scale)
    robust = kind == "probability" or cluster is not None
    covariance = sandwich(sets, best.at) / np.outer(scale, scale) if robust else model
    n = people.day.size if people.weights is None or kind == "probability" else people.weights.sum()
    dropped = np.setdiff1d(np.arange(people.covariates.shape[1]), kept)
    return CoxFit(
        best.b / scale,
        covariance,
        model,
        kept,
        dropped,
        sets.rows.center,
        best.at.height,
        best.gradient,
        best.steps,
        int(n),
        int(sets.deaths.sum()),
        people.clusters,
        ties,
        robust,
        people,
        sets,
        best.at,
    )


def model_tests(fit: CoxFit) -> ModelTests:
    """Tests of all coefficients of a fit against 0. The score test of arm indicators without ties is the log-rank
    test."""
    sets, q = fit.sets, fit.kept.size
    null = partial_likelihood(sets, np.zeros(q), deaths_total(sets))
    if null is None:
        raise NotEstimable("the risk sets are empty up to rounding; check the weights")
    ratio = 2 * (fit.log_likelihood - null.height)
    wald = float(fit.coefficients @ np.linalg.solve(fit.covariance, fit.coefficients))
    score = float(null.slope @ np.linalg.solve(null.curve, null.slope))
    p = gammaincc(q / 2, np.maximum([ratio, wald, score], 0) / 2)
    return ModelTests(float(ratio), wald, score, q, float(p[0]), float(p[1]), float(p[2]))


def _start(people: FollowUp, ties: Ties) -> Floats:
    """Where the full fit begins: (p,) coefficients."""

    def to_some() -> tuple[RiskSets, Integers, Maximum[PartialLikelihood]] | None:
        part = people.only(slice(None, None, 20))
        return _fit(risk_sets(part, ties), zero, gradient=ROUGH, step=ROUGH) if part.ended.any() else None

    zero = np.zeros(people.covariates.shape[1])
    return rough_start(people.day.size, zero.size, to_some)


def _fit(sets: RiskSets, start: Floats, **tolerance: float) -> tuple[RiskSets, Integers, Maximum[PartialLikelihood]]:
    return fitted(sets, start, partial_likelihood, deaths_total, **tolerance)
