"""Hazard ratios from binned stays against R, by hand, and under changes that must not matter."""

from math import log

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats.hazards.cox import cox
from pipeline.stats.hazards.discrete_time import discrete_time_hazard
from tests.reference.hazard_people import hazard_people
from tests.reference.written import numbers

R_CONVERGED = 1e-8  # R's glm is restarted thirty times; by then its covariance has settled to this


def binned(size):
    people = hazard_people(size)
    people = people[:2000] if size == "large" else people
    return people, np.ceil(people.day / (people.day.max() / {"small": 4, "large": 7}[size])).astype(int) - 1


@pytest.mark.parametrize("case", ["plain", "frequency"])
@pytest.mark.parametrize("size", ["small", "large"])
def test_binned_hazards_are_those_of_r(size, case):
    people, bins = binned(size)
    fit = discrete_time_hazard(bins, people.ended, people.x, weights=people.count if case == "frequency" else None)
    name = f"{size} bins {case}"
    assert fit.coefficients == pytest.approx(
        numbers("fine_gray", name, "coefficient")[1], rel=R_CONVERGED, abs=R_CONVERGED
    )
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(numbers("fine_gray", name, "se")[1], rel=R_CONVERGED)
    assert fit.log_hazard == pytest.approx(numbers("fine_gray", name, "log_hazard")[1][fit.bins], rel=R_CONVERGED)
    assert fit.log_hazard_se == pytest.approx(numbers("fine_gray", name, "log_hazard_se")[1][fit.bins], rel=R_CONVERGED)
    assert fit.gradient <= 1e-8


def test_clusters_and_weights_give_the_sandwich_of_one_row_per_person_and_bin():
    people, bins = binned("large")
    fit = discrete_time_hazard(
        bins, people.ended, people.x, weights=people.weight, kind="probability", cluster=people.site
    )
    row = np.repeat(np.arange(bins.size), bins + 1)
    own = np.concatenate([np.arange(b + 1) for b in bins])
    y, w = (own == bins[row]) & people.ended[row], people.weight[row]
    design = np.column_stack([own[:, None] == fit.bins, people.x[row]])[np.isin(own, fit.bins)]
    y, w, row = (column[np.isin(own, fit.bins)] for column in (y, w, row))
    m = np.exp(design @ np.concatenate([fit.log_hazard, fit.coefficients]))
    share = -np.expm1(-m)
    slope = m * (1 - share)
    residual = (w * (y - share) * slope / (share * (1 - share)))[:, None] * design
    assert residual.sum(axis=0) == pytest.approx(np.zeros(design.shape[1]), abs=1e-6)
    bread = np.linalg.inv(design.T @ (design * (w * slope**2 / (share * (1 - share)))[:, None]))
    total = np.zeros((people.site.max() + 1, design.shape[1]))
    np.add.at(total, people.site[row], residual)
    j = fit.bins.size
    assert fit.covariance == pytest.approx((bread @ total.T @ total @ bread)[j:, j:], rel=1e-7, abs=1e-12)
    assert fit.clusters == np.unique(people.site).size


def test_two_bins_and_two_groups_by_hand():
    # 8 people: in bin 0 one of four with x = 0 and two of four with x = 1 end; of the rest one of three, and one of
    # two, in bin 1
    bins = [0, 1, 1, 1, 0, 0, 1, 1]
    ended = [1, 1, 0, 0, 1, 1, 1, 0]
    fit = discrete_time_hazard(bins, ended, [0, 0, 0, 0, 1, 1, 1, 1])
    m = np.exp(fit.log_hazard)
    r = np.exp(fit.coefficients[0])
    both = [(4, 1, m[0]), (4, 2, m[0] * r), (3, 1, m[1]), (2, 1, m[1] * r)]
    assert fit.log_likelihood == pytest.approx(sum(d * log(-np.expm1(-v)) - (n - d) * v for n, d, v in both), rel=1e-12)
    score = [d * v / np.expm1(v) - (n - d) * v for n, d, v in both]
    assert [score[0] + score[1], score[2] + score[3], score[1] + score[3]] == pytest.approx([0, 0, 0], abs=1e-9)
    # one covariate value per group and one bin: as many parameters as shares, so the answer is closed
    single = discrete_time_hazard([0] * 8, [1, 0, 0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1])
    assert np.exp(single.coefficients[0]) == pytest.approx(log(2) / log(4 / 3), rel=1e-9)


