"""Cox's partial likelihood: value, gradient and information in time linear in people, tied or not."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.stats.design import Floats, Integers
from pipeline.stats.hazards.risk_sets import RiskSets
from pipeline.stats.hazards.sorted_rows import (
    BlockSums,
    block_sums,
    cross_product,
    running,
    second_moment,
    weighted_sum,
)

MOST_TERMS = 1_000_000  # terms of Efron sums held at one time


@dataclass(frozen=True, slots=True)
class TieSums:
    """Sums over the d endings of each day, l = 0..d-1 with f = l/d (Efron) or 0 (Breslow) and v = at risk - f dying.

    log  sum of log v;  by, by_f  of 1/v and f/v;  square, square_f, square_ff  of 1/v^2, f/v^2 and f^2/v^2; all (m,),
    times the mean weight of the endings.
    """

    log: Floats
    by: Floats
    by_f: Floats
    square: Floats
    square_f: Floats
    square_ff: Floats

    def times(self, factor: Floats) -> "TieSums":
        """Every day's sums times its factor (m,)."""
        return TieSums(
            self.log * factor,
            self.by * factor,
            self.by_f * factor,
            self.square * factor,
            self.square_f * factor,
            self.square_ff * factor,
        )


@dataclass(frozen=True, slots=True)
class PartialLikelihood:
    """The log partial likelihood at b.

    b                              (p,) coefficients of the scaled covariates
    height, slope, curve, spread   as newton.Evaluated says
    sums                           of relative hazards within blocks
    risk, dying                    (m, 1 + p) sums of r [1 z] over those at risk, and over those ending, on each day of
                                   endings
    ties                           the tie sums of each day
    """

    b: Floats
    height: float
    slope: Floats
    curve: Floats
    spread: Floats
    sums: BlockSums
    risk: Floats
    dying: Floats | None
    ties: TieSums


def partial_likelihood(sets: RiskSets, b: Floats, total: Floats) -> PartialLikelihood | None:
    """Evaluates at b (p,); total (p,) is deaths_total(sets). None where b is out of any sensible range.

    log L = sum w b'z over endings - sum over days of mean weight * sum_l log(S0 - f D0).
    Cox (1972); Efron (1977) J Am Stat Assoc 72:557; Breslow (1974); Therneau & Grambsch (2000), section 3.3.
    """
    sums = block_sums(sets.rows, b)
    if sums is None:
        return None
    risk = sets.sum_at_risk(sums.first)
    dying = sets.sum_of_deaths(sums.first) if sets.tied else None
    ties = tie_sums(sets, risk[:, 0], None if dying is None else dying[:, 0])
    if ties is None:
        return None
    slope = total - mean_sums(risk, dying, ties)
    first = second_moment(sets.rows, sums, b, exposure(sets, ties))
    curve = first - _mean_products(risk, dying, ties)
    return PartialLikelihood(
        b,
        float(total @ b - ties.log.sum()),
        slope,
        (curve + curve.T) / 2,
        np.diag(first).copy(),
        sums,
        risk,
        dying,
        ties,
    )


def deaths_total(sets: RiskSets) -> Floats:
    """Weighted sum of the covariates of those who end (p,)."""
    return weighted_sum(sets.rows, sets.ended.astype(np.float64))


def information(sets: RiskSets, at: PartialLikelihood, factor: Floats) -> Floats:
    """Information (p, p) with each day's contribution times its factor (m,)."""
    ties = at.ties.times(factor)
    curve = second_moment(sets.rows, at.sums, at.b, exposure(sets, ties)) - _mean_products(at.risk, at.dying, ties)
    return np.asarray((curve + curve.T) / 2, dtype=np.float64)


def exposure(sets: RiskSets, ties: TieSums) -> Floats:
    """Baseline hazard that each block lived through (blocks,); those who end share their last day with the others
    tied."""
    lived = np.append(running(ties.by, sets.opens), 0.0)  # the appended place is that of first = -1
    return np.asarray(lived[sets.last] - lived[sets.first] - sets.ended * ties.by_f[sets.last], dtype=np.float64)


def mean_sums(risk: Floats, dying: Floats | None, ties: TieSums) -> Floats:
    """Sum over endings of the mean covariates of those at risk (p,)."""
    total = ties.by @ risk[:, 1:]
    return np.asarray(total if dying is None else total - ties.by_f @ dying[:, 1:], dtype=np.float64)


def tie_sums(sets: RiskSets, risk: Floats, dying: Floats | None) -> TieSums | None:
    """Tie sums of each day, given the relative hazard at risk and dying (m,); None where rounding ate the risk set."""
    if not (risk > 0).all():
        return None
    mean_weight = sets.weight / sets.deaths
    if dying is None:
        zero = np.zeros_like(risk)
        return TieSums(sets.weight * np.log(risk), sets.weight / risk, zero, sets.weight / risk**2, zero, zero)
    out = np.empty((6, risk.size))
    for days in _portions(sets.deaths):
        part = _efron_sums(sets.deaths[days], risk[days], dying[days])
        if part is None:
            return None
        out[:, days] = part * mean_weight[days]
    return TieSums(*out)


def _portions(deaths: Integers) -> list[slice]:
    """Runs of days whose endings together stay within MOST_TERMS (a single day may exceed it)."""
    before = np.cumsum(deaths) // MOST_TERMS
    cuts = np.concatenate([[0], np.flatnonzero(np.diff(before)) + 1, [deaths.size]])
    return [slice(a, b) for a, b in pairwise(cuts.tolist())]


def _efron_sums(deaths: Integers, risk: Floats, dying: Floats) -> Floats | None:
    begins = np.cumsum(deaths) - deaths
    f = (np.arange(begins[-1] + deaths[-1]) - np.repeat(begins, deaths)) / np.repeat(deaths, deaths)
    v = np.repeat(risk, deaths) - f * np.repeat(dying, deaths)
    if not (v > 0).all():
        return None
    by = 1 / v
    by_f, square = f * by, by * by
    terms = (np.log(v), by, by_f, square, f * square, by_f * by_f)
    return np.array([np.add.reduceat(term, begins) for term in terms])


def _mean_products(risk: Floats, dying: Floats | None, ties: TieSums) -> Floats:
    """Sum over endings of the products of mean covariates of those at risk (p, p)."""
    s = risk[:, 1:]
    total = cross_product(s, ties.square, s)
    if dying is None:
        return total
    d = dying[:, 1:]
    cross = cross_product(s, ties.square_f, d)
    return total - cross - cross.T + cross_product(d, ties.square_ff, d)
