"""Linear mixed model of repeated scores: each person has an own level and, if asked, an own slope over time."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats
from pipeline.stats.repeated_scores.covariance_likelihood import (
    CovarianceLikelihood,
    Descended,
    Height,
    covariance_likelihood,
    descend,
)
from pipeline.stats.repeated_scores.fixed_effects import FixedEffects
from pipeline.stats.repeated_scores.patient_moments import PatientMoments, patient_moments, random_effect_sums
from pipeline.stats.repeated_scores.repeated_scores import RepeatedScores, repeated_scores
from pipeline.stats.repeated_scores.standard_scores import StandardScores, standard_scores
from pipeline.stats.weighting.estimating_equations import clustered_covariance

SINGULAR = 1e-4  # a spread below this share of the residual spread is none, as lme4 says
SAMPLED = 8_000  # from so many people on a fit to every twentieth saves passes over all
FLAT = 1e-8  # least over largest curvature below which the data do not say what the variances are


@dataclass(frozen=True, slots=True)
class MixedModel:
    """A converged mixed model.

    fixed      coefficients with their covariance, as contrast, marginal_means and slope_contrast read them
    between    (d, d) covariance between people of intercept and slope (d = 2) or intercept (d = 1)
    residual   variance of scores around the person's own line
    boundary   True where between is singular: people do not measurably differ in some direction
    restricted REML; False: maximum likelihood
    deviance   minus twice the (restricted) log-likelihood, as lme4 gives it
    gradient   largest scaled gradient element per person (at most 1e-8), after so many steps
    n, scores  people and scores
    note       what a reader must know; empty where nothing
    """

    fixed: FixedEffects
    between: Floats
    residual: float
    boundary: bool
    restricted: bool
    deviance: float
    gradient: float
    steps: int
    n: int
    scores: int
    note: str = ""


def mixed_model(
    person: ArrayLike,
    outcome: ArrayLike,
    fixed: ArrayLike,
    time: ArrayLike | None = None,
    *,
    restricted: bool = True,
    cluster: ArrayLike | None = None,
) -> MixedModel:
    """Gaussian mixed model with random intercept and, where time is given, random slope, by REML or maximum likelihood.

    person   (n,) any labels; rows in any order
    outcome  (n,) scores, nan where there is none (the row is left out)
    fixed    (n, p) columns of the fixed effects, with an intercept column; sites as columns of the caller's
    time     (n,) what the slope is per unit of, counted from the start; None: intercept only
    cluster  (n,) labels that do not change within a person, such as site: clustered sandwich with G - 1 df, else
             Satterthwaite

    y = X b + Z u + e, u ~ N(0, D) per person, e ~ N(0, s^2). Missing at random given all scores that are there. People
    are reduced to Z'Z, Z'X and Z'y once; the likelihood is profiled over b and s^2 and minimized in the Cholesky factor
    of D / s^2, in which a zero variance is an ordinary minimum. Laird & Ware (1982) Biometrics 38:963; Bates et al.
    (2015) J Stat Softw 67. Raises NotEstimable where nobody has two scores, scores do not vary around the model, the
    variances cannot be told apart, or no minimum is found.
    """
    rows = repeated_scores(person, outcome, fixed, time, cluster)
    center, width = (0.0, 1.0) if rows.time is None else _spread(rows.time)
    if not (np.diff(np.append(rows.begins, len(rows.outcome))) > 1).any():
        raise NotEstimable("nobody has two scores, so people cannot be told from noise; measure people again")
    if rows.time is not None and width == 0:
        raise NotEstimable("all scores are from one time, so there is no slope; leave time out or measure people again")
    time_used = None if rows.time is None else (rows.time - center) / width
    standard = standard_scores(rows.fixed, rows.outcome)
    moments = patient_moments(standard.rows, time_used, rows.begins)
    best = _fit(moments, len(rows.outcome), restricted)
    at = _likelihood(moments, len(rows.outcome), restricted, best.at)
    if at is None or at.scale * standard.size**2 <= 0:
        raise NotEstimable(
            "the scores lie exactly on each person's line; a model of their spread needs scores that vary"
        )
    boundary = _checked(best)
    return _described(rows, standard, at, best, center, width, boundary, restricted)


def _spread(time: Floats) -> tuple[float, float]:
    return float(time.mean()), float(time.std())


def _fit(moments: PatientMoments, scores: int, restricted: bool) -> Descended:
    """From a fit to every twentieth person where there are many; again from elsewhere where the first end is no
    minimum."""
    people, v = moments.small.shape
    start = np.array([0.7]) if v == 1 else np.array([0.7, 0.0, 0.4])
    if people >= SAMPLED:
        part = PatientMoments(np.zeros_like(moments.gram), moments.small[::20], moments.cross[::20], moments.d)
        start = _rough(moments, part, start)
    for begin in (start, np.array([2.0]) if v == 1 else np.array([2.0, 0.5, 2.0])):
        best = descend(partial(_factored, moments, scores, restricted), begin, people)
        if _minimal(best, people):
            return best
    raise NotEstimable("the variances between people could not be found; use random intercepts only")


def _rough(moments: PatientMoments, part: PatientMoments, start: Floats) -> Floats:
    """A start from some of the people; whatever it misses the full fit finds itself."""
    share = len(part.small) / len(moments.small)
    some = PatientMoments(moments.gram * share, part.small, part.cross, part.d)
    scores = int(part.small[:, 0].sum())
    try:
        return descend(partial(_factored, some, scores, False), start, len(part.small)).at
    except NotEstimable:
        return start


def _likelihood(moments: PatientMoments, scores: int, restricted: bool, factor: Floats) -> CovarianceLikelihood | None:
    if not np.isfinite(factor).all() or np.abs(factor).max() > 1e5:
        return None
    return covariance_likelihood(
        random_effect_sums(moments, _ratio(factor)), scores, restricted=restricted, profiled=True
    )


def _factored(moments: PatientMoments, scores: int, restricted: bool, factor: Floats) -> Height | None:
    """Deviance, slope and curve in the Cholesky factor of the ratio."""
    at = _likelihood(moments, scores, restricted, factor)
    if at is None:
        return None
    slope, curve = _in_factor(at.slope, at.curve, factor)
    return at.deviance, slope, curve


def _ratio(factor: Floats) -> Floats:
    """(r11, r12, r22) of R = L L', L = [[a, 0], [b, c]]; or a^2."""
    if len(factor) == 1:
        return factor**2
    a, b, c = factor
    return np.array([a * a, a * b, b * b + c * c])


