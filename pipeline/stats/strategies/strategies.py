"""Treatment strategies that take time to follow, such as stepping down within 14 days: everybody is cloned into each of
them."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers, build_design, checked_covariates, independent_columns
from pipeline.stats.resampling import MOST_FAILED
from pipeline.stats.sites import site_codes
from pipeline.stats.strategies.clones import Clones, Followed, clones_of, followed, weighted_incidence
from pipeline.stats.strategies.pooled_logistic import HazardFit, Waiting, fit_hazard, hazards, refit, waiting
from pipeline.stats.time_in_care.follow_up import checked_days

NOT, WITHIN = 0, 1  # the two strategies: do not change within the grace period, change within it
Unit = Literal["people", "sites"]


@dataclass(frozen=True, slots=True)
class Strategies:
    """Weighted cumulative incidence under two strategies: 0 no change within the grace period, 1 a change within it.

    day          (t,) 0..horizon
    incidence    (t, 2, c) probability of having ended by cause 1..c by each day, had everybody followed the strategy
    draws        (B, t, 2, c) the same, resampled with the hazard of a change refitted; (0, t, 2, c) where none were
                 asked for
    at_risk      (t, 2) weight of the clones under observation just before each day
    followed     (t, 2) how many clones that are; ended (t, 2, c) people whose ending by then counts in the strategy
    weights      (n, 2) weight of each clone at the end of the grace period or at its ending before that; 0 once
                 censored
    largest      (2,) largest weight before any is cut, truncated (2,) share of the clones whose weight was cut
    ess          (2,) effective number of clones that still follow their strategy at the end of the grace period
    chance       (n,) modelled chance of a change within the grace period, for whoever does not end before
    n, failed    people; draws that could not be estimated
    dropped      people left out because they were no longer followed at the landmark; 0 without one
    note         what a reader must know; empty where nothing
    """

    day: Integers
    incidence: Floats
    draws: Floats
    at_risk: Floats
    followed: Integers
    ended: Integers
    weights: Floats
    largest: Floats
    truncated: Floats
    ess: Floats
    chance: Floats
    n: int
    failed: int
    dropped: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Problem:
    people: Waiting
    seen: Followed
    fit: HazardFit
    counts: Floats
    cap: float


def clone_censor_weight(
    day: ArrayLike,
    cause: ArrayLike,
    changed: ArrayLike,
    covariates: ArrayLike,
    *,
    grace: int,
    horizon: int,
    causes: int | None = None,
    site: ArrayLike | None = None,
    width: int = 1,
    weights: ArrayLike | None = None,
    max_weight: float = np.inf,
    draws: int = 0,
    unit: Unit = "people",
    rng: np.random.Generator | None = None,
) -> Strategies:
    """Cumulative incidence had everybody changed within the grace period, and had nobody.

    day         (n,) whole days from time zero to ending or last observation; cause (n,) 0 observation stopped, 1..c
                ending
    changed     (n,) day of the change (starting a treatment, leaving one), -1 never seen; ties as in clones.Followed
    covariates  (n, p) known at time zero; site (n,) adds one intercept each
    grace       last day on which a change still counts; horizon  last day of the curves
    width       days in a row that share an intercept of the daily hazard of a change: 1 daily, 7 weekly
    weights     (n,) counts of identical people; max_weight  where weights are cut (largest and truncated say what that
                did)
    draws       bootstrap draws of people within sites, or of whole sites, everything refitted; rng draws them

    With h_d(x) the pooled logistic chance of a change on day d, S_d = product over s <= d of (1 - h_s) and g the grace,
    on the day after d <= g: the clone that must not change weighs 1/S_d and is censored at its change. The clone that
    must change weighs 1/(1 - S_g) once it has changed, (S_d - S_g)/((1 - S_g) S_d) before, and is censored at the end
    of day g: people change on the days on which similar people who change within the grace do. Weighted Aalen-Johansen;
    the target is everybody at time zero. Assumes that covariates explain who changes when. Hernan & Robins (2016) Am J
    Epidemiol 183:758; Cain et al. (2010) Int J Biostat 6:18; Young et al. (2019) JASA 114:48.
    "Stay at least N weeks" is the strategy without a change where the change is leaving and grace is 7 N - 1.
    Raises NotEstimable where nobody or everybody changes, a strategy has nobody left by the horizon, or 1 % of draws
    fail.
    """
    seen = followed(day, cause, changed, grace=grace, horizon=horizon, causes=causes, weights=weights)
    place = site_codes(site, len(seen.day))
    values = _columns(covariates, place)
    people = waiting(seen.last_waiting, seen.changes, values, grace + 1, width)
    if not max_weight >= 1:
        raise NotEstimable("no weight can be cut below 1; give a larger max_weight")
    fit = fit_hazard(people, seen.counts)
    problem = _Problem(people, seen, fit, seen.counts, max_weight)
    h = hazards(people, fit.all)
    clones = clones_of(seen, h, np.inf)
    cut = clones_of(seen, h, max_weight)
    incidence, at_risk = weighted_incidence(seen, cut, seen.counts)
    _refuse_empty(incidence)
    done, failed = _resampled(problem, place, draws, unit, rng)
    note = (
        "some people would all change or none (separation), so a small ridge was added"
        if fit.penalty is not None
        else ""
    )
    return Strategies(
        day=np.arange(horizon + 1),
        incidence=incidence,
        draws=done,
        at_risk=at_risk,
        followed=seen.numbers(clones)[0],
        ended=seen.numbers(clones)[1],
        weights=cut.final,
        largest=clones.final.max(axis=0),
        truncated=np.array(
            [
                np.average(clones.final[:, s] > max_weight, weights=seen.counts * (clones.final[:, s] > 0))
                for s in (NOT, WITHIN)
            ]
        ),
        ess=_effective(seen, cut),
        chance=1 - clones.stay[-1],
        n=int(seen.counts.sum()),
        failed=failed,
        note=note,
    )


def landmark(
    day: ArrayLike,
    cause: ArrayLike,
    changed: ArrayLike,
    covariates: ArrayLike,
    *,
    at: int,
    horizon: int,
    causes: int | None = None,
    site: ArrayLike | None = None,
    max_weight: float = np.inf,
    draws: int = 0,
    unit: Unit = "people",
    rng: np.random.Generator | None = None,
) -> Strategies:
    """Whoever is still followed after day `at`, compared by whether the change came by then, from that day on.

    Arguments as in clone_censor_weight; days of the answer still count from time zero, incidences from the landmark.
    Everybody who ended or was lost by the landmark is left out, which `dropped` counts: the answer holds for the others
    only. Weights are 1/P(own group | covariates), logistic. Anderson, Cain & Gelber (1983) J Clin Oncol 1:710. Raises
    NotEstimable as clone_censor_weight.
    """
    ends = checked_days(day, "day")
    sizes = {np.shape(values)[:1] for values in (cause, changed, covariates, *([] if site is None else [site]))}
    if sizes != {ends.shape}:
        raise NotEstimable(
            "day, cause, changed, covariates and site have different numbers of rows; pass one of each per person"
        )
    kept = np.flatnonzero(ends > at)
    if not kept.size or horizon <= at:
        raise NotEstimable("nobody is followed beyond the landmark; choose an earlier day")
    came = np.asarray(changed)[kept]
    x = np.asarray(covariates, dtype=np.float64)[kept]
    found = clone_censor_weight(
        ends[kept] - at,
        np.asarray(cause)[kept],
        np.where((came >= 0) & (came <= at), 0, -1),
        x,
        grace=0,
        horizon=horizon - at,
        causes=causes,
        site=None if site is None else np.asarray(site)[kept],
        max_weight=max_weight,
        draws=draws,
        unit=unit,
        rng=rng,
    )
    return replace(found, day=found.day + at, dropped=int(ends.size - kept.size))


def _columns(covariates: ArrayLike, place: Integers) -> Floats:
    """Standardized covariates and site indicators, without what the intercepts of the days already say."""
    x = checked_covariates(covariates, place.size)
    built = build_design(x, place, int(place.max()) + 1)
    whole = np.column_stack([np.ones(place.size), built.values[:, 1:]])
    return whole[:, 1:][:, independent_columns(whole.T @ whole)[1:]]


def _effective(seen: Followed, clones: Clones) -> Floats:
    w = clones.final * seen.at_end(clones)
    total, squares = seen.counts @ w, seen.counts @ w**2
    return np.asarray(np.divide(total**2, squares, out=np.zeros(2), where=squares > 0), dtype=np.float64)


def _refuse_empty(incidence: Floats) -> None:
    if not np.isfinite(incidence).all():
        raise NotEstimable(
            "a strategy has nobody left who follows it by the last day; choose an earlier day or merge rare groups"
        )


def _resampled(
    problem: _Problem, place: Integers, draws: int, unit: Unit, rng: np.random.Generator | None
) -> tuple[Floats, int]:
    """(B, t, 2, c) incidences of people drawn anew, and how many draws failed."""
    shape = (problem.seen.horizon + 1, 2, problem.seen.causes)
    if draws == 0:
        return np.zeros((0, *shape)), 0
    if rng is None:
        raise NotEstimable("draws need a generator; pass rng, so that the same study gives the same limits")
    done = []
    for _ in range(draws):
        counts = _drawn(problem.counts, place, unit, rng)
        rows = np.flatnonzero(counts)
        part, some = problem.seen.rows(rows), counts[rows]
        try:
            h = refit(problem.people.rows(rows), some, problem.fit)
        except NotEstimable:
            continue
        incidence = weighted_incidence(part, clones_of(part, h, problem.cap), some)[0]
        if np.isfinite(incidence).all():
            done.append(incidence)
    failed = draws - len(done)
    if failed > MOST_FAILED * draws or len(done) < 2:
        raise NotEstimable(
            f"{failed} of {draws} bootstrap draws could not be estimated; merge rare categories or small sites"
        )
    return np.asarray(done, dtype=np.float64), failed


def _drawn(counts: Floats, place: Integers, unit: Unit, rng: np.random.Generator) -> Floats:
    """(n,) how often everybody is drawn: as many people as there are at each site, or as many sites as there are."""
    sites = int(place.max()) + 1
    if unit == "sites":
        return counts * rng.multinomial(sites, np.full(sites, 1 / sites))[place]
    out = np.empty(counts.size)
    for s in range(sites):
        here = place == s
        total = counts[here].sum()
        out[here] = rng.multinomial(int(total), counts[here] / total)
    return out
