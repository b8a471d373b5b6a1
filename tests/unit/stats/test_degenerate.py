"""Every estimator on every kind of degenerate input: a documented answer, or a refusal that names the remedy, never a
silent NaN.

The answers stand in degenerate.csv, one row per estimator and case; after a change of meaning it is written anew by
python -m tests.unit.stats.test_degenerate, and the difference is read before it is committed.
"""

import ast
import csv
import warnings
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from tests.unit.stats.degenerate_calls import CALLS
from tests.unit.stats.degenerate_cases import CASES, degenerate

TABLE = Path(__file__).with_name("degenerate.csv")
STATS = Path(__file__).parents[3] / "pipeline" / "stats"
HEADLINES = {
    "estimate",
    "estimates",
    "means",
    "coefficients",
    "incidence",
    "log_ratio",
    "chi_square",
    "probabilities",
    "drawn",
    "share",
}
SAME = 1e-5  # answers are written with six digits; bootstrap and imputation have their seed

# Fields that may hold nan although something was estimated, as the docstrings of their classes say.
SAID_TO_BE_NAN = {
    "se",
    "p",  # score, exact and Rubin's survival limits have neither
    "low",
    "high",  # pointwise limits of curves where the curve is 0 or 1, or the bound lies outside
    "ratio_before",
    "ratio_after",  # two-valued columns, squares and products
    "sigma_z",
    "moving_range_limit",  # of the other kinds of chart
    "q",
    "q_p",  # one site
    "values",
    "person",  # people's own missing values, handed back
    "crude",
    "log_ratio",  # controls with too few events
}
ALSO_NAN = {
    "time_to_first.first_time_incidence": {"estimate", "influence"}
}  # at marks after which nobody was looked at
NEVER_NAN = {"proportions.wilson": {"low", "high"}}

# Modules that only estimators call, with input those have checked.
MACHINERY = {
    "between_site_variance": "the variance between sites behind pooling and negative_controls",
    "clones": "what strategies does with its people",
    "common_support": "what heterogeneity asks of a stratum",
    "covariance_likelihood": "the likelihood behind mixed_model and repeated_measures",
    "cox_robust": "the sandwich of cox",
    "design": "the checks themselves, tested through every estimator that calls them",
    "fold_models": "the models of cross_fitting",
    "imputation_draws": "the draws of impute",
    "influence": "the influences of curves",
    "multinomial": "the fit of propensity",
    "hazard_newton": "the maximizer of hazard models",
    "nuisance": "the models of effects",
    "once": "what finds an earlier fit again",
    "fitting": "the way of cox and fine_gray to their maximum",
    "follow_up": "the checks of follow-up",
    "partial_likelihood": "the likelihood of cox",
    "patient_moments": "the sums of mixed_model",
    "pooled_logistic": "the hazard of strategies",
    "conditional_effects": "the projection of heterogeneity",
    "risk_sets": "the risk sets of cox",
    "repeated_scores": "the checks of mixed_model and repeated_measures",
    "separation": "the proof that arms are separated, in the fit of propensity",
    "sorted_rows": "the sums of hazard models",
    "spline": "the columns of effect_curve",
    "estimating_equations": "the equations of effects",
    "subdistribution": "the likelihood of fine_gray",
    "standard_scores": "the scales of mixed_model and repeated_measures",
    "without_sites": "the models of effects and sequential without each site",
    "visit_patterns": "the sums of repeated_measures",
}
PARTS = {
    "borrowing.errors_at": "of a prior and a standard error that are checked",
    "borrowing.parts": "of a prior and a standard error that are checked",
    "borrowing.quantile": "of a posterior that is made",
    "borrowing.safe_weight": "of a prior and a standard error that are checked",
    "borrowing.truths_around": "of a prior and a standard error that are checked",
    "borrowing.worst_error": "of a prior and a standard error that are checked",
    "chance.largest_by_chance": "a quantile of a distribution",
    "chance.largest_person_share": "of an effective sample that balance has made",
    "chance.share_gap_by_chance": "of shares and sizes that are counted",
    "chance.smd_error": "of effective samples that balance has made",
    "chance.variance_ratio_by_chance": "of effective samples that balance has made",
    "compatibility.round_below": "of a width that is checked",
    "composition.per_doubling": "a closed form of a number of parts",
    "effects.cluster_units": "of checked people",
    "effects.described_means": "of fitted models",
    "effects.recipe_named": "names of estimators",
    "effects.refuse_few": "of checked people",
    "effects.spread": "of influences that are made",
    "effects.small_sample": "a factor from models that are fitted",
    "estimate.critical_value": "a quantile of a distribution",
    "fixed_effects.fixed_columns": "columns that mixed_model has checked",
    "incidence.aalen_variance": "of a table that is checked",
    "incidence.point_incidence": "of a table that is checked",
    "log_rank.quadratic_form": "of scores that log_rank has made",
    "missing.departures": "shifts made of given sizes",
    "missing.fit_observation": "behind observation_weights",
    "missing.observation_columns": "behind observation_weights",
    "missing.truncated_probability": "behind observation_weights",
    "profiles.log_ratio_grid": "a grid",
    "propensity.described": "of a fitted model",
    "propensity.fit_weight_model": "behind multinomial_propensity",
    "propensity.model_note": "words",
    "resampling.arm_cluster_df": "of clusters that are counted",
    "resampling.cluster_df": "of clusters that are counted",
    "resampling.effective_number": "of clusters that are counted",
    "resampling.jackknife_places": "behind jackknife_sites",
    "resampling.several_places": "behind jackknife_sites",
    "risk_table.calendar": "of checked follow-up",
    "risk_table.count": "of checked follow-up",
    "risk_table.one_arm": "of a table that is checked",
    "risk_table.tabulate": "of checked follow-up",
    "missing.arms_with_gaps": "behind observation_weights",
    "missing.slopes_per_arm": "behind observation_weights",
    "multiplicity.step_down_levels": "asks answers that stand, and takes no number but the level",
    "sequential.fit_stages": "of checked people",
    "sequential.evaluated": "of fitted models",
    "sequential.moved": "of fitted models",
    "sequential.stage_sums": "of fitted models",
    "sequential.standing": "of fitted models",
    "sequential.stood_for": "of fitted models",
    "sites.pooled_site_means": "behind effects",
    "sites.within_small_sites": "of a choice that is made",
    "sites.site_codes": "behind effects",
    "sites.site_groups": "behind effects",
    "survival.curve_limits": "of curves",
    "survival.greenwood": "of a table that is checked",
    "survival.read": "of curves",
    "survival.risk_at": "of curves",
    "survival.steps_before": "of curves",
}


