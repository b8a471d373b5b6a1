"""Between which numbers a head count is told to lie that is too near another to be shown."""

import pytest

from pipeline.report.disclosure.crowding import between_others

THRESHOLD = 11


def told(count, others, unsaid=()):
    return between_others(count, set(others), set(others) - set(unsaid), THRESHOLD)


@pytest.mark.parametrize("gap", range(11, 22))
def test_whatever_lies_between_two_that_are_near_is_told_as_lying_between_them(gap):
    assert {told(count, (100, 100 + gap)) for count in range(101, 100 + gap)} == {(101, 99 + gap)}


@pytest.mark.parametrize(("count", "lies"), [(91, (90, 99)), (99, (90, 99)), (61, (61, 70)), (70, (61, 70))])
def test_of_two_further_apart_only_the_one_that_is_near_is_told(count, lies):
    assert told(count, (60, 100)) == lies


@pytest.mark.parametrize("others", [(100, 103), (88, 97), (100, 93)])
def test_two_whose_nearness_cannot_both_be_left_open_leave_nothing_to_tell(others):
    assert told(95, others) is None


@pytest.mark.parametrize("count", [12, 15, 19])
def test_a_count_is_not_told_where_it_could_not_have_been_small_and_the_few_beside_it_would_be_narrowed(count):
    assert told(count, (20,)) is None


def test_no_range_ends_where_a_count_lies_that_is_not_shown():
    assert told(95, (85, 100), unsaid=(100,)) is None
    assert told(95, (85, 100, 112), unsaid=(100,)) == (86, 111)
    assert told(95, (70, 85, 100), unsaid=(85,)) == (71, 99)


@pytest.mark.parametrize("seed", range(20))
def test_each_of_one_to_ten_away_from_those_beside_it_stays_possible(seed):
    others = {40 + seed, 51 + 2 * seed, 90 + seed}
    for count in set(range(30, 130)) - others:
        lies = told(count, others)
        near = [other for other in others if abs(other - count) < THRESHOLD]
        away = [range(o - 10, o) if o > count else range(o + 1, o + 11) for o in near] if lies else []
        assert all(lies[0] <= one <= lies[1] for several in away for one in several)
