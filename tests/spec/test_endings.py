"""How and when an episode ended: by its last contact, never by the closure of its chart."""

import pytest

from tests.spec.staged import built, like, staged


def test_an_episode_ends_with_its_last_contact_and_the_closure_of_the_chart_is_only_a_lag():
    con = built(
        staged(
            sessions="""
        patient_id | level_of_care | service_day | episode_id
        ann        | IOP           | 0           | e1
        ann        | IOP           | 9           | e1
        """,
            episodes="""
        episode_id | patient_id | start_day | end_day
        e1         | ann        | 0         | 12
        """,
            discharges="""
        episode_id | discharge_day | ending      | destination_level
        e1         | 40            | dropped_out | OP
        """,
        ),
        "endings",
    )
    found, expected = like(
        con,
        "endings",
        """
        episode_id  | last_contact_day | ending      | planned | closure_lag | to_24_hour_care | source
        ann/P/IOP/0 | 9                | dropped_out | no      | 31          | no              | discharge
        """,
    )
    assert found == expected


def test_an_ending_is_planned_as_the_program_says_or_else_by_its_kind():
    kinds = [
        "completed",
        "transferred",
        "dropped_out",
        "ama",
        "terminated",
        "incarcerated",
        "died",
        "moved_or_payer",
        "other",
        "unknown",
    ]
    ids = [*kinds, "sent_home", "agreed"]
    con = built(
        staged(
            episodes="\n".join(
                ["episode_id | patient_id | level_of_care | start_day", *[f"{name} | {name} | IOP | 0" for name in ids]]
            ),
            discharges="\n".join(
                [
                    "episode_id | ending | planned_ending",
                    *[f"{name} | {name} |" for name in kinds],
                    "sent_home | completed | no",
                    "agreed | dropped_out | yes",
                ]
            ),
        ),
        "endings",
    )
    found, expected = like(
        con,
        "endings",
        """
        episode_id     | ending         | planned
        completed      | completed      | yes
        transferred    | transferred    | yes
        dropped_out    | dropped_out    | no
        ama            | ama            | no
        terminated     | terminated     | no
        incarcerated   | incarcerated   | no
        died           | died           |
        moved_or_payer | moved_or_payer |
        other          | other          |
        unknown        | unknown        |
        sent_home      | completed      | no
        agreed         | dropped_out    | yes
        """,
    )
    assert found == expected


@pytest.mark.parametrize(
    ("back", "ending", "source"), [(44, "transferred", "went on"), (45, "dropped_out", "came back")]
)
def test_a_recorded_ending_belongs_to_the_last_of_the_stays_that_share_it(back, ending, source):
    con = built(
        staged(
            sessions=f"""
        patient_id | level_of_care | service_day | episode_id
        ann        | IOP           | 0           | e1
        ann        | IOP           | 30          | e1
        ann        | OP            | {back}      | e1
        """,
            episodes="""
        episode_id | patient_id | start_day
        e1         | ann        | 0
        """,
            discharges="""
        episode_id | ending
        e1         | completed
        """,
        ),
        "endings",
    )
    found, expected = like(
        con,
        "endings",
        f"""
        episode_id       | ending    | source    | planned
        ann/P/IOP/0      | {ending}  | {source}  | {"yes" if ending == "transferred" else "no"}
        ann/P/OP/{back}  | completed | discharge | yes
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("seen_to", "ending", "source"), [(39, "in_care", "end of the data"), (40, "unknown", "none")])
def test_without_a_discharge_an_episode_is_in_care_until_its_silence_is_over(seen_to, ending, source):
    con = built(
        staged(
            sessions="""
        patient_id | level_of_care | service_day
        ann        | IOP           | 10
        """,
            patients=f"""
        patient_id | observed_to_day
        ann        | {seen_to}
        """,
        ),
        "endings",
    )
    found, expected = like(
        con,
        "endings",
        f"""
        last_contact_day | ending   | planned | closure_lag | source
        10               | {ending} |         |             | {source}
        """,
    )
    assert found == expected
