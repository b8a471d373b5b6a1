"""Any row has a sentence: what was measured, of whom, how much, how sure; a hidden or withheld one says so and carries
no number."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.sentences.generic import generic
from pipeline.report.words import WAITING_LIST
from pipeline.results import Result
from pipeline.study import Study

SHARE = Result(
    question="M",
    analysis="measures",
    arm="iop",
    measure="visits_kept",
    day=90,
    unit="share",
    target="observed",
    estimate=0.834,
    low=0.81,
    high=0.86,
    numerator=834,
    denominator=1000,
    verdict="descriptive only",
)
DIFFERENCE = Result(
    question="C6",
    analysis="claim",
    arm="iop",
    reference="inpatient",
    measure="risk_difference",
    outcome="retained_day90",
    day=90,
    unit="share",
    target="overlap",
    estimate=-0.061,
    low=-0.11,
    high=-0.012,
    n=400,
    n_reference=300,
    verdict="worse",
    gate="passed",
)
DAYS = replace(
    DIFFERENCE,
    measure="rmst_difference",
    outcome="",
    unit="days",
    estimate=4.2,
    low=-0.5,
    high=8.9,
    verdict="inconclusive",
)
MONEY = replace(
    DIFFERENCE, measure="cost_difference", outcome="", unit="USD", estimate=-1234.5, low=-2000.4, high=-400.0
)
RATIO = replace(
    DIFFERENCE,
    measure="hazard_ratio",
    outcome="",
    unit="",
    estimate=0.853,
    low=0.843,
    high=0.863,
    verdict="exploratory",
)
MEAN = replace(
    SHARE,
    measure="mean_change",
    outcome="phq9_day90",
    unit="points",
    estimate=5.12,
    low=4.8,
    high=5.4,
    numerator=None,
    denominator=None,
    n=210,
)
WITHHELD = Result(
    question="C7",
    analysis="claim",
    arm="iop",
    reference="inpatient",
    measure="cost_difference",
    gate="withheld",
    verdict="descriptive only",
    reason="no costs were recorded; export costs.csv",
)


def said(row, *others):
    rows = [row, *others]
    released = SimpleNamespace(
        study=Study(Path("study")),
        row=lambda **wanted: next((one for one in rows if all(getattr(one, k) == v for k, v in wanted.items())), None),
    )
    sentence = generic(released, row)
    return f"{sentence.point} {sentence.detail} [{sentence.tag}]".replace(" []", "").replace("  ", " ")


def test_a_share_is_a_percent_with_its_range_its_people_and_how_it_was_counted():
    assert (
        said(SHARE)
        == "Visits kept, day 90, IOP: 83%. Likely range 81% to 86%. Of 1,000 people. As observed: not adjusted for who"
        " starts where."
    )


def test_a_difference_of_shares_counts_people_in_a_hundred_and_says_more_or_fewer():
    assert (
        said(DIFFERENCE) == "Share who were still in care at day 90, IOP compared with inpatient care: 6 fewer in 100. "
        "Likely range 1 to 11 fewer in 100. 400 and 300 people. Verdict: worse. [Fairly sure]"
    )


def test_a_share_below_zero_is_a_difference_and_counts_people_in_a_hundred():
    words = said(replace(SHARE, measure="fall", estimate=-0.004, low=-0.02, high=0.01))
    assert "IOP: 0.4 fewer in 100. Likely range 2.0 fewer to 1.0 more in 100." in words


def test_a_range_on_both_sides_of_zero_names_both_directions():
    assert "4.2 days more. Likely range 0.5 less to 8.9 days more." in said(DAYS)
    assert said(DAYS).endswith("[Could be zero]")


def test_money_is_whole_and_names_its_currency():
    assert "USD 1,235 less. Likely range USD 400 to 2,000 less." in said(MONEY)
    assert "Likely range USD 2,000 less to USD 300 more." in said(replace(MONEY, low=-2000.0, high=300.0))


def test_a_ratio_says_what_one_means_and_an_exploratory_row_is_a_hint():
    words = said(RATIO)
    assert "a ratio of 0.85. Likely range 0.84 to 0.86; 1 would mean no difference." in words
    assert words.endswith("A hint, not a finding.")


def test_a_change_over_time_carries_the_waiting_list_sentence_and_a_comparison_does_not():
    assert said(MEAN).startswith(
        "Average improvement, PHQ-9, day 90, IOP: 5.1 points. Likely range 4.8 to 5.4 points. 210 people."
    )
    assert WAITING_LIST in said(MEAN)
    assert WAITING_LIST not in said(replace(MEAN, reference="inpatient"))


def test_a_withheld_row_says_why_and_carries_no_number():
    assert (
        said(WITHHELD) == "Cost difference, IOP compared with inpatient care: no number is given. "
        "The reason: no costs were recorded; export costs.csv. [Cannot say]"
    )


def test_a_hidden_number_is_said_to_be_hidden_and_shows_no_other_figure():
    words = said(
        replace(
            SHARE, estimate=SUPPRESSED, low=SUPPRESSED, high=SUPPRESSED, numerator=SUPPRESSED, denominator=SUPPRESSED
        )
    )
    assert words.startswith("Visits kept, day 90, IOP: hidden, because it rests on a small group.")
    assert not re.search(r"\d%|\d people", words)


def test_hidden_counts_leave_the_number_and_its_range_alone():
    assert (
        said(replace(SHARE, numerator=SUPPRESSED, denominator=SUPPRESSED, low=SUPPRESSED, high=SUPPRESSED))
        == "Visits kept, day 90, IOP: 83%. As observed: not adjusted for who starts where."
    )


def test_an_unknown_number_is_not_known_with_its_reason():
    assert (
        said(replace(SHARE, estimate=None, low=None, high=None, reason="nobody was seen"))
        == "Visits kept, day 90, IOP: not known. The reason: nobody was seen."
    )


def test_the_share_who_got_better_is_said_with_the_share_who_got_worse_or_not_at_all():
    better = replace(SHARE, measure="reliably_improved", outcome="phq9_day90")
    worse = replace(better, measure="reliably_deteriorated", estimate=0.03)
    assert "Beside it, 3% got reliably worse." in said(better, worse)
    concealed = replace(worse, estimate=SUPPRESSED)
    assert "83%" not in said(better, concealed)
    assert "not shown, because the harm beside it is hidden" in said(better, concealed)


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (1.0, "points", "1 point"),
        (0.04, "points", "0.04 points"),
        (12.04, "hours", "12.0 hours"),
        (-0.4, "points", "−0.4 points"),
        (85.0, "days", "85 days"),
        (0.314, "", "0.31"),
    ],
)
def test_a_number_is_written_with_what_a_reader_can_use(value, unit, written):
    assert f"IOP: {written}." in said(replace(SHARE, measure="x", unit=unit, estimate=value, low=None, high=None))


def test_what_a_sensitivity_row_changed_is_in_its_sentence():
    assert "with another choice (gap 45 days)" in said(
        replace(DIFFERENCE, analysis="sensitivity", varied="gap_45_days")
    )


def test_a_number_near_zero_has_the_digits_of_its_range_and_no_more():
    near = replace(DIFFERENCE, estimate=-0.00005, low=-0.021, high=0.0213)
    assert "0.0 fewer in 100. Likely range 2.1 fewer to 2.1 more in 100." in said(near)
    whole = replace(DAYS, estimate=6.0, low=1.3, high=10.2)
    assert "6.0 days more. Likely range 1.3 to 10.2 days more." in said(whole)
