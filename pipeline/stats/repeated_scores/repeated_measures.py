"""Model for repeated measures at a few scheduled visits: any covariance between visits, missing visits allowed
(MMRM)."""

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.repeated_scores.covariance_likelihood import (
    CovarianceLikelihood,
    CovarianceSums,
    Height,
    covariance_likelihood,
    descend,
)
from pipeline.stats.repeated_scores.fixed_effects import FixedEffects
from pipeline.stats.repeated_scores.repeated_scores import RepeatedScores, repeated_scores
from pipeline.stats.repeated_scores.standard_scores import standard_scores
from pipeline.stats.repeated_scores.visit_patterns import VisitPattern, unstructured, unstructured_sums, visit_patterns
from pipeline.stats.weighting.estimating_equations import clustered_covariance

MOST_VISITS = 10  # 55 variances and covariances; beyond that a mixed model says it with four
FLAT = 1e-9  # least over largest curvature below which some covariance is not determined

Rule = Literal["kenward-roger", "satterthwaite"]


@dataclass(frozen=True, slots=True)
class RepeatedMeasures:
    """A converged MMRM.

    fixed       coefficients with their covariance, as contrast, marginal_means and slope_contrast read them
    covariance  (m, m) of the scores at the m visits, around the model
    deviance    minus twice the (restricted) log-likelihood
    restricted  REML; False: maximum likelihood
    gradient    largest scaled gradient element per person (at most 1e-8), after so many steps
    patterns    different sets of visits that people have
    n, scores   people and scores
    """

    fixed: FixedEffects
    covariance: Floats
    deviance: float
    restricted: bool
    gradient: float
    steps: int
    patterns: int
    n: int
    scores: int


def repeated_measures(
    person: ArrayLike,
    visit: ArrayLike,
    outcome: ArrayLike,
    fixed: ArrayLike,
    *,
    df: Rule = "kenward-roger",
    restricted: bool = True,
    cluster: ArrayLike | None = None,
) -> RepeatedMeasures:
    """Means at scheduled visits with an unstructured covariance between them, by REML or maximum likelihood.

    person   (n,) any labels; rows in any order
    visit    (n,) whole numbers 0..m-1, at most one score of a person each
    outcome  (n,) scores, nan where there is none
    fixed    (n, p) columns, with an intercept; usually visit, arm by visit and baseline by visit
    df       kenward-roger, or satterthwaite from the observed information; ignored with cluster
    cluster  (n,) labels constant within a person: clustered sandwich with G - 1 df

    y_i = X_i b + e_i, e_i ~ N(0, Sigma at i's visits). Missing at random given the scores that are there. People enter
    through cross-products by pattern of visits, so that a step costs the same for a hundred people or a million, and
    the Kenward-Roger covariance needs no limit on their number. Mallinckrodt et al. (2008) Drug Inf J 42:303; Kenward &
    Roger (1997) Biometrics 53:983. Raises NotEstimable where two visits are never seen in the same people, or no
    minimum is found: with many visits missing in few people the covariance can run to a singular one.
    """
    occasion = _whole(visit)
    rows = repeated_scores(
        person, outcome, np.column_stack([np.asarray(fixed, dtype=np.float64), occasion]), occasion, cluster
    )
    columns, order = rows.fixed[:, :-1], np.lexsort((rows.fixed[:, -1], _owner(rows)))
    when = rows.fixed[order, -1].astype(np.int64)
    visits = int(when.max()) + 1
    _check_visits(when, _owner(rows), visits)
    standard, n = standard_scores(columns[order], rows.outcome[order]), len(when)
    patterns, width = visit_patterns(standard.rows, when, rows.begins, visits), standard.rows.shape[1]
    best = descend(
        partial(_height, patterns, visits, width, n, restricted),
        _pairwise(standard.rows[:, -1], when, rows, visits),
        len(rows.begins),
    )
    sums = unstructured_sums(patterns, best.at, visits, width)
    at = None if sums is None else covariance_likelihood(sums, n, restricted=restricted, profiled=False)
    values = np.linalg.eigvalsh(best.curve)
    if sums is None or at is None or values[0] < FLAT * values[-1]:
        raise NotEstimable("the covariance of two visits is not determined; leave out a visit that few people have")
    covariance, uncertain, rule, clusters = *_adjusted(at, sums, best.curve, df), None
    if rows.cluster is not None:
        covariance, clusters = _sandwich(
            patterns, standard.rows, at, unstructured(best.at, visits), rows.cluster[rows.begins]
        )
        rule = "clusters"
    back = standard.back
    effects = FixedEffects(
        standard.coefficients(at.coefficients),
        covariance * back,
        at.inverse * back,
        at.moved * back,
        uncertain,
        rule,
        clusters,
        standard.kept,
        standard.dropped,
        standard.alias,
        len(rows.begins),
        n,
    )
    return RepeatedMeasures(
        effects,
        unstructured(best.at, visits) * standard.size**2,
        standard.deviance(at.deviance, at.residual, restricted),
        restricted,
        best.gradient,
        best.steps,
        len(patterns),
        len(rows.begins),
        n,
    )


