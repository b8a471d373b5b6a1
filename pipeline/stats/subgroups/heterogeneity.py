"""Does an effect depend on who people were at the start?  Effects by stratum with a test that they differ, and a curve
over severity."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Flags, Floats, Integers, checked_arms, checked_covariates
from pipeline.stats.estimate import Estimate, wald
from pipeline.stats.multiplicity import simultaneous_limits
from pipeline.stats.partial_pooling import FEWEST, partially_pooled
from pipeline.stats.subgroups.common_support import Comparators, comparable, too_few
from pipeline.stats.subgroups.conditional_effects import Projected, WaldTest, project, wald_test
from pipeline.stats.subgroups.spline import knots_of, restricted_cubic
from pipeline.stats.weighting.effects import INFERENCES
from pipeline.stats.weighting.estimating_equations import Recipe
from pipeline.stats.weighting.nuisance import People, checked_outcome, checked_people

ENOUGH = Comparators()


@dataclass(frozen=True, slots=True)
class SubgroupEffects:
    """Effect of arm 1 against arm 0 in each stratum, outcome units; a refused stratum has None and a reason.

    strata     (m,) codes of all strata, ascending
    estimates  (m,) Estimate, or None where refused; n counts observed people
    refusals   (m,) why a stratum has no estimate, with the remedy; empty where it has one
    shares     (m,) part of the target population in each stratum; 0 where refused
    counts     (m, 2) observed people by arm
    effective  (m, 2) effective sample by arm after all weights; nan where refused before weighting
    overall    effect over the strata that are not refused = sum of share times estimate
    interaction  do the effects differ between strata?  None with fewer than two of them
    pooled     (m,) effects partially pooled; None where refused, or fewer than three are left
    """

    strata: Integers
    estimates: tuple[Estimate | None, ...]
    refusals: tuple[str, ...]
    shares: Floats
    counts: Integers
    effective: Floats
    overall: Estimate
    interaction: WaldTest | None
    pooled: tuple[Estimate | None, ...]


def subgroup_effects(
    outcome: ArrayLike,
    arm: ArrayLike,
    covariates: ArrayLike,
    stratum: ArrayLike,
    site: ArrayLike | None = None,
    *,
    target: str = "overlap",
    inference: str = "sandwich",
    cluster: ArrayLike | None = None,
    needs: Comparators = ENOUGH,
    weights: ArrayLike | None = None,
    max_observation_weight: float = 10.0,
    level: float = 0.95,
) -> SubgroupEffects:
    """The like-for-like difference of two arms within each stratum of people, and whether it differs between strata.

    outcome, arm, covariates, site, target, inference, cluster, weights as in effects.augmented_means, arm codes 0 and 1
    stratum  (n,) codes of what people were at the start, for everybody; the strata enter every model as columns
    needs    what each stratum must hold in each arm; strata without are left out of every model and refused

    Effects are projection.project on one indicator per stratum, so that the overall effect is the average of the
    strata weighted by their share of the target population, exactly. Interaction: Wald test of equal effects with the
    joint covariance, as survey::regTermTest, with Hotelling's F for few sites. Partial pooling as partially_pooled; it
    takes strata as independent, though they share their models.
    Raises NotEstimable where an input or a model does not support an estimate or every stratum is refused.
    """
    codes, y, x = _checked_pair(outcome, arm, covariates, inference)
    strata, place = np.unique(_checked_codes(stratum, len(codes)), return_inverse=True)
    counts = np.array(
        [[int((np.isfinite(y) & (place == s) & (codes == a)).sum()) for a in (0, 1)] for s in range(len(strata))]
    )
    refusals = [too_few(row, needs) for row in counts]
    effective = np.full(counts.shape, np.nan)
    while True:
        kept = np.array([not why for why in refusals])
        if not kept.any():
            raise NotEstimable(
                f"no stratum has comparable people in both arms ({refusals[0]}); merge strata or collect more"
            )
        rows = np.flatnonzero(kept[place])
        here = np.unique(place[rows])
        basis = (place[rows, None] == here).astype(np.float64)
        people = checked_people(
            y[rows], codes[rows], np.column_stack([x[rows], basis[:, 1:]]), _at(site, rows), _at(weights, rows)
        )
        unit = _clusters(people, inference, cluster, rows, site)
        found = project(people, basis, Recipe("augmented", target, True, True), inference, unit, max_observation_weight)
        failed: dict[int, str] = {}
        for column, s in enumerate(here):
            why, effective[s] = comparable(people, found, basis[:, column] > 0, needs)
            failed |= {int(s): why} if why else {}
        if not failed:
            return _described(strata, here, found, people, refusals, counts, effective, level)
        refusals = [failed.get(s, why) for s, why in enumerate(refusals)]


@dataclass(frozen=True, slots=True)
class EffectCurve:
    """Effect of arm 1 against arm 0 along severity, outcome units; nan where there are no comparators.

    at          (g,) severities asked about
    estimate, se, low, high  (g,) with limits for each severity by itself
    all_low, all_high        (g,) limits that hold for the whole curve together
    comparable  (g,) False where too few people in either arm are near
    overall     effect over the target population: the tilt-weighted average of the curve
    varies      does the effect depend on severity at all?
    bends       is the dependence other than a straight line?  None with fewer than three knots
    knots       (k,) severities at which the curve bends
    """

    at: Floats
    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    all_low: Floats
    all_high: Floats
    comparable: Flags
    overall: Estimate
    varies: WaldTest
    bends: WaldTest | None
    knots: Floats


def effect_curve(
    outcome: ArrayLike,
    arm: ArrayLike,
    covariates: ArrayLike,
    severity: ArrayLike,
    at: ArrayLike,
    site: ArrayLike | None = None,
    *,
    knots: int = 4,
    reach: float = 2.0,
    target: str = "overlap",
    inference: str = "sandwich",
    cluster: ArrayLike | None = None,
    needs: Comparators = ENOUGH,
    weights: ArrayLike | None = None,
    max_observation_weight: float = 10.0,
    level: float = 0.95,
) -> EffectCurve:
    """The like-for-like difference of two arms as a smooth function of a baseline severity (n,), at severities at (g,).

    A restricted cubic spline with 3 to 5 knots at Harrell's quantiles (linear beyond the outer ones) is both the basis
    of projection.project and a set of columns of every model; arguments otherwise as in subgroup_effects. comparable:
    within reach of the severity each arm has the people that needs asks for. Harrell (2015) section 2.4.5.
    Raises NotEstimable where severity has too few distinct values for the knots, or is missing for somebody.
    """
    codes, y, x = _checked_pair(outcome, arm, covariates, inference)
    z = checked_covariates(severity, len(codes))[:, 0]
    grid = np.asarray(at, dtype=np.float64)
    where = knots_of(z, knots)
    basis = np.column_stack([np.ones(len(z)), restricted_cubic(z, where)])
    people = checked_people(y, codes, np.column_stack([x, basis[:, 1:]]), site, weights)
    unit = _clusters(people, inference, cluster, np.arange(len(codes)), site)
    found = project(people, basis, Recipe("augmented", target, True, True), inference, unit, max_observation_weight)
    rows = np.column_stack([np.ones(len(grid)), restricted_cubic(grid, where)])
    compared = np.array([not comparable(people, found, np.abs(z - one) <= reach, needs)[0] for one in grid], dtype=bool)
    if not compared.any():
        raise NotEstimable(
            "nowhere along the severity are there comparable people in both arms; collect more or widen reach"
        )
    shown = rows[compared]
    covariance = shown @ found.covariance @ shown.T
    joint = simultaneous_limits(shown @ found.coefficients, covariance, df=found.df, level=level)
    each = [
        wald(float(row @ found.coefficients), float(np.sqrt(row @ found.covariance @ row)), df=found.df, level=level)
        for row in shown
    ]
    estimate, se, low, high, all_low, all_high = (np.full(len(grid), np.nan) for _ in range(6))
    estimate[compared], se[compared] = [one.estimate for one in each], [one.se for one in each]
    low[compared], high[compared] = [one.low for one in each], [one.high for one in each]
    all_low[compared], all_high[compared] = joint.low, joint.high
    slopes = np.eye(basis.shape[1])[1:]
    bends = wald_test(found, slopes[1:]) if len(slopes) > 1 else None
    return EffectCurve(
        grid,
        estimate,
        se,
        low,
        high,
        all_low,
        all_high,
        compared,
        _overall(found, people, level),
        wald_test(found, slopes),
        bends,
        where,
    )


def _described(
    strata: Integers,
    here: Integers,
    found: Projected,
    people: People,
    refusals: list[str],
    counts: Integers,
    effective: Floats,
    level: float,
) -> SubgroupEffects:
    m = len(strata)
    estimates: list[Estimate | None] = [None] * m
    pulled: list[Estimate | None] = [None] * m
    shares = np.zeros(m)
    for column, s in enumerate(here):
        estimates[s] = wald(
            float(found.coefficients[column]),
            float(np.sqrt(found.covariance[column, column])),
            df=found.df,
            level=level,
            n=int(counts[s].sum()),
        )
        shares[s] = found.gradient[column]
    interaction = None
    if len(here) >= FEWEST:
        close = partially_pooled(found.coefficients, np.sqrt(np.diag(found.covariance)), level=level)
        for s, one in zip(here, close.estimates, strict=True):
            pulled[s] = one
    if len(here) > 1:
        interaction = wald_test(found, np.eye(len(here))[1:] - np.eye(len(here))[:1])
    return SubgroupEffects(
        strata,
        tuple(estimates),
        tuple(refusals),
        shares,
        counts,
        effective,
        _overall(found, people, level),
        interaction,
        tuple(pulled),
    )


def _overall(found: Projected, people: People, level: float) -> Estimate:
    """The tilt-weighted average of the effects; its variance takes the target population's make-up as given."""
    return wald(
        found.overall,
        float(np.sqrt(found.gradient @ found.covariance @ found.gradient)),
        df=found.df,
        level=level,
        n=int(people.observed.sum()),
    )


