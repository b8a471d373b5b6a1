"""Early satisfaction and what came after it: who is asked, which score counts, and who had left by then."""

import pytest

from pipeline.errors import StudyError
from pipeline.study_toml.file import check
from tests.spec.staged import built, like, staged, study_of

PHQ = {"outcomes": [{"name": "phq9_day90", "instrument": "PHQ9"}]}


def landmark(visits, surveys, *wanted, seen_to=4000, scores="", **chosen):
    """Ann starts IOP on day 0 and comes on these days; surveys are (day, score, occasion) of the CSQ-8 unless named
    otherwise."""
    sessions = "\n".join(["patient_id | level_of_care | service_day", *[f"ann | IOP | {day}" for day in visits]])
    lines = [
        "patient_id | instrument_id | assessed_day | score | occasion",
        *[f"ann | {' | '.join(map(str, one if len(one) == 4 else ('CSQ8', *one)))}" for one in surveys],
        *scores.splitlines(),
    ]
    people = f"patient_id | observed_to_day\nann | {seen_to}"
    con = staged(patients=people, sessions=sessions, assessments="\n".join(lines))
    return built(con, *(wanted or ("satisfaction_landmark",)), study=study_of(**PHQ, satisfaction=chosen))


def only(con, columns):
    return con.execute(f"SELECT {columns} FROM satisfaction_landmark").fetchone()


STAYED = range(0, 60, 5)


@pytest.mark.parametrize(("day", "counts"), [(6, False), (7, True), (21, True), (22, False)])
def test_a_survey_counts_from_day_seven_to_day_twenty_one(day, counts):
    assert only(landmark(STAYED, [(day, 28, "during")]), "survey_score IS NOT NULL") == (counts,)


def test_the_first_answer_in_the_window_counts_and_no_later_one():
    con = landmark(STAYED, [(3, 10, "during"), (9, 30, "during"), (16, 12, "during"), (40, 8, "discharge")])
    assert only(con, "survey_day, survey_score") == (9, 30)


@pytest.mark.parametrize(
    ("last", "in_care", "stayed"), [(20, False, None), (21, True, 0), (34, True, 13), (90, True, 69), (120, True, 69)]
)
def test_only_who_is_still_in_care_on_day_twenty_one_is_asked_what_came_after_it(last, in_care, stayed):
    visits = sorted({*range(0, last, 10), last})
    assert only(landmark(visits, [(8, 28, "during")]), "in_care, stayed_days") == (in_care, stayed)


def test_who_answered_and_left_before_the_landmark_is_not_counted_as_somebody_who_left_after_it():
    con = landmark([0, 8, 15], [(8, 12, "during")])
    assert only(con, "in_care, survey_score, stayed_days, care_days") == (False, 12, None, 15)


def test_the_score_at_discharge_is_the_wrong_one_and_is_kept_apart():
    con = landmark(STAYED, [(8, 20, "during"), (55, 31, "discharge")])
    assert only(con, "survey_score, late_score") == (20, 31)
    # without a word for the occasion, a score after the last contact is one at discharge
    assert only(landmark(STAYED, [(8, 20, ""), (54, 25, ""), (55, 31, "")]), "survey_score, late_score") == (20, 31)


@pytest.mark.parametrize(("seen_to", "observable"), [(119, False), (120, True)])
def test_how_long_a_person_stayed_is_known_only_where_the_silence_after_day_ninety_was_observable(seen_to, observable):
    con = landmark(STAYED, [(8, 20, "during")], seen_to=seen_to)
    assert only(con, "observable, stayed_days IS NOT NULL") == (observable, observable)


def test_two_instruments_are_never_mixed_and_the_first_with_early_answers_is_used():
    alliance = [("WAISR", 9, 50, "during"), ("CSQ8", 40, 30, "discharge")]
    assert only(landmark(STAYED, alliance), "instrument_id, survey_score, late_score") == ("WAISR", 50, None)
    both = [("WAISR", 9, 50, "during"), ("CSQ8", 12, 30, "during")]
    assert only(landmark(STAYED, both), "instrument_id, survey_score") == ("CSQ8", 30)


def test_change_is_counted_from_the_score_before_the_survey_to_the_follow_up_after_it():
    scores = "\n".join(f"ann | PHQ9 | {day} | {score} |" for day, score in ((0, 20), (7, 16), (14, 12), (90, 5)))
    con = landmark(STAYED, [(10, 28, "during")], "satisfaction_change", scores=scores)
    found, expected = like(
        con,
        "satisfaction_change",
        """
        outcome    | score_before | followup_score | improvement_after
        phq9_day90 | 16           | 5              | 11
        """,
    )
    assert found == expected
    # the wrong way: 20 to 5, which counts what had happened before anybody was asked


def test_without_a_survey_there_is_no_change_after_it():
    scores = "\n".join(f"ann | PHQ9 | {day} | {score} |" for day, score in ((0, 20), (90, 5)))
    con = landmark(STAYED, [(40, 28, "during")], "satisfaction_change", scores=scores)
    assert con.execute("SELECT COUNT(*) FROM satisfaction_change").fetchall() == [(0,)]


@pytest.mark.parametrize("window", [[7], [21, 7], [-1, 7], [7, 90]])
def test_a_window_that_cannot_be_is_refused(window):
    with pytest.raises(StudyError, match="first day, last day"):
        check(study_of(satisfaction={"window": window}))


def test_an_instrument_without_a_direction_is_refused_with_those_that_have_one():
    with pytest.raises(StudyError, match="CSQ8 and WAISR"):
        landmark(STAYED, [], instruments=["PHQ9"])
