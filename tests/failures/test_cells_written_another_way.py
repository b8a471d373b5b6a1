"""Codes, days, rows and scores that exports write another way: each is read right, or costs its own cell and is told."""

import duckdb
import pytest

from pipeline.ingest.run import ingest
from tests.failures.test_kinds_of_faults import CARE, more, scores, session
from tests.unit.ingest.deliveries import HONEST, delivery, ingested, rows, rules_of


def staged(tmp_path, query, **changed):
    con, report = ingested(delivery(tmp_path, only={*CARE, *changed}, **changed))
    return rows(con, query), report


@pytest.mark.parametrize("code", ["h0015", "H0015 HF", "H0015-TG", "H0015:HF", "H0015HF", " H0015 "])
def test_a_procedure_code_counts_without_case_blanks_and_modifiers(tmp_path, code):
    found, report = staged(
        tmp_path,
        "SELECT cpt_hcpcs FROM staging.sessions WHERE session_id = 'x1'",
        **more("sessions", session(1, code=code)),
    )
    assert (found, report.breaches) == ([("H0015",)], ())


BILLED = "session_id,patient_id,program_id,service_date,status,revenue_code,pos,condition_code,bill_type"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("905.0,2.0,41.0,131.0", ("0905", "02", "41", "0131")),
        ("0905,02,41,0131", ("0905", "02", "41", "0131")),
        ("905,2,41,13", ("0905", "02", "41", "013X")),
        ("09051,021,41;92,13", (None, None, None, "013X")),
    ],
)
def test_billing_codes_keep_their_zeros_and_one_of_impossible_shape_is_left_out_and_told(tmp_path, written, read):
    found, report = staged(
        tmp_path,
        "SELECT revenue_code, pos, condition_code, bill_type FROM staging.sessions",
        sessions=f"{BILLED}\nx1,p1,g1,2025-01-09,bed_day,{written}",
    )
    assert found == [read]
    told = {rule for (_, rule) in rules_of(report)}
    assert told == {f"{name}_not_read" for name, one in zip(BILLED.split(",")[5:], read, strict=True) if one is None}


@pytest.mark.parametrize(
    ("written", "read"), [("f33.9 ", "F33.9"), ("ICD10:F41.1", "F41.1"), ("ICD-10-CM F32A", "F32A")]
)
def test_a_diagnosis_counts_without_case_and_prefix(tmp_path, written, read):
    episodes = HONEST["episodes"].replace("F33.1", written)
    found, report = staged(
        tmp_path, "SELECT primary_dx FROM staging.episodes WHERE episode_id = 'e1'", episodes=episodes
    )
    assert (found, report.breaches) == ([(read,)], ())


def test_a_status_counts_whatever_its_hyphens_and_blanks(tmp_path):
    sessions = HONEST["sessions"].replace("no_show", "No-Show").replace("attended,50", "Attended ,50")
    found, report = staged(tmp_path, "SELECT DISTINCT status FROM staging.sessions ORDER BY 1", sessions=sessions)
    assert (found, report.breaches) == ([("attended",), ("no_show",)], ())


def test_a_translation_counts_without_case_and_lost_zeros_and_a_minus_stays(tmp_path):
    toml = '[study]\nname = "t"\n[codes.sessions.status]\n"01" = "attended"\n"-9" = "no_show"\nShow = "attended"\n'
    lines = [f"x{place},p1,g1,2025-01-0{place},{word}" for place, word in enumerate(("1", "1.0", "-9", "SHOW", "9"), 1)]
    con, report = ingested(
        delivery(
            tmp_path,
            toml,
            only=CARE,
            sessions="\n".join(["session_id,patient_id,program_id,service_date,status", *lines]),
        )
    )
    assert rows(con, "SELECT status FROM staging.sessions ORDER BY session_id") == [
        ("attended",),
        ("attended",),
        ("no_show",),
        ("attended",),
    ]
    assert rules_of(report) == {("sessions", "status_outside_vocabulary"): 1}


MISSING = ["NA", "NULL", "\\N", "#N/A", "NaN", ".", "n/a"]


@pytest.mark.parametrize("word", MISSING)
def test_a_word_for_missing_is_an_empty_cell_and_told(tmp_path, word):
    found, report = staged(
        tmp_path,
        "SELECT episode_id, minutes_attended, cpt_hcpcs FROM staging.sessions WHERE session_id = 'x1'",
        **more("sessions", f"x1,p1,{word},g1,2025-01-09,attended,60,{word},{word}"),
    )
    assert found == [(None, None, None)]
    told = {"episode_id_word_for_missing", "minutes_attended_word_for_missing", "cpt_hcpcs_word_for_missing"}
    assert {rule for _, rule in rules_of(report)} == told
    assert report.quarantined == 0


