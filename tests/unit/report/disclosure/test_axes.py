"""Bounds of counts that overlap in time, against every way to fill the quarters in."""

from itertools import product

import pytest

from pipeline.report.disclosure.rates.axes import Axis, Running, that_hold, with_gaps
from pipeline.report.disclosure.secondary_suppression import feasible

SPANS = {"2024": (0, 3), "to Q2": (1, 4), "Q1": (0, 1), "Q4": (2, 3), "all": (0, 5)}


def counted(quarters, span):
    return sum(quarters[slice(*span)])


@pytest.mark.parametrize("hidden", [{"Q1"}, {"Q4", "2024"}, {"all", "Q1"}, {"to Q2", "Q4"}, set(SPANS)])
def test_bounds_are_those_of_all_ways_to_fill_the_quarters_in(hidden):
    true, most = (2, 0, 2, 1, 1), 6
    axis = Axis(6, SPANS)
    ways = [
        way
        for way in product(range(most + 1), repeat=5)
        if all(counted(way, span) == counted(true, span) for cell, span in SPANS.items() if cell not in hidden)
        and all(counted(way, span) <= most for cell, span in SPANS.items() if cell in hidden)
    ]
    counts = {cell: counted(true, span) for cell, span in SPANS.items()}
    found = feasible([], counts, hidden, {}, dict.fromkeys(SPANS, most), [axis])
    possible = {cell: [counted(way, SPANS[cell]) for way in ways] for cell in hidden}
    assert found == {cell: (min(counts), max(counts)) for cell, counts in possible.items()}


def test_a_small_count_that_several_rows_tell_together_is_a_cell_of_its_own():
    axis, gaps = with_gaps(
        0, Axis(4, {"both": (0, 2), "first": (0, 1), "all": (0, 3)}), {"both": 30, "first": 25, "all": 90}, 11
    )
    assert gaps == {("rest", ("gap", 0, (1, 2))): 5}  # 60 after both are not few
    assert axis.spans.keys() >= gaps.keys()


def test_a_row_that_contradicts_shorter_ones_is_no_part_of_an_axis():
    spans = {"first": (0, 1), "second": (1, 2), "both": (0, 2)}
    assert that_hold(Axis(3, spans), {"first": 3, "second": 4, "both": 9}).spans.keys() == {"first", "second"}


def test_running_totals_that_would_fall_are_refused_and_leave_no_trace():
    totals = Running(3)
    assert totals.holds(0, 2, 5)
    assert not totals.holds(0, 1, 7)
    assert dict(totals.between()) == {(0, 2): 5}
