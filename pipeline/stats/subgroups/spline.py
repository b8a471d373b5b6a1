"""Restricted cubic splines: smooth between the knots, straight beyond the outer ones."""

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats

KNOTS = {3: (0.10, 0.50, 0.90), 4: (0.05, 0.35, 0.65, 0.95), 5: (0.05, 0.275, 0.50, 0.725, 0.95)}


def knots_of(severity: Floats, knots: int) -> Floats:
    """Harrell's quantiles (k,) of a severity (n,); NotEstimable where they are not all different."""
    if knots not in KNOTS:
        raise NotEstimable(f"a curve has {min(KNOTS)} to {max(KNOTS)} knots; choose one of these")
    where = np.quantile(severity, KNOTS[knots])
    if (np.diff(where) <= 0).any():
        raise NotEstimable("the severity takes too few different values for a curve; compare strata instead")
    return np.asarray(where, dtype=np.float64)


def restricted_cubic(values: Floats, knots: Floats) -> Floats:
    """Harrell's restricted cubic spline columns (n, k - 1), linear first, scaled by the square of the outer knots'
    distance."""
    last, before = knots[-1], knots[-2]
    columns = [values]
    for knot in knots[:-2]:
        cubes = [np.maximum(values - place, 0) ** 3 for place in (knot, before, last)]
        columns.append(
            (cubes[0] - cubes[1] * (last - knot) / (last - before) + cubes[2] * (before - knot) / (last - before))
            / (last - knots[0]) ** 2
        )
    return np.column_stack(columns)
