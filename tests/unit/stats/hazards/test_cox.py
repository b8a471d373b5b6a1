"""Cox regression against R, against hand calculation, against the log-rank test, and under changes that must not
matter."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import NotEstimable
from pipeline.stats.hazards.cox import cox, model_tests
from pipeline.stats.hazards.hazard_ratio import hazard_ratio
from pipeline.stats.hazards.risk_sets import follow_up, risk_sets
from pipeline.stats.hazards.sorted_rows import has_large_blocks
from pipeline.stats.time_in_care.log_rank import log_rank
from tests.reference.hazard_people import hazard_people
from tests.reference.written import numbers

R_CONVERGED = 1e-8  # both iterate to the end; R's covariance is that of its last step but one
SAME = 1e-9  # the same sums in another order, amplified by the conditioning of small samples


def inputs(case, people):
    """How R's case is asked for here."""
    ended = people.ended
    options = {
        "plain": {},
        "distinct": {},
        "robust distinct": {"cluster": np.arange(ended.size)},
        "robust": {"cluster": np.arange(ended.size)},
        "probability": {"weights": people.weight, "kind": "probability"},
        "cluster": {"cluster": people.site},
        "cluster probability": {"cluster": people.site, "weights": people.weight, "kind": "probability"},
        "entry": {"entry": people.entry},
        "strata": {"strata": people.stratum},
        "everything": {
            "entry": people.entry,
            "strata": people.stratum,
            "cluster": people.site,
            "weights": people.weight,
            "kind": "probability",
        },
        "frequency": {"weights": people.count},
    }[case]
    return (people.time if "distinct" in case else people.day), options


CASES = (
    "plain",
    "distinct",
    "robust distinct",
    "robust",
    "probability",
    "cluster",
    "cluster probability",
    "entry",
    "strata",
    "everything",
    "frequency",
)


@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("case", CASES)
def test_hazard_ratios_and_their_errors_are_those_of_r(size, ties, case):
    people = hazard_people(size)
    day, options = inputs(case, people)
    fit = cox(day, people.ended, people.x, ties=ties, **options)
    name = f"{size} {ties} {case}"
    coefficient, se = numbers("hazards", name, "coefficient")[1], numbers("hazards", name, "se")[1]
    assert fit.coefficients == pytest.approx(coefficient, rel=R_CONVERGED, abs=R_CONVERGED * se.max())
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(se, rel=R_CONVERGED)
    assert fit.log_likelihood == pytest.approx(numbers("hazards", name, "log_likelihood")[1][0], rel=1e-12)
    assert fit.gradient <= 1e-8


@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_the_tests_of_all_covariates_are_those_of_r(size, ties):
    people = hazard_people(size)
    fit = cox(people.day, people.ended, people.x, ties=ties)
    tests = model_tests(fit)
    name = f"{size} {ties} plain"
    null = numbers("hazards", name, "null")[1][0]
    assert tests.likelihood_ratio == pytest.approx(2 * (fit.log_likelihood - null), rel=SAME)
    assert tests.score == pytest.approx(numbers("hazards", name, "score")[1][0], rel=R_CONVERGED)
    assert tests.wald == pytest.approx(numbers("hazards", name, "wald")[1][0], rel=R_CONVERGED)


