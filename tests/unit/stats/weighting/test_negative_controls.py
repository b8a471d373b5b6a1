"""Systematic error from negative controls: metafor, optim, published figures, and whether 5 % tests reject 5 %."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.weighting.negative_controls import (
    SystematicError,
    calibrate,
    expected_absolute_systematic_error,
    systematic_error,
)
from tests.reference.written import numbers

FITTED = 1e-6  # metafor iterates
SEARCHED = 2e-4  # optim searches without derivatives, and stops near 0 rather than on it
CONTROLS = {
    "spread": (
        [0.31, -0.12, 0.45, 0.08, 0.22, 0.61, -0.05, 0.17, 0.38, 0.02, 0.27, 0.53],
        [0.11, 0.21, 0.16, 0.30, 0.09, 0.25, 0.14, 0.40, 0.19, 0.12, 0.22, 0.17],
    ),
    "chance only": (
        [0.05, -0.02, 0.08, 0.01, -0.04, 0.03, 0.06, -0.01, 0.02, 0.00],
        [0.2, 0.3, 0.25, 0.2, 0.4, 0.3, 0.2, 0.25, 0.3, 0.2],
    ),
}
# Self-controlled case series in the EmpiricalCalibration documentation: the fitted null, and sertraline's log risk
# ratio.
PUBLISHED = SystematicError(0.7920, 0.2835, 0.05, 45)
SERTRALINE = (0.7326235, 0.07371708)


def one(case, quantity):
    return numbers("negative_controls", case, quantity)[1][0]


@pytest.mark.parametrize("case", CONTROLS)
def test_the_model_equals_metafor_and_optim(case):
    found = systematic_error(*CONTROLS[case])
    for quantity in ("mean", "sd", "mean_se"):
        assert getattr(found, quantity) == pytest.approx(one(case, quantity), rel=FITTED, abs=1e-12)
    assert found.mean == pytest.approx(one(case, "optim_mean"), abs=SEARCHED)
    assert found.sd == pytest.approx(one(case, "optim_sd"), abs=SEARCHED)
    assert found.controls == len(CONTROLS[case][0])


@pytest.mark.parametrize("case", CONTROLS)
def test_calibration_by_a_known_model_equals_the_normal_formula(case):
    found = calibrate(0.8, 0.15, systematic_error(*CONTROLS[case]), model_known=True)
    assert [found.p, found.low, found.high] == pytest.approx([one(case, q) for q in ("p", "low", "high")], rel=1e-5)


def test_published_calibrated_p_and_expected_error():
    assert calibrate(*SERTRALINE, PUBLISHED, model_known=True).p == pytest.approx(0.839405, abs=1e-4)
    assert expected_absolute_systematic_error(PUBLISHED) == pytest.approx(0.792597, abs=3e-4)


def test_expected_absolute_error_is_the_integral_of_the_model():
    found = systematic_error(*CONTROLS["spread"])
    assert expected_absolute_systematic_error(found) == pytest.approx(one("spread", "ease"), rel=FITTED)


@pytest.mark.parametrize(
    ("mean", "sd", "expected"),
    [(0.0, 0.0, 0.0), (-0.3, 0.0, 0.3), (0.0, 0.5, 0.5 * (2 / np.pi) ** 0.5), (4.0, 0.1, 4.0), (-4.0, 0.1, 4.0)],
)
def test_expected_absolute_error_at_its_edges(mean, sd, expected):
    assert expected_absolute_systematic_error(SystematicError(mean, sd, 0.1, 20)) == pytest.approx(expected)


def test_without_systematic_error_a_known_model_changes_nothing():
    found = calibrate(0.5, 0.2, SystematicError(0.0, 0.0, 0.0, 30), model_known=True)
    assert [found.estimate, found.low, found.high] == pytest.approx([0.5, 0.5 - 0.3919928, 0.5 + 0.3919928])


def test_limits_are_wider_where_the_model_is_only_estimated():
    model = systematic_error(*CONTROLS["spread"])
    estimated, known = calibrate(0.8, 0.15, model), calibrate(0.8, 0.15, model, model_known=True)
    assert estimated.estimate == known.estimate == pytest.approx(0.8 - model.mean)
    assert estimated.df == 11
    assert estimated.se**2 == pytest.approx(0.15**2 + model.sd**2 * 12 / 11 + model.mean_se**2)
    assert estimated.low < known.low < known.high < estimated.high


def test_positive_controls_count_by_their_distance_from_the_truth():
    y, se = map(np.array, CONTROLS["spread"])
    truth = np.log(np.tile([1.0, 2.0], 6))
    moved, plain = systematic_error(y + truth, se, truth=truth), systematic_error(y, se)
    assert [moved.mean, moved.sd] == pytest.approx([plain.mean, plain.sd])


TEN = np.linspace(-0.2, 0.3, 10)


@pytest.mark.parametrize(
    ("y", "se", "truth", "why"),
    [
        (TEN[:9], np.full(9, 0.1), 0.0, "not assessed"),
        ([], [], 0.0, "one pair per site or control"),
        (np.r_[TEN, np.nan], np.full(11, 0.1), 0.0, "leave that one out"),
        (TEN, np.r_[np.full(9, 0.1), 0.0], 0.0, "leave that one out"),
        (TEN, np.full(10, 0.1), np.zeros(3), "one each"),
        (TEN, np.full(10, 0.1), np.nan, "finite"),
    ],
)
def test_degenerate_controls_are_not_estimable(y, se, truth, why):
    with pytest.raises(NotEstimable, match=why):
        systematic_error(y, se, truth=truth)


@pytest.mark.parametrize("se", [0.0, -1.0, np.nan, np.inf])
def test_an_estimate_without_standard_error_is_not_calibrated(se):
    with pytest.raises(NotEstimable, match="no usable standard error"):
        calibrate(0.3, se, PUBLISHED)


def test_controls_that_are_all_alike_show_a_mean_and_no_spread():
    found = systematic_error(np.full(10, 0.2), np.full(10, 0.1))
    assert (found.mean, found.sd) == pytest.approx((0.2, 0.0))


def test_calibrated_tests_reject_one_in_twenty_with_ten_controls():
    rng = np.random.default_rng(11)
    naive = published = calibrated = 0
    for _ in range(1000):
        se = rng.uniform(0.1, 0.4, 10)
        error = systematic_error(rng.normal(0.1, np.hypot(0.2, se)), se)
        estimate = rng.normal(0.1, np.hypot(0.2, 0.2))
        naive += abs(estimate) > 1.96 * 0.2
        published += calibrate(estimate, 0.2, error, model_known=True).p < 0.05
        calibrated += calibrate(estimate, 0.2, error).p < 0.05
    assert naive > 150
    assert 70 < published < 140
    assert 35 < calibrated < 66
