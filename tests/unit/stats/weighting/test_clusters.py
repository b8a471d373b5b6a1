"""Whom limits count where sites are few, and how alike the people of one therapist are."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from pipeline.errors import NotEstimable
from pipeline.stats.resampling import arm_cluster_df, effective_number
from pipeline.stats.weighting.clusters import Grouping, choose_clusters, shared_variance

ARM = np.repeat([0, 1], 120)
ONE_SITE = np.zeros(240, dtype=int)
EVERYBODY = np.ones(240, dtype=bool)


def dealt(*clusters):
    """Labels of 120 people in each arm, dealt out evenly to so many clusters of its own."""
    return np.concatenate([1000 * a + np.arange(120) % g for a, g in enumerate(clusters)])


def chosen(*groupings, site=ONE_SITE, observed=EVERYBODY):
    return choose_clusters([Grouping(name, labels) for name, labels in groupings], site, ARM, observed)


def test_programs_are_counted_where_each_level_has_a_handful_and_therapists_otherwise():
    assert chosen(("programs", dealt(5, 6)), ("therapists", dealt(9, 9))).units == ("programs", "programs")
    found = chosen(("programs", dealt(4, 6)), ("therapists", dealt(9, 7)))
    assert (found.units, found.counts.tolist()) == (("therapists", "programs"), [9, 6])
    assert len(np.unique(found.codes)) == 15


def test_four_therapists_at_a_level_are_too_few_so_its_people_are_counted():
    found = chosen(("therapists", dealt(4, 20)))
    assert (found.units, found.counts.tolist()) == (("people", "therapists"), [0, 20])
    assert len(np.unique(found.codes[ARM == 0])) == 120
    neither = chosen(("therapists", dealt(4, 3)))
    assert (neither.units, neither.codes, neither.counts.tolist()) == (("people", "people"), None, [0, 0])


def test_a_level_at_which_nobody_wrote_therapists_down_is_counted_person_by_person():
    written = np.where(ARM == 0, "", dealt(6, 6).astype(str))
    assert chosen(("therapists", written)).units == ("people", "therapists")


def test_one_program_at_each_site_says_no_more_than_the_sites_do():
    site = np.concatenate([np.arange(120) % 5, np.arange(120) % 5])
    programs = 10 * ARM + site
    assert chosen(("programs", programs), site=site).codes is None
    assert chosen(("programs", 10 * programs + np.arange(240) // 60), site=site).units[0] == "programs"


def test_a_therapist_who_sees_nearly_everybody_counts_for_hardly_more_than_one():
    crowd = dealt(8, 8)
    crowd[:90] = 0
    assert chosen(("therapists", crowd)).units == ("people", "therapists")


def test_a_therapist_none_of_whose_people_were_measured_does_not_count():
    labels = dealt(5, 5)
    assert chosen(("therapists", labels)).units[0] == "therapists"
    assert chosen(("therapists", labels), observed=labels != 3).units[0] == "people"


def test_the_effective_number_of_equal_clusters_is_their_number():
    assert effective_number([30, 30, 30, 0]) == pytest.approx(3)
    assert effective_number([360, 30, 30, 30, 30, 30]) == pytest.approx(510**2 / (360**2 + 5 * 30**2))


def test_the_level_with_fewest_therapists_decides_how_sure_limits_can_be():
    assert arm_cluster_df(dealt(8, 20), ARM) == pytest.approx(7)
    with pytest.raises(NotEstimable, match="one arm is in one cluster"):
        arm_cluster_df(dealt(1, 20), ARM)


def drawn(icc, seed=1, per_arm=600, therapists=20):
    r = np.random.default_rng(seed)
    arm = np.repeat([0, 1], per_arm)
    who = therapists * arm + r.integers(0, therapists, 2 * per_arm)
    x = r.normal(size=(2 * per_arm, 2))
    own = np.sqrt(icc) * r.normal(size=2 * therapists)[who]
    y = x @ [1.0, -1.0] + 3 * arm + 5 * (own + np.sqrt(1 - icc) * r.normal(size=2 * per_arm))
    y[r.random(2 * per_arm) < 0.2] = np.nan
    return y, arm, who, x


def test_the_icc_agrees_with_a_mixed_model_of_the_same_people():
    y, arm, who, x = drawn(0.2)
    frame = pd.DataFrame({"y": y, "arm": arm, "who": who, "a": x[:, 0], "b": x[:, 1]}).dropna()
    fit = smf.mixedlm("y ~ arm + a + b", frame, groups=frame["who"]).fit(reml=True)
    other = float(fit.cov_re.iloc[0, 0] / (fit.cov_re.iloc[0, 0] + fit.scale))
    assert shared_variance(y, arm, who, x).icc == pytest.approx(other, abs=0.02)


def test_the_icc_by_hand_of_two_therapists_a_level():
    arm, who = np.repeat([0, 1], 4), np.repeat([0, 1, 2, 3], 2)
    y = np.array([1.0, 3.0, 5.0, 7.0, 1.0, 3.0, 5.0, 7.0])
    found = shared_variance(y, arm, who, np.zeros((8, 0)))
    between, within = 16.0, 2.0  # 2 people * (2^2 + 2^2) * 2 levels / 2 df; 8 * 1^2 / 4 df
    assert found.icc == pytest.approx((between - within) / (between + within))
    assert found.design_effect == pytest.approx(1 + found.icc)


def test_levels_that_differ_do_not_make_their_therapists_look_alike():
    y, arm, who, x = drawn(0.0)
    assert shared_variance(y, arm, who, x).icc < 0.02
    assert shared_variance(y + 100 * arm, arm, who, x).icc == pytest.approx(shared_variance(y, arm, who, x).icc)


def test_where_every_therapist_has_one_person_nothing_can_be_alike():
    with pytest.raises(NotEstimable, match="two people"):
        shared_variance(np.arange(8.0), np.repeat([0, 1], 4), np.arange(8), np.zeros((8, 0)))
