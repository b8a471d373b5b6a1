"""Behind a mapping or a query as before one: what is read is looked at, what is not read is told and not kept."""

import pytest

from pipeline.errors import IdentifierError, StudyError
from pipeline.study_toml.file import load_study
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


STAFF = "Appt,Client,Day,Clinician\n" + "".join(
    f'a{place},p{1 + place % 4},2025-01-{10 + place},"{NAMES[place % 3]},  {"Aisha" if place % 2 else "AISHA"}"\n'
    for place in range(12)
)
APPOINTMENTS = (
    '[sessions."appointments.csv"]\nsession_id = "Appt"\npatient_id = "Client"\nprogram_id = "=g1"\nservice = "Day"\n'
    'status = "=attended"\n'
)


def test_names_of_staff_are_refused_with_the_line_that_makes_codes_of_them(tmp_path):
    mapping = APPOINTMENTS + 'therapist_id = "Clinician"\n'
    with pytest.raises(IdentifierError, match=r'therapist_id = \{ code_of = "Clinician" \}'):
        ingested(mapped(tmp_path, mapping, without=("sessions",), appointments__csv=STAFF))


def test_a_name_of_staff_becomes_one_code_that_only_the_studys_secret_leads_back_to(tmp_path):
    mapping = APPOINTMENTS + 'therapist_id = { code_of = "Clinician" }\n'
    found = []
    for study in ("first", "second"):
        folder = tmp_path / study
        for _ in range(2):
            con, _ = ingested(mapped(folder, mapping, without=("sessions",), appointments__csv=STAFF))
            found.append(rows(con, "SELECT session_id, therapist_id FROM staging.sessions ORDER BY session_id"))
            assert not any(name in str(found) for name in NAMES)
        assert (folder / "ledger/staff_codes.key").stat().st_mode & 0o777 == 0o600
    assert len({code for _, code in found[0]}) == 3  # of three people, however their names are spelled
    assert found[0] == found[1]  # month by month the same
    assert not {code for _, code in found[0]} & {code for _, code in found[2]}  # another study's are others


def test_a_damaged_secret_is_told_and_never_taken_for_one(tmp_path):
    mapping = APPOINTMENTS + 'therapist_id = { code_of = "Clinician" }\n'
    study = mapped(tmp_path, mapping, without=("sessions",), appointments__csv=STAFF)
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger/staff_codes.key").write_text("")
    with pytest.raises(StudyError, match="take it from a backup"):
        ingested(study)


def test_no_code_is_made_of_the_name_of_somebody_in_care(tmp_path):
    with pytest.raises(StudyError, match="of the people in care no name is read"):
        ingested(mapped(tmp_path, '[patients."r.csv"]\npatient_id = { code_of = "Name" }\n', r__csv="Name\nx\n"))


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
    with pytest.raises(IdentifierError, match="Counselor"):
        ingested(study)
    (tmp_path / "study.toml").write_text('[identifiers]\nharmless = ["patients.Counselor"]\n')
    con, _ = ingested(load_study(study.folder))
    assert rows(con, "SELECT count(DISTINCT employment) FROM staging.patients") == [(len(NAMES),)]
