"""The claims page: fifteen rows in order, words that follow the verdict, and no number where an answer is withheld or
hidden."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from pipeline.analysis.asking.undeclared import unasked
from pipeline.questions import by_number, declared
from pipeline.report.claims import asked, headline_of
from pipeline.report.sections.claims import at_a_glance, cards
from pipeline.results import Result, Verdict
from tests.unit.report.example_claims import NO_COSTS


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def card(released, code):
    [found] = re.findall(rf'<article class="claim" id="{code.lower()}">.*?</article>', cards(released).html, re.S)
    return plain(found)


def row(released, code):
    [found] = [one for one in re.findall(r"<tr>.*?</tr>", at_a_glance(released).html, re.S) if f">{code}<" in one]
    return plain(found)


def refusal(released, code):
    """The line that says why a question cannot be answered, with the other questions of the same reason."""
    page = re.sub(r"(?s)<details.*?</details>", "", at_a_glance(released).html)
    items = re.findall(r"<li>(<p id=.*?)</li>", page, re.S)
    [found] = [one for one in items if f'id="{code.lower()}"' in one]
    return plain(found)


def test_every_question_stands_once_on_the_page_answered_open_or_refused(released, released_without_scores):
    codes = {question.code for question in by_number()}
    assert [question.code for question in by_number()] == [f"C{number}" for number in range(1, len(codes) + 1)]
    for one in (released, released_without_scores):
        glance, answers = at_a_glance(one).html, cards(one).html
        linked = re.findall(r'<a href="#(c\d+)">', glance)
        refused = re.findall(r'<p id="(c\d+)">', glance)
        assert sorted(linked + refused) == sorted(code.lower() for code in codes)
        assert re.findall(r'<article class="claim" id="(c\d+)">', answers) == linked


def test_what_cannot_be_asked_has_a_reason_and_neither_number_nor_simple_count(released):
    told = refusal(released, "C7")
    assert told.startswith("C7 Does care that starts in IOP cost less")
    assert f"Cannot say {NO_COSTS[0].upper()}{NO_COSTS[1:]}." in told
    assert "imple count" not in told


def test_each_is_a_question_and_says_what_could_still_fool_us():
    for claim in by_number():
        assert asked(claim, None).endswith("?")
        assert "{" not in asked(claim, None)
        assert claim.fooled_by.endswith(".")
        assert not re.search(r"\bprove[nd]?\b", claim.asks + claim.fooled_by)


def test_the_second_question_is_answered_by_the_primary_contrast_and_the_fourth_by_leaving_early(released):
    assert headline_of(released, "C2").outcome == "phq9_day90"
    assert (headline_of(released, "C2").arm, headline_of(released, "C2").reference) == ("iop", "inpatient")
    assert headline_of(released, "C4").outcome.startswith("dropped_out")
    told = card(released, "C2")
    assert "IOP did not do worse than inpatient care by more than the margin of 1 point" in told
    assert "Fairly sure" in told
    assert "A simple count Unadjusted: 1.8 points less (1.2 to 2.4 points less)." in told
    assert "Asked as well" in told


def test_a_described_answer_has_its_number_its_simple_count_and_why_they_differ_but_no_tag(released):
    told = card(released, "C1")
    assert "10.4 hours" in told
    assert (
        "A simple count Mean of scheduled hours: 12.9 hours (12.7 to 13.1 hours). "
        "Hours on the schedule count the visits that were missed." in told
    )
    assert not any(tag in told for tag in ("Fairly sure", "Could be zero", "Cannot say"))
    assert row(released, "C1").endswith("no verdict")


def test_a_hidden_answer_is_said_to_be_hidden(released):
    assert "hidden, because it rests on a small group" in refusal(released, "C10")
    assert not re.search(r"50|12 people|\b6\b", refusal(released, "C10"))


def test_a_question_that_nobody_asked_says_so(released, released_without_scores):
    assert "hold no answer" in refusal(released, "C9")
    assert headline_of(released_without_scores, "C2") is None
    assert "No symptom scale is part of this study" in refusal(released_without_scores, "C2")


def test_questions_with_the_same_reason_stand_together_with_the_reason_once(released_without_scores):
    page = at_a_glance(released_without_scores).html
    reasons = re.findall(r"<p> ?<span class=\"tag cannot\">Cannot say</span> (.*?)</p></li>", page)
    assert len(reasons) == len(set(reasons))


def test_the_second_half_of_a_question_is_answered_too(released):
    claim = released.row(question="C5", analysis="claim")
    if claim is None:
        claim = Result(question="C5", analysis="claim", measure="rank_correlation", outcome="stayed_to_day90", day=90)
    first = replace(claim, estimate=0.2, low=0.1, high=0.3, gate="passed", reason="", verdict="descriptive only")
    better = replace(first, analysis="satisfaction", outcome="phq9_day90", estimate=0.31, low=0.27, high=0.36)
    kept = [one for one in released.tables.results if one.question != "C5"]
    told = card(replace(released, tables=replace(released.tables, results=(*kept, first, better))), "C5")
    assert "stayed longer afterwards" in told
    assert "improved more on the PHQ-9 afterwards" in told


def test_where_the_few_at_highest_risk_cannot_be_compared_the_part_that_can_is_shown(released):
    where = {"question": "C11", "measure": "difference", "outcome": "phq9_day90", "day": 90, "arm": "iop"}
    where |= {"reference": "inpatient", "estimator": "augmented", "unit": "points", "target": "overlap"}
    claim = Result(**where, analysis="claim", stratum="high suicide risk and psychosis")
    part = Result(
        **where,
        analysis="severity",
        stratum="high suicide risk",
        estimate=-1.4,
        low=-3.0,
        high=0.4,
        verdict="exploratory",
    )
    kept = [one for one in released.tables.results if one.question != "C11"]
    rows = (*kept, claim.refused("no comparable patients", "nobody in one of the arms is like these people"), part)
    told = card(replace(released, tables=replace(released.tables, results=rows)), "C11")
    assert "for people with high suicide risk: IOP and inpatient care" in told
    assert "1.4 points less" in told
    assert "cannot be compared for people with high suicide risk and psychosis" in told


@pytest.mark.parametrize("code", ["C2", "C4"])
def test_a_study_of_other_levels_is_asked_about_its_own(released, code):
    claim = declared(code)
    found = headline_of(released, code)
    assert (
        f"similar people {'who start ' if code == 'C2' else ''}in {'inpatient' if code == 'C2' else 'outpatient'} care"
        in asked(claim, found)
    )


def test_the_question_about_cost_names_the_two_levels_whose_costs_were_compared():
    claim = declared("C7")
    row = Result(question="C7", analysis="claim", measure="cost_difference", arm="day_program", reference="clinic")
    assert (
        asked(claim, row)
        == "Does care that starts in day program cost less than care that starts in clinic, counting what follows?"
    )


@pytest.mark.parametrize("code", ["C2", "C4", "C7"])
def test_where_no_two_arms_are_compared_the_card_says_what_to_declare(released, code):
    reason = "no two arms are compared in this study: name them in study.toml under [comparison] contrasts"
    declared = released.study.comparison.__class__(contrasts=(), primary=())
    rows = [Result(question="C7", analysis="claim", measure="cost_difference").refused(Verdict.DESCRIPTIVE, reason)]
    rows += unasked(SimpleNamespace(study=replace(released.study, comparison=declared)))
    bare = replace(released, tables=replace(released.tables, results=tuple(rows)))
    assert f"Cannot say {reason[0].upper()}{reason[1:]}." in refusal(bare, code)
