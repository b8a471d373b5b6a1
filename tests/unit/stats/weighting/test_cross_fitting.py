"""Cross-fitted means beside R, beside the same thing in plain loops, and beside the truth."""

import numpy as np
import pytest
from scipy.special import expit

from pipeline.errors import NotEstimable
from pipeline.stats.weighting import fold_models
from pipeline.stats.weighting.arm_means import difference
from pipeline.stats.weighting.cross_fitting import cross_fitted_means
from pipeline.stats.weighting.effects import augmented_means
from pipeline.stats.weighting.fold_models import deal
from pipeline.stats.weighting.nuisance import checked_people
from pipeline.stats.weighting.propensity import fit_weight_model
from tests.reference.like_for_like import study
from tests.reference.written import numbers

SAME_MAXIMUM = 1e-8  # glm and lm, to their last digits
MULTINOM = 1e-5  # nnet::multinom climbs without second derivatives and stops that far below the maximum
EXACT_REFIT = 1e-9  # both are at the maximum of the same likelihood to a scaled gradient of 1e-8


def in_turn(n, folds=5):
    return np.arange(n) % folds


@pytest.mark.parametrize(
    ("case", "arms", "outcome", "target", "sites", "apart"),
    [
        ("two arms everybody", "two", "better", "combined", False, SAME_MAXIMUM),
        ("two arms those of arm 1", "two", "better", "treated:1", False, SAME_MAXIMUM),
        ("two arms some not observed", "two", "outcome", "combined", True, SAME_MAXIMUM),
        ("three arms some not observed", "arm", "outcome", "combined", False, MULTINOM),
    ],
)
def test_means_and_errors_are_those_of_models_refitted_in_r(case, arms, outcome, target, sites, apart):
    s = study()
    arm, y = getattr(s, arms), getattr(s, outcome)
    shared = {"folds": in_turn(len(y)), "target": target, "site": s.site if sites else None}
    people = cross_fitted_means(y, arm, s.x, **shared, inference="person")
    assert people.means == pytest.approx(numbers("cross_fitting", case, "mean")[1], rel=apart)
    assert np.sqrt(np.diag(people.covariance)) == pytest.approx(
        numbers("cross_fitting", case, "se of people")[1], rel=apart
    )
    by_site = cross_fitted_means(y, arm, s.x, **shared, cluster=s.site)
    assert by_site.means == pytest.approx(people.means, abs=1e-15)
    assert np.sqrt(np.diag(by_site.covariance)) == pytest.approx(
        numbers("cross_fitting", case, "se of sites")[1], rel=apart
    )
    assert by_site.df == len(np.unique(s.site)) - 1


