"""What `carelevels init --from claims` makes of claim lines: nights, services, reversals, and the levels their codes name."""

import pytest

from tests.spec.recipe_rows import Begun
from tests.unit.ingest.deliveries import csv

LINES = """
    claim_id,claim_line_number,person_id,bill_type_code,place_of_service_code,revenue_center_code,hcpcs_code,hcpcs_modifier_1,claim_line_start_date,claim_line_end_date,service_unit_quantity,paid_amount,facility_id
    c1,1,m1,112,,0124,,,2025-01-30,2025-01-31,2,2000.00,f1
    c2,1,m1,114,,124,,,2025-02-01,2025-02-04,3,3000.00,f1
    c2,2,m1,114,,0914,90853,,2025-02-02,2025-02-02,1,0.00,f1
    c3,1,m2,,,1001,,,2025-03-01,2025-03-04,,900.00,f2
    c4,1,m1,131,,0905,S9480,,2025-02-10,2025-02-10,1,300.00,f1
    c5,1,m1,131,,0905,S9480,,2025-02-11,2025-02-11,1,300.00,f1
    c5,1,m1,138,,0905,S9480,,2025-02-11,2025-02-11,1,-300.00,f1
    c6,1,m1,131,,0905,S9480,,2025-02-12,2025-02-12,1,300.00,f1
    c6r,1,m1,138,,0905,S9480,,2025-02-12,2025-02-12,1,-300.00,f1
    c7,1,m1,137,,0905,S9480,,2025-02-12,2025-02-12,1,280.00,f1
    c8,1,m2,,11,,90834,95,2025-03-10,2025-03-10,1,110.00,f2
    c9,1,m2,131,,0912,,,2025-03-12,2025-03-12,1,400.00,f1
    c10,1,m2,,11,,99213,,2025-03-13,2025-03-13,1,90.00,f3
    c11,1,m2,111,,0120,,,2025-05-01,2025-05-03,2,4000.00,f3
    c12,1,m2,131,,,G0410,,2025-03-15,2025-03-15,1,150.00,f1
"""
ENROLLED = """
    person_id,gender,race,birth_date,death_date,state,enrollment_start_date,enrollment_end_date
    m1,female,white,1980-04-09,,ohio,2024-01-01,2024-06-30
    m1,female,white,1980-04-09,,ohio,2024-07-01,2025-12-31
    m2,male,asian,1990-01-02,2025-06-01,OH,2024-01-01,2024-02-29
    m2,male,asian,1990-01-02,2025-06-01,OH,2024-09-01,2025-06-01
"""


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    files = {"medical_claim__csv": csv(LINES), "eligibility__csv": csv(ENROLLED)}
    return Begun(tmp_path_factory.mktemp("claims") / "study", "claims", **files)


def nights(begun, who):
    asked = f"SELECT service_day FROM staging.sessions WHERE patient_id = '{who}' AND status = 'bed_day' ORDER BY 1"
    return [day for (day,) in begun.con.execute(asked).fetchall()]


def test_monthly_pieces_of_a_stay_are_its_nights_without_a_gap(begun):
    days = nights(begun, "m1")
    assert len(days) == 5
    assert days[-1] - days[0] == 4


def test_without_units_the_nights_are_those_before_the_last_day(begun):
    assert len(nights(begun, "m2")) == 3


def test_a_reversal_takes_back_its_line_and_a_line_billed_again_counts_once(begun):
    found = begun.column("sessions", "session_id", "cpt_hcpcs")
    assert [one for one, code in found if code == "S9480"] == ["c4-1", "c7-1"]
    assert any("4 lines are reversals or taken back by one" in line for line in begun.report.lines())


def test_what_is_done_within_a_hospital_stay_is_part_of_its_nights(begun):
    assert "c2-2" not in [one for one, _ in begun.column("sessions", "session_id", "status")]


def test_other_medicine_is_no_service_of_behavioral_care(begun):
    services = [one for one, _ in begun.column("sessions", "session_id", "status")]
    assert not [one for one in services if one.startswith(("c10-", "c11-"))]


def test_a_single_service_is_outpatient_care_and_a_code_of_two_levels_none(begun):
    found = {one: level for one, level in begun.column("sessions", "session_id", "level_of_care")}
    assert found["c8-1"] == "OP"
    assert found["c12-1"] is None


def test_what_was_paid_is_summed_with_what_was_taken_back(begun):
    assert begun.con.execute("SELECT SUM(amount) FROM staging.costs WHERE patient_id = 'm1'").fetchall() == [(5580,)]


def test_enrollment_month_after_month_is_one_time_and_of_two_the_longer_counts(begun):
    found = begun.column("patients", "patient_id", "birth_year", "sex", "observed_to_day - observed_from_day")
    assert [row[:3] for row in found] == [("m1", 1980, "F"), ("m2", 1990, "M")]
    assert found[1][3] == 273


def test_a_death_is_told_once_however_often_the_file_repeats_it(begun):
    assert begun.column("followups", "patient_id", "reached", "source") == [("m2", "died", "claims")]
