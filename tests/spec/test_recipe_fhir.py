"""What `carelevels init --from fhir` makes of a bulk export: one resource a line, as US Core and most servers write it."""

import json

import pytest

from tests.spec.recipe_rows import Begun

CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
FEARS = ("69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7")
RISK = ("93246-7", "93247-5", "93248-3", "93249-1", "93250-9", "93267-3")
ANSWERS = ("LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9")


def lines(*resources):
    return "".join(json.dumps(one) + "\n" for one in resources)


def person(who, *, race="2106-3", hispanic=False, **more):
    origin = {"url": "ombCategory", "valueCoding": {"code": "2135-2" if hispanic else "2186-5"}}
    extension = [
        {"url": f"{CORE}ethnicity", "extension": [origin]},
        {"url": f"{CORE}race", "extension": [{"url": "ombCategory", "valueCoding": {"code": race}}]},
    ]
    return {"id": who, "gender": "female", "birthDate": "1980-04-09", "extension": extension} | more


def encounter(name, who, kind, day, *, type_=None, end=None, **more):
    return {
        "id": name,
        "status": "finished",
        "class": {"code": kind},
        "subject": {"reference": f"Patient/{who}"},
        "serviceProvider": {"reference": "Organization/o1"},
        "period": {"start": f"{day}T09:00:00-05:00", "end": end or f"{day}T12:00:00-05:00"},
        "type": [{"coding": [type_ or {"code": "visit"}]}],
    } | more


def total(code, who, score, **more):
    coding = [{"system": "urn:local", "code": "q"}, {"system": "http://loinc.org", "code": code}]
    return {
        "status": "final",
        "code": {"coding": coding},
        "subject": {"reference": f"Patient/{who}"},
        "effectiveDateTime": "2025-01-06T10:00:00-05:00",
    } | (more or {"valueQuantity": {"value": score}})


def answered(who, items):
    return {"status": "completed", "subject": {"reference": f"Patient/{who}"}, "authored": "2025-01-06", "item": items}


def item(code, answer):
    return {"linkId": f"/{code}", "answer": [answer]}


PEOPLE = lines(
    person("p1"),
    person("p2", race="2054-5", hispanic=True),
    person("p3", race="2028-9", deceasedDateTime="2025-03-01T00:00:00-05:00"),
)
CODED = [{"valueCoding": {"code": ANSWERS[place % 4]}} for place in range(7)]


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    visits = lines(
        encounter("v1", "p1", "AMB", "2025-01-06", type_={"system": HCPCS, "code": "S9480"}),
        encounter("v2", "p2", "VR", "2025-01-07"),
        encounter("v3", "p2", "EMER", "2025-01-08"),
        encounter("v4", "p3", "AMB", "2025-01-09", type_={"code": "day-program"}),
        encounter("v5", "p3", "AMB", "2025-01-10", status="cancelled"),
        encounter("s1", "p1", "IMP", "2025-02-01", end="2025-02-09T10:00:00-05:00", type_={"code": "ward-7"}),
    )
    nested = answered("p2", [{"linkId": "group", "item": [item(c, {"valueInteger": 1}) for c in FEARS]}])
    said = [{"valueCoding": {"code": "LA33-6" if yes == "y" else "LA32-8"}} for yes in "yynyn"] + [
        {"valueBoolean": True}
    ]
    screened = answered("p1", [item(code, answer) for code, answer in zip(RISK, said, strict=True)])
    return Begun(
        tmp_path_factory.mktemp("fhir") / "study",
        "fhir",
        level='"ward-7" = "IP"\n"day-program" = "PHP"',
        Patient__ndjson=PEOPLE,
        Encounter__000__ndjson=visits,
        Observation__ndjson=lines(
            total("44261-6", "p1", 18),
            total("70274-6", "p1", 0, valueInteger=9),
            total("101698-9", "p1", 41),
            total("101697-1", "p1", 5),
            total("8302-2", "p1", 170),
            total("44261-6", "p2", 3, valueInteger=3, status="entered-in-error"),
        ),
        QuestionnaireResponse__ndjson=lines(
            answered("p3", [item(code, answer) for code, answer in zip(FEARS, CODED, strict=True)]), nested, screened
        ),
    )


