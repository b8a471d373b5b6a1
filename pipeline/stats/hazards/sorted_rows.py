"""Rows of a hazard model in the order its likelihood reads them, cut into blocks that it treats alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.stats.design import Flags, Floats, Integers

SHORT = 256  # rows of a running sum taken at a time
CHUNK = 4096  # rows copied at a time: they stay in the second-level cache
VECTOR_WORK = 9_216  # elements of a matrix up to which OpenBLAS multiplies it with a vector on one thread ...
MATRIX_WORK = (
    2**18
)  # ... and multiplications up to which it multiplies two: on busy machines its threads wait for each other
SHORT_SEGMENT = 8  # rows per segment below which numpy's sums of segments are slow
LARGE_BLOCK = 60  # rows per block from which one matrix product per block is cheaper than sums over sorted rows
LARGEST_SUM = 1e130  # of relative hazards: can still be squared


@dataclass(frozen=True, slots=True)
class SortedRows:
    """Rows in block order.

    values   (n, 1 + p) a one, then the covariates centered and scaled
    start    (blocks + 1,) first row of each block, and n
    order    (n,) where each row stood in the input
    weights  (n,) in block order, or None
    center, scale  (p,) value = (covariate - center) / scale; the scale of a constant is inf, so that it becomes 0
    reach    (p,) largest absolute value of each scaled covariate
    """

    values: Floats
    start: Integers
    order: Integers
    weights: Floats | None
    center: Floats
    scale: Floats
    reach: Floats

    @property
    def blocks(self) -> int:
        return len(self.start) - 1

    @property
    def step(self) -> int:
        return step_for(self.values.shape[1])

    def per_row(self, per_block: NDArray[Any]) -> NDArray[Any]:
        """Values of blocks (blocks,) repeated for each of their rows (n,)."""
        return np.repeat(per_block, np.diff(self.start))

    def only(self, columns: Integers) -> "SortedRows":
        """The same rows with some covariates alone."""
        with_one = np.concatenate([[0], 1 + columns])
        return SortedRows(
            np.ascontiguousarray(self.values[:, with_one]),
            self.start,
            self.order,
            self.weights,
            self.center[columns],
            self.scale[columns],
            self.reach[columns],
        )


@dataclass(frozen=True, slots=True)
class BlockSums:
    """Sums of relative hazards r = weight exp(b'z) within blocks.

    first   (blocks, 1 + p) sum of r [1 z]
    second  (blocks, 1 + p, 1 + p) sum of r [1 z]'[1 z] where blocks are large, else None
    """

    first: Floats
    second: Floats | None


def sort_rows(covariates: Floats, weights: Floats | None, key: NDArray[Any]) -> SortedRows:
    """Rows ordered by an integer key (n,); rows with one key are a block."""
    n, p = covariates.shape
    narrow = key.astype(np.int16) if key.max(initial=0) < 2**15 else key  # sixteen bits are sorted by counting
    order = np.argsort(narrow, kind="stable")
    ordered = key[order]
    start = np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, [n]])
    center, scale = _center_and_scale(covariates)
    values, reach, inverse = np.empty((n, p + 1)), np.zeros(p), 1 / scale
    values[:, 0] = 1
    for i in range(0, n, CHUNK):
        part = np.take(covariates, order[i : i + CHUNK], axis=0)
        part -= center
        part *= inverse
        values[i : i + CHUNK, 1:] = part
        np.maximum(reach, np.abs(part, out=part).max(axis=0), out=reach)
    return SortedRows(values, start, order, None if weights is None else weights[order], center, scale, reach)


def block_sums(rows: SortedRows, b: Floats) -> BlockSums | None:
    """Sums within blocks at coefficients b (p,); None where a linear predictor is out of any sensible range."""
    slope = np.concatenate([[0.0], b])
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused below
        sums = _large_blocks(rows, slope) if has_large_blocks(rows) else _small_blocks(rows, slope)
    return sums if sums.first[:, 0].max() < LARGEST_SUM and np.isfinite(sums.first).all() else None


def second_moment(rows: SortedRows, sums: BlockSums, b: Floats, per_block: Floats) -> Floats:
    """Sum over rows of c r z'z (p, p) with one c per block (blocks,)."""
    if sums.second is not None:
        return np.asarray(np.tensordot(per_block, sums.second, 1)[1:, 1:], dtype=np.float64)
    slope, factor, step = np.concatenate([[0.0], b]), rows.per_row(per_block), rows.step
    total = np.zeros((len(slope), len(slope)))
    for i in range(0, len(rows.values), step):
        z = rows.values[i : i + step]
        total += (z * (hazards(rows, slope, i, step) * factor[i : i + step])[:, None]).T @ z
    return total[1:, 1:]


def weighted_sum(rows: SortedRows, per_block: Floats) -> Floats:
    """Sum over rows of c weight z (p,) with one c per block (blocks,)."""
    factor = rows.per_row(per_block)
    return np.asarray(
        (factor if rows.weights is None else factor * rows.weights) @ rows.values[:, 1:], dtype=np.float64
    )


def hazards(rows: SortedRows, slope: Floats, i: int, step: int) -> Floats:
    """weight exp(linear predictor) of the step rows that start at i."""
    r: Floats = rows.values[i : i + step] @ slope
    np.exp(r, out=r)
    if rows.weights is not None:
        r *= rows.weights[i : i + step]
    return r


def chunks(rows: SortedRows) -> Iterator[tuple[int, slice, NDArray[np.int64]]]:
    """First row, blocks touched, and where within the chunk each of those blocks begins."""
    n, step = len(rows.values), rows.step
    for i in range(0, n, step):
        first = int(np.searchsorted(rows.start, i, side="right")) - 1
        last = int(np.searchsorted(rows.start, min(i + step, n), side="left"))
        yield i, slice(first, last), np.maximum(rows.start[first:last], i) - i


def has_large_blocks(rows: SortedRows) -> bool:
    """Whether one matrix per block takes less time and memory than the rows themselves."""
    n, q = rows.values.shape
    return bool(n > max(LARGE_BLOCK, q) * rows.blocks)


def running(values: Floats, opens: Integers) -> Floats:
    """Sums (m, ...) from the beginning of each segment on; opens are the first positions of segments.

    Each segment is closed by taking off its own sum, so that rounding never grows with the number of segments.
    """
    total = values.copy()
    if len(opens) > 1:
        total[opens[1:]] -= segment_sums(values, opens)[:-1]
    _accumulate(total)
    return total


def running_back(values: Floats, opens: Integers) -> Floats:
    """Sums (m, ...) from each position to the end of its segment."""
    total = values.copy()
    if len(opens) > 1:
        total[opens[1:] - 1] -= segment_sums(values, opens)[1:]
    _accumulate(total[::-1])
    return total


def segment_sums(values: Floats, opens: Integers) -> Floats:
    """Sums of consecutive rows (m, ...) within segments that begin at opens; may be values themselves."""
    if len(opens) == len(values):
        return values
    if values.ndim == 1 or len(values) > SHORT_SEGMENT * len(opens):
        return np.asarray(np.add.reduceat(values, opens, axis=0), dtype=np.float64)
    from scipy.sparse import csr_array  # many short segments: ten times faster than reduceat

    m = len(values)
    member = csr_array((np.ones(m), np.arange(m), np.append(opens, m)), shape=(len(opens), m))
    return np.asarray(member @ values, dtype=np.float64)


def cross_product(left: Floats, weight: Floats, right: Floats) -> Floats:
    """Sum over rows of weight left'right (p, p), a few rows at a time."""
    p = left.shape[1]
    total = np.zeros((p, p))
    step = step_for(p)
    for i in range(0, len(left), step):
        total += (left[i : i + step] * weight[i : i + step, None]).T @ right[i : i + step]
    return total


def step_for(columns: int) -> int:
    """Rows multiplied at a time: few enough for the cache and for one thread."""
    return max(64, min(VECTOR_WORK // columns, MATRIX_WORK // columns**2, CHUNK))


def _accumulate(values: Floats) -> None:
    """Running sums in place; in portions, because numpy goes column by column."""
    if values.ndim == 1:
        np.cumsum(values, out=values)
        return
    for i in range(0, len(values), SHORT):
        if i:
            values[i] += values[i - 1]
        np.cumsum(values[i : i + SHORT], axis=0, out=values[i : i + SHORT])


def _center_and_scale(covariates: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation in one pass, about a provisional mean so that large offsets cost no digits."""
    n, p = covariates.shape
    near = covariates[:CHUNK].mean(axis=0)
    total, square = np.zeros(p), np.zeros(p)
    for i in range(0, n, CHUNK):
        part = covariates[i : i + CHUNK] - near
        total += part.sum(axis=0)
        square += np.einsum("ij,ij->j", part, part)
    scale = np.sqrt(np.maximum(square / n - (total / n) ** 2, 0))
    center = near + total / n
    constant: Flags = scale <= 1e-12 * np.maximum(np.abs(center), 1)
    scale[constant] = np.inf  # exactly 0 then, whatever its rounding
    return center, scale


def _large_blocks(rows: SortedRows, slope: Floats) -> BlockSums:
    q, step = rows.values.shape[1], rows.step
    second = np.zeros((rows.blocks, q, q))
    scratch = np.empty((step, q))
    for block in range(rows.blocks):
        for i in range(int(rows.start[block]), int(rows.start[block + 1]), step):
            j = min(i + step, int(rows.start[block + 1]))
            z = rows.values[i:j]
            eta = z @ slope
            eta /= 2
            root = np.exp(eta, out=eta)
            if rows.weights is not None:
                root *= np.sqrt(rows.weights[i:j])
            part = np.multiply(z, root[:, None], out=scratch[: j - i])
            second[block] += part.T @ part  # a product with itself takes half the time of any other
    return BlockSums(second[:, 0, :], second)


def _small_blocks(rows: SortedRows, slope: Floats) -> BlockSums:
    first, step = np.zeros((rows.blocks, len(slope))), rows.step
    for i, touched, begins in chunks(rows):
        first[touched] += segment_sums(rows.values[i : i + step] * hazards(rows, slope, i, step)[:, None], begins)
    return BlockSums(first, None)
