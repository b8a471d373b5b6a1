"""The models of everybody but one fold, for every fold, and what they say of the people in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers, independent_columns
from pipeline.stats.multinomial import BLOCK, GRADIENT, STEP, likelihood, probabilities
from pipeline.stats.once import once
from pipeline.stats.weighting.nuisance import OutcomeModel, People, fit_outcome, solve_outcome
from pipeline.stats.weighting.propensity import WeightModel, fit_weight_model

SWEEPS = (
    8  # gradients at a kept information shrink a hundredfold each; what is not there by then is fitted from the start
)


@dataclass(frozen=True, slots=True)
class Folds:
    """Which fold each person is in: code (n,) 0..number-1, rows the row numbers of each fold, others those of all but
    it."""

    code: Integers
    rows: tuple[Integers, ...]

    def others(self, fold: int) -> Integers:
        return np.flatnonzero(self.code != fold)


def deal(people: People, folds: int, rng: np.random.Generator) -> Folds:
    """Deals people into folds like cards, within site, arm and whether the outcome is observed, in an order drawn with
    rng.

    A site with an intercept of its own so keeps somebody observed in every arm whichever fold is left out. Errors as
    checked_folds.
    """
    group = people.design.values[:, : people.design.groups].argmax(axis=1)
    shuffled = rng.permutation(len(group))
    order = shuffled[
        np.lexsort((people.site[shuffled], people.observed[shuffled], people.arm[shuffled], group[shuffled]))
    ]
    code = np.empty(len(group), dtype=np.int64)
    code[order] = np.arange(len(group)) % folds
    return checked_folds(people, code)


def checked_folds(people: People, code: Integers) -> Folds:
    """Folds from codes 0, 1, .. (n,).  Raises NotEstimable where there is one, or an arm has nobody observed without
    it."""
    folds = int(code.max()) + 1
    counts = np.bincount(
        code * people.arms + people.arm, weights=people.weights * people.observed, minlength=folds * people.arms
    )
    counts = counts.reshape(folds, people.arms)
    if not (counts.sum(axis=0) - counts > 0).all():
        raise NotEstimable(
            "without one of the folds nobody in one arm has the outcome; follow more people up or leave the arm out"
        )
    return folded(code, folds)


def held_out_probabilities(
    values: Floats,
    groups: int,
    codes: Integers,
    arms: int,
    weights: Floats | None,
    folds: Folds,
    everybody: WeightModel,
    *,
    levels: int = 0,
) -> tuple[Floats, bool]:
    """Probability of each arm (n, k) from the multinomial fit to the other folds, and whether one of them needed the
    ridge.

    values (n, q) design columns, the last `levels` of them flags of a factor; everybody the fit to all. Gradient and
    information of each fold at that fit are sums over its people, so a fold's first Newton step needs no pass over the
    others; later ones keep the information and take exact gradients until they are as small as fit_multinomial asks.
    Where that fails the fold is fitted from the rows.
    """
    out, penalized = np.empty((len(codes), arms)), False
    fitted = coefficients_without(codes, weights, folds, everybody)
    for fold, b in enumerate(fitted):
        here = folds.rows[fold]
        if b is not None:
            out[here] = probabilities(everybody.values.take(here, axis=0), b)
            continue
        rows = folds.others(fold)
        if (codes[rows] == codes[rows[0]]).all():  # nobody elsewhere says who would be in another
            out[here] = np.arange(arms) == codes[rows[0]]
            continue
        model = fit_weight_model(
            values.take(rows, axis=0),
            groups,
            codes[rows],
            arms,
            None if weights is None else weights[rows],
            everybody,
            levels=levels,
        )
        penalized = penalized or model.fit.penalized
        out[here] = probabilities(values[np.ix_(here, np.flatnonzero(model.kept))], model.fit.coefficients)
    return out, penalized


@once
def folded(code: Integers, number: int) -> Folds:
    """The folds of codes 0..number-1 (n,)."""
    return Folds(code, tuple(np.flatnonzero(code == fold) for fold in range(number)))


@once
def coefficients_without(
    codes: Integers, weights: Floats | None, folds: Folds, everybody: WeightModel, *, step: float = STEP
) -> list[Floats | None]:
    """Coefficients (q, k - 1) of the fit to all but each fold; None where it has to be fitted from the rows.

    step  largest move of a linear predictor in the last sweep.  A column that is zero outside the fold, such as the
    intercept of a site left out, keeps the coefficient of everybody's fit, which multiplies nobody.
    """
    if everybody.fit.penalized:
        return [None] * len(folds.rows)
    start, f = everybody.fit.coefficients, len(folds.rows)
    q, others = start.shape
    z = [everybody.values.take(rows, axis=0) for rows in folds.rows]
    own = [codes[rows] for rows in folds.rows]
    w = [None if weights is None else weights[rows] for rows in folds.rows]
    parts = [likelihood(z[i], own[i], w[i], start) for i in range(f)]
    curves = [_without(i, [part[2] for part in parts]) for i in range(f)]
    solvers = [_solver(curve) for curve in curves]
    sizes = [np.asarray(len(c) if v is None else v.sum()) for c, v in zip(own, w, strict=True)]
    total = [_without(i, sizes) for i in range(f)]
    slopes = np.array([_without(i, [part[1] for part in parts]) for i in range(f)])
    reach = np.maximum(np.abs(everybody.values.max(axis=0)), np.abs(everybody.values.min(axis=0)))
    b, done = np.tile(start.T.ravel(), (f, 1)), np.zeros(f, dtype=bool)
    usable = np.array([solver is not None for solver in solvers])
    for _ in range(SWEEPS):
        for i in np.flatnonzero(usable & ~done):
            move = solvers[i] @ slopes[i]
            b[i] += move
            done[i] = (
                np.abs(slopes[i]).max() <= GRADIENT * total[i]
                and (np.abs(move.reshape(others, q)) * reach).max() <= step
            )
        usable &= np.isfinite(b).all(axis=1)
        if not (usable & ~done).any():
            break
        slopes = _slopes(z, own, w, b.reshape(f, others, q))
    if step < STEP:
        for i in np.flatnonzero(usable & ~done):
            renewed = _renewed(codes, weights, folds.others(int(i)), everybody.values, b[i], step)
            if renewed is not None:
                b[i], done[i] = renewed, True
    return [b[i].reshape(others, q).T if done[i] and usable[i] else None for i in range(f)]


def _renewed(
    codes: Integers, weights: Floats | None, rows: Integers, values: Floats, near: Floats, step: float
) -> Floats | None:
    """Coefficients (m,) of the fit to these rows by Newton steps from near, arm-major; None where they do not
    converge."""
    part, own, w = values.take(rows, axis=0), codes[rows], None if weights is None else weights[rows]
    total, reach = len(part) if w is None else w.sum(), np.abs(part).max(axis=0)
    b, q = near, values.shape[1]
    for _ in range(SWEEPS):
        _, slope, curve = likelihood(part, own, w, b.reshape(-1, q).T)
        solver = _solver(curve)
        if solver is None:
            return None
        move = solver @ slope
        b = b + move
        if not np.isfinite(b).all():
            return None
        if np.abs(slope).max() <= GRADIENT * total and (np.abs(move.reshape(-1, q)) * reach).max() <= np.sqrt(step):
            return b  # the next step would be the square of this one
    return None


def _solver(curve: Floats) -> Floats | None:
    """Inverse of an information matrix, zero for columns that say nothing there; None where others are redundant."""
    live = np.flatnonzero(np.diag(curve) > 0)
    part = curve[np.ix_(live, live)]
    if not independent_columns(part).all():
        return None
    solver = np.zeros_like(curve)
    solver[np.ix_(live, live)] = np.linalg.inv(part)
    return solver


def _slopes(z: list[Floats], own: list[Integers], w: list[Floats | None], b: Floats) -> Floats:
    """Gradient (F, (k - 1) q) of the people outside each fold at that fold's coefficients b (F, k - 1, q)."""
    f, others, q = b.shape
    slopes = np.zeros((f, others, q))
    for here in range(f):
        elsewhere = np.delete(np.arange(f), here)
        stacked = b[elsewhere].reshape(-1, q)
        for i in range(0, len(z[here]), BLOCK):
            part, arm = z[here][i : i + BLOCK], own[here][i : i + BLOCK]
            eta = (stacked @ part.T).reshape(f - 1, others, -1)
            top = np.maximum(eta.max(axis=1, keepdims=True), 0)
            odds = np.exp(eta - top)
            residual = (arm == np.arange(1, others + 1)[:, None]) - odds / (
                odds.sum(axis=1, keepdims=True) + np.exp(-top)
            )
            if (weight := w[here]) is not None:
                residual = residual * weight[i : i + BLOCK]
            slopes[elsewhere] += (residual.reshape(-1, len(arm)) @ part).reshape(f - 1, others, q)
    return slopes.reshape(f, -1)


