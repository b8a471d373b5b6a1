"""Queries over foreign files: they reach the raw files by their views, and nothing else on the machine."""

import json

import pytest

from pipeline.errors import StructureError
from pipeline.ingest.inputs import input_hashes
from tests.unit.ingest.deliveries import delivery, ingested, rows

VISITS = "SELECT 's' || client AS session_id, client AS patient_id, 'g1' AS program_id, '2025-01-06' AS service_date, 'attended' AS status"


def with_query(folder, sql, **files):
    study = delivery(folder, without=("sessions",))
    for name, content in {"visits.csv": "client,seen\np1,yes\np2,no\n", **files}.items():
        (folder / "raw" / name.replace("__", ".")).write_text(content)
    (folder / "sources").mkdir()
    (folder / "sources" / "sessions.sql").write_text(sql)
    return study


def test_a_query_that_is_called_like_no_table_of_ours_is_refused_for_that(tmp_path):
    study = with_query(tmp_path, f"{VISITS} FROM visits")
    (tmp_path / "sources" / "sessions.sql").rename(tmp_path / "sources" / "Sessions.sql")
    with pytest.raises(StructureError, match=r"Sessions is no table of ours; did you mean sessions\?"):
        ingested(study)


REACHING_OUT = {
    "a file function": f"{VISITS} FROM read_csv('SECRET')",
    "text of a file": f"{VISITS}, content FROM visits, read_text('SECRET')",
    "a listing": f"{VISITS}, file FROM visits, glob('/*')",
    "a file by its path": f"{VISITS} FROM 'SECRET'",
    "a raw file by its path": f"{VISITS} FROM 'RAW/visits.csv'",
    "a function in a condition": f"{VISITS} FROM visits WHERE client IN (SELECT content FROM read_text('SECRET'))",
    "a function in a with clause": f"WITH x AS (SELECT * FROM read_blob('SECRET')) {VISITS} FROM visits, x",
    "a query within a text": f"{VISITS} FROM query('SELECT * FROM read_csv(''SECRET'')')",
}


@pytest.mark.parametrize("case", REACHING_OUT)
def test_a_query_opens_no_file_by_itself(tmp_path, case):
    secret = tmp_path / "secret.csv"
    secret.write_text("client\np1\n")
    sql = REACHING_OUT[case].replace("SECRET", str(secret)).replace("RAW", str(tmp_path / "study" / "raw"))
    with pytest.raises(StructureError, match=r"sources/sessions\.sql opens .*by their views"):
        ingested(with_query(tmp_path / "study", sql))


def test_even_a_query_that_is_not_taken_apart_reaches_no_other_file(tmp_path, monkeypatch):
    from pipeline.ingest import sources

    monkeypatch.setattr(sources, "refuse_files", lambda *ignored: None)
    secret = tmp_path / "secret.csv"
    secret.write_text("client\np1\n")
    with pytest.raises(StructureError, match=r"sources/sessions\.sql opens a file by itself"):
        ingested(with_query(tmp_path / "study", f"{VISITS} FROM read_csv('{secret}')"))


def test_after_the_queries_the_engine_can_be_told_to_open_nothing_else(tmp_path):
    import duckdb

    con, _ = ingested(with_query(tmp_path, f"{VISITS} FROM visits"))
    with pytest.raises(duckdb.Error):
        con.execute("SET enable_external_access = true")
    with pytest.raises(duckdb.PermissionException):
        con.execute(f"COPY (SELECT 1) TO '{tmp_path}/out.csv'")


RENAMED = {
    "a column": (f"{VISITS}\nFROM visits WHERE client_nr IS NOT NULL", 'line 2.* is it "client" now'),
    "a file": (f"{VISITS}\nFROM visit", 'line 2.* is it "visits" now'),
}


@pytest.mark.parametrize("case", RENAMED)
def test_what_the_export_no_longer_calls_so_is_told_with_the_line_of_the_query_and_the_likely_new_name(tmp_path, case):
    sql, told = RENAMED[case]
    with pytest.raises(StructureError, match=rf"sources/sessions\.sql, {told}"):
        ingested(with_query(tmp_path, sql))


def test_values_may_still_be_made_and_unfolded(tmp_path):
    con, _ = ingested(with_query(tmp_path, f"{VISITS} FROM visits, range(1) WHERE client IN (SELECT unnest(['p1']))"))
    assert rows(con, "SELECT session_id FROM staging.sessions") == [("sp1",)]


def fhir(*people):
    return "".join(json.dumps({"id": one, "period": {"start": "2025-01-06T10:00:00Z"}}) + "\n" for one in people)


FHIR = (
    "SELECT 's' || id AS session_id, id AS patient_id, 'g1' AS program_id, left(period.\"start\", 10) AS service_date, "
    "'attended' AS status FROM \"Encounter\""
)


def test_json_lines_are_views_whose_days_are_text_and_a_change_in_them_is_noticed(tmp_path):
    study = with_query(tmp_path, FHIR, Encounter__ndjson=fhir("p1", "p2"))
    con, report = ingested(study)
    assert rows(con, "SELECT count(*) FROM staging.sessions") == [(2,)]
    assert not [note for note in report.warnings if "Encounter" in note]
    before = input_hashes(study)
    (tmp_path / "raw" / "Encounter.ndjson").write_text(fhir("p1", "p2", "p3"))
    assert input_hashes(study)["raw/Encounter.ndjson"] != before["raw/Encounter.ndjson"]


def test_two_files_of_one_view_are_named(tmp_path):
    study = with_query(tmp_path, f"{VISITS} FROM visits", visits__ndjson=fhir("p1"))
    with pytest.raises(StructureError, match=r"visits\.csv and visits\.ndjson would both be the view visits"):
        ingested(study)


def test_what_a_query_makes_is_screened_like_any_file(tmp_path):
    said = "SELECT 's1' AS session_id, 'p1' AS patient_id, 'g1' AS program_id, '2025-01-06' AS service_date, 'attended'"
    with pytest.raises(StructureError, match='"note" holds what looks like an e-mail address'):
        ingested(with_query(tmp_path, f"{said} AS status, seen || '@example.org' AS note FROM visits"))
