"""Sandwich covariance of hazard models from score residuals, added up within clusters where there are any."""

import numpy as np

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.hazards.partial_likelihood import PartialLikelihood, TieSums, exposure
from pipeline.stats.hazards.risk_sets import RiskSets
from pipeline.stats.hazards.sorted_rows import SortedRows, hazards, running
from pipeline.stats.time_in_care.follow_up import Kind


def sandwich(sets: RiskSets, at: PartialLikelihood) -> Floats:
    """Robust covariance (q, q) of the scaled coefficients: V (sum of outer products of score residuals) V.

    The residual of a person is w d (x - mean at risk) - r (exposure x - accumulated mean x), both with Efron's
    correction on the day of their own ending. Lin & Wei (1989); Therneau & Grambsch (2000), section 7.2; tie
    correction: their section 4.6. Raises NotEstimable where the residuals have less rank than the coefficients.
    """
    by_hazard, by_weight = _block_terms(sets, at)
    middle = score_products(
        sets.rows,
        at.b,
        sets.ended.astype(np.float64),
        exposure(sets, at.ties),
        by_hazard,
        by_weight,
        sets.cluster,
        sets.kind,
    )
    bread = np.linalg.inv(at.curve)
    return np.asarray(bread @ middle @ bread, dtype=np.float64)


def score_products(
    rows: SortedRows,
    b: Floats,
    died: Floats,
    lived: Floats,
    by_hazard: Floats,
    by_weight: Floats,
    cluster: Integers | None,
    kind: Kind,
) -> Floats:
    """Sum of outer products (q, q) of score residuals w died z - r lived z + r by_hazard + w by_weight.

    died, lived (blocks,); by_hazard, by_weight (blocks, q); r = w exp(b'z). Residuals are first added within clusters
    (n,). Frequency weights without clusters stand for that many residuals of one person each.
    """
    n, q, step = len(rows.values), len(b), rows.step
    slope = np.concatenate([[0.0], b])
    died_row, lived_row, block = rows.per_row(died), rows.per_row(lived), rows.per_row(np.arange(rows.blocks))
    groups = 0 if cluster is None else int(cluster.max()) + 1
    total = np.zeros((groups, q) if groups else (q, q))
    for i in range(0, n, step):
        rest = slice(i, min(i + step, n))
        own = block[rest]
        w = np.ones(rest.stop - i) if rows.weights is None else rows.weights[rest]
        r = hazards(rows, slope, i, step)
        residual = rows.values[rest, 1:] * (w * died_row[rest] - r * lived_row[rest])[:, None]
        residual += by_hazard[own] * r[:, None]
        residual += by_weight[own] * w[:, None]
        if cluster is not None:
            _add_within(total, cluster[rest], residual)
        else:
            total += (residual / w[:, None]).T @ residual if kind == "frequency" else residual.T @ residual
    if cluster is None:
        return total
    if np.count_nonzero(np.abs(total).max(axis=1) > 0) <= q:
        raise NotEstimable("no more clusters than covariates have people at risk; leave cluster out, or covariates")
    return np.asarray(total.T @ total, dtype=np.float64)


def _add_within(total: Floats, cluster: Integers, residual: Floats) -> None:
    """Adds residuals (rows, q) to the totals of their clusters (clusters, q)."""
    order = np.argsort(cluster, kind="stable")
    ordered = cluster[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=-1))
    total[ordered[begins]] += np.add.reduceat(residual[order], begins, axis=0)


def _block_terms(sets: RiskSets, at: PartialLikelihood) -> tuple[Floats, Floats]:
    """What the means at risk add to the residuals of each block, by relative hazard and by weight; both (blocks, q)."""
    ties, last, first, ended = at.ties, sets.last, sets.first, sets.ended[:, None].astype(np.float64)
    passed, shared, mean = _means(at.risk, at.dying, ties)
    passed = running(passed, sets.opens)
    mean /= sets.weight[:, None]
    by_hazard = passed[last]
    if sets.entering.size:
        by_hazard -= np.where(first[:, None] >= 0, passed[first], 0.0)
    if shared is not None:
        by_hazard -= ended * shared[last]
    return by_hazard, -ended * mean[last]


def _means(risk: Floats, dying: Floats | None, ties: TieSums) -> tuple[Floats, Floats | None, Floats]:
    """Per day (m, q): hazard times mean at risk, the part of it from which those ending are spared, and sum of means
    over endings."""
    s = risk[:, 1:]
    if dying is None:
        return ties.square[:, None] * s, None, ties.by[:, None] * s
    d = dying[:, 1:]
    return (
        ties.square[:, None] * s - ties.square_f[:, None] * d,
        ties.square_f[:, None] * s - ties.square_ff[:, None] * d,
        ties.by[:, None] * s - ties.by_f[:, None] * d,
    )
