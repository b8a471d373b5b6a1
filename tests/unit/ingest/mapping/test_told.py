"""What is wrong with a mapping, or with next month's files under it, is told with the line to change."""

import tomllib

import pytest

from pipeline.errors import StructureError, StudyError
from pipeline.ingest.mapping.reading import read_mapping
from tests.unit.ingest.deliveries import ingested, rows
from tests.unit.ingest.mapped import mapped

PEOPLE = """
    Client,Gender,Born
    c1,Female,1980
    c2,Male,1990
"""
GOOD = """\
dates = "M/D/YYYY"

[patients."people.csv"]
patient_id = "Client"
sex = { column = "Gender", values = "sex" }
birth_year = "Born"

[values.sex]
Female = "F"
Male = "M"
"""

WRONG = {
    "an unknown key": (
        GOOD.replace("birth_year", "birthyear"),
        r'line 6: unknown key "birthyear"; did you mean "birth_year"\?',
    ),
    "an unknown table": (
        GOOD.replace("[patients", "[patient"),
        r'"patient" is no table and no choice; did you mean "patients"\?',
    ),
    "a list that is not there": (
        GOOD.replace('"sex" }', '"sexes" }'),
        r'line 5: there is no \[values\.sexes\]; did you mean "sex"\?',
    ),
    "a way of reading that is none": (
        GOOD.replace("column =", "colum ="),
        r'line 5: unknown key "colum"; did you mean "column"\?',
    ),
    "a format of days that names no month": (GOOD.replace("M/D/YYYY", "D/YYYY"), r"a date is written with YYYY"),
    "one column of ours twice": (
        GOOD.replace('birth_year = "Born"', 'observed_from = "Born"\nobserved_from_day = "Born"'),
        r"line 7: observed_from_day and observed_from are one column",
    ),
    "a number of items that the scale does not have": (
        GOOD + '[assessments."people.csv"]\npatient_id = "Client"\nassessed = "Born"\nPHQ9 = { items = "q{1-8}" }\n',
        r"line 14: PHQ9 has 9 items, and 8 are named",
    ),
    "a scale whose total is no sum": (
        GOOD + '[assessments."people.csv"]\nQIDS16 = { items = "q{1-16}" }\n',
        r"the total of QIDS16 cannot be made from its items here",
    ),
    "no TOML": (GOOD + "sex = \n", r"mapping\.toml is not valid TOML"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_line_that_cannot_be_read_is_told(tmp_path, case):
    text, said = WRONG[case]
    with pytest.raises(StudyError, match=said):
        ingested(mapped(tmp_path, text, without=("patients",), people__csv=PEOPLE))


CHANGED = {
    "a renamed column": (
        PEOPLE.replace("Gender", "Gender Identity"),
        r'line 5: people\.csv has no column "Gender"; is it "Gender Identity" now\? Then write that name in this line',
    ),
    "a column that is gone": (
        PEOPLE.replace("Gender", "Status"),
        r'line 5: people\.csv has no column "Gender"; its columns are Client, Status, Born',
    ),
}


@pytest.mark.parametrize("case", CHANGED)
def test_a_file_that_changed_is_told_in_terms_of_the_line(tmp_path, case):
    people, said = CHANGED[case]
    with pytest.raises(StructureError, match=said):
        ingested(mapped(tmp_path, GOOD, without=("patients",), people__csv=people))


def test_a_file_that_did_not_come_is_told_with_the_nearest_that_did(tmp_path):
    with pytest.raises(
        StructureError, match=r'line 3: no raw file is called "people\.csv"; did you mean peoples\.csv\?'
    ):
        ingested(mapped(tmp_path, GOOD, without=("patients",), peoples__csv=PEOPLE))


def test_a_file_that_did_not_come_is_named_wherever_a_line_needs_it_and_no_other_file_is_offered_for_it(tmp_path):
    for_sex = '{ column = "Gender", file = "intake_battery.sav", match = { CLIENT = "Client" } }'
    for text in (
        GOOD.replace("people.csv", "intake_battery.sav"),
        GOOD.replace('{ column = "Gender", values = "sex" }', for_sex),
    ):
        with pytest.raises(StructureError, match=r'no raw file is called "intake_battery\.sav"; correct the name'):
            ingested(mapped(tmp_path, text, without=("patients",), Client_Roster__csv=PEOPLE, people__csv=PEOPLE))


def test_a_block_without_what_every_row_needs_is_told_with_the_columns_of_its_file(tmp_path):
    text = GOOD.replace('patient_id = "Client"\n', "")
    with pytest.raises(
        StructureError,
        match=r"line 3: no line of this block says where people\.csv has patient_id \(random token made by the site\); its columns are Client, Gender, Born",
    ):
        ingested(mapped(tmp_path, text, without=("patients",), people__csv=PEOPLE))


def test_a_word_that_no_list_translates_is_told_with_the_list_that_lacks_it(tmp_path):
    people = (
        PEOPLE
        + "    c3,Agender,1991\n    c4,Female,1992\n    c5,Female,1992\n    p1,Male,1990\n    p2,Male,1990\n    p3,Male,1990\n    p4,Male,1990\n"
    )
    _, report = ingested(mapped(tmp_path, GOOD, without=("patients",), people__csv=people))
    [breach] = [one for one in report.breaches if one.rule == "sex_outside_vocabulary"]
    assert breach.count == 1
    assert (
        "under [values.sex] (mapping.toml, line 8); carelevels map writes each word that is new there" in breach.advice
    )


def test_a_row_is_named_as_the_file_numbers_it_though_others_were_left_out(tmp_path):
    text = GOOD.replace('patient_id = "Client"\n', 'patient_id = "Client"\nleave_out = { Client = "test*" }\n')
    people = (
        PEOPLE
        + "    test1,Male,1990\n    test2,Male,1990\n    p1,Male,1850\n    p2,Male,1990\n    p3,Male,1990\n    p4,Male,1990\n"
    )
    _, report = ingested(mapped(tmp_path, text, without=("patients",), people__csv=people))
    [breach] = [one for one in report.breaches if one.rule == "birth_year_outside_range"]
    assert breach.first == (("people.csv", 6),)
    assert "people.csv: 2 of 8 rows left out of patients, as mapping.toml says (Client)" in report.warnings


def test_of_several_files_the_one_whose_name_carries_the_latest_day_is_read(tmp_path):
    text = GOOD.replace("people.csv", "people_*.csv").replace(
        'birth_year = "Born"', 'birth_year = "Born"\nnewest = true'
    )
    old = PEOPLE + "    old,Male,1990\n"
    new = PEOPLE + "".join(f"    p{n},Male,1990\n" for n in range(1, 5))
    study = mapped(tmp_path, text, without=("patients",))
    for name, content in {
        "people_June 30, 2026_9.10.csv": old,
        "people_July 5, 2026_10.22.csv": new,
        "people_2025-12-31.csv": old,
    }.items():
        (tmp_path / "raw" / name).write_text("\n".join(line.strip() for line in content.strip().splitlines()) + "\n")
    _, report = ingested(study)
    assert [file.file for file in report.files if file.table == "patients"] == ["people_July 5, 2026_10.22.csv"]
    (tmp_path / "raw" / "people_final.csv").write_text("Client,Gender,Born\nx,Male,1990\n")
    with pytest.raises(StructureError, match=r"newest = true, and the name of people_final\.csv carries no date"):
        ingested(study)


def test_a_table_is_made_one_way(tmp_path):
    study = mapped(tmp_path, GOOD, without=("patients",), people__csv=PEOPLE)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "patients.sql").write_text("SELECT Client AS patient_id FROM people")
    with pytest.raises(
        StructureError, match=r"patients is made by mapping\.toml and by sources/patients\.sql; keep one"
    ):
        ingested(study)


def test_a_query_that_does_not_run_is_told_the_views_and_their_columns(tmp_path):
    study = mapped(tmp_path, "", without=("patients",), people__csv=PEOPLE)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "patients.sql").write_text("SELECT Clientele AS patient_id FROM people")
    with pytest.raises(StructureError, match=r'with text columns: .*"people" \(Client, Gender, Born\)'):
        ingested(study)


