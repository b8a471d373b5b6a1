"""What each site's data say about a ratio, as a likelihood curve that leaves the site and adds up with the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, chdtri, expit

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, build_design, checked_covariates, independent_columns
from pipeline.stats.estimate import Estimate
from pipeline.stats.hazards.partial_likelihood import deaths_total, partial_likelihood
from pipeline.stats.hazards.risk_sets import follow_up, risk_sets

GRADIENT = 1e-9  # largest nuisance gradient over the number of people
MOST_STEPS = 50
FLAT = 1e-6  # a curve that moves less says nothing; what is left is rounding


@dataclass(frozen=True, slots=True)
class Profile:
    """Log-likelihood of a log ratio, everything else at its best for each value.

    grid    (g,) log ratios of arm 1 against arm 0, increasing
    height  (g,) profile log-likelihood, highest point on the grid 0
    slope   (g,) its derivative
    n       people
    events  events among them
    """

    grid: Floats
    height: Floats
    slope: Floats
    n: int
    events: int


class _Likelihood(NamedTuple):
    height: float
    slope: Floats
    curve: Floats


def log_ratio_grid(widest: float = 5.0, points: int = 201) -> Floats:
    """Log ratios from -widest to widest (points,): the same for every site that will be pooled."""
    return np.linspace(-widest, widest, points)


def count_profile(
    outcome: ArrayLike,
    exposed: ArrayLike,
    grid: ArrayLike,
    *,
    family: Literal["poisson", "logistic"],
    time: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
) -> Profile:
    """Profile of the log rate ratio (poisson) or log odds ratio (logistic) at one site.

    outcome (n,) counts, or 0/1; exposed (n,) 0/1, the arm; time (n,) at risk, for rates; covariates (n, p). Intercept
    and covariates are at their best at each grid point (Venzon & Moolgavkar 1988, Appl Stat 37:87). A site without
    events, or where all have them or covariates tell who has them without fail, says nothing and is flat. Raises
    NotEstimable for missing or impossible input, or a model that does not converge.
    """
    y, arm = np.asarray(outcome, dtype=np.float64), np.asarray(exposed, dtype=np.float64)
    at = np.ones(y.shape) if time is None else np.asarray(time, dtype=np.float64)
    if y.ndim != 1 or y.size == 0 or arm.shape != y.shape or at.shape != y.shape or not np.isin(arm, (0, 1)).all():
        raise NotEstimable("outcome, arm (0 or 1) and time must be given for each person of the site")
    if not (np.isfinite(y).all() and (y >= 0).all() and np.isfinite(at).all() and (at > 0).all()):
        raise NotEstimable(
            "a count is missing or negative, or a time at risk is not above 0; mend or leave out that person"
        )
    if family == "logistic" and not (np.isin(y, (0, 1)).all() and time is None):
        raise NotEstimable("a logistic outcome is 0 or 1 and has no time at risk; use poisson for counts and rates")
    values = _checked_grid(grid)
    if y.sum() == 0 or (family == "logistic" and y.all()):
        return Profile(values, np.zeros(values.size), np.zeros(values.size), y.size, int(y.sum()))
    x = np.column_stack([arm, _columns(covariates, y.size)])
    offset = np.log(at)

    def evaluate(b: Floats) -> _Likelihood:
        eta = x @ b + offset
        if family == "poisson":
            mean = np.exp(np.minimum(eta, 300))
            height, spread = y @ eta - mean.sum(), mean
        else:
            mean = expit(eta)
            height, spread = y @ eta - np.logaddexp(0, eta).sum(), mean * (1 - mean)
        return _Likelihood(float(height), x.T @ (y - mean), (x * spread[:, None]).T @ x)

    start = np.zeros(x.shape[1])
    share = y.sum() / at.sum()
    start[1] = np.log(share) if family == "poisson" else np.log(share / (1 - share))
    return _profiled(evaluate, start, values, y.size, int(y.sum()))


def cox_profile(
    day: ArrayLike,
    ended: ArrayLike,
    exposed: ArrayLike,
    grid: ArrayLike,
    *,
    covariates: ArrayLike | None = None,
    entry: ArrayLike | None = None,
) -> Profile:
    """Profile of the log hazard ratio at one site, the site's own baseline hazard; ties as Efron.

    day, ended, entry as for `cox`; exposed (n,) 0/1, the arm; covariates (n, p). A site without endings says nothing
    and is flat. Raises NotEstimable for missing or impossible input, or a model that does not converge.
    """
    arm, over = np.asarray(exposed, dtype=np.float64), np.asarray(ended, dtype=bool)
    if arm.ndim != 1 or over.shape != arm.shape or arm.size == 0 or not np.isin(arm, (0, 1)).all():
        raise NotEstimable("day, ending and arm (0 or 1) must be given for each person of the site")
    values = _checked_grid(grid)
    if not over.any():
        return Profile(values, np.zeros(values.size), np.zeros(values.size), arm.size, 0)
    people = follow_up(day, over, np.column_stack([arm, _columns(covariates, arm.size)[:, 1:]]), entry=entry)
    sets = risk_sets(people, "efron")
    total, scale = deaths_total(sets), sets.rows.scale
    if not np.isfinite(scale[0]):  # one arm alone: no ending is a choice between arms
        return Profile(values, np.zeros(values.size), np.zeros(values.size), arm.size, int(over.sum()))

    def evaluate(b: Floats) -> _Likelihood:
        at = partial_likelihood(sets, b * scale, total)
        if at is None:
            raise NotEstimable("a log hazard ratio on the grid is out of range; ask for a narrower grid")
        return _Likelihood(at.height, at.slope * scale, at.curve * np.outer(scale, scale))

    return _profiled(evaluate, np.zeros(total.size), values, arm.size, int(over.sum()))


def pool_profiles(profiles: Sequence[Profile], *, level: float = 0.95) -> Estimate:
    """The common ratio of sites (a ratio, not its log) from the sum of their profiles; one site pooled is that site.

    Estimate where the sum is highest; limits where it is chi^2(1)/2 lower; p by likelihood ratio against 1; se of the
    log ratio from the curvature. Between grid points, cubics through heights and slopes. Equals one model of everybody
    with an intercept (or baseline hazard) and covariate effects per site; sites without events add nothing and bias
    nothing, which averaging their estimates does not manage. Luo et al. (2022) J Am Med Inform Assoc 29:1366. A limit
    the grid does not reach is 0 or inf. Raises NotEstimable where grids differ, or no finite ratio is likeliest.
    """
    if not profiles:
        raise NotEstimable("no site has a profile; compute one per site first")
    grid = profiles[0].grid
    if any(not np.array_equal(one.grid, grid) for one in profiles):
        raise NotEstimable("sites used different grids; compute every profile on one log_ratio_grid")
    from scipy.interpolate import CubicHermiteSpline
    from scipy.optimize import brentq

    curve = CubicHermiteSpline(
        grid, np.sum([one.height for one in profiles], axis=0), np.sum([one.slope for one in profiles], axis=0)
    )
    heights, slope = curve(grid), curve.derivative()
    if np.ptp(heights) < FLAT:
        raise NotEstimable(
            "no site has both events and a choice between arms, so nothing is known of the ratio; wait for events"
        )
    best = int(heights.argmax())
    left, right = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
    if slope(left) <= 0 or slope(right) >= 0:
        raise NotEstimable(
            "the likeliest ratio is 0 or infinite, or beyond the grid: one arm has hardly any events; wait for more"
        )
    peak = float(brentq(slope, left, right, xtol=1e-14))
    drop = float(chdtri(1, 1 - level)) / 2

    def below(value: float) -> float:
        return float(curve(value) - curve(peak)) + drop

    low = float(brentq(below, grid[0], peak, xtol=1e-13)) if below(grid[0]) < 0 else -np.inf
    high = float(brentq(below, peak, grid[-1], xtol=1e-13)) if below(grid[-1]) < 0 else np.inf
    ratio = 2 * max(float(curve(peak) - curve(0.0)), 0.0)
    se = float((-curve.derivative(2)(peak)) ** -0.5)
    return Estimate(
        float(np.exp(peak)),
        se,
        np.inf,
        float(np.exp(low)),
        float(np.exp(high)),
        float(chdtrc(1, ratio)),
        sum(one.n for one in profiles),
        sum(one.events for one in profiles),
        level=level,
    )


def _profiled(evaluate: Callable[[Floats], _Likelihood], start: Floats, grid: Floats, n: int, events: int) -> Profile:
    """From the grid's middle outwards, each point starting where its neighbor ended."""
    height, slope = np.empty(grid.size), np.empty(grid.size)
    middle = int(np.abs(grid).argmin())
    for points in (range(middle, grid.size), range(middle - 1, -1, -1)):
        b = start.copy()
        for g in points:
            b[0] = grid[g]
            b, at = _nuisance(evaluate, b, n)
            height[g], slope[g] = at.height, at.slope[0]
            if g == middle:
                start = b.copy()
    return Profile(grid, height - height.max(), slope, n, events)


