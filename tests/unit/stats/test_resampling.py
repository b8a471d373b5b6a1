import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.resampling import jackknife_sites

Y = np.array([1.0, 3, 2, 8, 4, 6, 5, 7, 9, 2])
SITE = np.array(list("aabbbccddd"))


def mean(rows):
    return np.array([Y[rows].mean()])


def test_the_jackknife_of_a_mean_leaves_out_one_site_at_a_time():
    got = jackknife_sites(mean, SITE)
    without = np.array([Y[s != SITE].mean() for s in "abcd"])
    assert got.sites.tolist() == list("abcd")
    assert got.replicates[:, 0] == pytest.approx(without)
    assert got.covariance[0, 0] == pytest.approx(3 / 4 * ((without - without.mean()) ** 2).sum())
    assert got.df == 3


def test_the_jackknife_of_a_mean_with_people_as_sites_is_the_textbook_standard_error():
    got = jackknife_sites(mean, np.arange(10))
    assert got.covariance[0, 0] == pytest.approx(Y.var(ddof=1) / 10)


def test_one_site_cannot_be_left_out():
    with pytest.raises(NotEstimable, match="person-level"):
        jackknife_sites(mean, np.zeros(10))


def test_an_estimate_that_needs_one_site_says_so():
    def needs_a(rows):
        if not (SITE[rows] == "a").any():
            raise NotEstimable("no a")
        return mean(rows)

    with pytest.raises(NotEstimable, match=r"without 1 of 4 sites.*no a"):
        jackknife_sites(needs_a, SITE)
