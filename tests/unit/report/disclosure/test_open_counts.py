"""A reader who is told one thing after another, and what must stay open."""

import pytest

from pipeline.report.disclosure.propagation import Sum
from pipeline.report.disclosure.rates.axes import Axis
from pipeline.report.disclosure.rates.open_counts import OpenCounts, Saying
from pipeline.report.disclosure.rates.together import round_range

ALL, NORTH, SOUTH, WEST = (("part", row) for row in range(4))


def reader():
    """Who knows that 300 are those of the north, of the south and of the west, where seven are."""
    found = OpenCounts([Sum(ALL, (NORTH, SOUTH, WEST))], [], {WEST: (1, 10)})
    assert found.takes([told(0, 300, 300)])
    return found


def told(row, low, high):
    return Saying(row, {"part": (low, high)})


def test_what_is_told_of_one_count_follows_for_the_others():
    found = reader()
    assert found.takes([told(1, 100, 199)])
    assert [found.lies(cell) for cell in (NORTH, SOUTH, WEST)] == [(100, 199), (0, 200), (0, 200)]


def test_what_leaves_less_than_1_to_10_open_is_taken_back_whole():
    found = reader()
    assert found.takes([told(1, 120, 129), told(2, 170, 179)])
    before = [found.lies(cell) for cell in (NORTH, SOUTH, WEST)]
    assert not found.takes([told(2, 173, 174)])  # seven at most, where few are
    assert [found.lies(cell) for cell in (NORTH, SOUTH, WEST)] == before


def test_of_several_the_first_are_told_and_only_those_left_out_that_tell_too_much():
    first, second, third = told(1, 120, 129), told(2, 173, 174), told(2, 170, 179)
    assert reader().taking([first, second, third]) == [second]


def test_what_is_known_anyway_must_not_be_known_better():
    found = reader()
    assert found.takes([told(3, 1, 8)], anyhow=True)
    assert not found.takes([told(3, 1, 7)])
    assert found.lies(WEST) == (1, 8)


def test_a_share_in_whole_percent_ties_its_part_to_its_whole_and_is_taken_back_with_them():
    part, whole = ("part", 0), ("whole", 0)
    found = OpenCounts([Sum(whole, (part, ("rest", 0)))], [], {part: (1, 10)})
    assert found.takes([Saying(0, {"whole": (20, 40)})])
    assert not found.takes([Saying(0, {}, (0.495, 0.505))])  # ten at least
    assert found.lies(part) == (0, 40)
    assert found.takes([Saying(0, {}, (0.0, 0.255))])
    assert found.lies(part) == (0, 10)


def test_periods_that_overlap_tell_together_of_the_quarter_that_none_of_them_counts():
    year, rolling, both = ("part", 0), ("part", 1), ("part", 2)
    axis = Axis(4, {year: (0, 2), rolling: (1, 3), both: (0, 3)})
    found = OpenCounts([], [axis], {})
    assert found.takes([told(0, 50, 50), told(1, 60, 60), told(2, 90, 90)])
    assert found.lies(("between", 0, (1, 2))) == (20, 20)


@pytest.mark.parametrize(
    ("count", "widest", "lies"), [(120, 60, (100, 149)), (120, 10, (120, 129)), (120, 4, None), (12, 20, (11, 19))]
)
def test_round_numbers_lie_no_further_apart_than_can_be_read_and_never_say_less_than_is_known(count, widest, lies):
    assert round_range(count, (11, 288), widest) == lies
