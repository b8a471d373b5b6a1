"""What is set apart, what is only pointed out, and what stops the run."""

from hashlib import md5

import pytest

from pipeline.errors import StructureError
from pipeline.schema import TABLES
from tests.unit.ingest.deliveries import HONEST, counts, delivery, ingested, rows, rules_of

CARE = ("patients", "episodes", "sessions")


def with_row(table, row):
    """The honest rows of a table and one more."""
    return {table: HONEST[table] + "\n        " + row}


SET_APART = {
    "a session without its person": ("sessions", "s9,,,g1,2025-01-06,attended,60,60,", "patient_id_missing"),
    "a session without a day": ("sessions", "s9,p1,,g1,,attended,60,60,", "service_missing"),
    "a day that is not in the calendar": ("sessions", "s9,p1,,g1,2025-02-30,attended,60,60,", "service_not_read"),
    "a day written month first": ("sessions", "s9,p1,,g1,02/03/2025,attended,60,60,", "service_not_read"),
    "a day of the far future": ("sessions", "s9,p1,,g1,9999-12-31,attended,60,60,", "service_outside_range"),
    "a status of another system": ("sessions", "s9,p1,,g1,2025-01-06,arrived,60,60,", "status_outside_vocabulary"),
    "a session of somebody unknown": ("sessions", "s9,p99,,g1,2025-01-06,attended,60,60,", "patient_id_unknown"),
    "an episode that ends before it starts": (
        "episodes",
        "e9,p1,g1,IOP,2025-02-01,2025-01-31,none,F33.1",
        "ends_before_it_starts",
    ),
    "a PHQ-9 of 28": ("assessments", "p1,PHQ9,2025-03-01,28,during", "score_outside_instrument"),
    "a PHQ-9 of -9": ("assessments", "p1,PHQ9,2025-03-01,-9,during", "score_outside_instrument"),
    "an instrument nobody knows": ("assessments", "p1,PHQ99,2025-03-01,8,during", "unknown_instrument"),
    "a discharge of an unknown episode": ("discharges", "e99,2025-03-01,completed", "episode_id_unknown"),
    "a follow-up nobody described": ("followups", "p1,90d,2025-04-09,,,,survey", "reached_missing"),
    "a cost without a price year": ("costs", "p1,2025-01-06,350,paid,USD,,payer", "price_year_missing"),
}


@pytest.mark.parametrize("case", SET_APART)
def test_one_row_is_set_apart_and_the_others_go_on(tmp_path, case):
    table, row, rule = SET_APART[case]
    con, report = ingested(delivery(tmp_path, only={*CARE, table}, **with_row(table, row)))
    assert {key: count for key, count in rules_of(report).items() if key[0] == table} == {(table, rule): 1}
    honest = HONEST[table].count("\n")
    assert counts(report)[table] == (honest + 1, honest, 1, 0, 0)
    assert rows(con, f"SELECT source_row FROM quarantine.{table}") == [(honest + 2,)]


CELL_LEFT_OUT = {
    "minutes in words": ("sessions", "s9,p1,,g1,2025-01-06,attended,60,one hour,", "minutes_attended_not_read"),
    "minutes that are not a number": ("sessions", "s9,p1,,g1,2025-01-06,attended,60,inf,", "minutes_attended_not_read"),
    "negative minutes": ("sessions", "s9,p1,,g1,2025-01-06,attended,60,-9,", "minutes_attended_outside_range"),
    "more minutes than a day has": (
        "sessions",
        "s9,p1,,g1,2025-01-06,attended,60,1441,",
        "minutes_attended_outside_range",
    ),
    "a procedure code in words": (
        "sessions",
        "s9,p1,,g1,2025-01-06,attended,60,60,group therapy",
        "cpt_hcpcs_not_read",
    ),
    "a year of birth before 1900": ("patients", "p5,1899,F,WHITE,OH,452", "birth_year_outside_range"),
    "a year of birth with a fraction": ("patients", "p5,1980.5,F,WHITE,OH,452", "birth_year_not_read"),
    "a year of birth 999": ("patients", "p5,999,F,WHITE,OH,452", "birth_year_outside_range"),
    "a ZIP area with letters": ("patients", "p5,1980,F,WHITE,OH,4A2", "zip3_not_read"),
    "a sex of another system": ("patients", "p5,1980,female,WHITE,OH,452", "sex_outside_vocabulary"),
    "an open end written as the last day that a computer knows": (
        "episodes",
        "e9,p1,g1,IOP,2025-02-01,9999-12-31,none,F33.1",
        "end_outside_range",
    ),
    "an open end written with zeros": ("episodes", "e9,p1,g1,IOP,2025-02-01,0000-00-00,none,F33.1", "end_not_read"),
    "an open end written infinity": ("episodes", "e9,p1,g1,IOP,2025-02-01,infinity,none,F33.1", "end_not_read"),
    "an end with a year mistyped by a century": (
        "episodes",
        "e8,p2,g1,IOP,2025-02-01,2025-02-02,none,F33.1\n        e7,p3,g1,IOP,2025-02-01,2025-02-02,none,F33.1"
        "\n        e9,p1,g1,IOP,2025-02-01,2052-02-01,none,F33.1",
        "end_far_from_the_rest",
    ),
    "a diagnosis by ICD-9": ("episodes", "e9,p1,g1,IOP,2025-02-01,2025-02-02,none,296.32", "primary_dx_not_read"),
    "a payer of another system": (
        "episodes",
        "e9,p1,g1,IOP,2025-02-01,2025-02-02,Blue Shield,F33.1",
        "payer_outside_vocabulary",
    ),
}


