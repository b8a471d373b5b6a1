"""Draws of one column's missing values given the others, coefficients drawn first so that their doubt is carried
along."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers, build_design, independent_columns
from pipeline.stats.multinomial import fit_multinomial

DONORS = 5  # people to match with
SPARE = 5  # people beyond the number of coefficients, for a residual variance that can be drawn
OWN_LEVEL = 5  # people with the value a site needs for a level of its own


@dataclass(frozen=True, slots=True)
class Predictors:
    """Columns of the people who have the value (r, q), full rank, and of those who do not (s, q); the first `groups`
    are site indicators that replace the intercept."""

    known: Floats
    missing: Floats
    groups: int


def predictors(others: Floats, site: Integers, known: NDArray[np.bool_]) -> Predictors:
    """Site indicators beside the other columns (n, p), standardized; columns that repeat others are dropped."""
    group = site_levels(site, known)
    design = build_design(others, group, int(group.max()) + 1)
    x = design.values[known]
    kept = independent_columns(x.T @ x)
    return Predictors(x[:, kept], design.values[~known][:, kept], int(kept[: design.groups].sum()))


def site_levels(site: Integers, known: NDArray[np.bool_]) -> Integers:
    """Level (n,) of each person's site: its own where five or more have the value, else one shared by small sites.

    A shared level with fewer than five takes in the smallest of the other sites.
    """
    seen = np.bincount(site[known], minlength=int(site.max()) + 1)
    own = seen >= OWN_LEVEL
    if not own.all() and seen[~own].sum() < OWN_LEVEL and own.any():
        own[np.argmin(np.where(own, seen, seen.max() + 1))] = False
    level = np.where(own, np.cumsum(own) - 1, own.sum())
    return np.asarray(level[site])


@dataclass(frozen=True, slots=True)
class NumberModel:
    """Least squares of a number on x: coefficients b (q,), Gram matrix (q, q), residual sum of squares and its df."""

    x: Predictors
    seen: Floats
    b: Floats
    gram: Floats
    squares: float
    df: int


@dataclass(frozen=True, slots=True)
class FlagModel:
    """Logistic fit of a flag on x: b (q,) and information (q, q), both None where everyone has the same flag; and how
    many have 1 and 0."""

    x: Predictors
    b: Floats | None
    information: Floats | None
    ones: float
    zeros: float


def number_model(x: Predictors, seen: Floats) -> NumberModel:
    """Least squares of the values seen (r,); needs five people more than columns."""
    r, q = x.known.shape
    if r < q + SPARE:
        raise NotEstimable(
            f"one level has too few people with a value for a model of {q} columns; give fewer columns or join sites"
        )
    gram = x.known.T @ x.known
    b: Floats = np.asarray(np.linalg.solve(gram, x.known.T @ seen), dtype=np.float64)
    residual = seen - x.known @ b
    return NumberModel(x, seen, b, gram, float(residual @ residual), r - q)


def flag_model(x: Predictors, seen: Floats) -> FlagModel:
    """Logistic regression of the flags seen (r,), ridged where they are separated."""
    ones, zeros = float(seen.sum()), float(seen.size - seen.sum())
    if ones == 0 or zeros == 0:
        return FlagModel(x, None, None, ones, zeros)
    try:
        fit = fit_multinomial(x.known, seen.astype(np.int64), 2, groups=x.groups)
    except NotEstimable as error:
        raise NotEstimable(
            "the model of a flag to be imputed did not converge; give fewer columns or merge rare categories"
        ) from error
    return FlagModel(x, fit.coefficients[:, 0], fit.information, ones, zeros)


def draw_numbers(model: NumberModel, rng: np.random.Generator) -> Floats:
    """Normal draws (s,): sigma^2* = RSS / chi^2(r - q), b* ~ N(b, sigma^2* (X'X)^-1), y* = X b* + sigma* e.

    Rubin (1987) p. 167. A column that is constant among those who have it is drawn as that constant.
    """
    sigma, drawn = _coefficients(model, rng)
    return model.x.missing @ drawn + sigma * rng.standard_normal(len(model.x.missing))


def match_numbers(model: NumberModel, rng: np.random.Generator) -> Floats:
    """Observed values (s,) of one of the five people whose prediction X b is nearest to X b*, picked at random.

    Little (1988) J Bus Econ Stat 6:287; donors and distance as Morris, White & Royston (2014) BMC Med Res Methodol
    14:75.
    """
    _, drawn = _coefficients(model, rng)
    predicted, target, size = model.x.known @ model.b, model.x.missing @ drawn, model.seen.size
    shuffled = rng.permutation(size)  # equally distant donors are not taken by their order in the file
    order = shuffled[np.argsort(predicted[shuffled], kind="stable")]
    rung = np.searchsorted(predicted[order], target)[:, None] + np.arange(-DONORS, DONORS)
    distance = np.abs(predicted[order[np.clip(rung, 0, size - 1)]] - target[:, None])
    distance[(rung < 0) | (rung >= size)] = np.inf
    people = np.arange(target.size)
    pick = np.argsort(distance, axis=1, kind="stable")[people, rng.integers(min(DONORS, size), size=target.size)]
    return np.asarray(model.seen[order[rung[people, pick]]])


def draw_flags(model: FlagModel, rng: np.random.Generator) -> Floats:
    """0/1 draws (s,) with log-odds X b*, b* ~ N(b, I^-1), the normal approximation to the logistic fit.

    Where everyone who has the flag has the same one, the share is drawn from Beta(ones + 1/2, zeros + 1/2).
    """
    size = len(model.x.missing)
    if model.b is None or model.information is None:
        share = np.full(size, rng.beta(model.ones + 0.5, model.zeros + 0.5))
    else:
        drawn = model.b + _normal(model.information, rng)
        share = 1 / (1 + np.exp(-np.clip(model.x.missing @ drawn, -700, 700)))
    return (rng.random(size) < share).astype(np.float64)


def _coefficients(model: NumberModel, rng: np.random.Generator) -> tuple[float, Floats]:
    sigma = float(np.sqrt(model.squares / rng.chisquare(model.df)))
    return sigma, model.b + sigma * _normal(model.gram, rng)


def _normal(precision: Floats, rng: np.random.Generator) -> Floats:
    """A draw (q,) from N(0, precision^-1)."""
    root = np.linalg.cholesky(precision)
    return np.asarray(np.linalg.solve(root.T, rng.standard_normal(len(precision))))
