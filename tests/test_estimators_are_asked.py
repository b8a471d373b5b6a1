"""Use it or let it go: every name of stats is reached from a command or a page, or waits here with what will
ask for it."""

import pytest

from tests.reached import commands_and_pages, definitions, reached, trees

CURVES = "courses of staying (C4) where people lost before the day are kept, limits from leaving out each site"
HAZARDS = "the research page: courses of leaving that a Cox or Fine–Gray model says"
POOL = "pooling of sites that share no rows: "
CELLS = "an analysis of compressed cells: "
RARE = "the quality page: rare events, which a chart of shares cannot watch"
WAITING = {
    "association.wild_cluster.wild_cluster": "few sites, programs or therapists as the clusters of a comparison",
    "hazards.baseline_hazard.baseline_hazard": HAZARDS,
    "hazards.baseline_hazard.predicted_survival": HAZARDS,
    "hazards.cox.model_tests": HAZARDS,
    "hazards.discrete_time.discrete_time_hazard": "national discharge records, whose stays come in bins of days",
    "hazards.fine_gray.predicted_incidence": HAZARDS,
    "hazards.profiles.count_profile": POOL + "likelihood profiles of counts",
    "hazards.profiles.cox_profile": POOL + "likelihood profiles of hazard ratios",
    "hazards.profiles.log_ratio_grid": POOL + "the grid that all sites share",
    "hazards.profiles.pool_profiles": POOL + "one answer from their profiles",
    "hazards.visit_weights.visit_weights": "speed (C3): what makes one person be seen more often than another",
    "hazards.visit_weights.weighted_trajectory": "speed (C3): trajectories where the sicker are seen more often",
    "imputation.imputation.shifted": "those not measured: imputed scores that did worse than the models say",
    "monitoring.control_charts.u_prime": RARE,
    "monitoring.control_charts.xmr": RARE,
    "robustness.noninferiority.required_n": "the preflight: how many people would show *not worse*",
    "robustness.sensitivity.leave_one_site_out": POOL + "whether the answer rests on one of them",
    "time_in_care.incidence.incidence_curves": CELLS + "curves of every arm from one table",
    "time_in_care.restricted_mean.rmst_difference": CURVES,
    "time_in_care.time_to_first.first_time_difference": "speed (C3): who improved by a day, as one difference with limits",
    "time_in_care.weighted_curves.jackknife_limits": CURVES,
    "time_in_care.weighted_curves.weighted_rmst": CURVES,
    "time_in_care.weighted_curves.weighted_survival": CURVES,
    "weighting.categorical_propensity.categorical_propensity": CELLS
    + "the weight model where all covariates are categories",
    "weighting.effects.augmented_means": "the one-way form of several_means, by which the estimator is documented, simulated "
    "and held against its references",
    "weighting.cross_fitting.cross_fitted_means": "the specification curve: a row whose models never saw the person",
}


def names(listed):
    return [("pipeline.stats." + name.rpartition(".")[0], name.rpartition(".")[2]) for name in listed]


def test_every_name_of_stats_is_asked_or_waits_for_a_named_question():
    asked = reached([*commands_and_pages(), *names(WAITING)])
    idle = [
        f"{module}.{name}"
        for module in sorted(trees())
        if module.startswith("pipeline.stats.")
        for name in definitions(module)
        if name and (module, name) not in asked
    ]
    assert idle == [], "ask it from a question or a page, or take it out with its tests"


@pytest.mark.parametrize("waiting", sorted(WAITING))
def test_a_name_that_waits_exists_is_not_asked_yet_and_is_behind_no_other(waiting):
    [(module, name)] = names([waiting])
    assert name in definitions(module), "a reason outlives its function"
    assert (module, name) not in reached(commands_and_pages()), "it is asked now: take it off the list"
    others = reached(names(one for one in WAITING if one != waiting))
    assert (module, name) not in others, "the list is of what would be asked; this one comes with another"


def test_an_estimator_that_nobody_asks_is_found():
    assert ("pipeline.stats.association.wild_cluster", "wild_cluster") not in reached(commands_and_pages())
    assert ("pipeline.stats.weighting.effects", "several_means") in reached(commands_and_pages())
