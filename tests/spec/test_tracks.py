"""C10: who counts as having post-traumatic stress in which track."""

import pytest

from tests.spec.staged import built, like, staged, study_of

STUDY = study_of(outcomes=[{"name": "pcl5_day90", "instrument": "PCL5"}])


def tracks(episodes, scores="patient_id | instrument_id | assessed_day | score"):
    names = [line.split("|")[0].strip() for line in episodes.strip().splitlines()[1:]]
    starts = "\n".join(["patient_id | level_of_care | service_day", *[f"{name} | IOP | 0" for name in names]])
    columns, *rows = episodes.strip().splitlines()
    drawn = "\n".join(
        [
            f"episode_id | {columns} | level_of_care | start_day | end_day",
            *[f"e{i} | {row} | IOP | 0 | 30" for i, row in enumerate(rows)],
        ]
    )
    return built(staged(sessions=starts, episodes=drawn, assessments=scores), "trauma_tracks", study=STUDY)


def test_a_pcl5_of_33_at_the_start_is_post_traumatic_stress_and_one_of_32_is_not():
    con = tracks(
        """
        patient_id | track
        ann        | trauma
        bob        | general
        """,
        """
        patient_id | instrument_id | assessed_day | score
        ann        | PCL5          | 0            | 33
        bob        | PCL5          | 0            | 32
        """,
    )
    found, expected = like(
        con,
        "trauma_tracks",
        """
        track   | by_score | by_diagnosis
        trauma  | yes      | no
        general | no       | no
        """,
    )
    assert found == expected


@pytest.mark.parametrize(
    ("code", "counts"), [("F43.1", "yes"), ("F4310", "yes"), ("f43.12", "yes"), ("F43.2", "no"), ("F43", "no")]
)
def test_diagnosis_f43_1_counts_with_or_without_its_dot_and_whatever_the_score(code, counts):
    con = tracks(f"""
        patient_id | track | primary_dx
        ann        | Trauma | {code}
        """)
    found, expected = like(
        con,
        "trauma_tracks",
        f"""
        track  | by_score | by_diagnosis
        trauma | no       | {counts}
        """,
    )
    assert found == expected


def test_a_score_taken_outside_the_baseline_window_does_not_count():
    con = tracks(
        """
        patient_id | track
        ann        | trauma
        """,
        """
        patient_id | instrument_id | assessed_day | score
        ann        | PCL5          | 2            | 60
        """,
    )
    found, expected = like(
        con,
        "trauma_tracks",
        """
        track  | by_score
        trauma | no
        """,
    )
    assert found == expected


def test_only_intensive_outpatient_starts_in_a_named_track_are_listed():
    con = built(
        staged(
            sessions="""
        patient_id | level_of_care | service_day
        ann        | OP            | 0
        bob        | IOP           | 0
        """,
            episodes="""
        episode_id | patient_id | level_of_care | start_day | end_day | track
        e1         | ann        | OP            | 0         | 30      | trauma
        e2         | bob        | IOP           | 0         | 30      |
        """,
        ),
        "trauma_tracks",
        study=STUDY,
    )
    assert con.execute("SELECT COUNT(*) FROM trauma_tracks").fetchall() == [(0,)]