# Six people, one covariate, worked by hand. With r = exp(b): on day 1 one person (x = 1) ends among 3 with x = 1 and 3
# with x = 0; on day 6 two end (x = 1 and x = 0) among 1 with x = 1 and 3 with x = 0; the last (x = 0) ends alone on day
# 9.
DAY, ENDED, X = [1, 1, 6, 6, 8, 9], [True, False, True, True, False, True], [1, 1, 1, 0, 0, 0]


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_six_people_worked_by_hand(ties):
    fit = cox(DAY, ENDED, X, ties=ties)
    b = fit.coefficients[0]
    r = exp(b)
    tied_log, tied_mean, tied_information = {
        # Breslow: both leave a risk set of 3 + r
        "breslow": (2 * log(3 + r), 2 * r / (3 + r), 2 * 3 * r / (3 + r) ** 2),
        # Efron: the second leaves 3 + r less half of 1 + r, that is (5 + r)/2
        "efron": (
            log(3 + r) + log((5 + r) / 2),
            r / (3 + r) + r / (5 + r),
            3 * r / (3 + r) ** 2 + 5 * r / (5 + r) ** 2,
        ),
    }[ties]
    assert fit.log_likelihood == pytest.approx(2 * b - log(3 * r + 3) - tied_log, rel=SAME)
    assert 2 - r / (1 + r) - tied_mean == pytest.approx(0, abs=SAME)
    assert fit.covariance[0, 0] == pytest.approx(1 / (r / (1 + r) ** 2 + tied_information), rel=R_CONVERGED)
    if ties == "breslow":  # 2 - r/(1 + r) - 2r/(3 + r) = 0, so r^2 - 3r - 6 = 0
        assert r == pytest.approx((3 + 33**0.5) / 2, rel=SAME)
    else:  # r^3 - 23r - 30 = 0
        assert r**3 - 23 * r - 30 == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("stratified", [False, True])
@pytest.mark.parametrize("late", [False, True])
def test_the_score_test_of_arms_is_the_log_rank_test_where_days_differ(stratified, late):
    people = hazard_people("small")
    strata = people.stratum if stratified else None
    time = people.time + 1
    entry = people.entry.astype(float) if late else None
    score = model_tests(cox(time, people.ended, people.x[:, 2:], strata=strata, entry=entry))
    other = log_rank(time, people.ended, people.arm, strata=strata, entry=entry)
    assert score.score == pytest.approx(other.chi_square, rel=SAME)
    assert score.p_score == pytest.approx(other.p, rel=SAME)


@st.composite
def follow_ups(draw):
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    n = draw(st.integers(25, 60))
    x = np.column_stack([rng.normal(size=n), rng.permutation(np.arange(n) % 2)])
    day = rng.integers(2, draw(st.integers(5, 200)), n)
    return (
        rng,
        day,
        rng.random(n) < 0.7,
        x,
        rng.integers(0, day),
        rng.integers(0, 2, n),
        rng.integers(1, 4, n),
        rng.integers(0, 8, n),
    )


def fit_or_none(*args, **options):
    try:
        return cox(*args, **options)
    except NotEstimable:
        return None


