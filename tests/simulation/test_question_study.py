"""Answers that need whole records, held against the truth: what counts as right, and what the table of many seeds says."""

import csv
from dataclasses import replace

import pytest
from scipy.stats import binom

from pipeline.results import Verdict
from pipeline.synthetic.scenarios import SCENARIOS
from tests.simulation.question_study import NO_BAND, PARTS, PEOPLE, TABLE, WORLDS, Single, family, stored, tally
from tests.simulation.tally import coverage_at_least

with TABLE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))
NAN = float("nan")
COST = Single(
    "default", 1, "C7", "cost_day180", "iop", "inpatient", "cost_difference", "overlap", 180, "passed", Verdict.BETTER,
    -12_500.0, 900.0, NAN, -11_000.0, 8.0,
)  # fmt: skip
BACK = replace(
    COST, scenario="immortal_time", question="C6", outcome="readmitted_day30", arm="IOP within 14 days",
    reference="no IOP within 14 days", measure="risk_difference", target="combined", day=30,
    estimate=-0.03, se=0.01, naive=-0.09, df=float("inf"),
)  # fmt: skip


def test_costing_less_is_better_and_is_so():
    found = tally([COST, replace(COST, se=50.0)])
    assert (found.contradictions, found.claims, found.covered) == (0, 1.0, 0.5)


def test_that_fewer_come_back_is_wrong_where_stepping_down_does_nothing():
    assert tally([BACK]).contradictions == 1
    assert tally([replace(BACK, verdict=Verdict.INCONCLUSIVE)]).contradictions == 0


def test_a_withheld_answer_counts_as_withheld_and_covers_nothing():
    hidden = replace(COST, gate="withheld", verdict="descriptive only", estimate=NAN, se=NAN, naive=NAN)
    found = tally([COST, hidden])
    assert (found.withheld, found.covered, found.naive_in_band) == (0.5, 1.0, 1.0)


@pytest.mark.parametrize(("world", "question"), [(world, one) for world, asked in WORLDS.items() for one in asked])
def test_every_question_of_a_world_is_answered_by_a_family_of_its_own(world, question):
    assert world in SCENARIOS
    assert world in PEOPLE
    assert question in PARTS
    assert callable(family(question))


@pytest.mark.parametrize("one", [COST, BACK], ids=["cost", "stepping down"])
def test_what_is_asked_has_a_stored_truth(one):
    assert stored(one)["identified"] == "true"


def row_name(row):
    return f"{row['scenario']}-{row['question']}"


def test_the_table_holds_every_question_of_every_world_from_one_version_of_the_code():
    asked = {(world, one) for world, questions in WORLDS.items() for one in questions}
    assert {(row["scenario"], row["question"]) for row in ROWS} == asked
    assert len({row["code"] for row in ROWS}) == 1


@pytest.mark.parametrize("row", [row for row in ROWS if row["question"] != "C13"], ids=row_name)
def test_what_is_asked_of_enough_people_is_shown(row):
    """C13 asks for scores half a year later, which a fifth of 3,000 people often do not have."""
    assert float(row["withheld"]) <= 0.10


@pytest.mark.parametrize("row", ROWS, ids=row_name)
def test_what_is_identified_is_right_on_average(row):
    shown = int(row["studies"]) * (1 - float(row["withheld"]))
    noise = 3 * float(row["mean_se"]) / shown**0.5  # not by the spread of what may be two answers
    assert abs(float(row["bias"])) <= 0.15 * float(row["sd"]) + noise


@pytest.mark.parametrize("row", ROWS, ids=row_name)
def test_limits_hold_the_truth_and_no_more_claims_contradict_it_than_chance_allows(row):
    assert float(row["covered"]) >= coverage_at_least(0.93, int(row["studies"]))
    assert int(row["contradictions"]) <= binom.ppf(0.975, int(row["studies"]), 0.05)


@pytest.mark.parametrize("row", [row for row in ROWS if row["question"] not in NO_BAND], ids=row_name)
def test_the_naive_answer_is_as_wrong_as_its_world_says(row):
    assert float(row["naive_in_band"]) >= coverage_at_least(0.95, int(row["studies"]))