def test_bins_give_the_hazard_ratio_of_days():
    people = hazard_people("large")
    days = cox(people.day, people.ended, people.x)
    bins = discrete_time_hazard(np.searchsorted([3, 7, 14, 30, 60, 90], people.day), people.ended, people.x)
    # people censored within a bin count as if they had stayed through it, so only roughly
    assert bins.coefficients == pytest.approx(days.coefficients, abs=2 * np.sqrt(np.diag(days.covariance)).max())


def test_order_scale_and_counts_do_not_matter():
    people, bins = binned("small")
    rng = np.random.default_rng(8)
    order = np.repeat(rng.permutation(30), 2)
    fit = discrete_time_hazard(bins, people.ended, people.x, weights=np.full(30, 2))
    other = discrete_time_hazard(bins[order], people.ended[order], people.x[order] * [7, 1, 1, 1] + [50, 0, 0, 0])
    assert other.coefficients * [7, 1, 1, 1] == pytest.approx(fit.coefficients, rel=1e-8)
    assert other.covariance[0, 0] * 49 == pytest.approx(fit.covariance[0, 0], rel=1e-8)
    assert (other.n, other.events) == (fit.n, fit.events)


def test_bins_that_say_nothing_are_left_out_and_named():
    bins, ended = [0, 0, 2, 2, 3, 3, 5], [1, 0, 1, 0, 1, 0, 1]
    x = [0.1, 0.5, 0.4, 0.2, 0.3, 0.6, 0.9]
    fit = discrete_time_hazard(bins, ended, np.column_stack([x, np.ones(7), x]))
    assert fit.bins.tolist() == [0, 2, 3]
    assert fit.always.tolist() == [5]
    assert fit.kept.tolist() == [0]
    assert fit.dropped.tolist() == [1, 2]
    renumbered = discrete_time_hazard([0, 0, 1, 1, 2, 2, 2], [1, 0, 1, 0, 1, 0, 0], x)
    assert fit.coefficients == pytest.approx(renumbered.coefficients, rel=1e-9)


GOOD = {
    "bin_": [0, 1, 2, 0, 1, 2, 1, 2],
    "ended": [1, 1, 0, 1, 1, 0, 0, 1],
    "covariates": [0.1, 2, 0.3, 1.5, 0.2, 0.9, 0.5, 1.1],
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bin_": [], "ended": [], "covariates": []}, "no person was observed"),
        ({"bin_": [0.5, 1, 2, 0, 1, 2, 1, 2]}, "whole numbers"),
        ({"bin_": [10**6, 1, 2, 0, 1, 2, 1, 2]}, "100,000 bins"),
        ({"ended": [0] * 8}, "nobody at risk was seen to end"),
        ({"bin_": [0], "ended": [1], "covariates": [1.0]}, "finer bins"),
        ({"bin_": [0] * 8, "ended": [1] * 8}, "finer bins"),
        ({"covariates": [2.0] * 8}, "no covariate varies"),
        ({"covariates": [1, 1, 0, 1, 1, 0, 0, 1]}, "column 0 .* merge rare categories"),
        ({"covariates": [0.1, 2, 0.3, 1.5, 0.2, 0.9, 0.5, np.nan]}, "covariate is missing"),
        ({"weights": [0.5] * 8}, "frequency weights are counts"),
        ({"cluster": [3] * 8}, "one cluster"),
    ],
)
def test_what_cannot_be_estimated_is_refused_with_a_remedy(change, words):
    with pytest.raises(NotEstimable, match=words):
        discrete_time_hazard(**(GOOD | change))


def test_the_good_input_of_the_refusals_is_estimable():
    assert discrete_time_hazard(**GOOD).gradient <= 1e-8
