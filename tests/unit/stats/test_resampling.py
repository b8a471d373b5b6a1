import csv

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.resampling import cluster_bootstrap, influence_bootstrap, jackknife_sites
from tests.reference.written import HERE, numbers

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


def test_bootstrap_draws_whole_clusters_and_is_the_same_with_the_same_seed():
    seen = []

    def sizes(rows):
        seen.append(rows)
        return mean(rows)

    first = cluster_bootstrap(sizes, SITE, 50, np.random.default_rng(1))
    for rows in seen:
        counts = np.bincount(rows, minlength=10)
        for s in "abcd":
            assert len(set(counts[s == SITE])) == 1  # a site comes whole, however often
    second = cluster_bootstrap(mean, SITE, 50, np.random.default_rng(1))
    assert first.draws == pytest.approx(second.draws, abs=0)
    assert first.low[0] <= first.draws.mean() <= first.high[0]
    assert first.failed == 0


def test_the_bootstrap_spread_of_a_mean_is_its_standard_error():
    y = np.random.default_rng(0).normal(size=300)
    got = cluster_bootstrap(lambda rows: np.array([y[rows].mean()]), np.arange(300), 2000, np.random.default_rng(1))
    assert got.covariance[0, 0] ** 0.5 == pytest.approx(y.std() / 300**0.5, rel=0.06)  # SE of an SD of 2,000: 1.6 %


def test_strata_keep_their_sizes():
    strata = np.repeat([0, 1], 5)

    def share(rows):
        return np.array([(rows < 5).sum(), float(len(rows))])

    got = cluster_bootstrap(share, np.arange(10), 20, np.random.default_rng(0), strata=strata)
    assert (got.draws == [5, 10]).all()


def test_failed_draws_are_counted_and_more_than_one_percent_is_too_many():
    def fails(share):
        rng = np.random.default_rng(9)

        def estimator(rows):
            if rng.random() < share:
                raise NotEstimable("no")
            return mean(rows)

        return estimator

    few = cluster_bootstrap(fails(0.003), SITE, 1000, np.random.default_rng(0))
    assert 0 < few.failed <= 10
    assert len(few.draws) == 1000 - few.failed
    with pytest.raises(NotEstimable, match="could not be estimated"):
        cluster_bootstrap(fails(0.1), SITE, 200, np.random.default_rng(0))


def test_influences_of_a_mean_give_the_draws_of_the_cluster_bootstrap_where_clusters_are_alike_in_size():
    y, site = np.random.default_rng(2).normal(size=24), np.repeat(np.arange(6), 4)
    got = influence_bootstrap([y.mean()], (y - y.mean()) / 24, site, 50, np.random.default_rng(5))
    counts = np.random.default_rng(5).multinomial(6, np.full(6, 1 / 6), size=50)
    exact = [np.average(y, weights=c[site]) for c in counts]
    assert got.draws[:, 0] == pytest.approx(exact, rel=1e-12)
    assert got.low[0] < y.mean() < got.high[0]


def test_influence_draws_of_a_regression_have_the_spread_of_the_clustered_sandwich_in_r():
    """An lm slope in 5 sites: sum of squared cluster influences, less what drawing exactly five of them takes off."""
    with open(HERE / "wild_cluster_people.csv", encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    site, x, z, y = (np.array([float(row[name]) for row in rows]) for name in ("site", "x", "z", "y"))
    design = np.column_stack([np.ones(40), x, z])
    bread = np.linalg.inv(design.T @ design)
    slope = bread @ design.T @ y
    influence = (design * (y - design @ slope)[:, None]) @ bread
    got = influence_bootstrap(slope, influence, site, 40_000, np.random.default_rng(1))
    [sandwich] = numbers("wild_cluster", "influence", "se")[1]
    assert got.covariance[1, 1] ** 0.5 == pytest.approx(
        sandwich, rel=0.015
    )  # 40,000 draws: 0.4 % of the SD, four times that


def test_influences_need_two_clusters_and_a_number_for_everybody():
    rng = np.random.default_rng(0)
    with pytest.raises(NotEstimable, match="draw people instead"):
        influence_bootstrap([1.0], np.zeros(5), np.zeros(5), 10, rng)
    with pytest.raises(NotEstimable, match="missing for someone"):
        influence_bootstrap([1.0], [np.nan, 1, 1], [1, 2, 3], 10, rng)
    with pytest.raises(NotEstimable, match="one row of numbers per person"):
        influence_bootstrap([1.0, 2.0], np.zeros(5), np.arange(5), 10, rng)