def _whole(visit: ArrayLike) -> Floats:
    when = np.asarray(visit, dtype=np.float64)
    if (
        when.ndim != 1
        or not when.size
        or not np.isfinite(when).all()
        or (when != np.floor(when)).any()
        or when.min() < 0
    ):
        raise NotEstimable("visits must be whole numbers 0, 1, ..; number the scheduled visits in order of time")
    if when.max() >= MOST_VISITS:
        raise NotEstimable(f"there are more than {MOST_VISITS} visits; use a mixed model, or fewer scheduled visits")
    return when


def _owner(rows: RepeatedScores) -> Integers:
    return np.repeat(np.arange(len(rows.begins)), np.diff(np.append(rows.begins, len(rows.outcome))))


def _check_visits(when: Integers, person: Integers, visits: int) -> None:
    """Every visit seen, no person twice at one, every two visits seen together in some people."""
    if np.unique(person * visits + when).size < len(when):
        raise NotEstimable("somebody has two scores at one visit; keep the one nearest the visit's day")
    has = np.zeros((int(person.max()) + 1, visits))
    has[person, when] = 1
    together = has.T @ has
    if (together < 2).any():
        raise NotEstimable(
            "two visits are hardly ever seen in the same people, so their covariance is unknown; "
            "leave out a visit that few people have"
        )


def _pairwise(residual: Floats, when: Integers, rows: RepeatedScores, visits: int) -> Floats:
    """Upper triangle of the covariance of residuals over people with both visits, pulled to its diagonal until positive
    definite."""
    wide = np.zeros((len(rows.begins), visits))
    has = np.zeros_like(wide)
    wide[_owner(rows), when], has[_owner(rows), when] = residual, 1
    covariance = (wide.T @ wide) / (has.T @ has)
    diagonal = np.diag(np.maximum(np.diag(covariance), 1e-6))
    for share in (1.0, 0.9, 0.7, 0.4, 0.0):
        start = share * covariance + (1 - share) * diagonal
        if np.linalg.eigvalsh(start)[0] > 1e-3 * diagonal.max():
            break
    return np.asarray(start[np.triu_indices(visits)], dtype=np.float64)


def _height(
    patterns: list[VisitPattern], visits: int, columns: int, scores: int, restricted: bool, at: Floats
) -> Height | None:
    sums = unstructured_sums(patterns, at, visits, columns)
    found = None if sums is None else covariance_likelihood(sums, scores, restricted=restricted, profiled=False)
    return None if found is None else (found.deviance, found.slope, found.curve)


def _adjusted(at: CovarianceLikelihood, sums: CovarianceSums, curve: Floats, df: Rule) -> tuple[Floats, Floats, str]:
    """Covariance of the coefficients, covariance of the variances, and the rule they follow.

    Kenward-Roger: Phi + 2 Phi (sum_jk w_jk (Q_jk - P_j Phi P_k)) Phi with w the inverse expected information; the
    second derivatives of V are zero for an unstructured covariance.
    """
    if df == "satterthwaite":
        return at.inverse, _twice_inverse(curve), df
    if df != "kenward-roger":
        raise NotEstimable("df must be 'kenward-roger' or 'satterthwaite'; choose one")
    p = len(at.coefficients)
    w = _twice_inverse(at.expected)
    bent, moved = sums.second[:, :, :p, :p], sums.first[:, :p, :p]
    middle = np.einsum("jk,jkab->ab", w, bent) - np.einsum(
        "jk,jab,bc,kcd->ad", w, moved, at.inverse, moved, optimize=True
    )
    return at.inverse + 2 * at.inverse @ middle @ at.inverse, w, df


def _twice_inverse(information: Floats) -> Floats:
    return np.asarray(2 * np.linalg.inv(information), dtype=np.float64)


def _sandwich(
    patterns: list[VisitPattern], standard: Floats, at: CovarianceLikelihood, covariance: Floats, cluster: Integers
) -> tuple[Floats, int]:
    """Clustered sandwich of the standardized coefficients from X_i'V_i^-1 e_i summed over clusters; and the number of
    these."""
    first = np.concatenate([pattern.rows[:, 0] for pattern in patterns])
    parts = []
    for pattern in patterns:
        w = standard[pattern.rows]
        error = w[:, :, -1] - w[:, :, :-1] @ at.coefficients
        solved = error @ np.linalg.inv(covariance[np.ix_(pattern.visits, pattern.visits)])
        parts.append(np.einsum("iop,io->ip", w[:, :, :-1], solved))
    influence = np.concatenate(parts)[np.argsort(first, kind="stable")] @ at.inverse
    return clustered_covariance(influence, cluster)
