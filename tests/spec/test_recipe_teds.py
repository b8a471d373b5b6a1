"""What `carelevels init --from teds-d` makes of the nation's discharges: codes as the codebook says, stays as ranges."""

import pytest

from tests.spec.recipe_rows import Begun
from tests.unit.ingest.deliveries import csv

YEAR_2019 = """
    DISYR,CASEID,STFIPS,AGE,GENDER,RACE,ETHNIC,EDUC,EMPLOY,LIVARAG,VET,MARSTAT,NOPRIOR,SERVICES,SERVICES_D,LOS,REASON,PSOURCE,PRIMPAY,DSMCRIT,METHUSE
    2019,1,6,1,1,5,4,3,1,3,2,1,0,7,6,30,1,1,1,4,2
    2019,2,6,12,2,4,4,5,3,1,1,4,1,6,6,31,2,7,4,5,1
    2019,3,39,7,-9,9,1,-9,-9,-9,-9,-9,-9,4,4,37,6,-9,-9,-9,-9
    2019,4,39,7,1,-9,-9,1,4,2,2,2,1,5,5,36,3,4,6,15,2
    2019,5,72,7,1,2,4,1,4,2,2,2,1,3,3,1,4,4,6,15,2
    2019,6,72,7,1,8,4,1,4,2,2,2,1,2,2,3,7,4,6,15,2
    2019,7,72,7,1,8,4,1,4,2,2,2,1,2,2,-9,7,4,6,15,2
"""
YEAR_2016 = """
    DISYR,CASEID,STFIPS,AGE,GENDER,RACE,ETHNICITY,SERVICES_D,LOS,REASON
    2016,1,6,5,1,5,4,6,34,5
"""


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    files = {"tedsd_puf_2019__csv": csv(YEAR_2019), "tedsd_puf_2016__csv": csv(YEAR_2016)}
    return Begun(tmp_path_factory.mktemp("teds") / "study", "teds-d", **files)


def of(begun, table, *columns):
    key = "episode_id" if table == "discharges" else "patient_id"
    return {row[0]: row[1:] for row in begun.column(table, key, *columns)}


def test_a_discharge_is_one_of_its_year_and_one_without_a_length_of_stay_is_left_out(begun):
    assert list(of(begun, "patients")) == ["2016c1", *(f"2019c{number}" for number in range(1, 7))]


def test_a_stay_of_thirty_days_has_an_end_and_a_longer_one_a_range(begun):
    ends = of(begun, "episodes", "start_day", "end_day", "end_latest_day")
    assert ends["2019c1"] == (0, 29, None)
    assert ends["2019c2"] == (0, 30, 44)
    assert ends["2016c1"] == (0, 90, 119)
    assert ends["2019c4"] == (0, 180, 364)
    assert ends["2019c3"] == (0, 365, 3649)


def test_the_service_at_admission_is_the_level_and_detoxification_is_withdrawal_management(begun):
    levels = {who: level for who, (level,) in of(begun, "episodes", "level_of_care").items()}
    assert levels == {
        "2016c1": "IOP",  # a year that tells the service at discharge alone
        "2019c1": "OP",
        "2019c2": "IOP",
        "2019c3": "RES",
        "2019c4": "RES",
        "2019c5": "IP",
        "2019c6": "WM",
    }


def test_reasons_are_endings(begun):
    assert [ending for (ending,) in of(begun, "discharges", "ending").values()] == [
        "incarcerated",
        "completed",
        "dropped_out",
        "died",
        "terminated",
        "transferred",
        "other",
    ]


def test_people_are_described_by_the_codebook_and_what_is_missing_is_not_recorded(begun):
    told = of(begun, "patients", "age_at_index", "sex", "race_ethnicity", "state", "housing", "prior_episodes_lifetime")
    assert told["2019c1"] == (13, "M", "WHITE", "CA", "independent", 0)
    assert told["2019c2"] == (70, "F", "BLACK", "CA", "homeless", 1)
    assert told["2019c3"] == (37, "U", "HISP", "OH", None, None)
    assert told["2019c4"][2] == "UNK"
    assert told["2019c5"][2] == "AIAN"
    assert told["2016c1"] == (27, "M", "WHITE", "CA", None, None)


def test_who_sent_and_who_paid(begun):
    told = of(begun, "episodes", "referral_source", "payer", "primary_dx", "sud_flag", "medication_for_sud")
    assert told["2019c2"] == ("court", "medicaid", "F11", True, True)
    assert told["2019c3"] == (None, None, None, True, None)


def test_no_row_is_lost(begun):
    assert sum(file.quarantined for file in begun.report.files) == 0
