"""Chained equations: what lm, glm and mice say a draw must look like, and whether pooled limits hold the truth."""

import numpy as np
import pytest
from scipy.special import expit, ndtri

from pipeline.errors import NotEstimable
from pipeline.stats.imputation.imputation import impute
from pipeline.stats.imputation.imputation_draws import predictors, site_levels
from pipeline.stats.imputation.rubins_rules import pool
from tests.reference.written import numbers

KINDS = ("number", "number", "flag")


def scatter(i, a):
    s = 1000 * np.sin(i * a)
    return s - np.floor(s)


def study():
    """The 240 people of imputation.R: (y, x, flag), arm, site, and who misses y or the flag."""
    i = np.arange(1, 241)
    arm, site = i % 2, i % 3
    x = ndtri(scatter(i, 1.37)) + 0.3 * arm
    flag = (scatter(i, 2.11) < expit(x)).astype(float)
    y = 2 + arm + 1.5 * x + 0.5 * flag + 0.4 * site + ndtri(scatter(i, 0.73))
    return np.column_stack([y, x, flag]), arm, site, scatter(i, 3.3) < 0.25 + 0.2 * (x > 0), scatter(i, 5.7) < 0.2


def without(table, column, rows):
    out = table.copy()
    out[rows, column] = np.nan
    return out


def in_r_order(found, values):
    """Values by the row they belong to, and R's, in one order."""
    rows, expected = values
    place = np.argsort(rows)
    assert found.row.tolist() == rows[place].astype(int).tolist()
    return expected[place]


def test_drawn_numbers_have_the_predictive_mean_and_variance_of_lm():
    table, arm, site, no_y, _ = study()
    found = impute(without(table, 0, no_y), arm, KINDS, np.random.default_rng(1), site=site, imputations=3000)
    variance = in_r_order(found, numbers("imputation", "number", "variance"))
    z = (found.drawn.mean(axis=0) - in_r_order(found, numbers("imputation", "number", "mean"))) / np.sqrt(
        variance / 3000
    )
    assert np.abs(z).max() < 4.2
    assert np.mean(z**2) == pytest.approx(1, abs=0.7)
    assert found.drawn.var(axis=0) / variance == pytest.approx(np.ones(z.size), abs=0.15)
    assert (found.drawn.var(axis=0) / variance).mean() == pytest.approx(1, abs=0.02)


def test_drawn_flags_have_the_averaged_chance_of_glm():
    table, arm, site, _, no_flag = study()
    found = impute(without(table, 2, no_flag), arm, KINDS, np.random.default_rng(2), site=site, imputations=2000)
    expected = in_r_order(found, numbers("imputation", "flag", "mean"))
    assert set(np.unique(found.drawn)) == {0.0, 1.0}
    z = (found.drawn.mean(axis=0) - expected) / np.sqrt(np.maximum(expected * (1 - expected), 1e-4) / 2000)
    assert np.abs(z).max() < 4.2


def pooled_difference(found, arm, complete_df):
    q, se = [], []
    for table in found:
        one, none = table[arm == 1, 0], table[arm == 0, 0]
        q.append(one.mean() - none.mean())
        se.append(np.sqrt(one.var(ddof=1) / one.size + none.var(ddof=1) / none.size))
    return pool(q, se, complete_df=complete_df)


@pytest.mark.parametrize("way", ["norm", "pmm"])
def test_a_chain_over_two_columns_pools_to_what_mice_pools_to(way):
    table, arm, site, no_y, no_flag = study()
    holed = without(without(table, 0, no_y), 2, no_flag)
    drawn = impute(
        holed, arm, KINDS, np.random.default_rng(3), site=site, imputations=120, cycles=3, matching=way == "pmm"
    )
    found = pooled_difference(drawn, arm, 238)
    between, within = (numbers("imputation", way, name)[1][0] for name in ("b", "ubar"))
    monte_carlo = np.sqrt(between / 120 + between / 200)
    assert found.estimate.estimate == pytest.approx(numbers("imputation", way, "qbar")[1][0], abs=4 * monte_carlo)
    assert found.within == pytest.approx(within, rel=0.02)
    assert found.between == pytest.approx(between, rel=0.4)


