"""MMRM: nlme::gls, t tests that it must equal on complete data, and Kenward-Roger by dense matrices held against
pbkrtest."""

import numpy as np
import pytest
from scipy import stats

from pipeline.errors import NotEstimable
from pipeline.stats.repeated_scores.fixed_effects import contrast, marginal_means
from pipeline.stats.repeated_scores.repeated_measures import repeated_measures
from tests.reference.repeated_people import repeated_people
from tests.reference.written import numbers, written

AS_GLS = 1e-6  # gls stops when its deviance no longer moves in the ninth digit, relative
AS_GLS_FIT = 2e-4  # so its coefficients are known to about its square root
AS_PBKRTEST = 2e-5  # pbkrtest inherits the variances of an lme4 fit
EXACT = 1e-7


def columns(data):
    """(Intercept), visits 1 to 4, arm, baseline, arm by visit: the order in which R makes them."""
    visits = (data["visit"][:, None] == np.arange(1, 5)).astype(float)
    return np.column_stack([np.ones(len(visits)), visits, data["arm"], data["base"], visits * data["arm"][:, None]])


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_an_mmrm_equals_generalized_least_squares_by_nlme(method):
    data, case = repeated_people(), f"visits {method}"
    fit = repeated_measures(
        data["id"], data["visit"], data["score"], columns(data), restricted=method == "reml", df="satterthwaite"
    )
    assert fit.deviance == pytest.approx(numbers("repeated_scores", case, "deviance")[1][0], rel=AS_GLS)
    assert fit.fixed.coefficients == pytest.approx(
        numbers("repeated_scores", case, "coefficient")[1], rel=AS_GLS_FIT, abs=1e-3
    )
    # gls reports ML standard errors times sqrt(n / (n - p))
    lifted = np.sqrt(len(data["id"]) / (len(data["id"]) - 11)) if method == "ml" else 1.0
    found = np.sqrt(np.diag(fit.fixed.covariance)) * lifted
    assert found == pytest.approx(numbers("repeated_scores", case, "se")[1], rel=AS_GLS_FIT)
    theirs = np.zeros((5, 5))
    for row in written("repeated_scores"):
        if (row.case, row.quantity) == (case, "covariance"):
            theirs[row.arm, row.cause] = theirs[row.cause, row.arm] = row.value
    assert fit.covariance == pytest.approx(theirs, rel=2e-3, abs=2e-3)
    assert fit.gradient <= 1e-8


def complete(people=20, visits=3, seed=1):
    rng = np.random.default_rng(seed)
    arm = np.arange(people) % 2
    y = rng.multivariate_normal([10, 8, 7], [[4, 2, 1], [2, 5, 3], [1, 3, 6]], people) - arm[:, None] * np.array(
        [0, 0.5, 1.5]
    )
    person, visit = np.repeat(np.arange(people), visits), np.tile(np.arange(visits), people)
    at = (visit[:, None] == np.arange(visits)).astype(float)
    return person, visit, y, np.column_stack([at, at * arm[person][:, None]]), arm


@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite"])
def test_with_all_visits_the_difference_at_a_visit_is_the_t_test_of_that_visit(df):
    person, visit, y, x, arm = complete()
    fit = repeated_measures(person, visit, y.ravel(), x, df=df)
    for k in range(3):
        found = contrast(fit.fixed, np.eye(6)[3 + k])
        peer = stats.ttest_ind(y[arm == 1, k], y[arm == 0, k])
        assert found.estimate == pytest.approx(y[arm == 1, k].mean() - y[arm == 0, k].mean())
        assert found.p == pytest.approx(peer.pvalue, rel=EXACT)
        assert found.df == pytest.approx(18, rel=1e-6)
    whole = sum(np.cov(y[arm == a].T) * (np.sum(arm == a) - 1) for a in (0, 1)) / 18
    assert fit.covariance == pytest.approx(whole, rel=EXACT)


def test_with_all_visits_a_change_between_two_visits_is_the_paired_t_test():
    person, visit, y, x, _ = complete()
    fit = repeated_measures(person, visit, y.ravel(), x[:, :3])
    found = contrast(fit.fixed, [-1, 0, 1])
    peer = stats.ttest_rel(y[:, 2], y[:, 0])
    assert (found.p, found.df) == pytest.approx((peer.pvalue, 19), rel=1e-6)
    means = marginal_means(fit.fixed, np.eye(3))
    assert [one.estimate for one in means.means] == pytest.approx(y.mean(axis=0))
    assert means.covariance == pytest.approx(np.cov(y.T) / 20, rel=EXACT)


def dense_kenward_roger(person, y, x, units, parameters, along):
    """Kenward & Roger (1997), section 3, written with one matrix over all scores; units are dV/dt_j, V = sum_j t_j
    V_j."""
    v = np.einsum("j,jab->ab", parameters, units)
    inverse = np.linalg.inv(v)
    phi = np.linalg.inv(x.T @ inverse @ x)
    steps = [inverse @ unit for unit in units]
    p = [-x.T @ step @ inverse @ x for step in steps]
    q = [[x.T @ one @ other @ inverse @ x for other in steps] for one in steps]
    k = len(units)
    expected = np.array(
        [
            [
                np.trace(steps[i] @ steps[j]) - 2 * np.trace(phi @ q[i][j]) + np.trace(phi @ p[i] @ phi @ p[j])
                for j in range(k)
            ]
            for i in range(k)
        ]
    )
    w = 2 * np.linalg.inv(expected)
    middle = sum(w[i, j] * (q[i][j] - p[i] @ phi @ p[j]) for i in range(k) for j in range(k))
    adjusted = phi + 2 * phi @ middle @ phi
    theta = np.outer(along, along) / (along @ phi @ along)
    a = sum(
        w[i, j] * np.trace(theta @ phi @ p[i] @ phi) * np.trace(theta @ phi @ p[j] @ phi)
        for i in range(k)
        for j in range(k)
    )
    # for one contrast A1 = A2 = a, and their g, c1, c2, c3, B, E*, V*, rho lead to m = 4 + 3 / (rho - 1)
    b, g = 3.5 * a, -1.0
    c = np.array([g, 1 - g, 3 - g]) / (3 + 2 * (1 - g))
    e_star = 1 / (1 - a)
    v_star = 2 * (1 + c[0] * b) / ((1 - c[1] * b) ** 2 * (1 - c[2] * b))
    rho = v_star / (2 * e_star**2)
    return np.sqrt(along @ adjusted @ along), 4 + 3 / (rho - 1)


