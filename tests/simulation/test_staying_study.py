"""Limits of staying at least so long hold the truth; counting who was seen to leave does not, where leaving matters."""

import csv

import pytest

from tests.simulation.staying_study import CELLS, TABLE, answers, drawn
from tests.simulation.tally import coverage_at_least

with TABLE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))
LEAST = 0.93


def test_every_cell_stands_in_the_table():
    assert [(int(row["people"]), float(row["ratio"])) for row in ROWS] == list(CELLS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['people']} people, ratio {row['ratio']}")
def test_clones_hold_the_truth_and_are_not_shifted(row):
    assert float(row["clones"]) >= coverage_at_least(LEAST, int(row["studies"]))
    assert abs(float(row["shift"])) < 0.3
    if float(row["ratio"]) > 1:
        assert float(row["seen_to_leave"]) < 0.9


def test_one_study_gives_what_the_table_is_made_of():
    (clones, error), _ = answers(drawn(300, 2.0, 1), 1)
    assert abs(clones - float(ROWS[1]["truth"])) < 3 * error
