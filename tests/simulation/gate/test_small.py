"""What the committed table says of small programs: most are told something, it is right, and borrowing errs seldom."""

import csv

import pytest

from pipeline.stats.borrowing import MOST_ERROR
from tests.simulation.gate.small import TABLE, cells, row_of, rows_of
from tests.simulation.gate.worlds import CHOSEN, USUAL, Cell
from tests.simulation.tally import coverage_at_least

with TABLE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))
TOLD, LEAST_COVERAGE = 0.7, 0.93  # of programs of 400 people, 60 % of them measured
TINY = Cell(CHOSEN, 150, "1", USUAL)


def named(row):
    return "-".join(row[name] for name in ("question", "people", "sites", "measured")).replace(" ", "_")


def told(row):
    return round(float(row["told"]) * int(row["studies"]))


def test_every_size_and_both_questions_stand_in_the_table():
    wanted = {(question, str(one.people), one.sites) for one in cells() for question in one.questions}
    assert {(row["question"], row["people"], row["sites"]) for row in ROWS} == wanted


@pytest.mark.parametrize("row", [row for row in ROWS if int(row["people"]) >= 400], ids=named)
def test_seven_of_ten_programs_of_four_hundred_people_are_told_how_far_apart_levels_can_be(row):
    assert float(row["told"]) >= TOLD or float(row["measured"]) < USUAL


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_the_limits_they_are_told_hold_the_truth(row):
    assert 1 - float(row["missed"]) >= coverage_at_least(LEAST_COVERAGE, told(row))


@pytest.mark.parametrize("row", [row for row in ROWS if row["question"] == "C2"], ids=named)
def test_limits_that_borrow_miss_the_truth_at_most_one_time_in_ten_whether_or_not_it_agrees(row):
    for name in ("missed_agreeing", "missed_2", "missed_6"):
        assert 1 - float(row[name]) >= coverage_at_least(1 - MOST_ERROR, told(row))


@pytest.mark.parametrize("row", [row for row in ROWS if row["question"] == "C2"], ids=named)
def test_borrowing_what_agrees_makes_limits_narrower(row):
    assert float(row["narrower"]) > 0.05


def test_a_row_counts_answers_and_limits_and_how_often_they_miss():
    cell = Cell(CHOSEN, 400, "1", USUAL)
    found = [(True, {"alone": (-9.0, 9.0)}), (False, {"alone": (8.0, 9.0)}), (False, {}), (False, {})]
    row = row_of(cell, "C4", found)
    assert (row.studies, row.answered, row.told, row.missed, row.width) == (4, 0.25, 0.5, 0.5, 9.5)


@pytest.mark.slow
def test_a_cell_is_run_as_the_table_was():
    assert {row.question for row in rows_of(TINY, 20)} == {"C2", "C4"}
