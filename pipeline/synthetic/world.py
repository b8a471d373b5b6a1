"""What stays the same whoever comes: sites, the levels they offer, how good they are, and their therapists.

A world is drawn once per scenario from its own seed; the seed of a study draws the people who come to it.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from pipeline.synthetic.scenarios import Scenario

LEVEL_COUNT = 5
IOP, IP = 1, 4
RESIDENTIAL_OR_INPATIENT = (3, 4)
THERAPISTS = 8  # per program
COMPARABLE_SHARE = 0.75  # of sites run IOP and a 24-hour level: nine of twelve, enough for claims beyond these sites
DROPOUT_THERAPIST_SD = 0.67  # logit scale: an ICC of .12


@dataclass(frozen=True, slots=True)
class World:
    """Sites (S, 12 unless the scenario says otherwise), levels (5: scenarios.LEVELS) and therapists (8 per program).

    size        (S,) share of people who come to each site
    offered     (S, 5) True where the site runs that level
    leaning     (S, 5) log-odds by which a site prefers a level
    quality     (S,) PHQ-9 points of improvement that the site adds at every level
    program     (S, 5) PHQ-9 points that one level of one site adds
    therapist   (S, 5, 8) PHQ-9 points of each therapist, mean zero within a program but where a study has its own
    dropout     (S, 5, 8) log-odds of an unplanned ending of each therapist, with the same mean
    """

    size: np.ndarray
    offered: np.ndarray
    leaning: np.ndarray
    quality: np.ndarray
    program: np.ndarray
    therapist: np.ndarray
    dropout: np.ndarray


@lru_cache(maxsize=16)
def world_of(scenario: Scenario) -> World:
    """The world of a scenario; the same one each time it is asked for."""
    rng = np.random.default_rng(scenario.world_seed)
    sites = scenario.sites
    quality = centered(rng.normal(size=sites)) * scenario.site_sd
    leaning = 0.5 * rng.normal(size=(sites, LEVEL_COUNT))
    leaning += np.outer(quality / max(scenario.site_sd, 1e-9), [-0.4, 0.2, 0.0, 0.1, 0.2])
    drawn = rng.uniform(0.6, 1.4, sites)
    size = np.array(scenario.site_sizes) if scenario.site_sizes else drawn
    offered = one_arm_each(sites) if scenario.one_level_sites else levels_offered(sites, rng)
    people = (sites, LEVEL_COUNT, THERAPISTS)
    return World(
        size=size / size.sum(),
        offered=offered,
        leaning=leaning,
        quality=quality,
        program=scenario.program_sd * centered(rng.normal(size=(sites, LEVEL_COUNT)), axis=0),
        therapist=scenario.therapist_sd * centered(rng.normal(size=people), axis=2),
        dropout=DROPOUT_THERAPIST_SD * centered(rng.normal(size=people), axis=2),
    )


def with_own_therapists(world: World, scenario: Scenario, rng: np.random.Generator) -> World:
    """The world with therapists drawn for one study: a program's may be better or worse than those of others."""
    return replace(
        world,
        therapist=scenario.therapist_sd * rng.normal(size=world.therapist.shape),
        dropout=DROPOUT_THERAPIST_SD * rng.normal(size=world.dropout.shape),
    )


def centered(draws: np.ndarray, axis: int = 0) -> np.ndarray:
    """Draws with mean zero and variance one along an axis, so that a dozen sites have the spread they were meant to
    have."""
    draws = draws - draws.mean(axis=axis, keepdims=True)
    spread = draws.std(axis=axis, keepdims=True)
    return draws / np.where(spread > 0, spread, 1.0)


def levels_offered(sites: int, rng: np.random.Generator) -> np.ndarray:
    """(S, 5) two to five levels per site; the first three quarters of the sites all run IOP and a 24-hour level."""
    offered = np.zeros((sites, LEVEL_COUNT), dtype=bool)
    comparable = math.ceil(COMPARABLE_SHARE * sites)
    for site in range(sites):
        offered[site, rng.permutation(LEVEL_COUNT)[: rng.integers(2, LEVEL_COUNT + 1)]] = True
        offered[site, 0] |= rng.random() < 0.7
        if site < comparable:
            offered[site, [IOP, rng.choice(RESIDENTIAL_OR_INPATIENT)]] = True
    offered[: max(1, comparable - 2), IP] = True  # hospitals are the common 24-hour level
    return offered


def one_arm_each(sites: int) -> np.ndarray:
    """(S, 5) a third of the sites outpatient, a third IOP, a third 24-hour care."""
    offered = np.zeros((sites, LEVEL_COUNT), dtype=bool)
    third = np.arange(sites) * 3 // sites
    offered[third == 0, 0] = True
    offered[third == 1, IOP] = True
    offered[np.ix_(third == 2, RESIDENTIAL_OR_INPATIENT)] = True
    return offered
