"""What pages say of outcomes that no level of care can change: what was done, and never more."""

from dataclasses import dataclass

import pytest

from pipeline.report.disclosure.gate import Tables
from pipeline.report.disclosure.suppressed import SUPPRESSED
from pipeline.report.sentences.controls import ASSESSED, NOT_ASSESSED, about_controls, control_card
from pipeline.results import Diagnostic, Result

ROW = Result(question="C2", analysis="like_for_like", measure="difference", arm="iop", reference="inpatient")


@dataclass
class Page:
    tables: Tables


def page(*lines):
    return Page(Tables(diagnostics=tuple(lines)))


def counted(number):
    return Diagnostic(
        result_id=ROW.result_id,
        check="controls",
        after=number,
        threshold=10.0,
        passed=isinstance(number, float) and number >= 10,
    )


def error(size):
    return Diagnostic(result_id=ROW.result_id, check="negative_controls", after=size, threshold=0.25, passed=True)


def test_without_ten_controls_the_page_says_that_it_was_not_assessed():
    assert about_controls(page()) == about_controls(page(counted(9.0))) == NOT_ASSESSED
    assert control_card(page(counted(9.0)), ROW) == (
        "not assessed",
        (
            "whether outcomes that no level of care can change differ after weighting: at least 10 are needed, the"
            " records have 9 that can be used."
        ),
    )


def test_with_ten_controls_it_says_how_far_apart_they_are_and_what_would_be_too_far():
    assert about_controls(page(counted(14.0))) == ASSESSED
    assert control_card(page(counted(14.0), error(0.0512)), ROW) == (
        "5%",
        (
            "is how far apart 14 outcomes are that no level of care can change (guide: under 28%; 0 if nothing hidden were"
            " at work)."
        ),
    )


def test_where_only_some_comparisons_could_be_checked_the_page_says_so():
    assert about_controls(page(counted(14.0), counted(3.0))).endswith(
        "For some comparisons too few of them could be used, and this was not assessed."
    )


@pytest.mark.parametrize("lines", [(), (counted(SUPPRESSED),)])
def test_where_nothing_was_compared_or_it_is_hidden_there_is_no_card(lines):
    assert control_card(page(*lines), ROW) is None


def test_nothing_is_called_proven_or_free_of_bias():
    for words in (ASSESSED, NOT_ASSESSED, control_card(page(counted(14.0), error(0.01)), ROW)[1]):
        assert not any(word in words.lower() for word in ("prove", "no bias", "unbiased", "rules out"))
