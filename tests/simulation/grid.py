"""The cells of the simulation, most important first: who is asked, under what conditions, how often."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from zlib import crc32

import numpy as np

from pipeline.stats.robustness.noninferiority import required_n
from tests.simulation import contrast_study, endings_study, imputed_study
from tests.simulation.contrast_study import ESTIMATORS, Scenario
from tests.simulation.tally import MARGIN, Found, Study

REPLICATES = 2000
FEWER = 500  # beyond the grid of the specification, and for imputation, which fits every model forty times a study
SPREAD = 6.0  # of PHQ-9 improvement among people alike, as sample sizes are planned with
BALANCED, STRONG = 0.0, 1.0
FIXED_WEIGHTS = ("rmst_difference", "kaplan_meier")
CURVES = ("weighted_survival", "weighted_incidence", "weighted_rmst", "jackknife_limits")


@dataclass(frozen=True)
class Cell:
    """One condition: a scenario, the function that draws and answers a study of it, and the estimators it answers
    with."""

    family: str
    scenario: Scenario
    study: Callable[[Scenario, np.random.Generator], dict[str, Found]]
    estimators: tuple[str, ...]
    replicates: int = REPLICATES

    @property
    def name(self) -> str:
        s = self.scenario
        who = "every site" if s.every_site else "counted sites"
        words = [
            self.family,
            "yes or no" * s.binary,
            f"n {s.people}",
            f"{s.sites} site{'s' * (s.sites > 1)}",
            f"{s.arms} arms",
            "strong indication" if s.indication else "balanced",
            "complete" * (s.observed == 1),
            who * (s.sites > 1 and self.family == "means"),
        ]
        return ", ".join(filter(None, words))

    @property
    def seed(self) -> int:
        return crc32(self.name.encode())

    def asked(self, null: bool = False) -> Study:
        """Draws and answers one study, with or without any effect."""
        return partial(self.study, replace(self.scenario, null=null))


def null_of(replicates: int) -> int:
    """Half as many studies without any effect as with one, but not fewer than 500 of them."""
    return min(replicates, max(FEWER, replicates // 2))


def grid() -> list[Cell]:
    """Every cell that docs/statistics.md (Trust) asks for, and those added to it, most important first."""
    core = [
        means(Scenario(people, sites, arms, indication))
        for people in (500, 2000)
        for sites in (1, 6, 12, 60)
        for arms in (2, 3)
        for indication in (STRONG, BALANCED)
    ]
    core += [means(Scenario(200, 1, 2, indication, observed=1.0)) for indication in (STRONG, BALANCED)]
    power = [
        Cell(
            "power",
            Scenario(2 * required_n(SPREAD, MARGIN, power=power), 1, 2, BALANCED, observed=1.0, noise=SPREAD),
            contrast_study.replicate,
            ESTIMATORS[:1],
        )
        for power in (0.8, 0.9)
    ]
    every_site = [
        means(Scenario(people, sites, arms, STRONG, every_site=True), FEWER)
        for people, sites, arms in (
            (500, 60, 2),
            (500, 60, 3),
            (2000, 60, 2),
            (2000, 60, 3),
            (500, 12, 2),
            (500, 12, 3),
        )
    ]
    shares = [
        means(Scenario(people, sites, 2, indication, binary=True), FEWER)
        for people in (500, 2000)
        for sites in (1, 12)
        for indication in (STRONG, BALANCED)
    ]
    imputed = [
        Cell(
            "imputed",
            Scenario(500, sites, 2, STRONG, binary=binary),
            imputed_study.replicate,
            ("impute + pool",),
            FEWER,
        )
        for sites, binary in ((1, False), (1, True), (12, False))
    ]
    in_care = [
        Cell("in care", Scenario(people, sites, 2, STRONG), imputed_study.sequential, ("sequential",), FEWER)
        for people, sites in ((500, 1), (2000, 1), (500, 12))
    ]
    curves = [
        Cell(
            "curves",
            Scenario(people, sites, arms, indication),
            endings_study.replicate,
            FIXED_WEIGHTS if sites == 1 else CURVES,
            FEWER,
        )
        for people in (500, 2000)
        for sites in (1, 6, 12)
        for arms in (2, 3)
        for indication in (STRONG, BALANCED)
    ]
    large = [means(Scenario(6000, 60, arms, indication), FEWER) for arms in (2, 3) for indication in (STRONG, BALANCED)]
    beyond = sorted(
        [*power, *imputed[:2], *in_care, *shares, *every_site, *curves], key=lambda cell: cell.scenario.people >= 2000
    )
    return [*core, *beyond, *imputed[2:], *large]


def means(scenario: Scenario, replicates: int = REPLICATES) -> Cell:
    """Means by the three estimators on the same studies."""
    return Cell("means", scenario, contrast_study.replicate, ESTIMATORS, replicates)
