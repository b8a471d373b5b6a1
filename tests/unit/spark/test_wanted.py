"""Of a catalog only what is read is asked for: declared columns, and those that a mapping or a query names."""

from pathlib import Path

import duckdb
import pytest

from pipeline.errors import EngineError, StructureError
from pipeline.spark.wanted import Listed, wanted_columns
from pipeline.stages import DUCKDB, records_of
from pipeline.study import run_command
from pipeline.study_toml.file import study_from

CATALOG = {
    "patients": ("patient_id", "sex", "full_name"),
    "sessions_2025": ("Session_ID", "patient_id", "program_id", "service_date", "status", "room"),
    "visits": ("visit", "who", "unit", "dos", "was", "remark"),
    "stays": ("visit", "unit", "dos", "was", "remark"),
    "people": ("who", "token", "called"),
}


def wanted(study, **catalog):
    """What would be brought, table by table; a table that nothing reads is not even asked for its columns."""
    asked = []

    def columns(table):
        asked.append(table)
        return tables[table]

    tables = catalog or CATALOG
    with duckdb.connect() as con:
        found = wanted_columns(study, Listed(con, list(tables), study.folder, columns), "clinic")
    assert sorted(asked) == sorted(found)
    return found


def test_of_tables_called_like_ours_the_declared_columns_are_asked_for_and_of_no_other_table(tmp_path):
    assert wanted(study_from(tmp_path, {})) == {
        "patients": ("patient_id", "sex"),
        "sessions_2025": ("Session_ID", "patient_id", "program_id", "service_date", "status"),
    }


def test_of_mapped_tables_the_columns_are_asked_for_that_some_line_names_there_or_in_the_table_it_looks_into(tmp_path):
    (tmp_path / "mapping.toml").write_text(MAPPING)
    assert wanted(study_from(tmp_path, {})) == {
        "patients": ("patient_id", "sex"),
        "people": ("who", "token"),
        "visits": ("visit", "who", "unit", "dos", "was"),
        "stays": ("visit", "unit", "dos", "was"),
    }


MAPPING = """
[sessions.visits]
session_id = "visit"
patient_id = { column = "token", file = "people", match = { who = "who" } }
program_id = "unit"
service_date = "dos"
status = "was"
[sessions.stays]
in_place_of = { block = "visits", same = "visit" }
session_id = "visit"
patient_id = "unit"
program_id = "unit"
service_date = "dos"
status = "was"
"""


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("SELECT visit AS session_id, who AS patient_id FROM visits WHERE was <> 'x'", ("visit", "who", "was")),
        ("SELECT * FROM visits", CATALOG["visits"]),
    ],
)
def test_of_a_queried_table_the_named_columns_are_asked_for_and_with_a_star_all(tmp_path, query, columns):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "sessions.sql").write_text(query)
    assert wanted(study_from(tmp_path, {})) == {"patients": ("patient_id", "sex"), "visits": columns}


def test_what_a_catalog_lacks_is_told_with_what_it_has(tmp_path):
    study = study_from(tmp_path, {})
    with pytest.raises(StructureError, match=r"no table patients and none called sessions or episodes.*tables: visits"):
        wanted(study, visits=("visit",))
    with pytest.raises(
        StructureError, match=r"(?s)tables of clinic cannot be read.*patients has no column \"patient_id\""
    ):
        wanted(study, patients=("client_id",), sessions=CATALOG["sessions_2025"])


def test_files_that_lie_in_raw_never_stand_in_for_tables_of_a_catalog_without_a_word():
    study = study_from(Path(), {"engine": {"tables": "main.clinic"}})
    with pytest.raises(EngineError, match=r"the records are tables of main\.clinic; say --engine spark"):
        records_of(study, DUCKDB)
    assert run_command(study) == "carelevels run . --engine spark"
