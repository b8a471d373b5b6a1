"""Weights for scores that were taken when somebody came: the inverse of how often people like them are assessed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.hazards.cox import CoxFit, cox
from pipeline.stats.weighting.estimating_equations import clustered_covariance

LARGEST = 20.0  # a score that stands for more than twenty others decides too much: the note says so


@dataclass(frozen=True, slots=True)
class VisitWeights:
    """Inverse-intensity weights of the scores at assessed visits.

    weights           (n,) mean 1 over the visits; 0 for intervals that did not end in one
    intensity         Cox model of being assessed given the past; None where the past says nothing
    largest           largest weight
    effective_visits  (sum w)^2 / sum w^2
    visits            intervals that ended in an assessment
    note              what a reader must know; empty where nothing
    """

    weights: Floats
    intensity: CoxFit | None
    largest: float
    effective_visits: float
    visits: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class WeightedTrajectory:
    """Weighted least squares of scores on columns, with the sandwich over people: coefficients (p,), covariance (p, p),
    people."""

    coefficients: Floats
    covariance: Floats
    people: int


def visit_weights(
    person: ArrayLike,
    entry: ArrayLike,
    day: ArrayLike,
    assessed: ArrayLike,
    past: ArrayLike,
    stable: ArrayLike | None = None,
) -> VisitWeights:
    """Stabilized inverse-intensity weights from people's intervals between assessments.

    person    (n,) labels; one row per interval (entry, day], the last of a person ending with observation
    entry     (n,) day of the assessment before, or of the start; day (n,) later than it
    assessed  (n,) True where the interval ended in an assessment
    past      (n, p) what was known at entry: last score, change, arm, level attended; the intensity may depend on it
    stable    (n, q) the part of it that the model of the scores holds, such as arm; None: nothing

    The intensity of the next assessment is h0(t) exp(past'g), a Cox model of recurrent events with people at risk from
    entry on; the weight is exp(stable'd) / exp(past'g), d from the same model of stable alone, scaled to mean 1 over
    visits. Right if, given the past, being assessed does not depend on the score it finds. Andersen & Gill (1982) Ann
    Stat 10:1100; Lin, Scharfstein & Rosenheck (2004) J R Stat Soc B 66:791; Buzkova & Lumley (2007) Can J Stat 35:485.
    Raises NotEstimable where nobody is assessed or the intensity has no finite maximum.
    """
    seen = np.asarray(assessed, dtype=bool)
    start, end = np.asarray(entry, dtype=np.float64), np.asarray(day, dtype=np.float64)
    columns = _columns(past, len(seen))
    if not seen.any():
        raise NotEstimable("nobody was assessed after the start; measure people during care")
    if (
        start.shape != seen.shape
        or end.shape != seen.shape
        or np.asarray(person).shape != seen.shape
        or not (end > start).all()
    ):
        raise NotEstimable("each interval must end after the day it begins on; give one row per wait for an assessment")
    intensity = _intensity(start, end, seen, columns, person)
    held = np.zeros((len(seen), 0)) if stable is None else _columns(stable, len(seen))
    lean = _predictor(_intensity(start, end, seen, held, person), held) - _predictor(intensity, columns)
    weights = np.zeros(len(seen))
    weights[seen] = np.exp(lean[seen] - lean[seen].max())
    weights *= seen.sum() / weights.sum()
    largest = float(weights.max())
    note = (
        ""
        if largest <= LARGEST
        else (
            f"one score stands for {largest:.0f} others; cut the weights off, or ask about a time at which people are"
            " measured alike"
        )
    )
    return VisitWeights(
        weights, intensity, largest, float(weights.sum() ** 2 / (weights**2).sum()), int(seen.sum()), note
    )


def weighted_trajectory(
    person: ArrayLike, outcome: ArrayLike, fixed: ArrayLike, weights: ArrayLike
) -> WeightedTrajectory:
    """Coefficients of columns fixed (n, p) on scores (n,) weighted (n,), independent working correlation, sandwich over
    people.

    b = (X'WX)^-1 X'Wy; covariance from X'W(y - Xb) summed within people, G / (G - 1). The weights are taken as known,
    which overstates the standard error a little. Liang & Zeger (1986) Biometrika 73:13. Raises NotEstimable where X'WX
    is singular or weights cannot be used.
    """
    w, scores = np.asarray(weights, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    if not (np.isfinite(w).all() and (w >= 0).all()) or {scores.shape, np.shape(person)} != {w.shape}:
        raise NotEstimable("weights must be finite and not negative, one for each score; pass those of visit_weights")
    used = w > 0
    x, y = _columns(fixed, len(w))[used], scores[used]
    if not used.any() or not np.isfinite(y).all():
        raise NotEstimable(
            "a score is missing where its weight is not zero; weigh only intervals that ended in an assessment"
        )
    gram = (x * w[used, None]).T @ x
    if np.linalg.matrix_rank(gram) < len(gram):
        raise NotEstimable("a column says nothing new about the scores; leave it out")
    b: Floats = np.linalg.solve(gram, x.T @ (w[used] * y)).astype(np.float64)
    moved = (x * (w[used] * (y - x @ b))[:, None]) @ np.linalg.inv(gram)
    covariance, people = clustered_covariance(moved, np.asarray(person)[used])
    return WeightedTrajectory(b, covariance, people)


def _columns(values: ArrayLike, n: int) -> Floats:
    columns = np.asarray(values, dtype=np.float64)
    columns = columns[:, None] if columns.ndim == 1 else columns
    if columns.ndim != 2 or len(columns) != n or not np.isfinite(columns).all():
        raise NotEstimable(
            "what is known at the start of an interval is missing for some; fill numbers and add an indicator"
        )
    return columns


def _intensity(start: Floats, end: Floats, seen: np.ndarray, columns: Floats, person: ArrayLike) -> CoxFit | None:
    """The intensity of being assessed; None where the columns do not vary."""
    if not columns.shape[1] or not (np.ptp(columns, axis=0) > 0).any():
        return None
    unit: Integers = np.unique(np.asarray(person), return_inverse=True)[1]
    return cox(end, seen, columns, entry=start, cluster=unit, ties="breslow")


def _predictor(fit: CoxFit | None, columns: Floats) -> Floats:
    if fit is None:
        return np.zeros(len(columns))
    return np.asarray(columns[:, fit.kept] @ fit.coefficients, dtype=np.float64)