def test_a_word_of_our_own_vocabulary_is_never_one_for_missing_and_a_study_may_add_its_own(tmp_path):
    toml = '[study]\nname = "t"\n[records]\nmissing = ["-", "none"]\n'
    con, _ = ingested(delivery(tmp_path, toml, only=CARE, **more("episodes", "e9,p1,g1,OP,2025-02-01,-,none,F33.1")))
    assert rows(con, "SELECT end_day, payer FROM staging.episodes WHERE episode_id = 'e9'") == [(None, "none")]


def test_a_study_s_own_word_for_missing_may_hold_letters_beyond_ascii(tmp_path):
    toml = '[study]\nname = "t"\n[records]\nmissing = ["nachträglich für später"]\n'
    row = "e9,p1,g1,OP,2025-02-01,Nachträglich für später,SELF,F33.1"
    con, report = ingested(delivery(tmp_path, toml, only=CARE, **more("episodes", row)))
    assert rows(con, "SELECT end_day FROM staging.episodes WHERE episode_id = 'e9'") == [(None,)]
    assert ("episodes", "end_word_for_missing") in rules_of(report)


def test_ids_that_a_data_frame_made_decimal_are_the_ids_they_were(tmp_path):
    sessions = HONEST["sessions"].replace(",e1,", ",101.0,").replace(",e2,", ",102.0,").replace(",e3,", ",103.0,")
    episodes = HONEST["episodes"].replace("e1,", "101,").replace("e2,", "102,").replace("e3,", "103,")
    found, report = staged(
        tmp_path, "SELECT DISTINCT episode_id FROM staging.sessions ORDER BY 1", sessions=sessions, episodes=episodes
    )
    assert (found, report.breaches) == ([("101",), ("102",), ("103",), (None,)], ())


def test_a_mistyped_year_is_set_aside_and_moves_nobodys_observation(tmp_path):
    found, report = staged(
        tmp_path,
        "SELECT DISTINCT observed_to_day - (DATE '2025-06-16' - DATE '1970-01-01') FROM staging.patients",
        **more("sessions", session(1, "2052-01-09")),
    )
    assert (found, rules_of(report)) == ([(0,)], {("sessions", "service_far_from_the_rest"): 1})


def test_observation_ends_no_later_than_the_last_record(tmp_path):
    people = "patient_id,observed_to_date\np1,2099-12-31\np2,2099-12-31\np3,2025-05-01\np4,2099-12-31"
    found, report = staged(
        tmp_path,
        "SELECT DATE '1970-01-01' + observed_to_day FROM staging.patients ORDER BY patient_id",
        patients=people,
    )
    assert [str(day) for (day,) in found] == ["2025-06-16", "2025-06-16", "2025-05-01", "2025-06-16"]
    assert rules_of(report) == {("patients", "observation_after_the_records"): 3}


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_days_with_a_time_zone_are_the_same_on_every_machine_and_told(tmp_path, zone):
    study = delivery(tmp_path, only=("patients",))
    con = duckdb.connect()
    con.execute(
        "COPY (SELECT 's1' AS session_id, 'p1' AS patient_id, 'g1' AS program_id, 'attended' AS status, "
        f"TIMESTAMPTZ '2025-03-03 03:00:00+00' AS service_date) TO '{tmp_path}/raw/sessions.parquet' (FORMAT parquet)"
    )
    con.execute(f"SET TimeZone = '{zone}'")
    report = ingest(study, con)
    assert rows(con, "SELECT CAST(DATE '1970-01-01' + service_day AS VARCHAR) FROM staging.sessions") == [
        ("2025-03-03",)
    ]
    assert any('"service_date" holds instants with a time zone' in note for note in report.warnings)


def test_a_day_that_says_infinity_costs_its_cell_in_files_of_any_size(tmp_path):
    study = delivery(tmp_path, only=CARE, **more("episodes", "e9,p1,g1,IOP,2025-02-01,infinity,none,F33.1"))
    for typed_from in (0, 1 << 60):
        con, report = ingested(study, typed_from=typed_from)
        assert rules_of(report) == {("episodes", "end_not_read"): 1}
        assert rows(con, "SELECT end_day FROM staging.episodes WHERE episode_id = 'e9'") == [(None,)]


def test_rows_between_blank_lines_keep_the_number_that_a_person_sees(tmp_path):
    sessions = (
        "session_id,patient_id,program_id,service_date,status\ns1,p1,g1,2025-01-06,attended\n\n\n"
        's2,p1,g1,2025-01-07,attended\n"s\n\n3",p1,g1,2025-01-08,gone\n\n'
    )
    con, report = ingested(delivery(tmp_path, only=("patients",), sessions=sessions.encode()))
    assert [breach.first for breach in report.breaches] == [(("sessions.csv", 6),)]
    assert rows(con, "SELECT source_row FROM staging.sessions ORDER BY 1") == [(2,), (5,)]
    assert rows(con, "SELECT source_row FROM quarantine.sessions") == [(6,)]


