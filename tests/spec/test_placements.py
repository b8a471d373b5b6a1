"""C15: when a person received less or more than was recommended."""

import pytest

from tests.spec.staged import built, like, staged


@pytest.mark.parametrize(
    ("recommended", "received", "placement"),
    [
        ("IOP", "OP", "under"),
        ("IOP", "IOP", "matched"),
        ("IOP", "PHP", "over"),
        ("IP", "RES", "under"),
        ("RES", "IP", "over"),
        ("PHP", "RES", "over"),
    ],
)
def test_less_than_recommended_is_under_and_more_is_over(recommended, received, placement):
    con = built(
        staged(
            sessions=f"""
        patient_id | level_of_care | service_day
        ann        | {received}    | 0
        """,
            episodes=f"""
        episode_id | patient_id | level_of_care | start_day | end_day | recommended_level
        e1         | ann        | {received}    | 0         | 0       | {recommended}
        """,
        ),
        "placements",
    )
    found, expected = like(
        con,
        "placements",
        f"""
        recommended_level | received_level | placement
        {recommended}     | {received}     | {placement}
        """,
    )
    assert found == expected


@pytest.mark.parametrize("recommended", ["", "OTP"])
def test_without_a_recommendation_to_a_compared_level_there_is_nothing_to_match(recommended):
    con = built(
        staged(
            sessions="""
        patient_id | level_of_care | service_day
        ann        | IOP           | 0
        """,
            episodes=f"""
        episode_id | patient_id | level_of_care | start_day | end_day | recommended_level
        e1         | ann        | IOP           | 0         | 0       | {recommended}
        """,
        ),
        "placements",
    )
    assert con.execute("SELECT COUNT(*) FROM placements").fetchall() == [(0,)]
