"""What cannot be answered is refused by name; what can be answered is."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.analysis.asking.run import check_results
from pipeline.analysis.asking.unanswerable import NO_SOLUTION, REST, to_the_end
from pipeline.analysis.comparison.attempt import SAME
from pipeline.analysis.comparison.like_for_like import compare
from pipeline.analysis.descriptive import crude_difference
from pipeline.analysis.headline import headline
from pipeline.errors import NotEstimable
from pipeline.results import Result
from pipeline.stats.estimate import wald
from tests.unit.analysis.made_records import made_records, study

ROW = headline("C3", measure="risk_difference", arm="iop", reference="outpatient", target="overlap")
ANSWER = ROW.filled(wald(0.1, 0.02), gate="passed", verdict="better", n=90)


def asked(*rows, raising):
    def ask(asking):
        yield from rows
        raise raising

    return list(to_the_end(ask, ROW)(None))


@pytest.mark.parametrize(
    ("raising", "reason"),
    [(NotEstimable("nobody differs"), "nobody differs"), (np.linalg.LinAlgError("Singular matrix"), NO_SOLUTION)],
)
def test_a_question_without_an_answer_is_refused_with_its_naive_twin_and_the_reason(raising, reason):
    row, twin = asked(raising=raising)
    assert (row.result_id, row.gate, row.reason) == (ROW.result_id, "withheld", reason)
    assert (twin.twin_of, twin.reason) == (ROW.result_id, reason)
    check_results([row, twin])


def test_an_answer_stands_where_something_beside_it_cannot_be_made_and_that_is_said():
    answer, rest = asked(ANSWER, raising=NotEstimable("a draw cannot be made"))
    assert answer == ANSWER
    assert (rest.twin_of, rest.varied, rest.reason) == (ANSWER.result_id, REST, "a draw cannot be made")
    assert (rest.estimate, rest.n, rest.verdict) == (None, None, "")


def test_a_question_that_was_refused_already_keeps_its_own_reason():
    refused = ROW.refused("descriptive only", "too few scores")
    assert asked(refused, raising=NotEstimable("nobody differs")) == [refused]


def test_a_fault_of_the_program_is_not_taken_for_a_question_without_an_answer():
    with pytest.raises(ZeroDivisionError):
        asked(raising=ZeroDivisionError())


def test_where_everybody_stayed_staying_is_refused_by_name_and_scores_are_compared(tmp_path):
    records = made_records(n=1500, sites=1)
    everybody = records.care_at.assign(retained=True, dropped_out=False)
    rows = [one for one in compare(replace(records, care_at=everybody), study(tmp_path)) if isinstance(one, Result)]
    heads = [one for one in rows if one.analysis == "like_for_like" and one.reference]
    assert {one.reason for one in heads if one.question == "C4"} == {SAME}
    assert all(one.estimate is not None for one in heads if one.outcome == "phq9_day90")


def test_where_everybody_of_one_level_stayed_the_difference_is_told_and_that_levels_own_share_is_refused(tmp_path):
    records = made_records(n=1500, sites=1)
    at_iop = records.care_at["episode_id"].isin(records.people.loc[records.people["arm"] == "iop", "episode_id"])
    care_at = records.care_at.assign(retained=records.care_at["retained"] | at_iop)
    rows = [one for one in compare(replace(records, care_at=care_at), study(tmp_path)) if isinstance(one, Result)]
    own = [one for one in rows if one.outcome == "retained_day90" and one.analysis == "like_for_like"]
    [difference] = [one for one in own if one.reference == "inpatient"]
    assert difference.estimate > 0
    [iop] = [one for one in own if one.arm == "iop" and one.stratum == "iop or inpatient"]
    assert (iop.estimate, iop.gate) == (None, "withheld")
    [other] = [one for one in own if one.arm == "inpatient"]
    assert 0 < other.estimate < 1


@pytest.mark.parametrize(("one", "said"), [([1.0], "fewer than two people"), ([1.0, 1.0], "too few people differ")])
def test_a_plain_difference_of_too_few_or_of_people_alike_is_refused(one, said):
    with pytest.raises(NotEstimable, match=said):
        crude_difference(np.array(one), np.array([1.0, 1.0]))
