import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from pipeline.errors import NotEstimable
from pipeline.stats.weighting.arm_means import arm_mean, difference, risk_ratio
from pipeline.stats.weighting.effects import augmented_means, several_means
from pipeline.stats.weighting.propensity import balancing_weights
from tests.reference.like_for_like import study, values
from tests.reference.single_ways import crude_means, outcome_model_means, weighted_means

SAME_ARITHMETIC = 1e-10  # closed forms do the same sums
NUMERIC_DERIVATIVE = 1e-5  # the second route differentiates the estimating equations by central differences
WORKING_MODEL = 0.01  # riskRegression predicts shares by logistic regression, we by a line: a fifth of a standard error
OTHER_SE = 0.05  # and for the same reason the standard errors differ by a few percent
TARGETS = ["overlap", "combined", "treated:1", "matching", "entropy"]
ESTIMATORS = [augmented_means, weighted_means, outcome_model_means]


# ---------- by hand ----------


def two_strata():
    """Stratum 0: 4 in arm 0, 2 in arm 1; stratum 1: 3 and 6. Stratum means: arm 0 10 and 4, arm 1 13 and 5."""
    x = np.repeat([0, 0, 1, 1], [4, 2, 3, 6]).astype(float)
    arm = np.repeat([0, 1, 0, 1], [4, 2, 3, 6])
    y = np.array([9, 11, 10, 10, 12, 14, 3, 4, 5, 5, 5, 5, 4, 6, 5], dtype=float)
    return y, arm, x


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize(
    ("target", "weight"),
    [
        ("overlap", [4 * 2 / 6, 3 * 6 / 9]),
        ("combined", [6, 9]),
        ("treated:1", [2, 6]),
        ("treated:0", [4, 3]),
        ("matching", [2, 3]),
    ],
)
def test_two_strata_are_weighted_as_the_target_says(estimator, target, weight):
    result = estimator(*two_strata(), target=target)
    assert result.means == pytest.approx(
        [np.average([10, 4], weights=weight), np.average([13, 5], weights=weight)], abs=SAME_ARITHMETIC
    )
    assert difference(result).estimate == pytest.approx(np.average([3, 1], weights=weight), abs=SAME_ARITHMETIC)


