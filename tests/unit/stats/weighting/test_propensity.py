import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import NotEstimable
from pipeline.stats.multinomial import fit_multinomial
from pipeline.stats.weighting.balance import balance
from pipeline.stats.weighting.propensity import balancing_weights, multinomial_propensity
from tests.reference.like_for_like import study

CONVERGED = 1e-8  # both sides solve the same equations to machine precision
MULTINOM = 1e-5  # nnet stops on the likelihood, so its probabilities are good to the root of that
BALANCED = 1e-8  # the score equations are the balance equations; what is left is the last Newton step


def drawn(rng, n=400, arms=3, p=3):
    x = rng.normal(size=(n, p))
    u = np.exp(0.6 * x[:, :1] * np.arange(arms) + 0.2)
    u /= u.sum(axis=1, keepdims=True)
    return x, (u.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)


def test_two_arms_are_the_logistic_regression_of_statsmodels_and_r():
    s = study()
    peer = sm.Logit(s.two, sm.add_constant(s.x)).fit(disp=0, tol=1e-14)
    ours = multinomial_propensity(s.x, s.two)
    assert ours.probabilities[:, 1] == pytest.approx(peer.predict(), abs=CONVERGED)
    assert np.r_[ours.intercepts[0, 1], ours.coefficients[:, 1]] == pytest.approx(peer.params, abs=CONVERGED)
    assert multinomial_propensity(s.x, s.two, groups=s.site).probabilities[:, 1] == pytest.approx(
        s.glm_site, abs=CONVERGED
    )
    assert multinomial_propensity(s.x, s.two, weights=s.weight).probabilities[:, 1] == pytest.approx(
        s.glm_weighted, abs=CONVERGED
    )


def test_three_arms_are_the_multinomial_regression_of_nnet_and_statsmodels():
    s = study()
    ours = multinomial_propensity(s.x, s.arm)
    assert ours.probabilities == pytest.approx(np.column_stack([s.p0, s.p1, s.p2]), abs=MULTINOM)
    peer = sm.MNLogit(s.arm, sm.add_constant(s.x)).fit(disp=0, tol=1e-14, maxiter=100)
    assert ours.probabilities == pytest.approx(peer.predict(), abs=CONVERGED)
    assert ours.gradient <= 1e-8
    assert not ours.penalized


def test_a_long_table_started_from_a_sample_agrees_with_the_start_from_zero():
    x, arm = drawn(np.random.default_rng(1), n=45_000)
    rows = sm.MNLogit(arm, sm.add_constant(x)).fit(disp=0, tol=1e-14)
    assert multinomial_propensity(x, arm).probabilities == pytest.approx(rows.predict(), abs=CONVERGED)


def test_two_arm_overlap_weights_balance_every_model_term_exactly():
    s = study()
    e = multinomial_propensity(s.x, s.two, groups=s.site).probabilities
    terms = np.column_stack([s.x, s.site[:, None] == np.arange(8)]).astype(float)
    after = balance(terms, [str(j) for j in range(12)], s.two, balancing_weights(e, s.two, "overlap").weights)
    assert after.smd_after.max() <= BALANCED
    assert after.smd_before.max() > 0.5


@pytest.mark.parametrize(
    ("target", "tilt"),
    [
        ("overlap", [1 / (2 + 4 + 4), 1 / (10 + 1 / 0.3 + 1 / 0.6)]),
        ("combined", [1, 1]),
        ("treated:2", [0.25, 0.6]),
        ("matching", [0.25, 0.1]),
        ("entropy", [1.5 * np.log(2), -(0.1 * np.log(0.1) + 0.3 * np.log(0.3) + 0.6 * np.log(0.6))]),
    ],
)
def test_weights_are_the_tilt_over_the_probability_of_the_own_arm(target, tilt):
    e = np.array([[0.5, 0.25, 0.25], [0.1, 0.3, 0.6]])
    got = balancing_weights(e, [1, 0], target)
    assert got.tilt == pytest.approx(tilt)
    assert got.weights == pytest.approx([tilt[0] / 0.25, tilt[1] / 0.1])


@pytest.mark.parametrize("target", ["overlap", "combined", "treated:1", "matching", "entropy"])
def test_the_tilts_derivative_is_what_moving_a_linear_predictor_does(target):
    eta = np.random.default_rng(0).normal(size=(6, 3))

    def tilt(eta):
        e = np.exp(eta)
        return balancing_weights(e / e.sum(axis=1, keepdims=True), np.zeros(6, dtype=int), target)

    for arm in range(3):
        move = 1e-6 * (np.arange(3) == arm)
        numeric = (tilt(eta + move).tilt - tilt(eta - move).tilt) / 2e-6
        assert tilt(eta).tilt_gradient[:, arm] == pytest.approx(numeric, abs=1e-8)  # central difference of step 1e-6


def test_constant_and_repeated_columns_are_left_out_and_named():
    s = study()
    plain = multinomial_propensity(s.x, s.arm)
    doubled = multinomial_propensity(np.column_stack([s.x, np.ones(400), s.x[:, 0] - 2 * s.x[:, 1]]), s.arm)
    assert doubled.kept.tolist() == [True] * 4 + [False] * 2
    assert doubled.probabilities == pytest.approx(plain.probabilities, abs=CONVERGED)
    assert "2 constant or redundant columns left out" in doubled.note


