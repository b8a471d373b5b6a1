"""Ratios of paces and courses of staying with an answer's weights hold the truth; the same people unweighted tell of who
starts where."""

import csv

import pytest

from tests.simulation.pace_study import CELLS, TABLE, course_rows, row_of
from tests.simulation.tally import coverage_at_least

with TABLE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))
CURVE = next(row for row in ROWS if row["model"] == "curve")
LEAST, QUICK = 0.93, 30
MOST_UNTOLD = 0.08  # a twentieth by chance, and marginal ratios do change a little


def named(row):
    return f"{row['model']}, {row['people']} people, effect {row['effect']}"


def test_every_cell_stands_in_the_table():
    assert len(ROWS) == 3 * len(CELLS) + 2


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_what_is_weighted_holds_the_truth_and_what_is_not_does_not(row):
    assert float(row["weighted"]) >= coverage_at_least(LEAST, int(row["studies"]))
    assert float(row["unweighted"]) < (0.5 if row["model"] in ("Cox", "Fine-Gray") else 0.89)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_a_ratio_is_seldom_kept_back_because_it_seems_to_change(row):
    assert float(row["not_told"]) <= MOST_UNTOLD


def test_the_table_is_what_the_studies_give():
    again = row_of(400, 0.0, "Cox", 0.0, QUICK)
    assert again.weighted >= coverage_at_least(LEAST, QUICK)


def test_a_curve_of_the_table_is_what_the_studies_give():
    [curve, test] = course_rows(400, 0.0, float(CURVE["truth"]), QUICK)
    assert curve.weighted >= coverage_at_least(LEAST, QUICK)
    assert test.weighted >= coverage_at_least(LEAST, QUICK)
