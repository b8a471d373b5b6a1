"""Change of a person: the published vectors, drawn people, and scales that run either way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import NotEstimable
from pipeline.stats.change.reliable_change import classify_change, cutoffs, reliable_change_index

PRINTED = 5e-3  # two decimals in domain.md


def test_cutoffs_of_the_worked_example():
    found = cutoffs(17.4, 4.8, 2.91, 3.52)
    assert (found.a, found.b, found.c) == pytest.approx((7.80, 9.95, 9.04), abs=PRINTED)


def test_cutoffs_turn_with_the_scale():
    # the same scale read from 100 downwards
    found, turned = cutoffs(17.4, 4.8, 2.91, 3.52), cutoffs(100 - 17.4, 4.8, 100 - 2.91, 3.52)
    assert (turned.a, turned.b, turned.c) == pytest.approx((100 - found.a, 100 - found.b, 100 - found.c))


@pytest.mark.parametrize(
    ("sd", "reliability", "points"),
    [
        (5.66, 0.89, 5.20),
        (5.66, 0.84, 6.28),
        (4.5, 0.92, 3.53),
        (4.5, 0.83, 5.14),
        (16, 0.94, 10.86),
        (16, 0.82, 18.82),
    ],
)
def test_reliable_change_of_the_instruments(sd, reliability, points):
    found = reliable_change_index(sd, reliability)
    assert found.points == pytest.approx(points, abs=PRINTED)
    assert found.points == pytest.approx(2.772 * sd * (1 - reliability) ** 0.5, rel=1e-4)
    assert found.se_difference == pytest.approx(2**0.5 * found.se_measurement)


def test_each_person_falls_into_one_class():
    #         recovered  improved  too little  worse  not a case  lost
    before = [18, 24, 14, 12, 7, 20]
    after = [6, 15, 11, 19, 1, np.nan]
    found = classify_change(before, after, reliable=6, cut=10, bounds=(0, 27))
    assert found.category.tolist() == ["recovered", "improved", "no reliable change", "deteriorated", "improved", ""]
    assert found.case.tolist() == [True, True, True, True, False, False]
    assert found.improvement[:4].tolist() == [12, 9, 3, -7]
    assert (found.recovered.events, found.recovered.n) == (1, 4)  # among cases
    assert (found.improved.events, found.improved.n) == (3, 5)  # among all with both scores
    assert (found.deteriorated.events, found.deteriorated.n) == (1, 5)
    assert (found.no_reliable_change.events, found.no_reliable_change.n) == (1, 5)


def test_people_too_near_the_end_of_the_scale_cannot_change_reliably():
    found = classify_change([3, 6, 22, 21], [3, 6, 22, 21], reliable=6, bounds=(0, 27))
    assert found.not_improvable.tolist() == [True, False, False, False]
    assert found.not_worsenable.tolist() == [False, False, True, False]


def test_a_change_of_exactly_the_threshold_counts_by_convention_and_not_by_the_index():
    convention, index = (classify_change([16], [10], reliable=6, inclusive=inclusive) for inclusive in (True, False))
    assert convention.category.tolist() == ["improved"]
    assert index.category.tolist() == ["no reliable change"]


def test_a_score_exactly_at_the_cut_is_a_case_before_and_after():
    found = classify_change([10, 18, 18], [3, 10, 9], reliable=6, cut=10)
    assert found.category.tolist() == ["recovered", "improved", "recovered"]
    turned = classify_change([30, 22], [37, 30], reliable=6, cut=30, worse="lower")
    assert turned.category.tolist() == ["recovered", "improved"]


def test_without_a_cut_nobody_recovers_and_everybody_counts():
    found = classify_change([20, 20], [5, 20], reliable=6)
    assert found.category.tolist() == ["improved", "no reliable change"]
    assert found.recovered is None


def test_without_cases_there_is_no_recovery_rate():
    assert classify_change([5, 6], [5, 6], reliable=6, cut=10).recovered is None


scores = st.lists(st.tuples(st.integers(0, 27), st.integers(0, 27)), min_size=1, max_size=30)


@given(scores)
def test_a_scale_read_backwards_gives_the_same_classes(pairs):
    before, after = (np.array(column) for column in zip(*pairs, strict=True))
    forwards = classify_change(before, after, reliable=6, cut=10, bounds=(0, 27))
    backwards = classify_change(27 - before, 27 - after, reliable=6, cut=17, worse="lower", bounds=(0, 27))
    assert forwards.category.tolist() == backwards.category.tolist()
    assert forwards.improvement.tolist() == backwards.improvement.tolist()
    assert forwards.not_improvable.tolist() == backwards.not_improvable.tolist()
    assert forwards.not_worsenable.tolist() == backwards.not_worsenable.tolist()


@given(scores)
def test_classes_share_everybody_out_and_nobody_improves_where_they_cannot(pairs):
    before, after = (np.array(column) for column in zip(*pairs, strict=True))
    found = classify_change(before, after, reliable=6, cut=10, bounds=(0, 27))
    assert found.improved.events + found.no_reliable_change.events + found.deteriorated.events == len(pairs)
    better = np.isin(found.category, ["recovered", "improved"])
    assert not (better & found.not_improvable).any()
    assert not ((found.category == "deteriorated") & found.not_worsenable).any()


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (lambda: reliable_change_index(0, 0.8), "reliability below 1"),
        (lambda: reliable_change_index(5, 1), "reliability below 1"),
        (lambda: reliable_change_index(np.nan, 0.8), "reliability below 1"),
        (lambda: cutoffs(5, 1, 5, 1), "different means"),
        (lambda: cutoffs(5, 0, 3, 1), "positive standard deviations"),
        (lambda: cutoffs(np.inf, 1, 3, 1), "different means"),
        (lambda: classify_change([], [], reliable=6), "collect follow-up"),
        (lambda: classify_change([np.nan], [3], reliable=6), "collect follow-up"),
        (lambda: classify_change([1, 2], [1], reliable=6), "paired"),
        (lambda: classify_change([np.inf], [1], reliable=6), "impossible"),
        (lambda: classify_change([1], [1], reliable=0), "instrument's own"),
        (lambda: classify_change([1], [1], reliable=np.nan), "instrument's own"),
    ],
)
def test_what_cannot_be_classified_is_refused(call, remedy):
    with pytest.raises(NotEstimable, match=remedy):
        call()
