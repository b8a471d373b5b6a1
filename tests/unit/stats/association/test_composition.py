import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.errors import NotEstimable
from pipeline.stats.association.composition import closed, isometric_log_ratio, per_doubling, replace_zeros
from tests.reference.like_for_like import values

SHARES = np.array([[0.7, 0.2, 0.06, 0.04], [0.25, 0.25, 0.25, 0.25], [0.1, 0.15, 0.5, 0.25]])
EXACT = 1e-12  # a dozen additions of logarithms
MIXES = arrays(float, (3, 4), elements=st.floats(0.01, 50))


def test_the_coordinates_are_centered_log_ratios_on_a_helmert_basis():
    r = values("regression")
    assert isometric_log_ratio(SHARES).ravel() == pytest.approx([r[f"z_{j}"] for j in range(9)], abs=EXACT)


def test_two_parts_by_hand():
    # (3 h, 1 h): one coordinate, log(3) / sqrt(2); turned around its sign changes
    assert isometric_log_ratio([[3.0, 1.0]])[0, 0] == pytest.approx(np.log(3) / np.sqrt(2))
    assert isometric_log_ratio([[3.0, 1.0]], first=1)[0, 0] == pytest.approx(-np.log(3) / np.sqrt(2))


def test_three_parts_by_hand():
    # 4 : 1 : 1/4. The first against the geometric mean 1/2 of the others: sqrt(2/3) log 8; then sqrt(1/2) log 4
    assert isometric_log_ratio([[4.0, 1.0, 0.25]])[0] == pytest.approx(
        [np.sqrt(2 / 3) * np.log(8), np.sqrt(1 / 2) * np.log(4)]
    )


def test_a_doubled_part_moves_the_first_coordinate_by_its_step():
    doubled = SHARES * [1, 2, 1, 1]
    moved = isometric_log_ratio(doubled, first=1) - isometric_log_ratio(SHARES, first=1)
    assert moved[:, 0] == pytest.approx(per_doubling(4))
    assert moved[:, 1:] == pytest.approx(0, abs=EXACT)


@given(MIXES, st.floats(0.1, 100))
def test_only_ratios_count_and_distances_do_not_depend_on_which_part_comes_first(mix, factor):
    z = isometric_log_ratio(mix)
    assert isometric_log_ratio(factor * mix) == pytest.approx(z, abs=1e-9)
    logs = np.log(mix) - np.log(mix).mean(axis=1, keepdims=True)
    for first in range(4):
        turned = isometric_log_ratio(mix, first)
        assert np.linalg.norm(turned[0] - turned[1]) == pytest.approx(np.linalg.norm(logs[0] - logs[1]), abs=1e-9)


def test_zeros_become_the_stated_share_and_the_other_ratios_stay():
    got = replace_zeros([[6.0, 3.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]], 0.01)
    assert got[0].tolist() == pytest.approx([2 / 3 * 0.98, 1 / 3 * 0.98, 0.01, 0.01])
    assert got.sum(axis=1) == pytest.approx([1, 1])
    assert got[1] == pytest.approx(0.25)


@pytest.mark.parametrize("parts", [[[0.0, 0.0]], [[1.0, -1.0]], [[1.0, np.nan]], [[1.0], [2.0]]])
def test_what_is_no_mix_is_refused(parts):
    with pytest.raises(NotEstimable, match="mix needs"):
        closed(parts)


def test_zeros_have_no_logarithm_and_are_not_replaced_by_too_much():
    with pytest.raises(NotEstimable, match="replace zeros first"):
        isometric_log_ratio([[1.0, 0.0]])
    for share in (0.0, 0.5):
        with pytest.raises(NotEstimable, match="equal share"):
            replace_zeros([[1.0, 0.0]], share)
