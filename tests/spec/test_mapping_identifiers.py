"""Behind a mapping or a query as before one: what is read is looked at, what is not read is told and not kept."""

import pytest

from pipeline.errors import IdentifierError
from pipeline.study_file import load_study
from tests.unit.ingest.deliveries import ingested, rows
from tests.unit.ingest.mapped import mapped

NAMES = ["Nguyen", "Patel", "Johnson", "Garcia", "Martinez", "Wilson", "Davis", "Robinson", "Thompson", "Lewis"]
ROSTER = "Client ID,Last Name,First Name,DOB,E-mail,Zip,Counselor\n" + "".join(
    f'p{place},{name},Maria,{place}/17/19{40 + 5 * place},{name.lower()}@example.org,0360{place},"{name}, Aisha LCSW"\n'
    for place, name in enumerate(NAMES, 1)
)
PEOPLE = '[patients."roster.csv"]\npatient_id = "Client ID"\n'


def checked(folder, lines):
    return ingested(mapped(folder, 'dates = "M/D/YYYY"\n' + PEOPLE + lines, without=("patients",), roster__csv=ROSTER))


def test_a_roster_with_names_is_read_for_its_other_columns_and_the_names_are_told_and_not_kept(tmp_path):
    con, report = checked(tmp_path, 'birth_year = { year = "DOB" }\nzip3 = { column = "Zip", first = 3 }\n')
    told = {one.column: one.reason for one in report.dropped if one.file == "roster.csv"}
    assert set(told) == {"Last Name", "First Name", "E-mail", "Counselor"}
    assert told["Last Name"].startswith("is called like a name")
    assert rows(con, "SELECT min(birth_year), max(birth_year) FROM staging.patients") == [(1945, 1990)]
    assert not any(
        name in str(con.execute(f"SELECT * FROM {table}").fetchall())
        for (table,) in rows(con, "SELECT format('{}.{}', schema_name, table_name) FROM duckdb_tables()")
        for name in NAMES
    )


READ = {
    "a name as it is": 'gender_identity = "Last Name"\n',
    "a name made into a code": 'employment = { column = "Counselor", code = true }\n',
    "a word of a name": 'employment = { column = "Counselor", word = 1 }\n',
    "two names joined": 'employment = { join = ["Last Name", "First Name"] }\n',
    "an address of e-mail before its mark": 'employment = { column = "E-mail", before = "@" }\n',
    "a date of birth as a day": 'observed_from = "DOB"\n',
}


@pytest.mark.parametrize("case", READ)
def test_what_a_line_reads_is_refused_where_it_is_an_identifier(tmp_path, case):
    with pytest.raises(IdentifierError) as fault:
        checked(tmp_path, READ[case])
    assert "roster.csv" in str(fault.value)
    assert not any(name in str(fault.value) for name in NAMES)


def test_an_id_that_the_file_calls_a_record_number_is_refused_under_our_name_too(tmp_path):
    mapping = '[patients."roster.csv"]\npatient_id = "MRN"\n'
    roster = "MRN\n" + "".join(f"p{place}\n" for place in range(1, 9))
    with pytest.raises(IdentifierError, match="so it is called in the file"):
        ingested(mapped(tmp_path, mapping, without=("patients",), roster__csv=roster))


QUERIES = {
    "names": 'SELECT "Client ID" AS patient_id, left("Last Name", 2) AS gender_identity FROM roster',
    "mail": 'SELECT "Client ID" AS patient_id, length("E-mail") AS prior_episodes_lifetime FROM roster',
}


@pytest.mark.parametrize("case", QUERIES)
def test_what_a_query_reads_is_refused_where_it_is_an_identifier(tmp_path, case):
    study = mapped(tmp_path, "", without=("patients",), roster__csv=ROSTER)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "patients.sql").write_text(QUERIES[case])
    with pytest.raises(IdentifierError, match=r"roster\.csv: .*, which a query of sources reads, holds"):
        ingested(study)


def test_a_query_may_keep_the_year_of_a_date_of_birth_and_what_it_does_not_read_is_told(tmp_path):
    study = mapped(tmp_path, "", without=("patients",), roster__csv=ROSTER)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "patients.sql").write_text(
        'SELECT "Client ID" AS patient_id, right(DOB, 4) AS birth_year FROM roster'
    )
    con, report = ingested(study)
    assert rows(con, "SELECT max(birth_year) FROM staging.patients") == [(1990,)]
    assert {"Last Name", "First Name", "E-mail"} <= {one.column for one in report.dropped}


def test_a_study_may_vouch_for_a_column_that_a_line_reads(tmp_path):
    lines = 'employment = { column = "Counselor", code = true }\n'
    study = mapped(tmp_path, 'dates = "M/D/YYYY"\n' + PEOPLE + lines, without=("patients",), roster__csv=ROSTER)
    (tmp_path / "study.toml").write_text('[identifiers]\nharmless = ["patients.Counselor"]\n')
    ingested(load_study(study.folder))
