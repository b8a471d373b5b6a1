"""The people asked again are a part of one rate and the whole of others: one count, and what is told of it everywhere."""

from pipeline.report.disclosure.hidden_rows import narrowing
from pipeline.report.disclosure.rates.families import Rates, Told
from pipeline.results import Result

IOP = ("iop", "", "", "")


def heard(asked_again, asked, told, elsewhere):
    """Head counts of which a reader would hear too much, told so elsewhere."""
    counts = {"n": asked, "numerator": asked_again, "denominator": asked}
    row = Result(question="M", analysis="measures", measure="assessed_again", arm="iop", **counts)
    found = Rates(set(), {row.result_id: told}, [(row, asked_again)], {})
    return narrowing(found, {(IOP, asked_again): elsewhere}, threshold=11)


def test_a_range_that_leaves_each_of_1_to_10_open_for_those_not_asked_again_is_told():
    assert heard(21, 27, Told(17, 26), (17, 26)) == set()


def test_a_range_in_which_those_asked_lie_too_would_rule_out_that_ten_were_not_asked_again():
    assert heard(21, 27, Told(10, 28, whole=(20, 29)), (20, 29)) == {(IOP, 21)}


def test_a_range_of_people_asked_again_is_not_told_where_their_own_rate_hides_them_for_others():
    assert heard(40, 80, Told(30, 50), (35, 44)) == {(IOP, 40)}
