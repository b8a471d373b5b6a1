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


def test_two_answers_are_kept_whatever_their_size_and_of_more_only_as_much_as_there_is_room_for(monkeypatch):
    """A comparison of a million people asks for two weight models, and the next one of the same people for both again."""
    monkeypatch.setattr(remembering, "MOST_BYTES", 1_000)
    total, calls = counted()
    large = [np.arange(200.0) + i for i in range(3)]
    assert [total(one) for one in (*large[:2], *large[:2])] == [one.sum() for one in (*large[:2], *large[:2])]
    assert len(calls) == 2
    total(large[2])
    total(large[0])
    assert len(calls) == 4
    small = [np.full(50, float(i)) for i in range(5)]
    assert [total(one) for one in small] == [50.0 * i for i in range(5)]
    total(small[-1])
    assert len(calls) == 9
    total(small[0])
    assert len(calls) == 10


def test_what_an_answer_and_a_question_hold_is_counted_too(monkeypatch):
    """A model of a million people is a question of a few flags; it is not kept for those."""
    monkeypatch.setattr(remembering, "MOST_BYTES", 1_000)
    calls = []

    @once
    def model(flags, people):
        calls.append(1)
        return [np.zeros(200)]

    flags, people = np.ones(3), (np.zeros(2), np.zeros(2))
    for size in (3, 4, 5):
        model(np.ones(size), people)
    model(flags, people)
    assert len(calls) == 4
    assert remembering.bytes_of((flags, people, flags)) == 3 * 8 + 4 * 8  # each array once
