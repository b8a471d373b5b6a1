"""Ranges that say too little to be read, told closer."""

import pytest

from pipeline.report.disclosure.count_systems import System
from pipeline.report.disclosure.propagation import Sum
from pipeline.report.disclosure.rates.closer import Reader, round_range, told_closer

COUNTS = {"all": 300, "north": 120, "south": 173, "west": 7}
HIDDEN = {"north", "south", "west"}


def reader(**counts):
    """Who knows all 300, that fewer than eleven are at the west, and that neither north nor south is small."""
    known = {"least": {"north": 11, "south": 11, "west": 1}, "most": {"west": 10}}
    adding = [Sum("all", ("north", "south", "west"))]
    guarded = {"needed": {"west": (1, 10)}, "width": {}, "fixed": frozenset(), "last": frozenset()}
    return {"part": Reader.of(System(adding, COUNTS, **guarded, **known), HIDDEN)}


def told(*offers):
    found = told_closer(reader(), [(cell, {"part": lies}) for cell, lies in offers])["part"]
    return {cell: found.of_cell(cell) for cell in ("north", "south", "west")}


def test_a_count_that_is_hidden_for_another_is_told_between_round_numbers():
    assert told() == {"north": (11, 288), "south": (11, 288), "west": (1, 10)}
    assert told(("north", (100, 199))) == {"north": (100, 199), "south": (91, 199), "west": (1, 10)}


def test_it_is_not_told_where_the_few_beside_it_would_no_longer_be_any_of_one_to_ten():
    first, second = ("north", (120, 129)), ("south", (170, 179))  # the few would be ten at most, and one at least
    assert told(first, second) == {"north": (120, 129), "south": (170, 179), "west": (1, 10)}
    closer = ("south", (173, 174))  # and now seven at most
    assert told(first, closer) == told(first)


@pytest.mark.parametrize(
    ("count", "widest", "lies"), [(120, 60, (100, 149)), (120, 10, (120, 129)), (120, 9, None), (12, 20, (11, 19))]
)
def test_round_numbers_lie_no_further_apart_than_can_be_read_and_never_say_less_than_is_known(count, widest, lies):
    assert round_range(count, (11, 288), widest) == lies
