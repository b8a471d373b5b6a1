import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.sites import choose_inference, pooled_site_means, site_groups, within_small_sites


def offered(*sites):
    """Each site as (people in arm 0, people in arm 1), everyone observed."""
    site = np.concatenate([np.full(a + b, s) for s, (a, b) in enumerate(sites)])
    arm = np.concatenate([np.repeat([0, 1], [a, b]) for a, b in sites])
    return site, arm, np.ones(len(site), dtype=bool)


@pytest.mark.parametrize(
    ("sites", "method", "beyond", "sentence"),
    [
        (1, "person", False, "This holds for this site only."),
        (5, "person", False, "This holds for these sites only."),
        (6, "jackknife_sites", True, ""),
        (39, "jackknife_sites", True, ""),
        (40, "sandwich", True, ""),
    ],
)
def test_the_number_of_sites_decides_the_uncertainty_and_what_may_be_said(sites, method, beyond, sentence):
    choice = choose_inference(*offered(*[(10, 10)] * sites))
    assert (choice.method, choice.beyond_sites, choice.sentence) == (method, beyond, sentence)
    assert choice.separable
    assert choice.share == pytest.approx(1)
    assert choice.sites.tolist() == list(range(sites))


def test_a_site_counts_with_ten_observed_people_in_every_arm():
    site, arm, observed = offered((10, 10), (9, 30), (30, 9), (10, 11))
    observed[np.flatnonzero((site == 3) & (arm == 1))[:2]] = False  # nine left
    choice = choose_inference(site, arm, observed)
    assert choice.sites.tolist() == [0]
    assert choice.rows.tolist() == (site == 0).tolist()
    assert choose_inference(site, arm, observed, min_observed=9).sites.tolist() == [0, 1, 2, 3]


def test_level_and_site_cannot_be_separated_when_most_people_are_where_only_one_level_is():
    choice = choose_inference(*offered((10, 10), (100, 0), (0, 100)))
    assert choice.share == pytest.approx(20 / 220)
    assert not choice.separable
    assert not choice.beyond_sites
    assert choice.sentence == "Level and site cannot be separated."
    assert choose_inference(*offered((30, 30), (100, 0), (0, 100))).separable


def test_weights_decide_how_much_of_the_sample_the_counted_sites_carry():
    site, arm, observed = offered((10, 10), (100, 0), (0, 100))
    choice = choose_inference(site, arm, observed, weights=np.where(site == 0, 1.0, 0.01))
    # per arm: 10 of (10 + 1)^2 / (10 + 0.01)
    assert choice.share == pytest.approx(10 / (11**2 / 10.01))
    assert choice.separable


def test_no_site_with_both_levels_leaves_nothing_to_compare():
    choice = choose_inference(*offered((50, 0), (0, 50)))
    assert (choice.method, choice.share, choice.separable, choice.rows.any()) == ("none", 0, False, False)
    site, arm, observed = offered((50, 50))
    assert choose_inference(site, arm, observed & False).method == "none"


def test_one_arm_is_not_a_choice():
    with pytest.raises(NotEstimable, match="two levels of care"):
        choose_inference(*offered((50, 0)))


def test_sites_with_both_arms_have_their_own_intercept_and_the_others_share_one():
    site, arm, observed = offered((3, 3), (8, 0), (4, 2), (1, 5))
    code, groups, pooled = site_groups(site, arm, 2, observed)
    assert groups == 3
    assert [int(code[site == s][0]) for s in range(4)] == [0, 2, 1, 2]
    assert sorted(np.unique(site[pooled])) == [1, 3]


def test_a_pool_without_one_arm_takes_in_the_next_smallest_site():
    site, arm, observed = offered((30, 30), (8, 0), (4, 2))
    _, groups, pooled = site_groups(site, arm, 2, observed)
    assert groups == 2
    assert sorted(np.unique(site[pooled])) == [1, 2]
    everyone = site_groups(*offered((1, 0), (0, 1))[:2], 2, np.ones(2, dtype=bool))
    assert everyone[1] == 1


def test_many_pooled_sites_bring_their_means_instead():
    site = np.repeat([0, 1, 2, 3, 4], 3)
    x = np.arange(15.0)[:, None]
    pooled = site > 0
    means = pooled_site_means(x, site, pooled)[:, 0]
    assert means.tolist() == [0] * 3 + [4 - 8.5] * 3 + [7 - 8.5] * 3 + [10 - 8.5] * 3 + [13 - 8.5] * 3
    assert pooled_site_means(np.hstack([x, x, x]), site, pooled).shape == (15, 0)  # four sites cannot carry three


def test_small_sites_hold_for_themselves_and_count_people():
    choice = within_small_sites(choose_inference(*offered(*[(4, 5)] * 12), min_observed=2), 2)
    assert (choice.method, choice.beyond_sites, choice.separable) == ("person", False, True)
    assert choice.sentence == (
        "This holds for these sites only. Small sites are among them, from 2 people measured in each group."
    )
