"""The cost plane against mvtnorm and draws, two-part and gamma cost models against glm, and what neither can say."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.cost.cost import acceptability_curve, incremental
from pipeline.stats.cost.cost_plane import cost_plane
from pipeline.stats.cost.two_part_cost import two_part_difference
from tests.reference.like_for_like import study
from tests.reference.written import numbers

EXACT = 1e-10  # Owen's T on both sides
MIDPOINT = 2e-4  # two hundred nodes over the scale of the t distribution
FITTED = 1e-6  # glm stops at 1e-14 of the deviance, ours at a step of 1e-8
TRADE = np.array([[250_000.0, -4.0], [-4.0, 0.0016]])


@pytest.mark.parametrize(
    ("case", "cost", "effect", "df", "tolerance"),
    [("normal", 1200, 0.15, np.inf, EXACT), ("t8", 1200, 0.15, 8, MIDPOINT), ("near", -300, 0.02, 8, MIDPOINT)],
)
def test_the_chance_of_each_quarter_equals_mvtnorm(case, cost, effect, df, tolerance):
    found = cost_plane(incremental(cost, effect, TRADE, df=df))
    assert found.chance == pytest.approx(numbers("cost_models", case, "chance")[1], abs=tolerance)
    assert found.chance.sum() == pytest.approx(1)


def test_the_chance_of_costing_less_is_the_acceptability_at_no_worth():
    result = incremental(-300, 0.02, TRADE, df=8)
    assert cost_plane(result).chance[:2].sum() == pytest.approx(
        acceptability_curve(result, 0).probability[0], abs=MIDPOINT
    )


@pytest.mark.parametrize(("cost", "effect"), [(0, 0.15), (1200, 0), (0, 0), (0, -0.1), (-900, 0)])
def test_a_plane_through_an_axis_agrees_with_draws(cost, effect):
    draws = np.random.default_rng(4).multivariate_normal([cost, effect], TRADE, 200_000)
    cheap, better = draws[:, 0] < 0, draws[:, 1] > 0
    share = [(cheap & better).mean(), (cheap & ~better).mean(), (~cheap & better).mean(), (~cheap & ~better).mean()]
    assert cost_plane(incremental(cost, effect, TRADE)).chance == pytest.approx(
        share, abs=0.006
    )  # 5 standard errors of a share


@pytest.mark.parametrize(("case", "df"), [("normal", np.inf), ("t8", 8)])
def test_every_point_of_the_ellipse_is_as_far_away_as_the_quantile_says(case, df):
    found = cost_plane(incremental(1200, 0.15, TRADE, df=df))
    away = np.stack([found.cost - 1200, found.effect - 0.15])
    distance = np.einsum("im,ij,jm->m", away, np.linalg.inv(TRADE), away)
    assert distance == pytest.approx(np.full(60, numbers("cost_models", case, "radius")[1][0]), rel=1e-9)


@pytest.mark.parametrize(("covariance", "df"), [(TRADE, 1), ([[1, 0.1], [0.1, 0.01]], 8)])
def test_no_plane_without_joint_spread(covariance, df):
    with pytest.raises(NotEstimable, match="no joint spread"):
        cost_plane(incremental(1200, 0.15, covariance, df=df))


def costs():
    d = study()
    i = np.arange(1, 401)
    first, second = (np.modf(1000 * np.sin(i * a))[0] % 1 for a in (0.73, 2.11))
    spent = np.exp(7 + 0.3 * d.x1 - 0.2 * d.x3 - 0.4 * d.two + first)
    return (
        d,
        {"spent": spent, "some": np.where(second < 0.2, 0, spent)},
        d.glm_site * (1 - d.glm_site),
        np.where(d.seen, d.weight, 0),
    )


@pytest.mark.parametrize("outcome", ["spent", "some"])
def test_models_of_cost_equal_glm_and_its_jackknife(outcome):
    d, made, tilt, known = costs()
    found = two_part_difference(made[outcome], d.two, d.x, tilt, known, d.site, d.site)
    assert found.estimate == pytest.approx(numbers("cost_models", outcome, "difference")[1][0], rel=FITTED)
    assert found.se == pytest.approx(numbers("cost_models", outcome, "se")[1][0], rel=1e-5)
    assert (found.df, found.n) == (7, int((known > 0).sum()))


def test_without_covariates_it_is_the_difference_of_means():
    d, made, _, _ = costs()
    ones = np.ones(400)
    found = two_part_difference(made["some"], d.two, np.zeros(400), ones, ones, np.zeros(400), d.site)
    assert found.estimate == pytest.approx(made["some"][d.two == 1].mean() - made["some"][d.two == 0].mean(), rel=1e-8)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"cost": [5.0, np.nan, 1, 2]}, "enter 0"),
        ({"cost": [0.0, 0, 1, 2]}, "any cost above 0"),
        ({"arm": [0, 0, 0, 0]}, "only one arm"),
        ({"arm": [0, 0, 1, 2]}, "two arms at a time"),
        ({"tilt": [1.0]}, "two arms at a time"),
        ({"known": [0, 0, 1, 1]}, "are zero"),
        ({"unit": [0, 0, 0, 0]}, "only one site"),
        ({"unit": [0, 0, 1, 1]}, "rests on single sites"),
    ],
)
def test_degenerate_cost_models_are_not_estimable(change, why):
    given = {
        "cost": [5.0, 3, 1, 2],
        "arm": [0, 0, 1, 1],
        "covariates": np.zeros(4),
        "tilt": np.ones(4),
        "known": np.ones(4),
        "site": np.zeros(4),
        "unit": [0, 1, 0, 1],
    } | change
    with pytest.raises(NotEstimable, match=why):
        two_part_difference(**given)
