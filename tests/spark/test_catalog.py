"""Records that lie as tables in a catalog of Spark pass the same door as files, and come out the same row by row."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta

import duckdb
import pytest

from pipeline.errors import EngineError, StructureError
from pipeline.ingest.inputs import input_hashes
from pipeline.spark.catalog import brought
from pipeline.stages import SPARK, fingerprints, inputs_of_catalog, run, stands
from pipeline.store import WAREHOUSE
from tests.unit.ingest.deliveries import HONEST, counts, delivery, ingested, rules_of

DRAWN = ("patients", "episodes", "sessions")
FAULTY = {  # one row without a day, one twice, one of nobody; a column that nothing reads
    "patients": HONEST["patients"].replace("zip3\n", "zip3,desk\n").replace("452\n", "452,D\n"),
    "sessions": HONEST["sessions"]
    + """
        s9,p4,,g2,,attended,50,50,90834
        s8,p4,,g2,2025-06-16,attended,50,50,90834
        s0,p9,,g2,2025-06-16,attended,50,50,90834""",
}


@pytest.fixture(scope="module")
def drawn(spark, tmp_path_factory):
    """The honest files with faulty rows as typed Parquet, and as tables of the schema `clinic`."""
    folder = tmp_path_factory.mktemp("drawn")
    study = delivery(folder, only=DRAWN, **FAULTY)
    spark.sql("CREATE DATABASE clinic")
    with duckdb.connect() as con:
        for path in sorted(study.raw_folder.glob("*.csv")):
            typed = path.with_suffix(".parquet")
            con.execute(f"COPY (FROM read_csv('{path}', null_padding = true) ORDER BY ALL) TO '{typed}'")
            path.unlink()
            spark.sql(f"CREATE TABLE clinic.{path.stem} USING parquet LOCATION '{typed.as_uri()}'")
    spark.sql("CREATE VIEW clinic.notes AS SELECT 'of no concern' AS text")
    yield study
    spark.sql("DROP DATABASE clinic CASCADE")


@pytest.fixture
def here(spark, monkeypatch):
    """The one session stands in for the session that would be opened."""
    monkeypatch.setattr("pipeline.spark.catalog.spark_session", lambda chosen, scratch: nullcontext(spark))


def of(study, **engine):
    return replace(study, engine=replace(study.engine, **engine))


def test_the_same_tables_from_parquet_files_and_from_a_catalog_give_the_same_records_row_by_row(drawn, here):
    con, report = ingested(drawn)
    told = []
    with brought(of(drawn, tables="clinic"), told.append) as study:
        lies = study.raw_folder
        other, from_catalog = ingested(study)
    assert counts(from_catalog) == counts(report)
    assert counts(report)["sessions"] == (11, 8, 2, 1, 0)
    assert rules_of(from_catalog) == rules_of(report)
    for table in (*(f"staging.{name}" for name in DRAWN), "quarantine.sessions"):
        rows = [one.execute(f"FROM {table} ORDER BY ALL").fetchall() for one in (con, other)]
        assert rows[0] == rows[1], table
    assert "brought clinic.patients: 4 rows, 6 of its 7 columns" in told
    assert not any("notes" in line for line in told)
    assert [file.file for file in from_catalog.files if file.table == "sessions"] == ["sessions"]
    assert not lies.exists(), "no row stays on this machine"


def test_the_same_rows_are_the_same_bytes_so_that_what_did_not_change_is_not_done_again(drawn, spark, here):
    prints = []
    spark.sql("CREATE DATABASE grows")
    spark.sql("CREATE VIEW grows.patients AS SELECT 'p1' AS patient_id")
    try:
        for days in (2, 2, 3):
            spark.sql(
                "CREATE OR REPLACE VIEW grows.sessions AS SELECT 'p1' AS patient_id, 'g1' AS program_id, 'attended' AS"
                f" status, 's' || id AS session_id, id AS service_day FROM range({days}) ORDER BY rand()"
            )
            with brought(of(drawn, tables="grows")) as study:
                prints.append(input_hashes(study))
    finally:
        spark.sql("DROP DATABASE grows CASCADE")
    assert prints[0] == prints[1]
    assert [name for name in prints[0] if prints[0][name] != prints[2][name]] == ["raw/sessions.table.parquet"]


def test_a_stage_alone_works_on_the_tables_as_they_were_last_brought(drawn, here, tmp_path):
    study = of(delivery(tmp_path, only=()), tables="clinic")
    for unchanged in (False, True):
        [stage] = run(
            study, upto="ingest", only="ingest", force=False, reports=tmp_path, say=print, engine=SPARK
        ).stages
        assert stage.unchanged == unchanged
    prints = fingerprints(study, inputs_of_catalog(study))
    assert stands(study, WAREHOUSE, "ingest", prints["ingest"])
    assert not inputs_of_catalog(of(study, tables="elsewhere"))
    assert list(tmp_path.glob(".checking*")) == []


@pytest.mark.parametrize("tables", ["clinik", "elsewhere.clinic"])
def test_a_schema_that_is_not_there_is_told_with_the_line_to_look_at(drawn, here, tables):
    with (
        pytest.raises(EngineError, match=rf"no such schema.*tables of {tables} .*\[engine\] tables"),
        brought(of(drawn, tables=tables)),
    ):
        raise AssertionError


def test_a_table_too_large_to_come_is_refused_with_its_count_and_the_key_that_allows_more(drawn, here):
    with (
        pytest.raises(EngineError, match=r"clinic.episodes has 3 rows, more than the 0 .*most_million_rows"),
        brought(of(drawn, tables="clinic", most_million_rows=0)),
    ):
        raise AssertionError


def test_a_catalog_without_people_or_care_and_a_table_without_its_columns_are_told_before_a_row_is_asked_for(
    drawn, spark, here
):
    spark.sql("CREATE DATABASE half")
    spark.sql("CREATE VIEW half.patients AS SELECT 'a' AS client_id, 'F' AS sex")
    try:
        with pytest.raises(StructureError, match=r"half has no table sessions or episodes \(its tables: patients\)"):
            brought(of(drawn, tables="half")).__enter__()
        spark.sql("CREATE VIEW half.episodes AS SELECT 'e' AS episode_id")
        with pytest.raises(
            StructureError, match=r'(?s)tables of half .*patients has no column "patient_id".*client_id'
        ):
            brought(of(drawn, tables="half")).__enter__()
    finally:
        spark.sql("DROP DATABASE half CASCADE")


def test_a_mapping_reads_tables_of_other_names_and_only_the_columns_that_its_lines_name(drawn, spark, here, tmp_path):
    study = delivery(tmp_path, only=())
    spark.sql("CREATE DATABASE other")
    spark.sql("CREATE VIEW other.people AS SELECT 'p1' AS who, 'Ann Smith' AS called")
    spark.sql(
        "CREATE VIEW other.visits AS SELECT 'v1' AS visit, 'p1' AS who, 'g1' AS unit, 'attended' AS was,"
        " TIMESTAMP '2025-03-04 00:00:00' AS dos, 'none' AS remark"
    )
    (tmp_path / "mapping.toml").write_text(MAPPING)
    told = []
    try:
        with brought(of(study, tables="other"), told.append) as read:
            con, _ = ingested(read)
    finally:
        spark.sql("DROP DATABASE other CASCADE")
    assert told == [
        "brought other.people: 1 rows, 1 of its 2 columns",
        "brought other.visits: 1 rows, 5 of its 6 columns",
    ]
    [(session, day)] = con.execute("SELECT session_id, service_day FROM staging.sessions").fetchall()
    assert (session, date(1970, 1, 1) + timedelta(day)) == ("v1", date(2025, 3, 4))


MAPPING = """
[patients.people]
patient_id = "who"
[sessions.visits]
session_id = "visit"
patient_id = "who"
program_id = "unit"
service_date = "dos"
status = "was"
"""
