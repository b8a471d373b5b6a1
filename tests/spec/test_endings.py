"""How and when an episode ended: by its last contact, never by the closure of its chart."""

import pytest

from tests.spec.staged import built, like, staged


def test_an_episode_ends_with_its_last_contact_and_the_closure_of_the_chart_is_only_a_lag():
    con = built(staged(sessions="""
        patient_id | level_of_care | service_day | episode_id
        ann        | IOP           | 0           | e1
        ann        | IOP           | 9           | e1
        """, episodes="""
        episode_id | patient_id | start_day | end_day
        e1         | ann        | 0         | 12
        """, discharges="""
        episode_id | discharge_day | ending      | destination_level
        e1         | 40            | dropped_out | OP
        """), "endings")
    found, expected = like(con, "endings", """
        episode_id  | last_contact_day | ending      | planned | closure_lag | destination_level | source
        ann/P/IOP/0 | 9                | dropped_out | no      | 31          | OP                | discharge
        """)
    assert found == expected


@pytest.mark.parametrize(("ending", "flag", "planned"), [
    ("completed", "", True), ("transferred", "", True), ("ama", "", False), ("terminated", "", False), ("incarcerated", "", False),
    ("died", "", None), ("moved_or_payer", "", None), ("other", "", None), ("unknown", "", None), ("completed", "no", False),
    ("dropped_out", "yes", True)])
def test_an_ending_is_planned_as_the_program_says_or_else_by_its_kind(ending, flag, planned):
    con = built(staged(episodes="""
        episode_id | patient_id | level_of_care | start_day | end_day
        e1         | ann        | IOP           | 0         | 9
        """, discharges=f"""
        episode_id | ending   | planned_ending
        e1         | {ending} | {flag}
        """), "endings")
    assert con.execute("SELECT ending, planned FROM endings").fetchall() == [(ending, planned)]


@pytest.mark.parametrize(("back", "ending", "source"), [(44, "transferred", "went on"), (45, "dropped_out", "came back")])
def test_a_recorded_ending_belongs_to_the_last_of_the_stays_that_share_it(back, ending, source):
    con = built(staged(sessions=f"""
        patient_id | level_of_care | service_day | episode_id
        ann        | IOP           | 0           | e1
        ann        | IOP           | 30          | e1
        ann        | OP            | {back}      | e1
        """, episodes="""
        episode_id | patient_id | start_day
        e1         | ann        | 0
        """, discharges="""
        episode_id | ending
        e1         | completed
        """), "endings")
    found, expected = like(con, "endings", f"""
        episode_id       | ending    | source    | planned
        ann/P/IOP/0      | {ending}  | {source}  | {"yes" if ending == "transferred" else "no"}
        ann/P/OP/{back}  | completed | discharge | yes
        """)
    assert found == expected


@pytest.mark.parametrize(("seen_to", "ending", "source"), [(39, "in_care", "end of the data"), (40, "unknown", "none")])
def test_without_a_discharge_an_episode_is_in_care_until_its_silence_is_over(seen_to, ending, source):
    con = built(staged(sessions="""
        patient_id | level_of_care | service_day
        ann        | IOP           | 10
        """, patients=f"""
        patient_id | observed_to_day
        ann        | {seen_to}
        """), "endings")
    found, expected = like(con, "endings", f"""
        last_contact_day | ending   | planned | closure_lag | source
        10               | {ending} |         |             | {source}
        """)
    assert found == expected
