"""Like-for-like curves: weighted points on a grid, and limits from leaving out one site at a time."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.time_in_care.incidence import aalen_johansen, incidence_at
from pipeline.stats.time_in_care.restricted_mean import restricted_mean_survival
from pipeline.stats.time_in_care.survival import at, kaplan_meier
from pipeline.stats.time_in_care.weighted_curves import (
    jackknife_limits,
    weighted_incidence,
    weighted_rmst,
    weighted_survival,
)
from tests.reference.written import people

DAYS = [0, 7, 30, 90, 180]


def test_weighted_points_are_those_of_the_curves_of_each_arm():
    group = people("large")
    survival = weighted_survival(group.day, group.state > 0, group.arm, group.weight, DAYS)
    incidence = weighted_incidence(group.day, group.state, group.arm, group.weight, DAYS)
    for arm in range(5):
        own = group[group.arm == arm]
        curve = at(kaplan_meier(own.day, own.state > 0, weights=own.weight, kind="probability"), DAYS)
        causes = incidence_at(aalen_johansen(own.day, own.state, weights=own.weight, kind="probability"), DAYS)
        assert survival.estimate[:, arm] == pytest.approx(curve.estimate, rel=1e-12)
        assert survival.at_risk[:, arm] == pytest.approx(curve.at_risk, rel=1e-12)
        assert incidence.estimate[:, arm] == pytest.approx(causes.estimate, rel=1e-12)


def test_weights_by_hand():
    # arm 0: weights 1 (ends on day 2) and 3 (there on day 5); arm 1: weights 2 (ends on day 4) and 2 (there on day 5)
    grid = weighted_survival([2, 5, 4, 5], [1, 0, 1, 0], [0, 0, 1, 1], [1, 3, 2, 2], [1, 2, 4, 5])
    assert grid.estimate.tolist() == [[1, 1], [0.75, 1], [0.75, 0.5], [0.75, 0.5]]
    assert grid.at_risk.tolist() == [[4, 4], [4, 4], [3, 4], [3, 2]]


def test_weighted_days_in_care_are_the_area_of_each_arm():
    # arm 0: 2 days at 1, then three at 3/4; arm 1: 4 days at 1, one at 1/2
    assert weighted_rmst([2, 5, 4, 5], [1, 0, 1, 0], [0, 0, 1, 1], [1, 3, 2, 2], 5).tolist() == [4.25, 4.5]
    group = people("large")
    found = weighted_rmst(group.day, group.state > 0, group.arm, group.weight, 90)
    for arm in range(5):
        own = group[group.arm == arm]
        alone = restricted_mean_survival(own.day, own.state > 0, 90, weights=own.weight, kind="probability")
        assert found[arm] == pytest.approx(alone.estimate, rel=1e-12)


@pytest.mark.parametrize(
    ("until", "why"), [(0, "a later day"), (np.inf, "a later day"), (9, "beyond the last observation")]
)
def test_days_in_care_need_a_day_that_people_were_followed_to(until, why):
    with pytest.raises(NotEstimable, match=why):
        weighted_rmst([2, 5, 4], [1, 0, 0], [0, 0, 1], [1, 1, 1], until)


def test_the_jackknife_of_a_curve_of_equal_sites_is_the_standard_error_of_their_mean():
    # twelve sites of equal size, nobody lost: the curve is the mean of the sites' own shares
    draw = np.random.default_rng(7)
    day, site = draw.integers(0, 20, 240), np.repeat(np.arange(12), 20)

    def curve(keep):
        return weighted_survival(
            day[keep], np.ones(keep.sum()), np.zeros(keep.sum(), dtype=int), np.ones(keep.sum()), [5, 10]
        ).estimate

    replicates = np.array([curve(site != s) for s in range(12)])
    found = jackknife_limits(curve(site >= 0), replicates)
    shares = np.array([[np.mean(day[site == s] > t) for t in (5, 10)] for s in range(12)])
    assert found.se[:, 0] == pytest.approx(shares.std(axis=0, ddof=1) / 12**0.5, rel=1e-10)
    assert (found.low < curve(site >= 0)).all()
    assert (found.high > curve(site >= 0)).all()


def test_limits_are_wider_with_few_sites():
    narrow, wide = (jackknife_limits([0.5], [[0.48], [0.52], [0.5]], df=df) for df in (np.inf, 2))
    assert wide.low[0] < narrow.low[0] < 0.5 < narrow.high[0] < wide.high[0]


@pytest.mark.parametrize("replicates", [[[0.5]], [[0.5, 0.4], [0.5, 0.3]], [[0.5], [np.nan]]])
def test_a_jackknife_without_usable_replicates_is_refused(replicates):
    with pytest.raises(NotEstimable, match="sites"):
        jackknife_limits([0.5], replicates)


@pytest.mark.parametrize(
    ("arm", "weight", "days", "why"),
    [
        ([0, 0, 1], [1, 1, 0], [1], "nobody"),  # an arm without weight
        ([0, 0, 1], [1, 1, 1], [9], "beyond the last observation"),
        ([0, 0, 1], [1, 1, np.inf], [1], "weight"),
    ],
)
def test_a_grid_that_cannot_be_filled_is_refused(arm, weight, days, why):
    with pytest.raises(NotEstimable, match=why):
        weighted_survival([2, 5, 4], [1, 0, 0], arm, weight, days, arms=2)
