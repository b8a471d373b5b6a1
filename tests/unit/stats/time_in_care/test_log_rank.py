"""Tests between groups: log-rank and Gray against R, by hand, and what must always hold."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import NotEstimable
from pipeline.stats.time_in_care.log_rank import gray_test, log_rank
from tests.reference.written import numbers, people, written

EXACT = 1e-8  # closed forms: only the order of additions differs from R

LOG_RANKS = sorted({row.case for row in written("survival") if row.quantity == "observed"})
GRAYS = sorted({(row.case, row.cause) for row in written("cuminc") if row.quantity == "chi_square"})


def drawn(case):
    """People, groups and keywords of a case such as *large 3 strata*."""
    name, k, kind = case.split()
    group = people(name)
    arm = group.arm % int(k)
    return group, arm, kind, {"strata": {"strata": group.stratum}, "frequency": {"weights": group.count}}.get(kind, {})


@pytest.mark.parametrize("case", LOG_RANKS)
def test_log_rank_equals_r(case):
    group, arm, kind, keywords = drawn(case)
    ended = (group.state > 0) & ((arm != 1) | (kind != "silent"))
    found = log_rank(group.day, ended, arm, **keywords)
    assert found.chi_square == pytest.approx(numbers("survival", case, "chi_square")[1][0], rel=EXACT)
    assert found.observed == pytest.approx(numbers("survival", case, "observed")[1])
    assert found.expected == pytest.approx(numbers("survival", case, "expected")[1], rel=EXACT)
    assert np.diag(found.variance) == pytest.approx(numbers("survival", case, "variance")[1], rel=EXACT)
    assert found.df == int(case.split()[1]) - 1


@pytest.mark.parametrize("k", [2, 3])
def test_log_rank_with_delayed_entry_is_the_score_test_of_the_exact_cox_model(k):
    group = people("small")
    late = group[group.day > 0]
    found = log_rank(late.day, late.state > 0, late.arm % k, entry=late.entry)
    assert found.chi_square == pytest.approx(numbers("survival", f"small {k} entry", "chi_square")[1][0], rel=EXACT)


@pytest.mark.parametrize(("case", "cause"), GRAYS)
def test_gray_equals_r(case, cause):
    group, arm, kind, keywords = drawn(case)
    state = np.where((arm == 1) & (kind == "silent"), 0, group.state)
    found = gray_test(group.day, state, arm, of=cause, **keywords)
    assert found.chi_square == pytest.approx(numbers("cuminc", case, "chi_square", cause)[1][0], rel=EXACT)
    assert found.p == pytest.approx(numbers("cuminc", case, "p", cause)[1][0], rel=1e-7)


def test_log_rank_by_hand():
    # group 0: ends on days 1 and 3; group 1: ends on day 3, lost on day 4
    # day 1: 1 of 4 ends, E0 = 2/4, V = 1*3/3*(1/2)(1/2); day 3: 2 of 3 end, E0 = 2*1/3, V = 2*1/2*(1/3)(2/3)
    found = log_rank([1, 3, 3, 4], [1, 1, 1, 0], [0, 0, 1, 1])
    expected, variance = Fraction(1, 2) + Fraction(2, 3), Fraction(1, 4) + Fraction(2, 9)
    assert found.expected[0] == pytest.approx(float(expected), rel=1e-12)
    assert found.chi_square == pytest.approx(float((2 - expected) ** 2 / variance), rel=1e-12)


def test_gray_without_competing_endings_or_losses_tests_the_same_difference_as_log_rank():
    draw = np.random.default_rng(5)
    day, arm = draw.permutation(200), draw.integers(0, 2, 200)  # all times distinct: no tie factors
    gray, plain = gray_test(day, np.ones(200), arm), log_rank(day, np.ones(200), arm)
    assert gray.score == pytest.approx(plain.observed - plain.expected, rel=1e-9)


rows = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2), st.integers(0, 2)), min_size=8, max_size=30)


@given(rows, st.permutations([0, 1, 2]))
@settings(max_examples=60, deadline=None)
def test_names_of_arms_and_units_of_time_do_not_matter(drawn_rows, names):
    day, state, arm = (np.array(column) for column in zip(*drawn_rows, strict=True))
    renamed = np.array(names)[arm]
    for test in (lambda d, s, a: log_rank(d, s > 0, a), lambda d, s, a: gray_test(d, s, a, of=1)):
        try:
            first = test(day, state, arm)
        except NotEstimable:
            with pytest.raises(NotEstimable):
                test(day, state, renamed)
            continue
        again = test(day * 24, state, renamed)
        assert again.df == first.df
        assert again.chi_square == pytest.approx(first.chi_square, rel=1e-6, abs=1e-9)


def test_arms_never_under_observation_together_add_no_degree_of_freedom():
    # arms 0 and 1 share one stratum, arms 2 and 3 another
    day = [1, 2, 3, 4, 1, 2, 3, 4]
    found = log_rank(day, [1] * 8, [0, 1, 0, 1, 2, 3, 2, 3], strata=[0, 0, 0, 0, 1, 1, 1, 1])
    assert found.df == 2


@pytest.mark.parametrize(
    ("day", "state", "arm"),
    [
        ([1, 2, 3], [1, 1, 0], [0, 0, 0]),  # one arm
        ([1, 2, 3], [0, 0, 0], [0, 1, 1]),  # nobody ends
        ([], [], []),
        ([1, 2], [1, 1], [0]),
    ],
)
def test_a_test_that_cannot_be_made_says_so(day, state, arm):
    with pytest.raises(NotEstimable):
        log_rank(day, state, arm)
    with pytest.raises(NotEstimable):
        gray_test(day, state, arm)
