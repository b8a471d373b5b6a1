"""Fine-Gray regression against R, against a slow twin that writes everybody out, and against changes in one person's
weight."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import NotEstimable
from pipeline.stats.hazards.cox import cox
from pipeline.stats.hazards.fine_gray import fine_gray, predicted_incidence
from pipeline.stats.hazards.hazard_ratio import hazard_ratio
from pipeline.stats.time_in_care.incidence import aalen_johansen, incidence_at
from tests.reference.hazard_people import hazard_people
from tests.reference.written import numbers

R_CONVERGED = 1e-8  # crr stops at a gradient of 1e-14, coxph at 1e-12 of the log-likelihood
CRR_TIES = (
    2e-3  # crr counts somebody who ended otherwise on the day of a censoring as not yet waiting for it; ours is the
)
# derivative of the estimate, in which they are.  Without ties the two are the same number.
CRR_GROUPS = 6e-3  # crr lets the censoring of one group act on the people of all groups
# R's finegray holds the censoring distribution for known; that matters the less the more people there are
COX_TWIN = {"small": 0.03, "large": 1e-3}


def of_r(size):
    people = hazard_people(size)
    return people[:800] if size == "large" else people


def when_of(people, when):
    return people.day if when == "day" else people.time


@pytest.mark.parametrize("when", ["day", "time"])
@pytest.mark.parametrize("case", ["crr", "crr grouped", "crr second", "finegray"])
@pytest.mark.parametrize("size", ["small", "large"])
def test_subdistribution_hazards_are_those_of_r(size, case, when):
    people = of_r(size)
    options = {
        "crr": {},
        "crr grouped": {"censoring_group": people.x[:, 1].astype(int)},
        "crr second": {"of": 2},
        "finegray": {"same_day": "endings first"},
    }[case]
    fit = fine_gray(when_of(people, when), people.cause, people.x, **options)
    name = f"{size} {when} {case}"
    se = np.sqrt(np.diag(fit.covariance))
    assert fit.coefficients == pytest.approx(
        numbers("fine_gray", name, "coefficient")[1], rel=R_CONVERGED, abs=R_CONVERGED
    )
    assert fit.gradient <= 1e-8
    if case == "finegray":
        loose = COX_TWIN[size]
    else:
        loose = R_CONVERGED if when == "time" else CRR_TIES
        loose = max(loose, CRR_GROUPS) if case == "crr grouped" else loose
        assert np.sqrt(np.diag(fit.model_covariance)) == pytest.approx(
            numbers("fine_gray", name, "model_se")[1], rel=R_CONVERGED
        )
        incidence = predicted_incidence(fit, [0.5, 1, 1, 0])
        last = np.flatnonzero(fit.step)[-1]
        assert incidence.estimate[last, 0] == pytest.approx(
            numbers("fine_gray", name, "incidence")[1][0], rel=R_CONVERGED
        )
    assert se == pytest.approx(numbers("fine_gray", name, "se")[1], rel=loose)


@pytest.mark.parametrize("options", [{}, {"censoring_group": True, "weights": True}, {"same_day": "endings first"}])
def test_the_sandwich_is_what_happens_when_each_person_weighs_a_little_more(options):
    people = hazard_people("large")[:80]
    options = dict(options)
    if "censoring_group" in options:
        options["censoring_group"] = people.stratum
    weights = people.weight if options.pop("weights", False) else np.ones(80)
    fit = fine_gray(people.day, people.cause, people.x[:, :2], weights=weights, kind="probability", **options)
    influence = np.empty((80, 2))
    for i in range(80):
        ends = []
        for nudge in (1e-4, -1e-4):
            nudged = weights.copy()
            nudged[i] += nudge
            ends.append(
                fine_gray(
                    people.day, people.cause, people.x[:, :2], weights=nudged, kind="probability", **options
                ).coefficients
            )
        influence[i] = weights[i] * (ends[0] - ends[1]) / 2e-4
    # the product-limit G moves by 1/(Y - c) where the paper's martingale has 1/Y
    assert np.sqrt((influence**2).sum(axis=0)) == pytest.approx(np.sqrt(np.diag(fit.covariance)), rel=1e-2)


def written_out(day, cause, x, weights, group):
    """One row per person and interval of constant weight, as a Cox model with delayed entry reads them."""
    rows, censoring = [], {}
    for g in np.unique(group):
        mine = group == g
        days = np.unique(day[mine])
        stay = [1 - weights[mine & (day == t) & (cause == 0)].sum() / weights[mine & (day >= t)].sum() for t in days]
        censoring[g] = (days, np.concatenate([[1.0], np.cumprod(stay)]))
    events = np.unique(day[cause == 1])
    for i, (t, c) in enumerate(zip(day, cause, strict=True)):
        rows.append((0, t, c == 1, i, weights[i]))
        days, free = censoring[group[i]]
        if c == 2:
            before = free[np.searchsorted(days, t, side="left")]
            start = t
            for s in events[(events > t) & (events <= days[-1])]:
                rows.append((start, s, False, i, weights[i] * free[np.searchsorted(days, s, side="left")] / before))
                start = s
    entry, end, ended, person, weight = (np.array(column) for column in zip(*rows, strict=True))
    return cox(end, ended, x[person], entry=entry, weights=weight, kind="probability", ties="breslow")


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 200), st.integers(1, 3), st.booleans())
def test_it_equals_a_cox_model_with_everybody_written_out(seed, days, groups, weighted):
    rng = np.random.default_rng(seed)
    day, cause = rng.integers(1, days, 60), rng.integers(0, 3, 60)
    x, group = np.column_stack([rng.normal(size=60), rng.random(60) < 0.5]), rng.integers(0, groups, 60)
    weights = rng.uniform(0.2, 3, 60) if weighted else np.ones(60)
    fast = fine_gray(day, cause, x, censoring_group=group, weights=weights, kind="probability")
    slow = written_out(day, cause, x, weights, group)
    assert fast.coefficients == pytest.approx(slow.coefficients, rel=1e-6, abs=1e-7)
    assert fast.model_covariance == pytest.approx(slow.model_covariance, rel=1e-6)
    order = rng.permutation(60)
    shuffled = fine_gray(
        day[order] / 30,
        np.array([0, 2, 1])[cause[order]],
        x[order],
        of=2,
        censoring_group=group[order],
        weights=weights[order],
        kind="probability",
    )
    assert shuffled.coefficients == pytest.approx(fast.coefficients, rel=1e-6, abs=1e-8)
    assert shuffled.covariance == pytest.approx(fast.covariance, rel=1e-6, abs=1e-10)


def test_without_competing_endings_it_is_a_cox_model():
    people = hazard_people("large")[:500]
    fit = fine_gray(people.day, people.ended, people.x)
    other = cox(people.day, people.ended, people.x, ties="breslow", cluster=np.arange(500))
    assert fit.coefficients == pytest.approx(other.coefficients, rel=1e-9)
    assert fit.covariance == pytest.approx(other.covariance, rel=1e-8)


def test_counts_equal_writing_people_out_and_clusters_add_up():
    people = hazard_people("large")[:400]
    copies = np.repeat(np.arange(400), people.count)
    counted = fine_gray(people.day, people.cause, people.x, weights=people.count)
    twice = fine_gray(people.day[copies], people.cause[copies], people.x[copies])
    assert counted.coefficients == pytest.approx(twice.coefficients, rel=1e-8)
    assert counted.covariance == pytest.approx(twice.covariance, rel=1e-8)
    assert (counted.n, counted.events) == (twice.n, twice.events)
    clustered = fine_gray(people.day, people.cause, people.x, weights=people.count, cluster=people.site)
    written = fine_gray(people.day[copies], people.cause[copies], people.x[copies], cluster=people.site[copies])
    assert clustered.covariance == pytest.approx(written.covariance, rel=1e-8)
    assert hazard_ratio(clustered, 0).se == pytest.approx(clustered.covariance[0, 0] ** 0.5)


def test_with_a_covariate_that_says_nothing_incidence_is_close_to_aalen_johansen():
    people = hazard_people("large")
    noise = np.random.default_rng(3).normal(size=5000)
    fit = fine_gray(people.day, people.cause, noise, same_day="endings first")
    predicted = predicted_incidence(fit, [[noise.mean()]])
    curve = incidence_at(aalen_johansen(people.day, people.cause), [30, 60, 90])
    step = np.searchsorted(predicted.day, [30, 60, 90], side="right") - 1
    assert predicted.estimate[step, 0] == pytest.approx(curve.estimate[:, 0], abs=0.005)


GOOD = {
    "day": [3, 1, 4, 1, 5, 9, 2, 6],
    "cause": [1, 1, 0, 2, 1, 0, 2, 1],
    "covariates": [0.1, 2, 0.3, 1.5, 0.2, 0.9, 0.5, 1.1],
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"day": [], "cause": [], "covariates": []}, "no person was observed"),
        ({"day": [2], "cause": [1], "covariates": [1.0]}, "days order nobody"),
        ({"cause": [2, 0, 0, 2, 0, 0, 2, 0]}, "never seen"),
        ({"of": 0}, "name an ending from 1"),
        ({"day": [3, 1, 4, 1, 5, 9, 2, np.inf]}, "missing or infinite"),
        ({"covariates": [0.1, 2, 0.3, 1.5, 0.2, 0.9, 0.5, np.nan]}, "covariate is missing"),
        ({"covariates": [4.4] * 8}, "no covariate varies"),
        ({"covariates": [1, 1, 0, 0, 1, 0, 0, 1]}, "column 0 .* merge rare categories"),
        ({"day": [4] * 8}, "days order nobody"),
        ({"weights": [0] * 8}, "every weight is zero"),
        ({"weights": [0.5] * 8}, "frequency weights are counts"),
        ({"censoring_group": [0, 1]}, "another length"),
        ({"cluster": ["a"] * 8}, "one cluster"),
        ({"same_day": "losses first"}, "'together' or 'endings first'"),
    ],
)
def test_what_cannot_be_estimated_is_refused_with_a_remedy(change, words):
    with pytest.raises(NotEstimable, match=words):
        fine_gray(**(GOOD | change))


def test_the_good_input_of_the_refusals_is_estimable_and_predictions_want_its_columns():
    fit = fine_gray(**GOOD)
    assert fit.gradient <= 1e-8
    with pytest.raises(NotEstimable, match="reads 1 finite covariates"):
        predicted_incidence(fit, [1.0, 2.0])


def test_redundant_columns_are_dropped_and_named():
    x = np.asarray(GOOD["covariates"])
    fit = fine_gray(GOOD["day"], GOOD["cause"], np.column_stack([np.ones(8), x, 3 - x]))
    assert fit.kept.tolist() == [1]
    assert fit.dropped.tolist() == [0, 2]
    assert fit.coefficients == pytest.approx(fine_gray(**GOOD).coefficients, rel=1e-9)
