import stat

import duckdb
import pytest

from pipeline.errors import StructureError
from pipeline.ingest.run import check, ingest
from pipeline.schema import TABLES
from tests.unit.ingest.deliveries import HONEST, counts, csv, delivery, ingested, rows, rules_of


def test_honest_files_are_kept_whole(tmp_path):
    con, report = ingested(delivery(tmp_path))
    assert report.quarantined == 0
    assert report.breaches == ()
    assert counts(report) == {name: (drawn.count("\n"), drawn.count("\n"), 0, 0, 0) for name, drawn in HONEST.items()}
    assert rows(con, "SELECT calendar, first_day, last_day FROM staging.facts") == [(True, 20094, 20255)]


def test_every_declared_table_is_there_with_its_types_even_where_no_file_was_sent(tmp_path):
    con, _ = ingested(delivery(tmp_path, only=("patients", "sessions")))
    for table in TABLES.values():
        described = {name: kind for name, kind, *_ in rows(con, f"DESCRIBE staging.{table.name}")}
        wanted = {column.staged: column.sql_type for column in table.columns} | {
            "source_file": "INTEGER",
            "source_row": "BIGINT",
        }
        assert described == wanted, table.name


def test_days_are_counted_from_1970_where_the_files_hold_dates(tmp_path):
    con, _ = ingested(delivery(tmp_path))
    assert rows(con, "SELECT service_day, source_row FROM staging.sessions WHERE session_id = 's1'") == [(20094, 2)]


def test_observation_is_that_of_the_data_where_nobody_said(tmp_path):
    con, _ = ingested(delivery(tmp_path))
    assert rows(con, "SELECT DISTINCT observed_from_day, observed_to_day FROM staging.patients") == [(20094, 20255)]


RELATIVE = '[study]\nname = "test"\nregime = "relative-days"\n'
RELATIVE_FILES = {
    "patients": "patient_id,observed_from_day,observed_to_day\np1,-30,200\np2,0,90\n",
    "sessions": (
        "session_id,patient_id,program_id,service_day,status,minutes_scheduled\ns1,p1,g1,0,attended,60\ns2,p2,g1,-3,attended,60\n"
    ),
}


def test_day_numbers_are_kept_as_given(tmp_path):
    con, _ = ingested(delivery(tmp_path, RELATIVE, only=(), **RELATIVE_FILES))
    assert rows(con, "SELECT service_day FROM staging.sessions ORDER BY session_id") == [(0,), (-3,)]
    assert rows(con, "SELECT calendar FROM staging.facts") == [(False,)]


def test_a_person_without_observation_is_set_apart_under_day_numbers(tmp_path):
    files = RELATIVE_FILES | {"patients": "patient_id,observed_from_day,observed_to_day\np1,-30,200\np2,0,\n"}
    _, report = ingested(delivery(tmp_path, RELATIVE, only=(), **files))
    assert rules_of(report) == {("patients", "observed_to_missing"): 1, ("sessions", "patient_id_set_apart"): 1}


def test_several_parts_are_one_table_and_each_keeps_its_own_row_numbers(tmp_path):
    study = delivery(tmp_path)
    (tmp_path / "raw/sessions_2026.csv").write_text(
        "status,session_id,patient_id,program_id,service_date,minutes_scheduled\nattended,s9,p1,g1,2026-01-06,60\nlost,s10,p1,g1,2026-01-07,60\n"
    )
    con, report = ingested(study)
    assert rows(
        con,
        "SELECT f.file, s.source_row FROM staging.sessions AS s JOIN staging.files AS f ON f.source_file ="
        " s.source_file WHERE s.session_id = 's9'",
    ) == [("sessions_2026.csv", 2)]
    assert [breach.first for breach in report.breaches] == [(("sessions_2026.csv", 3),)]
    assert rows(con, "SELECT source_row, reasons FROM quarantine.sessions") == [
        (
            3,
            (
                "have a word in status that is none of attended, no_show, client_cancel_late, client_cancel, provider_cancel,"
                " bed_day"
            ),
        )
    ]


def test_renames_and_code_maps_of_study_toml_are_applied(tmp_path):
    toml = """[study]
name = "test"
[columns.sessions]
service_date = "dos"
patient_id = "client_code"
[codes.sessions.status]
Arrived = "attended"
DNA = "no_show"
[codes.sessions.minutes_scheduled]
999 = ""
"""
    con, report = ingested(
        delivery(
            tmp_path,
            toml,
            sessions="""session_id,client_code,program_id,dos,status,minutes_scheduled
        s1,p1,g1,2025-01-06,Arrived,60
        s2,p1,g1,2025-01-07,DNA,999""",
        )
    )
    assert rows(
        con, "SELECT patient_id, service_day, status, minutes_scheduled FROM staging.sessions ORDER BY session_id"
    ) == [("p1", 20094, "attended", 60.0), ("p1", 20095, "no_show", None)]
    assert counts(report)["sessions"] == (2, 2, 0, 0, 0)


