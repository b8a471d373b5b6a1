"""Bounds in arrays, against the twin that passes them along one sum after another."""

from math import inf
from random import Random

import pytest

from pipeline.report.disclosure.propagation import Sum, Web
from pipeline.report.disclosure.rates.axes import Axis
from tests.unit.report.disclosure.twin_bounds import feasible

SITES, QUARTERS = ("North", "South", "East"), range(6)
SPANS = {"2024": (0, 4), "12 months to Q5": (1, 5), "everybody": (0, 6)}


def drawn_counts(draw):
    """Counts of three sites in six quarters, and all that they add up to."""
    parts = {(site, quarter): draw.choice((0, 1, 3, 8, 20, 55)) for site in SITES for quarter in QUARTERS}
    at_sites = {
        (site, name): sum(parts[site, q] for q in range(*span)) for site in SITES for name, span in SPANS.items()
    }
    together = {("all", name): sum(at_sites[site, name] for site in SITES) for name in SPANS}
    return parts | at_sites | together | {("all", q): sum(parts[site, q] for site in SITES) for q in QUARTERS}


def sums_and_axes():
    sums = [Sum(("all", when), tuple((site, when) for site in SITES)) for when in (*QUARTERS, *SPANS)]
    sums += [Sum((at, "everybody"), tuple((at, q) for q in QUARTERS)) for at in ("all", *SITES)]
    spans = SPANS | {q: (q, q + 1) for q in QUARTERS}
    return sums, [Axis(7, {(at, name): span for name, span in spans.items()}) for at in ("all", *SITES)]


@pytest.mark.parametrize("seed", range(20))
def test_a_reader_works_out_the_same_of_every_hidden_count_whether_sums_are_taken_at_once_or_one_by_one(seed):
    draw = Random(seed)
    counts, (sums, axes) = drawn_counts(draw), sums_and_axes()
    least = {cell: count // 2 for cell, count in counts.items() if draw.random() < 0.5}
    most = {cell: count + 4 for cell, count in counts.items() if draw.random() < 0.3}
    choices = [{cell for cell in counts if draw.random() < share} for share in (0.15, 0.4, 0.8)]
    web = Web(sums, counts, least, most, axes)
    low, high = web.bounds(choices)
    for line, hidden in enumerate(choices):
        found = {cell: (low[line, web.at[cell]], high[line, web.at[cell]]) for cell in hidden}
        assert found == feasible(sums, counts, hidden, least, most, axes)


def test_what_nothing_limits_is_endless_and_counts_that_add_up_with_nothing_are_known_as_far_as_told():
    low, high = Web([], {"alone": 4, "told": 7}, {"told": 5}, {"told": 9}).bounds([{"alone", "told"}, set()])
    assert low.tolist() == [[0, 5], [4, 7]]
    assert high.tolist() == [[inf, 9], [4, 7]]