def test_what_was_measured_is_never_touched():
    table, arm, site, no_y, no_flag = study()
    holed = without(without(table, 0, no_y), 2, no_flag)
    found = impute(holed, arm, KINDS, np.random.default_rng(4), site=site, cycles=2)
    tables = list(found)
    assert len(tables) == len(found.drawn) == np.ceil(100 * found.missing.max())
    measured = ~np.isnan(holed)
    for completed in tables:
        assert (completed[measured] == holed[measured]).all()
        assert np.isfinite(completed).all()
    assert np.isnan(holed).sum() == found.row.size
    assert found.missing == pytest.approx([max(no_y[arm == a].mean(), no_flag[arm == a].mean()) for a in (0, 1)])


def test_the_same_seed_draws_the_same_values():
    table, arm, site, no_y, _ = study()
    holed = without(table, 0, no_y)
    one, two, other = (impute(holed, arm, KINDS, np.random.default_rng(seed), site=site) for seed in (5, 5, 6))
    assert (one.drawn == two.drawn).all()
    assert not (one.drawn == other.drawn).all()


def test_matched_scores_are_scores_somebody_had():
    table, arm, site, no_y, _ = study()
    table[:, 0] = np.round(np.clip(table[:, 0], 0, 5))
    found = impute(without(table, 0, no_y), arm, KINDS, np.random.default_rng(7), site=site, matching=True)
    for a in (0, 1):
        assert set(np.unique(found.drawn[:, arm[found.row] == a])) <= set(table[(arm == a) & ~no_y, 0])


def test_matching_picks_among_the_five_nearest():
    # Prediction rises with x and the missing person sits between the third and the fourth of six clusters a mile apart.
    x = np.r_[np.repeat(np.arange(6.0), 5) * 100, 250.0]
    table = np.column_stack([np.r_[x[:-1] + np.tile([-0.2, -0.1, 0, 0.1, 0.2], 6), np.nan], x])
    both = np.vstack([table, table])
    found = impute(
        both, np.repeat([0, 1], 31), ("number", "number"), np.random.default_rng(8), imputations=200, matching=True
    )
    assert set(np.round(np.unique(found.drawn) / 100)) <= {2.0, 3.0}
    assert len(np.unique(found.drawn)) > 5


def test_arms_are_imputed_each_by_its_own_people():
    rng = np.random.default_rng(9)
    arm, x = np.repeat([0, 1], 200), rng.normal(size=400)
    y = np.where(arm == 1, 10 + 2 * x, -10 - 2 * x) + 0.01 * rng.normal(size=400)
    gone = rng.random(400) < 0.1
    found = impute(without(np.column_stack([y, x]), 0, gone), arm, ("number", "number"), rng)
    assert found.drawn.mean(axis=0) == pytest.approx(y[gone], abs=0.05)


def test_small_sites_share_one_level_and_take_in_another_if_too_few():
    site, known = np.repeat([0, 1, 2, 3], [9, 7, 3, 4]), np.ones(23, dtype=bool)
    assert site_levels(site, known).tolist() == np.repeat([0, 1, 2, 2], [9, 7, 3, 4]).tolist()
    known[[16, 17, 19, 20]] = False  # now one and two are left: the smaller of the large sites joins
    assert site_levels(site, known).tolist() == np.repeat([0, 1, 1, 1], [9, 7, 3, 4]).tolist()
    assert site_levels(site[:6], known[:6]).tolist() == [0] * 6
    assert site_levels(np.arange(4), known[:4]).tolist() == [0] * 4


def test_columns_that_repeat_others_are_left_out_of_the_model():
    x = np.arange(20.0)
    found = predictors(np.column_stack([x, 2 * x + 1, np.ones(20)]), np.zeros(20, dtype=int), x < 15)
    assert found.known.shape == (15, 2)
    assert found.missing.shape == (5, 2)
    assert found.groups == 1


