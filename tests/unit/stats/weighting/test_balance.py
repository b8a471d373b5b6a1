import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from pipeline.errors import NotEstimable
from pipeline.stats.weighting.balance import (
    balance,
    effective_sample,
    largest_distances,
    overlap_report,
    second_order_balance,
    second_order_terms,
)
from tests.reference.like_for_like import study, table

SAME_ARITHMETIC = 1e-10  # sums in another order
NAMES = ("x1", "x2", "x3", "x4")


def test_balance_by_hand():
    # arm 0: 0, 2; arm 1: 2, 4, 6; weights move arm 1 to 2 and 4
    b = balance([0.0, 2, 2, 4, 6], ["score"], [0, 0, 1, 1, 1], [1, 1, 1, 1, 0])
    pooled = ((2 + 4) / 2) ** 0.5  # unweighted variances 2 and 4, before and after
    assert b.smd_before == pytest.approx([(4 - 1) / pooled])
    assert b.smd_after == pytest.approx([(3 - 1) / pooled])
    assert b.ratio_before == pytest.approx([2])
    assert b.ratio_after == pytest.approx([1])
    assert b.means_before[:, 0].tolist() == [1, 4]
    assert b.means_after[:, 0].tolist() == [1, 3]
    assert b.ess.tolist() == [2, 2]
    assert b.n.tolist() == [2, 3]
    assert b.largest == pytest.approx(2 / pooled)


def test_before_and_after_agree_with_matchit():
    s, r = study(), table("balance")
    weights = table("balance_weights")["weight"]
    b = balance(s.x, NAMES, s.two, weights)
    flag = [s.x3[s.two == a] for a in (0, 1)]  # MatchIt divides a flag's variance by n, not n - 1
    divisor = np.array([1, 1, (sum(x.var() for x in flag) / sum(x.var(ddof=1) for x in flag)) ** 0.5, 1])
    assert b.smd_before == pytest.approx(r["smd_before"] * divisor, abs=SAME_ARITHMETIC)
    assert b.smd_after == pytest.approx(r["smd_after"] * divisor, abs=SAME_ARITHMETIC)
    numbers = np.isfinite(r["ratio_before"])  # MatchIt gives none for two-valued columns either
    assert numbers.tolist() == np.isfinite(b.ratio_before).tolist()
    for ours, theirs in ((b.ratio_before, r["ratio_before"]), (b.ratio_after, r["ratio_after"])):
        assert ours[numbers] == pytest.approx(np.maximum(theirs, 1 / theirs)[numbers], abs=SAME_ARITHMETIC)
    assert b.ess == pytest.approx([116.324612251292, 203.551415150709], abs=1e-9)  # head of balance_weights.csv


def test_three_arms_show_their_worst_pair():
    x, arm = np.array([0.0, 1, 0, 1, 5, 6]), np.repeat([0, 1, 2], 2)
    b = balance(x, ["x"], arm, np.ones(6))
    assert b.smd_before == pytest.approx([5 / 0.5**0.5])


def test_constants_are_balanced_unless_they_differ_between_arms():
    x = np.column_stack([np.full(6, 1e6), np.repeat([0.1, 0.3], 3)])
    b = balance(x, ["same", "apart"], np.repeat([0, 1], 3), np.ones(6))
    assert b.smd_before.tolist() == [0, np.inf]
    assert b.smd_after.tolist() == [0, np.inf]
    assert b.ratio_before[0] == 1
    assert np.isnan(b.ratio_before[1])


def test_a_column_that_varies_in_one_arm_only_has_an_infinite_ratio():
    b = balance([1.0, 1, 1, 1, 2, 3], ["x"], np.repeat([0, 1], 3), np.ones(6))
    assert b.ratio_before.tolist() == [np.inf]
    assert b.smd_before == pytest.approx([1 / 0.5**0.5])


def test_squares_and_products_are_those_of_the_expanded_columns():
    s = study()
    w = np.random.default_rng(0).uniform(0.1, 2, 400)
    terms, names = second_order_terms(s.x, NAMES)
    assert len(names) == 4 * 5 / 2 - 1  # x3 is a flag: its square says nothing new
    assert names[:2] == ("x1 squared", "x1 × x2")
    expanded, implied = balance(terms, names, s.arm, w), second_order_balance(s.x, NAMES, s.arm, w)
    assert implied.names == expanded.names
    assert implied.smd_before == pytest.approx(expanded.smd_before, abs=SAME_ARITHMETIC)
    assert implied.smd_after == pytest.approx(expanded.smd_after, abs=SAME_ARITHMETIC)
    assert implied.ess == pytest.approx(expanded.ess)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 1000), st.floats(-1e4, 1e4))
