"""Which score is the baseline, which is the follow-up, and what counts as reliable change."""

import pytest

from tests.spec.staged import built, like, staged, study_of

OWN = "(SELECT * FROM outcome_set_by_choice WHERE varied = '') AS own"


def outcome(scores, *, seen_to=4000, study=None):
    con = staged(
        sessions="""
        patient_id | level_of_care | service_day
        ann        | IOP           | 10
        """,
        assessments=scores,
        patients=f"""
        patient_id | observed_to_day
        ann        | {seen_to}
        """,
    )
    return built(con, "outcome_set_by_choice", study=study)


def phq9(*days_and_scores):
    rows = [f"ann | PHQ9 | {10 + day} | {score}" for day, score in days_and_scores]
    return "\n".join(["patient_id | instrument_id | assessed_day | score", *rows])


def test_a_baseline_score_is_taken_from_seven_days_before_to_one_day_after_the_start():
    assert days_taken("baseline_day", {"a": -8, "b": -7, "c": 0, "d": 1, "e": 2}) == {
        "a": None,
        "b": -7,
        "c": 0,
        "d": 1,
        "e": None,
    }


def test_a_day_90_score_is_taken_from_day_60_to_day_120():
    assert days_taken("followup_day", {"a": 59, "b": 60, "c": 90, "d": 120, "e": 121}) == {
        "a": None,
        "b": 60,
        "c": 90,
        "d": 120,
        "e": None,
    }


def days_taken(column, days):
    """The day of the score that is taken for each person with one score on one day."""
    con = built(
        staged(
            sessions="\n".join(["patient_id | level_of_care | service_day", *[f"{name} | IOP | 10" for name in days]]),
            assessments="\n".join(
                [
                    "patient_id | instrument_id | assessed_day | score",
                    *[f"{name} | PHQ9 | {10 + day} | 15" for name, day in days.items()],
                ]
            ),
        ),
        "outcome_set_by_choice",
    )
    return dict(con.execute(f"SELECT SUBSTRING(episode_id, 1, 1), {column} FROM {OWN}").fetchall())


def test_the_nearest_score_is_taken_and_of_two_as_near_the_earlier():
    con = outcome(phq9((-5, 20), (-1, 18), (1, 16), (70, 9), (88, 8), (92, 7), (95, 6)))
    found, expected = like(
        con,
        OWN,
        """
        baseline_day | baseline_score | followup_day | followup_score
        -1           | 18.0           | 88           | 8.0
        """,
    )
    assert found == expected


def test_a_subscale_is_never_taken_for_the_total_nor_one_recall_variant_for_another():
    con = outcome("""
        patient_id | instrument_id | subscale | assessed_day | score | recall_variant
        ann        | PHQ9          | somatic  | 10           | 3     |
        ann        | PHQ9          | ""       | 9            | 20    | weekly
        ann        | PHQ9          | ""       | 100          | 5     |
        ann        | PHQ9          | ""       | 105          | 8     | weekly
        """)
    found, expected = like(
        con,
        OWN,
        """
        baseline_score | followup_score
        20.0           | 8.0
        """,
    )
    assert found == expected


def test_without_a_baseline_any_variant_of_the_follow_up_is_shown_and_nothing_is_compared():
    con = outcome("""
        patient_id | instrument_id | assessed_day | score | recall_variant
        ann        | PHQ9          | 100          | 5     | weekly
        """)
    found, expected = like(
        con,
        OWN,
        """
        baseline_score | followup_score | raw_change | observable | observed | reliably_improved | not_improvable
                       | 5.0            |            | yes        | no       |                   |
        """,
    )
    assert found == expected


@pytest.mark.parametrize(
    ("after", "improved", "worse"), [(9, True, False), (10, False, False), (20, False, False), (21, False, True)]
)
def test_change_is_reliable_from_the_reliable_change_index_on_which_is_six_points_for_the_phq_9(after, improved, worse):
    con = outcome(phq9((0, 15), (90, after)))
    found, expected = like(
        con,
        OWN,
        f"""
        raw_change   | improvement  | observed | reliably_improved             | reliably_deteriorated
        {after - 15}.0 | {15 - after}.0 | yes  | {"yes" if improved else "no"} | {"yes" if worse else "no"}
        """,
    )
    assert found == expected


