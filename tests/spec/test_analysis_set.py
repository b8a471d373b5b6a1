"""What was known about each person on day 0, and what nobody recorded."""

import pytest

from tests.spec.staged import built, like, staged, study_of


def people(sessions="patient_id | level_of_care\nann | IOP", *, study=None, calendar=False, **tables):
    return built(staged(calendar, sessions=sessions, **tables), "analysis_set", study=study)


def test_the_diagnosis_group_is_the_block_of_the_primary_diagnosis():
    con = built(
        staged(
            episodes="""
        episode_id | patient_id | level_of_care | start_day | primary_dx
        F09        | p01        | IOP           | 0         | F09
        F10.2      | p02        | IOP           | 0         | F10.2
        F19        | p03        | IOP           | 0         | F19
        F20        | p04        | IOP           | 0         | F20
        F29        | p05        | IOP           | 0         | F29
        F30        | p06        | IOP           | 0         | F30
        F33.1      | p07        | IOP           | 0         | F33.1
        f39        | p08        | IOP           | 0         | f39
        F40        | p09        | IOP           | 0         | F40
        F431       | p10        | IOP           | 0         | F431
        F44        | p11        | IOP           | 0         | F44
        F48        | p12        | IOP           | 0         | F48
        F49        | p13        | IOP           | 0         | F49
        F50.0      | p14        | IOP           | 0         | F50.0
        F51        | p15        | IOP           | 0         | F51
        F60        | p16        | IOP           | 0         | F60
        F69        | p17        | IOP           | 0         | F69
        F70        | p18        | IOP           | 0         | F70
        Z63        | p19        | IOP           | 0         | Z63
        none       | p20        | IOP           | 0         |
        """
        ),
        "analysis_set",
    )
    found, expected = like(
        con,
        "analysis_set",
        """
        episode_id | diagnosis_group
        F09        | other
        F10.2      | substance
        F19        | substance
        F20        | psychosis
        F29        | psychosis
        F30        | mood
        F33.1      | mood
        f39        | mood
        F40        | anxiety
        F431       | trauma
        F44        | anxiety
        F48        | anxiety
        F49        | other
        F50.0      | eating
        F51        | other
        F60        | personality
        F69        | personality
        F70        | other
        Z63        | other
        none       |
        """,
    )
    assert found == expected


TWO = """
    patient_id | level_of_care
    ann        | IOP
    bob        | IOP
    """


def test_suicide_risk_has_one_source_for_the_whole_study_the_first_recorded_for_anybody():
    con = people(
        TWO,
        assessments="""
        patient_id | instrument_id | assessed_day | score | item_9
        ann        | PHQ9          | 0            | 20    | 3
        bob        | PHQ9          | 0            | 12    | 1
        bob        | CSSRS         | -7           | 4     |
        ann        | CSSRS         | 2            | 5     |
        """,
    )
    found, expected = like(
        con,
        "analysis_set",
        """
        patient_id | suicide_risk | suicide_risk_source
        ann        |              |
        bob        | 4.0          | CSSRS
        """,
    )
    assert found == expected


def test_without_the_first_instrument_the_next_of_the_list_is_used_and_an_unanswered_item_is_never_filled_in():
    con = people(
        TWO,
        assessments="""
        patient_id | instrument_id | assessed_day | score | item_9
        ann        | PHQ9          | 0            | 20    |
        ann        | PHQ9          | -5           | 20    | 2
        ann        | PHQ9          | -6           | 20    | 3
        bob        | PHQ9          | 1            | 12    |
        """,
    )
    found, expected = like(
        con,
        "analysis_set",
        """
        patient_id | suicide_risk | suicide_risk_source
        ann        | 2.0          | PHQ9:item_9
        bob        |              |
        """,
    )
    assert found == expected


def test_functioning_and_suicide_risk_choose_their_source_each_for_itself():
    con = people(
        assessments="""
        patient_id | instrument_id | assessed_day | score | item_9
        ann        | PHQ9          | 0            | 20    | 3
        ann        | WSAS          | 0            | 25    |
        ann        | WHODAS12      | 0            | 30    |
        """
    )
    found, expected = like(
        con,
        "analysis_set",
        """
        suicide_risk | suicide_risk_source | function_score | function_source
        3.0          | PHQ9:item_9         | 25.0           | WSAS
        """,
    )
    assert found == expected