def outcome_of(name: str, case: str) -> tuple[str, Any]:
    """("answer", the result) or ("refused", the message), numpy warnings being errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return "answer", CALLS[name](**CASES[case](CALLS[name]))
        except NotEstimable as why:
            return "refused", str(why)


def leaves(result: Any, field: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Every floating-point number of a result with the field it stands in."""
    if is_dataclass(result):
        for one in fields(result):
            yield from leaves(getattr(result, one.name), one.name)
    elif isinstance(result, (tuple, list)):
        for one in result:
            yield from leaves(one, field)
    elif isinstance(result, (float, np.ndarray)) and np.asarray(result).dtype.kind == "f":
        yield field, np.asarray(result)


def headline(result: Any) -> float:
    """The first finite number among what a result is about, else among all it holds."""
    found = [(field, values[np.isfinite(values)]) for field, values in leaves(result)]
    told = [values for field, values in found if field in HEADLINES and values.size]
    return next((float(values.flat[0]) for values in [*told, *(values for _, values in found)] if values.size), 0.0)


@cache
def table() -> dict[tuple[str, str], dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return {(row["estimator"], row["case"]): row for row in csv.DictReader(lines)}


@pytest.mark.parametrize("name", CALLS)
def test_ordinary_input_is_answered(name):
    found = [values for _, values in leaves(CALLS[name]())]
    assert found == [] or any(np.isfinite(values).any() for values in found)


@pytest.mark.parametrize(("name", "case"), degenerate())
def test_degenerate_input_is_answered_as_documented_or_refused_with_a_remedy(name, case):
    expected = table()[name, case]
    kind, found = outcome_of(name, case)
    if expected["does"] == "refused":
        assert (kind, found) == ("refused", expected["says"])
        return
    assert kind == "answer", found
    assert headline(found) == pytest.approx(float(expected["says"]), rel=SAME, abs=1e-9)
    allowed = (SAID_TO_BE_NAN | ALSO_NAN.get(name, set())) - NEVER_NAN.get(name, set())
    assert {field for field, values in leaves(found) if np.isnan(values).any()} <= allowed


def test_the_table_holds_every_case_once():
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = [(row["estimator"], row["case"]) for row in csv.DictReader(lines)]
    assert sorted(rows) == sorted(degenerate())


def test_refusals_say_what_would_help():
    for row in table().values():
        if row["does"] == "refused":
            reason, _, remedy = row["says"].partition("; ")
            assert remedy or " must " in reason or " need" in reason, row


def test_every_public_function_is_in_the_table_or_has_a_reason_not_to_be():
    covered, missing = {name for name, _ in degenerate()} | set(CALLS), []
    for path in sorted(STATS.rglob("*.py")):
        public = [
            node.name
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        ]
        missing += [
            f"{path.stem}.{name}"
            for name in public
            if path.stem not in MACHINERY and f"{path.stem}.{name}" not in covered | set(PARTS)
        ]
    assert missing == [], "add an ordinary call to degenerate_calls.CALLS, or the reason why no input can be degenerate"


def test_no_reason_outlives_its_function():
    names = {
        f"{path.stem}.{node.name}"
        for path in STATS.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    assert set(PARTS) <= names
    assert set(MACHINERY) <= {path.stem for path in STATS.rglob("*.py")}


def write() -> None:
    """Writes the table from what the estimators do now."""
    found = [(name, case, *outcome_of(name, case)) for name, case in degenerate()]
    with TABLE.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["estimator", "case", "does", "says"])
        writer.writerows(
            (name, case, kind, said if kind == "refused" else f"{headline(said):.6g}")
            for name, case, kind, said in found
        )


if __name__ == "__main__":
    write()
