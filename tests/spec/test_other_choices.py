"""Other ways to choose: the same people under another silence, another window, another first score, another
reliability."""

from pipeline.analysis.cohort import other_choices
from tests.spec.staged import built, like, staged, study_of

ONE_OUTCOME = [{"name": "phq9_day90", "instrument": "PHQ9", "day": 90, "window": [60, 120], "baseline_window": [-7, 1]}]


def scored(assessments, **sections):
    sessions = "patient_id | level_of_care | service_day\np | IOP | 0\np | IOP | 20"
    return built(
        staged(sessions=sessions, assessments=assessments),
        "outcome_set_by_choice",
        "last_care_scores",
        study=study_of(outcomes=ONE_OUTCOME, **sections),
    )


def test_a_longer_silence_allowed_keeps_people_in_care_longer():
    con = built(
        staged(
            sessions="""
        patient_id | level_of_care | service_day
        p          | IOP           | 0
        p          | IOP           | 20
        p          | IOP           | 60
        """
        ),
        "retention_at_by_gap",
        study=study_of(retention={"days": [30]}),
    )
    found, expected = like(
        con,
        "retention_at_by_gap",
        """
        gap_days | at_day | retained
        14       | 30     | no
        30       | 30     | no
        45       | 30     | yes
        60       | 30     | yes
        """,
    )
    assert found == expected


def test_the_silence_of_the_study_is_the_one_that_pages_show():
    con = built(
        staged(sessions="patient_id | level_of_care | service_day\np | IOP | 0\np | IOP | 40"),
        "retention_at",
        study=study_of(retention={"days": [30], "gap_days": 40}),
    )
    assert con.execute("SELECT retained FROM retention_at").fetchall() == [(True,)]


def test_a_narrower_window_loses_the_score_that_a_wider_one_finds():
    con = scored(
        """
        patient_id | instrument_id | assessed_day | score
        p          | PHQ9          | 0            | 18
        p          | PHQ9          | 65           | 9
        p          | PHQ9          | 130          | 4
        """,
        sensitivity={"window_factors": [0.5, 1.5]},
    )
    rows = dict(con.execute("SELECT varied, followup_score FROM outcome_set_by_choice").fetchall())
    assert rows[""] == 9
    assert rows["scores from day 75 to 105"] is None
    assert rows["scores from day 45 to 135"] == 9


def test_a_first_score_on_day_three_counts_only_where_the_sensitivity_row_asks_for_it():
    con = scored("""
        patient_id | instrument_id | assessed_day | score
        p          | PHQ9          | 3            | 18
        p          | PHQ9          | 90           | 9
        """)
    rows = dict(con.execute("SELECT varied, improvement FROM outcome_set_by_choice").fetchall())
    assert rows[""] is None
    assert rows["score at start up to day 3"] == 9


def test_reliable_change_depends_on_the_reliability_that_is_used():
    con = scored("""
        patient_id | instrument_id | assessed_day | score
        p          | PHQ9          | 0            | 15
        p          | PHQ9          | 90           | 9
        """)
    rows = dict(con.execute("SELECT varied, reliably_improved FROM outcome_set_by_choice").fetchall())
    assert rows[""] is True
    assert rows["reliable by internal consistency"] is True
    assert rows["reliable by retest reliability"] is False  # six points, and the retest asks for 6.28


def test_the_last_score_in_care_is_at_most_a_week_after_the_last_contact():
    con = scored("""
        patient_id | instrument_id | assessed_day | score
        p          | PHQ9          | 0            | 15
        p          | PHQ9          | 14           | 12
        p          | PHQ9          | 27           | 10
        p          | PHQ9          | 28           | 2
        """)
    assert con.execute("SELECT last_score, last_day, improvement FROM last_care_scores").fetchall() == [(10, 27, 5)]


def test_the_last_score_before_the_window_tells_how_somebody_was_doing():
    con = scored(
        """
        patient_id | instrument_id | assessed_day | score
        p          | PHQ9          | 0            | 15
        p          | PHQ9          | 14           | 12
        p          | PHQ9          | 59           | 10
        p          | PHQ9          | 60           | 9
        p          | PHQ9          | 90           | 2
        """,
        sensitivity={"window_factors": [0.5, 1.5]},
    )
    told = (
        "SELECT varied, interim_improvement, interim_day FROM outcome_set_by_choice WHERE varied NOT LIKE 'reliable%'"
    )
    rows = {varied: (better, day) for varied, better, day in con.execute(told).fetchall()}
    assert rows[""] == (5, 59)
    assert rows["scores from day 75 to 105"] == (6, 60)
    assert rows["scores from day 45 to 135"] == (3, 14)


def test_a_first_score_is_no_later_one():
    con = scored("""
        patient_id | instrument_id | assessed_day | score
        p          | PHQ9          | 0            | 15
        p          | PHQ9          | 1            | 12
        p          | PHQ9          | 60           | 9
        """)
    told = con.execute("SELECT interim_improvement FROM outcome_set_by_choice WHERE varied = ''").fetchall()
    assert told == [(None,)]


def test_the_score_at_the_start_is_no_last_score():
    con = scored("""
        patient_id | instrument_id | assessed_day | score
        p          | PHQ9          | 0            | 15
        p          | PHQ9          | 1            | 12
        """)
    assert con.execute("SELECT COUNT(*) FROM last_care_scores").fetchall() == [(0,)]


def test_ever_started_counts_every_level_up_to_day_ninety():
    con = built(
        staged(
            sessions="""
        patient_id | level_of_care | service_day
        p          | IP            | 0
        p          | IOP           | 90
        q          | IP            | 0
        q          | IOP           | 91
        """
        ),
        "ever_started",
    )
    found, expected = like(
        con,
        "ever_started",
        """
        patient_id | arm
        p          | inpatient
        p          | iop
        q          | inpatient
        """,
    )
    assert found == expected


def test_a_death_after_the_start_is_known_by_its_day_however_it_was_learned():
    study = study_of(outcomes=ONE_OUTCOME)
    con = built(
        staged(
            sessions="""
        patient_id | level_of_care | service_day
        ann        | IOP           | 0
        ben        | IOP           | 10
        eve        | IOP           | 0
        """,
            followups="""
        patient_id | reached | alive | contact_day | source
        ann        | died    |       | 40          | registry
        ben        | reached | no    | 70          | survey
        eve        | reached | yes   | 70          | survey
        """,
        ),
        *("analysis_set", "outcome_set_by_choice", "retention_at_by_gap", "last_care_scores", "ever_started"),
        "known_deaths",
        study=study,
    )
    people = con.execute("SELECT episode_id, patient_id, arm FROM analysis_set").df().set_index("episode_id")
    deaths = other_choices(con, people["arm"], study).deaths
    days = {people.loc[one.episode_id, "patient_id"]: one.death_day for one in deaths.itertuples()}
    assert days == {"ann": 40, "ben": 60}