@pytest.mark.parametrize("case", CELL_LEFT_OUT)
def test_an_optional_cell_that_cannot_be_used_costs_the_cell_and_neither_the_row_nor_the_person(tmp_path, case):
    table, row, rule = CELL_LEFT_OUT[case]
    con, report = ingested(delivery(tmp_path, only={*CARE, table}, **with_row(table, row)))
    assert (rules_of(report)[table, rule], report.quarantined) == (1, 0)
    sent = with_row(table, row)[table].count("\n")
    assert counts(report)[table] == (sent, sent, 0, 0, 0)
    column = {one.name: one.staged for one in TABLES[table].columns}[
        rule.split("_not")[0].split("_out")[0].split("_far")[0]
    ]
    assert rows(con, f"SELECT {column} FROM staging.{table} ORDER BY source_row DESC LIMIT 1") == [(None,)]


POINTED_OUT = {
    "attended longer than scheduled": (
        "sessions",
        "s9,p1,e1,g1,2025-01-09,attended,60,91,",
        "attended_longer_than_scheduled",
    ),
    "minutes of a session that did not happen": (
        "sessions",
        "s9,p1,e1,g1,2025-01-09,no_show,60,30,",
        "minutes_without_attendance",
    ),
    "no minutes and no per-diem code": (
        "sessions",
        "s9,p1,e1,g1,2025-01-09,attended,,,90853",
        "minutes_scheduled_missing",
    ),
    "a session 15 days before its episode": (
        "sessions",
        "s9,p1,e1,g1,2024-12-22,attended,60,60,",
        "session_outside_episode",
    ),
    "a session 15 days after its episode": (
        "sessions",
        "s9,p1,e1,g1,2025-03-01,attended,60,60,",
        "session_outside_episode",
    ),
    "999 minutes": ("sessions", "s9,p1,e1,g1,2025-01-09,attended,999,60,", "minutes_scheduled_may_mean_missing"),
    "a stay of more than a year": ("episodes", "e9,p1,g1,IOP,2025-01-01,2026-01-02,none,F33.1", "very_long_stay"),
    "a form for adults given to a minor": (
        "assessments",
        "p5,PHQ9,2025-03-01,8,during",
        "adult_instrument_for_a_minor",
    ),
    "a discharge score before the intake score": (
        "assessments",
        "p1,PHQ9,2025-01-05,8,discharge",
        "discharge_score_before_intake",
    ),
    "a program with a name for a code": ("programs", "g3,OP,Oak House", "site_may_be_a_name"),
    "completed after one contact": ("discharges", "e4,2025-03-01,completed", "completed_with_few_contacts"),
}
SETTING = {
    "a form for adults given to a minor": with_row("patients", "p5,2010,F,WHITE,OH,452"),
    "completed after one contact": with_row("episodes", "e4,p4,g2,OP,2025-06-16,2025-06-16,none,F33.1"),
}


@pytest.mark.parametrize("case", POINTED_OUT)
def test_one_row_is_pointed_out_and_kept(tmp_path, case):
    table, row, rule = POINTED_OUT[case]
    _, report = ingested(delivery(tmp_path, only={*CARE, table}, **SETTING.get(case, {}), **with_row(table, row)))
    assert rules_of(report) == {(table, rule): 1}
    assert report.quarantined == 0


