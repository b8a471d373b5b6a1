"""What was seen after the start stands in for those not measured: on paper, against the derivative of every equation,
against many imputations, and where being measured follows a score in care."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.special import expit

from pipeline.errors import NotEstimable
from pipeline.stats.imputation.imputation import impute
from pipeline.stats.imputation.sequential import sequential_means
from pipeline.stats.weighting.arm_means import difference
from pipeline.stats.weighting.effects import augmented_means, several_means
from tests.reference.single_ways import infinitesimal_jackknife

WAYS = [
    ("augmented", "overlap"),
    ("augmented", "combined"),
    ("augmented", "treated:1"),
    ("augmented", "matching"),
    ("weighted", "overlap"),
    ("outcome model", "combined"),
]
SAME_ARITHMETIC, NUMERIC_DERIVATIVE = 1e-10, 1e-6
EFFECT = 1.0


def drawn(n=400, seed=1, selects=0.9, tells=1.0):
    """Two arms that differ by EFFECT; a later score z tells of the outcome, and selects who is measured in arm 1."""
    rng = np.random.default_rng(seed)
    x, site = rng.normal(size=(n, 2)), rng.integers(0, 8, n)
    arm = (rng.random(n) < expit(0.5 * x[:, 0])).astype(int)
    z = x[:, 0] + rng.normal(size=n)
    y = x[:, 0] + tells * z + EFFECT * arm + rng.normal(size=n)
    seen = rng.random(n) < np.where(arm == 1, expit(0.3 + selects * z), 0.7)
    return np.where(seen, y, np.nan), arm, x, z[:, None], site


def strata():
    """On paper: no covariate, a later score of 0 or 1.  Arm 0 measured 4 of 4 at 0 (mean 2) and 2 of 4 at 1 (mean 8);
    arm 1 measured 4 of 6 at 0 (mean 3) and 2 of 2 at 1 (mean 9)."""
    cells = [(0, 0, [1, 3, 1, 3], 0), (0, 1, [7, 9], 2), (1, 0, [2, 4, 2, 4], 2), (1, 1, [8, 10], 0)]
    rows = [(arm, z, y) for arm, z, ys, missing in cells for y in [*ys, *[np.nan] * missing]]
    arm, z, y = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return y, arm.astype(int), np.zeros((len(y), 0)), z


def test_each_stratum_of_the_later_score_stands_in_for_its_unmeasured():
    """Means of all strata by their people: arm 0 (4 x 2 + 4 x 8) / 8, arm 1 (6 x 3 + 2 x 9) / 8."""
    paper = [Fraction(4 * 2 + 4 * 8, 8), Fraction(6 * 3 + 2 * 9, 8)]
    result = sequential_means(*strata(), inference="person")[0]
    assert result.means == pytest.approx([float(one) for one in paper], abs=1e-6)
    assert result.unmeasured == pytest.approx([2 / 8, 2 / 8])
    assert result.n_observed.tolist() == [6, 6]


def test_with_everybody_measured_it_is_the_primary_estimator():
    _, arm, x, z, site = drawn()
    y = np.random.default_rng(2).normal(size=len(arm)) + arm
    for inference in ("sandwich", "jackknife_sites"):
        one = sequential_means(y, arm, x, z, site, inference=inference)[0]
        other = augmented_means(y, arm, x, site, inference=inference)
        assert one.means == pytest.approx(other.means, abs=SAME_ARITHMETIC)
        assert one.joint_covariance == pytest.approx(other.joint_covariance, abs=SAME_ARITHMETIC)


def test_a_later_score_that_says_nothing_changes_nothing():
    y, arm, x, _, _ = drawn()
    constant = np.ones((len(arm), 1))
    one = sequential_means(y, arm, x, constant, ways=[("outcome model", "combined")], inference="person")[0]
    other = several_means(y, arm, x, ways=[("outcome model", "combined")], inference="person")[0]
    assert one.means == pytest.approx(other.means, abs=0.05)


@pytest.mark.parametrize("sites", [False, True])
def test_standard_errors_carry_every_model(sites):
    """The sum of squared derivatives in each person's weight, models refitted: Jaeckel's infinitesimal jackknife."""
    y, arm, x, z, site = drawn(200)
    place = site // 4 if sites else None
    people = np.arange(len(arm))

    def at(weights):
        every = sequential_means(y, arm, x, z, place, ways=WAYS, inference="person", weights=weights)
        return np.concatenate([np.r_[one.means, one.unmeasured] for one in every])

    moved = infinitesimal_jackknife(at, len(arm))
    every = sequential_means(y, arm, x, z, place, ways=WAYS, inference="sandwich", cluster=people)
    n, width = len(arm), moved.shape[1] // len(WAYS)
    for place_of_way, (way, result) in enumerate(zip(WAYS, every, strict=True)):
        mine = moved[:, place_of_way * width : (place_of_way + 1) * width]
        found = pytest.approx(mine.T @ mine * n / (n - 1), rel=NUMERIC_DERIVATIVE, abs=1e-9)
        assert result.joint_covariance == found, way


def test_it_is_what_many_imputations_from_the_later_score_come_to():
    """With linear outcomes and hardly a person whose chance is small: the mean of 400 imputations, within their error."""
    y, arm, x, z, _ = drawn(800, selects=0.4)
    table = np.column_stack([y, x, z])
    tables = impute(table, arm, ["number"] * 4, np.random.default_rng(3), imputations=400)
    filled = np.mean([one[:, 0] for one in tables], axis=0)
    many = difference(augmented_means(filled, arm, x, inference="person"))
    one = difference(sequential_means(y, arm, x, z, inference="person")[0])
    assert abs(one.estimate - many.estimate) < 0.35 * one.se


def test_the_jackknife_leaves_out_one_site_from_every_model():
    y, arm, x, z, site = drawn(600)
    result = sequential_means(y, arm, x, z, site, inference="jackknife_sites")[0]
    for place in range(8):
        kept = site != place
        alone = sequential_means(y[kept], arm[kept], x[kept], z[kept], site[kept], inference="person")[0]
        assert result.replicates[place] == pytest.approx(alone.means, abs=1e-9)


def test_being_measured_after_a_good_score_misleads_only_who_does_not_look_at_it():
    errors = []
    for seed in range(40):
        y, arm, x, z, _ = drawn(800, seed)
        ours, start = (
            sequential_means(y, arm, x, z, inference="person")[0],
            augmented_means(y, arm, x, inference="person"),
        )
        errors.append((difference(ours).estimate - EFFECT, difference(start).estimate - EFFECT))
    ours, start = np.mean(errors, axis=0)
    noise = 3 * np.std(errors, axis=0, ddof=1)[0] / 40**0.5
    assert abs(ours) < noise
    assert start > 0.3 > noise


def test_limits_hold_the_truth_where_being_measured_follows_the_later_score():
    held = []
    for seed in range(200):
        y, arm, x, z, _ = drawn(300, 1000 + seed)
        found = difference(sequential_means(y, arm, x, z, inference="person")[0])
        held.append(found.low <= EFFECT <= found.high)
    assert np.mean(held) >= 0.93 - 3 * (0.93 * 0.07 / 200) ** 0.5


def test_a_later_score_that_is_missing_is_told():
    y, arm, x, z, _ = drawn()
    with pytest.raises(NotEstimable, match="indicator"):
        sequential_means(y, arm, x, np.where(np.arange(len(z))[:, None] < 3, np.nan, z))
    with pytest.raises(NotEstimable, match="inference is unknown"):
        sequential_means(y, arm, x, z, inference="guess")
