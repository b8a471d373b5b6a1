"""Models without one site come from sums over sites; they are those that the rows of the others give."""

import numpy as np
import pytest
from scipy.special import expit

from pipeline.stats.imputation import sequential
from pipeline.stats.imputation.sequential import sequential_means
from pipeline.stats.weighting import effects, fold_models
from pipeline.stats.weighting.effects import several_means

FROM_ROWS = 1e-7  # a fit from rows stops at a gradient of 1e-8
WAYS = [("augmented", "overlap"), ("weighted", "combined"), ("outcome model", "treated:1"), ("augmented", "matching")]


def drawn(arms=2, n=700, seed=4, sites=7, measured=0.75):
    """People of unequal sites whose covariates say where they start and who is measured."""
    rng = np.random.default_rng(seed)
    x, site = rng.normal(size=(n, 3)), rng.integers(0, sites, n) * rng.integers(1, 3, n) % sites
    arm = (expit(0.6 * x[:, 0] + 0.3 * rng.normal(size=n)) * arms).astype(int)
    y = x @ [1.0, 0.5, 0.0] + arm + 0.2 * site + rng.normal(size=n)
    seen = rng.random(n) < np.where(x[:, 1] > 0, measured, min(1.0, measured + 0.1))
    later = (x[:, :1] + rng.normal(size=(n, 1))) * (1 + arm[:, None])
    return np.where(seen, y, np.nan), arm, x, site, later


def answers(y, arm, x, site, later, stands_in, weights=None):
    how = {"site": site, "ways": WAYS, "inference": "jackknife_sites", "weights": weights, "own_slopes": True}
    return sequential_means(y, arm, x, later, **how) if stands_in else several_means(y, arm, x, **how)


@pytest.mark.parametrize("stands_in", [False, True], ids=["start only", "later score"])
@pytest.mark.parametrize("arms", [2, 3])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("measured", [0.75, 1.0])
def test_sums_over_sites_say_what_the_rows_of_the_others_say(monkeypatch, stands_in, arms, weighted, measured):
    people = drawn(arms, measured=measured)
    weights = np.random.default_rng(1).uniform(0.5, 2, len(people[0])) if weighted else None
    fast = answers(*people, stands_in, weights)
    for room in (effects, sequential):
        monkeypatch.setattr(room, "models_without", lambda *asked, **how: None)
    slow = answers(*people, stands_in, weights)
    for one, other in zip(fast, slow, strict=True):
        assert one.replicates == pytest.approx(other.replicates, abs=FROM_ROWS)
        assert one.joint_covariance == pytest.approx(other.joint_covariance, abs=FROM_ROWS)
        assert np.array_equal(one.means, other.means)


def test_no_site_of_an_ordinary_study_is_fitted_from_its_rows(monkeypatch):
    def refitted(*asked):
        raise AssertionError("a site was fitted from its rows")

    for room in (effects, sequential):
        monkeypatch.setattr(room, "_refitted", refitted)
    for stands_in in (False, True):
        assert all(np.isfinite(one.replicates).all() for one in answers(*drawn(), stands_in))


def test_a_site_whose_models_lie_far_from_everybodys_takes_newton_steps_of_its_own(monkeypatch):
    y, arm, x, site, later = drawn(seed=9)
    whole = answers(y, arm, x, site, later, False)
    monkeypatch.setattr(fold_models, "SWEEPS", 5)
    few = answers(y, arm, x[:, ::-1], site, later, False)  # columns turned: the same models, and yet not remembered
    for one, other in zip(whole, few, strict=True):
        assert one.replicates == pytest.approx(other.replicates, abs=1e-8)


def test_a_site_that_alone_has_people_unmeasured_is_left_out_with_the_models_of_the_rest():
    y, arm, x, site, later = drawn(measured=1.0)
    y[(site == 2) & (arm == 1)] = np.where(np.arange(((site == 2) & (arm == 1)).sum()) % 2, np.nan, 1.0)
    found = answers(y, arm, x, site, later, False)[0]
    kept = site != 2
    alone = several_means(y[kept], arm[kept], x[kept], site[kept], ways=WAYS[:1], inference="person")[0]
    assert found.replicates[2] == pytest.approx(alone.means, abs=FROM_ROWS)