@pytest.mark.parametrize(
    "row",
    [
        "s9,p1,e1,g1,2025-02-28,attended,60,60,",
        "s9,p1,e1,g1,2024-12-23,attended,60,90,",
        "s9,p1,e1,g1,2025-01-09,attended,,,S9480",
        "s9,p1,e1,g1,2025-01-09,bed_day,,,",
    ],
)
def test_what_lies_on_the_line_is_fine(tmp_path, row):
    _, report = ingested(delivery(tmp_path, only=CARE, **with_row("sessions", row)))
    assert report.breaches == ()


@pytest.mark.parametrize(("born", "told"), [(2006, 0), (2007, 0), (2008, 1)])
def test_by_year_of_birth_only_who_cannot_have_been_18_is_called_under_18(tmp_path, born, told):
    people = with_row("patients", f"p5,{born},F,WHITE,OH,452")
    score = with_row("assessments", "p5,PHQ9,2025-03-01,8,during")
    _, report = ingested(delivery(tmp_path, only={*CARE, "assessments"}, **people, **score))
    assert rules_of(report) == ({("assessments", "adult_instrument_for_a_minor"): told} if told else {})


@pytest.mark.parametrize(
    ("level", "end", "told"), [("RES", "2025-06-20", 0), ("RES", "2025-06-16", 1), ("OP", "2025-06-20", 1)]
)
def test_a_completed_residential_stay_of_some_nights_needs_no_contacts(tmp_path, level, end, told):
    stay = with_row("episodes", f"e4,p4,g2,{level},2025-06-16,{end},none,F33.1")
    ending = with_row("discharges", f"e4,{end},completed")
    _, report = ingested(delivery(tmp_path, only={*CARE, "discharges"}, **stay, **ending))
    assert rules_of(report) == ({("discharges", "completed_with_few_contacts"): told} if told else {})


@pytest.mark.parametrize(("other", "alike"), [("North", 2), ("north ", 0), ("NORTH-", 2), ("north2", 0)])
def test_two_sites_that_differ_in_capitals_and_marks_alone_are_pointed_out(tmp_path, other, alike):
    programs = HONEST["programs"].replace("south", other)
    _, report = ingested(delivery(tmp_path, only={*CARE, "programs"}, programs=programs))
    assert rules_of(report) == ({("programs", "sites_alike"): alike} if alike else {})


def test_ids_of_32_hexadecimal_digits_are_pointed_out_also_where_somebody_vouches_for_them(tmp_path):
    sessions = HONEST["sessions"]
    for number in range(1, 9):
        sessions = sessions.replace(f"        s{number},", f"        {md5(bytes([number])).hexdigest()},")
    vouched = '[study]\nname = "t"\n[identifiers]\nharmless = ["sessions.session_id"]\n'
    _, report = ingested(delivery(tmp_path, vouched, only=CARE, sessions=sessions))
    assert rules_of(report) == {("sessions", "session_id_looks_hashed"): 8}


def test_two_stays_on_one_day_are_pointed_out(tmp_path):
    _, report = ingested(
        delivery(
            tmp_path,
            only=CARE,
            sessions=HONEST["sessions"]
            + "\n        b1,p4,,g1,2025-07-01,bed_day,,,\n        b2,p4,,g2,2025-07-01,bed_day,,,",
            episodes=HONEST["episodes"]
            + """
        e7,p4,g1,RES,2025-07-01,2025-07-20,none,F33.1
        e8,p4,g2,IP,2025-07-20,2025-07-25,none,F33.1
        e9,p4,g2,IP,2025-07-24,2025-07-30,none,F33.1""",
        )
    )
    assert rules_of(report) == {("sessions", "two_stays_on_one_day"): 2, ("episodes", "two_stays_on_one_day"): 1}


STOPS = {
    "day numbers and dates in one file": (
        {
            "sessions": (
                "session_id,patient_id,program_id,service_date,service_day,status\ns1,p1,g1,2025-01-06,5,attended"
            )
        },
        "sessions.csv has both service_day and service_date",
    ),
    "day numbers in one file and dates in another": (
        {"sessions": "session_id,patient_id,program_id,service_day,status\ns1,p1,g1,5,attended"},
        "days are dates in episodes.csv and day numbers in sessions.csv",
    ),
    "a column called a date that holds day numbers": (
        {"sessions": "session_id,patient_id,program_id,service_date,status\ns1,p1,g1,5,attended"},
        '"service_date" is called a date and holds whole numbers',
    ),
    "a column of dates written month first": (
        {"sessions": "session_id,patient_id,program_id,service_date,status\ns1,p1,g1,01/06/2025,attended"},
        'sessions.csv: "service_date" holds dates that are not written year-month-day',
    ),
    "two exports with different ids": (
        {
            "sessions": (
                "session_id,patient_id,program_id,service_date,status\ns1,x1,g1,2025-01-06,attended\ns2,x2,g1,2025-01-06,attended"
            )
        },
        "sessions.csv: not one of its 2 rows has a patient_id that is in patients",
    ),
    "no usable person": (
        {"patients": "patient_id,sex\n,F\n,M"},
        "patients.csv: none of its 2 rows can be used, for the reasons below",
    ),
    "K10 scored 0-40 under 10-50": (
        {"assessments": "patient_id,instrument_id,assessed_date,score\np1,K10,2025-01-06,7"},
        (
            "assessments.csv: 1 totals of K10 lie below 10, although it is declared as 10–50: they can only come from"
            " the form scored 0-40"
        ),
    ),
}