def drawn(n, seed=0, arms=3, missing=0.0, sites=12):
    """Outcome (nan where missing), arm, covariates, site and weights; arm a adds a; the sicker go to higher arms and
    change more."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4))
    x[:, 3] = x[:, 3] > 0.5
    site = rng.integers(0, sites, n)
    odds = np.exp(np.column_stack([a * (0.4 * x[:, 0] - 0.3 * x[:, 1]) for a in range(arms)]))
    arm = (odds.cumsum(1) / odds.sum(1, keepdims=True) > rng.random((n, 1))).argmax(1)
    y = 2 * x[:, 0] + x[:, 1] + arm + 0.1 * site + rng.normal(size=n)
    seen = rng.random(n) >= missing * 2 * expit(-x[:, 0])
    return np.where(seen, y, np.nan), arm, x, site, rng.uniform(0.5, 2, n)


def in_plain_loops(outcome, arm, x, site, weights, folds, target):
    """Means and covariance from one model after the other, each fitted to the rows outside a fold by Newton and lstsq
    alone."""
    n, k, seen = len(arm), arm.max() + 1, np.isfinite(outcome)
    y, z = np.where(seen, outcome, 0), np.column_stack([site[:, None] == np.unique(site), x]).astype(float)
    zo = np.column_stack([z, arm[:, None] == np.arange(1, k)])
    e, p, m = np.empty((n, k)), np.ones(n), np.empty((n, k))
    for f in np.unique(folds):
        here, rest = folds == f, folds != f
        e[here] = softmax_newton(z[rest], arm[rest], k, weights[rest], z[here])
        if not seen.all():
            p[here] = softmax_newton(zo[rest], seen[rest].astype(int), 2, weights[rest], zo[here])[:, 1]
        for a in range(k):
            rows, root = rest & seen & (arm == a), np.sqrt(weights)
            m[here, a] = z[here] @ np.linalg.lstsq(z[rows] * root[rows, None], y[rows] * root[rows], rcond=None)[0]
    inside, tilt = (np.ones(n), np.ones(n)) if target == "combined" else (arm == int(target[-1]), e[:, int(target[-1])])
    means, moved = np.empty(k), np.empty((n, k))
    for a in range(k):
        w = weights * (arm == a) * seen * tilt / e[:, a] / np.maximum(p, 0.1)
        first, second = np.average(m[:, a], weights=weights * inside), np.average(y - m[:, a], weights=w)
        means[a] = first + second
        moved[:, a] = weights * inside * (m[:, a] - first) / (weights @ inside) + w * (y - m[:, a] - second) / w.sum()
    sums = np.array([moved[site == s].sum(axis=0) for s in np.unique(site)])
    sums -= sums.mean(axis=0)
    return means, len(sums) / (len(sums) - 1) * sums.T @ sums


def softmax_newton(z, arm, k, w, at):
    q, b = z.shape[1], np.zeros((k - 1) * z.shape[1])
    for _ in range(30):
        e = shares(z @ b.reshape(k - 1, q).T)
        slope = np.concatenate([z.T @ (w * ((arm == a) - e[:, a])) for a in range(1, k)])
        curve = np.block(
            [[(z * (w * e[:, a] * ((a == c) - e[:, c]))[:, None]).T @ z for c in range(1, k)] for a in range(1, k)]
        )
        b = b + np.linalg.solve(curve, slope)
    return shares(at @ b.reshape(k - 1, q).T)


def shares(eta):
    e = np.exp(np.column_stack([np.zeros(len(eta)), eta]))
    return e / e.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("target", ["combined", "treated:0", "treated:2"])
@pytest.mark.parametrize("missing", [0.0, 0.25])
def test_sums_over_folds_equal_models_refitted_in_plain_loops(target, missing):
    y, arm, x, site, weights = drawn(3_000, missing=missing)
    folds = np.random.default_rng(5).integers(0, 4, len(y))
    found = cross_fitted_means(y, arm, x, site, folds=folds, target=target, weights=weights)
    means, covariance = in_plain_loops(y, arm, x, site, weights, folds, target)
    assert found.means == pytest.approx(means, abs=EXACT_REFIT)
    assert found.covariance == pytest.approx(covariance, rel=1e-6)
    assert found.note == ""


def test_no_fold_of_an_ordinary_study_is_fitted_twice(monkeypatch):
    y, arm, x, site, _ = drawn(3_000, missing=0.25)
    calls = []
    monkeypatch.setattr(
        fold_models, "fit_weight_model", lambda *given, **how: calls.append(given) or fit_weight_model(*given, **how)
    )
    fast = cross_fitted_means(y, arm, x, site, rng=np.random.default_rng(1))
    assert calls == []
    monkeypatch.setattr(fold_models, "SWEEPS", 1)  # one step is not enough: fitted from the rows
    turned = x[:, ::-1]  # the same model, and yet not remembered
    slow = cross_fitted_means(y, arm, turned, site, rng=np.random.default_rng(1))
    assert len(calls) == 10
    assert slow.means == pytest.approx(fast.means, rel=EXACT_REFIT)


def test_folds_are_dealt_evenly_within_site_arm_and_observed():
    y, arm, x, site, _ = drawn(2_000, missing=0.3)
    people = checked_people(y, arm, x, site, None)
    folds = deal(people, 5, np.random.default_rng(3))
    assert np.ptp(np.bincount(folds.code)) <= 1
    cells = site * 6 + arm * 2 + np.isfinite(y)
    for cell in np.unique(cells):
        assert np.ptp(np.bincount(folds.code[cells == cell], minlength=5)) <= 1
    assert (folds.code != deal(people, 5, np.random.default_rng(4)).code).any()


def test_the_same_generator_gives_the_same_answer_and_another_a_close_one():
    y, arm, x, site, _ = drawn(2_000)
    one, same, other = (cross_fitted_means(y, arm, x, site, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.means.tolist() == same.means.tolist()
    assert other.means == pytest.approx(one.means, abs=0.5 * difference(one).se)
    assert other.means.tolist() != one.means.tolist()


def test_with_few_covariates_it_is_close_to_the_estimator_that_is_not_cross_fitted():
    y, arm, x, site, _ = drawn(5_000, missing=0.2)
    crossed = cross_fitted_means(y, arm, x, site, rng=np.random.default_rng(1), inference="person")
    plain = augmented_means(y, arm, x, site, target="combined", inference="person")
    assert difference(crossed).estimate == pytest.approx(difference(plain).estimate, abs=0.2 * difference(plain).se)
    assert difference(crossed).se == pytest.approx(difference(plain).se, rel=0.1)
    assert crossed.unmeasured == pytest.approx(plain.unmeasured, abs=0.02)


def test_known_truth_is_covered():
    """Arm 1 adds 1 to everybody: 60 studies of 600 people, a quarter not observed."""
    errors, covered = [], 0
    for seed in range(60):
        y, arm, x, site, _ = drawn(600, seed=seed, arms=2, missing=0.25, sites=2)
        found = difference(cross_fitted_means(y, arm, x, site, rng=np.random.default_rng(seed), inference="person"))
        errors.append((found.estimate - 1) / found.se)
        covered += found.low <= 1 <= found.high
    assert abs(np.mean(errors)) < 3 / 60**0.5  # Monte-Carlo standard errors
    assert 0.75 < np.std(errors) < 1.25
    assert covered >= 52


@pytest.mark.parametrize("wrong", ["outcome", "weights"])
def test_one_wrong_model_of_the_two_does_no_harm(wrong):
    rng = np.random.default_rng(9)
    x = rng.normal(size=(20_000, 1))
    arm = (rng.random(20_000) < expit(x[:, 0] if wrong == "outcome" else x[:, 0] ** 2 - 1)).astype(int)
    y = (x[:, 0] ** 2 if wrong == "outcome" else 3 * x[:, 0]) + arm + rng.normal(size=20_000)
    found = difference(cross_fitted_means(y, arm, x, rng=rng, inference="person"))
    assert abs(found.estimate - 1) < 3 * found.se


def test_a_site_with_one_person_in_an_arm_shares_its_intercept_and_a_thin_fold_gets_a_ridge():
    y, arm, x, site, _ = drawn(60, arms=2, sites=3)
    site[np.flatnonzero(arm == 1)[0]] = 99
    more = np.random.default_rng(3).normal(size=(60, 6))
    found = cross_fitted_means(
        y, arm, np.column_stack([x, more]), site, rng=np.random.default_rng(1), inference="person"
    )
    assert found.means == pytest.approx([0, 1], abs=10)
    assert "fewer than two observed people per column" in found.note


def test_separation_in_one_fold_only_is_said():
    rng = np.random.default_rng(2)
    x, arm = np.zeros((200, 2)), np.arange(200) % 2
    x[:, 0] = rng.normal(size=200)
    x[[0, 1, 2, 3, 4], 1] = 1  # people 0..4: without person 1 and 3 all who have it are in arm 0
    folds = np.where(np.isin(np.arange(200), [1, 3]), 0, np.arange(200) % 4 + 1)
    found = cross_fitted_means(x[:, 0] + rng.normal(size=200), arm, x, folds=folds, inference="person")
    assert "a fold's weight model: some people could be in one group only (separation)" in found.note
    assert np.isfinite(found.means).all()


@pytest.mark.parametrize(
    ("changed", "remedy"),
    [
        ({"target": "overlap"}, "use augmented_means"),
        ({"target": "treated:7"}, "use augmented_means"),
        ({"inference": "jackknife_sites"}, "sandwich, person"),
        ({"folds": 1}, "5 is usual"),
        ({"folds": 2.5}, "5 is usual"),
        ({"folds": [0, 1]}, "one fold per person"),
        ({"folds": np.zeros(300)}, "follow more people up"),
        ({"rng": None}, "pass a numpy.random.Generator"),
    ],
)
def test_what_it_cannot_do_is_refused_with_a_remedy(changed, remedy):
    y, arm, x, site, _ = drawn(300)
    with pytest.raises(NotEstimable, match=remedy):
        cross_fitted_means(y, arm, x, site, **{"rng": np.random.default_rng(1), **changed})


def test_folds_in_which_nobody_is_missing_need_no_observation_model():
    y, arm, x, site, _ = drawn(300)
    whole = cross_fitted_means(y, arm, x, site, rng=np.random.default_rng(1))
    y[7] = np.nan
    one_less = cross_fitted_means(y, arm, x, site, rng=np.random.default_rng(1))
    assert one_less.n_observed.sum() == 299
    assert one_less.means == pytest.approx(whole.means, abs=difference(whole).se)


def test_an_arm_observed_once_is_refused():
    y, arm, x, site, _ = drawn(300)
    y[np.flatnonzero(arm == 2)[1:]] = np.nan
    with pytest.raises(NotEstimable, match="without one of the folds nobody in one arm has the outcome"):
        cross_fitted_means(y, arm, x, site, rng=np.random.default_rng(1))
