"""Tests whether hazard ratios stay the same over the stay."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincc

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.hazards.cox import CoxFit
from pipeline.stats.hazards.partial_likelihood import information
from pipeline.stats.hazards.sorted_rows import weighted_sum
from pipeline.stats.time_in_care.survival import kaplan_meier

Transform = Literal["km", "identity", "log"]


@dataclass(frozen=True, slots=True)
class ProportionalityTest:
    """Score tests that coefficients do not change with transformed time.

    chi_square, df, p         (t,) one per term
    global_chi_square, global_df, global_p   all columns together
    terms                     covariate columns of each term
    transform                 the scale of time
    """

    chi_square: Floats
    df: Integers
    p: Floats
    global_chi_square: float
    global_df: int
    global_p: float
    terms: tuple[tuple[int, ...], ...]
    transform: Transform


def proportional_hazards_test(
    fit: CoxFit, *, transform: Transform = "km", terms: tuple[tuple[int, ...], ...] | None = None
) -> ProportionalityTest:
    """Score test of adding x g(t) to a Cox model, for every term and for all columns at once.

    transform  g: "km" one minus Kaplan-Meier just before t, "identity" days, "log" log days (no ending on day 0)
    terms      columns tested together, e.g. the indicators of one categorical covariate; default: each column kept
               alone

    U = sum over endings of (x - mean at risk)(g - mean g); chi-square = U'(I^-1)U with I the joint information of b and
    the added coefficients. Weights count as in the fit; clusters are not used. Grambsch & Therneau (1994) Biometrika
    81:515, with the exact information instead of its average. Raises NotEstimable where endings fall on one day, or a
    term has a column not in the model.
    """
    sets, at, q = fit.sets, fit.likelihood, fit.kept.size
    g = _centered_time(fit, transform)
    u = _score(fit, g)
    unit = np.ones_like(g)
    plain, once, twice = (information(sets, at, factor) for factor in (unit, g, g * g))
    joint = np.block([[plain, once], [once, twice]])
    asked = tuple((int(column),) for column in fit.kept) if terms is None else terms
    places = [_places(fit, term) for term in asked]
    chi = np.array([_chi_square(joint, u, q, place) for place in places])
    df = np.array([len(place) for place in places], dtype=np.int64)
    whole = _chi_square(joint, u, q, np.arange(q))
    return ProportionalityTest(
        chi, df, np.asarray(gammaincc(df / 2, chi / 2)), whole, q, float(gammaincc(q / 2, whole / 2)), asked, transform
    )


def _score(fit: CoxFit, g: Floats) -> Floats:
    sets, at = fit.sets, fit.likelihood
    ties = at.ties.times(g)
    observed = weighted_sum(sets.rows, sets.ended * g[sets.last])
    expected = ties.by @ at.risk[:, 1:]
    if at.dying is not None:
        expected = expected - ties.by_f @ at.dying[:, 1:]
    return np.asarray(observed - expected, dtype=np.float64)


def _centered_time(fit: CoxFit, transform: Transform) -> Floats:
    """(m,) transformed days of endings, minus their mean over endings (people, as R counts; frequency weights are
    people)."""
    sets = fit.sets
    if transform == "km":
        g = _one_minus_survival_before(fit)
    elif transform == "log":
        if sets.day.min() <= 0:
            raise NotEstimable("somebody ended on day 0, which has no logarithm; use transform 'km' or 'identity'")
        g = np.log(sets.day.astype(np.float64))
    elif transform == "identity":
        g = sets.day.astype(np.float64)
    else:
        raise NotEstimable("transform must be 'km', 'identity' or 'log'; choose one")
    g = g - np.average(g, weights=sets.deaths)
    if not np.abs(g).max() > 0:
        raise NotEstimable("all endings fall on one day, so no change over time can be seen; follow people longer")
    return np.asarray(g, dtype=np.float64)


def _one_minus_survival_before(fit: CoxFit) -> Floats:
    """(m,) from the Kaplan-Meier curve of everybody, strata together; weights count only where they are people."""
    people = fit.people
    counts = people.weights if people.kind == "frequency" else None
    entry = None if people.entry is None else np.maximum(people.entry, 0)
    curve = kaplan_meier(people.day, people.ended, entry=entry, weights=counts)
    before = np.searchsorted(curve.day, fit.sets.day, side="left")
    return 1 - np.append(1.0, curve.estimate)[before]


def _places(fit: CoxFit, term: ArrayLike) -> Integers:
    columns = np.atleast_1d(np.asarray(term, dtype=np.int64))
    if not columns.size or not np.isin(columns, fit.kept).all():
        raise NotEstimable("a term has a column that is not in the model; name columns the fit kept")
    return np.asarray(np.searchsorted(fit.kept, columns), dtype=np.int64)


def _chi_square(joint: Floats, u: Floats, q: int, place: Integers) -> float:
    rows = np.concatenate([np.arange(q), q + place])
    score = np.concatenate([np.zeros(q), u[place]])
    try:
        return float(score @ np.linalg.solve(joint[np.ix_(rows, rows)], score))
    except np.linalg.LinAlgError as singular:
        raise NotEstimable("endings are too few to tell a change over time; test fewer columns") from singular
