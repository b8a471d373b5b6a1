"""Control charts: which points lie outside the limits of a stable process, and whether runs are too long."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr

from pipeline.errors import NotEstimable

Floats = NDArray[np.float64]
RANGE_TO_SIGMA = 1.128  # expected range of two normal draws, d2 of Shewhart's table
RANGE_LIMIT = 3.267  # D4 of Shewhart's table: 3-sigma limit of a moving range of two


@dataclass(frozen=True, slots=True)
class ControlChart:
    """A control chart; values, limits and center in the unit of the data.

    value         (m,) what is drawn; center  the line of the baseline points
    sigma         (m,) standard deviation behind the limits; lower, upper  (m,) center -+ 3 sigma, kept within what is
                  possible
    outside       (m,) True beyond a limit
    sigma_z       between-point variation over binomial or Poisson variation, before it is kept at 1 or above; nan for
                  an XmR chart
    moving_range  (m-1,) |x_i - x_(i-1)|; moving_range_limit  3.267 times their mean over the baseline; both empty/nan
                  but for XmR
    """

    value: Floats
    center: float
    sigma: Floats
    lower: Floats
    upper: Floats
    outside: NDArray[np.bool_]
    sigma_z: float
    moving_range: Floats
    moving_range_limit: float


@dataclass(frozen=True, slots=True)
class Runs:
    """Anhoej's two tests for a shift or trend.

    useful            points not on the center line
    longest           longest run on one side; longest_allowed  round(log2(useful)) + 3
    crossings         of the center line; crossings_needed  5 % quantile of Binomial(useful - 1, 1/2)
    signal            longest > longest_allowed or crossings < crossings_needed
    """

    useful: int
    longest: int
    longest_allowed: int
    crossings: int
    crossings_needed: int
    signal: bool


def xmr(values: ArrayLike, *, baseline: int | None = None, screened: bool = False) -> ControlChart:
    """Individuals chart with moving-range limits.

    values    (m,) in time order; baseline  the first so many points fix center and limits (all where None), then they
              are frozen
    screened  leave moving ranges above 3.267 times their mean out once before averaging (Nelson)

    sigma = mean moving range/1.128; limits center -+ 3 sigma = -+ 2.66 mean(mR). Shewhart; Nelson (1982); Montgomery
    (2009). Raises NotEstimable with fewer than two points or values that are missing.
    """
    x = _series(values, "value")
    first = _baseline(x.size, baseline)
    ranges = np.abs(np.diff(x))
    used = ranges[: first - 1]
    average = float(used.mean())
    if screened:
        average = float(used[used <= RANGE_LIMIT * average].mean())
    center, sigma = float(x[:first].mean()), np.full(x.size, average / RANGE_TO_SIGMA)
    lower, upper = center - 3 * sigma, center + 3 * sigma
    return ControlChart(
        x, center, sigma, lower, upper, (x < lower) | (x > upper), np.nan, ranges, RANGE_LIMIT * average
    )


def p_prime(
    events: ArrayLike, n: ArrayLike, *, baseline: int | None = None, narrow: bool = False, laney: bool = True
) -> ControlChart:
    """Chart of shares with Laney's limits, or a plain p chart where laney is False.

    events, n  (m,) counts in time order, n > 0; baseline as for `xmr`
    narrow     let limits be narrower than binomial where points vary less than that (sigma_z < 1)

    sd_i = sqrt(pbar (1 - pbar)/n_i); z_i = (p_i - pbar)/sd_i; sigma_z = mean |z_i - z_(i-1)|/1.128; limits pbar -+ 3
    sd_i sigma_z within 0..1. Laney (2002). Raises NotEstimable with fewer than two points, impossible counts or a share
    of 0 or 1 throughout.
    """
    counts, sizes = _series(events, "count"), _series(n, "denominator")
    if counts.shape != sizes.shape or (sizes <= 0).any() or (counts < 0).any() or (counts > sizes).any():
        raise NotEstimable("each point needs 0 <= events <= n and n > 0; leave out periods without people")
    first = _baseline(counts.size, baseline)
    center = float(counts[:first].sum() / sizes[:first].sum())
    if not 0 < center < 1:
        raise NotEstimable("nobody or everybody had the event throughout; a chart has no limits until that changes")
    return _attribute_chart(counts / sizes, center, np.sqrt(center * (1 - center) / sizes), first, narrow, laney, 1.0)


def u_prime(
    counts: ArrayLike, exposure: ArrayLike, *, baseline: int | None = None, narrow: bool = False, laney: bool = True
) -> ControlChart:
    """Chart of rates with Laney's limits, or a plain u chart where laney is False.

    counts, exposure  (m,) events and what they are counted on, exposure > 0; the rest as for `p_prime`

    sd_i = sqrt(ubar/e_i), lower limit at least 0. Laney (2002). Raises NotEstimable with fewer than two points or no
    event at all.
    """
    seen, exposed = _series(counts, "count"), _series(exposure, "exposure")
    if seen.shape != exposed.shape or (exposed <= 0).any() or (seen < 0).any():
        raise NotEstimable("each point needs a count >= 0 and an exposure > 0; leave out periods without exposure")
    first = _baseline(seen.size, baseline)
    center = float(seen[:first].sum() / exposed[:first].sum())
    if center == 0:
        raise NotEstimable("no event was seen in the baseline; a chart has no limits until one is")
    return _attribute_chart(seen / exposed, center, np.sqrt(center / exposed), first, narrow, laney, np.inf)


def runs_signals(values: ArrayLike, center: float) -> Runs:
    """Tests for unusually long runs and unusually few crossings of the center line; points on the line are left out.

    values (m,) in time order. Anhoej & Olesen (2014). Raises NotEstimable with fewer than two useful points.
    """
    side = np.sign(_series(values, "value") - center)
    side = side[side != 0]
    if side.size < 2:
        raise NotEstimable("fewer than two points lie off the center line; collect more periods")
    changes = np.flatnonzero(np.diff(side) != 0)
    longest = int(np.diff(np.concatenate([[-1], changes, [side.size - 1]])).max())
    allowed = round(float(np.log2(side.size))) + 3
    needed = int(np.flatnonzero(bdtr(np.arange(side.size), side.size - 1, 0.5) >= 0.05 * (1 - 1e-12))[0])
    return Runs(side.size, longest, allowed, changes.size, needed, longest > allowed or changes.size < needed)


def _attribute_chart(
    value: Floats, center: float, spread: Floats, first: int, narrow: bool, laney: bool, top: float
) -> ControlChart:
    z = ((value - center) / spread)[:first]
    sigma_z = float(np.abs(np.diff(z)).mean() / RANGE_TO_SIGMA)
    widening = 1.0 if not laney else sigma_z if narrow else max(1.0, sigma_z)
    sigma = spread * widening
    lower, upper = np.maximum(center - 3 * sigma, 0.0), np.minimum(center + 3 * sigma, top)
    return ControlChart(
        value, center, sigma, lower, upper, (value < lower) | (value > upper), sigma_z, np.empty(0), np.nan
    )


def _series(values: ArrayLike, name: str) -> Floats:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or numbers.size < 2:
        raise NotEstimable("a chart needs at least two points; collect more periods")
    if not np.isfinite(numbers).all():
        raise NotEstimable(f"a {name} is missing or infinite; leave that period out and say so")
    return numbers


def _baseline(points: int, baseline: int | None) -> int:
    if baseline is None:
        return points
    if not 2 <= baseline <= points:
        raise NotEstimable("the baseline needs at least two points and at most all of them; choose another length")
    return baseline
