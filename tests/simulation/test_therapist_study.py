"""Limits that count people are too narrow where therapists differ; those that count therapists hold the truth."""

import csv

import numpy as np
import pytest

from tests.simulation.tally import coverage_at_least
from tests.simulation.therapist_study import PROGRAMS, SHARE_CELLS, SHARES, TABLE, limits, share_limits

with TABLE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))
with SHARES.open(encoding="utf-8", newline="") as lines:
    OF_SHARES = list(csv.DictReader(lines))
LEAST = 0.93
QUICK = 80  # studies


def named(row):
    return f"{row['people']} people, {row['therapists']} therapists, ICC {row['icc']}"


def test_every_program_stands_in_the_table():
    assert (len(ROWS), len(OF_SHARES)) == (len(PROGRAMS), len(SHARE_CELLS))


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_limits_that_count_therapists_hold_the_truth(row):
    assert float(row["counting_therapists"]) >= coverage_at_least(LEAST, int(row["studies"]))


@pytest.mark.parametrize("row", [row for row in ROWS if float(row["icc"]) > 0], ids=named)
def test_limits_that_count_people_exclude_a_true_0_far_too_often_where_therapists_differ(row):
    assert float(row["counting_people"]) < 0.92


def test_where_therapists_do_not_differ_counting_them_costs_a_third_in_width_at_most():
    [row] = [row for row in ROWS if float(row["icc"]) == 0]
    assert float(row["wider"]) < 1.34


def test_a_few_studies_made_now_agree_with_the_table():
    found = np.array([list(limits(PROGRAMS[0], seed)) for seed in range(QUICK)])[:, :, 0].mean(axis=0)
    told = [float(ROWS[0][name]) for name in ("counting_people", "counting_therapists")]
    error = 3 * np.sqrt(np.array(told) * (1 - np.array(told)) / QUICK)
    assert (np.abs(found - told) <= error).all()


@pytest.mark.parametrize("row", OF_SHARES, ids=lambda row: "{therapists} of {busiest}, ICC {icc}".format(**row))
def test_limits_of_how_much_therapists_differ_hold_the_truth(row):
    assert float(row["held"]) >= coverage_at_least(LEAST, int(row["studies"]))


def test_a_few_shares_made_now_agree_with_the_table():
    held = np.mean([share_limits(10, 4, 0.05, seed)[0] for seed in range(QUICK)])
    assert held >= coverage_at_least(LEAST, QUICK)
