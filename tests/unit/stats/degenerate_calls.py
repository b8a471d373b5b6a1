"""One ordinary call of every estimator."""

import numpy as np

from pipeline.stats import (
    borrowing,
    estimate,
    meta_analysis,
    multiplicity,
    partial_pooling,
    proportions,
    sites,
    variance_share,
)
from pipeline.stats.association import association, composition, regression, wild_cluster
from pipeline.stats.change import effect_size
from pipeline.stats.cost import adjusted_cost, cost, cost_plane, two_part_cost
from pipeline.stats.hazards import (
    baseline_hazard,
    cox,
    discrete_time,
    fine_gray,
    hazard_ratio,
    profiles,
    proportionality,
    visit_weights,
)
from pipeline.stats.imputation import imputation, late_departures, rubins_rules, sequential, shown_departures
from pipeline.stats.monitoring import cluster_ratios, control_charts, funnel
from pipeline.stats.repeated_scores import fixed_effects, mixed_model, repeated_measures
from pipeline.stats.robustness import compatibility, noninferiority, sensitivity
from pipeline.stats.strategies import strategies, strategy_risks
from pipeline.stats.subgroups import heterogeneity
from pipeline.stats.time_in_care import (
    adjusted_stays,
    incidence,
    log_rank,
    restricted_mean,
    risk_table,
    survival,
    time_to_first,
    weighted_curves,
)
from pipeline.stats.weighting import (
    arm_means,
    balance,
    categorical_propensity,
    clusters,
    control_effects,
    cross_fitting,
    effects,
    missing,
    negative_controls,
    propensity,
)
from tests.unit.stats.degenerate_people import (
    ADJUSTED,
    AFTER,
    ARM,
    BEFORE,
    BINS,
    CAUSE,
    CHANCES,
    CONTROLS,
    COSTS,
    COUNTS,
    COVARIATES,
    CURVES,
    DAY,
    ENDED,
    ERROR,
    FINE,
    FOLLOWED,
    FUNNEL,
    HALF_MEASURED,
    HAPPENED,
    HAZARD,
    HOLED,
    IMPROVED,
    INTERVALS,
    MIXED,
    MOSTLY_MEASURED,
    OUTCOME,
    PAIRS,
    POINTS,
    PROFILE,
    REPEATED,
    ROW,
    SITE,
    SLOPES,
    STAY,
    TRADE,
    TWO_PARTS,
    TWO_SHARES,
    VISIT,
    WEIGHTED,
    WEIGHTS,
    WITHIN,
    Call,
    N,
    X,
    above_zero,
    first_times,
    fitted_curves,
    followed,
    imputed,
    means_without_each_site,
    of,
    scores_fit,
    two_first_times,
)

