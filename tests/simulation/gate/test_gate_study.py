"""What the committed table says of the gate: it passes what should pass and withholds what lacks something."""

import csv

import pytest
from tests.simulation.gate_study import LACKING, MEASURED, SHOULD_PASS, TABLE

from tests.simulation.tally import coverage_at_least

with TABLE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))
REFUSED_BY_CHANCE, FOUND = 0.05, 0.95
LEAST_COVERAGE = 0.93
ENOUGH = 250  # people in two arms: fewer than that seldom leave an effective thirty in each, and a lack cannot be seen
CHOSEN = 400  # where programs choose, the smaller arm is smaller, and of three sites two are too small to count


def rows(*worlds, people):
    return [row for row in ROWS if row["world"] in worlds and int(row["people"]) >= people]


def named(row):
    return f"{row['world']}, {row['people']} people, {row['sites']} sites"


def allowance(share, studies):
    return 3 * (share * (1 - share) / studies) ** 0.5


CHANCE = [
    *rows(*MEASURED, people=ENOUGH),
    *(row for row in rows(*SHOULD_PASS[len(MEASURED) :], people=CHOSEN) if row["sites"] == "1"),
]


def test_every_world_stands_in_the_table():
    assert {row["world"] for row in ROWS} == {*SHOULD_PASS, *LACKING}


@pytest.mark.parametrize("row", CHANCE, ids=named)
def test_what_should_pass_is_hardly_ever_refused_by_chance(row):
    assert float(row["withheld"]) <= REFUSED_BY_CHANCE + allowance(REFUSED_BY_CHANCE, int(row["studies"]))


@pytest.mark.parametrize("row", rows(*LACKING, people=ENOUGH), ids=named)
def test_what_lacks_overlap_balance_or_measurement_is_withheld(row):
    assert float(row["withheld"]) >= FOUND - allowance(FOUND, int(row["studies"]))


@pytest.mark.parametrize("row", [row for row in rows(*SHOULD_PASS, people=0) if row["coverage"] != "nan"], ids=named)
def test_the_limits_that_are_shown_hold_the_truth(row):
    shown = round((1 - float(row["withheld"])) * int(row["studies"]))
    assert float(row["coverage"]) >= coverage_at_least(LEAST_COVERAGE, shown)
