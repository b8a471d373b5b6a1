"""What `carelevels init --from synthea` makes of Synthea's CSV export."""

import pytest

from tests.spec.recipe_rows import Begun

FILES = {
    "patients__csv": (
        "Id,BIRTHDATE,DEATHDATE,FIRST,LAST,MARITAL,RACE,GENDER,STATE\n"
        "p1,1980-04-09,,Ann3,Roe4,M,white,F,Massachusetts\n"
        "p2,1990-01-02,2025-03-01,Bo1,Doe2,,asian,M,Ohio\n"
    ),
    "encounters__csv": (
        "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,TOTAL_CLAIM_COST\n"
        "v1,2025-01-06T09:00:00Z,2025-01-06T12:00:00Z,p1,o1,t1,y1,ambulatory,555,120.50\n"
        "v2,2025-01-07T09:00:00Z,2025-01-07T10:00:00Z,p1,o1,t1,y1,emergency,777,80\n"
        "s1,2025-02-01T09:00:00Z,2025-02-09T12:00:00Z,p2,o2,t1,y2,inpatient,888,9000\n"
    ),
    "observations__csv": (
        "DATE,PATIENT,CODE,VALUE\n2025-01-06T09:00:00Z,p1,44261-6,14.0\n2025-01-06T09:00:00Z,p1,8302-2,170\n"
    ),
    "payers__csv": "Id,NAME\ny1,Medicaid\ny2,Humana\n",
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    return Begun(tmp_path_factory.mktemp("synthea") / "study", "synthea", level='"555" = "IOP"', **FILES)


def test_names_stay_behind_and_states_become_their_codes(begun):
    assert begun.column("patients", "patient_id", "state", "marital", "race_ethnicity") == [
        ("p1", "MA", "married", "WHITE"),
        ("p2", "OH", None, "ASIAN"),
    ]


def test_a_level_is_what_a_line_names_and_an_emergency(begun):
    assert begun.column("sessions", "session_id", "level_of_care") == [("v1", "IOP"), ("v2", "ED")]


def test_a_hospital_stay_is_an_episode_of_no_level_until_a_line_names_it(begun):
    assert begun.column("episodes", "episode_id", "level_of_care", "end_day - start_day", "payer") == [
        ("s1", None, 8, "commercial")
    ]


def test_totals_by_loinc_are_assessments_and_nothing_else_is(begun):
    assert begun.column("assessments", "patient_id", "instrument_id", "score") == [("p1", "PHQ9", 14)]


def test_what_was_charged_is_in_the_prices_of_its_year(begun):
    assert begun.column("costs", "amount", "amount_kind", "price_year") == [
        (80, "charge", 2025),
        (120.5, "charge", 2025),
        (9000, "charge", 2025),
    ]


def test_a_death_is_told_as_one(begun):
    assert begun.column("followups", "patient_id", "reached") == [("p2", "died")]
