"""Cross-products of scores at scheduled visits, added up over people who have scores at the same visits."""

from dataclasses import dataclass

import numpy as np

from pipeline.stats.design import Floats, Integers
from pipeline.stats.repeated_scores.covariance_likelihood import CovarianceSums


@dataclass(frozen=True, slots=True)
class VisitPattern:
    """People with scores at the same visits.

    visits   (o,) visits, ascending
    people   how many
    rows     (people, o) their rows
    product  (o * o, (p + 1)^2) sum of w_a w_b' over people, for each pair of visits a, b
    """

    visits: Integers
    people: int
    rows: Integers
    product: Floats


def visit_patterns(rows: Floats, visit: Integers, begins: Integers, visits: int) -> list[VisitPattern]:
    """From rows [X y] (n, p + 1) and visit (n,), sorted by person and visit, and the first row of each person."""
    counts = np.diff(np.append(begins, len(rows)))
    person = np.repeat(np.arange(len(begins)), counts)
    has = np.zeros((len(begins), visits), dtype=bool)
    has[person, visit] = True
    kinds, of = np.unique(has, axis=0, return_inverse=True)
    of = of.ravel()
    patterns = []
    for k, kind in enumerate(kinds):
        members = np.flatnonzero(of == k)
        o = int(kind.sum())
        own = begins[members][:, None] + np.arange(o)
        w = rows[own].reshape(len(members), -1)
        product = (w.T @ w).reshape(o, rows.shape[1], o, rows.shape[1]).transpose(0, 2, 1, 3).reshape(o * o, -1)
        patterns.append(VisitPattern(np.flatnonzero(kind), len(members), own, np.ascontiguousarray(product)))
    return patterns


def unstructured(parameters: Floats, visits: int) -> Floats:
    """Covariance (visits, visits) from its upper triangle (v,), row by row."""
    covariance = np.zeros((visits, visits))
    covariance[np.triu_indices(visits)] = parameters
    return np.triu(covariance) + np.triu(covariance, 1).T


def unstructured_sums(
    patterns: list[VisitPattern], parameters: Floats, visits: int, columns: int
) -> CovarianceSums | None:
    """Sums for an unstructured covariance of the visits, its upper triangle as parameters; None where it is not
    positive definite.

    V_j is 1 at its pair of visits and 0 elsewhere, so W'V^-1 V_j V^-1 V_k V^-1 W = sum_ab (V^-1 V_j V^-1 V_k V^-1)_ab
    w_a w_b'.
    """
    covariance = unstructured(parameters, visits)
    try:
        np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        return None
    v, q = len(parameters), columns
    units = np.array([unstructured(unit, visits) for unit in np.eye(v)])
    log_det, gram, trace, cross = 0.0, np.zeros(q * q), np.zeros(v), np.zeros((v, v))
    first, second = np.zeros((v, q * q)), np.zeros((v * v, q * q))
    for pattern in patterns:
        seen = np.ix_(pattern.visits, pattern.visits)
        o = len(pattern.visits)
        inverse = np.linalg.inv(covariance[seen])
        log_det += pattern.people * float(np.linalg.slogdet(covariance[seen])[1])
        turned = inverse @ units[np.ix_(np.arange(v), pattern.visits, pattern.visits)]  # (v, o, o) V^-1 V_j
        once = turned @ inverse
        twice = turned[:, None] @ once[None]  # (v, v, o, o)
        gram += inverse.ravel() @ pattern.product
        first += once.reshape(v, -1) @ pattern.product
        second += twice.reshape(v * v, o * o) @ pattern.product
        trace += pattern.people * np.trace(turned, axis1=1, axis2=2)
        cross += pattern.people * np.einsum("jab,kba->jk", turned, turned)
    shaped = second.reshape(v, v, q, q)
    return CovarianceSums(
        log_det, gram.reshape(q, q), first.reshape(v, q, q), (shaped + shaped.swapaxes(2, 3)) / 2, trace, cross
    )
