"""C8: weeks before and after reliable improvement, drawn so that a clinician can count them."""

import numpy as np
import pandas as pd
import pytest

from pipeline.analysis.questions.dose import NO_IOP
from pipeline.analysis.questions.tapering import ONE_KIND, TOO_FEW, difference, heat_map, tapering
from pipeline.errors import NotEstimable
from tests.spec.asked import asked, claim, twin
from tests.spec.staged import built, like, staged, study_of

SCORED = """
    patient_id | instrument_id | assessed_day | score
    ann        | PHQ9          | 0            | 18
    ann        | PHQ9          | 10           | 13
    ann        | PHQ9          | 20           | 12
    ann        | PHQ9          | 27           | 17
    bob        | PHQ9          | 0            | 18
    bob        | PHQ9          | 10           | 8
    """
SESSIONS = "patient_id | level_of_care | service_day | minutes_scheduled\n" + "\n".join(
    f"{who} | IOP | {day} | {minutes}"
    for who in ("ann", "bob")
    for day, minutes in ((0, 300), (6, 300), (7, 300), (13, 240), (14, 200), (20, 100), (21, 60), (27, 60))
)


def test_improved_by_a_week_means_a_reliably_better_score_up_to_its_last_day_and_it_stays_so():
    found, expected = like(
        built(staged(sessions=SESSIONS, assessments=SCORED), "taper_weeks"),
        "taper_weeks",
        """
        episode_id  | week | attended_hours | next_attended_hours | improved_by | improved_week
        ann/P/IOP/0 | 0    | 10.0           | 9.0                 | no          | 2
        ann/P/IOP/0 | 1    | 9.0            | 5.0                 | no          | 2
        ann/P/IOP/0 | 2    | 5.0            | 2.0                 | yes         | 2
        ann/P/IOP/0 | 3    | 2.0            |                     | yes         | 2
        """,
    )
    assert found == expected  # bob has two scores only, so nobody can say when he improved


def steps(seed, effect, people=400):
    """People with weekly hours that vary around their own mean; after improving, a week has effect more chances to be
    lower."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"person_no": np.repeat(np.arange(people), 6), "week": np.tile(np.arange(6), people)})
    frame["improved_by"] = frame["week"] >= np.repeat(rng.integers(1, 9, people), 6)
    frame["attended_hours"] = 9 + rng.normal(size=len(frame))
    lower = rng.random(len(frame)) < 0.4 + effect * frame["improved_by"]
    frame["next_attended_hours"] = frame["attended_hours"] + np.where(lower, -1.0, 1.0)
    return frame


@pytest.mark.parametrize("effect", [0.0, 0.2])
def test_the_difference_is_found_where_there_is_one_and_not_where_there_is_none(effect):
    found = difference(steps(1, effect))
    assert found["low"] <= 100 * effect <= found["high"]
    assert (found["low"] > 0) == (effect > 0)


def test_hours_that_fall_by_the_calendar_of_every_stay_are_no_tapering_after_improvement():
    frame = steps(2, 0.0)
    falls = np.random.default_rng(3).random(len(frame)) < frame["week"] / 6
    frame["next_attended_hours"] = frame["attended_hours"] + np.where(falls, -1, 1)
    lower = frame["next_attended_hours"] < frame["attended_hours"]
    assert (
        lower[frame["improved_by"]].mean() - lower[~frame["improved_by"]].mean() > 0.15
    )  # what a careless table shows
    found = difference(frame)
    assert found["low"] <= 0 <= found["high"]


def test_a_week_that_happened_to_be_long_is_no_tapering_when_it_is_followed_by_a_usual_one():
    rng, frame = np.random.default_rng(4), steps(4, 0.0)
    frame["attended_hours"] = 9 + rng.normal(size=len(frame)) + 1.5 * frame["improved_by"]
    frame["next_attended_hours"] = 9 + rng.normal(size=len(frame))
    found = difference(frame)
    assert abs(found["estimate"]) < 10  # the crude difference is about 35
    lower = frame["next_attended_hours"] < frame["attended_hours"]
    assert lower[frame["improved_by"]].mean() - lower[~frame["improved_by"]].mean() > 0.25


def test_too_few_people_or_weeks_of_one_kind_only_are_refused():
    with pytest.raises(NotEstimable, match="fewer than 30 people"):
        difference(steps(1, 0.0, people=29))
    with pytest.raises(NotEstimable, match="all weeks lie before"):
        difference(steps(1, 0.0).assign(improved_by=False))
    assert "score people" in TOO_FEW
    assert "score people" in ONE_KIND


def test_the_heat_map_groups_people_by_when_they_first_improved():
    weeks = pd.DataFrame(
        {
            "improved_week": [-1.0, 1.0, 2.0, 4.0, np.nan, np.nan],
            "week": [0, 0, 0, 0, 0, 1],
            "attended_hours": [2.0, 4.0, 6.0, 8.0, 10.0, 12.0],
        }
    )
    assert [(p.series, p.x, p.y, p.n) for p in heat_map(weeks, "id")] == [
        ("improved in weeks 1 and 2", 1, 3, 2),
        ("improved in weeks 3 and 4", 1, 6, 1),
        ("improved in week 5 or later", 1, 8, 1),
        ("not reliably improved in the stay", 1, 10, 1),
        ("not reliably improved in the stay", 2, 12, 1),
    ]


@pytest.mark.parametrize(("study", "reason"), [(study_of(outcomes=[]), "[[outcomes]]"), (study_of(), NO_IOP)])
def test_records_without_a_scale_or_without_iop_are_refused(study, reason):
    con = built(staged(sessions="patient_id | level_of_care\nann | OP"), study=study)
    rows = asked(tapering, con, study)
    for row in (claim(rows), twin(rows)):
        assert (row.gate, row.estimate) == ("withheld", None)
        assert reason in row.reason
