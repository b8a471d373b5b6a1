"""Cells instead of people give the same fit."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.weighting import categorical_propensity as module
from pipeline.stats.weighting.categorical_propensity import categorical_propensity
from pipeline.stats.weighting.propensity import multinomial_propensity
from tests.reference.like_for_like import study

SAME_MAXIMUM = 1e-8  # of the same likelihood, from sums in another order
SIZES = (4, 3, 2, 5)


def drawn(n, arms=3, seed=0):
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.choice(size, n, p=np.arange(size, 0, -1) / (size * (size + 1) / 2)) for size in SIZES])
    odds = np.exp(np.column_stack([a * (0.3 * (x[:, 0] == 1) - 0.4 * (x[:, 3] == 2) + 0.1) for a in range(arms)]))
    return x, (odds.cumsum(1) / odds.sum(1, keepdims=True) > rng.random((n, 1))).argmax(1), rng.uniform(0.5, 2, n)


def indicators(x):
    return np.hstack([x[:, [j]] == np.arange(1, size) for j, size in enumerate(SIZES)]).astype(float)


@pytest.mark.parametrize("arms", [2, 3])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dense", [0, 8])
def test_cells_give_what_people_give(monkeypatch, arms, weighted, dense):
    monkeypatch.setattr(module, "DENSE", dense)
    x, arm, w = drawn(2_000, arms)
    weights = w if weighted else None
    cells, people = (
        categorical_propensity(x, arm, weights=weights),
        multinomial_propensity(indicators(x), arm, weights=weights),
    )
    assert cells.probabilities == pytest.approx(people.probabilities, abs=SAME_MAXIMUM)
    assert cells.coefficients == pytest.approx(people.coefficients, abs=SAME_MAXIMUM)
    assert cells.intercepts == pytest.approx(people.intercepts, abs=SAME_MAXIMUM)
    assert cells.gradient <= 1e-8


def test_one_saturated_category_is_the_share_of_each_arm_in_it():
    level, arm = np.repeat([0, 0, 1, 1, 1], 20), np.tile([0, 0, 0, 1, 2], 20)
    level[:30] = 1 - level[:30]
    found = categorical_propensity(level, arm)
    for one in (0, 1):
        shares = np.bincount(arm[level == one], minlength=3) / (level == one).sum()
        assert found.probabilities[level == one] == pytest.approx(
            np.tile(shares, ((level == one).sum(), 1)), abs=SAME_MAXIMUM
        )


def test_the_two_valued_covariate_of_the_study_has_the_log_odds_ratio_of_its_table():
    s = study()
    level = (s.x[:, 2] > np.median(s.x[:, 2])).astype(int)
    table = np.array([[(level[s.two == a] == one).sum() for one in (0, 1)] for a in (0, 1)])
    log_odds_ratio = np.log(table[1, 1] * table[0, 0] / table[1, 0] / table[0, 1])
    assert categorical_propensity(level, s.two).coefficients[0, 1] == pytest.approx(log_odds_ratio, abs=SAME_MAXIMUM)


def test_an_unused_level_and_a_separated_one_are_named():
    x, arm, _ = drawn(500, 2)
    x[:, 1] = np.where(x[:, 1] == 1, 2, x[:, 1])  # level 1 of the second category is nobody's
    assert "1 constant or redundant column left out" in categorical_propensity(x, arm).note
    x[:, 2] = arm
    assert "separation" in categorical_propensity(x, arm).note


@pytest.mark.parametrize(
    ("levels", "remedy"),
    [
        ([[0.5], [1], [0]], "number the categories first"),
        ([[-1], [1], [0]], "number the categories first"),
        ([[np.nan], [1], [0]], "number the categories first"),
        ([[1], [0]], "one row per person"),
        ([[2**61, 2**61]] * 3, "merge rare ones"),
    ],
)
def test_what_are_no_categories_is_refused(levels, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        categorical_propensity(levels, [0, 1, 0])
