import csv
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

from pipeline.stats import multinomial
from pipeline.stats.multinomial import fit_multinomial, likelihood, probabilities

PATH = Path(__file__).parents[2] / "reference" / "separation.csv"


def written_by_r():
    rows = csv.DictReader(line for line in PATH.read_text().splitlines() if not line.startswith("#"))
    for _, group in groupby(rows, lambda row: row["case"]):
        yield np.array([[float(row[name]) for name in ("x1", "x2", "arm", "separated", "chance")] for row in group])


def test_small_programs_get_a_ridge_where_r_finds_their_arms_separated_and_what_glm_fits_elsewhere():
    for people in written_by_r():
        values, arm = np.column_stack([np.ones(len(people)), people[:, :2]]), people[:, 2].astype(int)
        fit = fit_multinomial(values, arm, 2)
        assert fit.penalized == people[0, 3]
        if not fit.penalized:
            assert probabilities(values, fit.coefficients)[:, 1] == pytest.approx(people[:, 4], abs=1e-9)


def separated(values, arm, arms):
    """By linear program: whether a direction puts somebody's own arm ahead and nobody's behind."""
    ahead = np.zeros((len(arm), arms, arms, values.shape[1]))
    ahead[np.arange(len(arm)), :, arm] += values[:, None]
    ahead[:, range(arms), range(arms)] -= values[:, None]
    ahead = ahead[:, :, 1:].reshape(len(arm) * arms, -1)
    return linprog(-ahead.sum(0), A_ub=-ahead, b_ub=np.zeros(len(ahead)), bounds=(-1, 1)).fun < -1e-7


@pytest.mark.parametrize("arms", [2, 3])
def test_a_ridge_is_added_exactly_where_a_linear_program_finds_the_arms_separated(arms):
    rng, seen = np.random.default_rng(arms), []
    for _ in range(60):
        x = rng.normal(size=(int(rng.integers(12, 70)), 3))
        x[:, 0] = x[:, 0] > 1
        arm = (2 * x @ rng.normal(size=(3, arms)) + rng.gumbel(size=(len(x), arms))).argmax(axis=1)
        values = np.column_stack([np.ones(len(x)), x])
        if len(np.unique(arm)) == arms and np.linalg.matrix_rank(values) == 4:
            seen.append(separated(values, arm, arms))
            assert fit_multinomial(values, arm, arms).penalized == seen[-1]
    assert 10 < sum(seen) < len(seen) - 10


def a_cell_that_is_nearly_one_arm(elsewhere):
    """2,000 people, a quarter of them in a cell where all but `elsewhere` of them are in arm 1."""
    rng = np.random.default_rng(4)
    cell, age = np.repeat([1.0, 0.0], [500, 1500]), rng.normal(size=2000)
    arm = (rng.random(2000) < 0.5).astype(np.int64)
    arm[:500] = 1
    arm[:elsewhere] = 0
    return np.column_stack([np.ones(2000), cell, age]), arm


def test_a_cell_of_one_arm_is_found_out_within_a_few_steps(monkeypatch):
    looked = []
    monkeypatch.setattr(multinomial, "likelihood", lambda *given: looked.append(1) or likelihood(*given))
    values, arm = a_cell_that_is_nearly_one_arm(elsewhere=0)
    proof = multinomial._newton(values, arm, None, np.zeros((3, 1)), None)
    assert values @ proof == pytest.approx(values[:, 1:2] * proof[1], abs=1e-9)  # the cell moves, nobody else does
    assert len(looked) < 6


@pytest.mark.parametrize(("elsewhere", "penalized"), [(0, True), (1, False), (2, False), (5, False)])
def test_a_cell_with_a_single_exception_is_no_cell_of_one_arm(elsewhere, penalized):
    assert fit_multinomial(*a_cell_that_is_nearly_one_arm(elsewhere), 2).penalized == penalized


def test_an_exception_who_has_no_weight_is_none():
    values, arm = a_cell_that_is_nearly_one_arm(elsewhere=1)
    weights = np.ones(2000)
    weights[0] = 0
    assert fit_multinomial(values, arm, 2, weights=weights).penalized


def test_one_exception_among_half_a_hundred_thousand_is_far_away_and_still_no_separation():
    cell = np.repeat([1.0, 0.0], [50_000, 50_000])
    arm = np.tile([1, 0], 50_000)
    arm[:50_000] = 1
    arm[0] = 0
    fit = fit_multinomial(np.column_stack([np.ones(100_000), cell]), arm, 2)
    assert not fit.penalized
    assert fit.coefficients.sum() == pytest.approx(np.log(49_999))


def test_without_a_few_people_a_ridge_fit_starts_from_the_whole_and_ends_where_a_new_one_does(monkeypatch):
    values, arm = a_cell_that_is_nearly_one_arm(elsewhere=0)
    whole = fit_multinomial(values, arm, 2)
    rows = np.arange(2000) % 10 > 0
    anew = fit_multinomial(values[rows], arm[rows], 2)
    looked = []
    monkeypatch.setattr(multinomial, "likelihood", lambda *given: looked.append(1) or likelihood(*given))
    near = fit_multinomial(values[rows], arm[rows], 2, start=whole.coefficients, apart=whole.apart)
    assert near.penalized
    assert near.coefficients == pytest.approx(anew.coefficients, abs=1e-9)
    assert len(looked) <= 4


def test_where_nobody_is_left_in_the_cell_of_one_arm_there_is_no_separation_any_more():
    values, arm = a_cell_that_is_nearly_one_arm(elsewhere=0)
    values[500:510, 1] = 1  # ten more in the cell, of both arms: left out in the whole
    whole = fit_multinomial(values[10:][np.r_[0:490, 500:1990]], arm[10:][np.r_[0:490, 500:1990]], 2)
    fit = fit_multinomial(values, arm, 2, start=whole.coefficients, apart=whole.apart)
    assert (whole.penalized, fit.penalized) == (True, False)
    assert fit.coefficients == pytest.approx(fit_multinomial(values, arm, 2).coefficients, abs=1e-9)
