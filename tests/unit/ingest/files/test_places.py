"""Where rows that break a rule stand: every file that holds some is named with how many, and no place comes twice."""

import duckdb

from pipeline.ingest.files.places import places
from pipeline.ingest.report import Breach
from tests.unit.ingest.mapped import staged

WIDE = """
[assessments."Survey_*.csv"]
patient_id = "Client"
assessed = "Day"
PHQ9 = "phq"
GAD7 = "gad"
"""


def test_a_rule_names_each_file_with_how_many_rows_of_it_break_it(tmp_path):
    _, report = staged(
        tmp_path,
        WIDE,
        without=("assessments",),
        Survey_1__csv="Client,Day,phq,gad\np1,2025-01-06,10,7\nx1,2025-01-06,8,6\nx2,2025-01-06,8,6\n",
        Survey_2__csv="Client,Day,phq,gad\np2,2025-03-03,10,7\nx1,2025-02-06,8,6\n",
    )
    [breach] = [breach for breach in report.breaches if breach.rule == "patient_id_unknown"]
    assert (breach.count, breach.lines) == (6, 3)
    assert breach.files == (("Survey_1.csv", 4), ("Survey_2.csv", 2))
    assert breach.first == (("Survey_1.csv", 3), ("Survey_1.csv", 4), ("Survey_2.csv", 3))
    assert breach.line().startswith(
        "Survey_1.csv (4), Survey_2.csv (2): 6 rows have a patient_id that is not in patients"
    )
    assert "(rows 3, 4 of Survey_1.csv, 3 of Survey_2.csv; 3 lines of the files make them" in breach.line()
    assert "test records" in breach.advice
    assert "leave_out" in breach.advice


def test_the_first_places_come_from_every_file_in_turn_and_in_the_order_of_the_files():
    con = duckdb.connect(config={"threads": 1})
    rows = "SELECT * FROM (VALUES (0, 9), (0, 2), (0, 4), (0, 6), (0, 8), (1, 3), (2, 5), (2, 5)) AS r (source_file, source_row)"
    found = places(con, ["a.csv", "b.csv", "c.csv"], rows)
    assert found.first == (("a.csv", 2), ("a.csv", 4), ("a.csv", 6), ("b.csv", 3), ("c.csv", 5))
    assert (found.rows, found.lines) == (8, 7)
    assert found.files == (("a.csv", 5), ("b.csv", 1), ("c.csv", 2))


def test_one_file_is_named_alone_and_many_are_cut_short():
    one = Breach("sessions", "r", "warning", "lie", 2, (("a.csv", 2), ("a.csv", 4)), files=(("a.csv", 2),), lines=2)
    assert one.line() == "a.csv: 2 rows lie (rows 2, 4) [warning, kept]"
    many = tuple((f"{letter}.csv", 1) for letter in "abcdefg")
    first = tuple((file, 2) for file, _ in many[:5])
    seven = Breach("sessions", "r", "warning", "lie", 7, first, files=many, lines=7)
    assert seven.line().startswith("a.csv (1), b.csv (1), c.csv (1), d.csv (1), e.csv (1), 2 more files: 7 rows lie")