def test_half_unmeasured_everywhere_changes_nothing_but_the_counts():
    y, arm, x = (np.r_[part, part] for part in two_strata())
    y[len(y) // 2 :] = np.nan
    result = augmented_means(y, arm, x)
    assert result.means == pytest.approx(
        [np.average([10, 4], weights=[4, 6]), np.average([13, 5], weights=[4, 6])], abs=1e-8
    )
    assert result.unmeasured == pytest.approx([0.5, 0.5])
    assert result.n.tolist() == [14, 16]
    assert result.n_observed.tolist() == [7, 8]
    assert result.observed_probability == pytest.approx(0.5)
    # arm 0: four of weight e = 1/3 and three of 2/3, arm 1: two of 2/3 and six of 1/3
    assert result.ess == pytest.approx([(4 / 3 + 2) ** 2 / (4 / 9 + 12 / 9), (4 / 3 + 2) ** 2 / (8 / 9 + 6 / 9)])


def test_the_variance_of_two_crude_means_is_their_sandwich():
    result = crude_means([1.0, 3.0, 2.0, 6.0, np.nan], [0, 0, 1, 1, 1])
    assert result.means == pytest.approx([2, 4])
    assert np.diag(result.covariance) == pytest.approx([5 / 4 * 2 / 4, 5 / 4 * 8 / 4])  # n/(n-1) sum r^2 / n_a^2
    assert result.unmeasured == pytest.approx([0, 1 / 3])


def test_ratios_are_read_from_shares():
    y, arm = np.repeat([1.0, 0, 1, 0], [20, 30, 30, 10]), np.repeat([0, 1], [50, 40])
    result = crude_means(y, arm)
    assert result.events.tolist() == [20, 30]
    assert risk_ratio(result).estimate == pytest.approx(0.75 / 0.4)
    # n/(n-1) (1/a - 1/n1 + 1/b - 1/n0)
    assert risk_ratio(result).se == pytest.approx((90 / 89 * (1 / 30 - 1 / 40 + 1 / 20 - 1 / 50)) ** 0.5)
    assert risk_ratio(result).low < risk_ratio(result).estimate < risk_ratio(result).high
    assert arm_mean(result, 1).estimate == pytest.approx(0.75)
    assert arm_mean(result, 1).events == 30


# ---------- other people's programs ----------


def test_weights_are_those_of_risk_regression():
    s, r = study(), values("effects")
    w = weighted_means(s.better, s.two, s.x, target="combined", inference="person").weights
    for arm in (0, 1):  # it divides by the number of people, we by the sum of weights
        assert (w * s.better)[s.two == arm].sum() / 400 == pytest.approx(r[f"ate_IPTW_mean_{arm}"], abs=1e-8)


def test_doubly_robust_shares_agree_with_risk_regression():
    s, r = study(), values("effects")
    result = augmented_means(s.better, s.two, s.x, target="combined", inference="person")
    for arm in (0, 1):
        assert result.means[arm] == pytest.approx(r[f"ate_AIPTW_mean_{arm}"], abs=WORKING_MODEL)
        assert arm_mean(result, arm).se == pytest.approx(r[f"ate_AIPTW_mean_{arm}_se"], rel=OTHER_SE)
    assert difference(result).se == pytest.approx(r["ate_AIPTW_difference_se"], rel=OTHER_SE)


# ---------- the second route: stacked equations, differentiated numerically ----------


def stacked_by_hand(outcome, arm, x, site, target, cluster, predicts, weighs, bound=10.0):
    """Mean of each arm and its covariance from estimating equations written out and differentiated numerically."""
    k, n, seen = arm.max() + 1, len(arm), np.isfinite(outcome)
    y = np.where(seen, outcome, 0)
    z = np.column_stack([site[:, None] == np.unique(site), (x - x.mean(axis=0)) / x.std(axis=0)]).astype(float)
    zo = np.column_stack([z, arm[:, None] == np.arange(1, k)]).astype(float)
    q = z.shape[1]
    own = arm[:, None] == np.arange(k)
    gamma = sm.Logit(seen.astype(int), zo).fit(disp=0, tol=1e-14).params
    alpha = sm.MNLogit(arm, z).fit(disp=0, tol=1e-14, maxiter=200).params.T.ravel()
    beta = np.concatenate([np.linalg.lstsq(z[seen & own[:, a]], y[seen & own[:, a]], rcond=None)[0] for a in range(k)])
    ends = np.cumsum([len(alpha), len(gamma), len(beta), k, k])

    def parts(theta):
        alpha, gamma, beta, first, second = np.split(theta, ends[:-1])
        e = np.exp(np.column_stack([np.zeros(n), z @ alpha.reshape(k - 1, q).T]))
        e /= e.sum(axis=1, keepdims=True)
        p, m = expit(zo @ gamma), z @ beta.reshape(k, q).T
        b = balancing_weights(e, arm, target)
        w = own * (b.weights * seen / np.maximum(p, 1 / bound))[:, None]
        return e, p, m, b.tilt[:, None], w, first, second

    def equations(theta):
        e, p, m, h, w, first, second = parts(theta)
        weight = np.hstack([(own[:, [a]] - e[:, [a]]) * z for a in range(1, k)])
        observing = (seen - p)[:, None] * zo
        outcomes = np.hstack([(own[:, a] * seen * (y - m[:, a]))[:, None] * z for a in range(k)])
        residual = y[:, None] - (m if predicts else 0)
        return np.hstack([weight, observing, outcomes, h * (m - first), w * (residual - second)])

    theta = np.concatenate([alpha, gamma, beta, np.zeros(2 * k)])
    _, _, m, h, w, _, _ = parts(theta)
    theta[ends[2] : ends[3]] = (h * m).sum(axis=0) / h.sum()
    theta[ends[3] :] = (w * (y[:, None] - (m if predicts else 0))).sum(axis=0) / w.sum(axis=0)
    step = 1e-5
    slope = np.column_stack(
        [
            (equations(theta + step * unit) - equations(theta - step * unit)).sum(axis=0) / (2 * step)
            for unit in np.eye(len(theta))
        ]
    )
    moved = -equations(theta) @ np.linalg.inv(slope).T
    moved = moved[:, ends[2] : ends[3]] * predicts + moved[:, ends[3] :] * weighs
    sums = np.array([moved[cluster == g].sum(axis=0) for g in np.unique(cluster)])
    return theta[ends[2] : ends[3]] * predicts + theta[ends[3] :] * weighs, len(sums) / (len(sums) - 1) * sums.T @ sums


@pytest.mark.parametrize("arms", ["two", "arm"])
@pytest.mark.parametrize("target", TARGETS)
def test_augmented_standard_errors_are_those_of_the_stacked_equations(arms, target):
    s = study()
    arm, site = getattr(s, arms), s.site // 2
    means, covariance = stacked_by_hand(s.outcome, arm, s.x, site, target, np.arange(400), True, True)
    result = augmented_means(s.outcome, arm, s.x, site, target=target, inference="person")
    assert not result.truncated.any()
    assert result.means == pytest.approx(means, abs=1e-6)
    n, coefficients = s.seen.sum(), (arm.max() + 1) * (4 + 4)  # four covariates and four sites in every arm
    assert result.covariance == pytest.approx(covariance * n / (n - coefficients), rel=NUMERIC_DERIVATIVE, abs=1e-7)
    assert result.estimator == ("doubly robust" if target in ("combined", "treated:1") else "augmented")


@pytest.mark.parametrize(
    ("estimator", "predicts", "weighs"), [(weighted_means, False, True), (outcome_model_means, True, False)]
)
def test_the_other_estimators_too_and_clustered_on_site(estimator, predicts, weighs):
    s = study()
    means, covariance = stacked_by_hand(s.outcome, s.arm, s.x, s.site // 2, "overlap", s.site, predicts, weighs)
    result = estimator(s.outcome, s.arm, s.x, s.site // 2, cluster=s.site)
    assert result.means == pytest.approx(means, abs=1e-6)
    assert result.covariance == pytest.approx(covariance, rel=NUMERIC_DERIVATIVE, abs=1e-7)
    assert result.df == 7


def test_the_sandwich_is_what_refitting_shows():
    s = study()

    def refitted(rows):
        again = augmented_means(s.outcome[rows], s.two[rows], s.x[rows], inference="person")
        return np.r_[again.means, again.unmeasured]

    rng = np.random.default_rng(2)
    spread = np.std([refitted(rng.integers(0, 400, 400)) for _ in range(250)], axis=0, ddof=1)
    joint = augmented_means(s.outcome, s.two, s.x, inference="person").joint_covariance
    assert spread == pytest.approx(np.sqrt(np.diag(joint)), rel=0.15)  # 250 draws: SE of an SD 4.5 %, at 3 of these


def test_truncated_observation_weights_are_truncated_in_the_equations_too():
    s = study()
    means, covariance = stacked_by_hand(s.outcome, s.two, s.x, s.site, "overlap", s.site, True, True, bound=1.5)
    result = augmented_means(s.outcome, s.two, s.x, s.site, max_observation_weight=1.5)
    assert (result.truncated > 0.2).all()
    assert result.observed_probability.min() == pytest.approx(1 / 1.5)
    assert result.means == pytest.approx(means, abs=1e-6)
    assert result.covariance == pytest.approx(covariance, rel=NUMERIC_DERIVATIVE, abs=1e-7)


# ---------- sites ----------


def test_the_jackknife_is_the_estimate_without_each_site():
    s = study()
    result = augmented_means(s.outcome, s.two, s.x, s.site, inference="jackknife_sites")
    without = np.array(
        [
            augmented_means(s.outcome[s.site != g], s.two[s.site != g], s.x[s.site != g], s.site[s.site != g]).means
            for g in range(8)
        ]
    )
    assert result.replicates == pytest.approx(without, abs=1e-9)  # started elsewhere, converged to the same place
    spread = without - without.mean(axis=0)
    assert result.covariance == pytest.approx(7 / 8 * spread.T @ spread, abs=1e-9)
    assert (result.df, result.clusters, result.inference) == (7, 8, "jackknife_sites")


def test_site_differences_do_not_leak_into_the_comparison():
    rng = np.random.default_rng(3)
    site = rng.integers(0, 6, 900)
    arm = (rng.random(900) < np.linspace(0.2, 0.8, 6)[site]).astype(int)
    y = 3 * site + 1.0 * arm + 0.1 * rng.normal(size=900)
    x = rng.normal(size=(900, 2))
    assert difference(augmented_means(y, arm, x, site)).estimate == pytest.approx(1, abs=0.05)
    assert difference(augmented_means(y, arm, x)).estimate > 2


def test_sites_without_one_of_the_arms_share_an_intercept_and_the_note_says_so():
    s = study()
    keep = ~((s.site == 1) & (s.two == 1)) & ~((s.site == 2) & (s.two == 1))
    result = augmented_means(s.outcome[keep], s.two[keep], s.x[keep], s.site[keep])
    # two sites lack arm 1, and so does their pool: the next smallest site joins them
    assert "3 sites with few observed people in an arm share one intercept" in result.note
    assert np.isfinite(difference(result).estimate)


def test_a_site_whose_removal_leaves_one_arm_is_named():
    s = study()
    keep = (s.two == 0) | (s.site == 0)
    with pytest.raises(NotEstimable, match="rests on single sites"):
        augmented_means(s.outcome[keep], s.two[keep], s.x[keep], s.site[keep], inference="jackknife_sites")


# ---------- properties ----------


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(ESTIMATORS), st.sampled_from(TARGETS))
def test_row_order_arm_names_and_weighted_copies_do_not_matter(seed, estimator, target):
    s, rng = study(), np.random.default_rng(seed)
    names = np.array([2, 0, 1])
    renamed = f"treated:{names[1]}" if target == "treated:1" else target
    base = estimator(s.outcome, s.arm, s.x, s.site // 2, target=target, cluster=np.arange(400))
    o = rng.permutation(400)
    again = estimator(s.outcome[o], names[s.arm[o]], s.x[o], s.site[o] // 2, target=renamed, cluster=o)
    assert again.means[names] == pytest.approx(base.means, abs=1e-7)
    assert again.covariance[np.ix_(names, names)] == pytest.approx(base.covariance, abs=1e-7)
    part = rng.uniform(0.2, 0.8, 400)
    twice = np.r_[o, o]
    split = estimator(
        s.outcome[twice],
        s.arm[twice],
        s.x[twice],
        s.site[twice] // 2,
        target=target,
        cluster=twice,
        weights=np.r_[part, 1 - part],
    )
    assert split.means == pytest.approx(base.means, abs=1e-7)
    assert split.covariance == pytest.approx(base.covariance, abs=1e-7)
    assert split.ess.sum() < base.ess.sum() * 2


def test_everyone_in_a_small_arm_gets_a_ridge_and_a_note():
    s = study()
    few = np.r_[np.flatnonzero((s.two == 1) & s.seen)[:12], np.flatnonzero(s.two == 0)]
    wide = np.column_stack([s.x, s.x**2, s.x[:, :2] ** 3])
    result = augmented_means(s.outcome[few], s.two[few], wide[few])
    assert "fewer than two observed people per column in 1 arm" in result.note
    assert np.isfinite(difference(result).se)


# ---------- what cannot be estimated ----------


def nobody_seen_in_arm_1(s):
    return np.where(s.two == 1, np.nan, s.outcome), s.two, s.x


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        (nobody_seen_in_arm_1, "leave the arm out"),
        (lambda s: (s.outcome, s.two, np.where(s.x == s.x[0, 0], np.nan, s.x)), "add an indicator"),
        (lambda s: (s.outcome, s.two, np.where(s.x == s.x[0, 0], np.inf, s.x)), "add an indicator"),
        (lambda s: (np.where(s.seen, np.inf, 0), s.two, s.x), "pass nan"),
        (lambda s: (s.outcome, 2 * s.two, s.x), "leave it out"),
        (lambda s: (s.outcome, 0 * s.two, s.x), "two levels of care"),
        (lambda s: (s.outcome[:1], s.two[:1] * 0, s.x[:1]), "two levels of care"),
        (lambda s: (s.outcome[:0], s.two[:0], s.x[:0]), "widen the study period"),
        (lambda s: (s.outcome[:-1], s.two, s.x), "one outcome per person"),
        (lambda s: (s.outcome, s.two, s.x, s.site[:-1]), "one site per person"),
    ],
)
def test_what_cannot_be_estimated_says_what_would_help(estimator, change, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        estimator(*change(study()))


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        ({"weights": np.zeros(400)}, "leave it out"),
        ({"weights": -np.ones(400)}, "not negative"),
        ({"target": "everyone"}, "use overlap"),
        ({"inference": "hope"}, "use one of"),
        ({"inference": "jackknife_sites"}, "person-level"),
        ({"cluster": np.zeros(400)}, "person-level"),
        ({"max_observation_weight": 0.5}, "10 is the usual bound"),
    ],
)
def test_options_that_make_no_sense_say_what_would(options, remedy):
    s = study()
    with pytest.raises(NotEstimable, match=remedy):
        augmented_means(s.outcome, s.two, s.x, **options)


def test_a_constant_outcome_has_means_but_no_contrast():
    s = study()
    result = augmented_means(np.where(s.seen, 7.0, np.nan), s.two, s.x)
    assert result.means == pytest.approx([7, 7])
    with pytest.raises(NotEstimable, match="does not vary"):
        difference(result)


def test_constant_collinear_and_separating_columns_do_not_stop_the_estimate():
    s = study()
    only = ((s.two == 1) & (s.x[:, 1] > 1)).astype(float)
    plain = augmented_means(s.outcome, s.two, s.x)
    same = augmented_means(s.outcome, s.two, np.column_stack([s.x, np.ones(400), s.x[:, 0] + s.x[:, 2]]))
    assert same.means == pytest.approx(plain.means, abs=1e-7)
    assert "left out" in same.note
    apart = augmented_means(s.outcome, s.two, np.column_stack([s.x, only]))
    assert "separation" in apart.note
    assert np.isfinite(difference(apart).se)


def test_no_covariates_leaves_the_crude_means():
    s = study()
    bare = crude_means(s.change, s.two)
    assert bare.means == pytest.approx([s.change[s.two == a].mean() for a in (0, 1)])


def test_ratios_of_means_that_are_not_positive_are_refused():
    s = study()
    with pytest.raises(NotEstimable, match="not above zero"):
        risk_ratio(augmented_means(-abs(s.outcome), s.two, s.x))


def test_zero_weights_are_people_who_are_not_there():
    s = study()
    kept = s.x[:, 0] > -1
    part = augmented_means(s.outcome[kept], s.two[kept], s.x[kept], s.site[kept])
    zeros = augmented_means(s.outcome, s.two, s.x, s.site, weights=kept.astype(float))
    assert zeros.means == pytest.approx(part.means, abs=1e-7)


@pytest.mark.parametrize("inference", ["sandwich", "person", "jackknife_sites"])
def test_several_ways_together_give_what_each_gives_alone(inference):
    s = study()
    ways = [
        ("augmented", "overlap"),
        ("weighted", "overlap"),
        ("outcome model", "combined"),
        ("augmented", "treated:1"),
    ]
    together = several_means(s.outcome, s.two, s.x, s.site, ways=ways, inference=inference)
    alone = {"augmented": augmented_means, "weighted": weighted_means, "outcome model": outcome_model_means}
    for (name, target), found in zip(ways, together, strict=True):
        one = alone[name](s.outcome, s.two, s.x, s.site, target=target, inference=inference)
        assert found.estimator == one.estimator
        assert found.means == pytest.approx(one.means, rel=SAME_ARITHMETIC)
        assert found.joint_covariance == pytest.approx(one.joint_covariance, rel=1e-7, abs=1e-12)
