"""A comparison of arms as it is set up and fitted: which people, which sites, which estimator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.comparison.interim import interim_columns
from pipeline.analysis.comparison.sharing import bounds, clusters_of
from pipeline.analysis.contrasts import Endpoint
from pipeline.analysis.covariates import CovariateDesign, design
from pipeline.analysis.frames import text_places
from pipeline.errors import NotEstimable
from pipeline.stats.imputation.sequential import sequential_means
from pipeline.stats.sites import SiteChoice, choose_inference, within_small_sites
from pipeline.stats.weighting.arm_means import ArmMeans
from pipeline.stats.weighting.clusters import Clusters
from pipeline.stats.weighting.effects import several_means
from pipeline.stats.weighting.propensity import balancing_weights, multinomial_propensity
from pipeline.study import Study

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
PLENTY = 2  # times the least number measured: with so many, small sites can be left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a contrast is made of, fitted or not.

    people    one row per person who could be asked, all sites
    arms      arm names; code of an arm = its place here, the reference first
    codes     (n,) arm codes
    site      (n,) site codes
    outcome   (n,) nan where not observed
    sites     which sites count and what they allow
    rows      (n,) True for the people the estimate rests on
    clusters  who of those people belong together where sites are too few to be counted
    used_people  those people's rows
    design    model columns of those people
    interim   (m, q) what became of those people between the start and the outcome, where it stands in for the
              unmeasured; None where it does not
    """

    people: pd.DataFrame
    arms: tuple[str, ...]
    codes: Array
    site: Array
    outcome: Array
    sites: SiteChoice
    rows: Array
    used_people: pd.DataFrame
    clusters: Clusters
    design: CovariateDesign
    interim: Array | None = None

    @property
    def holds(self) -> str:
        """What bounds where the answer holds, and whom its limits count; empty where that is sites."""
        return bounds(self.sites, self.clusters, self.arms)

    @property
    def used_codes(self) -> Array:
        used: Array = self.codes[self.rows]
        return used


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted(Comparison):
    """A comparison with the estimator's answer."""

    means: ArmMeans

    @property
    def chances(self) -> Array:
        """(n, k) each used person's chance of each arm, by the model that the weights come from."""
        return self.means.propensity.probabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfitted(Comparison):
    """A comparison whose estimate could not be made: why, with the remedy; empty where the sites already tell."""

    failure: str

    @property
    def reason(self) -> str:
        return self.failure or self.holds


def start_sd(comparison: Comparison) -> float:
    """SD of the score at the start over everybody compared, nan where it is unknown: the later one is affected by
    treatment."""
    here = comparison.used_people
    if "baseline_score" not in here or here["baseline_score"].notna().sum() < 2:
        return float("nan")
    return float(np.nanstd(here["baseline_score"].astype("float64").to_numpy(), ddof=1))


def fit(
    people: pd.DataFrame,
    arms: tuple[str, ...],
    study: Study,
    endpoint: Endpoint,
    *,
    inference: str | None = None,
    read: Callable[[Comparison], bool] = lambda _: True,
) -> Fitted | Unfitted:
    """Fits the primary estimator on the sites that count, with the inference their number allows, or the one given.

    read: whether anybody may read the answer; where nobody may, only its weights are made.
    Raises NotEstimable where an arm has nobody to ask or nobody with the outcome.
    """
    codes = people["arm"].map({arm: code for code, arm in enumerate(arms)}).to_numpy(dtype=np.int64)
    outcome = people["outcome"].to_numpy(dtype=np.float64)
    for code, arm in enumerate(arms):
        if not np.isfinite(outcome[codes == code]).any():
            raise NotEstimable(f"nobody in {arm} has this outcome; collect it, or leave the arm out of the comparison")
    whole = design(people, study, endpoint)
    _, site = text_places(people["site"])
    sites = choose_sites(site, codes, outcome, whole, study)
    rows = sites.rows if sites.separable else np.ones(len(people), dtype=bool)
    used = people if rows.all() else people[rows]
    part = whole if rows.all() else design(used, study, endpoint)
    made: dict[str, Any] = {
        "people": people,
        "arms": arms,
        "codes": codes,
        "site": site,
        "outcome": outcome,
        "sites": sites,
        "rows": rows,
        "used_people": used,
        "clusters": clusters_of(used, codes[rows], site[rows], outcome[rows], sites, study),
        "design": part,
        "interim": interim_columns(
            used, codes[rows], outcome[rows], study.comparison.interim_share, part.values.shape[1]
        ),
    }
    if not sites.separable:
        return Unfitted(**made, failure="")
    comparison = Comparison(**made)
    try:
        if read(comparison):
            means = estimate(comparison, study, part.values, inference=inference)
        else:
            means = only_weighted(comparison, study)
    except NotEstimable as why:
        return Unfitted(**made, failure=str(why))
    return Fitted(**made, means=means)