def _checked_pair(
    outcome: ArrayLike, arm: ArrayLike, covariates: ArrayLike, inference: str
) -> tuple[Integers, Floats, Floats]:
    if inference not in INFERENCES:
        raise NotEstimable(f"the inference is unknown; use one of {', '.join(INFERENCES)}")
    codes, k = checked_arms(arm)
    if k != 2:
        raise NotEstimable("an effect compares two arms; choose two of them and number them 0 and 1")
    return codes, checked_outcome(outcome, codes), checked_covariates(covariates, len(codes))


def _checked_codes(stratum: ArrayLike, n: int) -> Integers:
    codes = np.asarray(stratum)
    if codes.shape != (n,) or not np.issubdtype(codes.dtype, np.integer):
        raise NotEstimable(
            "strata must be whole-number codes, one per person; give those not recorded a stratum of their own"
        )
    return codes.astype(np.int64)


def _at(values: ArrayLike | None, rows: Integers) -> np.ndarray | None:
    return None if values is None else np.asarray(values)[rows]


def _clusters(
    people: People, inference: str, cluster: ArrayLike | None, rows: Integers, site: ArrayLike | None
) -> Integers:
    """Whose influences are summed before they are squared: the clusters given, sites for the sandwich, else people."""
    if cluster is not None:
        return np.unique(np.asarray(cluster)[rows], return_inverse=True)[1]
    return people.site if inference == "sandwich" and site is not None else np.arange(len(rows))
