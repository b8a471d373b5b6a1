"""Rows of a hazard model in the order its likelihood reads them, cut into blocks that it treats alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.stats.design import Flags, Floats, Integers

CHUNK = 4096            # rows whose products stay in the second-level cache
LARGE_BLOCK = 60        # rows per block from which one matrix product per block is cheaper than sums over sorted rows
LARGEST_PREDICTOR = 300.0  # exp of it can still be squared


@dataclass(frozen=True, slots=True)
class SortedRows:
    """Rows in block order.

    values   (n, 1 + p) a one, then the covariates centered and scaled
    start    (blocks + 1,) first row of each block, and n
    order    (n,) where each row stood in the input
    weights  (n,) in block order, or None
    center, scale  (p,) value = (covariate - center) / scale; the scale of a constant is inf, so that it becomes 0
    """

    values: Floats
    start: Integers
    order: Integers
    weights: Floats | None
    center: Floats
    scale: Floats

    @property
    def blocks(self) -> int:
        return len(self.start) - 1

    def per_row(self, per_block: NDArray[Any]) -> NDArray[Any]:
        """Values of blocks (blocks,) repeated for each of their rows (n,)."""
        return np.repeat(per_block, np.diff(self.start))

    def only(self, columns: Integers) -> "SortedRows":
        """The same rows with some covariates alone."""
        with_one = np.concatenate([[0], 1 + columns])
        return SortedRows(np.ascontiguousarray(self.values[:, with_one]), self.start, self.order, self.weights,
                          self.center[columns], self.scale[columns])


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
    narrow = key.astype(np.int16) if key.max(initial=0) < 2**15 else key    # sixteen bits are sorted by counting
    order = np.argsort(narrow, kind="stable")
    ordered = key[order]
    start = np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, [n]])
    center, scale = _center_and_scale(covariates)
    values = np.empty((n, p + 1))
    values[:, 0] = 1
    for i in range(0, n, CHUNK):
        part = covariates[order[i:i + CHUNK]]
        part -= center
        np.divide(part, scale, out=values[i:i + CHUNK, 1:])
    return SortedRows(values, start, order, None if weights is None else weights[order], center, scale)


def block_sums(rows: SortedRows, b: Floats) -> BlockSums | None:
    """Sums within blocks at coefficients b (p,); None where a linear predictor is out of any sensible range."""
    slope = np.concatenate([[0.0], b])
    return _large_blocks(rows, slope) if has_large_blocks(rows) else _small_blocks(rows, slope)


def second_moment(rows: SortedRows, sums: BlockSums, b: Floats, per_block: Floats) -> Floats:
    """Sum over rows of c r z'z (p, p) with one c per block (blocks,)."""
    if sums.second is not None:
        return np.asarray(np.tensordot(per_block, sums.second, 1)[1:, 1:], dtype=np.float64)
    slope = np.concatenate([[0.0], b])
    factor = rows.per_row(per_block)
    total = np.zeros((len(slope), len(slope)))
    for i in range(0, len(rows.values), CHUNK):
        z = rows.values[i:i + CHUNK]
        total += (z * (hazards(rows, slope, i) * factor[i:i + CHUNK])[:, None]).T @ z
    return total[1:, 1:]


def weighted_sum(rows: SortedRows, per_block: Floats) -> Floats:
    """Sum over rows of c weight z (p,) with one c per block (blocks,)."""
    factor = rows.per_row(per_block)
    return np.asarray((factor if rows.weights is None else factor * rows.weights) @ rows.values[:, 1:], dtype=np.float64)


def hazards(rows: SortedRows, slope: Floats, i: int) -> Floats:
    """weight exp(linear predictor) of the chunk of rows that starts at i."""
    r = np.exp(rows.values[i:i + CHUNK] @ slope)
    if rows.weights is not None:
        r *= rows.weights[i:i + CHUNK]
    return np.asarray(r, dtype=np.float64)


def chunks(rows: SortedRows) -> Iterator[tuple[int, slice, NDArray[np.int64]]]:
    """First row, blocks touched, and where within the chunk each of those blocks begins."""
    n = len(rows.values)
    for i in range(0, n, CHUNK):
        first = int(np.searchsorted(rows.start, i, side="right")) - 1
        last = int(np.searchsorted(rows.start, min(i + CHUNK, n), side="left"))
        yield i, slice(first, last), np.maximum(rows.start[first:last], i) - i


def has_large_blocks(rows: SortedRows) -> bool:
    """Whether one matrix per block takes less time and memory than the rows themselves."""
    n, q = rows.values.shape
    return n > max(LARGE_BLOCK, q) * rows.blocks


def running(values: Floats, opens: Integers) -> Floats:
    """Sums (m, ...) from the beginning of each segment on; opens are the first positions of segments.

    Each segment is closed by taking off its own sum, so that rounding never grows with the number of segments.
    """
    return np.asarray(_closed(values, opens).cumsum(axis=0), dtype=np.float64)


def running_back(values: Floats, opens: Integers) -> Floats:
    """Sums (m, ...) from each position to the end of its segment."""
    reverse = (len(values) - np.append(opens[1:], len(values)))[::-1]
    return running(values[::-1], reverse)[::-1]


def _closed(values: Floats, opens: Integers) -> Floats:
    if len(opens) < 2:
        return values
    closed = values.copy()
    closed[opens[1:]] -= np.add.reduceat(values, opens, axis=0)[:-1]
    return closed


def _center_and_scale(covariates: Floats) -> tuple[Floats, Floats]:
    n, p = covariates.shape
    center = covariates.mean(axis=0)
    square = np.zeros(p)
    for i in range(0, n, CHUNK):
        part = covariates[i:i + CHUNK] - center
        square += np.einsum("ij,ij->j", part, part)
    scale = np.sqrt(square / n)
    constant: Flags = scale <= 1e-12 * np.maximum(np.abs(center), 1)
    scale[constant] = np.inf                                # exactly 0 then, whatever its rounding
    return center, scale


def _large_blocks(rows: SortedRows, slope: Floats) -> BlockSums | None:
    q = rows.values.shape[1]
    second = np.zeros((rows.blocks, q, q))
    scratch = np.empty((CHUNK, q))
    for block in range(rows.blocks):
        for i in range(int(rows.start[block]), int(rows.start[block + 1]), CHUNK):
            j = min(i + CHUNK, int(rows.start[block + 1]))
            z = rows.values[i:j]
            eta = z @ slope
            if not _sensible(eta):
                return None
            eta /= 2
            root = np.exp(eta, out=eta)
            if rows.weights is not None:
                root *= np.sqrt(rows.weights[i:j])
            part = np.multiply(z, root[:, None], out=scratch[:j - i])
            second[block] += part.T @ part                  # a product with itself takes half the time of any other
    return BlockSums(second[:, 0, :], second)


def _small_blocks(rows: SortedRows, slope: Floats) -> BlockSums | None:
    first = np.zeros((rows.blocks, len(slope)))
    for i, touched, begins in chunks(rows):
        z = rows.values[i:i + CHUNK]
        eta = z @ slope
        if not _sensible(eta):
            return None
        r = np.exp(eta)
        if rows.weights is not None:
            r *= rows.weights[i:i + CHUNK]
        first[touched] += np.add.reduceat(z * r[:, None], begins, axis=0)
    return BlockSums(first, None)


def _sensible(eta: Floats) -> bool:
    return bool(max(eta.max(), -eta.min()) <= LARGEST_PREDICTOR)