def test_the_study_chooses_the_instruments_and_their_order():
    con = people(
        assessments="""
        patient_id | instrument_id | assessed_day | score
        ann        | WSAS          | 0            | 25
        ann        | WHODAS12      | 0            | 30
        """,
        study=study_of(confounders={"instruments": {"function": ["WHODAS12", "WSAS"]}}),
    )
    assert con.execute("SELECT function_score, function_source FROM analysis_set").fetchall() == [(30.0, "WHODAS12")]


@pytest.mark.parametrize(
    ("stay", "seen_from", "known"),
    [((-400, -366), -365, False), ((-400, -365), -365, True), ((-365, -300), -365, True), ((-364, -300), -364, None)],
)
def test_24_hour_care_in_the_year_before_is_derived_only_where_the_whole_year_was_observable(stay, seen_from, known):
    con = people(
        episodes=f"""
        episode_id | patient_id | level_of_care | start_day | end_day
        e1         | ann        | RES           | {stay[0]} | {stay[1]}
        """,
        patients=f"""
        patient_id | observed_from_day
        ann        | {seen_from}
        """,
    )
    assert con.execute("SELECT prior_24h_care FROM analysis_set WHERE level_of_care = 'IOP'").fetchall() == [(known,)]
    assert con.execute("SELECT source FROM prior_care").fetchall() == [(None if known is None else "derived",)]


def test_the_index_stay_itself_and_other_peoples_stays_are_no_earlier_24_hour_care():
    con = people(
        """
        patient_id | level_of_care | service_day | status
        ann        | RES           | 0           | bed_day
        ann        | IP            | 1           | bed_day
        bob        | IP            | -90         | bed_day
        cem        | OP            | -90         | attended
        cem        | IOP           | 0           | attended
        """,
        patients="""
        patient_id | observed_from_day
        ann        | -500
        bob        | -500
        cem        | -449
        """,
    )
    found, expected = like(
        con,
        "analysis_set",
        """
        patient_id | prior_24h_care
        ann        | no
        bob        | no
        cem        |
        """,
    )
    assert found == expected


def test_what_the_program_recorded_about_earlier_24_hour_care_comes_first():
    con = people(
        episodes="""
        episode_id | patient_id | program_id | start_day | end_day | prior_24h_care_12m
        e1         | ann        | P          | 0         | 9       | yes
        """
    )
    assert con.execute("SELECT prior_24h_care FROM analysis_set").fetchall() == [(True,)]


def test_modality_is_that_of_the_first_attended_service_and_24_hour_care_is_in_person():
    con = people("""
        session_id | patient_id | level_of_care | service_day | status   | modality
        s1         | ann        | IOP           | 0           | no_show  | phone
        s2         | ann        | IOP           | 0           | attended | video
        s3         | ann        | IOP           | 2           | attended | in_person
        s4         | bob        | IOP           | 0           | attended |
        s5         | bob        | IOP           | 1           | attended | video
        s6         | cem        | RES           | 0           | bed_day  |
        """)
    found, expected = like(
        con,
        "analysis_set",
        """
        patient_id | baseline_modality
        ann        | video
        bob        |
        cem        | in_person
        """,
    )
    assert found == expected


@pytest.mark.parametrize(
    ("row", "calendar", "age"),
    [("42 | 1950", True, 42.0), (" | 1950", True, 75.0), (" | 1950", False, 74.0), (" | ", True, None)],
)
def test_age_is_as_recorded_or_from_the_year_of_birth_and_the_year_of_the_start(row, calendar, age):
    con = people(
        "patient_id | level_of_care | service_day\nann | IOP | 20269",
        calendar=calendar,
        patients=f"""
        patient_id | age_at_index | birth_year
        ann        | {row}
        """,
        episodes="""
        episode_id | patient_id | start_day | admit_year
        e1         | ann        | 20269     | 2024Q4
        """,
    )
    assert con.execute("SELECT age FROM analysis_set").fetchall() == [(age,)]


def test_what_nobody_recorded_is_null_and_never_no():
    con = people()
    names = (
        "period age sex race_ethnicity payer referral_source diagnosis_group housing prior_episodes sud trauma"
        " psychosis baseline_modality suicide_risk suicide_risk_source function_score function_source track"
        " planned_weeks recommended_level"
    )
    assert con.execute(f"SELECT {', '.join(names.split())} FROM analysis_set").fetchall() == [
        (None,) * len(names.split())
    ]
