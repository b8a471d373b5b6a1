"""Rubin's rules: mice, numbers by hand, and what may not be pooled."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.imputation.rubins_rules import barnard_rubin, pool
from tests.reference.written import numbers, written

EXACT = 1e-9
SETS = {
    "five": ([2.1, 2.6, 1.7, 2.4, 2.2], [0.50, 0.55, 0.48, 0.52, 0.51], "mean"),
    "ratio": ([0.82, 0.91, 0.75, 0.88, 0.79, 0.84], [0.11, 0.12, 0.10, 0.11, 0.13, 0.12], "ratio"),
    "survival": ([0.62, 0.65, 0.58, 0.61, 0.60], [0.04, 0.041, 0.043, 0.04, 0.042], "survival"),
}
FINITE = sorted({row.case for row in written("pooled") if "Inf" not in row.case})


def found_for(case):
    name, df = case.split("/")
    q, se, quantity = SETS[name]
    return pool(q, se, complete_df=float(df), quantity=quantity)


@pytest.mark.parametrize("case", FINITE)
def test_pooled_limits_and_degrees_of_freedom_equal_mice(case):
    found = found_for(case)
    expected = {row.quantity: row.value for row in written("pooled") if row.case == case}
    assert [found.within, found.between] == pytest.approx([expected["ubar"], expected["b"]], rel=EXACT)
    assert found.estimate.df == pytest.approx(expected["df"], rel=EXACT)
    assert found.missing_information == pytest.approx(expected["fmi"], rel=EXACT)
    assert [found.estimate.low, found.estimate.high] == pytest.approx([expected["low"], expected["high"]], rel=EXACT)


@pytest.mark.parametrize("name", SETS)
def test_large_samples_use_rubins_own_degrees_of_freedom(name):
    found = found_for(f"{name}/inf")
    assert found.estimate.df == pytest.approx(numbers("pooled", f"{name}/Inf", "df")[1][0], rel=EXACT)
    assert found.estimate.low == pytest.approx(numbers("pooled", f"{name}/Inf", "low")[1][0], rel=EXACT)


def test_rules_by_hand():
    # q 1, 3 with se 1 each: W 1, B 2, T 1 + 1.5 * 2 = 4, share 3/4; old df 1/(9/16) = 16/9; observed 12/14*11/4
    found = pool([1, 3], [1, 1], complete_df=11, n=40)
    assert (found.estimate.estimate, found.estimate.se, found.within, found.between, found.m) == (2, 2, 1, 2, 2)
    observed = 12 / 14 * 11 * 0.25
    assert found.estimate.df == pytest.approx(1 / (9 / 16 + 1 / observed))
    assert found.estimate.n == 40
    assert "fewer imputations" in found.estimate.note


def test_the_same_answer_every_time_is_that_answer():
    found = pool([2.0] * 5, [0.5] * 5, complete_df=np.inf)
    assert (found.estimate.se, found.estimate.df, found.missing_information, found.estimate.note) == (
        0.5,
        np.inf,
        0,
        "",
    )
    assert barnard_rubin(5, 0.0, 20) == pytest.approx(21 / 23 * 20)


def test_degrees_of_freedom_never_exceed_those_of_the_complete_data():
    for share in (0.0, 0.01, 0.3, 0.9):
        assert barnard_rubin(100, share, 11) < 11


def test_a_ratio_upside_down_gives_the_limits_upside_down():
    q, se, _ = SETS["ratio"]
    up, down = (
        pool(q, se, complete_df=40, quantity="ratio"),
        pool(1 / np.array(q), se, complete_df=40, quantity="ratio"),
    )
    assert [down.estimate.low, down.estimate.high] == pytest.approx([1 / up.estimate.high, 1 / up.estimate.low])
    assert down.estimate.p == pytest.approx(up.estimate.p)


def test_survival_limits_stay_between_nobody_and_everybody():
    found = pool([0.97, 0.995, 0.98], [0.02, 0.01, 0.015], complete_df=20, quantity="survival").estimate
    assert 0 < found.low < found.estimate < found.high < 1
    assert np.isnan(found.p)


@pytest.mark.parametrize(
    ("q", "se", "df", "quantity", "why"),
    [
        ([1, 2], [1, 1], 10, "median", "median is not pooled"),
        ([1], [1], 10, "mean", "two completed data sets"),
        ([], [], 10, "mean", "two completed data sets"),
        ([1, 2], [1], 10, "mean", "two completed data sets"),
        ([1, np.nan], [1, 1], 10, "mean", "before pooling"),
        ([1, 2], [1, 0], 10, "mean", "before pooling"),
        ([1, 2], [1, np.inf], 10, "mean", "before pooling"),
        ([1, 2], [1, 1], 0, "mean", "above 0"),
        ([1, 2], [1, 1], np.nan, "mean", "above 0"),
        ([1, 0], [1, 1], 10, "ratio", "pool the difference"),
        ([0.5, 1.0], [0.1, 0.1], 10, "survival", "some have left"),
        ([0.5, 0.0], [0.1, 0.1], 10, "survival", "some have left"),
    ],
)
def test_what_cannot_be_pooled_says_so(q, se, df, quantity, why):
    with pytest.raises(NotEstimable, match=why):
        pool(q, se, complete_df=df, quantity=quantity)
