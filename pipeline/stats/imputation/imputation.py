"""Missing values drawn several times from what is known of the person, the arm and the site."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers, checked_arms
from pipeline.stats.imputation.imputation_draws import (
    FlagModel,
    NumberModel,
    draw_flags,
    draw_numbers,
    flag_model,
    match_numbers,
    number_model,
    predictors,
)

Kind = Literal["number", "flag"]
FEWEST = 5  # imputations, however little is missing


@dataclass(frozen=True, slots=True)
class Imputed:
    """m completed versions of one table; only the drawn cells are kept m times.

    values        (n, p) as given, nan where missing
    row, column   (c,) where the missing cells are
    drawn         (m, c) what was drawn for them
    missing       (k,) largest share of an arm's people that misses one column
    cycles        rounds of the chain before each draw
    """

    values: Floats
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    drawn: Floats
    missing: Floats
    cycles: int

    def __iter__(self) -> Iterator[Floats]:
        """Completed tables (n, p), one after the other, each a new array."""
        for cells in self.drawn:
            table = self.values.copy()
            table[self.row, self.column] = cells
            yield table


def impute(
    values: ArrayLike,
    arm: ArrayLike,
    kinds: Sequence[Kind],
    rng: np.random.Generator,
    *,
    site: ArrayLike | None = None,
    imputations: int | None = None,
    cycles: int = 10,
    matching: bool = False,
) -> Imputed:
    """Chained equations within arm: every column with gaps is drawn from all others and the site, in turn.

    values (n, p): outcome, covariates and auxiliaries, nan where missing; a category comes as flags, with its own flag
    for unknown. kinds (p,): "number" draws from Bayesian linear regression with a flat prior (or from the five people
    predicted most alike where matching, which keeps scores on their scale), "flag" (0/1) from logistic regression with
    coefficients drawn from their normal approximation. Proper in Rubin's sense, and valid where gaps depend on what is
    in values, arm and site. site (n,) whole numbers; sites with fewer than five people who have the value share one
    level. imputations: at least 100 times the largest share missing and at least 5, which is the default. Rubin (1987)
    ch. 5; van Buuren & Groothuis-Oudshoorn (2011) J Stat Softw 45(3); White, Royston & Wood (2011) Stat Med 30:377.
    Same seed and inputs, same draws. Raises NotEstimable where an arm has too few people with a value for the model,
    too few imputations are asked for, a value is infinite or a flag is not 0/1.
    """
    codes, k = checked_arms(arm)
    table = _checked(values, kinds, codes.size)
    place = (
        np.zeros(codes.size, dtype=np.int64) if site is None else np.unique(np.asarray(site), return_inverse=True)[1]
    )
    if place.shape != codes.shape or cycles < 1:
        raise NotEstimable("site must be given for everyone, and the chain needs one cycle at least")
    gaps = np.isnan(table)
    missing = np.array([gaps[codes == a].mean(axis=0).max(initial=0) for a in range(k)])
    wanted = max(FEWEST, int(np.ceil(100 * missing.max() - 1e-9)))
    m = wanted if imputations is None else imputations
    if m < wanted:
        raise NotEstimable(f"{m} imputations are too few for what is missing; ask for {wanted} or more")
    drawn = np.empty((m, gaps.sum()))
    row, column = np.nonzero(gaps)
    for a in range(k):
        cells, members = codes[row] == a, np.flatnonzero(codes == a)
        if cells.any():
            drawn[:, cells] = _drawn(
                _Arm(table[members], gaps[members], place[members], kinds, matching), m, cycles, rng
            )
    return Imputed(table, row, column, drawn, missing, cycles)


def shifted(imputed: Imputed, column: int, arm: ArrayLike, worse_by: ArrayLike) -> Imputed:
    """The same tables with the drawn values of one number lower by worse_by (k,) in each arm: missing not at random.

    arm (n,) codes 0..k-1. The delta adjustment of completed tables, as missing.delta_adjust is of weighted means;
    negative values make the unmeasured better. van Buuren (2018) section 9.2. Raises NotEstimable for anything but one
    finite number per arm.
    """
    codes, k = checked_arms(arm)
    shift = np.asarray(worse_by, dtype=np.float64)
    if shift.shape != (k,) or not np.isfinite(shift).all() or len(codes) != len(imputed.values):
        raise NotEstimable("the shift must be one finite number per arm; give 0 for arms that stay as they are")
    return replace(imputed, drawn=imputed.drawn - shift[codes[imputed.row]] * (imputed.column == column))


@dataclass(frozen=True, slots=True)
class _Arm:
    values: Floats
    gaps: NDArray[np.bool_]
    site: Integers
    kinds: Sequence[Kind]
    matching: bool


def _drawn(part: _Arm, m: int, cycles: int, rng: np.random.Generator) -> Floats:
    """m draws of an arm's missing cells (m, cells), in row order."""
    counts = part.gaps.sum(axis=0)
    if (counts == len(part.gaps)).any():
        raise NotEstimable(
            "nobody at one level has a value in a column to be imputed; leave the column or the level out"
        )
    incomplete = [j for j in np.argsort(counts, kind="stable").tolist() if counts[j]]
    if len(incomplete) == 1:  # the model rests on nothing that is drawn: fit it once
        model = _model(part, part.values, incomplete[0])
        return np.array([_draw(part, model, rng) for _ in range(m)])
    return np.array([_chain(part, incomplete, cycles, rng)[part.gaps] for _ in range(m)])


def _chain(part: _Arm, incomplete: list[int], cycles: int, rng: np.random.Generator) -> Floats:
    """One completed table of an arm (r, p): start from values as seen, then cycle from the fullest column on."""
    table, gaps = part.values.copy(), part.gaps
    for j in incomplete:
        table[gaps[:, j], j] = rng.choice(part.values[~gaps[:, j], j], int(gaps[:, j].sum()))
    for _ in range(cycles):
        for j in incomplete:
            table[gaps[:, j], j] = _draw(part, _model(part, table, j), rng)
    return table


def _model(part: _Arm, table: Floats, j: int) -> NumberModel | FlagModel:
    known = ~part.gaps[:, j]
    x = predictors(np.delete(table, j, axis=1), part.site, known)
    return flag_model(x, table[known, j]) if part.kinds[j] == "flag" else number_model(x, table[known, j])


def _draw(part: _Arm, model: NumberModel | FlagModel, rng: np.random.Generator) -> Floats:
    if isinstance(model, FlagModel):
        return draw_flags(model, rng)
    return match_numbers(model, rng) if part.matching else draw_numbers(model, rng)


def _checked(values: ArrayLike, kinds: Sequence[Kind], n: int) -> Floats:
    table = np.array(values, dtype=np.float64)
    if table.ndim != 2 or table.shape != (n, len(kinds)):
        raise NotEstimable("the table to impute needs one row per person and one kind per column")
    if np.isinf(table).any():
        raise NotEstimable("a value is infinite; correct it or mark it missing")
    if not set(kinds) <= {"number", "flag"}:
        raise NotEstimable("a column is either a number or a flag; turn categories into flags first")
    flags = table[:, [kind == "flag" for kind in kinds]]
    if not (np.isnan(flags) | (flags == 0) | (flags == 1)).all():
        raise NotEstimable("a flag holds something other than 0 and 1; call it a number or turn it into flags")
    return table