@pytest.mark.parametrize("case", STOPS)
def test_the_run_stops_before_anything_counts(tmp_path, case):
    changed, said = STOPS[case]
    with pytest.raises(StructureError) as caught:
        ingested(delivery(tmp_path, only=CARE, **changed))
    assert said in str(caught.value)


def test_dates_are_refused_under_day_numbers(tmp_path):
    with pytest.raises(StructureError, match=r'dates are not allowed under .study. regime = "relative-days"'):
        ingested(delivery(tmp_path, '[study]\nname = "t"\nregime = "relative-days"\n', only=CARE))


def test_observation_is_required_under_day_numbers(tmp_path):
    with pytest.raises(StructureError, match=r'patients\.csv has no column "observed_from_day"'):
        ingested(
            delivery(
                tmp_path,
                '[study]\nname = "t"\nregime = "relative-days"\n',
                only=("patients",),
                sessions="session_id,patient_id,program_id,service_day,status\ns1,p1,g1,5,attended",
            )
        )


def test_a_missing_column_is_answered_with_the_lines_to_add(tmp_path):
    with pytest.raises(StructureError) as caught:
        ingested(
            delivery(
                tmp_path,
                only=("patients",),
                sessions="""visit_id,patient_id,program_id,dos,status
            v1,p1,g1,2025-01-06,attended""",
            )
        )
    assert (
        str(caught.value)
        == """the raw files cannot be read as they are; nothing was replaced:
sessions.csv has no column "session_id".
  Its columns are: visit_id, patient_id, program_id, dos, status
  If "visit_id" is random token made by the site, add to study.toml:
      [columns.sessions]
      session_id = "visit_id"
sessions.csv has no column "service_day" or "service_date".
  Its columns are: visit_id, patient_id, program_id, dos, status
  If "dos" is the day it was scheduled for, add to study.toml:
      [columns.sessions]
      service_date = "dos\""""
    )


def test_a_first_row_that_may_be_a_person_is_not_shown(tmp_path):
    with pytest.raises(StructureError) as caught:
        ingested(delivery(tmp_path, only=("sessions",), patients="Patricia,Hernandez,F\nRobert,Johnson,M"))
    assert "may be a record" in str(caught.value)
    assert "Hernandez" not in str(caught.value)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (
            '[columns.sessions]\nservice_dat = "dos"\n',
            "sessions has no such column of ours; did you mean service_date?",
        ),
        ('[columns.sessions]\nservice_date = "dos"\n', 'service_date = "dos": sessions.csv has no column of that name'),
        (
            '[columns.session]\nservice_date = "dos"\n',
            "[columns.session]: there is no table of that name; did you mean sessions?",
        ),
        (
            '[codes.sessions.statis]\nDNA = "no_show"\n',
            "[codes.sessions.statis]: sessions has no such column; did you mean status?",
        ),
        (
            '[codes.sessions.status]\nDNA = "noshow"\n',
            '[codes.sessions.status] maps to "noshow", which is none of ours; did you mean no_show?',
        ),
    ],
)
def test_choices_that_cannot_be_are_told_with_the_nearest_that_can(tmp_path, toml, said):
    with pytest.raises(StructureError) as caught:
        ingested(delivery(tmp_path, '[study]\nname = "t"\n' + toml, only=CARE))
    assert said in str(caught.value)


def test_a_misspelled_file_is_pointed_out(tmp_path):
    study = delivery(tmp_path, only=("sessions",))
    (tmp_path / "raw/patient.csv").write_text("patient_id\np1\n")
    with pytest.raises(
        StructureError, match=r"there is no patients.csv in the raw folder \(rename patient.csv to patients.csv\?\)"
    ):
        ingested(study)
