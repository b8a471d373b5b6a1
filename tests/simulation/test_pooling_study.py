"""Effects of a few sites pulled towards all of them: limits that know how little a few tell hold the truth; limits that
take the spread between sites as known do not."""

import csv

import pytest

from tests.simulation.pooling_study import CELLS, SHARE_CELLS, SHARES, TABLE, row_of, share_row
from tests.simulation.tally import coverage_at_least

with TABLE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))
with SHARES.open(encoding="utf-8", newline="") as lines:
    OF_SHARES = list(csv.DictReader(lines))
LEAST = 0.93
QUICK = 40  # draws


def named(row):
    return f"{row['groups']} groups, errors 1 to {row['unequal']}, spread {row['spread']}"


def share_named(row):
    return f"{row['groups']} groups, share {row['share']}, spread {row['spread']}"


def test_every_cell_stands_in_its_table():
    assert (len(ROWS), len(OF_SHARES)) == (len(CELLS), len(SHARE_CELLS))


@pytest.mark.parametrize("row", OF_SHARES, ids=share_named)
def test_limits_of_pulled_shares_hold_the_truth_and_shares_come_nearer_to_it(row):
    assert float(row["pulled"]) >= coverage_at_least(LEAST, int(row["groups"]) * int(row["draws"]))
    assert float(row["error"]) <= 1
    assert float(row["width"]) <= 1.01


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
    assert share_row(6, 0.2, 0.3, QUICK).pulled >= coverage_at_least(LEAST, 6 * QUICK)
