"""What `carelevels init --from omop` makes of tables of the OMOP common data model."""

import duckdb
import pytest

from pipeline.start import start_study
from pipeline.study_toml.file import load_study
from tests.spec.recipe_rows import Begun
from tests.unit.ingest.deliveries import csv, ingested

TABLES = {
    "PERSON": """
        person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id
        1,8507,1980,8527,38003564
        2,8532,1990,8516,38003563
        3,0,2001,0,0
    """,
    "OBSERVATION_PERIOD": """
        observation_period_id,person_id,observation_period_start_date,observation_period_end_date
        1,1,2024-01-01,2026-01-31
        2,2,2024-01-01,2024-12-31
        3,2,2025-06-01,2026-01-31
        4,3,2024-03-01,2026-01-31
    """,
    "VISIT_OCCURRENCE": """
        visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_end_date,provider_id,care_site_id,visit_source_value
        11,1,9202,2025-01-06,2025-01-06,7,5,IOP group
        12,1,9202,2025-01-08,2025-01-08,7,5,Lab
        13,2,9203,2025-01-09,2025-01-09,,,ED
        14,3,9201,2025-02-01,2025-02-09,,5,Ward
        16,3,9201,2025-03-01,2025-03-09,,5,Ward
        17,1,9202,2025-01-10,2025-01-10,7,5,Clinic
    """,
    "VISIT_DETAIL": """
        visit_detail_id,person_id,visit_detail_concept_id,visit_detail_start_date,visit_detail_end_date,provider_id,care_site_id,visit_detail_source_value,visit_occurrence_id
        71,3,9201,2025-03-01,2025-03-04,,5,Unit 4,16
        72,3,9201,2025-03-04,2025-03-09,,5,Unit 5,16
        73,3,9201,2025-02-01,2025-02-09,,5,ICU,14
        74,1,9202,2025-01-10,2025-01-10,7,5,IOP group,17
        75,1,9202,2025-01-08,2025-01-08,7,5,Lab,12
    """,
    "EPISODE": """
        episode_id,person_id,episode_concept_id,episode_start_date,episode_end_date,episode_object_concept_id,episode_source_value
        81,1,32531,2025-01-06,2025-01-31,0,IOP group
        82,1,32533,2024-06-01,,4282096,Depression
    """,
    "PROCEDURE_OCCURRENCE": """
        procedure_occurrence_id,person_id,visit_occurrence_id,procedure_source_value
        21,1,12,H0035
    """,
    "OBSERVATION": """
        observation_id,person_id,observation_concept_id,observation_date,value_as_number
        31,1,3042932,2025-01-06,18
        32,1,42868746,2025-01-06,
        33,1,40770471,2025-01-06,1
    """,
    "MEASUREMENT": """
        measurement_id,person_id,measurement_concept_id,measurement_date,value_as_number
        41,2,42868746,2025-01-09,12.0
    """,
    "DEATH": """
        person_id,death_date
        3,2025-03-01
    """,
    "COST": """
        cost_id,cost_event_id,cost_domain_id,currency_concept_id,total_paid
        51,14,Visit,44818668,9000.50
        52,21,Procedure,44818668,100
    """,
    "PAYER_PLAN_PERIOD": """
        payer_plan_period_id,person_id,payer_source_value
        61,3,State Medicaid
    """,
}
LEVEL = '"IOP group" = "IOP"\n"Unit 4" = "IP"\n"Unit 5" = "RES"'


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    files = {f"{name}__csv": csv(drawn) for name, drawn in TABLES.items()}
    return Begun(tmp_path_factory.mktemp("omop") / "study", "omop", level=LEVEL, **files)


def test_concepts_become_our_codes_and_somebody_hispanic_is_told_so_whatever_the_race(begun):
    assert begun.column("patients", "patient_id", "sex", "race_ethnicity", "birth_year") == [
        ("1", "M", "WHITE", 1980),
        ("2", "F", "HISP", 1990),
        ("3", "U", "UNK", 2001),
    ]


def test_somebody_observed_twice_is_observed_over_the_longer_time(begun):
    found = begun.column("patients", "patient_id", "observed_to_day - observed_from_day")
    assert found == [("1", 433), ("2", 365), ("3", 373)]  # no longer than the records go


def test_visits_have_the_level_that_a_line_names_or_their_procedure_code(begun):
    assert begun.column("sessions", "session_id", "level_of_care", "cpt_hcpcs") == [
        ("11", "IOP", None),
        ("12", None, "H0035"),
        ("13", "ED", None),
        ("17-74", "IOP", None),
    ]


def test_an_inpatient_visit_of_medicine_is_a_stay_at_no_level_until_a_line_names_it(begun):
    columns = ("episode_id", "level_of_care", "payer", "end_day - start_day")
    assert begun.column("episodes", *columns)[0] == ("14", None, "medicaid", 8)


def test_parts_of_a_stay_whose_level_is_named_stand_in_place_of_the_whole_and_no_others_do(begun):
    assert begun.column("episodes", "episode_id", "level_of_care", "end_day - start_day", by="start_day")[-2:] == [
        ("16-71", "IP", 3),
        ("16-72", "RES", 5),
    ]


def test_a_course_of_care_is_a_stay_where_a_line_names_its_level_and_a_disease_is_none(begun):
    found = begun.column("episodes", "episode_id", "level_of_care", "end_day - start_day")
    assert [one for one in found if one[0].startswith("325")] == [("32531-81", "IOP", 25)]


def test_totals_are_found_in_both_tables_where_they_have_a_value(begun):
    assert begun.column("assessments", "patient_id", "instrument_id", "score") == [("1", "PHQ9", 18), ("2", "GAD7", 12)]


def test_what_was_paid_for_visits_is_a_cost_of_the_person_on_the_day_of_the_visit(begun):
    assert begun.column("costs", "patient_id", "amount", "currency", "price_year") == [("3", 9000.5, "USD", 2025)]


@pytest.mark.parametrize("way", ["one DuckDB file", "its tables as Parquet"])
def test_a_model_in_one_duckdb_file_or_exported_from_one_is_read_alike(begun, tmp_path, way):
    start_study(tmp_path / "study", "omop")
    mapping = tmp_path / "study" / "mapping.toml"
    mapping.write_text(mapping.read_text().replace('"*" = ""', f'{LEVEL}\n"*" = ""', 1))
    con = duckdb.connect(
        str(tmp_path / "study/raw/cdm.duckdb" if way == "one DuckDB file" else tmp_path / "cdm.duckdb")
    )
    for name, drawn in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(csv(drawn))
        con.execute(f"CREATE TABLE {name.lower()} AS FROM read_csv('{tmp_path / name}.csv')")
    if way == "its tables as Parquet":
        con.execute(f"EXPORT DATABASE '{tmp_path / 'study/raw'}' (FORMAT parquet)")
    con.close()
    made, _ = ingested(load_study(tmp_path / "study"))
    for table, columns in (("sessions", "session_id, service_day, cpt_hcpcs"), ("costs", "patient_id, amount")):
        asked = f"SELECT {columns} FROM staging.{table} ORDER BY 1"
        assert made.execute(asked).fetchall() == begun.con.execute(asked).fetchall()
