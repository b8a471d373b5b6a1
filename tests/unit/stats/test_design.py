import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stats.design import build_design, independent_columns, spread_penalty


def test_groups_become_indicators_and_covariates_are_standardized():
    d = build_design(np.array([[1.0, 5], [3, 5], [5, 5]]), np.array([0, 1, 1]), 2)
    assert d.values[:, :2].tolist() == [[1, 0], [0, 1], [0, 1]]
    assert d.values[:, 2] == pytest.approx(np.array([-2, 0, 2]) / np.sqrt(8 / 3))
    assert d.values[:, 3].tolist() == [0, 0, 0]
    assert (d.center[1], d.scale[1]) == (5, 1)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(0, 4))
def test_as_many_columns_are_kept_as_the_matrix_has_rank_and_the_first_come_first(seed, own, repeated):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(50, own))
    z = np.column_stack([x, x @ rng.normal(size=(own, repeated)), np.zeros(50)])
    assert independent_columns(z.T @ z).tolist() == [True] * own + [False] * (repeated + 1)


def test_a_nearly_repeated_column_is_a_column_of_its_own():
    x = np.random.default_rng(0).normal(size=(200, 2))
    z = np.column_stack([x, x[:, 0] + 1e-3 * x[:, 1] ** 2])
    assert independent_columns(z.T @ z).all()


def test_the_penalty_pulls_intercepts_to_their_mean_and_flags_per_half_range():
    x = np.column_stack([np.arange(8.0), [0, 0, 0, 0, 0, 0, 0, 1]])
    d = build_design(x, np.array([0, 1] * 4), 2)
    p = spread_penalty(d.values, 2)
    assert p[:2, :2].tolist() == [[0.5, -0.5], [-0.5, 0.5]]
    assert np.array([1, 1, 0, 0]) @ p == pytest.approx(0)  # equal intercepts cost nothing
    assert p[2, 2] == 1
    sd = np.sqrt(7 / 64)
    assert p[3, 3] == pytest.approx((1 / sd / 2) ** 2)


def test_the_penalty_on_the_flags_of_a_factor_does_not_ask_which_level_has_none():
    arm = np.arange(9) % 3
    flags = [np.column_stack([np.ones(9), arm == one, arm == other]) for one, other in ((1, 2), (0, 2))]
    effects = np.array([0.4, -1.0, 2.2])
    costs = []
    for z, first in zip(flags, (0, 1), strict=True):
        b = np.r_[0, np.delete(effects - effects[first], first)]
        costs.append(b @ spread_penalty(z, 1, 2) @ b)
    assert costs[0] == pytest.approx(costs[1], rel=1e-12)
    assert costs[0] == pytest.approx(((effects - effects.mean()) ** 2).sum() / 2, rel=1e-12)
    two = np.column_stack([np.ones(9), arm == 1])
    assert spread_penalty(two, 1, 1).tolist() == spread_penalty(two, 1).tolist()  # of two levels: any flag
