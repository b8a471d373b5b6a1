"""A rate of which it is told only about how many people it is of."""

import pytest

from pipeline.choices.answered import Disclosure
from pipeline.report.disclosure.rates.bounds import in_words_of_range
from pipeline.report.disclosure.rates.families import Told
from pipeline.report.disclosure.suppressed import SUPPRESSED, Within
from pipeline.results import Result

RULE = Disclosure()


def rate(part, whole):
    return Result(question="M", analysis="measures", measure="m", numerator=part, denominator=whole, n=whole)


def told_of(part, whole, low, high, between):
    row = rate(part, whole)
    hidden = rate(SUPPRESSED, SUPPRESSED)
    return in_words_of_range(row, hidden, Told(low, high, between), RULE), hidden


def test_those_in_it_are_never_more_than_all_so_that_no_share_is_above_a_hundred_percent():
    found, _ = told_of(40, 52, 40, 40, (35, 53))
    assert (found.denominator, found.numerator, found.estimate) == (Within(40, 53), 40, Within(0.75, 1.0))


@pytest.mark.parametrize("between", [(35, 48), (43, 60)])
def test_where_the_few_who_are_not_in_it_could_be_worked_out_more_closely_nothing_is_told(between):
    found, hidden = told_of(40, 45, 40, 40, between)  # 5 are not in it: they may be any of 1 to 10
    assert found == hidden


def test_where_they_could_be_any_few_it_is_told_of_about_how_many():
    found, _ = told_of(40, 45, 40, 40, (40, 53))
    assert (found.denominator, found.estimate) == (Within(40, 53), Within(0.75, 1.0))


def test_what_everybody_could_work_out_is_a_number_and_no_range_from_it_to_itself():
    found, _ = told_of(93, 1332, 93, 93, None)
    assert (found.denominator, found.numerator, found.estimate) == (1332, 93, 0.0698)