def _nuisance(evaluate: Callable[[Floats], _Likelihood], b: Floats, n: int) -> tuple[Floats, _Likelihood]:
    """Newton over all coefficients but the first, with step halving."""
    at = evaluate(b)
    for _ in range(MOST_STEPS):
        if b.size == 1 or np.abs(at.slope[1:]).max() <= GRADIENT * n:
            return b, at
        try:
            move = np.r_[0.0, np.linalg.solve(at.curve[1:, 1:], at.slope[1:])]
        except np.linalg.LinAlgError:
            break
        for halving in range(30):
            proposal = evaluate(b + move / 2**halving)
            if proposal.height >= at.height - 1e-12 * (1 + abs(at.height)):
                break
        else:
            break
        b, at = b + move / 2**halving, proposal
    raise NotEstimable("a site's model did not converge at some ratio; give fewer covariates or merge rare categories")


def _columns(covariates: ArrayLike | None, n: int) -> Floats:
    """Intercept and standardized covariates (n, q), without those that repeat others."""
    x = np.empty((n, 0)) if covariates is None else checked_covariates(covariates, n)
    values = build_design(x, np.zeros(n, dtype=np.int64), 1).values
    return values[:, independent_columns(values.T @ values)]


def _checked_grid(grid: ArrayLike) -> Floats:
    values = np.asarray(grid, dtype=np.float64)
    if (
        values.ndim != 1
        or values.size < 3
        or not np.isfinite(values).all()
        or not (np.diff(values) > 0).all()
        or not values[0] < 0 < values[-1]
    ):
        raise NotEstimable("the grid of log ratios must increase and hold 0 inside; take log_ratio_grid()")
    return values
