"""Draws studies where whether the outcome is measured depends on an interim score, and imputes what is missing from
it."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from pipeline.stats.imputation.imputation import impute
from pipeline.stats.imputation.rubins_rules import Quantity, pool
from pipeline.stats.imputation.sequential import sequential_means
from pipeline.stats.sites import BEYOND_SITES
from pipeline.stats.weighting.arm_means import ArmMeans, difference, risk_ratio
from pipeline.stats.weighting.effects import augmented_means
from tests.simulation.contrast_study import COVARIATES, Drawn, Scenario, draw, truth
from tests.simulation.tally import Found

INTERIM_NOISE = 3.0
LEVEL = 5.0  # interim scores around here are as likely measured later as not


@dataclass(frozen=True)
class Interim:
    """A contrast study with everyone's outcome (n,), an interim score (n,), and whether the outcome was measured
    (n,)."""

    people: Drawn
    outcome: np.ndarray
    interim: np.ndarray
    seen: np.ndarray


def draw_interim(scenario: Scenario, rng: np.random.Generator, worse: float = 0.0) -> Interim:
    """Those who do badly half-way are measured less; worse: points by which the unmeasured do worse than people like
    them."""
    people = draw(replace(scenario, observed=1.0, binary=False), rng)
    outcome = people.outcome.copy()
    interim = outcome + INTERIM_NOISE * rng.normal(size=len(outcome))
    seen = rng.random(len(outcome)) < expit(0.9 + 0.3 * (interim - LEVEL))
    outcome[~seen] -= worse
    return Interim(people, (outcome > 7).astype(float) if scenario.binary else outcome, interim, seen)


def imputed_means(drawn: Interim, binary: bool, method: str, rng: np.random.Generator) -> list[ArmMeans]:
    """The primary estimator on every completed table; the interim score helps to impute and is not adjusted for."""
    people = drawn.people
    table = np.column_stack([np.where(drawn.seen, drawn.outcome, np.nan), people.covariates, drawn.interim])
    kinds = ["flag" if binary else "number"] + ["number"] * (COVARIATES + 1)
    place = people.site if people.site.any() else None
    return [
        augmented_means(values[:, 0], people.arm, people.covariates, place, inference=method)
        for values in impute(table, people.arm, kinds, rng, site=people.site)
    ]


def pooled(means: list[ArmMeans], method: str, quantity: Quantity = "mean") -> Found:
    """Rubin's rules over the completed tables; the truth is filled in by the caller."""
    contrast = risk_ratio if quantity == "ratio" else difference
    each = [contrast(one) for one in means]
    df = means[0].df if method == "jackknife_sites" else np.inf
    together = pool(
        [one.estimate for one in each], [one.se for one in each], complete_df=df, quantity=quantity
    ).estimate
    return Found.of(together, np.nan)


def method_of(scenario: Scenario) -> str:
    return "jackknife_sites" if scenario.sites >= BEYOND_SITES else "person"


def replicate(scenario: Scenario, rng: np.random.Generator) -> dict[str, Found]:
    """One study: imputed, and beside it the observed alone weighted by covariates, which do not tell why they were
    measured."""
    drawn, method = draw_interim(scenario, rng), method_of(scenario)
    true = truth(replace(scenario, observed=0.65))
    means = imputed_means(drawn, scenario.binary, method, rng)
    return {"impute + pool": replace(pooled(means, method), truth=true)}


def sequential(scenario: Scenario, rng: np.random.Generator) -> dict[str, Found]:
    """The same study, the interim score standing in for those not measured."""
    drawn, method = draw_interim(scenario, rng), method_of(scenario)
    people = drawn.people
    [means] = sequential_means(
        np.where(drawn.seen, drawn.outcome, np.nan),
        people.arm,
        people.covariates,
        drawn.interim[:, None],
        people.site if people.site.any() else None,
        inference=method,
        own_slopes=True,
    )
    return {"sequential": Found.of(difference(means), truth(replace(scenario, observed=0.65)))}