def test_on_a_scale_where_higher_is_better_a_rise_is_an_improvement():
    study = study_of(outcomes=[{"name": "well", "instrument": "WHO5"}], comparison={"primary": []})
    con = outcome(
        """
        patient_id | instrument_id | assessed_day | score
        ann        | WHO5          | 10           | 40
        ann        | WHO5          | 100          | 65
        """,
        study=study,
    )
    found, expected = like(
        con,
        OWN,
        """
        raw_change | improvement | reliably_improved | reliably_deteriorated | not_improvable
        25.0       | 25.0        | yes               | no                    | no
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("score", "too_low"), [(5, True), (6, False)])
def test_who_starts_nearer_the_best_score_than_a_reliable_change_cannot_improve_reliably(score, too_low):
    con = outcome(phq9((0, score)))
    assert con.execute(f"SELECT not_improvable FROM {OWN}").fetchall() == [(too_low,)]


@pytest.mark.parametrize(("seen_to", "observable"), [(129, False), (130, True)])
def test_an_outcome_is_observable_where_the_person_was_seen_to_the_end_of_the_window(seen_to, observable):
    con = outcome(phq9((0, 15), (90, 5)), seen_to=seen_to)
    found, expected = like(
        con,
        OWN,
        f"""
        observable                      | observed                        | reliably_improved
        {"yes" if observable else "no"} | {"yes" if observable else "no"} | {"yes" if observable else ""}
        """,
    )
    assert found == expected


@pytest.mark.parametrize(
    ("instrument", "tenths", "top", "more_is_better"),
    [("EDEQ", 9, 60, False), ("ORS", 60, 400, True), ("COREOM", 50, 400, False)],
)
def test_a_change_of_exactly_the_reliable_change_index_counts_on_scales_in_tenths_too(
    instrument, tenths, top, more_is_better
):
    pairs = [sorted((one / 10, (one - tenths) / 10), reverse=not more_is_better) for one in range(tenths, top + 1)]
    con = built(
        staged(
            sessions="\n".join(
                ["patient_id | level_of_care | service_day", *[f"p{i} | IOP | 10" for i in range(len(pairs))]]
            ),
            assessments="\n".join(
                [
                    "patient_id | instrument_id | assessed_day | score",
                    *[
                        f"p{i} | {instrument} | {day} | {score}"
                        for i, pair in enumerate(pairs)
                        for day, score in zip((10, 100), pair, strict=True)
                    ],
                ]
            ),
        ),
        "outcome_set_by_choice",
        study=study_of(outcomes=[{"name": "first", "instrument": instrument, "day": 90, "window": [60, 120]}]),
    )
    counted = con.execute(
        "SELECT COUNT(*), COUNT(*) FILTER (WHERE reliably_improved) FROM outcome_set_by_choice WHERE varied = ''"
    ).fetchall()
    assert counted == [(len(pairs), len(pairs))]


def test_a_score_is_late_nearer_the_windows_close_than_the_day_or_after_an_attempt_in_vain():
    con = built(
        staged(
            sessions="""
            patient_id | level_of_care | service_day
            ann        | IOP           | 10
            bob        | IOP           | 10
            cat        | IOP           | 10
            dan        | IOP           | 10
            """,
            assessments="""
            patient_id | instrument_id | assessed_day | score
            ann        | PHQ9          | 115          | 9
            bob        | PHQ9          | 116          | 9
            cat        | PHQ9          | 100          | 9
            dan        | PHQ9          | 100          | 9
            """,
            followups="""
            patient_id | reached     | contact_day | source
            cat        | not_reached | 95          | survey
            cat        | reached     | 100         | survey
            dan        | not_reached | 60          | survey
            dan        | not_reached | 110         | survey
            """,
        ),
        "outcome_set_by_choice",
    )
    found = dict(con.execute(f"SELECT SUBSTRING(episode_id, 1, 3), late FROM {OWN}").fetchall())
    assert found == {"ann": False, "bob": True, "cat": True, "dan": False}
