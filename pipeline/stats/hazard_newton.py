"""Newton's method for hazard models: step halving, redundant columns, and a plain word where no maximum exists."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.design import OWN_VARIANCE, Floats, Integers, independent_columns

GRADIENT = 1e-8  # largest gradient element over the number of endings
STEP = 1e-8  # largest move of a linear predictor in the last step
ROUNDING = 1e-5  # moves below this that no longer shrink are rounding, not progress
MOST_STEPS = 60
PATIENCE = 5  # steps beyond log(n), which is how far away one exception in n people is
INFINITE_STEP = 0.5  # towards infinity every step moves the linear predictor by about 1


class Evaluated(Protocol):
    """A log-likelihood at some coefficients.

    height  its value
    slope   (p,) its gradient
    curve   (p, p) minus its second derivative
    spread  (p,) what the diagonal of curve would be if covariates had mean 0 among those at risk
    """

    @property
    def height(self) -> float: ...
    @property
    def slope(self) -> Floats: ...
    @property
    def curve(self) -> Floats: ...
    @property
    def spread(self) -> Floats: ...


E = TypeVar("E", bound=Evaluated)


@dataclass(frozen=True, slots=True)
class Maximum(Generic[E]):
    """Where a log-likelihood is highest.

    b         (p,) coefficients
    at        the log-likelihood there
    gradient  largest gradient element over the number of endings
    steps     Newton steps taken
    """

    b: Floats
    at: E
    gradient: float
    steps: int


def informative_columns(at: Evaluated) -> Integers:
    """Columns that say something those before them do not, among those at risk together.

    Raises NotEstimable where there is none.
    """
    gram = at.curve.copy()
    silent = ~(np.diag(gram) > OWN_VARIANCE * at.spread)
    gram[silent], gram[:, silent] = 0, 0
    kept = np.flatnonzero(independent_columns(gram))
    if not kept.size:
        raise NotEstimable(
            "no covariate varies among people at risk at the same time; add one that does, or widen the strata"
        )
    return kept


def maximize(
    evaluate: Callable[[Floats], E | None],
    start: Floats,
    reach: Floats,
    events: float,
    names: Integers,
    *,
    first: E | None = None,
    gradient: float = GRADIENT,
    step: float = STEP,
) -> Maximum[E]:
    """Newton from start (p,) on full-rank columns; evaluate gives None where coefficients are out of range.

    reach (p,) largest absolute value of each column; names (p,) how the caller numbers the columns (negative: not
    theirs); first: at start, if known.
    Raises NotEstimable where a coefficient runs to infinity, or no maximum is found.
    """
    b, at, before = start, evaluate(start) if first is None else first, np.inf
    for steps in range(MOST_STEPS):
        if at is None:
            break
        move = _move(at)
        if move is None:
            raise _infinite(names)
        moves, scaled = np.abs(move) * reach, float(np.abs(at.slope).max() / events)
        moved = float(moves.max())
        if scaled <= gradient and (moved <= step or before / 4 < moved <= ROUNDING):
            return Maximum(b + move, at, scaled, steps + 1)
        if moved > INFINITE_STEP and (scaled <= gradient or steps >= PATIENCE + np.log(events)):
            raise _infinite(names[moves > INFINITE_STEP])
        b, at, before = *_higher(evaluate, b, move, at.height), moved
    raise NotEstimable(
        "the hazard model did not converge; use fewer covariates, or bring extreme covariate values into range"
    )


def _move(at: Evaluated) -> Floats | None:
    try:
        np.linalg.cholesky(at.curve)
        return np.asarray(np.linalg.solve(at.curve, at.slope), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None


def _higher(evaluate: Callable[[Floats], E | None], b: Floats, move: Floats, height: float) -> tuple[Floats, E | None]:
    """The first of b + move, b + move/2, ... that is not lower than height, beyond rounding."""
    for halving in range(30):
        proposal = b + move / 2**halving
        at = evaluate(proposal)
        if at is not None and at.height >= height - 1e-12 * (1 + abs(height)):
            return proposal, at
    return b, None


def _infinite(names: Integers) -> NotEstimable:
    which = ", ".join(str(name) for name in names if name >= 0)
    return NotEstimable(
        f"no finite hazard ratio fits covariate column {which} (counted from 0): those who end lie on one side of it; "
        "merge rare categories, bring extreme values into range or leave the covariate out"
    )
