"""Gaussian likelihood of repeated scores whose covariance is linear in its parameters: exact derivatives and Newton's
method."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats

GRADIENT = 1e-8  # largest gradient element over the number of people, parameters in units of the residual spread
STEP = 1e-9  # largest move of a parameter in the last step
ROUNDING = 1e-6  # moves below this that no longer shrink are rounding, not progress
MOST_STEPS = 100
FLATTEST = 1e-7  # least share of the largest curvature that still pins a parameter down


@dataclass(frozen=True, slots=True)
class CovarianceSums:
    """Sums over people at parameters t (v,), V the covariance of one person's scores, V_j = dV/dt_j and W = [X y].

    log_det  sum log|V|
    gram     (p + 1, p + 1) sum W'V^-1 W
    first    (v, p + 1, p + 1) sum W'V^-1 V_j V^-1 W
    second   (v, v, p + 1, p + 1) sum W'V^-1 V_j V^-1 V_k V^-1 W, averaged with its transpose
    trace    (v,) sum tr(V^-1 V_j)
    cross    (v, v) sum tr(V^-1 V_j V^-1 V_k)
    """

    log_det: float
    gram: Floats
    first: Floats
    second: Floats
    trace: Floats
    cross: Floats


@dataclass(frozen=True, slots=True)
class CovarianceLikelihood:
    """Minus twice the (restricted) log-likelihood at some parameters, fixed effects and, where profiled, the scale
    solved for.

    deviance      its value
    slope, curve  (v,), (v, v) exact first and second derivative
    expected      (v, v) twice the expected information of the parameters at this scale: tr(P V_j P V_k)
    coefficients  (p,) generalized least squares
    inverse       (p, p) inverse of sum X'V^-1 X; times scale it is the covariance of the coefficients
    moved         (v, p, p) derivative of inverse by each parameter
    scale         residual variance; 1 where it is not profiled
    residual      degrees of freedom of the scale: scores, less coefficients for REML
    leaning       (v,) derivative of the residual sum of squares r = y'Py by each parameter
    """

    deviance: float
    slope: Floats
    curve: Floats
    expected: Floats
    coefficients: Floats
    inverse: Floats
    moved: Floats
    scale: float
    residual: float
    leaning: Floats


def covariance_likelihood(
    sums: CovarianceSums, scores: int, *, restricted: bool, profiled: bool
) -> CovarianceLikelihood | None:
    """The likelihood from its sums; scores rows of data; None where X'V^-1 X or the scale is not positive.

    f = sum log|V| + (log|X'V^-1 X|) + r (or, profiled, m log(r / m) + m) + m log 2 pi, with r = y'Py and m the residual
    df. Derivatives by P' = -P V_j P. Patterson & Thompson (1971) Biometrika 58:545; Lindstrom & Bates (1988) JASA
    83:1014.
    """
    p = len(sums.gram) - 1
    info, target = sums.gram[:p, :p], sums.gram[:p, p]
    try:
        factor = np.linalg.cholesky(info)
    except np.linalg.LinAlgError:
        return None
    inverse: Floats = np.linalg.inv(info).astype(np.float64)
    b: Floats = np.linalg.solve(info, target).astype(np.float64)
    total = float(sums.gram[p, p] - target @ b)
    m = float(scores - p if restricted else scores)
    if not (total > 0 and np.isfinite(total) and m > 0):
        return None
    error = np.append(-b, 1.0)
    lean = sums.first @ error  # (v, p + 1) W'V^-1 V_j V^-1 e
    r1 = -(lean @ error)
    r2 = 2 * (np.einsum("a,jkab,b->jk", error, sums.second, error) - lean[:, :p] @ inverse @ lean[:, :p].T)
    scale = total / m if profiled else 1.0
    slope = sums.trace + r1 / scale
    curve = -sums.cross + r2 / scale - (np.outer(r1, r1) / (m * scale**2) if profiled else 0.0)
    turned = inverse @ sums.first[:, :p, :p]  # (v, p, p)
    second = np.einsum("ab,jkba->jk", inverse, sums.second[:, :, :p, :p])
    pairs = np.einsum("jab,kba->jk", turned, turned)
    height = sums.log_det + (m * np.log(scale) + m if profiled else total) + m * np.log(2 * np.pi)
    if restricted:
        height += 2 * float(np.log(np.diag(factor)).sum())
        slope = slope - np.trace(turned, axis1=1, axis2=2)
        curve = curve + 2 * second - pairs
    expected = sums.cross - 2 * second + pairs
    return CovarianceLikelihood(float(height), slope, curve, expected, b, inverse, turned @ inverse, scale, m, r1)


@dataclass(frozen=True, slots=True)
class Descended:
    """Where the deviance is lowest: parameters (v,), deviance, slope and curve there, scaled gradient, steps taken."""

    at: Floats
    deviance: float
    slope: Floats
    curve: Floats
    gradient: float
    steps: int


Height = tuple[float, Floats, Floats]


def descend(evaluate: Callable[[Floats], Height | None], start: Floats, people: int) -> Descended:
    """Newton's method with the absolute values of the curvatures, so that every step leads down; halved where it does
    not.

    evaluate gives deviance, slope and curve, or None outside the parameters' range. Converged where the gradient per
    person is at most GRADIENT and the last step at most STEP. Raises NotEstimable where that is not reached.
    """
    at, found, before = start, evaluate(start), np.inf
    for steps in range(MOST_STEPS):
        if found is None:
            break
        height, slope, curve = found
        values, vectors = np.linalg.eigh(curve)
        firm = np.maximum(np.abs(values), FLATTEST * max(float(np.abs(values).max()), 1e-300))
        move = -vectors @ ((vectors.T @ slope) / firm)
        gradient, moved = float(np.abs(slope).max()) / people, float(np.abs(move).max())
        if gradient <= GRADIENT and (moved <= STEP or before / 2 < moved <= ROUNDING):
            return Descended(at, height, slope, curve, gradient, steps)
        move *= min(1.0, 2.0 / max(moved, 1e-300))  # further than that no quadratic is to be trusted
        at, found = _lower(evaluate, at, move, height)
        before = moved
    raise NotEstimable(
        "the variances of the repeated scores could not be found; use random intercepts only, fewer visits, or more"
        " people"
    )


def _lower(
    evaluate: Callable[[Floats], Height | None], at: Floats, move: Floats, height: float
) -> tuple[Floats, Height | None]:
    """The first of at + move, at + move/2, ... that is not higher, beyond rounding."""
    for halving in range(40):
        proposal = at + move / 2**halving
        found = evaluate(proposal)
        if found is not None and found[0] <= height + 1e-11 * (1 + abs(height)):
            return proposal, found
    return at, None