def test_codes_are_read_whatever_their_case_and_the_blanks_around_them(tmp_path):
    scores = "patient_id,instrument_id,assessed_date,score,occasion\n p1 ,phq-9,2025-01-06,18,Intake \n"
    con, _ = ingested(delivery(tmp_path, assessments=scores))
    assert rows(con, "SELECT patient_id, instrument_id, occasion, subscale FROM staging.assessments") == [
        ("p1", "PHQ9", "intake", "")
    ]


def test_ages_birth_years_and_restricted_zip_areas_are_made_coarse(tmp_path):
    con, report = ingested(
        delivery(
            tmp_path,
            patients="""patient_id,birth_year,age_at_index,zip3
        p1,1920,105,036
        p2,1990,90+,893
        p3,1936,89,452
        p4,1935,17,43""",
        )
    )
    assert rows(con, "SELECT birth_year, age_at_index, zip3 FROM staging.patients ORDER BY patient_id") == [
        (1935, 90, "000"),
        (1990, 90, "000"),
        (1936, 89, "452"),
        (1935, 17, "043"),
    ]
    assert report.quarantined == 0


def test_the_same_row_twice_is_dropped_and_two_different_rows_under_one_key_are_both_set_apart(tmp_path):
    con, report = ingested(
        delivery(
            tmp_path,
            sessions=HONEST["sessions"]
            + """
        s1,p1,e1,g1,2025-01-06,attended,180,180,90853
        s2,p1,e1,g1,2025-01-08,attended,180,20,90853
        s2,p1,e1,g1,2025-01-08,attended,180,20,90853""",
        )
    )
    assert counts(report)["sessions"] == (11, 7, 2, 2, 0)
    assert rules_of(report)["sessions", "conflicting_key"] == 2
    assert rows(con, "SELECT source_row FROM quarantine.sessions ORDER BY source_row") == [(3,), (11,)]


def test_of_two_scores_on_one_day_the_first_of_the_file_counts(tmp_path):
    con, report = ingested(
        delivery(tmp_path, assessments=HONEST["assessments"] + "\n        p1,PHQ9,2025-01-06,17,intake")
    )
    assert counts(report)["assessments"] == (5, 4, 0, 1, 0)
    assert rows(con, "SELECT score FROM staging.assessments WHERE patient_id = 'p1' AND assessed_day = 20094") == [
        (18.0,)
    ]
    assert rules_of(report) == {("assessments", "repeated_on_one_day"): 1}


def test_equal_costs_are_kept_and_told(tmp_path):
    _, report = ingested(delivery(tmp_path, costs=HONEST["costs"] + "\n        p1,2025-01-06,350,paid,USD,2025,payer"))
    assert counts(report)["costs"] == (3, 3, 0, 0, 0)
    assert rules_of(report) == {("costs", "exact_repeat"): 1}


def test_everything_that_is_wrong_with_a_row_is_written_beside_it(tmp_path):
    con, report = ingested(
        delivery(tmp_path, sessions=HONEST["sessions"] + "\n        s9,nobody,,,2025-13-01,gone,many,-5,")
    )
    [(text, reasons, file, row)] = rows(
        con, "SELECT service_day, reasons, source_file, source_row FROM quarantine.sessions"
    )
    assert text == "2025-13-01"
    assert row == 10
    assert rows(con, f"SELECT file FROM staging.files WHERE source_file = {file}") == [("sessions.csv",)]
    for part in ("program_id", "service_date that is not an ISO date", "status", "patient_id that is not in patients"):
        assert part in reasons
    assert counts(report)["sessions"] == (9, 8, 1, 0, 0)


