"""One fitted comparison of arms: which people, which sites, which estimator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.analysis.covariates import CovariateDesign, design
from pipeline.errors import NotEstimable
from pipeline.stats.sites import SiteChoice, choose_inference
from pipeline.stats.weighting.arm_means import ArmMeans
from pipeline.stats.weighting.effects import augmented_means, several_means
from pipeline.stats.weighting.propensity import balancing_weights, multinomial_propensity
from pipeline.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.analysis.cohort import Question

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a contrast is made of, before any number is read from it.

    people    one row per person who could be asked, all sites
    arms      arm names; code of an arm = its place here, the reference first
    codes     (n,) arm codes
    site      (n,) site codes
    outcome   (n,) nan where not observed
    sites     which sites count and what they allow
    rows      (n,) True for the people the estimate rests on
    design    model columns of those people
    means     the estimator's answer; None where it could not be made
    failure   why it could not be made, with the remedy; empty where it could
    """

    people: pd.DataFrame
    arms: tuple[str, ...]
    codes: Array
    site: Array
    outcome: Array
    sites: SiteChoice
    rows: Array
    design: CovariateDesign
    means: ArmMeans | None
    failure: str

    @property
    def used_codes(self) -> Array:
        return self.codes[self.rows]

    @property
    def used_people(self) -> pd.DataFrame:
        return self.people[self.rows]


def fit(people: pd.DataFrame, arms: tuple[str, ...], study: Study, question: Question) -> Comparison:
    """Fits the primary estimator on the sites that count, with the inference their number allows.

    Raises NotEstimable where an arm has nobody to ask or nobody with the outcome.
    """
    codes = people["arm"].map({arm: code for code, arm in enumerate(arms)}).to_numpy(dtype=np.int64)
    outcome = people["outcome"].to_numpy(dtype=np.float64)
    for code, arm in enumerate(arms):
        if not np.isfinite(outcome[codes == code]).any():
            raise NotEstimable(f"nobody in {arm} has this outcome; collect it, or leave the arm out of the comparison")
    whole = design(people, study, question)
    site = np.unique(people["site"].to_numpy(dtype=str), return_inverse=True)[1]
    sites = choose_sites(site, codes, outcome, whole, study)
    rows = sites.rows if sites.separable else np.ones(len(people), dtype=bool)
    part = design(people[rows], study, question) if not rows.all() else whole
    comparison = Comparison(people, arms, codes, site, outcome, sites, rows, part, None, "")
    if not sites.separable:
        return comparison
    try:
        return replace(comparison, means=estimate(comparison, study, part.values))
    except NotEstimable as why:
        return replace(comparison, failure=str(why))


def choose_sites(site: Array, codes: Array, outcome: Array, whole: CovariateDesign, study: Study) -> SiteChoice:
    """Which sites count, judged with balancing weights from a model without site."""
    without_site = multinomial_propensity(whole.values, codes)
    weights = balancing_weights(without_site.probabilities, codes, coded_target(study.comparison.target, ())).weights
    return choose_inference(
        site,
        codes,
        np.isfinite(outcome),
        weights=weights,
        min_observed=study.gate.min_observed_per_site,
        min_shared_site_share=study.gate.min_shared_site_share,
    )


def estimate(
    comparison: Comparison,
    study: Study,
    covariates: Array,
    *,
    inference: str | None = None,
    max_observation_weight: float | None = None,
) -> ArmMeans:
    """The primary estimator on the people the contrast rests on."""
    rows = comparison.rows
    return augmented_means(
        comparison.outcome[rows],
        comparison.codes[rows],
        covariates,
        comparison.site[rows],
        target=coded_target(study.comparison.target, comparison.arms),
        inference=inference or comparison.sites.method,
        max_observation_weight=max_observation_weight or study.gate.max_observation_weight,
    )


def several(comparison: Comparison, study: Study, ways: Sequence[tuple[str, str]]) -> tuple[ArmMeans, ...]:
    """Other estimators and targets (by name) on the people the contrast rests on, every model fitted once for all."""
    rows = comparison.rows
    return several_means(
        comparison.outcome[rows],
        comparison.codes[rows],
        comparison.design.values,
        comparison.site[rows],
        ways=[(estimator, coded_target(target, comparison.arms)) for estimator, target in ways],
        inference=comparison.sites.method,
        max_observation_weight=study.gate.max_observation_weight,
    )


def coded_target(target: str, arms: tuple[str, ...]) -> str:
    """The study's target with an arm's code in place of its name; overlap where that arm is not compared here."""
    if not target.startswith("treated:"):
        return target
    arm = target.removeprefix("treated:")
    return f"treated:{arms.index(arm)}" if arm in arms else "overlap"


def named_target(target: str, arms: tuple[str, ...]) -> str:
    """The target as the results name it: the study's own, with its arm's name; overlap where that arm is not compared
    here."""
    return target if coded_target(target, arms).startswith("treated") else coded_target(target, arms)