def test_race_and_ethnicity_are_read_by_their_names_not_by_their_place(begun):
    assert begun.column("patients", "patient_id", "race_ethnicity") == [
        ("p1", "WHITE"),
        ("p2", "HISP"),
        ("p3", "ASIAN"),
    ]


def test_of_a_date_of_birth_the_year_is_kept(begun):
    assert {year for _, year in begun.column("patients", "patient_id", "birth_year")} == {1980}


def test_a_billing_code_of_an_encounter_is_kept_for_the_level(begun):
    assert begun.column("sessions", "session_id", "cpt_hcpcs")[0] == ("v1", "S9480")


def test_only_a_level_that_somebody_named_is_a_level_and_an_emergency_is_one(begun):
    assert begun.column("sessions", "session_id", "level_of_care") == [
        ("v1", None),
        ("v2", None),
        ("v3", "ED"),
        ("v4", "PHP"),
    ]


def test_a_stay_overnight_is_one_episode_with_its_two_days(begun):
    assert begun.column("episodes", "episode_id", "level_of_care", "end_day - start_day") == [("s1", "IP", 8)]


def test_visits_by_video_are_told_from_those_in_person(begun):
    assert [modality for _, modality in begun.column("sessions", "session_id", "modality")][:2] == [
        "in_person",
        "video",
    ]


def test_minutes_lie_between_the_two_ends_of_a_period(begun):
    assert begun.column("sessions", "session_id", "minutes_attended")[0] == ("v1", 180)


def test_totals_are_taken_by_loinc_of_whatever_type_their_value_is_and_errors_are_left_out(begun):
    found = begun.column("assessments", "patient_id", "instrument_id", "score", by="patient_id, instrument_id")
    assert found[:4] == [("p1", "CSSRS", 4), ("p1", "GAD7", 9), ("p1", "PCL5", 41), ("p1", "PHQ9", 18)]
    assert len(found) == 6


def test_items_of_a_form_make_its_total_coded_or_counted_flat_or_in_groups(begun):
    found = begun.column("assessments", "patient_id", "score", "n_items_answered", "item_4", by="patient_id, score")
    assert found[-2:] == [("p2", 7, 7, 1), ("p3", 9, 7, 3)]


def test_of_a_suicide_screener_the_worst_ideation_counts_and_behavior_goes_on_as_its_last_item(begun):
    [screener] = [row for row in begun.column("assessments", "instrument_id", "score", "item_6") if row[0] == "CSSRS"]
    assert screener == ("CSSRS", 4, 1)


def test_a_death_is_told_as_one(begun):
    assert begun.column("followups", "patient_id", "reached", "alive") == [("p3", "died", False)]


def test_what_an_export_does_not_have_is_told_and_is_no_fault(begun):
    assert any("EpisodeOfCare" in note and "optional" in note for note in begun.report.lines())


def test_an_episode_of_care_brings_its_payer_diagnosis_and_referral(tmp_path):
    whose = {
        "patient": {"reference": "Patient/p1"},
        "managingOrganization": {"reference": "Organization/o1/_history/2"},
    }
    episode = {
        "id": "e1",
        "status": "finished",
        "type": [{"coding": [{"code": "track-b"}]}],
        "diagnosis": [{"condition": {"reference": "Condition/c1"}}],
        "period": {"start": "2025-01-06", "end": "2025-02-14"},
    } | whose
    coded = {
        "coding": [
            {"system": "http://snomed.info/sct", "code": "1"},
            {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F33.1"},
        ]
    }
    begun = Begun(
        tmp_path / "study",
        "fhir",
        level='"track-b" = "IOP"',
        Patient__ndjson=lines(person("p1")),
        EpisodeOfCare__ndjson=lines(episode),
        Condition__ndjson=lines({"id": "c1", "code": coded}),
        Coverage__ndjson=lines({"beneficiary": {"reference": "Patient/p1"}, "type": {"coding": [{"code": "21"}]}}),
        ServiceRequest__ndjson=lines(
            {"subject": {"reference": "Patient/p1"}, "code": {"coding": [{"code": "track-b"}]}}
        ),
    )
    columns = ("program_id", "level_of_care", "recommended_level", "payer", "primary_dx")
    assert begun.column("episodes", *columns) == [("o1", "IOP", "IOP", "medicaid", "F33.1")]
    assert begun.column("episodes", "sud_flag", "trauma_flag", "psychosis_flag") == [(False, False, False)]
