"""An answer without a verdict says what the records are compatible with, what they rule out, and what would narrow it."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.report.compatible import by_when, compatible, with_borrowing
from pipeline.report.disclosure.gate import Tables
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.four_sentences import answer_of, told_of
from pipeline.report.released import Released
from pipeline.results import Result
from pipeline.study import Study

STUDY = Study(Path("study"))
OPEN = Result(
    question="C2",
    analysis="like_for_like",
    outcome="phq9_day90",
    day=90,
    arm="iop",
    reference="inpatient",
    measure="difference",
    unit="points",
    estimate=0.5,
    raw_estimate=-0.5,
    low=-1.4,
    high=2.4,
    margin=1.0,
    n=60,
    n_reference=60,
    verdict="inconclusive",
    gate="passed",
    note="This holds for this site only.",
)
LEFT = replace(OPEN, outcome="dropped_out_day90", measure="risk_difference", unit="share", low=-0.12, high=0.05)
NUMBERS = {
    "compatible_low": -2.0,
    "compatible_high": 3.0,
    "ruled_out": 3.5,
    "narrower_limits": 1.0,
    "people_to_narrow": 180.0,
    "months_to_narrow": 27.0,
}


def released(row, numbers, *, data_to="2026-03-30", note="allowing for those not measured"):
    blank = row.beneath(margin=None, note=note)
    rows = [replace(blank, measure=name, estimate=value) for name, value in numbers.items()]
    return Released(STUDY, Tables(results=(row, *rows)), {"data_to": data_to}, "")


def said(row, numbers, **more):
    return compatible(released(row, numbers, **more), row).said


def test_a_score_is_told_in_points_worse_and_better_with_what_is_ruled_out_and_by_when_it_narrows():
    assert said(OPEN, NUMBERS) == (
        "Allowing for those not measured, these records are compatible with IOP being from 2.0 points worse to 3.0 points"
        " better than inpatient care on the PHQ-9; a difference of 3.5 points or more, either way, is ruled out. About 180"
        " more people measured would narrow the range to ±1 point, by about the second quarter of 2028 at the present"
        " pace."
    )


def test_where_everybody_is_measured_nothing_is_allowed_for():
    assert said(OPEN, NUMBERS, note="").startswith("These records are compatible with IOP being from 2.0 points worse")


def test_a_share_is_told_in_people_of_a_hundred():
    numbers = NUMBERS | {"compatible_low": -0.12, "compatible_high": 0.05, "ruled_out": 0.14, "narrower_limits": 0.05}
    assert said(LEFT, numbers, note="").startswith(
        "These records are compatible with anything from 12 fewer to 5 more in 100 who had left early by day 90 in IOP than"
        " in inpatient care; a difference of 14 in 100 or more, either way, is ruled out."
    )


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.5, 6.0, "from 0.5 to 6.0 points better"), (-6.0, -0.5, "from 0.5 to 6.0 points worse")],
)
def test_a_range_on_one_side_names_one_direction(low, high, words):
    assert words in said(OPEN, NUMBERS | {"compatible_low": low, "compatible_high": high})


def test_an_answer_that_counts_sites_asks_for_people_at_more_sites():
    assert "more people measured at more sites like these would narrow" in said(replace(OPEN, note=""), NUMBERS)


def test_what_is_told_too_coarsely_to_lie_beyond_the_limits_is_not_said_to_be_ruled_out():
    assert "ruled out" not in said(OPEN, NUMBERS | {"ruled_out": 3.0})


@pytest.mark.parametrize("hidden", ["compatible_low", "compatible_high"])
def test_a_limit_that_is_hidden_is_said_to_be_hidden_and_neither_limit_is_told(hidden):
    told = said(OPEN, NUMBERS | {hidden: SUPPRESSED})
    assert told.startswith(
        "What these records are compatible with, allowing for those not measured, is hidden, to protect small groups. About"
    )
    assert not any(word in told for word in ("worse", "better", "ruled out"))


def test_where_only_the_number_of_people_is_hidden_it_is_still_said_what_more_of_them_would_narrow_and_by_when():
    told = said(OPEN, NUMBERS | {"people_to_narrow": SUPPRESSED})
    assert "About" not in told.replace("by about", "")
    assert "More people measured would narrow the range to ±1 point, by about the second quarter of 2028" in told


def test_nothing_is_said_of_what_would_narrow_it_where_the_range_is_hidden():
    assert "narrow" not in said(OPEN, NUMBERS | {"narrower_limits": SUPPRESSED})


def test_what_would_have_shown_stays_where_the_limits_are_hidden():
    rows = released(OPEN, NUMBERS | {"compatible_low": SUPPRESSED})
    shown = replace(OPEN.beneath(margin=None), measure="detectable_difference", estimate=4.0)
    rows = replace(rows, tables=replace(rows.tables, results=(*rows.tables.results, shown)))
    assert "would probably have shown" in " ".join(answer_of(rows, OPEN).why)


def test_an_answer_withheld_for_its_size_says_first_that_people_are_too_few():
    few = replace(OPEN.blank(), gate="withheld", verdict="no comparable patients", reason="too few comparable people")
    told = told_of(released(few, NUMBERS), few)
    assert told.point == "IOP and inpatient care: too few people for a verdict."
    assert told.detail.startswith("Allowing for those not measured, these records are compatible with IOP")
    assert told.detail.endswith("The reason: too few comparable people.")
    assert told.tag == "Cannot say"


def test_an_answer_withheld_for_its_size_says_nothing_twice():
    few = replace(OPEN.blank(), gate="withheld", verdict="no comparable patients", reason="too few comparable people")
    answer = answer_of(released(few, NUMBERS), few)
    whole = " ".join([answer.number, *answer.why])
    assert whole.count("are compatible with") == whole.count("The reason:") == whole.count("would narrow") == 1


def test_an_open_answer_gives_its_number_and_then_what_it_leaves_open_in_place_of_what_would_have_shown():
    told = told_of(released(OPEN, NUMBERS | {"detectable_difference": 2.7}), OPEN)
    assert "fell 0.5 points more (likely range 1.4 less to 2.4 more)" in told.detail
    assert "are compatible with" in told.detail
    assert "would probably have shown" not in told.whole


@pytest.mark.parametrize(
    ("data_to", "months", "words"),
    [
        ("2026-03-30", 1.0, ", by about the second quarter of 2026 at the present pace"),
        ("2026-12-31", 1.0, ", by about the first quarter of 2027 at the present pace"),
        ("day 640", 1.0, ", in about 1 month at the present pace"),
        ("", 14.0, ", in about 14 months at the present pace"),
        ("2026-03-30", 121.0, ", which takes more than ten years at the present pace"),
        ("2026-03-30", None, ""),
    ],
)
def test_the_present_pace_gives_a_quarter_a_number_of_months_or_that_it_takes_too_long(data_to, months, words):
    assert by_when(data_to, months) == words


LENT = {
    "borrowed_difference": 0.8,
    "borrowed_before": 0.34,
    "borrowed_after": 0.62,
    "borrowed_conflict": 0.7,
    "borrowed_error": 0.1,
}


def lent(row, numbers=LENT, reason=""):
    blank = row.beneath(margin=None, note="Another program (2024)", reason=reason)
    rows = [replace(blank, measure=name, estimate=value) for name, value in numbers.items()]
    limited = [replace(one, low=-0.4, high=2.0) if one.measure == "borrowed_difference" else one for one in rows]
    return Released(STUDY, Tables(results=(row, *limited)), {}, "")


def test_what_is_borrowed_is_a_hint_with_its_source_its_weight_and_whether_the_records_conflict():
    assert with_borrowing(lent(OPEN), OPEN).said == (
        "A hint that borrows from Another program (2024): IOP 0.8 points better than inpatient care on the PHQ-9 (likely"
        " range 0.4 points worse to 2.0 points better). Of its weight, 34% was borrowed before these records were seen, and 62% after;"
        " they do not conflict with it."
    )


def test_records_that_conflict_with_what_is_borrowed_are_said_to():
    assert "they conflict with it" in with_borrowing(lent(OPEN, LENT | {"borrowed_conflict": 0.02}), OPEN).said


def test_what_is_dropped_by_rule_is_said_with_the_reason():
    told = with_borrowing(lent(OPEN, {"borrowed_difference": None}, reason="dropped by rule: too sure"), OPEN)
    assert told.said == "Nothing is borrowed from Another program (2024): dropped by rule: too sure."


@pytest.mark.parametrize("hidden", ["borrowed_difference", "borrowed_after"])
def test_nothing_is_said_of_borrowing_where_its_numbers_are_hidden(hidden):
    assert with_borrowing(lent(OPEN, LENT | {hidden: SUPPRESSED}), OPEN).said == ""