def cross_products(people: People, folds: Folds) -> tuple[Floats, Integers]:
    """Cross-products of the design (F, k, q, q) and number (F, k) of those with the outcome, by fold and arm."""
    f, k, q = len(folds.rows), people.arms, people.design.values.shape[1]
    sums, counts = np.zeros((f, k, q, q)), np.zeros((f, k), dtype=np.int64)
    for fold, rows in enumerate(folds.rows):
        for a in range(k):
            mine = rows[people.observed[rows] & (people.arm[rows] == a)]
            z = people.design.values.take(mine, axis=0)
            sums[fold, a] = (z * people.weights[mine, None]).T @ z
            counts[fold, a] = len(mine)
    return sums, counts


def outcome_models_without(
    people: People, outcome: Floats, folds: Folds, fold: int, sums: Floats, counts: Integers
) -> tuple[tuple[OutcomeModel, ...], int]:
    """Least squares of outcome (n,) in each arm by everybody outside the fold, and how many of these needed a ridge.

    sums, counts as cross_products gives them: those of the others are sums of theirs, which loses no digits as
    subtracting from the whole would.
    """
    there = people.observed & (folds.code != fold)
    counted = (there[:, None] & (people.arm[:, None] == np.arange(people.arms))) * (people.weights * outcome)[:, None]
    moments = people.design.values.T @ counted
    models, thin = [], 0
    for a in range(people.arms):
        if counts[:, a].sum() - counts[fold, a] < 2 * people.design.values.shape[1]:
            part = replace(people, outcome=outcome).rows(folds.others(fold))
            model, ridged = fit_outcome(part, a)
        else:
            model, ridged = solve_outcome(_without(fold, list(sums[:, a])), moments[:, a], people.design.groups)
        models.append(model)
        thin += ridged
    return tuple(models), thin


def held_out_predictions(people: People, folds: Folds) -> tuple[Floats, int]:
    """Outcome expected in each arm (n, k) by least squares in the other folds, and how many of these models needed a
    ridge."""
    sums, counts = cross_products(people, folds)
    out, thin = np.empty((len(people.arm), people.arms)), 0
    for fold, rows in enumerate(folds.rows):
        models, ridged = outcome_models_without(people, people.outcome, folds, fold, sums, counts)
        out[rows] = people.design.values.take(rows, axis=0) @ slopes_of(models)
        thin += ridged
    return out, thin


def slopes_of(models: Sequence[OutcomeModel]) -> Floats:
    """Coefficients (q, k) of each arm's outcome model on all design columns."""
    return np.column_stack([model.columns @ model.coefficients for model in models])


def _without(fold: int, parts: list[Floats]) -> Floats:
    """Sum over all folds but one."""
    return np.asarray(np.sum([part for i, part in enumerate(parts) if i != fold], axis=0), dtype=np.float64)