def _in_factor(slope: Floats, curve: Floats, factor: Floats) -> tuple[Floats, Floats]:
    """First and second derivatives by the factor from those by the ratio."""
    if len(factor) == 1:
        return 2 * factor * slope, 4 * factor**2 * curve + 2 * slope
    turn = _turn(factor)
    bend = np.array([[2 * slope[0], slope[1], 0], [slope[1], 2 * slope[2], 0], [0, 0, 2 * slope[2]]])
    return turn.T @ slope, turn.T @ curve @ turn + bend


def _turn(factor: Floats) -> Floats:
    """Derivative (v, v) of the ratio by the factor."""
    if len(factor) == 1:
        return np.array([[2 * factor[0]]])
    a, b, c = factor
    return np.array([[2 * a, 0, 0], [b, a, 0], [0, 2 * b, 2 * c]])


def _minimal(best: Descended, people: int) -> bool:
    """Whether no curvature is downwards: at a zero variance the slope by the variance itself is its curvature in the
    factor."""
    return bool(np.linalg.eigvalsh(best.curve)[0] >= -1e-7 * people)


def _checked(best: Descended) -> bool:
    """Whether the covariance between people is singular. Raises NotEstimable where the data leave it open."""
    boundary = bool(abs(best.at[0]) < SINGULAR or abs(best.at[-1]) < SINGULAR)
    values = np.linalg.eigvalsh(best.curve)
    if not boundary and values[0] < FLAT * values[-1]:
        raise NotEstimable(
            "the variances of slopes and of single scores cannot be told apart: people have too few scores; "
            "use random intercepts only, or people with three scores or more"
        )
    return boundary