def test_nothing_missing_gives_five_copies():
    table, arm, *_ = study()
    found = impute(table, arm, KINDS, np.random.default_rng(10))
    assert [(completed == table).all() for completed in found] == [True] * 5


def test_a_flag_nobody_has_is_seldom_drawn():
    table, arm, _, _, no_flag = study()
    table[:, 2] = 0
    found = impute(without(table, 2, no_flag), arm, KINDS, np.random.default_rng(11), imputations=400)
    people = [((arm == a) & ~no_flag).sum() for a in (0, 1)]
    assert found.drawn.mean() == pytest.approx(np.mean([0.5 / (count + 1) for count in people]), rel=0.3)


def test_a_flag_known_from_another_column_is_drawn_as_known():
    table, arm, site, _, no_flag = study()
    table[:, 2] = table[:, 1] > 0.2  # separated: the ridge keeps the fit finite
    found = impute(without(table, 2, no_flag), arm, KINDS, np.random.default_rng(12), site=site)
    far = np.abs(table[found.row, 1] - 0.2) > 1.5
    assert np.abs(found.drawn.mean(axis=0) - table[found.row, 2])[far].max() < 0.15


def test_a_number_everyone_shares_is_drawn_as_that_number():
    table, arm, _, no_y, _ = study()
    table[:, 0] = 4
    assert impute(without(table, 0, no_y), arm, KINDS, np.random.default_rng(13)).drawn == pytest.approx(4)


TABLE, ARM, *_ = study()
HOLED = without(TABLE, 0, np.arange(240) < 40)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"values": np.where(np.isnan(HOLED), np.inf, HOLED)}, "infinite"),
        ({"values": HOLED[:-1]}, "one row per person"),
        ({"values": HOLED[:, 0]}, "one row per person"),
        ({"kinds": ("number", "number")}, "one kind per column"),
        ({"kinds": ("number", "flag", "flag")}, "other than 0 and 1"),
        ({"kinds": ("number", "number", "category")}, "turn categories into flags"),
        ({"imputations": 16}, "ask for 17 or more"),
        ({"values": TABLE, "imputations": 4}, "ask for 5 or more"),
        ({"site": np.zeros(3)}, "site must be given for everyone"),
        ({"cycles": 0}, "one cycle at least"),
        ({"arm": np.zeros(240, dtype=int)}, "only one arm"),
        ({"values": without(TABLE, 0, ARM == 1)}, "nobody at one level has a value"),
        ({"values": without(TABLE, 0, np.arange(240) >= 14)}, "give fewer columns"),
    ],
)
def test_what_cannot_be_imputed_says_so(change, why):
    given = {"values": HOLED, "arm": ARM, "kinds": KINDS, "rng": np.random.default_rng(14)} | change
    with pytest.raises(NotEstimable, match=why):
        impute(**given)


def test_pooled_limits_hold_the_truth_where_the_observed_cases_do_not():
    # In arm 1 those whose severity is high are seldom followed up; the outcome rises with severity in both arms.
    rng, held, naive, found = np.random.default_rng(15), 0, [], []
    for _ in range(150):
        arm, severity = rng.integers(0, 2, 200), rng.normal(size=200)
        y = 1.0 * arm + 1.5 * severity + rng.normal(size=200)
        gone = (arm == 1) & (rng.random(200) < expit(2 * severity - 1.5))
        table = without(np.column_stack([y, severity]), 0, gone)
        one = pooled_difference(impute(table, arm, ("number", "number"), rng), arm, 198).estimate
        held += one.low <= 1.0 <= one.high
        found.append(one.estimate)
        naive.append(np.nanmean(table[arm == 1, 0]) - np.nanmean(table[arm == 0, 0]))
    assert np.mean(found) == pytest.approx(1.0, abs=4 * np.std(found) / 150**0.5)
    assert np.mean(naive) < 0.6
    assert held >= 0.90 * 150
