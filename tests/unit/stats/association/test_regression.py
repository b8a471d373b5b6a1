import numpy as np
import pytest
from scipy.stats import f, ttest_ind

from pipeline.errors import NotEstimable
from pipeline.stats.association.regression import clustered_regression, coefficient, joint_test
from tests.reference.like_for_like import values

EXACT = 1e-10  # the same closed form; columns are of one size
I = np.arange(60)
X = np.column_stack([np.sin(1.7 * I), (I % 7) / 3])
W, CLUSTER = 1 + (I % 4) / 2, I // 5
Y = 2 + 0.8 * X[:, 0] - 0.3 * X[:, 1] + np.cos(2.3 * I) + 0.5 * np.sin(CLUSTER)


def test_it_is_lm_with_the_clustered_errors_of_sandwich():
    r = values("regression")
    fit = clustered_regression(Y, X, CLUSTER, weights=W)
    assert fit.coefficients == pytest.approx([r[f"b_{j}"] for j in range(3)], rel=EXACT)
    assert fit.covariance.ravel() == pytest.approx([r[f"v_{j}"] for j in range(9)], rel=EXACT)
    assert fit.residual_sd == pytest.approx(r["sigma"], rel=EXACT)
    assert (fit.df, fit.n, fit.clusters) == (11, 60, 12)


def test_with_people_as_clusters_it_is_whites_hc1():
    r = values("regression")
    fit = clustered_regression(Y, X, I)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx([r[f"hc1_{j}"] for j in range(3)], rel=EXACT)


def test_one_yes_or_no_column_gives_the_difference_of_two_means():
    arm = np.arange(40) % 2
    y = np.arange(40.0) ** 1.1
    fit = clustered_regression(y, arm[:, None], np.arange(40))
    found = coefficient(fit, 1)
    assert found.estimate == pytest.approx(y[arm == 1].mean() - y[arm == 0].mean())
    welch = (y[arm == 1].mean() - y[arm == 0].mean()) / ttest_ind(y[arm == 1], y[arm == 0], equal_var=False).statistic
    assert found.se == pytest.approx(welch, rel=1e-2)  # equal arms: the same but for small-sample factors
    assert coefficient(fit, 1, scale=-2.0).estimate == pytest.approx(-2 * found.estimate)
    assert coefficient(fit, 1, scale=-2.0).se == pytest.approx(2 * found.se)


def test_whole_weights_are_rows_written_out_for_the_coefficients():
    counts = 1 + I % 3
    again = np.repeat(I, counts)
    weighted, written = (
        clustered_regression(Y, X, CLUSTER, weights=counts),
        clustered_regression(Y[again], X[again], CLUSTER[again]),
    )
    assert weighted.coefficients == pytest.approx(written.coefficients)
    assert weighted.covariance * 57 / 59 == pytest.approx(written.covariance * (len(again) - 3) / (len(again) - 1))


def test_one_coefficient_alone_is_its_t_test_and_several_are_hotellings():
    fit = clustered_regression(Y, X, CLUSTER)
    one = coefficient(fit, 1)
    assert joint_test(fit.coefficients[1:2], fit.covariance[1:2, 1:2], fit.df) == pytest.approx(one.p)
    t2 = fit.coefficients[1:] @ np.linalg.inv(fit.covariance[1:, 1:]) @ fit.coefficients[1:]
    assert joint_test(fit.coefficients[1:], fit.covariance[1:, 1:], 11) == pytest.approx(f.sf(t2 * 10 / 22, 2, 10))


def test_the_joint_test_does_not_depend_on_the_basis():
    fit = clustered_regression(Y, X, CLUSTER)
    turn = np.array([[2.0, 1.0], [-1.0, 3.0]])
    assert joint_test(turn @ fit.coefficients[1:], turn @ fit.covariance[1:, 1:] @ turn.T, 11) == pytest.approx(
        joint_test(fit.coefficients[1:], fit.covariance[1:, 1:], 11)
    )


@pytest.mark.parametrize(
    ("y", "x", "cluster", "weights", "remedy"),
    [
        (Y, np.column_stack([X, X[:, 0]]), CLUSTER, None, "leave columns out"),
        (Y[:3], X[:3], I[:3], None, "leave columns out"),
        (Y, X, np.zeros(60), None, "cluster on people"),
        (np.where(I == 3, np.nan, Y), X, CLUSTER, None, "leave out rows"),
        (Y, X, CLUSTER, np.where(I == 3, 0.0, 1.0), "leave out rows"),
        (Y[:0], X[:0], I[:0], None, "cluster on people"),
    ],
)
def test_what_cannot_be_fitted_is_refused(y, x, cluster, weights, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        clustered_regression(y, x, cluster, weights=weights)


@pytest.mark.parametrize(
    ("b", "v", "df"), [([], np.zeros((0, 0)), 9), ([1.0, 1.0], np.ones((2, 2)), 9), ([1.0, 1.0], np.eye(2), 1.5)]
)
def test_a_joint_test_without_room_for_it_is_refused(b, v, df):
    with pytest.raises(NotEstimable, match="one by one"):
        joint_test(b, v, df)