def _described(
    rows: RepeatedScores,
    standard: StandardScores,
    at: CovarianceLikelihood,
    best: Descended,
    center: float,
    width: float,
    boundary: bool,
    restricted: bool,
) -> MixedModel:
    back, residual = standard.back, at.scale * standard.size**2
    plain = at.scale * at.inverse * back
    moved, uncertain = _uncertainty(at, best)
    covariance, rule, clusters = plain, "satterthwaite", None
    if rows.cluster is not None:
        robust, clusters = _sandwich(rows, standard, at, best, center, width)
        covariance, rule = robust * back, "clusters"
    fixed = FixedEffects(
        standard.coefficients(at.coefficients),
        covariance,
        plain,
        moved * back,
        uncertain,
        rule,
        clusters,
        standard.kept,
        standard.dropped,
        standard.alias,
        len(rows.begins),
        len(rows.outcome),
    )
    note = (
        ""
        if not boundary
        else (
            "people do not measurably differ in "
            + ("their level" if rows.time is None else "level or slope beyond one common pattern")
        )
    )
    return MixedModel(
        fixed,
        _between(best.at, center, width) * residual,
        residual,
        boundary,
        restricted,
        standard.deviance(at.deviance, at.residual, restricted),
        best.gradient,
        best.steps,
        len(rows.begins),
        len(rows.outcome),
        note,
    )


def _between(factor: Floats, center: float, width: float) -> Floats:
    """R for intercept and slope of the time as it was given, from the factor for (time - center) / width."""
    if len(factor) == 1:
        return np.array([[factor[0] ** 2]])
    back = np.array([[1.0, -center / width], [0.0, 1 / width]]) @ np.array([[factor[0], 0.0], [factor[1], factor[2]]])
    return np.asarray(back @ back.T, dtype=np.float64)


def _uncertainty(at: CovarianceLikelihood, best: Descended) -> tuple[Floats, Floats]:
    """Derivatives (v + 1, q, q) of the coefficients' covariance by factor and residual variance, and the covariance of
    these.

    The covariance is twice the inverse of the deviance's second derivative, not profiled over the residual variance s:
    there f = m log s + r / s + ..., so f_ss = m / s^2 and the profile has taken r_j^2 / (m s^2) off f_jj.
    """
    v, s, m = len(best.at), at.scale, at.residual
    turn = _turn(best.at)
    by_factor = np.einsum("jab,jk->kab", at.moved, turn)
    lean = at.leaning @ turn
    full = np.zeros((v + 1, v + 1))
    full[:v, :v] = best.curve + np.outer(lean, lean) / (m * s**2)
    full[v, :v] = full[:v, v] = -lean / s**2
    full[v, v] = m / s**2
    uncertain = np.asarray(2 * np.linalg.pinv(full, hermitian=True), dtype=np.float64)
    return np.concatenate([s * by_factor, at.inverse[None]]), uncertain


def _sandwich(
    rows: RepeatedScores,
    standard: StandardScores,
    at: CovarianceLikelihood,
    best: Descended,
    center: float,
    width: float,
) -> tuple[Floats, int]:
    """Clustered sandwich (q, q) of the standardized coefficients: bread times sums of X_i'V_i^-1 e_i over clusters; and
    G."""
    assert rows.cluster is not None
    x = standard.rows[:, :-1]
    error = standard.rows[:, -1] - x @ at.coefficients
    z = [np.ones(len(error))] if rows.time is None else [np.ones(len(error)), (rows.time - center) / width]
    factor = np.array([[best.at[0]]]) if len(z) == 1 else np.array([[best.at[0], 0.0], [best.at[1], best.at[2]]])
    zz = np.array([[np.add.reduceat(one * other, rows.begins) for other in z] for one in z]).transpose(2, 0, 1)
    ze = np.column_stack([np.add.reduceat(one * error, rows.begins) for one in z])
    inside = np.eye(len(z)) + factor.T @ zz @ factor
    shrunk = np.linalg.solve(inside, (ze @ factor)[:, :, None])[:, :, 0] @ factor.T
    of_row = np.repeat(np.arange(len(rows.begins)), np.diff(np.append(rows.begins, len(error))))
    error = error - sum(one * shrunk[of_row, k] for k, one in enumerate(z))
    influence = np.column_stack([np.bincount(of_row, weights=x[:, j] * error) for j in range(x.shape[1])]) @ at.inverse
    return clustered_covariance(influence, rows.cluster[rows.begins])