def test_a_foreign_export_is_read_through_its_query(tmp_path):
    study = delivery(tmp_path, without=("sessions",))
    (tmp_path / "raw/visits.csv").write_text(
        "client,dos,came,secret name\np1,01/06/2025,Y,John Smith\np2,03/04/2025,N,Mary Jones\n"
    )
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources/sessions.sql").write_text("""-- visits as sessions
        SELECT client || '-' || dos AS session_id, client AS patient_id, 'g1' AS program_id,
               strptime(dos, '%m/%d/%Y') AS service_date, CASE came WHEN 'Y' THEN 'attended' ELSE 'no_show' END AS status
        FROM visits;""")
    con, report = ingested(study)
    assert rows(con, "SELECT patient_id, service_day, status, source_row FROM staging.sessions ORDER BY 1") == [
        ("p1", 20094, "attended", 1),
        ("p2", 20151, "no_show", 2),
    ]
    assert [file.file for file in report.files if file.table == "sessions"] == ["sources/sessions.sql"]


def test_a_query_that_stops_on_a_row_says_so_without_the_row(tmp_path):
    study = delivery(tmp_path, without=("sessions",))
    (tmp_path / "raw/visits.csv").write_text("client,dos\np1,SECRET77\n")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources/sessions.sql").write_text(
        "SELECT CAST(dos AS DATE) AS service_date, client AS patient_id FROM visits"
    )
    with pytest.raises(StructureError, match=r"sources/sessions.sql stopped on a row") as caught:
        ingested(study)
    assert "SECRET77" not in str(caught.value)
    assert caught.value.__context__ is None


def test_parquet_and_gzip_are_read_as_csv_is(tmp_path):
    study = delivery(tmp_path, without=("sessions", "episodes"))
    plain = tmp_path / "plain.csv"
    for table, ending in (("sessions", "(FORMAT parquet)"), ("episodes", "(FORMAT csv, HEADER, COMPRESSION gzip)")):
        plain.write_text(csv(HONEST[table]))
        file = tmp_path / "raw" / (f"{table}.parquet" if "parquet" in ending else f"{table}.csv.gz")
        duckdb.connect().execute(f"COPY (SELECT * FROM read_csv('{plain}')) TO '{file}' {ending}")
    con, report = ingested(study)
    assert report.breaches == ()
    assert counts(report)["sessions"] == (8, 8, 0, 0, 0)
    assert rows(con, "SELECT service_day, source_row FROM staging.sessions WHERE session_id = 's2'") == [(20096, 2)]


def test_check_finds_the_same_and_leaves_nothing_behind(tmp_path):
    study = delivery(tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    said = []
    report = check(study, said.append)
    assert report.quarantined == 0
    assert said[0] == "patients.csv: 4 rows, 4 kept"
    assert {path.name for path in tmp_path.iterdir()} - before == {".input_hashes.json"}
    assert stat.S_IMODE((tmp_path / ".input_hashes.json").stat().st_mode) == 0o600


def test_only_what_staging_needs_stays_in_the_database(tmp_path):
    con, _ = ingested(delivery(tmp_path))
    left = {name for (name,) in rows(con, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'loaded'")}
    assert left == {name for table in TABLES for name in (table, f"{table}_left_out")}


def test_staging_reads_the_same_after_the_database_was_closed(tmp_path):
    study = delivery(tmp_path, sessions=HONEST["sessions"] + "\n        s9,p1,,g1,2025-02-02,gone,60,60,")
    query = "SELECT session_id, service_day, source_file, source_row FROM staging.sessions ORDER BY session_id"
    with duckdb.connect(str(tmp_path / "w.duckdb")) as con:
        ingest(study, con)
        before = rows(con, query)
        con.execute("CHECKPOINT")
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as con:
        assert rows(con, query) == before
        assert len(before) == 8


def test_what_is_recommended_and_absent_is_told(tmp_path):
    _, report = ingested(
        delivery(
            tmp_path,
            only=("sessions",),
            patients="patient_id,age_at_index,race_ethnicity\n" + "".join(f"p{i},30,UNK\n" for i in range(1, 5)),
        )
    )
    assert (
        "patients.csv has no sex, prior_episodes_lifetime: what needs them is withheld or told as not recorded"
        in report.warnings
    )


def test_the_engines_own_words_are_never_shown(tmp_path, monkeypatch):
    def stopped(*_):
        raise duckdb.ConversionException("could not convert SECRET77")

    monkeypatch.setattr("pipeline.ingest.run.check_all", stopped)
    with pytest.raises(StructureError, match="ConversionException") as caught:
        ingested(delivery(tmp_path))
    assert "SECRET77" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_lines_read_like_a_helpful_colleague(tmp_path):
    _, report = ingested(
        delivery(
            tmp_path,
            only=("patients", "sessions"),
            sessions=HONEST["sessions"]
            + """
        s1,p1,e1,g1,2025-01-06,attended,180,180,90853
        s9,p1,e1,g1,2025-01-09,arrived,60,60,
        s10,p1,e1,g1,2025-01-09,arrived,60,60,""",
        )
    )
    lines = report.lines()
    assert lines[1] == "sessions.csv: 11 rows, 8 kept, 1 duplicate, 2 quarantined"
    assert (
        lines[2]
        == "  sessions.csv: 2 rows have a word in status that is none of attended, no_show, client_cancel_late, "
        "client_cancel, provider_cancel, bed_day (rows 11, 12); translate the file's own codes under "
        "[codes.sessions.status] in study.toml"
    )
    assert lines[-1].startswith("  2 rows are set aside; carelevels quarantine lists each with its reason")
    assert report.as_json()["quarantined"] == 2