def test_a_line_of_totals_is_no_record(tmp_path):
    con, report = ingested(delivery(tmp_path, only=("sessions",), **more("patients", "Total:,,,,,")))
    assert rules_of(report) == {("patients", "patient_id_of_a_total_line"): 1}
    assert rows(con, "SELECT count(*) FROM staging.patients") == [(4,)]


SCORES = {
    "a total of two items": (("p1,PHQ9,2025-01-06,4,2,,",), {"total_of_too_few_items": 1}),
    "a total of as few items as it may have": (("p1,PHQ9,2025-01-06,4,7,,",), {}),
    "a C-SSRS that skipped by its own rule": (("p1,CSSRS,2025-01-06,0,3,,",), {}),
    "more items than there are": (("p1,PHQ9,2025-01-06,4,12,,",), {"more_items_answered_than_there_are": 1}),
    "an item beyond the last answer": (("p1,PHQ9,2025-01-06,4,9,0,5",), {"item_9_outside_instrument": 1}),
}


@pytest.mark.parametrize("case", SCORES)
def test_scores_are_held_against_how_many_items_were_answered_and_what_an_item_can_be(tmp_path, case):
    lines, told = SCORES[case]
    changed = scores(*lines, columns=",n_items_answered,item_1,item_9")
    _, report = ingested(delivery(tmp_path, only={*CARE, "assessments"}, **changed))
    assert {rule: count for (_, rule), count in rules_of(report).items()} == told


def test_a_total_that_is_not_the_sum_of_its_items_is_pointed_out(tmp_path):
    items = ",".join(f"item_{i}" for i in range(1, 8))
    changed = scores(
        "p1,GAD7,2025-01-06,7,1,1,1,1,1,1,1",
        "p2,GAD7,2025-01-06,8,1,1,1,1,1,1,1",
        "p3,GAD7,2025-01-06,8,1,1,1,1,1,1,",
        columns=f",{items}",
    )
    _, report = ingested(delivery(tmp_path, only={*CARE, "assessments"}, **changed))
    assert [(breach.rule, breach.first) for breach in report.breaches] == [
        ("total_is_not_the_sum", (("assessments.csv", 3),))
    ]


@pytest.mark.parametrize("word", ["Total", "total score", "Sum"])
def test_a_subscale_that_says_total_is_the_total(tmp_path, word):
    found, _ = staged(
        tmp_path,
        "SELECT subscale FROM staging.assessments",
        **scores(f"p1,PHQ9,2025-01-06,18,{word}", columns=",subscale"),
    )
    assert found == [("",)]


def test_one_bed_day_for_a_stay_of_several_nights_is_pointed_out(tmp_path):
    changed = more("episodes", "e9,p4,g2,RES,2025-04-10,2025-04-24,none,F33.1") | more(
        "sessions", "b1,p4,e9,g2,2025-04-10,bed_day,,,"
    )
    _, report = ingested(delivery(tmp_path, only=CARE, **changed))
    assert rules_of(report) == {("sessions", "one_bed_day_of_a_long_stay"): 1}


LINKS = {
    "sessions and episodes": ("sessions", "x1,p1,e77,g1,2025-01-09,attended,60,60,", "episode_id_unknown"),
    "sessions and programs": ("sessions", "x1,p1,e1,g77,2025-01-09,attended,60,60,", "program_id_unknown"),
    "episodes and programs": ("episodes", "e9,p1,g77,IOP,2025-02-01,2025-02-02,none,F33.1", "program_id_unknown"),
}


@pytest.mark.parametrize("case", LINKS)
def test_every_id_that_names_another_table_is_looked_up_there(tmp_path, case):
    table, line, rule = LINKS[case]
    _, report = ingested(delivery(tmp_path, only={*CARE, "programs"}, **more(table, line)))
    assert rules_of(report) == {(table, rule): 1}


def test_unknown_names_of_instruments_are_counted_with_the_nearest_of_ours_and_not_shown(tmp_path):
    lines = ("p1,PHQ_9_Total,2025-01-06,18", "p2,PHQ_9_Total,2025-01-07,12", "p3,Mood thermometer SECRET,2025-01-07,3")
    _, report = ingested(delivery(tmp_path, only={*CARE, "assessments"}, **scores(*lines)))
    [told] = [note for note in report.causes if "instruments" in note]
    assert "2 names of instruments are unknown, most like PHQ9 (2 rows), none of ours (1 row)" in told
    assert "SECRET" not in told