def test_units_row_order_arm_names_and_weight_scale_do_not_matter(seed, scale, shift):
    rng = np.random.default_rng(seed)
    x, arm, w = rng.normal(size=(120, 3)), rng.integers(0, 3, 120), rng.uniform(0.1, 3, 120)
    arm[:3] = [0, 1, 2]
    names, order = np.array([1, 2, 0]), rng.permutation(120)
    base = balance(x, "abc", arm, w)
    other = balance(x[order] * scale + shift, "abc", names[arm[order]], w[order] * 7)
    assert other.smd_after == pytest.approx(base.smd_after, rel=1e-6)
    assert other.ratio_after == pytest.approx(base.ratio_after, rel=1e-6)
    assert other.ess[names] == pytest.approx(base.ess)


def test_counts_as_base_weights_are_copies_of_rows():
    rng = np.random.default_rng(4)
    x, arm, count = rng.normal(size=(60, 2)), np.tile([0, 1], 30), rng.integers(1, 4, 60)
    w = rng.uniform(0.5, 2, 60)
    copies = np.repeat(np.arange(60), count)
    cells, rows = balance(x, "ab", arm, w * count, base=count), balance(x[copies], "ab", arm[copies], w[copies])
    assert cells.means_after == pytest.approx(rows.means_after)
    assert cells.means_before == pytest.approx(rows.means_before)
    assert cells.n.tolist() == rows.n.tolist()


def test_distances_are_scipys_kolmogorov_smirnov_and_weights_are_copies():
    rng = np.random.default_rng(6)
    x, arm, count = rng.integers(0, 9, (80, 3)).astype(float), np.tile([0, 1], 40), rng.integers(1, 4, 80)
    peer = [ks_2samp(x[arm == 0, j], x[arm == 1, j]).statistic for j in range(3)]
    assert largest_distances(x, arm, np.ones(80)) == pytest.approx(peer, abs=SAME_ARITHMETIC)
    copies = np.repeat(np.arange(80), count)
    assert largest_distances(x, arm, count) == pytest.approx(
        largest_distances(x[copies], arm[copies], np.ones(len(copies)))
    )


def test_equipoise_by_hand():
    # prevalence 1/2: preference is e_1 / (e_0 + e_1)
    e1 = np.array([0.1, 0.35, 0.5, 0.65, 0.69, 0.9])
    report = overlap_report(np.column_stack([1 - e1, e1]), [0, 0, 0, 1, 1, 1], [1, 1, 2, 1, 1, 2])
    assert report.pairs.tolist() == [[0, 1]]
    assert report.equipoise == pytest.approx(np.array([[2 / 3, 2 / 3]]))
    assert report.smallest == pytest.approx(2 / 3)
    assert report.largest_share == pytest.approx([0.5, 0.5])
    assert report.ess == pytest.approx([16 / 6, 16 / 6])


def test_equipoise_corrects_for_how_common_an_arm_is():
    # nine in arm 0 for one in arm 1, and nothing tells them apart: everyone is in equipoise
    arm = np.tile(np.repeat([0, 1], [9, 1]), 5)
    report = overlap_report(np.tile([0.9, 0.1], (50, 1)), arm, np.ones(50))
    assert report.smallest == 1


def test_three_arms_are_compared_pair_by_pair():
    e = np.array([[0.45, 0.45, 0.1], [0.45, 0.45, 0.1], [0.1, 0.1, 0.8]])
    report = overlap_report(e, [0, 1, 2], np.ones(3))
    assert report.pairs.tolist() == [[0, 1], [0, 2], [1, 2]]
    assert report.equipoise[0].tolist() == [1, 1]
    assert report.smallest == 0


def test_effective_sample_is_kishs():
    assert effective_sample([1, 1, 2, 4, 4], [0, 0, 0, 1, 1]) == pytest.approx([16 / 6, 2])


@pytest.mark.parametrize("estimate", [balance, second_order_balance])
@pytest.mark.parametrize(
    ("x", "arm", "w", "remedy"),
    [
        ([1.0, np.nan, 2, 3], [0, 0, 1, 1], np.ones(4), "add an indicator"),
        ([1.0, 2, 3, 4], [0, 0, 0, 0], np.ones(4), "two levels of care"),
        ([1.0, 2, 3, 4], [0, 0, 2, 2], np.ones(4), "leave it out"),
        ([1.0, 2, 3, 4], [0, 0, 1, 1], [0, 0, 1, 1], "leave it out"),
        ([1.0, 2, 3, 4], [0, 0, 1, 1], [np.nan, 1, 1, 1], "mend them"),
        ([1.0], [0], [1.0], "two levels of care"),
        ([], [], [], "widen the study period"),
    ],
)
def test_what_cannot_be_balanced_says_what_would_help(estimate, x, arm, w, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        estimate(x, ["x"], np.array(arm, dtype=int), w)


def test_a_column_without_a_name_is_refused():
    with pytest.raises(NotEstimable, match="one name"):
        balance(np.ones((4, 2)), ["x"], [0, 0, 1, 1], np.ones(4))
