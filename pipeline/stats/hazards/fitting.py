"""The way from sorted people to the maximum of a hazard model, the same for Cox and for Fine-Gray."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, Self, TypeVar

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.hazard_newton import Evaluated, Maximum, informative_columns, maximize
from pipeline.stats.hazards.sorted_rows import SortedRows

SAMPLED = 40_000  # from here on a fit to every twentieth person saves passes over all
ROUGH = 1e-3  # how well that fit converges


class Prepared(Protocol):
    """People sorted for a likelihood."""

    @property
    def rows(self) -> SortedRows: ...
    @property
    def weight_of_endings(self) -> float: ...
    def with_columns(self, columns: Integers) -> Self: ...


P = TypeVar("P", bound=Prepared)
E = TypeVar("E", bound=Evaluated)


def fitted(
    data: P,
    start: Floats,
    likelihood: Callable[[P, Floats, Floats], E | None],
    total_of: Callable[[P], Floats],
    **tolerance: float,
) -> tuple[P, Integers, Maximum[E]]:
    """Drops redundant columns and maximizes from start (p,), per unit of the covariates: the data with the columns
    kept (q,), and the maximum.

    Raises NotEstimable where risk sets are empty up to rounding, and as `informative_columns` and `maximize` do.
    """
    b = np.where(np.isfinite(data.rows.scale), start * data.rows.scale, 0.0) if start.any() else np.zeros(len(start))
    total = total_of(data)
    first = likelihood(data, b, total)
    if first is None and b.any():
        b = np.zeros(len(start))
        first = likelihood(data, b, total)
    if first is None:
        raise NotEstimable("the risk sets are empty up to rounding; check the weights")
    kept = informative_columns(first)
    if kept.size < b.size:
        data = data.with_columns(kept)
        first, b, total = None, b[kept], total[kept]
    return (
        data,
        kept,
        maximize(
            lambda at: likelihood(data, at, total),
            b,
            data.rows.reach,
            data.weight_of_endings,
            kept,
            first=first,
            **tolerance,
        ),
    )


def rough_start(
    people: int, columns: int, fit_to_some: Callable[[], tuple[Prepared, Integers, Maximum[E]] | None]
) -> Floats:
    """Zero (p,), or a rough fit to every twentieth person; whatever it misses the full fit finds itself."""
    start = np.zeros(columns)
    if people < SAMPLED:
        return start
    try:
        found = fit_to_some()
    except NotEstimable:
        return start  # a rare category may be one-sided in the sample alone
    if found:
        data, kept, best = found
        start[kept] = best.b / data.rows.scale
    return start