@pytest.mark.parametrize("arms", [2, 3])
def test_separated_arms_get_a_ridge_finite_probabilities_and_a_note(arms):
    rng = np.random.default_rng(5)
    x, arm = drawn(rng, arms=arms)
    flag = ((arm == arms - 1) & (rng.random(400) < 0.2)).astype(float)  # only ever seen in the last arm
    got = multinomial_propensity(np.column_stack([x, flag]), arm)
    assert got.penalized
    assert "separation" in got.note
    assert got.gradient <= 1e-8
    assert got.probabilities.min() > 1e-6
    assert got.probabilities[flag == 1, arms - 1].min() > 0.8


def test_perfect_prediction_stays_finite():
    x = np.linspace(-1, 1, 60)
    got = multinomial_propensity(x, (x > 0).astype(int))
    assert got.penalized
    assert 0.5 < got.probabilities[-1, 1] < 1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_row_order_arm_names_and_weighted_copies_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    x, arm = drawn(rng)
    base = multinomial_propensity(x, arm).probabilities
    order, names = rng.permutation(400), np.array([2, 0, 1])
    assert multinomial_propensity(x[order], arm[order]).probabilities == pytest.approx(base[order], abs=CONVERGED)
    assert multinomial_propensity(x, names[arm]).probabilities[:, names] == pytest.approx(base, abs=CONVERGED)
    copies, share = np.r_[np.arange(400), np.arange(400)], np.r_[np.full(400, 0.3), np.full(400, 0.7)]
    split = multinomial_propensity(x[copies], arm[copies], weights=share)
    assert split.probabilities[:400] == pytest.approx(base, abs=CONVERGED)


def test_a_ridge_fit_does_not_depend_on_which_arm_comes_first():
    x, arm = drawn(np.random.default_rng(2))
    x = np.column_stack([x, (arm == 2) & (x[:, 0] > 1)]).astype(float)
    names = np.array([2, 0, 1])
    first, second = multinomial_propensity(x, arm), multinomial_propensity(x, names[arm])
    assert first.penalized
    assert second.probabilities[:, names] == pytest.approx(first.probabilities, abs=1e-7)


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        (lambda x, a, w: (np.where(x == x[0, 0], np.nan, x), a, w), "add an indicator"),
        (lambda x, a, w: (np.where(x == x[0, 0], np.inf, x), a, w), "add an indicator"),
        (lambda x, a, w: (x, np.where(a == 1, 2, a), w), "leave it out"),
        (lambda x, a, w: (x, 0 * a, w), "two levels of care"),
        (lambda x, a, w: (x[:1], a[:1] * 0, w[:1]), "two levels of care"),
        (lambda x, a, w: (x[:0], a[:0], w[:0]), "widen the study period"),
        (lambda x, a, w: (x, a - 1, w), "number the arms again"),
        (lambda x, a, w: (x, a, 0 * w), "leave it out"),
        (lambda x, a, w: (x, a, w * (a != 1)), "leave it out"),
        (lambda x, a, w: (x, a, -w), "not negative"),
        (lambda x, a, w: (x[:-1], a, w), "one row per person"),
        (lambda x, a, w: (x, a + 0.5, w), "number the arms first"),
    ],
)
def test_what_cannot_be_fitted_says_what_would_help(change, remedy):
    x, arm = drawn(np.random.default_rng(0))
    x, arm, w = change(x, arm, np.ones(400))
    with pytest.raises(NotEstimable, match=remedy):
        multinomial_propensity(x, arm, weights=w)


def test_somebody_who_could_not_have_been_elsewhere_weighs_nothing_in_the_overlap():
    e = np.array([[1.0, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]])
    got = balancing_weights(e, [0, 1], "overlap")
    assert got.weights == pytest.approx([0, 0.25])
    assert balancing_weights(e, [0, 1], "entropy").tilt == pytest.approx([0, np.log(4)])
    with pytest.raises(NotEstimable, match="trim first"):
        balancing_weights(e, [1, 1], "overlap")


def test_an_unknown_target_is_refused():
    with pytest.raises(NotEstimable, match="use overlap"):
        balancing_weights(np.full((2, 2), 0.5), [0, 1], "treated:2")


def test_a_fit_started_from_almost_the_same_people_ends_where_a_new_one_does():
    rng = np.random.default_rng(8)
    x = rng.normal(size=(900, 5))
    odds = np.exp(x[:, :3])
    arm = (rng.random((900, 1)) > np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)).sum(axis=1)
    values = np.column_stack([np.ones(900), x])
    whole = fit_multinomial(values, arm, 3)
    for left_out in range(3):
        rows = np.arange(900) % 9 != left_out
        anew = fit_multinomial(values[rows], arm[rows], 3)
        near = fit_multinomial(values[rows], arm[rows], 3, start=whole.coefficients, near=whole.information)
        assert near.information is whole.information  # it was found without another one
        assert near.coefficients == pytest.approx(anew.coefficients, abs=1e-7)


def test_where_leaving_people_out_separates_the_arms_the_start_does_not_hide_it():
    x = np.array([-3.0, -2, -1, 1, 2, 3, -0.5, 0.5])
    arm = np.array([0, 0, 0, 1, 1, 1, 1, 0])
    values = np.column_stack([np.ones(8), x])
    whole = fit_multinomial(values, arm, 2)
    apart = fit_multinomial(values[:6], arm[:6], 2, start=whole.coefficients, near=whole.information)
    assert not whole.penalized
    assert apart.penalized
    assert apart.coefficients == pytest.approx(fit_multinomial(values[:6], arm[:6], 2).coefficients, abs=1e-7)
