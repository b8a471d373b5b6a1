"""What may be absent from an export, and how a cell is found within lists and types of JSON."""

from tests.unit.ingest.mapped import made_rows, staged


def test_a_column_that_may_be_absent_leaves_out_its_line_and_no_other(tmp_path):
    mapping = """
        [patients."people.csv"]
        optional = true
        patient_id = "Id"
        sex = "Sex"
        state = ["State", "Region"]
        age_at_index = { age = "Born", on = "Came" }
    """
    [(_, rows)] = made_rows(tmp_path, mapping, people__csv="Id,Region,Came\np1,OH,2025-01-01")
    assert rows == [{"patient_id": "p1", "state": "OH"}]


def test_a_file_that_may_be_absent_is_told_and_is_no_fault(tmp_path):
    mapping = '[assessments."scores.csv"]\noptional = true\npatient_id = "Id"\n'
    _, report = staged(tmp_path, mapping)
    assert any('no raw file is called "scores.csv"' in line and "optional" in line for line in report.lines())


def test_where_the_column_that_says_which_rows_count_is_absent_none_does(tmp_path):
    mapping = """
        [followups."people.csv"]
        optional = true
        only = { Died = "*" }
        patient_id = "Id"
        contact = "Died"
    """
    assert made_rows(tmp_path, mapping, people__csv="Id,Sex\np1,F") == []


def test_of_a_list_the_first_object_counts_whose_part_ends_so_and_of_types_the_one_that_is_filled(tmp_path):
    mapping = """
        [assessments."Observation.ndjson"]
        patient_id = "subject.reference"
        instrument_id = "code.coding[system=loinc.org].code"
        score = "value[x]"
    """
    coding = '[{"system": "urn:ours", "code": "PHQ"}, {"system": "http://loinc.org", "code": "44261-6"}]'
    start = f'{{"subject": {{"reference": "Patient/p1/_history/3"}}, "code": {{"coding": {coding}}}, '
    lines = (
        start + '"valueQuantity": {"value": 12}}\n' + start + '"valueInteger": 7}\n' + start + '"status": "final"}\n'
    )
    [(_, rows)] = made_rows(tmp_path, mapping, Observation__ndjson=lines.encode())
    assert [row["patient_id"] for row in rows] == ["p1", "p1", "p1"]
    assert [row["instrument_id"] for row in rows] == ["44261-6", "44261-6", "44261-6"]
    assert [row["score"] for row in rows] == ["12", "7", None]


LOOKING = """
    [episodes."stays.csv"]
    optional = true
    episode_id = "Id"
    patient_id = "Who"
    payer = { column = "Payer", file = "cover*", match = { Person = "Who" } }
"""


def test_another_file_may_come_in_parts_which_are_read_together(tmp_path):
    parts = {"cover_0001__csv": "Person,Payer\np1,medicaid", "cover_0002__csv": "Person,Payer\np2,self"}
    made = dict(made_rows(tmp_path, LOOKING, stays__csv="Id,Who\ne1,p1\ne2,p2", **parts))
    assert [row["payer"] for row in made["episodes"]] == ["medicaid", "self"]


def test_of_another_file_with_a_date_in_its_name_the_newest_counts(tmp_path):
    parts = {"cover_2025-01-01__csv": "Person,Payer\np1,medicaid", "cover_2025-02-01__csv": "Person,Payer\np1,self"}
    made = dict(made_rows(tmp_path, LOOKING, stays__csv="Id,Who\ne1,p1", **parts))
    assert [row["payer"] for row in made["episodes"]] == ["self"]


def test_another_file_without_the_column_leaves_out_the_line(tmp_path):
    made = dict(made_rows(tmp_path, LOOKING, stays__csv="Id,Who\ne1,p1", cover__csv="Person,Plan\np1,x"))
    assert "payer" not in made["episodes"][0]
