"""Draws stays that end in two ways and are partly cut off by the end of the records, with true curves in the overlap
population."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from pipeline.stats.estimate import wald
from pipeline.stats.resampling import jackknife_sites
from pipeline.stats.sites import BEYOND_SITES
from pipeline.stats.time_in_care.restricted_mean import rmst_difference
from pipeline.stats.time_in_care.survival import at, kaplan_meier
from pipeline.stats.time_in_care.weighted_curves import (
    jackknife_limits,
    weighted_incidence,
    weighted_rmst,
    weighted_survival,
)
from pipeline.stats.weighting.propensity import balancing_weights, multinomial_propensity
from tests.simulation.contrast_study import MANY_MORE_SITES, MANY_PEOPLE, Drawn, Scenario, draw, draw_world
from tests.simulation.tally import Found

HORIZON = 90
DROPOUT, COMPLETION = 1, 2
DAILY = np.array([0.006, 0.008])  # hazards of dropping out and of completing at the middle of everything
RECORDS_END = (60, 365)  # days after the start, evenly spread: a tenth is cut off before the horizon
SITE_SD = 0.2  # of log hazards


@dataclass(frozen=True)
class Stays:
    """The people of a contrast study (outcome unused) with daily hazards (n, k, 2), the day they were last seen and how
    they ended."""

    people: Drawn
    hazards: np.ndarray
    day: np.ndarray
    cause: np.ndarray


def draw_stays(scenario: Scenario, rng: np.random.Generator) -> Stays:
    """Dropping out is likelier for the severe and at some sites, and less likely at more intensive arms."""
    people = draw(scenario, rng)
    daily = hazards_of(scenario, people)
    n = len(people.arm)
    own = daily[np.arange(n), people.arm]
    whole = own.sum(axis=1)
    ends = np.ceil(rng.exponential(size=n) / whole).astype(int)
    cause = np.where(rng.random(n) < own[:, 0] / whole, DROPOUT, COMPLETION)
    cut = rng.integers(*RECORDS_END, n)
    return Stays(people, daily, np.minimum(ends, cut), np.where(ends <= cut, cause, 0))


def hazards_of(scenario: Scenario, people: Drawn) -> np.ndarray:
    """(n, k, 2) daily hazards of both endings in each arm."""
    severity, flag, place = (
        people.covariates[:, 0],
        people.covariates[:, 5],
        SITE_SD * people.world.quality[people.site],
    )
    steps = np.arange(scenario.arms) / (scenario.arms - 1)
    less = np.zeros((len(severity), scenario.arms)) if scenario.null else steps * (0.4 - 0.1 * severity[:, None])
    base = 0.35 * severity + 0.2 * flag - place
    return np.asarray(
        np.stack(
            [DAILY[0] * np.exp(base[:, None] - less), DAILY[1] * np.exp((-0.2 * severity + place)[:, None] + less / 2)],
            axis=2,
        )
    )


@cache
def true_curves(scenario: Scenario) -> dict[str, np.ndarray]:
    """By estimator, the value of each arm (k,) in the overlap population, to the horizon."""
    rng = np.random.default_rng(20_240_102)
    sites = MANY_MORE_SITES if scenario.sites >= BEYOND_SITES else scenario.sites
    people = draw(scenario, rng, MANY_PEOPLE, draw_world(scenario, rng, sites))
    daily = hazards_of(scenario, people)
    whole = daily.sum(axis=2)
    kept, a_day = np.exp(-whole * HORIZON), np.exp(-whole)
    tilt = 1 / (1 / people.probability).sum(axis=1)
    left = daily[:, :, 0] / whole * (1 - kept)
    values = {"weighted_survival": kept, "weighted_incidence": left, "weighted_rmst": (1 - kept) / (1 - a_day)}
    return {name: tilt @ value / tilt.sum() for name, value in values.items()}


def replicate(scenario: Scenario, rng: np.random.Generator) -> dict[str, Found]:
    """One study: differences of the last arm against the first, everything refitted without each site; one site: fixed
    weights."""
    stays = draw_stays(scenario, rng)
    return one_site(scenario, stays) if scenario.sites == 1 else many_sites(scenario, stays)


def many_sites(scenario: Scenario, stays: Stays) -> dict[str, Found]:
    people, k = stays.people, scenario.arms
    everyone = np.arange(len(people.arm))

    def curves(rows: np.ndarray) -> np.ndarray:
        day, cause, arm = stays.day[rows], stays.cause[rows], people.arm[rows]
        weights = overlap_weights(people, rows)
        incidence = weighted_incidence(day, cause, arm, weights, [HORIZON], arms=k, causes=2).estimate[0, :, 0]
        survival = weighted_survival(day, cause > 0, arm, weights, [HORIZON], arms=k).estimate[0]
        return np.concatenate([survival, incidence, weighted_rmst(day, cause > 0, arm, weights, HORIZON, arms=k)])

    values, jackknife = curves(everyone), jackknife_sites(curves, people.site)
    true = true_curves(replace(scenario, people=0))
    found = {}
    for i, name in enumerate(("weighted_survival", "weighted_incidence", "weighted_rmst")):
        unit = np.eye(3 * k)[i * k + k - 1] - np.eye(3 * k)[i * k]
        one = wald(float(unit @ values), float(unit @ jackknife.covariance @ unit) ** 0.5, df=jackknife.df)
        found[name] = Found.of(one, float(true[name][-1] - true[name][0]))
    limits = jackknife_limits(values[:1], jackknife.replicates[:, :1])
    found["jackknife_limits"] = Found(
        values[0], float(true["weighted_survival"][0]), limits.se[0], jackknife.df, limits.low[0], limits.high[0], True
    )
    return found


def one_site(scenario: Scenario, stays: Stays) -> dict[str, Found]:
    """Person-level standard errors that take the weights as known."""
    people, ended = stays.people, stays.cause > 0
    weights = overlap_weights(people, np.arange(len(people.arm)))
    true = true_curves(replace(scenario, people=0))
    days = rmst_difference(stays.day, ended, people.arm, HORIZON, weights=weights, kind="probability").differences[-1]
    last = people.arm == scenario.arms - 1
    parts = []
    for here in (people.arm == 0, last):
        points = at(kaplan_meier(stays.day[here], ended[here], weights=weights[here], kind="probability"), [HORIZON])
        parts.append((float(points.estimate[0]), float(points.se[0])))
    kept = wald(parts[1][0] - parts[0][0], float(np.hypot(parts[0][1], parts[1][1])))
    return {
        "rmst_difference": Found.of(days, float(true["weighted_rmst"][-1] - true["weighted_rmst"][0])),
        "kaplan_meier": Found.of(kept, float(true["weighted_survival"][-1] - true["weighted_survival"][0])),
    }


def overlap_weights(people: Drawn, rows: np.ndarray) -> np.ndarray:
    """Overlap weights of some people from a model with the covariates and an intercept for each site."""
    arm = people.arm[rows]
    group = np.unique(people.site[rows], return_inverse=True)[1]
    chances = multinomial_propensity(people.covariates[rows], arm, groups=group).probabilities
    return balancing_weights(chances, arm).weights
