"""A DuckDB file in the raw folder: its tables are views, read-only, and what cannot be opened is told in words."""

import duckdb
import pytest

from pipeline.errors import IdentifierError, StructureError
from pipeline.ingest.files.databases import fault_of, table_names
from pipeline.ingest.inputs import input_hashes, raw_files
from tests.unit.ingest.deliveries import delivery, ingested, rows
from tests.unit.ingest.mapped import mapped

MAPPING = """
[patients."person"]
patient_id = "person_id"
birth_year = "year_of_birth"
[episodes."visit_occurrence"]
episode_id = "visit_occurrence_id"
patient_id = "person_id"
program_id = "care_site_id"
level_of_care = "=IOP"
start = "visit_start_date"
end = "visit_end_datetime"
"""
MAKE = (
    "CREATE TABLE person AS SELECT * FROM (VALUES (1, 1980), (2, 1990)) AS t(person_id, year_of_birth)",
    "CREATE TABLE visit_occurrence AS SELECT 10 + person_id AS visit_occurrence_id, person_id, 3.0::DOUBLE AS care_site_id,"
    " DATE '2025-01-06' AS visit_start_date, TIMESTAMP '2025-02-14 00:00:00' AS visit_end_datetime FROM person",
)


def database(path, *statements):
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as con:
        for statement in statements:
            con.execute(statement)
    return path


@pytest.fixture
def study(tmp_path):
    database(tmp_path / "raw/cdm.duckdb", *MAKE)
    return mapped(
        tmp_path,
        MAPPING,
        without=(
            "patients",
            "episodes",
            "sessions",
            "discharges",
            "assessments",
            "followups",
            "costs",
            "programs",
            "providers",
        ),
    )


def test_its_tables_are_read_by_their_names_cells_as_a_person_sees_them(study):
    con, report = ingested(study)
    assert rows(con, "SELECT patient_id, birth_year FROM staging.patients") == [("1", 1980), ("2", 1990)]
    found = rows(con, "SELECT episode_id, program_id, end_day - start_day FROM staging.episodes")
    assert found == [("11", "3", 39), ("12", "3", 39)]
    assert {file.file for file in report.files} == {"cdm.duckdb: person", "cdm.duckdb: visit_occurrence"}


def test_a_query_reads_them_too(tmp_path):
    database(tmp_path / "raw/cdm.duckdb", *MAKE)
    study = delivery(
        tmp_path, only=["episodes"], episodes="episode_id,patient_id,program_id,start_date\n e1,1,g1,2025-01-06"
    )
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources/patients.sql").write_text(
        "SELECT person_id AS patient_id, year_of_birth AS birth_year FROM person"
    )
    con, _ = ingested(study)
    assert rows(con, "SELECT count(*) FROM staging.patients") == [(2,)]


def test_the_file_stays_as_it_is_and_its_hash_is_an_input(study):
    path = study.raw_folder / "cdm.duckdb"
    before = path.read_bytes()
    con, _ = ingested(study)
    assert path.read_bytes() == before
    assert "raw/cdm.duckdb" in input_hashes(study)
    assert "raw database cdm.duckdb" not in {
        name for (name,) in rows(con, "SELECT database_name FROM duckdb_databases()")
    }


def test_an_identifier_in_a_table_that_is_read_stops_the_run(study, tmp_path):
    database(
        tmp_path / "raw/cdm.duckdb",
        "ALTER TABLE person ALTER person_id TYPE VARCHAR",
        "UPDATE person SET person_id = 'ann' || person_id || '@example.org'",
    )
    with pytest.raises(IdentifierError, match=r"cdm\.duckdb: person"):
        ingested(study)


def test_tables_of_two_schemas_with_one_name_are_told_apart(tmp_path):
    path = database(
        tmp_path / "two.duckdb",
        "CREATE TABLE person (a INT)",
        "CREATE SCHEMA old",
        "CREATE TABLE old.person (a INT)",
        "CREATE TABLE old.visit (a INT)",
    )
    assert [called for called, _ in table_names(path)] == ["main.person", "old.person", "visit"]


def test_the_databases_of_the_study_itself_are_no_raw_files(tmp_path):
    study = delivery(tmp_path, '[study]\nname = "test"\nraw = "."\n')
    database(study.folder / "warehouse.duckdb", "CREATE TABLE person (a INT)")
    assert "warehouse.duckdb" not in {file.label for file in raw_files(study)}


def test_a_damaged_one_is_told(tmp_path):
    path = tmp_path / "cdm.duckdb"
    path.write_bytes(b"not a database" * 500)
    with pytest.raises(StructureError, match=r"cdm\.duckdb is no DuckDB database, or is damaged"):
        table_names(path)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Trying to read a database file with storage version number 99, but we can only", "a version of DuckDB"),
        ("Could not set lock on file: Conflicting lock is held", "open in another program"),
        ("Failure while replaying WAL file", "not closed by the program"),
    ],
)
def test_one_of_another_version_or_in_use_is_told(message, said):
    assert said in fault_of(message)


def test_an_encrypted_one_is_told(tmp_path):
    path = tmp_path / "cdm.duckdb"
    with duckdb.connect() as con:
        con.execute("SET force_mbedtls_unsafe = true")  # what it holds is worth no secret
        con.execute(f"ATTACH '{path}' AS kept (ENCRYPTION_KEY 'a key of the test')")
        con.execute("CREATE TABLE kept.person (a INT)")
    with pytest.raises(StructureError, match="is encrypted, and no key is asked for here"):
        table_names(path)
