"""Outcomes that are measured less where an interim score is bad: imputed from it they are right, and the MNAR trap is
bracketed."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.stats.imputation.imputation import impute, shifted
from pipeline.stats.weighting.arm_means import difference
from pipeline.stats.weighting.effects import augmented_means
from pipeline.stats.weighting.missing import delta_adjust, tipping_point
from tests.simulation.contrast_study import COVARIATES, Scenario
from tests.simulation.imputed_study import draw_interim

STUDIES = 40
CERTAIN = 3  # Monte-Carlo standard errors
WORSE = 3.0  # points by which the unmeasured do worse in the trap
SCENARIO = Scenario(500, 1, 2, 1.0)


def compared(worse, auxiliary=True, shift=(0.0, 0.0)):
    """Error of the imputed difference, and of the observed weighted by covariates alone, against the same study seen
    whole (STUDIES, 2)."""
    errors = []
    for rng in np.random.default_rng(31).spawn(STUDIES):
        drawn = draw_interim(SCENARIO, rng, worse)
        people, seen = drawn.people, np.where(drawn.seen, drawn.outcome, np.nan)
        columns = [seen, people.covariates, drawn.interim] if auxiliary else [seen, people.covariates]
        table = np.column_stack(columns)
        filled = shifted(impute(table, people.arm, ["number"] * table.shape[1], rng), 0, people.arm, shift)
        mean = np.mean(
            [t[:, 0] for t in filled], axis=0
        )  # the estimate is linear in outcomes, so this is the mean over the tables
        imputed = difference(augmented_means(mean, people.arm, people.covariates)).estimate
        whole = difference(augmented_means(drawn.outcome, people.arm, people.covariates)).estimate
        observed = difference(augmented_means(seen, people.arm, people.covariates)).estimate
        errors.append((imputed - whole, observed - whole))
    return np.array(errors)


def bias_and_error(errors):
    return errors.mean(), errors.std(ddof=1) / len(errors) ** 0.5


@pytest.fixture(scope="module")
def at_random():
    return compared(0.0)


@pytest.fixture(scope="module")
def trap():
    return {
        shift: compared(WORSE, shift=shift)[:, 0] for shift in ((0.0, 0.0), (WORSE, WORSE), (WORSE, 0.0), (0.0, WORSE))
    }


def test_imputing_from_the_interim_score_finds_what_the_whole_study_would_have_shown(at_random):
    bias, error = bias_and_error(at_random[:, 0])
    assert abs(bias) <= CERTAIN * error


def test_the_observed_weighted_by_covariates_alone_do_not(at_random):
    # in the arm that helps, the interim score is better and more are measured: the unmeasured of the other are the
    # worst off
    bias, error = bias_and_error(at_random[:, 1])
    assert abs(bias) > CERTAIN * error
    assert abs(bias) > 3 * abs(at_random[:, 0].mean())


def test_when_the_unmeasured_are_worse_than_their_interim_scores_say_imputation_is_wrong(trap):
    bias, error = bias_and_error(trap[0.0, 0.0])
    assert abs(bias) > CERTAIN * error


def test_shifting_them_by_as_much_as_is_true_is_right(trap):
    bias, error = bias_and_error(trap[WORSE, WORSE])
    assert abs(bias) <= CERTAIN * error


def test_shifts_of_one_arm_at_a_time_bracket_the_truth(trap):
    assert trap[WORSE, 0.0].mean() > 0 > trap[0.0, WORSE].mean()
    assert (trap[WORSE, 0.0] > 0).mean() >= 0.9
    assert (trap[0.0, WORSE] < 0).mean() >= 0.9


def test_a_claim_that_only_holds_because_the_worst_were_not_measured_tips_before_the_true_shift():
    tips = []
    for rng in np.random.default_rng(32).spawn(STUDIES):
        drawn = draw_interim(replace(SCENARIO, effect=1.5), rng, WORSE)
        seen = np.where(drawn.seen, drawn.outcome, np.nan)
        result = augmented_means(seen, drawn.people.arm, drawn.people.covariates, inference="person")
        if difference(result).low > 0:
            tips.append(tipping_point(result, lambda one: one.low > 0, step=0.25))
            assert difference(delta_adjust(result, [0, WORSE])).estimate < difference(result).estimate
    assert tips
    assert np.median([np.inf if tip is None else tip for tip in tips]) < WORSE


def test_the_study_has_as_many_covariates_as_the_table_expects():
    assert draw_interim(SCENARIO, np.random.default_rng(1)).people.covariates.shape == (500, COVARIATES)
