from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_t, norm
from scipy.stats import t as student
from statsmodels.stats.multitest import multipletests

from pipeline.errors import NotEstimable
from pipeline.stats.multiplicity import benjamini_hochberg, simultaneous_limits, step_down_levels
from tests.reference.like_for_like import values

P = np.array([0.001, 0.013, 0.014, 0.19, 0.35, 0.5, 0.012, 0.9, 0.04])
PAIRS = np.array([[-1.0, 1, 0], [-1, 0, 1], [0, -1, 1]])
MEANS, V = np.array([1.2, 2.9, 2.1]), np.array([[0.30, 0.05, 0.02], [0.05, 0.40, 0.06], [0.02, 0.06, 0.50]])
ON_A_CIRCLE = 1e-6  # rank 2: an integral over equal angles
ON_A_SPHERE = 2e-4  # rank 3 and more: 16,384 Sobol points
GENZ = 2e-3  # multcomp integrates by random points at its default accuracy of 0.001


def test_false_discovery_is_p_adjust():
    r = values("multiplicity")
    assert benjamini_hochberg(P) == pytest.approx([r[f"bh_{i}"] for i in range(9)])
    assert benjamini_hochberg(P) == pytest.approx(multipletests(P, method="fdr_bh")[1], rel=1e-14)


def below(p, level):
    """A test that is settled where its p-value is at most what it is given."""
    return p <= 1 - level


def rejected(p, alpha):
    """Whom the step-down settles: those read at a level that their p-value meets."""
    levels = step_down_levels([partial(below, one) for one in p], level=1 - alpha)
    return [below(one, level) for one, level in zip(p, levels, strict=True)]


@pytest.mark.parametrize("alpha", [0.005, 0.0091, 0.05, 0.0961, 0.15, 0.2001, 0.77])
def test_what_the_step_down_settles_is_what_holms_p_values_reject_by_r(alpha):
    r = values("multiplicity")
    assert rejected(P, alpha) == [r[f"holm_{i}"] <= alpha for i in range(9)]


def test_what_the_step_down_settles_is_what_holms_p_values_reject_by_statsmodels(monkeypatch):
    monkeypatch.setattr("gc.collect", lambda *_: 0)  # multipletests collects garbage at each call: a second, in a suite
    rng = np.random.default_rng(7)
    for _ in range(40):
        p, alpha = rng.beta(0.3, 1, rng.integers(1, 9)), rng.uniform(0.01, 0.3)
        assert rejected(p, alpha) == (multipletests(p, method="holm")[1] <= alpha).tolist()


def test_the_error_is_shared_by_those_who_are_not_settled_before():
    never, at_once, later = (lambda level: False), (lambda level: level < 0.99), (lambda level: level <= 0.98)
    assert step_down_levels([]) == []
    assert step_down_levels([never]) == pytest.approx([0.95])
    assert step_down_levels([never, never]) == pytest.approx([0.975, 0.975])
    assert step_down_levels([never, at_once, later]) == pytest.approx([0.95, 1 - 0.05 / 3, 0.975])


@pytest.mark.parametrize(("df", "name"), [(np.inf, "0"), (11, "11")])
def test_all_pairs_of_three_arms_agree_with_multcomp(df, name):
    r = values("multiplicity")
    got = simultaneous_limits(PAIRS @ MEANS, PAIRS @ V @ PAIRS.T, df=df)
    assert got.critical == pytest.approx(r[f"critical_{name}"], abs=GENZ)
    assert got.p == pytest.approx([r[f"p_{name}_{i}"] for i in range(3)], abs=GENZ)
    assert got.high - got.low == pytest.approx(2 * got.critical * np.sqrt(np.diag(PAIRS @ V @ PAIRS.T)))


def test_equal_variances_give_tukeys_range():
    r = values("multiplicity")
    assert simultaneous_limits(np.ones(3), PAIRS @ PAIRS.T, df=12).critical == pytest.approx(
        r["tukey_12"], abs=ON_A_CIRCLE
    )
    four = np.array([np.eye(4)[a] - np.eye(4)[b] for a in range(4) for b in range(a)])
    assert simultaneous_limits(np.ones(6), four @ four.T).critical == pytest.approx(r["tukey_normal"], abs=ON_A_SPHERE)


def test_one_estimate_is_students_t():
    got = simultaneous_limits([2.0], [[1.0]], df=9)
    assert got.critical == pytest.approx(student.ppf(0.975, 9), abs=1e-8)
    assert got.p == pytest.approx([2 * student.sf(2, 9)], abs=1e-8)


def test_independent_estimates_are_sidaks():
    got = simultaneous_limits(np.zeros(4), np.eye(4))
    assert got.critical == pytest.approx(norm.ppf((1 + 0.95**0.25) / 2), abs=ON_A_SPHERE)
    assert got.p.tolist() == [1, 1, 1, 1]


def test_scipys_multivariate_t_gives_the_level_back():
    shape = np.array([[1, 0.5, 0.3, 0.1], [0.5, 1, 0.2, 0.4], [0.3, 0.2, 1, 0.6], [0.1, 0.4, 0.6, 1]])
    c = simultaneous_limits(np.ones(4), shape, df=11).critical
    assert multivariate_t.cdf(
        np.full(4, c), shape=shape, df=11, lower_limit=np.full(4, -c), random_state=1
    ) == pytest.approx(0.95, abs=ON_A_SPHERE)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_adjusting_never_lowers_a_p_value_and_keeps_the_order(p):
    adjusted = benjamini_hochberg(p)
    assert (adjusted >= np.array(p) - 1e-15).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()


@pytest.mark.parametrize(
    ("estimates", "covariance"), [([], np.zeros((0, 0))), ([1.0], [[0.0]]), ([np.nan], [[1.0]]), ([1.0], [[np.nan]])]
)
def test_a_family_without_standard_errors_is_refused(estimates, covariance):
    with pytest.raises(NotEstimable, match="leave it out of the family"):
        simultaneous_limits(estimates, covariance)


@pytest.mark.parametrize("p", [[np.nan], [1.2], [-0.1]])
def test_a_p_value_that_is_none_is_refused(p):
    with pytest.raises(NotEstimable, match="out of the family"):
        benjamini_hochberg(p)