LENT = borrowing.Prior(mean=1.0, sd=0.9, weight=0.3, vague=8.5)
CALLS: dict[str, Call] = {
    "adjusted_cost.cost_and_effect": Call(adjusted_cost.cost_and_effect, ADJUSTED, {"ends": [90.0]}),
    "adjusted_cost.incremental_of": Call(
        of(adjusted_cost.cost_and_effect, adjusted_cost.incremental_of), ADJUSTED, {"ends": [90.0]}
    ),
    "adjusted_cost.cost_contrast": Call(
        of(adjusted_cost.cost_and_effect, adjusted_cost.cost_contrast), ADJUSTED, {"ends": [90.0]}
    ),
    "adjusted_cost.arm_cost": Call(
        of(adjusted_cost.cost_and_effect, lambda r: adjusted_cost.arm_cost(r, 0)), ADJUSTED, {"ends": [90.0]}
    ),
    "adjusted_stays.adjusted_stays": Call(
        of(adjusted_stays.adjusted_stays, lambda s: s.weighed.balancing), {**CURVES, "covariates": X, "site": SITE}
    ),
    "adjusted_stays.still_there": Call(
        of(adjusted_stays.adjusted_stays, lambda s: adjusted_stays.still_there(s, 0, 5)),
        {**CURVES, "covariates": X, "site": SITE},
    ),
    "adjusted_stays.course_test": Call(
        of(adjusted_stays.adjusted_stays, adjusted_stays.course_test), {**CURVES, "covariates": X, "site": SITE}
    ),
    "arm_means.arm_mean": Call(of(effects.augmented_means, lambda r: arm_means.arm_mean(r, 0)), WEIGHTED),
    "arm_means.difference": Call(of(effects.augmented_means, arm_means.difference), WEIGHTED),
    "arm_means.risk_ratio": Call(of(effects.augmented_means, arm_means.risk_ratio), WEIGHTED),
    "association.rank_correlation": Call(
        association.rank_correlation, {"first": BEFORE, "second": AFTER, "cluster": SITE}
    ),
    "association.within_between": Call(
        association.within_between, {"outcome": OUTCOME, "exposure": X[:, 0], "group": SITE, "covariates": X[:, 1:]}
    ),
    "effects.augmented_means": Call(effects.augmented_means, WEIGHTED),
    "effects.several_means": Call(
        effects.several_means, WEIGHTED, {"ways": [("augmented", "overlap"), ("weighted", "combined")]}
    ),
    "balance.balance": Call(balance.balance, COVARIATES, {"names": ["a", "b"]}),
    "balance.second_order_balance": Call(balance.second_order_balance, COVARIATES, {"names": ["a", "b"]}),
    "balance.overlap_report": Call(balance.overlap_report, {"probability": CHANCES, "arm": ARM, "weights": WEIGHTS}),
    "balance.effective_sample": Call(balance.effective_sample, {"weights": WEIGHTS, "arm": ARM}),
    "baseline_hazard.baseline_hazard": Call(of(cox.cox, baseline_hazard.baseline_hazard), HAZARD),
    "baseline_hazard.predicted_survival": Call(
        of(cox.cox, lambda f: baseline_hazard.predicted_survival(f, X[0])), HAZARD
    ),
    "categorical_propensity.categorical_propensity": Call(
        categorical_propensity.categorical_propensity, {"levels": (X > 0).astype(int), "arm": ARM, "weights": WEIGHTS}
    ),
    "control_charts.xmr": Call(control_charts.xmr, {"values": np.array([5.0, 6, 4, 7, 5, 6])}),
    "control_charts.p_prime": Call(control_charts.p_prime, POINTS),
    "control_charts.u_prime": Call(control_charts.u_prime, COUNTS),
    "control_charts.runs_signals": Call(
        control_charts.runs_signals, {"values": np.array([5.0, 6, 4, 7, 5, 6])}, {"center": 5.5}
    ),
    "cluster_ratios.ratio_bootstrap": Call(
        lambda counts, exposure: cluster_ratios.ratio_bootstrap(counts, exposure, 40, np.random.default_rng(1)),
        {name: values[:, None] for name, values in COUNTS.items()},
    ),
    "composition.closed": Call(composition.closed, {"parts": CHANCES}),
    "composition.replace_zeros": Call(composition.replace_zeros, {"parts": CHANCES}, {"share": 0.01}),
    "composition.isometric_log_ratio": Call(composition.isometric_log_ratio, {"shares": CHANCES}),
    "control_effects.control_effects": Call(
        lambda outcomes, **rest: control_effects.control_effects(np.asarray(outcomes)[:, None], **rest),
        {"outcomes": HAPPENED, "arm": ARM, "weights": WEIGHTS},
    ),
    "cost.mean_cost": Call(cost.mean_cost, {**COSTS, "weights": WEIGHTS}, {"horizon": 90.0}),
    "cost.incremental": Call(cost.incremental, {}, TRADE),
    "cost.net_monetary_benefit": Call(of(cost.incremental, lambda r: cost.net_monetary_benefit(r, 1000)), {}, TRADE),
    "cost.acceptability_curve": Call(of(cost.incremental, lambda r: cost.acceptability_curve(r, [0, 1000])), {}, TRADE),
    "cost_plane.cost_plane": Call(of(cost.incremental, cost_plane.cost_plane), {}, {**TRADE, "df": 11.0}),
    "cox.cox": Call(cox.cox, {**HAZARD, "weights": WEIGHTS}, {"kind": "probability"}),
    "cox.model_tests": Call(of(cox.cox, cox.model_tests), HAZARD),
    "cross_fitting.cross_fitted_means": Call(
        lambda **data: cross_fitting.cross_fitted_means(**data, rng=np.random.default_rng(1)), WEIGHTED
    ),
    "discrete_time.discrete_time_hazard": Call(
        discrete_time.discrete_time_hazard, {**BINS, "weights": WEIGHTS}, {"kind": "probability"}
    ),
    "effect_size.severity_adjusted_effect_size": Call(
        effect_size.severity_adjusted_effect_size,
        PAIRS,
        {"reference": effect_size.ReferenceRegression(2.0, 0.6, 5.5, "a source")},
    ),
    "estimate.wald": Call(estimate.wald, {}, {"estimate": 1.0, "se": 0.5, "df": 11.0}),
    "fine_gray.fine_gray": Call(fine_gray.fine_gray, {**FINE, "weights": WEIGHTS}, {"kind": "probability"}),
    "fine_gray.predicted_incidence": Call(
        of(fine_gray.fine_gray, lambda f: fine_gray.predicted_incidence(f, X[0])), FINE
    ),
    "fixed_effects.contrast": Call(of(scores_fit, lambda f: fixed_effects.contrast(f, ROW)), MIXED),
    "fixed_effects.slope_contrast": Call(of(scores_fit, lambda f: fixed_effects.slope_contrast(f, *SLOPES, 2)), MIXED),
    "funnel.funnel": Call(funnel.funnel, FUNNEL),
    "funnel.overdispersion": Call(funnel.overdispersion, {"z": np.linspace(-3, 3, 12), "s": np.full(12, 0.05)}),
    "hazard_ratio.hazard_ratio": Call(of(cox.cox, lambda f: hazard_ratio.hazard_ratio(f, 0)), HAZARD),
    "heterogeneity.subgroup_effects": Call(heterogeneity.subgroup_effects, {**WEIGHTED, "stratum": np.arange(N) % 2}),
    "heterogeneity.effect_curve": Call(heterogeneity.effect_curve, {**WEIGHTED, "severity": X[:, 0]}, {"at": [0.0]}),
    "imputation.shifted": Call(of(imputed, lambda t: imputation.shifted(t, 0, ARM, [0, 1])), HOLED),
    "imputation.impute": Call(imputed, HOLED),
    "incidence.aalen_johansen": Call(
        incidence.aalen_johansen, {"day": DAY, "cause": CAUSE, "weights": WEIGHTS}, {"kind": "probability"}
    ),
    "incidence.incidence_curves": Call(fitted_curves, {"day": DAY, "state": CAUSE, "arm": ARM}),
    "incidence.incidence_at": Call(
        of(incidence.aalen_johansen, lambda c: incidence.incidence_at(c, [5])), {"day": DAY, "cause": CAUSE}
    ),
    "log_rank.log_rank": Call(log_rank.log_rank, {**STAY, "arm": ARM}),
    "log_rank.log_rank_of": Call(
        of(risk_table.risk_table, log_rank.log_rank_of), {"day": DAY, "state": ENDED, "arm": ARM}
    ),
    "log_rank.gray_test": Call(log_rank.gray_test, {"day": DAY, "cause": CAUSE, "arm": ARM}),
    "missing.observation_weights": Call(
        missing.observation_weights, {"covariates": X, "arm": ARM, "observed": OUTCOME > 1}
    ),
    "missing.delta_adjust": Call(of(effects.augmented_means, lambda r: missing.delta_adjust(r, [0, 1])), WEIGHTED),
    "mixed_model.mixed_model": Call(mixed_model.mixed_model, MIXED),
    "missing.stands": Call(
        of(effects.augmented_means, lambda r: missing.stands(r, above_zero, [[0.0, 1.0]])), WEIGHTED
    ),
    "missing.tipping_point": Call(
        of(effects.augmented_means, lambda r: missing.tipping_point(r, above_zero)), WEIGHTED
    ),
    "multiplicity.simultaneous_limits": Call(
        multiplicity.simultaneous_limits,
        {},
        {"estimates": np.array([1.0, 2]), "covariance": np.array([[0.5, 0.1], [0.1, 0.4]])},
    ),
    "multiplicity.benjamini_hochberg": Call(multiplicity.benjamini_hochberg, {"p": np.array([0.01, 0.04, 0.03])}),
    "negative_controls.systematic_error": Call(negative_controls.systematic_error, CONTROLS),
    "negative_controls.calibrate": Call(negative_controls.calibrate, {}, {"estimate": 0.4, "se": 0.1, "error": ERROR}),
    "negative_controls.expected_absolute_systematic_error": Call(
        of(negative_controls.systematic_error, negative_controls.expected_absolute_systematic_error), CONTROLS
    ),
    "noninferiority.judge": Call(noninferiority.judge, {}, {"low": -0.4, "high": 1.2, "margin": 1.0}),
    "noninferiority.required_n": Call(noninferiority.required_n, {}, {"sd": 6.0, "margin": 1.0}),
    "noninferiority.detectable_difference": Call(noninferiority.detectable_difference, {}, {"se": 0.4, "df": 11.0}),
    "borrowing.predictive_prior": Call(
        borrowing.predictive_prior,
        {},
        {"estimates": [1.0], "standard_errors": [0.4], "apart": 0.6, "weight": 0.3, "vague": 8.5},
    ),
    "borrowing.borrowed": Call(borrowing.borrowed, {}, {"estimate": 0.5, "se": 1.0, "prior": LENT}),
    "compatibility.ruled_out": Call(compatibility.ruled_out, {}, {"low": -0.4, "high": 1.2}),
    "compatibility.narrower": Call(compatibility.narrower, {}, {"half_width": 2.4, "margin": 1.0}),
    "compatibility.more_people": Call(
        compatibility.more_people, {}, {"measured": 120.0, "half_width": 2.4, "target": 1.0}
    ),
    "rubins_rules.pool": Call(rubins_rules.pool, CONTROLS, {"complete_df": 11.0}),
    "rubins_rules.barnard_rubin": Call(
        rubins_rules.barnard_rubin, {}, {"m": 40, "share_between": 0.3, "complete_df": 11.0}
    ),
    "meta_analysis.random_effects": Call(meta_analysis.random_effects, CONTROLS),
    "meta_analysis.prediction_interval": Call(
        of(meta_analysis.random_effects, meta_analysis.prediction_interval), CONTROLS
    ),
    "partial_pooling.pooled_shares": Call(
        partial_pooling.pooled_shares, {"events": np.arange(12), "people": np.full(12, 20)}
    ),
    "partial_pooling.partially_pooled": Call(partial_pooling.partially_pooled, CONTROLS),
    "profiles.count_profile": Call(
        profiles.count_profile,
        {**PROFILE, "covariates": X},
        {"grid": profiles.log_ratio_grid(points=21), "family": "logistic"},
    ),
    "profiles.cox_profile": Call(
        profiles.cox_profile, {**STAY, "exposed": ARM, "covariates": X}, {"grid": profiles.log_ratio_grid(points=21)}
    ),
    "profiles.pool_profiles": Call(
        of(profiles.cox_profile, lambda p: profiles.pool_profiles([p])),
        {**STAY, "exposed": ARM},
        {"grid": profiles.log_ratio_grid()},
    ),
    "propensity.multinomial_propensity": Call(propensity.multinomial_propensity, COVARIATES),
    "propensity.balancing_weights": Call(propensity.balancing_weights, {"probability": CHANCES, "arm": ARM}),
    "proportionality.proportional_hazards_test": Call(of(cox.cox, proportionality.proportional_hazards_test), HAZARD),
    "proportions.wilson": Call(proportions.wilson, {}, {"events": 12, "n": 40}),
    "proportions.newcombe_difference": Call(proportions.newcombe_difference, {}, TWO_SHARES),
    "proportions.exact_share": Call(proportions.exact_share, {}, {"events": 12, "n": 40}),
    "regression.clustered_regression": Call(
        regression.clustered_regression, {"outcome": OUTCOME, "columns": X, "cluster": SITE, "weights": WEIGHTS}
    ),
    "regression.coefficient": Call(
        of(regression.clustered_regression, lambda f: regression.coefficient(f, 1)),
        {"outcome": OUTCOME, "columns": X, "cluster": SITE},
    ),
    "regression.joint_test": Call(
        regression.joint_test,
        {},
        {"estimates": np.array([1.0, 2]), "covariance": np.array([[0.5, 0.1], [0.1, 0.4]]), "df": 11.0},
    ),
    "repeated_measures.repeated_measures": Call(repeated_measures.repeated_measures, {**REPEATED, "visit": VISIT}),
    "resampling.jackknife_sites": Call(means_without_each_site, {"outcome": OUTCOME, "site": SITE}),
    "restricted_mean.restricted_mean_survival": Call(
        restricted_mean.restricted_mean_survival, {**STAY, "weights": WEIGHTS}, {"until": 30.0, "kind": "probability"}
    ),
    "restricted_mean.rmst_difference": Call(
        restricted_mean.rmst_difference, CURVES, {"until": 30.0, "kind": "probability"}
    ),
    "risk_table.risk_table": Call(
        risk_table.risk_table, {"day": DAY, "state": CAUSE, "arm": ARM, "weights": WEIGHTS}, {"kind": "probability"}
    ),
    "sensitivity.e_value": Call(sensitivity.e_value, {}, {"estimate": 1.8, "low": 1.2, "high": 2.7}),
    "sensitivity.e_value_to_margin": Call(sensitivity.e_value_to_margin, {}, {"limit": -0.4, "margin": 1.0, "sd": 5.0}),
    "sensitivity.strongest_measured": Call(
        sensitivity.strongest_measured, {"without": np.array([1.5, 1.9])}, {"full": 1.8}
    ),
    "sensitivity.leave_one_site_out": Call(
        lambda site: sensitivity.leave_one_site_out(lambda own: X[own].mean(axis=0), site), {"site": SITE}
    ),
    "clusters.choose_clusters": Call(
        lambda labels, site, arm, observed: clusters.choose_clusters(
            [clusters.Grouping("therapists", labels)], site, arm, observed
        ),
        {"labels": SITE, "site": SITE * 0, "arm": ARM, "observed": OUTCOME > 1},
    ),
    "clusters.shared_variance": Call(
        clusters.shared_variance, {"outcome": OUTCOME, "arm": ARM, "cluster": SITE, "covariates": X}
    ),
    "variance_share.share_between": Call(
        variance_share.share_between,
        {"outcome": OUTCOME, "cluster": np.arange(len(SITE)) % 12, "place": SITE * 0, "covariates": X},
    ),
    "sequential.sequential_means": Call(
        of(sequential.sequential_means, lambda found: found[0]), {**HALF_MEASURED, "weights": WEIGHTS}
    ),
    "late_departures.late_departures": Call(late_departures.late_departures, MOSTLY_MEASURED),
    "shown_departures.shown_departures": Call(shown_departures.shown_departures, HALF_MEASURED),
    "sites.choose_inference": Call(
        sites.choose_inference, {"site": SITE, "arm": ARM, "observed": OUTCOME > 1, "weights": WEIGHTS}
    ),
    "strategies.clone_censor_weight": Call(strategies.clone_censor_weight, FOLLOWED, WITHIN),
    "strategies.landmark": Call(
        of(strategies.landmark, lambda f: (f.incidence, f.ess)), FOLLOWED, {"at": 13, "horizon": 30}
    ),
    "strategy_risks.risk": Call(of(followed, lambda f: strategy_risks.risk(f, 1, 30)), FOLLOWED, WITHIN),
    "strategy_risks.risk_difference": Call(
        of(followed, lambda f: strategy_risks.risk_difference(f, 30)), FOLLOWED, WITHIN
    ),
    "strategy_risks.risk_ratio": Call(of(followed, lambda f: strategy_risks.risk_ratio(f, 30)), FOLLOWED, WITHIN),
    "strategy_risks.incidence_se": Call(of(followed, strategy_risks.incidence_se), FOLLOWED, WITHIN),
    "survival.kaplan_meier": Call(survival.kaplan_meier, {**STAY, "weights": WEIGHTS}, {"kind": "probability"}),
    "survival.survival_curves": Call(
        of(risk_table.risk_table, survival.survival_curves), {"day": DAY, "state": ENDED, "arm": ARM}
    ),
    "survival.at": Call(of(survival.kaplan_meier, lambda c: survival.at(c, [5])), STAY),
    "survival.median_day": Call(of(survival.kaplan_meier, survival.median_day), STAY),
    "time_to_first.first_confirmed": Call(time_to_first.first_confirmed, {"improved": IMPROVED}),
    "time_to_first.first_time_incidence": Call(first_times, {"improved": IMPROVED, "weights": WEIGHTS}),
    "time_to_first.first_time_difference": Call(two_first_times, {"improved": IMPROVED, "arm": ARM}),
    "two_part_cost.two_part_difference": Call(two_part_cost.two_part_difference, TWO_PARTS),
    "visit_weights.visit_weights": Call(
        of(visit_weights.visit_weights, lambda w: (w.largest, w.effective_visits)), INTERVALS
    ),
    "visit_weights.weighted_trajectory": Call(visit_weights.weighted_trajectory, {**REPEATED, "weights": WEIGHTS}),
    "weighted_curves.weighted_survival": Call(weighted_curves.weighted_survival, CURVES, {"days": [5]}),
    "weighted_curves.weighted_incidence": Call(
        weighted_curves.weighted_incidence, {"day": DAY, "cause": CAUSE, "arm": ARM, "weights": WEIGHTS}, {"days": [5]}
    ),
    "weighted_curves.weighted_rmst": Call(weighted_curves.weighted_rmst, CURVES, {"until": 5.0}),
    "weighted_curves.jackknife_limits": Call(
        weighted_curves.jackknife_limits,
        {},
        {"estimate": np.array([0.5]), "replicates": np.array([[0.45], [0.5], [0.58]])},
    ),
    "wild_cluster.wild_cluster": Call(
        lambda outcome, covariates, cluster: wild_cluster.wild_cluster(
            outcome, covariates, cluster, draws=99, level=0.5, rng=np.random.default_rng(1)
        ),
        {"outcome": OUTCOME, "covariates": X, "cluster": np.arange(N) % 8},
    ),
}
