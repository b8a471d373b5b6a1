"""C13: what is left of an improvement half a year after the start, and of whom it is known."""

import pytest

from tests.spec.scored import scores, started
from tests.spec.staged import built, like, rows_of, study_of


@pytest.mark.parametrize(("day", "taken"), [(149, False), (150, True), (210, True), (211, False)])
def test_the_later_score_is_taken_from_day_150_to_day_210(day, taken):
    con = built(started(scores(("ann", 0, 20), ("ann", day, 8))), "later_scores")
    assert bool(rows_of(con, "later_scores")) == taken


@pytest.mark.parametrize(("score", "remitted"), [(4, True), (5, False)])
def test_remission_on_the_phq_9_is_a_score_below_five(score, remitted):
    con = built(started(scores(("ann", 0, 20), ("ann", 90, score), ("ann", 180, 4))), "durability_set")
    found, expected = like(
        con,
        "durability_set",
        f"""
        measured | remitted                      | remitted_later | improvement     | later_improvement
        yes      | {"yes" if remitted else "no"} | yes            | {20 - score}.0  | 16.0
        """,
    )
    assert found == expected


def test_who_is_not_measured_later_is_neither_recovered_nor_relapsed():
    con = built(started(scores(("ann", 0, 20), ("ann", 90, 3))), "durability_set")
    found, expected = like(
        con,
        "durability_set",
        """
        measured | remitted | remitted_later | later_improvement | back_in_24h
        yes      | yes      |                |                   | no
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("day", "back"), [(90, False), (91, True), (180, True), (181, False)])
def test_back_in_24_hour_care_is_a_new_stay_after_day_90_and_by_day_180(day, back):
    con = built(started(scores(("ann", 0, 20), ("ann", 90, 3)), more=f"ann | IP | {day} | |"), "durability_set")
    assert [row["back_in_24h"] for row in rows_of(con, "durability_set")] == [back]


def test_a_scale_without_a_line_for_remission_has_none():
    study = study_of(outcomes=[{"name": "well", "instrument": "WHO5"}], comparison={"primary": []})
    con = built(
        started("""
        patient_id | instrument_id | assessed_day | score
        ann        | WHO5          | 0            | 20
        ann        | WHO5          | 90           | 60
        ann        | WHO5          | 180          | 50
        """),
        "durability_set",
        study=study,
    )
    found, expected = like(
        con,
        "durability_set",
        """
        remitted | remitted_later | improvement | later_improvement
                 |                | 40.0        | 30.0
        """,
    )
    assert found == expected
