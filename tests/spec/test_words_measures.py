"""Measures in words: of 100 people, how many; harm beside benefit, and never an effect of care."""

from dataclasses import replace

from pipeline.analysis.described.measures import benchmark_rows, definition_rows
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.watching.look_first import points_of
from pipeline.report.words import WAITING_LIST
from pipeline.results import Result
from tests.spec.told_rows import said

MEANING = list(definition_rows(None))
STAYED = Result(
    question="M",
    analysis="measures",
    measure="retention_any_level",
    arm="iop",
    day=90,
    unit="share",
    estimate=0.432,
    low=0.401,
    high=0.463,
    n=1000,
    events=432,
    numerator=432,
    denominator=1000,
    verdict="descriptive only",
)
BETTER = replace(STAYED, measure="reliable_improvement", outcome="phq9_day90")
WORSE = replace(BETTER, measure="reliable_deterioration", estimate=0.031)
UNADJUSTED = "As observed: not adjusted for who starts where."


def told(row, *beside):
    return said(row, *MEANING, *beside)


def test_of_100_people_so_many_with_the_range_and_the_counts_behind_it():
    assert (
        told(STAYED) == "IOP: Of 100 people who started here, 43 were still in care on day 90, at any level of care. "
        f"Likely range 40 to 46. 432 of 1,000. {UNADJUSTED}"
    )


def test_the_groups_a_rate_is_about_are_named_before_it():
    row = replace(STAYED, site="s01", period="2025Q2")
    assert told(row).startswith("IOP, site s01, 2025Q2: Of 100 people")


def test_harm_stands_beside_benefit_and_a_change_over_time_is_not_called_an_effect():
    words = told(BETTER, WORSE)
    assert "Beside it, 3 of 100 got reliably worse." in words
    assert WAITING_LIST in words
    assert WAITING_LIST not in told(STAYED)


def test_where_the_harm_is_hidden_or_not_known_that_is_said():
    assert "How many got reliably worse is hidden, because" in told(BETTER, replace(WORSE, estimate=SUPPRESSED))
    assert "How many got reliably worse is not known here." in told(BETTER)
    assert "How many got reliably worse is not known here." in told(BETTER, replace(WORSE, site="s01"))


def test_a_hidden_rate_and_one_that_is_too_early_say_so_without_a_number():
    hidden = replace(STAYED, estimate=SUPPRESSED, low=SUPPRESSED, high=SUPPRESSED, n=SUPPRESSED, numerator=SUPPRESSED)
    assert told(hidden) == "IOP: Still in care, at any level of care: hidden, because it rests on a small group."
    early = replace(
        STAYED,
        estimate=None,
        n=None,
        numerator=None,
        denominator=None,
        period="2026Q1",
        reason="too early: not followed yet",
    )
    assert (
        told(early)
        == "IOP, 2026Q1: Still in care, at any level of care: not known. The reason: too early: not followed yet."
    )


def test_visits_are_told_with_the_people_behind_them():
    row = replace(STAYED, measure="attendance", n=120, numerator=830, denominator=1000, estimate=0.83)
    assert "Of 100 visits that were expected in the first 90 days, 83 were kept." in told(row)
    assert "830 of 1,000, for 120 people." in told(row)


def test_a_severity_adjusted_change_is_told_in_standard_deviations():
    row = Result(
        question="M",
        analysis="measures",
        measure="severity_adjusted_effect",
        arm="iop",
        outcome="phq9_day90",
        day=90,
        unit="standard deviations",
        estimate=0.12,
        low=0.02,
        high=0.22,
        n=400,
    )
    assert (
        "IOP, PHQ-9: People here changed by 0.1 standard deviations more than people of this study who were equally"
        " severe" in told(row)
    )


def test_a_published_figure_names_its_people_source_and_year_and_is_no_comparison():
    row = next(row for row in benchmark_rows(None) if row.stratum == "nhs_recovery_2024-25")
    assert (
        told(row)
        == "Published: Recovery, NHS style, of finished courses: 51 of 100. England; people with anxiety or depression"
        " who finished a course of talking therapy, cases at the start (NHS England, Talking Therapies annual"
        " report, national totals, 2024-25). Other people than here."
    )


def test_a_control_chart_says_its_center_line_and_whether_it_moved():
    row = replace(
        STAYED,
        analysis="control_chart",
        period="2024-01 to 2024-12",
        note="No sign of change beyond what varies anyway.",
    )
    assert (
        told(row) == "IOP, 2024-01 to 2024-12: Still in care, at any level of care, center line 43 of 100. "
        f"No sign of change beyond what varies anyway. {UNADJUSTED}"
    )


def test_definitions_that_disagree_are_told_without_ranking_levels():
    row = Result(
        question="M",
        analysis="definitions",
        measure="recovery",
        outcome="phq9_day90",
        stratum="disagree",
        note="The order of the levels depends on the definition: iop and outpatient change places between “A” and “B”.",
    )
    assert (
        told(row)
        == "Recovery (PHQ-9): The order of the levels depends on the definition: IOP and outpatient change places "
        f"between “A” and “B”. {UNADJUSTED}"
    )


def test_a_change_and_its_range_have_one_precision_and_nothing_reads_0_that_is_not():
    assert points_of(-0.001, -0.079, 0.15) == ("−0.1", "−7.9", "15.0")
    assert points_of(0.112, 0.021, 0.203) == ("11", "2", "20")
    assert points_of(0.031, 0.0, 0.06) == ("3.1", "0.0", "6.0")
