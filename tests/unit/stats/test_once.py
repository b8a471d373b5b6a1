"""A fit to equal arrays is made once, and another one anew."""

import sys

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats import once as remembering
from pipeline.stats.once import once
from pipeline.stats.weighting.fold_models import Folds


def counted():
    calls = []

    @once
    def total(values, code=0, *, scale=1.0):
        calls.append(scale)
        if code < 0:
            raise NotEstimable("a code below zero; number the groups first")
        return values.sum() * scale + code

    return total, calls


def test_equal_arrays_are_asked_about_once():
    total, calls = counted()
    values = np.arange(100.0)
    assert total(values) == total(values.copy()) == 4950
    assert len(calls) == 1


@pytest.mark.parametrize("place", [0, 1, 37, 99])
def test_one_number_that_differs_anywhere_is_another_question(place):
    total, calls = counted()
    values = np.arange(100.0)
    total(values)
    other = values.copy()
    other[place] += 1
    assert total(other) == 4951
    assert len(calls) == 2


@pytest.mark.parametrize("asked", [{"scale": 2.0}, {"code": 1}, {"code": True}])
def test_another_choice_is_another_question(asked):
    total, calls = counted()
    values = np.arange(5.0)
    assert total(values) == 10
    total(values, **asked)
    assert len(calls) == 2


def test_an_array_of_another_kind_or_shape_is_another_question():
    total, calls = counted()
    for values in (np.ones(4), np.ones(4, dtype=np.int64), np.ones((2, 2)), np.ones((2, 2), order="F")):
        assert total(values) == 4
    assert len(calls) == 4 or len(calls) == 3  # how numbers lie in memory does not make them others


def test_a_refusal_is_made_again():
    total, calls = counted()
    for _ in range(2):
        with pytest.raises(NotEstimable, match="below zero"):
            total(np.ones(3), -1)
    assert len(calls) == 2


def test_an_answer_too_large_to_keep_is_made_again_and_little_is_kept(monkeypatch):
    monkeypatch.setattr(remembering, "MOST_BYTES", 1_000)
    calls = []

    @once
    def doubled(values):
        calls.append(1)
        return [values * 2]

    large = np.arange(200.0)
    assert doubled(large)[0][-1] == doubled(large)[0][-1] == 398
    assert len(calls) == 2
    small = [np.full(50, float(i)) for i in range(5)]
    assert [doubled(one)[0][0] for one in small] == [0, 2, 4, 6, 8]
    doubled(small[-1])
    assert len(calls) == 7
    doubled(small[0])
    assert len(calls) == 8


def test_a_question_of_many_people_is_asked_once_and_its_people_are_not_kept(monkeypatch):
    """Families that compare the same million people fit who starts where once, whatever room their covariates take."""
    monkeypatch.setattr(remembering, "MOST_BYTES", 1_000)
    total, calls = counted()
    large = np.arange(2_000.0)
    kept = sys.getrefcount(large)
    assert total(large) == total(large.copy()) == 1_999_000
    assert (len(calls), sys.getrefcount(large)) == (1, kept)


def test_what_a_question_holds_is_part_of_it():
    """Folds of other people are other folds, also where all else is the same."""
    calls = []

    @once
    def rows(folds):
        calls.append(1)
        return len(folds.rows)

    ends = np.array([0, 1]), np.array([2])
    assert rows(Folds(np.array([0, 0, 1]), ends)) == rows(Folds(np.array([0, 0, 1]), ends)) == 2
    rows(Folds(np.array([0, 1, 1]), ends))
    rows(Folds(np.array([0, 0, 1]), (np.array([0]), np.array([1, 2]))))
    assert len(calls) == 3


@pytest.mark.parametrize("asked", [object(), np.ma.array([1, 2], mask=[0, 1]), np.zeros(1, dtype=[("a", "f8")])])
def test_an_argument_that_cannot_be_told_from_others_is_refused(asked):
    """The bytes of a masked array do not say what is masked, nor those of named fields their names."""
    total, _ = counted()
    with pytest.raises(TypeError, match="plain values"):
        total(np.ones(3), asked)


def test_answers_that_are_numbers_are_forgotten_too(monkeypatch):
    monkeypatch.setattr(remembering, "MOST_BYTES", 1_000)
    total, calls = counted()
    for value in (*range(10), 9, 0):
        total(np.array([float(value)]))
    assert len(calls) == 11


def test_each_array_counts_once():
    flags, people = np.ones(3), (np.zeros(2), np.zeros(2))
    assert remembering.bytes_of((flags, people, flags)) == 3 * 8 + 4 * 8


def test_a_part_of_an_array_takes_the_room_of_all_of_it():
    assert remembering.bytes_of(np.zeros(1_000)[:1][:1]) == 8_000
