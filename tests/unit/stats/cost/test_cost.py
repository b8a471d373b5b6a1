"""Costs cut off by the end of the data: R, a numerical derivative, simulated truth, and ratios that mean nothing."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.cost.cost import acceptability_curve, cost_difference, incremental, mean_cost, net_monetary_benefit
from tests.reference.written import numbers

EXACT = 1e-9
TRADE = np.array([[250_000.0, -4.0], [-4.0, 0.0016]])


def scatter(i, a):
    s = 1000 * np.sin(i * a)
    return s - np.floor(s)


def people():
    """Sixty people as cost.R makes them: (60, 3) costs in intervals of 60 days, last day, ended, arm."""
    i = np.arange(1, 61)
    arm, day = i % 2, np.floor(1 + 239 * scatter(i, 1.37))
    per_day = 20 + 60 * scatter(i, 0.73) + 15 * arm
    cost = np.column_stack(
        [per_day * np.clip(np.minimum(day, end) - (end - 60), 0, 60) + 500 * (end == 60) for end in (60, 120, 180)]
    )
    return cost, day, scatter(i, 2.11) < 0.25, arm


def estimated(way, **given):
    cost, day, ended, arm = people()
    if way == "simple":
        return mean_cost(cost.sum(axis=1), day, ended, arm, horizon=180, **given)
    return mean_cost(cost, day, ended, arm, horizon=180, ends=[60, 120, 180], **given)


@pytest.mark.parametrize("way", ["simple", "partitioned"])
def test_means_equal_weighting_by_survfit(way):
    found = estimated(way)
    assert found.means == pytest.approx(numbers("cost", way, "mean")[1], rel=EXACT)
    se = np.sqrt(np.diag(found.covariance))
    assert se == pytest.approx(numbers("cost", way, "jackknife_se")[1], rel=0.06)
    assert found.covariance[0, 1] == pytest.approx(0, abs=60)  # different people, apart from the common centering


@pytest.mark.parametrize("way", ["simple", "partitioned"])
def test_influence_is_the_derivative_by_a_persons_weight(way):
    plain, step = estimated(way), 1e-5
    for person in range(60):
        weights = np.ones(60)
        weights[person] += step
        moved = (estimated(way, weights=weights).means - plain.means) / step
        assert plain.influence[person] == pytest.approx(moved, rel=1e-3, abs=0.01)


def test_influence_holds_where_many_are_cut_off_and_die_on_the_same_day():
    cost, day, ended, arm = people()
    day = 40 * np.ceil(day / 40)

    def means(weights):
        return mean_cost(cost.sum(axis=1), day, ended, arm, horizon=180, weights=weights)

    plain, step = means(np.ones(60)), 1e-5
    assert len(np.intersect1d(day[ended & (day < 180)], day[~ended & (day < 180)])) >= 3
    for person in range(60):
        moved = (means(1 + step * (np.arange(60) == person)).means - plain.means) / step
        assert plain.influence[person] == pytest.approx(moved, rel=1e-3, abs=0.01)


def test_partitioning_uses_what_is_known_of_those_cut_off():
    assert (np.diag(estimated("partitioned").covariance) < np.diag(estimated("simple").covariance)).all()


def test_with_everyone_followed_it_is_the_plain_mean():
    cost = np.array([10.0, 20, 60, 5, 5, 8])
    arm = np.array([0, 0, 0, 1, 1, 1])
    found = mean_cost(cost, np.full(6, 180), np.zeros(6, dtype=bool), arm, horizon=180)
    assert found.means == pytest.approx([30, 6])
    plain = cost[:3].var() / 3 + cost[3:].var() / 3  # spread over n, not n - 1, times 6/5 for the cluster factor
    assert cost_difference(found).se == pytest.approx((plain * 6 / 5) ** 0.5)
    assert (cost_difference(found).estimate, cost_difference(found).n) == (-24, 6)
    assert found.complete.tolist() == [3, 3]
    assert found.largest.tolist() == [1, 1]


def test_the_cut_off_are_stood_in_for_by_hand():
    # Arm 0: cut off on day 50 while three are at risk after it, so the two known later count 3/2.
    cost, day = np.array([100.0, np.nan, 200, 300, 1, 1]), np.array([30, 50, 90, 120, 90, 90])
    ended = np.array([True, False, False, False, False, False])
    found = mean_cost(cost, day, ended, np.array([0, 0, 0, 0, 1, 1]), horizon=90)
    assert found.means[0] == pytest.approx((100 + 1.5 * 200 + 1.5 * 300) / 4)
    assert found.largest == pytest.approx([1.5, 1])
    assert found.complete.tolist() == [3, 2]


def test_costs_complete_on_a_day_are_complete_before_anyone_is_cut_off_on_it():
    cost, day = np.array([100.0, np.nan, 200, 1, 1]), np.array([50, 50, 90, 90, 90])
    found = mean_cost(cost, day, np.array([True, False, False, False, False]), np.array([0, 0, 0, 1, 1]), horizon=90)
    assert found.means[0] == pytest.approx((100 + 2 * 200) / 3)


def test_a_weight_of_two_counts_as_two_people():
    cost, day, ended, arm = people()
    rows = np.r_[np.arange(60), np.arange(10)]
    twice = mean_cost(cost[rows], day[rows], ended[rows], arm[rows], horizon=180, ends=[60, 120, 180], cluster=rows)
    weighted = mean_cost(cost, day, ended, arm, horizon=180, ends=[60, 120, 180], weights=1.0 + (np.arange(60) < 10))
    assert weighted.means == pytest.approx(twice.means)
    assert weighted.covariance == pytest.approx(twice.covariance, abs=1e-6)


def test_nobody_with_weight_zero_is_read():
    cost, day, ended, arm = people()
    cost[3] = np.nan
    out = np.ones(60)
    out[3] = 0
    kept = np.arange(60) != 3
    found = mean_cost(cost, day, ended, arm, horizon=180, ends=[60, 120, 180], weights=out)
    assert found.means == pytest.approx(
        mean_cost(cost[kept], day[kept], ended[kept], arm[kept], horizon=180, ends=[60, 120, 180]).means
    )


def test_sites_as_clusters_leave_sites_less_one_degrees_of_freedom():
    found = estimated("simple", cluster=np.arange(60) // 10)
    assert found.df == 5
    assert found.means == pytest.approx(estimated("simple").means)


def test_simulated_truth_is_covered_where_the_naive_mean_is_not():
    # 50 a day while in care, for an exponential time of mean 150 (arm 0) or 75 (arm 1), up to day 180; data end at
    # random
    rng, n, average = np.random.default_rng(8), 400, np.array([150, 75])
    truth = 50 * average * (1 - np.exp(-180 / average))
    held, naive = np.zeros(2), np.zeros(2)
    for _ in range(500):
        arm = rng.integers(0, 2, n)
        stay, cut = average[arm] * rng.exponential(size=n), rng.uniform(0, 500, n)
        spent, known = 50 * np.minimum(stay, np.minimum(cut, 180)), cut >= np.minimum(stay, 180)
        found = mean_cost(spent, np.minimum(stay, cut), stay <= cut, arm, horizon=180)
        held += np.abs(found.means - truth) < 1.96 * np.sqrt(np.diag(found.covariance))
        naive += [spent[known & (arm == a)].mean() / 500 for a in (0, 1)]
    assert (held > 0.92 * 500).all()
    assert (naive < 0.95 * truth).all()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"cost": [np.nan, 1, 1, 1]}, "enter 0"),
        ({"cost": [np.inf, 1, 1, 1]}, "enter 0"),
        ({"cost": [[1, 1]] * 4}, "one column per interval"),
        ({"cost": [1, 1, 1]}, "one row per person"),
        ({"day": [90, 90, 90, -1]}, "not be negative"),
        ({"day": [90, 90, 90, np.nan]}, "not be negative"),
        ({"day": [90, 90, 90]}, "given for everyone"),
        ({"day": [90, 90, 40, 50]}, "shorten the period"),
        ({"day": [90, 90, 40, 40]}, "shorten the period"),
        ({"arm": [0, 0, 0, 0]}, "only one arm"),
        ({"weights": [1, 1, 0, 0]}, "weights in one arm are zero"),
        ({"weights": [1, 1, -1, 2]}, "not negative"),
        ({"ends": [30, 60]}, "one column per interval"),
        ({"ends": [60]}, "the last of them the horizon"),
        ({"horizon": 0}, "increasing days"),
        ({"cluster": [1, 1, 1, 1]}, "one cluster"),
    ],
)
def test_degenerate_costs_are_not_estimable(change, why):
    given = {
        "cost": [5.0, 1, 1, 1],
        "day": [90, 90, 90, 90],
        "ended": [False] * 4,
        "arm": [0, 0, 1, 1],
        "horizon": 90,
    } | change
    with pytest.raises(NotEstimable, match=why):
        mean_cost(**given)


def test_costs_that_do_not_vary_have_a_mean_and_no_difference():
    found = mean_cost([5.0, 5, 7, 7], np.full(4, 90), np.zeros(4), [0, 0, 1, 1], horizon=90)
    assert found.means.tolist() == [5, 7]
    with pytest.raises(NotEstimable, match="no usable standard error"):
        cost_difference(found)


def test_fiellers_limits_equal_the_edges_found_by_root_search():
    found = incremental(1200, 0.15, TRADE)
    assert found.ratio.estimate == pytest.approx(8000)
    limits = [numbers("cost", "trade-off", f"ratio_{end}")[1][0] for end in ("low", "high")]
    assert [found.ratio.low, found.ratio.high] == pytest.approx(limits, rel=1e-6)
    assert found.note == "extra cost per unit gained"


@pytest.mark.parametrize(("quantity", "df"), [("probability", np.inf), ("probability_t", 11)])
def test_acceptability_equals_the_distribution_function(quantity, df):
    worth, expected = numbers("cost", "trade-off", quantity)
    found = acceptability_curve(incremental(1200, 0.15, TRADE, df=df, level=0.9), worth)
    assert found.probability == pytest.approx(expected, rel=EXACT)
    assert found.benefit == pytest.approx(worth * 0.15 - 1200)


def test_the_ratios_limits_are_where_the_net_benefit_limits_cross_zero():
    found = incremental(1200, 0.15, TRADE)
    assert net_monetary_benefit(found, found.ratio.low).high == pytest.approx(0, abs=1e-6)
    assert net_monetary_benefit(found, found.ratio.high).low == pytest.approx(0, abs=1e-6)
    assert net_monetary_benefit(found, found.ratio.estimate).p == pytest.approx(1)


def test_acceptability_is_the_share_of_draws_with_a_benefit():
    rng = np.random.default_rng(2)
    draws = rng.multivariate_normal([1200, 0.15], TRADE, 40_000)
    found = acceptability_curve(incremental(1200, 0.15, TRADE), [0, 4000, 8000, 30_000])
    share = [(worth * draws[:, 1] > draws[:, 0]).mean() for worth in found.worth]
    assert found.probability == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize(
    ("cost", "effect", "says"),
    [
        (1200, 0.05, "effect may be nothing"),
        (-1200, -0.05, "effect may be nothing"),
        (-1200, 0.15, "better and not dearer"),
        (0, 0.15, "better and not dearer"),
        (1200, -0.15, "worse and not cheaper"),
    ],
)
def test_no_ratio_where_it_would_mean_nothing(cost, effect, says):
    found = incremental(cost, effect, TRADE)
    assert found.ratio is None
    assert says in found.note
    assert acceptability_curve(found, [1000]).probability.shape == (1,)


def test_saving_money_by_giving_up_effect_is_named_so():
    found = incremental(-1200, -0.15, TRADE)
    assert found.ratio.estimate == pytest.approx(8000)
    assert found.note == "saving per unit given up"


@pytest.mark.parametrize(
    ("covariance", "why"),
    [
        (np.eye(3), "symmetric 2 x 2"),
        ([[1, 0.5], [0.2, 1]], "symmetric 2 x 2"),
        ([[1, 2], [2, 1]], "symmetric 2 x 2"),
        ([[1, np.nan], [np.nan, 1]], "symmetric 2 x 2"),
        ([[0, 0], [0, 1]], "no usable standard error"),
    ],
)
def test_a_covariance_that_is_none_is_refused(covariance, why):
    with pytest.raises(NotEstimable, match=why):
        incremental(1, 1, covariance)


@pytest.mark.parametrize("worth", [-1, np.nan, np.inf])
def test_a_unit_of_effect_is_worth_something_finite(worth):
    with pytest.raises(NotEstimable, match="finite and not negative"):
        acceptability_curve(incremental(1200, 0.15, TRADE), [worth])
    with pytest.raises(NotEstimable, match="finite and not negative"):
        net_monetary_benefit(incremental(1200, 0.15, TRADE), worth)


def test_cost_and_effect_in_lockstep_have_no_chance_at_their_own_price():
    found = incremental(100, 1, [[1, 0.1], [0.1, 0.01]])
    with pytest.raises(NotEstimable, match="another worth"):
        acceptability_curve(found, [10.0])
