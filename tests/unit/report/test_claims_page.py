"""The claims page: fifteen rows in order, words that follow the verdict, and no number where an answer is withheld or
hidden."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from pipeline.analysis.comparison.undeclared import unasked
from pipeline.analysis.headline import refused
from pipeline.report.claims import CLAIMS, asked, headline_of
from pipeline.report.sections.claims import at_a_glance, cards
from pipeline.results import Result
from tests.unit.report.example_claims import NO_COSTS


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def card(released, code):
    [found] = re.findall(rf'<article class="claim" id="{code.lower()}">.*?</article>', cards(released).html, re.S)
    return plain(found)


def row(released, code):
    [found] = [one for one in re.findall(r"<tr>.*?</tr>", at_a_glance(released).html, re.S) if f">{code}<" in one]
    return plain(found)


def test_the_fifteen_questions_stand_in_order_each_once_in_both_lists(released):
    codes = [f"C{number}" for number in range(1, 16)]
    assert [claim.code for claim in CLAIMS] == codes
    assert re.findall(r'<a href="#(c\d+)">', at_a_glance(released).html) == [code.lower() for code in codes]
    assert re.findall(r'<article class="claim" id="(c\d+)">', cards(released).html) == [code.lower() for code in codes]


def test_each_is_a_question_and_says_what_could_still_fool_us():
    for claim in CLAIMS:
        assert asked(claim, None).endswith("?")
        assert "{" not in asked(claim, None)
        assert claim.fooled_by.endswith(".")
        assert not re.search(r"\bprove[nd]?\b", claim.question + claim.fooled_by)


def test_the_second_question_is_answered_by_the_primary_contrast_and_the_fourth_by_leaving_early(released):
    assert headline_of(released, "C2").outcome == "phq9_day90"
    assert (headline_of(released, "C2").arm, headline_of(released, "C2").reference) == ("iop", "inpatient")
    assert headline_of(released, "C4").outcome.startswith("dropped_out")
    told = card(released, "C2")
    assert "IOP did not do worse than inpatient care by more than the margin of 1 point" in told
    assert "Fairly sure" in told
    assert "A careless count Unadjusted: 1.8 points less (1.2 to 2.4 points less)." in told
    assert "Asked as well" in told


def test_a_described_answer_has_its_number_its_careless_count_and_why_they_differ_but_no_tag(released):
    told = card(released, "C1")
    assert "10.4 hours" in told
    assert (
        "A careless count Mean of scheduled hours: 12.9 hours (12.7 to 13.1 hours). "
        "Hours on the schedule count the visits that were missed." in told
    )
    assert not any(tag in told for tag in ("Fairly sure", "Could be zero", "Cannot say"))
    assert row(released, "C1").endswith("no verdict")


def test_a_withheld_answer_says_why_and_neither_it_nor_its_careless_count_carries_a_number(released):
    told = card(released, "C7")
    assert told.startswith("C7 Does care that starts in IOP cost less")
    assert f"What IOP and inpatient care cost cannot be said here. The reason: {NO_COSTS}. Cannot say" in told
    assert "A careless count Withheld too" in told
    assert not re.search(r"\d", told.removeprefix("C7"))
    assert row(released, "C7").endswith("withheld none none Cannot say")


def test_a_hidden_answer_is_said_to_be_hidden(released):
    assert "hidden" in card(released, "C10")
    assert not re.search(r"50|12 people|\b6\b", card(released, "C10"))
    assert "hidden hidden" in row(released, "C10")


def test_a_question_that_nobody_asked_says_so(released, released_without_scores):
    assert "Not answered" in card(released, "C9")
    assert "not answered none none Cannot say" in row(released, "C9")
    assert headline_of(released_without_scores, "C2") is None
    assert "cannot answer this. The reason: no symptom scale is part of this study" in card(
        released_without_scores, "C2"
    )
    assert "withheld none none Cannot say" in row(released_without_scores, "C2")


@pytest.mark.parametrize("code", ["C2", "C4"])
def test_a_study_of_other_levels_is_asked_about_its_own(released, code):
    claim = next(one for one in CLAIMS if one.code == code)
    found = headline_of(released, code)
    assert (
        f"similar people {'who start ' if code == 'C2' else ''}in {'inpatient' if code == 'C2' else 'outpatient'} care"
        in asked(claim, found)
    )


def test_the_question_about_cost_names_the_two_levels_whose_costs_were_compared():
    claim = next(one for one in CLAIMS if one.code == "C7")
    row = Result(question="C7", analysis="claim", measure="cost_difference", arm="day_program", reference="clinic")
    assert (
        asked(claim, row)
        == "Does care that starts in day program cost less than care that starts in clinic, counting what follows?"
    )


@pytest.mark.parametrize("code", ["C2", "C4", "C7"])
def test_where_no_two_arms_are_compared_the_card_says_what_to_declare(released, code):
    reason = "no two arms are compared in this study: name them in study.toml under [comparison] contrasts"
    declared = released.study.comparison.__class__(contrasts=(), primary=())
    rows = [refused(Result(question="C7", analysis="claim", measure="cost_difference"), "descriptive only", reason)]
    rows += unasked(SimpleNamespace(study=replace(released.study, comparison=declared)))
    bare = replace(released, tables=replace(released.tables, results=tuple(rows)))
    assert f"These records cannot answer this. The reason: {reason}. Cannot say" in card(bare, code)
    assert "withheld none none Cannot say" in row(bare, code)
