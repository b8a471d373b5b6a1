"""Like-for-like means of an outcome in two or more arms, with standard errors that include every model behind them."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from pipeline.errors import NotEstimable
from pipeline.stats.design import Floats, Integers
from pipeline.stats.resampling import Jackknife, arm_cluster_df, cluster_df, jackknife_places
from pipeline.stats.weighting.arm_means import ArmMeans
from pipeline.stats.weighting.estimating_equations import (
    Evaluation,
    Recipe,
    clustered_covariance,
    evaluate,
    influence,
    needed,
)
from pipeline.stats.weighting.nuisance import Nuisances, People, checked_people, fit_nuisances
from pipeline.stats.weighting.propensity import described
from pipeline.stats.weighting.without_sites import SiteSums, models_without, people_without, site_folds, site_sums

DOUBLY_ROBUST = ("combined", "treated")
INFERENCES = ("sandwich", "jackknife_sites", "person")
LEAST_OBSERVED = 5  # in each arm: of fewer people the spread says nothing


def augmented_means(
    outcome: ArrayLike,
    arm: ArrayLike,
    covariates: ArrayLike,
    site: ArrayLike | None = None,
    *,
    target: str = "overlap",
    inference: str = "sandwich",
    cluster: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    max_observation_weight: float = 10.0,
) -> ArmMeans:
    """The primary estimator: balancing and observation weights, augmented by an outcome regression in each arm.

    outcome     (n,) continuous or 0/1, nan where not observed
    arm         (n,) codes 0..k-1, k >= 2, every arm present
    covariates  (n, p) finite, without site and without intercept; every one enters all three models as it is
    site        (n,) codes; one intercept per site in the weight, observation and outcome models (sites with fewer than
                2 observed in some arm share one, with site means where they are many); None: a single site
    target      overlap, combined, treated:<arm>, matching or entropy; see propensity.balancing_weights
    inference   sandwich: stacked estimating equations clustered on site, or on cluster (n,), t with cluster_df;
                jackknife_sites: every model refitted without one site at a time, t with cluster_df;
                person: the same sandwich with people (or cluster) as the clusters, times n / (n - m) for m coefficients
                (of the outcome models; without them of the weight and observation models) and n observed people; with
                cluster, which then lies within arms, t with arm_cluster_df
    weights     (n,) probability weights; None: everyone once

    mean_a = sum h m_a / sum h + sum_{A=a,R=1} w (Y - m_a) / sum_{A=a,R=1} w,  w = h / (e_A max(pi,
    1/max_observation_weight)), h the tilt, e the probability of each arm, pi of being observed (logistic), m_a the
    linear regression of the outcome in arm a (a working model, for 0/1 outcomes too: where the weights are right the
    mean is right whatever m_a; nothing is clipped to 0..1). Missing at random given covariates, site and arm.
    For combined and treated the mean is right if either the weights or m are (*doubly robust*); elsewhere the target
    itself depends on the weight model and the estimator is called *augmented*.
    Robins, Rotnitzky & Zhao (1994) JASA 89:846; Mao, Li & Greene (2019) Stat Methods Med 28:2439.
    With fewer than ten people per site and arm, what sites have to do with level and outcome is only partly taken out
    (simulated bias 0.2 to 0.4 of a standard error): so sites count from ten observed in every arm
    (sites.choose_inference). Simulated bias, coverage and error of the first kind: tests/simulation/results.csv, cells
    *means* (weights alone and outcome models alone beside it). Raises NotEstimable where an input or a model
    does not support an estimate.
    """
    people = checked_people(outcome, arm, covariates, site, weights)
    return _estimated(people, [recipe_named("augmented", target)], inference, site, cluster, max_observation_weight)[0]


def several_means(
    outcome: ArrayLike,
    arm: ArrayLike,
    covariates: ArrayLike,
    site: ArrayLike | None = None,
    *,
    ways: Sequence[tuple[str, str]],
    inference: str = "sandwich",
    cluster: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    max_observation_weight: float = 10.0,
    own_slopes: bool = False,
) -> tuple[ArmMeans, ...]:
    """The same people by several estimators and targets, every model fitted once for all of them.

    ways        (estimator, target) each: augmented, weighted or outcome model; targets and all else as in
                augmented_means
    own_slopes  who is observed is modeled with slopes of each arm's own, where people suffice (missing.ENOUGH)

    weighted: mean_a = sum_{A=a,R=1} w Y / sum_{A=a,R=1} w. outcome model: mean_a = sum h m_a / sum h; the weight model
    still says who the target population is, observation weights are reported but not used. Each answer is what that way
    gives alone.
    """
    people = checked_people(outcome, arm, covariates, site, weights)
    recipes = [recipe_named(estimator, target) for estimator, target in ways]
    return _estimated(people, recipes, inference, site, cluster, max_observation_weight, own_slopes)


def recipe_named(estimator: str, target: str) -> Recipe:
    """The parts of an estimator by name.  Raises NotEstimable for a name that is none."""
    if estimator == "augmented":
        return Recipe("doubly robust" if target.split(":")[0] in DOUBLY_ROBUST else estimator, target, True, True)
    if estimator not in ("weighted", "outcome model"):
        raise NotEstimable("the estimator is unknown; use augmented, weighted or outcome model")
    return Recipe(estimator, target, estimator == "outcome model", estimator == "weighted")


def _estimated(
    people: People,
    recipes: Sequence[Recipe],
    inference: str,
    site: ArrayLike | None,
    cluster: ArrayLike | None,
    max_weight: float,
    own_slopes: bool = False,
) -> tuple[ArmMeans, ...]:
    if inference not in INFERENCES:
        raise NotEstimable(f"the inference is unknown; use one of {', '.join(INFERENCES)}")
    refuse_few(people)
    predicts = any(recipe.predicts for recipe in recipes)
    fitted = fit_nuisances(people, max_weight, outcome_models=predicts, own_slopes=own_slopes)
    parts = [needed(fitted, recipe) for recipe in recipes]
    found = [evaluate(people, models, recipe) for models, recipe in zip(parts, recipes, strict=True)]
    if inference == "jackknife_sites":
        left_out = partial(
            _left_out, people, fitted, recipes, max_weight, site_sums(people, fitted, site_folds(people))
        )
        jackknife = jackknife_places(left_out, people.site)
        own = [jackknife.part(slice(i * 2 * people.arms, (i + 1) * 2 * people.arms)) for i in range(len(recipes))]
        return tuple(
            described_means(people, models, recipe, at, inference, one.covariance, len(one.sites), one.df, one)
            for models, recipe, at, one in zip(parts, recipes, found, own, strict=True)
        )
    unit = cluster_units(people, site, cluster, inference)
    results = []
    for models, recipe, at in zip(parts, recipes, found, strict=True):
        joint, g, df = spread(people, models, influence(people, models, recipe, at), unit, inference)
        results.append(described_means(people, models, recipe, at, inference, joint, g, df))
    return tuple(results)


def refuse_few(people: People) -> None:
    """Raises NotEstimable where an arm has fewer than LEAST_OBSERVED people with the outcome to fit covariates to."""
    fewest = int(np.bincount(people.arm[people.observed], minlength=people.arms).min())
    if people.design.values.shape[1] > people.design.groups and 0 < fewest < LEAST_OBSERVED:
        raise NotEstimable(
            f"one arm has fewer than {LEAST_OBSERVED} people with the outcome; widen the study period or follow more of"
            " them up"
        )


def cluster_units(people: People, site: ArrayLike | None, cluster: ArrayLike | None, inference: str) -> Integers:
    """Who belongs together (n,): the clusters where given, else sites for the sandwich, else everybody alone."""
    if cluster is not None:
        return np.asarray(np.unique(np.asarray(cluster), return_inverse=True)[1], dtype=np.int64)
    return people.site if inference == "sandwich" and site is not None else np.arange(len(people.arm))


def spread(
    people: People, models: Nuisances, moved: Floats, unit: Integers, inference: str
) -> tuple[Floats, int, float]:
    """Covariance (m, m) of estimates from how much each person moves them (n, m), the clusters behind it, and its df.

    For people one by one, and for programs or therapists that lie within arms, with the factor of small_sample; for the
    latter t with arm_cluster_df, and (df + 1) / df in place of G / (G - 1).
    """
    joint, g = clustered_covariance(moved, unit)
    seen = people.observed
    if inference != "person":
        return joint, g, cluster_df(np.bincount(unit[seen]))
    joint = joint * small_sample(people, models)
    if g == len(unit):
        return joint, g, cluster_df(np.bincount(unit[seen]))
    df = arm_cluster_df(unit[seen], people.arm[seen])
    return joint * ((df + 1) / df * (g - 1) / g), g, df


def small_sample(people: People, models: Nuisances) -> float:
    """n / (n - m): influence is what m fitted coefficients leave over, and so too small by that much; at most 2.

    The outcome models' coefficients where there are such models, otherwise those of the weight and observation models.
    """
    n, m = float(people.observed.sum()), sum(len(model.coefficients) for model in models.outcome)
    if not models.outcome:
        watching = models.observation.model
        m = models.weight.fit.coefficients.size + (0 if watching is None else watching.fit.coefficients.size)
    return n / max(n - m, n / 2)


def _left_out(
    people: People, models: Nuisances, recipes: Sequence[Recipe], max_weight: float, sums: SiteSums, site: int
) -> Floats:
    """Means and unmeasured shares (2k for each recipe) without one site, every model fitted again."""
    again = models_without(people, models, sums, site, max_weight)
    if again is None:
        return _refitted(people, models, recipes, max_weight, sums.folds.others(site))
    part = people_without(people, site)
    found = [evaluate(part, needed(again, recipe), recipe) for recipe in recipes]
    return np.concatenate([values for at in found for values in (at.means, at.unmeasured)])


def _refitted(
    people: People, models: Nuisances, recipes: Sequence[Recipe], max_weight: float, rows: Integers
) -> Floats:
    """Means and unmeasured shares (2k for each recipe) of the people at these rows, every model fitted again."""
    part = people.rows(rows)
    if not np.bincount(part.arm, minlength=part.arms).all():
        raise NotEstimable("one arm has nobody in it; leave it out or widen the study period")
    again = fit_nuisances(part, max_weight, outcome_models=bool(models.outcome), start=models)
    found = [evaluate(part, needed(again, recipe), recipe) for recipe in recipes]
    return np.concatenate([values for at in found for values in (at.means, at.unmeasured)])


def described_means(
    people: People,
    models: Nuisances,
    recipe: Recipe,
    at: Evaluation,
    inference: str,
    joint: Floats,
    clusters: int,
    df: float,
    jackknife: Jackknife | None = None,
) -> ArmMeans:
    """The means of fitted models with their joint covariance (2k, 2k) of means and unmeasured shares, and all that
    describes them."""
    k, arm = people.arms, people.arm
    everyone = np.bincount(arm, minlength=k)
    propensity = described(models.weight, people.design)
    return ArmMeans(
        means=at.means,
        covariance=joint[:k, :k],
        df=df,
        unmeasured=at.unmeasured,
        joint_covariance=joint,
        n=everyone,
        n_observed=np.bincount(arm[people.observed], minlength=k),
        events=_events(people.outcome, people.observed, arm, k),
        ess=_ess(at.weights, arm, k),
        weights=at.weights,
        balancing=at.balancing,
        tilt=at.tilt,
        propensity=propensity,
        observed_probability=models.probability,
        truncated=np.bincount(arm, weights=models.cut, minlength=k) / everyone,
        target=recipe.target,
        estimator=recipe.name,
        inference=inference,
        clusters=clusters,
        replicates=None if jackknife is None else jackknife.replicates[:, :k],
        note="; ".join(filter(None, [models.note, models.outcome_note, propensity.note])),
    )


def _events(outcome: Floats, observed: np.ndarray, arm: Integers, arms: int) -> Integers | None:
    seen = outcome[observed]
    if not ((seen == 0) | (seen == 1)).all():
        return None
    return np.bincount(arm[observed], weights=seen, minlength=arms).astype(np.int64)


def _ess(weights: Floats, arm: Integers, arms: int) -> Floats:
    total, squares = (
        np.bincount(arm, weights=weights, minlength=arms),
        np.bincount(arm, weights=weights**2, minlength=arms),
    )
    return np.asarray(total**2 / squares, dtype=np.float64)
