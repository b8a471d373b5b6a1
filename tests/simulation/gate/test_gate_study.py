"""What the committed table says of the gate: it answers what can be answered and withholds what lacks something."""

import csv
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from tests.simulation.gate.study import Run, batch_of, missing, planned, together
from tests.simulation.gate.table import TABLE, row_of, share
from tests.simulation.gate.worlds import APART, CHOSEN, GRID, LACKING, LOTTERY, SHOULD_PASS, WORLDS, Cell, cells, drawn
from tests.simulation.tally import coverage_at_least

with TABLE.open(encoding="utf-8", newline="") as lines:
    ROWS = [row for row in csv.DictReader(lines) if row["studies"] != "0"]
REFUSED_BY_CHANCE, FOUND, WRONG = 0.05, 0.95, 0.05
LEAST_COVERAGE = 0.93
CELL = Cell(LOTTERY, 150, "1", 0.85)
RUN = Run(LOTTERY, 150, "1", 0.85, "C2", 0, 0, "", 0.5, -1.0, 2.0, 1, 0, "code")


def of(*worlds):
    return [row for row in ROWS if row["world"] in worlds]


def named(row):
    return "-".join(row[name] for name in ("question", "world", "people", "sites", "measured")).replace(" ", "_")


def allowance(expected, studies):
    return 3 * (expected * (1 - expected) / int(studies)) ** 0.5


def test_every_size_that_somebody_could_run_stands_in_the_table():
    wanted = {
        (question, one.world, str(one.people), one.sites, f"{one.measured:g}")
        for one in cells()
        if not one.impossible
        for question in one.questions
    }
    assert {(row["question"], row["world"], row["people"], row["sites"], row["measured"]) for row in ROWS} == wanted
    assert {row["world"] for row in ROWS} == set(WORLDS)


def test_the_table_is_of_one_version_of_the_code():
    assert len({row["code"] for row in ROWS}) == 1


@pytest.mark.parametrize("row", [row for row in of(LOTTERY) if not row["note"]], ids=named)
def test_a_lottery_is_hardly_ever_refused_by_chance(row):
    assert 1 - float(row["answered"]) <= REFUSED_BY_CHANCE + allowance(REFUSED_BY_CHANCE, row["studies"])


def test_only_programs_that_are_too_small_are_seldom_answered():
    assert {row["people"] for row in of(LOTTERY) if row["note"]} <= {"150"}
    assert all(row["note"] for row in of(*SHOULD_PASS) if float(row["answered"]) < 0.9)


@pytest.mark.parametrize("row", of(*LACKING), ids=named)
def test_what_lacks_overlap_balance_or_measurement_is_withheld(row):
    assert 1 - float(row["answered"]) >= FOUND - allowance(FOUND, row["studies"])


@pytest.mark.parametrize("row", [row for row in of(*SHOULD_PASS) if row["coverage"]], ids=named)
def test_the_limits_that_are_shown_hold_the_truth(row):
    shown = round(float(row["answered"]) * int(row["studies"]))
    assert float(row["coverage"]) >= coverage_at_least(LEAST_COVERAGE, shown)


@pytest.mark.parametrize("row", of(*SHOULD_PASS), ids=named)
def test_verdicts_hardly_ever_contradict_the_truth(row):
    assert float(row["wrong"]) <= WRONG + allowance(WRONG, row["studies"])


def test_four_hundred_people_with_six_in_ten_measured_are_answered_in_seven_of_ten_programs():
    found = [row for row in of(LOTTERY, CHOSEN) if row["people"] == "400" and row["measured"] == "0.6"]
    for question in ("C2", "C4"):
        answered = [(float(row["answered"]), int(row["studies"])) for row in found if row["question"] == question]
        assert sum(one * n for one, n in answered) / sum(n for _, n in answered) >= 0.70


def test_over_all_sizes_a_lottery_is_answered_and_what_lacks_overlap_is_not():
    """Of programs of 400 and more, where the cells taken together are enough to tell 5 % from 6."""
    for question in ("C2", "C4"):
        assert of_all(LOTTERY, question) >= 1 - REFUSED_BY_CHANCE
        assert of_all(APART, question) <= 1 - FOUND


def of_all(world, question):
    here = [row for row in of(world) if row["question"] == question and int(row["people"]) >= 400]
    return sum(float(row["answered"]) * int(row["studies"]) for row in here) / sum(int(row["studies"]) for row in here)


def test_over_all_sizes_the_limits_hold_the_truth_as_often_as_they_say():
    for world in SHOULD_PASS:
        for question in ("C2", "C4"):
            here = [row for row in of(world) if row["question"] == question]
            shown = sum(round(float(row["answered"]) * int(row["studies"])) for row in here)
            assert sum(int(row["held"]) for row in here) / shown >= LEAST_COVERAGE


def test_far_more_is_answered_than_in_the_first_release():
    both = [(float(row["answered"]), float(row["before_answered"])) for row in of(LOTTERY) if row["before_answered"]]
    assert both
    assert all(now >= before for now, before in both)


# ---------- how it is made ----------


def test_the_people_of_a_study_are_about_as_many_as_its_cell_says():
    for world in GRID:
        made, each = drawn(Cell(world, 400, "3 unequal", 0.6), 5, np.random.default_rng(1))
        in_two_arms = sum(made.level == level for level in (1, 3, 4)).sum() / 5
        assert 340 <= in_two_arms <= 460
        assert len(made.people) == 5 * each


def test_unequal_sites_are_unequal():
    made, _ = drawn(Cell(LOTTERY, 12_000, "3 unequal", 0.6), 1, np.random.default_rng(2))
    counts = Counter(made.people.site.tolist())
    assert [round(counts[site] / len(made.people), 1) for site in range(3)] == [0.6, 0.3, 0.1]


def test_a_study_is_the_same_whenever_it_is_run():
    first, again = list(batch_of(CELL, 3, "code")), list(batch_of(CELL, 3, "code"))
    assert len(first) == together(CELL)
    assert [replace(one, estimate=0.0, low=0.0, high=0.0) for one in first] == [
        replace(one, estimate=0.0, low=0.0, high=0.0) for one in again
    ]


def test_what_is_there_is_not_run_again_and_every_cell_comes_before_more_of_any():
    some = [CELL, Cell(LOTTERY, 400, "1", 0.85)]
    order = list(missing(some, [RUN]))
    assert (CELL, 0) not in order
    assert len(order) == sum(-(-planned(one) // together(one)) for one in some) - 1
    assert {cell for cell, _ in order[:3]} == set(some)


def test_a_row_counts_answers_right_and_wrong_verdicts_and_the_lines_that_failed():
    withheld = replace(RUN, lines="overlap; balance", claims=0)
    found = row_of(CELL, "C2", [RUN, replace(RUN, wrong=1), replace(RUN, claims=0), withheld], {})
    assert (found.studies, found.answered, found.right, found.wrong) == (4, 0.75, 0.25, 0.25)
    assert found.lines == "overlap 1; balance 1"
    assert found.coverage != found.coverage  # of three answers nothing is told


def test_a_share_of_none_or_all_still_has_a_monte_carlo_error():
    assert share([False] * 99) == (0.0, pytest.approx((0.01 * 0.99 / 99) ** 0.5))
    assert share([True] * 99)[1] == pytest.approx(share([False] * 99)[1])
