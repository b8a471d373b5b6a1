"""A fit to equal arrays is made once, and another one anew."""

import numpy as np
import pytest

from pipeline.errors import NotEstimable
from pipeline.stats import once as remembering
from pipeline.stats.once import once


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


def test_what_is_too_large_to_keep_is_asked_again_and_little_is_kept(monkeypatch):
    monkeypatch.setattr(remembering, "MOST_BYTES", 1_000)
    total, calls = counted()
    large = np.arange(200.0)
    assert total(large) == total(large)
    assert len(calls) == 2
    small = [np.full(50, float(i)) for i in range(5)]
    assert [total(one) for one in small] == [50.0 * i for i in range(5)]
    total(small[-1])
    assert len(calls) == 7
    total(small[0])
    assert len(calls) == 8


def test_what_an_answer_and_a_question_hold_is_counted_too(monkeypatch):
    """A model of a million people is a question of a few flags; it is not kept for those."""
    monkeypatch.setattr(remembering, "MOST_BYTES", 1_000)
    calls = []

    @once
    def model(flags, people):
        calls.append(1)
        return [np.zeros(200)]

    flags, people = np.ones(3), (np.zeros(2), np.zeros(2))
    model(flags, people)
    model(flags, people)
    assert len(calls) == 2
    assert remembering.bytes_of((flags, people, flags)) == 3 * 8 + 4 * 8  # each array once