def test_the_dense_kenward_roger_equals_pbkrtest_for_random_intercepts():
    data = repeated_people()
    x = np.column_stack(
        [np.ones(len(data["week"])), data["week"], data["arm"], data["base"], data["week"] * data["arm"]]
    )
    same = (data["id"][:, None] == data["id"][None, :]).astype(float)
    variances = numbers("repeated_scores", "intercept reml", "variance")[1]
    for j, (se, df) in enumerate(
        zip(
            numbers("repeated_scores", "kenward-roger intercept", "se")[1],
            numbers("repeated_scores", "kenward-roger intercept", "df")[1],
            strict=True,
        )
    ):
        found = dense_kenward_roger(
            data["id"], data["score"], x, np.array([same, np.eye(len(x))]), variances, np.eye(5)[j]
        )
        assert found == pytest.approx((se, df), rel=AS_PBKRTEST)


def test_kenward_roger_of_an_mmrm_equals_the_dense_one():
    data = {name: column[:150] for name, column in repeated_people().items()}
    x = columns(data)
    fit = repeated_measures(data["id"], data["visit"], data["score"], x)
    same = data["id"][:, None] == data["id"][None, :]
    units, parameters = [], []
    for a in range(5):
        for b in range(a, 5):
            pair = np.outer(data["visit"] == a, data["visit"] == b)
            units.append(same * (pair | pair.T))
            parameters.append(fit.covariance[a, b])
    for along in np.eye(11)[[5, 10]]:
        found = contrast(fit.fixed, along)
        se, df = dense_kenward_roger(
            data["id"], data["score"], x, np.array(units, dtype=float), np.array(parameters), along
        )
        assert (found.se, found.df) == pytest.approx((se, df), rel=1e-6)
        plain = np.sqrt(along @ fit.fixed.plain @ along)
        assert found.se > plain


def test_the_sandwich_adds_scores_up_within_clusters():
    data = repeated_people()
    x = columns(data)
    fit = repeated_measures(data["id"], data["visit"], data["score"], x, cluster=data["site"])
    bread, meat = np.zeros((11, 11)), np.zeros((9, 11))
    for one in np.unique(data["id"]):
        rows = data["id"] == one
        visits = data["visit"][rows].astype(int)
        solved = np.linalg.solve(fit.covariance[np.ix_(visits, visits)], x[rows])
        bread += x[rows].T @ solved
        meat[int(data["site"][rows][0])] += solved.T @ (data["score"][rows] - x[rows] @ fit.fixed.coefficients)
    by_hand = np.linalg.inv(bread) @ (9 / 8 * meat.T @ meat) @ np.linalg.inv(bread)
    assert fit.fixed.covariance == pytest.approx(by_hand, rel=1e-5)
    assert contrast(fit.fixed, np.eye(11)[10]).df == 8


def test_rows_in_any_order_give_the_same_answer():
    data = repeated_people()
    shuffled = np.random.default_rng(4).permutation(len(data["id"]))
    fit = repeated_measures(data["id"], data["visit"], data["score"], columns(data))
    again = repeated_measures(
        data["id"][shuffled], data["visit"][shuffled], data["score"][shuffled], columns(data)[shuffled]
    )
    assert again.fixed.coefficients == pytest.approx(fit.fixed.coefficients, rel=1e-8)
    assert again.fixed.covariance == pytest.approx(fit.fixed.covariance, rel=1e-7)
    assert again.covariance == pytest.approx(fit.covariance, rel=1e-7)


person, visit, scores, design, _ = complete()
flat = scores.ravel()


@pytest.mark.parametrize(
    ("who", "when", "outcome", "fixed", "why"),
    [
        (person, np.zeros(60, dtype=int), flat, design, "two scores at one visit"),
        (person, visit + 0.5, flat, design, "whole numbers"),
        (person, visit - 1, flat, design, "whole numbers"),
        ([], [], [], np.ones((0, 1)), "whole numbers"),
        (np.arange(60), visit, flat, design, "hardly ever seen in the same people"),
        (person, np.where(visit == 2, 8, visit), flat, design, "hardly ever seen"),
        (person, 20 * visit, flat, design, "more than 10 visits"),
        (person, visit, np.full(60, np.nan), design, "nobody has a score"),
        (person, visit, np.full(60, 3.0), design, "do not vary"),
        (person[:4], visit[:4], flat[:4], design[:4], "hardly ever|no more scores"),
    ],
)
def test_what_has_no_answer_says_what_would_give_one(who, when, outcome, fixed, why):
    with pytest.raises(NotEstimable, match=why):
        repeated_measures(who, when, outcome, fixed)


def test_two_visits_that_are_copies_of_each_other_are_refused():
    again = scores.copy()
    again[:, 1] = again[:, 0]
    with pytest.raises(NotEstimable):
        repeated_measures(person, visit, again.ravel(), design)
