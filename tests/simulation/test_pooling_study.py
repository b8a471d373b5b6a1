"""Effects of a few sites pulled towards all of them: limits that know how little a few tell hold the truth; limits that
take the spread between sites as known do not."""

import csv

import pytest

from tests.simulation.pooling_study import CELLS, TABLE, row_of
from tests.simulation.tally import coverage_at_least

with TABLE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))
LEAST = 0.93
QUICK = 40  # draws


def named(row):
    return f"{row['groups']} groups, errors 1 to {row['unequal']}, spread {row['spread']}"


def test_every_cell_stands_in_the_table():
    assert len(ROWS) == len(CELLS)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_limits_hold_the_truth_however_much_groups_differ(row):
    assert float(row["pooled"]) >= coverage_at_least(LEAST, int(row["groups"]) * int(row["draws"]))


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_pulled_effects_are_no_farther_from_the_truth_than_each_alone_and_no_wider(row):
    assert float(row["error"]) <= 1.03
    assert float(row["width"]) < 1


def test_taking_the_spread_as_known_misses_the_truth_too_often_where_groups_differ_a_little():
    assert min(float(row["spread_known"]) for row in ROWS) < 0.87


def test_the_table_is_what_the_draws_give():
    again = row_of(6, 4, 1.0, QUICK)
    assert again.pooled >= coverage_at_least(LEAST, 6 * QUICK)