def test_a_file_is_the_one_that_is_written_so_before_any_whatever_its_case(tmp_path):
    study = mapped(
        tmp_path,
        GOOD,
        without=("patients",),
        people__csv=PEOPLE + "    p1,Male,1990\n    p2,Male,1990\n    p3,Male,1990\n    p4,Male,1990\n",
    )
    (tmp_path / "raw" / "People.csv").write_text("patient_id\n")
    _, report = ingested(study)
    assert [file.file for file in report.files if file.table == "patients"] == ["people.csv"]


EVERYTHING = """
missing = ["NA"]
dates = "M/D/YYYY"
decimal = "."
[ids.patient_id]
upper = true
pad = 3
[patients."people.csv"]
sheet = "One"
newest = true
only = { A = "x" }
leave_out = { A = ["x", ""] }
patient_id = "A"
sex = { column = "A", values = { x = "F" }, default = "U", first = 1, word = 1, after = "-", before = "-", code = true }
birth_year = { year = "A", dates = "D.M.YYYY" }
age_at_index = { age = "A", on = "B" }
prior_episodes_lifetime = { column = "A", unit = "min", times = 60, decimal = "," }
employment = { checked = { x = "y" } }
marital = { join = ["A", "B"], with = "-" }
veteran = { any = ["A"], like = "x*" }
housing = { column = "A", file = "b.csv", match = { C = "D" } }
[assessments."people.csv"]
PHQ9 = { items = "q{1-9}", total = "t", answers = "x", lowest = 1, reverse = [1], subscales = { a = "b" } }
[values]
x = { y = 1 }
"""
ODD = (
    1,
    1.5,
    True,
    "",
    "x",
    "[",
    [],
    [1],
    {},
    {"x": []},
    {"x": {}},
    {"": ""},
    [[]],
    float("nan"),
    -1,
    10**30,
    "'",
    "{1-9",
    "\x00",
)


