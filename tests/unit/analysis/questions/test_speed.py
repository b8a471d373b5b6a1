"""Who gets better sooner, on courses whose truth is known: being measured more often is no improvement."""

from dataclasses import replace

import pytest

from pipeline.analysis.asking.run import check_results
from pipeline.analysis.questions.speed import speed
from pipeline.analysis.standing import begun
from pipeline.choices.answered import Gate
from pipeline.results import NUMBERS, CurvePoint, FigurePoint, Result
from tests.unit.analysis.made_courses import asked_of_courses

FORTNIGHTLY = {"iop": 14, "outpatient": 14, "inpatient": 7}


def answers(asking):
    found = begun(speed(asking)).to_the_end(0.994)  # as one of nine that are answered
    check_results([row for row in found if isinstance(row, Result)])
    return found


def one(found, **wanted):
    [row] = [
        row
        for row in found
        if isinstance(row, Result) and all(getattr(row, name) == value for name, value in wanted.items())
    ]
    return row


@pytest.fixture(scope="module")
def same_course(tmp_path_factory):
    """IOP helps as much as outpatient care and is measured every three days instead of every four weeks."""
    return answers(asked_of_courses(tmp_path_factory.mktemp("study")))


def test_who_is_measured_nine_times_as_often_is_not_found_better_sooner_though_first_crossings_say_so(same_course):
    answer, naive = one(same_course, analysis="claim"), one(same_course, analysis="as_observed")
    assert (answer.question, answer.arm, answer.reference, answer.day, answer.gate) == (
        "C3",
        "iop",
        "outpatient",
        56,
        "passed",
    )
    assert answer.low < 0 < answer.high
    assert abs(answer.estimate) < 0.05
    assert answer.verdict == "inconclusive"
    assert naive.low > 0.1
    assert naive.twin_of == answer.result_id


def test_slopes_per_week_agree_and_slopes_per_hour_say_that_an_hour_of_the_longer_week_does_less(same_course):
    week, hour = one(same_course, measure="slope_per_week"), one(same_course, measure="slope_per_hour")
    assert week.low < 0 < week.high
    assert hour.high < 0
    assert {week.verdict, hour.verdict} == {"exploratory"}
    assert "no effect of an hour" in hour.note


def test_a_true_difference_is_found(tmp_path):
    answer = one(answers(asked_of_courses(tmp_path, effect=3.0, every=FORTNIGHTLY)), analysis="claim")
    assert answer.low > 0
    assert answer.verdict == "better"


def test_a_difference_that_those_not_measured_could_undo_is_no_finding(tmp_path):
    few = {"effect": 1.5, "every": FORTNIGHTLY, "kept": 0.35}
    answer = one(answers(asked_of_courses(tmp_path, **few)), analysis="claim")
    assert answer.low > 0
    assert answer.verdict == "inconclusive: depends on those not measured"
    trusting = one(
        answers(asked_of_courses(tmp_path, **few, gate=Gate(delta_alike=(), delta_apart=0.0))), analysis="claim"
    )
    assert trusting.verdict == "better"


def test_each_arms_share_and_curve_belong_to_the_same_schedule(same_course):
    answer = one(same_course, analysis="claim")
    shares = {
        row.arm: row.estimate for row in same_course if isinstance(row, Result) and row.measure == "adjusted_share"
    }
    assert shares["iop"] - shares["outpatient"] == pytest.approx(answer.estimate)
    curves = [row for row in same_course if isinstance(row, CurvePoint)]
    assert {(row.arm, row.day) for row in curves} == {(arm, day) for arm in ("iop", "outpatient") for day in (28, 56)}
    for arm in ("iop", "outpatient"):
        rising = [row.estimate for row in curves if row.arm == arm]
        assert rising == sorted(rising)
        assert rising[-1] == pytest.approx(shares[arm], abs=0.03)


def test_courses_are_drawn_by_week_and_by_hours_at_the_same_places_for_both_arms(same_course):
    points = [row for row in same_course if isinstance(row, FigurePoint)]
    weeks = {row.x for row in points if row.figure == "trajectory_week" and row.series == "iop"}
    assert weeks >= {2.0, 4.0, 8.0}
    hours = {
        arm: {row.x for row in points if row.figure == "trajectory_hours" and row.series == arm}
        for arm in ("iop", "outpatient")
    }
    assert hours["iop"] & hours["outpatient"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"outcomes": ()}, "add an [[outcomes]] block"),
        ({"arms": {"day": ("PHP",), "iop": ("IOP", "OP")}}, "name both under [arms]"),
        ({"every": {"iop": 7, "outpatient": 90}}, "measure both arms every two weeks"),
        ({"every": {"iop": 7, "outpatient": 14}, "kept": 0.1}, "measure both arms every two weeks"),
        ({"n": 120}, "30 are needed"),
    ],
)
def test_where_it_cannot_be_asked_the_headline_and_its_twin_say_what_is_missing(tmp_path, changes, said):
    found = [row for row in answers(asked_of_courses(tmp_path, **{"n": 2000} | changes)) if isinstance(row, Result)]
    assert [row.analysis for row in found] == ["claim", "as_observed"]
    for row in found:
        assert row.gate == "withheld"
        assert said in row.reason
        assert all(getattr(row, name) is None for name in NUMBERS)


def test_records_without_any_score_are_refused_and_nothing_breaks(tmp_path):
    asking = asked_of_courses(tmp_path, n=2000)
    for table in ("scheduled_scores", "trajectory_scores"):
        asking.warehouse.execute(f"DELETE FROM {table}")
    scores = asking.records.scores
    nobody = "at the start (day -7 to day 1): score people when they start"
    for left, said in (
        (scores, "measure both arms"),
        (scores.assign(baseline_score=float("nan")), nobody),
        (scores.iloc[:0], nobody),
    ):
        found = [
            row
            for row in answers(replace(asking, records=replace(asking.records, scores=left)))
            if isinstance(row, Result)
        ]
        assert [row.gate for row in found] == ["withheld", "withheld"]
        assert said in found[0].reason