def choose_sites(site: Array, codes: Array, outcome: Array, whole: CovariateDesign, study: Study) -> SiteChoice:
    """Which sites count, judged with balancing weights from a model without site; where those that do hold few measured
    people, smaller ones too."""
    without_site = multinomial_propensity(whole.values, codes)
    weights = balancing_weights(without_site.probabilities, codes, coded_target(study.comparison.target, ())).weights
    seen, gate = np.isfinite(outcome), study.gate
    asked = partial(
        choose_inference,
        site,
        codes,
        seen,
        weights=weights,
        min_shared_site_share=gate.min_shared_site_share,
        min_sites=gate.min_sites,
    )
    chosen = asked(min_observed=gate.min_observed_per_site)
    measured = np.bincount(codes[seen & chosen.rows], minlength=int(codes.max()) + 1)
    if chosen.separable and measured.min() >= PLENTY * gate.min_observed:
        return chosen
    least = min(gate.min_observed_per_small_site, gate.min_observed_per_site)
    smaller = asked(min_observed=least)
    gained = smaller.separable and len(smaller.sites) > len(chosen.sites)
    return within_small_sites(smaller, least) if gained else chosen


def estimate(
    comparison: Comparison,
    study: Study,
    covariates: Array,
    *,
    inference: str | None = None,
    max_observation_weight: float | None = None,
) -> ArmMeans:
    """The primary estimator on the people the contrast rests on; what became of them before the outcome stands in for
    those not measured, where the comparison has it."""
    way = ("augmented", coded_target(study.comparison.target, comparison.arms))
    how = inference or comparison.sites.method
    return averaged(comparison, covariates, [way], how, max_observation_weight or study.gate.max_observation_weight)[0]


def only_weighted(comparison: Comparison, study: Study) -> ArmMeans:
    """The same weights without a model of the outcome and with nobody left out in turn: for what is looked at when the
    answer is not read."""
    method = comparison.sites.method
    ways = [("weighted", coded_target(study.comparison.target, comparison.arms))]
    inference = "sandwich" if method == "jackknife_sites" else method
    return averaged(comparison, comparison.design.values, ways, inference, study.gate.max_observation_weight)[0]


def averaged(
    comparison: Comparison, covariates: Array, ways: Sequence[tuple[str, str]], inference: str, bound: float
) -> tuple[ArmMeans, ...]:
    """The means of the used people by each of these ways, every model fitted once for all."""
    rows, interim = comparison.rows, comparison.interim
    made = several_means if interim is None else partial(sequential_means, later=interim)
    return made(
        comparison.outcome[rows],
        comparison.codes[rows],
        covariates,
        site=comparison.site[rows],
        ways=ways,
        inference=inference,
        cluster=comparison.clusters.codes,
        max_observation_weight=bound,
        own_slopes=True,
    )


def several(comparison: Comparison, study: Study, ways: Sequence[tuple[str, str]]) -> tuple[ArmMeans, ...]:
    """Other estimators and targets (by name) on the people the contrast rests on, every model fitted once for all."""
    named = [(estimator, coded_target(target, comparison.arms)) for estimator, target in ways]
    bound = study.gate.max_observation_weight
    return averaged(comparison, comparison.design.values, named, comparison.sites.method, bound)


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


def whom(target: str, arms: tuple[str, ...], overlap: str) -> str:
    """Whom the answer is about, by target; overlap where the named arm is not among these."""
    if target.startswith("treated:") and target.removeprefix("treated:") in arms:
        return f"people like those who started in {target.removeprefix('treated:')}"
    everybody = {
        "combined": f"everybody who started in {', '.join(arms)}",
        "matching": f"people with a match among {', '.join(arms)}",
    }
    return everybody.get(target, overlap)
