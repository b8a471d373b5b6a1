"""Cross-products of each person's scores, taken once: all that a random intercept and slope ever need of the data."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from pipeline.stats.design import Floats, Integers
from pipeline.stats.repeated_scores.covariance_likelihood import CovarianceSums

PORTION = 4096  # people whose products fit into the processor's cache
UNSPLIT = (
    250_000  # multiplications up to which a product is not split among threads, which costs more than it saves here
)
# dR/d ratio: R = ratio_0 [1] or ratio_0 E11 + ratio_1 (E12 + E21) + ratio_2 E22; P is written in the same basis
UNITS: dict[int, Floats] = {
    1: np.ones((1, 1, 1)),
    3: np.array([[[1.0, 0], [0, 0]], [[0, 1], [1, 0]], [[0, 0], [0, 1]]]),
}


@dataclass(frozen=True, slots=True)
class PatientMoments:
    """What the likelihood reads, for N people with rows W = [X y] and random-effect columns Z = [1] or [1 t].

    gram   (p + 1, p + 1) W'W
    small  (N, 1 or 3) Z'Z of each person: scores, sum t, sum t^2
    cross  (N, d (p + 1)) Z'W of each person, one row of Z after the other
    d      columns of Z
    """

    gram: Floats
    small: Floats
    cross: Floats
    d: int


def patient_moments(rows: Floats, time: Floats | None, begins: Integers) -> PatientMoments:
    """From rows (n, p + 1) sorted by person, time (n,) or None, and the first row of each of N people."""
    n = len(rows)
    ends = np.append(begins, n)
    counts = np.diff(ends).astype(np.float64)
    where = np.arange(n)
    columns, small = [], [counts]
    for weight in [np.ones(n)] if time is None else [np.ones(n), time]:
        columns.append(sparse.csr_array((weight, where, ends), shape=(len(begins), n)) @ rows)
    if time is not None:
        small += [np.add.reduceat(time, begins), np.add.reduceat(time * time, begins)]
    gram = np.zeros((rows.shape[1], rows.shape[1]))
    step = _portion(rows.shape[1])
    for i in range(0, n, step):
        part = rows[i : i + step]
        gram += part.T @ part
    return PatientMoments(gram, np.column_stack(small), np.hstack(columns), len(columns))


def random_effect_sums(moments: PatientMoments, ratio: Floats) -> CovarianceSums:
    """Sums for V = I + Z R Z', R the covariance of the random effects over the residual variance: ratio (1,) or (r11,
    r12, r22).

    With S = Z'Z, C = Z'W, B = (I + S R)^-1: |V| = |I + S R|, Z'V^-1 W = B C = U, Z'V^-1 Z = B S = P and
    W'V^-1 W = W'W - C'R U, all of size d. Lindstrom & Bates (1988) JASA 83:1014, section 3.
    """
    n, width = moments.cross.shape
    q, v = moments.gram.shape[0], len(ratio)
    relative = ratio.reshape(1, 1) if v == 1 else np.array([[ratio[0], ratio[1]], [ratio[1], ratio[2]]])
    left, plain = np.zeros((width, width)), np.zeros((width, width))
    weighted = np.zeros((v, width, width))
    log_det, trace, cross, step = 0.0, np.zeros(v), np.zeros((v, v)), _portion(width)
    for i in range(0, n, step):
        c = moments.cross[i : i + step]
        det, inner, p = _small(moments.small[i : i + step], relative)
        log_det += float(np.log(det).sum())
        u = _turned(inner, c, q)
        left += c.T @ u
        plain += u.T @ u
        for j in range(v):
            weighted[j] += u.T @ (u * p[:, j, None])
        _add_traces(trace, cross, p)
    gram = moments.gram - np.einsum("ab,aibj->ij", relative, left.reshape(-1, q, moments.d, q))
    blocks, heavy = plain.reshape(moments.d, q, moments.d, q), weighted.reshape(v, moments.d, q, moments.d, q)
    units = UNITS[v]
    first = np.einsum("jab,aibk->jik", units, blocks)
    second = np.einsum("jab,mbc,kcd,maidl->jkil", units, units, units, heavy, optimize=True)
    return CovarianceSums(log_det, (gram + gram.T) / 2, first, (second + second.swapaxes(2, 3)) / 2, trace, cross)


def _portion(width: int) -> int:
    return int(np.clip(UNSPLIT // width**2, 512, PORTION))


def _small(s: Floats, relative: Floats) -> tuple[Floats, Floats, Floats]:
    """|I + S R| (m,), B (m, d, d) and P = B S (m, v) of each person."""
    if len(relative) == 1:
        det = 1 + s[:, 0] * relative[0, 0]
        return det, (1 / det)[:, None, None], s / det[:, None]
    n, t, tt = s.T
    (a, b), (_, c) = relative
    m00, m01, m10, m11 = 1 + n * a + t * b, n * b + t * c, t * a + tt * b, 1 + t * b + tt * c
    det = m00 * m11 - m01 * m10
    inner = (np.stack([m11, -m01, -m10, m00], axis=1) / det[:, None]).reshape(-1, 2, 2)
    p = np.stack([(m11 * n - m01 * t), (m11 * t - m01 * tt), (m00 * tt - m10 * t)], axis=1) / det[:, None]
    return det, inner, p


def _turned(inner: Floats, c: Floats, q: int) -> Floats:
    """U = B C (m, d q)."""
    if inner.shape[1] == 1:
        return c * inner[:, 0]
    u = np.empty_like(c)
    for row in (0, 1):
        np.multiply(c[:, :q], inner[:, row, 0, None], out=u[:, row * q : (row + 1) * q])
        u[:, row * q : (row + 1) * q] += c[:, q:] * inner[:, row, 1, None]
    return u


def _add_traces(trace: Floats, cross: Floats, p: Floats) -> None:
    """tr(P E_j) and tr(P E_j P E_k), summed over people."""
    if p.shape[1] == 1:
        trace += p.sum(axis=0)
        cross += (p * p).sum()
        return
    x, y, z = p.T
    trace += np.array([x.sum(), 2 * y.sum(), z.sum()])
    xx, xy, yy, yz, zz, xz = x @ x, x @ y, y @ y, y @ z, z @ z, x @ z
    cross += np.array([[xx, 2 * xy, yy], [2 * xy, 2 * (yy + xz), 2 * yz], [yy, 2 * yz, zz]])