def within(told, path=()):
    """Every place of parsed TOML."""
    for key in told:
        yield (*path, key)
        if isinstance(told[key], dict):
            yield from within(told[key], (*path, key))


@pytest.mark.parametrize("place", list(within(tomllib.loads(EVERYTHING))), ids=".".join)
def test_whatever_stands_in_a_line_is_read_or_told_with_its_line(tmp_path, monkeypatch, place):
    path = tmp_path / "mapping.toml"
    path.write_text(EVERYTHING)
    read_mapping(path)
    for odd in ODD:
        told = tomllib.loads(EVERYTHING)
        inner = told
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = odd
        monkeypatch.setattr(tomllib, "loads", lambda text, told=told: told)
        assert said_of(path).startswith("mapping.toml")
        monkeypatch.undo()


def said_of(path):
    """What is said of a mapping that cannot be read; its name where it can."""
    try:
        read_mapping(path)
    except StudyError as fault:
        return str(fault)
    return "mapping.toml"


def test_days_of_another_shape_are_told_with_the_line_that_may_say_how_they_are_written(tmp_path):
    text = GOOD.replace('birth_year = "Born"', 'observed_from = "Born"')
    people = PEOPLE.replace("1980", "13.1.2025").replace("1990", "14.1.2025")
    with pytest.raises(
        StructureError,
        match=r'"Born" holds dates .*, nor as mapping\.toml says; say in mapping\.toml, line 6 how they are',
    ):
        ingested(mapped(tmp_path, text, without=("patients",), people__csv=people))


def test_the_form_that_is_offered_for_days_is_the_one_that_the_file_shows_whatever_stands_between_them(tmp_path):
    text = GOOD.replace('birth_year = "Born"', 'observed_from = "Born"')
    people = PEOPLE.replace("1980", "1.13.2025").replace("1990", "not yet")
    with pytest.raises(StructureError, match=r'such as \{ column = "Born", dates = "M\.D\.YYYY" \}'):
        ingested(mapped(tmp_path, text, without=("patients",), people__csv=people))


def test_a_word_that_we_do_not_know_and_an_empty_cell_are_told_with_what_to_write_in_their_line(tmp_path):
    text = '[discharges."ends.csv"]\nepisode_id = "Stay"\ndischarge = "Day"\nending = { column = "Why", values = "known" }\n'
    ends = "Stay,Day,Why\ne1,2025-02-20,Graduated\ne2,2025-04-20,\ne3,2025-06-20,Z9\n"
    _, report = ingested(mapped(tmp_path, text, without=("discharges",), ends__csv=ends))
    advice = {one.rule: one.advice for one in report.breaches}
    assert (
        'values = [{ "their word" = "our code" }, "known"] in mapping.toml, line 4'
        in advice["ending_outside_vocabulary"]
    )
    assert advice["ending_missing"].endswith(
        'where nobody knows it, its line in mapping.toml may say default = "unknown"'
    )


RENAMED_ON_THE_WAY = (
    '[episodes."stays_*.csv"]\nepisode_id = "Stay"\npatient_id = "Who"\nprogram_id = "=g1"\nstart = {}\n'
)
YEARS = {
    "stays_1__csv": b"Stay,Who,Begun\ne1,p1,2025-01-06\n",
    "stays_2__csv": b"Stay,Who,Begin Date\ne2,p2,2025-01-07\n",
}


def test_where_one_of_several_files_renamed_a_column_both_names_are_to_be_written(tmp_path):
    line = RENAMED_ON_THE_WAY.format('"Begun"')
    with pytest.raises(StructureError, match=r'Then write \["Begun", "Begin Date"\] in this line: the one that a file'):
        ingested(mapped(tmp_path, line, without=("episodes", "sessions", "discharges"), **YEARS))


def test_of_several_columns_each_file_gives_the_one_that_it_has_and_the_other_is_told(tmp_path):
    line = RENAMED_ON_THE_WAY.format('["Begun", "Begin Date"]')
    con, report = ingested(mapped(tmp_path, line, without=("episodes", "sessions", "discharges"), **YEARS))
    assert rows(con, "SELECT count(*) FROM staging.episodes WHERE start_day IS NOT NULL") == [(2,)]
    assert 'stays_1.csv has no "Begin Date": start of episodes is read from Begun there' in report.warnings
