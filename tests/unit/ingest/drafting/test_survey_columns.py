"""How a draft reads the items of a scale: by their numbers, and by what their answers can be."""

import pytest

from pipeline.ingest.drafting.profiles import Profile
from pipeline.ingest.drafting.survey_columns import Found, with_coding


def items(*answers):
    words = tuple((answer, 3) for answer in answers)
    return [Profile(f"q{n}", 12, 12, len(answers), words, answers, None, "") for n in range(1, 7)]


def test_answers_counted_from_one_are_brought_to_zero_where_a_scale_has_several():
    assert with_coding(Found("PHQ9"), items("1", "2", "3", "4")).lowest == 1


@pytest.mark.parametrize("instrument", ["CSSRS", "DAST10"])
def test_a_yes_and_a_no_coded_one_and_two_are_left_to_a_person(instrument):
    found = with_coding(Found(instrument), items("1", "2"))
    assert not found.sure
    assert "which is yes?" in found.why
    assert with_coding(Found(instrument), items("0", "1")).sure
