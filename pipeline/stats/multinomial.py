"""Newton for multinomial (and so binary) logistic regression, with a named way out where arms are separated.

Ours because statsmodels' MNLogit has no way out of separation and no start from the fit to more people, which leaving
out one site at a time lives on; where it has an answer it is the reference of test_propensity.
"""

from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats, Integers, spread_penalty
from pipeline.stats.separation import separates, separating

BLOCK = 4096  # rows per matrix product: a block of 40 columns stays in the second-level cache
GRADIENT = 1e-8  # largest gradient element over the sum of weights
STEP = 1e-5  # largest move of a linear predictor in the last step; the next one would be its square
CHORD_STEP = 1e-8  # root mean square move of the linear predictor; with the information kept the next is a tenth of it
CHORD_STEPS = 15
MOST_STEPS = 40
SEPARATED_STEP = 0.5  # along a separated direction every Newton step moves the linear predictor by about 1
RIDGE = 2 / 2.5**2  # two arms: a normal prior with SD 2.5 on each standardized log-odds ratio (Gelman et al. 2008)


@dataclass(frozen=True, slots=True)
class MultinomialFit:
    """A converged fit.

    coefficients  (q, k-1) against arm 0
    information   (m, m) negative second derivative, penalty included; m = (k-1) q, arm-major.  That of the fit it
                  started from where fit_multinomial was given one (near)
    gradient      largest gradient element over the sum of weights before the last step
    steps         Newton steps taken
    penalized     True where separation made the ridge necessary
    apart         (q, k-1) the direction that proves it; None where none does
    """

    coefficients: Floats
    information: Floats
    gradient: float
    steps: int
    penalized: bool
    apart: Floats | None = None


def fit_multinomial(
    values: Floats,
    arm: Integers,
    arms: int,
    *,
    groups: int = 1,
    levels: int = 0,
    weights: Floats | None = None,
    start: Floats | None = None,
    near: Floats | None = None,
    apart: Floats | None = None,
) -> MultinomialFit:
    """Maximum likelihood of arm (n,) in 0..arms-1 on full-rank columns values (n, q).

    near (m, m): the information of a fit to almost the same people, from whose coefficients it starts; it stands in for
    this one's where that converges to the same scaled gradient, which saves all but passes for the gradient.
    apart (q, k-1): what separated those people, start being their ridge fit; where it separates these too, their own
    starts there.

    Where no maximum exists (separation) the fit is repeated with a ridge: minus RIDGE/2 times
    sum_ab C_ab b_a' P b_b with C = I - 1/k (the same whichever arm is the reference) and P from
    spread_penalty, which takes groups and levels.
    Raises NotEstimable if that does not converge to a scaled gradient of 1e-8 either.
    """
    if apart is not None and start is not None and separates(values, arm, apart, weights):
        return _ridged(values, arm, weights, start, groups, levels, apart)
    zero = np.zeros((values.shape[1], arms - 1))
    start = start if apart is None else None
    found = None if start is None or near is None else _chord(values, arm, weights, start, near)
    if found is None:
        begin = _start(values, arm, weights, zero) if start is None else start
        end = _newton(values, arm, weights, begin, None)
        found = end if isinstance(end, MultinomialFit) else _ridged(values, arm, weights, zero, groups, levels, end)
    return found


def _ridged(
    values: Floats, arm: Integers, weights: Floats | None, start: Floats, groups: int, levels: int, apart: Floats | None
) -> MultinomialFit:
    between_arms = np.eye(start.shape[1]) - 1 / (start.shape[1] + 1)
    penalty: Floats = np.asarray(
        RIDGE * np.kron(between_arms, spread_penalty(values, groups, levels)), dtype=np.float64
    )
    fit = _newton(values, arm, weights, start, penalty)
    if not isinstance(fit, MultinomialFit):
        raise NotEstimable("the weight model did not converge; use fewer covariates or merge rare categories")
    return replace(fit, apart=apart)


def probabilities(values: Floats, coefficients: Floats) -> Floats:
    """Probability of each arm (n, k) at coefficients (q, k-1)."""
    n, others = len(values), coefficients.shape[1]
    out = np.empty((n, others + 1))
    for i in range(0, n, BLOCK):
        out[i : i + BLOCK, 0] = 0
        out[i : i + BLOCK, 1:] = values[i : i + BLOCK] @ coefficients
        block = out[i : i + BLOCK]
        block -= reduce(np.maximum, block.T)[:, None]  # thirty times as fast as a maximum along short rows
        np.exp(block, out=block)
        block /= block.sum(axis=1, keepdims=True)
    return out


def _start(values: Floats, arm: Integers, weights: Floats | None, zero: Floats) -> Floats:
    """Zero, or the fit to every twentieth row where that saves passes over a long table."""
    if len(values) < 10 * BLOCK:
        return zero
    part = np.arange(0, len(values), 20)
    rough = _newton(
        values[part], arm[part], None if weights is None else weights[part], zero, None, gradient=1e-4, step=0.1
    )
    return rough.coefficients if isinstance(rough, MultinomialFit) else zero