@settings(max_examples=25, deadline=None)
@given(follow_ups(), st.sampled_from(["efron", "breslow"]))
def test_order_of_rows_units_of_time_and_of_covariates_do_not_matter(drawn, ties):
    rng, day, ended, x, entry, stratum, _, site = drawn
    fit = fit_or_none(day, ended, x, entry=entry, strata=stratum, cluster=site, ties=ties)
    order = rng.permutation(day.size)
    shuffled = fit_or_none(
        day[order] / 7,
        ended[order],
        x[order] * [10, 1] + [1000, 0],
        entry=entry[order] / 7,
        strata=1 - stratum[order],
        cluster=site[order] * 3 + 5,
        ties=ties,
    )
    assert (fit is None) == (shuffled is None)
    if fit is not None:
        unit = np.array([10, 1])
        assert shuffled.coefficients * unit == pytest.approx(fit.coefficients, rel=1e-7, abs=1e-8)
        assert shuffled.covariance * np.outer(unit, unit) == pytest.approx(fit.covariance, rel=1e-6, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(follow_ups(), st.sampled_from(["efron", "breslow"]))
def test_counts_of_identical_people_equal_writing_them_out(drawn, ties):
    _, day, ended, x, entry, stratum, count, site = drawn
    copies = np.repeat(np.arange(day.size), count)
    for cluster, copied in ((None, None), (site, site[copies])):
        fit = fit_or_none(day, ended, x, entry=entry, strata=stratum, weights=count, cluster=cluster, ties=ties)
        written_out = fit_or_none(
            day[copies],
            ended[copies],
            x[copies],
            entry=entry[copies],
            strata=stratum[copies],
            cluster=copied,
            ties=ties,
        )
        assert (fit is None) == (written_out is None)
        if fit is not None:
            assert fit.coefficients == pytest.approx(written_out.coefficients, rel=1e-7, abs=1e-8)
            assert fit.covariance == pytest.approx(written_out.covariance, rel=1e-6, abs=1e-9)
            assert (fit.n, fit.events) == (written_out.n, written_out.events)


@settings(max_examples=20, deadline=None)
@given(follow_ups())
def test_splitting_a_person_into_weighted_copies_of_one_cluster_changes_nothing(drawn):
    _, day, ended, x, entry, stratum, count, _ = drawn
    copies = np.repeat(np.arange(day.size), count)
    whole = fit_or_none(day, ended, x, entry=entry, strata=stratum, cluster=np.arange(day.size), ties="breslow")
    split = fit_or_none(
        day[copies],
        ended[copies],
        x[copies],
        entry=entry[copies],
        strata=stratum[copies],
        weights=1 / count[copies],
        kind="probability",
        cluster=copies,
        ties="breslow",
    )
    assert (whole is None) == (split is None)
    if whole is not None:
        assert split.coefficients == pytest.approx(whole.coefficients, rel=1e-7, abs=1e-8)
        assert split.covariance == pytest.approx(whole.covariance, rel=1e-6, abs=1e-9)


def test_a_long_table_gives_the_same_answer_whichever_way_sums_are_taken():
    rng = np.random.default_rng(5)
    n = 45_000  # long enough for the rough start, and for one product per day
    x = np.column_stack([rng.normal(size=n), rng.random(n) < 0.02, rng.random((n, 2))])
    day = np.ceil(np.minimum(rng.exponential(40 * np.exp(-x @ [0.3, 0.5, -0.2, 0])), rng.uniform(5, 120, n)))
    ended = rng.random(n) < 0.6
    assert has_large_blocks(risk_sets(follow_up(day, ended, x), "efron").rows)
    together = cox(day, ended, x)
    entry = np.minimum(rng.integers(0, 120, n), day - 1) * (np.arange(n) % 2)
    late = cox(day, ended, x, entry=entry)
    assert not has_large_blocks(late.sets.rows)
    cut = np.concatenate([day, entry[entry > 0]])  # the first part of a stay does not end, and may count as never seen
    rest = np.concatenate([ended, np.zeros((entry > 0).sum(), bool)])
    whole = cox(
        cut, rest, np.concatenate([x, x[entry > 0]]), entry=np.concatenate([entry, np.zeros((entry > 0).sum())])
    )
    assert whole.coefficients == pytest.approx(together.coefficients, rel=1e-9)
    assert whole.covariance == pytest.approx(together.covariance, rel=1e-9)
    assert late.coefficients != pytest.approx(together.coefficients, rel=1e-9)
    half = rng.permutation(n)
    distinct = cox(day + half / n / 10, ended, x, ties="breslow")
    nearly = cox(np.round(day + half / n / 10, 12), ended, x)
    assert distinct.coefficients == pytest.approx(nearly.coefficients, rel=1e-9)
    assert distinct.coefficients == pytest.approx(
        together.coefficients, abs=np.sqrt(np.diag(together.covariance)).max()
    )


def test_redundant_columns_are_dropped_and_named():
    people = hazard_people("small")
    x = np.column_stack([people.x[:, 0], np.full(30, 3.3), people.x[:, 2], 2 * people.x[:, 0] + 1, people.stratum])
    fit = cox(people.day, people.ended, x, strata=people.stratum)
    alone = cox(people.day, people.ended, people.x[:, [0, 2]], strata=people.stratum)
    assert fit.kept.tolist() == [0, 2]
    assert fit.dropped.tolist() == [1, 3, 4]
    assert fit.coefficients == pytest.approx(alone.coefficients, rel=SAME)
    assert hazard_ratio(fit, 2).estimate == pytest.approx(exp(alone.coefficients[1]))
    with pytest.raises(NotEstimable, match="redundant"):
        hazard_ratio(fit, 3)


def test_a_hazard_ratio_reads_one_column_or_the_difference_of_two_people():
    people = hazard_people("large")
    fit = cox(people.day, people.ended, people.x)
    one = hazard_ratio(fit, 2)
    assert one.estimate == pytest.approx(exp(fit.coefficients[2]))
    assert one.low < one.estimate < one.high
    both = hazard_ratio(fit, [0, 0, 1, -1])
    variance = fit.covariance[2, 2] + fit.covariance[3, 3] - 2 * fit.covariance[2, 3]
    assert both.se == pytest.approx(variance**0.5)
    assert both.n == 5000
    assert both.events == people.ended.sum()
    with pytest.raises(NotEstimable, match="one finite number per covariate"):
        hazard_ratio(fit, [1, 0])
    with pytest.raises(NotEstimable, match="no such column"):
        hazard_ratio(fit, 4)


GOOD = {
    "day": [3, 1, 4, 1, 5, 9, 2, 6],
    "ended": [1, 1, 0, 1, 1, 0, 1, 1],
    "covariates": [0.1, 2, 0.3, 1.5, 0.2, 0.9, 0.5, 1.1],
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"day": [], "ended": [], "covariates": []}, "no person was observed"),
        ({"day": [3], "ended": [1], "covariates": [1.0]}, "days order nobody"),
        ({"ended": [0] * 8}, "nobody at risk was seen to end"),
        ({"ended": [1, 2, 0, 1, 1, 0, 1, 1]}, "True or False"),
        ({"day": [3, 1, 4, 1, 5, 9, 2, np.nan]}, "missing or infinite"),
        ({"day": [3, 1, 4, 1, 5, 9, 2, -6]}, "before the first attended service"),
        ({"covariates": [0.1, 2, 0.3, 1.5, 0.2, 0.9, 0.5, np.nan]}, "covariate is missing"),
        ({"covariates": [0.1, 2, 0.3]}, "different numbers of rows"),
        ({"covariates": [7.7] * 8}, "no covariate varies"),
        ({"covariates": [0, 1, 0, 1, 0, 0, 1, 0]}, "column 0 .* merge rare categories"),
        ({"day": [4] * 8, "ended": [1] * 8}, "days order nobody"),
        ({"weights": [0] * 8}, "every weight is zero"),
        ({"weights": [0.5] * 8}, "frequency weights are counts"),
        ({"weights": [1, 1]}, "another length"),
        ({"entry": [9] * 8}, "enters observation after leaving"),
        ({"entry": [3, 1, 4, 1, 5, 9, 2, 6]}, "nobody at risk was seen to end"),
        ({"strata": list(range(8))}, "days order nobody|no covariate varies"),
        ({"cluster": [1] * 8}, "one cluster"),
        ({"cluster": [1, 2]}, "cluster has another length"),
        ({"ties": "exact"}, "efron"),
    ],
)
def test_what_cannot_be_estimated_is_refused_with_a_remedy(change, words):
    with pytest.raises(NotEstimable, match=words):
        cox(**(GOOD | change))


def test_the_good_input_of_the_refusals_is_estimable():
    assert cox(**GOOD).gradient <= 1e-8


def test_weights_of_zero_and_people_never_at_risk_change_nothing():
    fit = cox(**GOOD)
    more = {
        "day": [*GOOD["day"], 4, 0],
        "ended": [*GOOD["ended"], 1, 0],
        "covariates": [*GOOD["covariates"], 50.0, -3.0],
    }
    other = cox(**more, weights=[1] * 8 + [0, 1])
    assert other.coefficients == pytest.approx(fit.coefficients, rel=SAME)
    assert other.covariance == pytest.approx(fit.covariance, rel=SAME)


def test_one_extreme_covariate_value_is_named_and_does_not_overflow():
    people = hazard_people("small")
    x = people.x.copy()
    x[0, 0] = 1e6
    with pytest.raises(NotEstimable, match=r"column 0 .* extreme values"):
        cox(people.day, people.ended, x)
    x[0, 0] = 30
    assert cox(people.day, people.ended, x).gradient <= 1e-8
