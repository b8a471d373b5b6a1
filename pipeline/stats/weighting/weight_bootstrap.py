"""A cluster bootstrap that fits the weight model anew in every draw, two Newton steps for all draws at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import (
    Flags,
    Floats,
    Integers,
    build_design,
    checked_arms,
    checked_covariates,
    independent_columns,
)
from pipeline.stats.multinomial import fit_multinomial
from pipeline.stats.resampling import MOST_FAILED, Bootstrap
from pipeline.stats.weighting.nuisance import checked_outcome

ROWS, DRAWN = 1024, 128  # people and draws worked on at a time: a block stays in the second-level cache
CONVERGED = (
    1e-5  # largest gradient element over the people drawn; what is not there after STEPS is fitted from the start
)
STEPS = 4
WORKERS = 2
TARGETS = ("overlap", "combined")


@dataclass(frozen=True, slots=True)
class _People:
    """Rows ordered by cluster: values (n, p), arm (n,), outcome (n,) 0 where not observed, seen (n,), unit (n,) cluster
    codes."""

    values: Floats
    arm: Integers
    arms: int
    outcome: Floats
    seen: Floats
    unit: Integers
    target: str

    def part(self, chosen: slice) -> "_People":
        return replace(
            self,
            values=self.values[chosen],
            arm=self.arm[chosen],
            outcome=self.outcome[chosen],
            seen=self.seen[chosen],
            unit=self.unit[chosen],
        )


def weight_bootstrap(
    outcome: ArrayLike,
    arm: ArrayLike,
    covariates: ArrayLike,
    cluster: ArrayLike,
    draws: int,
    rng: np.random.Generator,
    *,
    target: str = "overlap",
    level: float = 0.95,
) -> Bootstrap:
    """Weighted means of k arms in clusters drawn with replacement, the multinomial weight model fitted again in each
    draw.

    outcome     (n,) nan where not observed; arm (n,) 0..k-1; covariates (n, p) without intercept; cluster (n,) any
                labels
    target      overlap or combined: as propensity.balancing_weights
    As effects.weighted_means with everybody observed. Percentile limits; failed draws are counted, more than 1 % raise
    NotEstimable.
    """
    labels = np.unique(np.asarray(cluster))
    if labels.size < 2:
        raise NotEstimable("one cluster drawn again is always the same; draw people instead, or include more sites")
    counts = rng.multinomial(labels.size, np.full(labels.size, 1 / labels.size), size=draws)
    means = refitted_means(outcome, arm, covariates, cluster, counts, target=target)
    done = means[np.isfinite(means).all(axis=1)]
    failed = draws - len(done)
    if failed > MOST_FAILED * draws or len(done) < 2:
        raise NotEstimable(
            f"{failed} of {draws} bootstrap draws could not be estimated; merge rare categories or small clusters"
        )
    tail = (1 - level) / 2
    low, high = np.quantile(done, [tail, 1 - tail], axis=0)
    return Bootstrap(done, np.cov(done, rowvar=False), low, high, failed)


def refitted_means(
    outcome: ArrayLike,
    arm: ArrayLike,
    covariates: ArrayLike,
    cluster: ArrayLike,
    counts: ArrayLike,
    *,
    target: str = "overlap",
) -> Floats:
    """(B, k) weighted means where cluster g (in the order of its label) counts counts[b, g] times; nan where a draw has
    no estimate.

    The first Newton step has the sums of gradients and information of each cluster, two matrix products for all draws;
    later ones keep that information and take the exact gradient, until its largest element is 1e-5 of the people drawn.
    Errors as effects.weighted_means.
    """
    codes, k = checked_arms(arm)
    y, x = checked_outcome(outcome, codes), checked_covariates(covariates, codes.size)
    labels, unit = np.unique(np.asarray(cluster), return_inverse=True)
    drawn = np.asarray(counts, dtype=np.float64)
    if drawn.ndim != 2 or drawn.shape[1] != labels.size or unit.size != codes.size:
        raise NotEstimable("counts must have one row per draw and one column per cluster; count the clusters again")
    if target not in TARGETS:
        raise NotEstimable(f"this bootstrap knows the targets {' and '.join(TARGETS)}; use the jackknife for others")
    values = build_design(x, np.zeros(codes.size, dtype=np.int64), 1).values
    values = values[:, independent_columns(values.T @ values)]
    order = np.argsort(unit, kind="stable")
    seen = np.isfinite(y)
    people = _People(
        np.ascontiguousarray(values[order]),
        codes[order],
        k,
        np.where(seen, y, 0.0)[order],
        seen[order].astype(np.float64),
        unit[order],
        target,
    )
    start = fit_multinomial(people.values, people.arm, k)
    gradients, information = _by_cluster(people, labels.size, start.coefficients)
    size = gradients.shape[1]
    curves = (drawn @ information.reshape(labels.size, -1)).reshape(-1, size, size)
    b = np.tile(start.coefficients.T.ravel(), (len(drawn), 1))
    usable = _solvable(curves)
    b[usable] += _solved(curves[usable], drawn[usable] @ gradients)
    return _finished(people, drawn, curves, b, usable)


def _finished(people: _People, drawn: Floats, curves: Floats, b: Floats, usable: Flags) -> Floats:
    """Steps until the gradient is flat, and the means where it is; the rest one at a time."""
    out = np.full((len(drawn), people.arms), np.nan)
    open_, total = np.flatnonzero(usable), drawn @ np.bincount(people.unit, minlength=drawn.shape[1])
    for _ in range(STEPS):
        if not open_.size:
            break
        slope, above, below = _sweep(people, drawn[open_], b[open_])
        flat = np.abs(slope).max(axis=1) <= CONVERGED * total[open_]
        with np.errstate(divide="ignore", invalid="ignore"):
            out[open_[flat]] = (above / below)[flat]
        keep = ~flat & np.isfinite(slope).all(axis=1)
        open_, slope = open_[keep], slope[keep]
        b[open_] += _solved(curves[open_], slope)
    for draw in np.flatnonzero(np.isnan(out).any(axis=1)):
        out[draw] = _one(people, drawn[draw])
    return out


def _one(people: _People, counts: Floats) -> Floats:
    """The means of one draw fitted from the start; nan where there is no estimate."""
    w = counts[people.unit]
    rows = np.flatnonzero(w)
    present = np.bincount(people.arm[rows], weights=people.seen[rows], minlength=people.arms)
    if not (present > 0).all():
        return np.full(people.arms, np.nan)
    values = people.values[rows]
    values = values[:, independent_columns((values * w[rows, None]).T @ values)]
    try:
        b = fit_multinomial(values, people.arm[rows], people.arms, weights=w[rows]).coefficients
    except NotEstimable:
        return np.full(people.arms, np.nan)
    one = replace(
        people,
        values=values,
        arm=people.arm[rows],
        outcome=people.outcome[rows],
        seen=people.seen[rows],
        unit=np.arange(rows.size),
    )
    _, above, below = _sweep(one, w[None, rows], b.T.reshape(1, -1))
    return np.asarray(above[0] / below[0], dtype=np.float64)


def _by_cluster(people: _People, clusters: int, b: Floats) -> tuple[Floats, Floats]:
    """Gradient (C, q) and information (C, q, q) of each cluster at coefficients b (p, k - 1); q = (k - 1) p,
    arm-major."""
    p, others = b.shape
    odds = np.exp(people.values @ b)
    e = odds / (1 + odds.sum(axis=1, keepdims=True))
    residual = (people.arm[:, None] == np.arange(1, others + 1)) - e
    gradients, information = np.empty((clusters, others * p)), np.empty((clusters, others, p, others, p))
    ends = np.searchsorted(people.unit, np.arange(clusters + 1))
    for c in range(clusters):
        here = slice(ends[c], ends[c + 1])
        z, own = people.values[here], e[here]
        gradients[c] = (residual[here].T @ z).ravel()
        for i in range(others):
            for j in range(others):
                information[c, i, :, j] = (z * (own[:, i] * ((i == j) - own[:, j]))[:, None]).T @ z
    return gradients, information.reshape(clusters, others * p, others * p)


def _solvable(curves: Floats) -> Flags:
    """(B,) True where a draw's information has full rank."""
    scale: Floats = np.sqrt(np.einsum("bii->bi", curves))
    fine: Flags = np.asarray((scale > 0).all(axis=1), dtype=np.bool_)
    unit = curves[fine] / (scale[fine][:, :, None] * scale[fine][:, None, :])
    fine[fine] = np.linalg.eigvalsh(unit)[:, 0] > 1e-9
    return fine