def _chord(values: Floats, arm: Integers, weights: Floats | None, start: Floats, near: Floats) -> MultinomialFit | None:
    """Newton's method with the information kept; None where the gradient does not halve at each step, as in
    separation."""
    q, others = start.shape
    total = float(len(values) if weights is None else weights.sum())
    own = arm == np.arange(1, others + 1)[:, None]
    try:
        inverse = np.linalg.inv(near)
    except np.linalg.LinAlgError:
        return None
    b, before = start, np.inf
    for steps in range(CHORD_STEPS):
        slope = _slope(values, own, weights, b)
        move: Floats = inverse @ slope
        b = b + move.reshape(others, q).T
        moved, scaled = max(float(slope @ move), 0.0) ** 0.5 / total**0.5, float(np.abs(slope).max()) / total
        if scaled <= GRADIENT and moved <= CHORD_STEP:
            return MultinomialFit(b, near, scaled, steps + 1, False)
        if not scaled < before / 2:
            return None
        before = scaled
    return None


def _slope(values: Floats, own: Flags, weights: Floats | None, b: Floats) -> Floats:
    """Gradient (m,) of the log-likelihood, arm-major; own (k-1, n) says who is in each arm but the first."""
    eta = b.T @ values.T  # one row per arm: short sums run down columns
    top = np.maximum(eta.max(axis=0), 0)
    p = np.exp(eta - top)
    residual = own - p / (p.sum(axis=0) + np.exp(-top))
    if weights is not None:
        residual *= weights
    return np.asarray((residual @ values).ravel(), dtype=np.float64)


def _newton(
    values: Floats,
    arm: Integers,
    weights: Floats | None,
    start: Floats,
    penalty: Floats | None,
    gradient: float = GRADIENT,
    step: float = STEP,
) -> MultinomialFit | Floats | None:
    """Newton with step halving; where no maximum is found the direction that proves that there is none, or None."""
    q, others = start.shape
    reach = np.maximum(np.abs(values.max(axis=0)), np.abs(values.min(axis=0)))[:, None]
    total = len(values) if weights is None else weights.sum()
    b = start
    height, slope, curve = _penalized(values, arm, weights, b, penalty)
    for steps in range(MOST_STEPS):
        try:
            np.linalg.cholesky(curve)
            move = np.asarray(np.linalg.solve(curve, slope).reshape(others, q).T, dtype=np.float64)
        except np.linalg.LinAlgError:
            return None
        moved, scaled = float((np.abs(move) * reach).max()), float(np.abs(slope).max() / total)
        if scaled <= gradient and moved <= step:
            return MultinomialFit(b + move, curve, scaled, steps + 1, penalty is not None)
        if penalty is None and moved > SEPARATED_STEP:
            direction = separating(values, arm, move, weights)
            if direction is not None or scaled <= gradient:
                return direction
        for halving in range(30):
            proposal = b + move / 2**halving
            taken = _penalized(values, arm, weights, proposal, penalty)
            if taken[0] >= height - 1e-12 * (1 + abs(height)):
                break
        else:
            return None
        b, (height, slope, curve) = proposal, taken
    return None


def _penalized(
    values: Floats, arm: Integers, weights: Floats | None, b: Floats, penalty: Floats | None
) -> tuple[float, Floats, Floats]:
    height, slope, curve = likelihood(values, arm, weights, b)
    if penalty is None:
        return height, slope, curve
    flat = b.T.ravel()
    return height - float(flat @ penalty @ flat) / 2, slope - penalty @ flat, curve + penalty


def likelihood(values: Floats, arm: Integers, weights: Floats | None, b: Floats) -> tuple[float, Floats, Floats]:
    """Log-likelihood, gradient (m,) and information (m, m), arm-major, in blocks of rows."""
    q, others = b.shape
    height, slope = 0.0, np.zeros((others, q))
    curve = np.zeros((others, q, others, q))
    scratch = np.empty((min(BLOCK, len(values)), q))
    for i in range(0, len(values), BLOCK):
        z = values[i : i + BLOCK]
        own = arm[i : i + BLOCK] == np.arange(1, others + 1)[:, None]
        eta = b.T @ z.T  # one row per arm: short sums run down columns
        top = np.maximum(eta.max(axis=0), 0)
        p = np.exp(eta - top)
        whole = p.sum(axis=0) + np.exp(-top)
        p /= whole
        gain, residual = (eta * own).sum(axis=0) - top - np.log(whole), own - p
        root = np.sqrt(p)
        if weights is not None:
            gain, residual, root = (
                gain * weights[i : i + BLOCK],
                residual * weights[i : i + BLOCK],
                root * np.sqrt(weights[i : i + BLOCK]),
            )
        height += float(gain.sum())
        slope += residual @ z
        _add_information(curve, z, p, root, scratch[: len(z)])
    for a in range(others):
        for c in range(a):
            curve[c, :, a, :] = curve[a, :, c, :].T
    return height, slope.ravel(), curve.reshape(others * q, others * q)


def _add_information(curve: Floats, z: Floats, p: Floats, root: Floats, scratch: Floats) -> None:
    """Adds z' diag(w p_a (1[a = c] - p_c)) z of one block; as scratch' scratch, which costs half a product."""
    for a in range(len(p)):
        np.multiply(z, (root[a] * np.sqrt(1 - p[a]))[:, None], out=scratch)
        curve[a, :, a, :] += scratch.T @ scratch
        for c in range(a):
            np.multiply(z, (root[a] * np.sqrt(p[c]))[:, None], out=scratch)
            curve[a, :, c, :] -= scratch.T @ scratch
