"""Next month's export calls a column otherwise: which one is meant, and what is told."""

import pytest

from pipeline.ingest.known.new_names import may_be_ours, new_name
from pipeline.ingest.report import DroppedColumn
from tests.unit.ingest.deliveries import delivery, ingested

STAYS = "episode_id,patient_id,program_id,level_of_care,start_date,{}\n" + "".join(
    f"e{i},p{i},IOP1,IOP,2026-01-05,2026-02-{i + 10}\n" for i in range(1, 5)
)


@pytest.mark.parametrize(
    ("was", "now", "besides"),
    [
        ("end_date", "end_dt", ["start_of_stay", "status"]),
        ("Discharge Dt", "DischargeDate", ["Discharge Reason", "Admit Date"]),
        ("Gender", "Gender Identity", ["Race", "Age"]),
    ],
)
def test_a_column_that_was_renamed_is_found_by_how_it_is_spelled(was, now, besides):
    assert new_name("episodes", "level_of_care", [was], [*besides, now]) == now


def test_a_column_that_was_renamed_is_found_by_what_exports_call_it():
    assert new_name("patients", "birth_year", ["DOB"], ["Docket", "Birth Date"]) == "Birth Date"


def test_where_two_columns_are_called_so_or_none_is_near_nothing_is_proposed():
    assert new_name("episodes", "end", ["XQ7"], ["Discharge Date", "Exit"]) == ""
    assert new_name("episodes", "end", ["end_date"], ["notes"]) == ""


def test_an_end_under_another_name_is_told_with_the_line_that_names_it_and_not_as_a_stray(tmp_path):
    _, report = ingested(delivery(tmp_path, only=("patients", "episodes"), episodes=STAYS.format("end_dt")))
    assert (
        'episodes.csv has no end_date; is it "end_dt"? Then add to study.toml, under [columns.episodes]: end_date ='
        ' "end_dt"'
    ) in report.causes
    told = " ".join(report.lines())
    assert told.count("end_dt") == 2
    assert "has no end:" not in told


def test_a_column_that_looks_like_an_identifier_is_never_proposed():
    def dropped(reason):
        return DroppedColumn("patients", "patients.csv", "zip_3", reason)

    assert may_be_ours(dropped("not in the data dictionary"))
    assert may_be_ours(dropped("looks like calendar dates"))
    assert not may_be_ours(dropped("looks like phone or fax numbers"))
    assert not may_be_ours(dropped("is called like a name"))