def _solved(curves: Floats, slopes: Floats) -> Floats:
    return np.asarray(np.linalg.solve(curves, slopes[:, :, None])[:, :, 0], dtype=np.float64)


def _sweep(people: _People, counts: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
    """One pass over people for all draws: gradients (B, q), weighted sums of outcomes (B, k) and sums of weights (B,
    k)."""
    n = len(people.arm)
    halves = [slice(i * n // WORKERS, (i + 1) * n // WORKERS) for i in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        parts = list(pool.map(lambda half: _pass(people.part(half), counts, b), halves))
    return parts[0][0] + parts[1][0], parts[0][1] + parts[1][1], parts[0][2] + parts[1][2]


def _pass(people: _People, counts: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
    draws, k, p = len(counts), people.arms, people.values.shape[1]
    slope, above, below = np.zeros((k - 1, p, draws)), np.zeros((k, draws)), np.zeros((k, draws))
    coefficients = [np.ascontiguousarray(b[:, a * p : (a + 1) * p].T) for a in range(k - 1)]
    for rows, drawn in _blocks(len(people.arm), draws):
        z, arm, y, seen = people.values[rows], people.arm[rows], people.outcome[rows], people.seen[rows]
        w = counts[drawn].T[people.unit[rows]]
        odds = [np.exp(z @ one[:, drawn]) for one in coefficients]
        whole = 1 + np.sum(odds, axis=0)
        overlapping = 1 / (1 + np.sum([1 / one for one in odds], axis=0)) if people.target == "overlap" else whole
        for a in range(k):
            own = arm == a
            weight = w[own] * overlapping[own] / (odds[a - 1][own] if a else 1.0) * seen[own, None]
            below[a, drawn] += weight.sum(axis=0)
            above[a, drawn] += y[own] @ weight
        w /= whole
        for a, one in enumerate(odds, start=1):
            one *= -w
            own = arm == a
            one[own] += w[own] * whole[own]
            slope[a - 1][:, drawn] += z.T @ one
    return slope.transpose(2, 0, 1).reshape(draws, -1), above.T, below.T


def _blocks(n: int, draws: int) -> Iterator[tuple[slice, slice]]:
    for i in range(0, n, ROWS):
        for j in range(0, draws, DRAWN):
            yield slice(i, min(i + ROWS, n)), slice(j, min(j + DRAWN, draws))
