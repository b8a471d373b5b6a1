"""The same three people in every format: cells as a person sees them, rows numbered as in the file, inputs hashed."""

import gzip
import json
import zipfile
from datetime import date

import duckdb
import pytest

from pipeline.errors import StructureError
from pipeline.ingest.inputs import input_hashes
from tests.unit.ingest.deliveries import ingested, rows
from tests.unit.ingest.mapped import mapped

ROWS = [("p1", 1980, "F"), ("p2", 1990, "M"), ("p3", None, "U"), ("p4", 2001, "X")]
HEADER = ("ID", "BORN", "SEX")
MAPPING = '[patients."people.*"]\npatient_id = "ID"\nbirth_year = "BORN"\nsex = "SEX"\n'


def text(delimiter):
    lines = [delimiter.join("" if cell is None else str(cell) for cell in row) for row in (HEADER, *ROWS)]
    return ("\n".join(lines) + "\n").encode()


def write_parquet(path):
    values = ", ".join(f"('{one}', {'NULL' if born is None else born}, '{sex}')" for one, born, sex in ROWS)
    duckdb.sql(f"COPY (SELECT * FROM (VALUES {values}) AS t(ID, BORN, SEX)) TO '{path}' (FORMAT parquet)")


def write_xlsx(path, above=(), blank_after=None, sheets=("People",)):
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        for name in sheets:
            sheet = book.add_worksheet(name)
            place = 0
            for line in above:
                sheet.write_row(place, 0, line)
                place += 1
            for count, row in enumerate((HEADER, *ROWS)):
                sheet.write_row(place, 0, row)
                place += 2 if count == blank_after else 1


def write_ods(path):
    def cell(value):
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, int):
            return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in (HEADER, *ROWS))
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    content = f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="People">{lines}</table:table></office:spreadsheet></office:body></office:document-content>'
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", "<manifest/>")
        book.writestr("content.xml", content)


def frame():
    import pandas as pd

    return pd.DataFrame(ROWS, columns=list(HEADER))


def statistical(writer):
    def write(path):
        import pyreadstat

        getattr(pyreadstat, writer)(frame(), str(path))

    return write


def objects():
    return [dict(zip(HEADER, row, strict=True)) for row in ROWS]


FORMATS = {
    ".csv": lambda path: path.write_bytes(text(",")),
    ".csv.gz": lambda path: path.write_bytes(gzip.compress(text(","))),
    ".tsv": lambda path: path.write_bytes(text("\t")),
    ".txt": lambda path: path.write_bytes(text(";")),
    ".parquet": write_parquet,
    ".xlsx": write_xlsx,
    ".ods": write_ods,
    ".sav": statistical("write_sav"),
    ".zsav": lambda path: __import__("pyreadstat").write_sav(frame(), str(path), compress=True),
    ".por": statistical("write_por"),
    ".dta": statistical("write_dta"),
    ".xpt": statistical("write_xport"),
    ".ndjson": lambda path: path.write_text("".join(json.dumps(one) + "\n" for one in objects())),
    ".json": lambda path: path.write_text(json.dumps(objects(), indent=1)),
}


def with_file(folder, ending, mapping=MAPPING, write=None):
    study = mapped(folder, mapping, without=("patients",))
    (write or FORMATS[ending])(folder / "raw" / f"people{ending}")
    return study


@pytest.mark.parametrize("ending", FORMATS)
def test_people_are_the_same_in_every_format(tmp_path, ending):
    study = with_file(tmp_path, ending)
    con, report = ingested(study)
    assert rows(con, "SELECT patient_id, birth_year, sex FROM staging.patients ORDER BY 1") == ROWS
    assert f"raw/people{ending}" in input_hashes(study)
    assert report.files[0].file == f"people{ending}"


@pytest.mark.parametrize("ending", [".xlsx", ".sav", ".tsv"])
def test_a_file_that_is_called_like_a_table_needs_no_mapping(tmp_path, ending):
    study = mapped(tmp_path, "", without=("patients",))
    path = tmp_path / "raw" / f"patients{ending}"
    global HEADER
    before, HEADER = HEADER, ("patient_id", "birth_year", "sex")
    try:
        FORMATS[ending](path)
    finally:
        HEADER = before
    con, _ = ingested(study)
    assert rows(con, "SELECT count(*), count(birth_year) FROM staging.patients") == [(4, 3)]


def test_what_changes_in_a_file_of_any_format_changes_what_the_run_is_made_from(tmp_path):
    study = with_file(tmp_path, ".ndjson")
    before = input_hashes(study)
    (tmp_path / "raw" / "people.ndjson").write_text('{"ID": "p1", "BORN": 1981, "SEX": "F"}\n')
    assert input_hashes(study) != before


def test_a_change_of_the_mapping_changes_what_the_run_is_made_from(tmp_path):
    study = with_file(tmp_path, ".csv")
    before = input_hashes(study)
    (tmp_path / "mapping.toml").write_text(MAPPING.replace('sex = "SEX"\n', ""))
    assert input_hashes(study) != before


def test_a_row_of_a_workbook_is_named_as_the_spreadsheet_numbers_it(tmp_path):
    global ROWS
    before, ROWS = ROWS, [*ROWS, ("p5", 1700, "F")]
    try:
        study = with_file(
            tmp_path,
            ".xlsx",
            write=lambda path: write_xlsx(
                path, above=(("Roster of the north",), ("printed 2026-07-01",)), blank_after=2
            ),
        )
    finally:
        ROWS = before
    _, report = ingested(study)
    [breach] = [one for one in report.breaches if one.rule == "birth_year_outside_range"]
    assert breach.first == (("people.xlsx", 9),)  # two rows of title, the header, a blank row after two people


def test_a_workbook_of_several_sheets_is_read_by_the_sheet_that_the_mapping_names(tmp_path):
    two = {"write": lambda path: write_xlsx(path, sheets=("Old", "New"))}
    with pytest.raises(
        StructureError, match=r'line 1: people\.\* has several sheets; add a line such as sheet = "Old"'
    ):
        ingested(with_file(tmp_path / "unnamed", ".xlsx", **two))
    con, _ = ingested(with_file(tmp_path / "named", ".xlsx", mapping=MAPPING + 'sheet = "new"\n', **two))
    assert rows(con, "SELECT count(*) FROM staging.patients") == [(4,)]


def test_codes_of_a_statistics_file_have_their_labels_beside_them_and_its_missing_values_are_empty(tmp_path):
    import pandas as pd
    import pyreadstat

    def write(path):
        content = pd.DataFrame(
            {"ID": ["p1", "p2", "p3", "p4"], "BORN": [1980.0, 1990.0, 9999.0, 2001.0], "G": [1.0, 2.0, 2.0, 9.0]}
        )
        pyreadstat.write_sav(
            content, str(path), variable_value_labels={"G": {1: "F", 2: "M", 9: "U"}}, missing_ranges={"BORN": [9999]}
        )

    mapping = MAPPING.replace('"SEX"', '"G (label)"')
    con, report = ingested(with_file(tmp_path, ".sav", mapping=mapping, write=write))
    assert rows(con, "SELECT birth_year, sex FROM staging.patients ORDER BY patient_id") == [
        (1980, "F"),
        (1990, "M"),
        (None, "M"),
        (2001, "U"),
    ]
    assert "people.sav: values that the file declares missing are read as empty (BORN)" in report.warnings


def test_days_of_a_workbook_and_of_a_statistics_file_are_iso_days(tmp_path):
    import pandas as pd
    import pyreadstat
    import xlsxwriter

    mapping = '[patients."people.*"]\npatient_id = "ID"\nobserved_from = "D"\n'

    def workbook(path):
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ("ID", "D"))
            for place in range(1, 5):
                sheet.write(place, 0, f"p{place}")
                sheet.write_datetime(place, 1, date(2025, 1, 3), book.add_format({"num_format": "m/d/yyyy"}))

    def spss(path):
        pyreadstat.write_sav(pd.DataFrame({"ID": ["p1", "p2", "p3", "p4"], "D": [date(2025, 1, 3)] * 4}), str(path))

    for ending, write in ((".xlsx", workbook), (".sav", spss)):
        con, _ = ingested(with_file(tmp_path / ending[1:], ending, mapping=mapping, write=write))
        days = rows(con, "SELECT DISTINCT observed_from_day FROM staging.patients")
        assert days == [((date(2025, 1, 3) - date(1970, 1, 1)).days,)]


DAMAGED = {
    ".xlsx": "cannot be opened as a workbook",
    ".sav": "cannot be read as the .sav file that its name says",
    ".xpt": "cannot be read as the .xpt file that its name says",
    ".json": "is not JSON that is a list of objects",
    ".ndjson": "is not JSON with one object a line",
}


@pytest.mark.parametrize("ending", DAMAGED)
def test_a_damaged_file_is_told_with_what_to_do(tmp_path, ending):
    with pytest.raises(StructureError, match=rf"people\{ending} {DAMAGED[ending]}"):
        ingested(with_file(tmp_path, ending, write=lambda path: path.write_bytes(b"nothing of the kind")))


def test_what_a_reader_holds_of_a_raw_file_never_reaches_the_studys_database(tmp_path):
    con, _ = ingested(with_file(tmp_path, ".xlsx"))
    assert rows(
        con,
        "SELECT count(*) FROM duckdb_tables() WHERE temporary OR table_name LIKE 'raw %' OR table_name LIKE 'made %'",
    ) == [(0,)]


def test_folders_and_files_of_no_known_format_are_told(tmp_path):
    study = with_file(tmp_path, ".csv")
    (tmp_path / "raw" / "2025").mkdir()
    (tmp_path / "raw" / "notes.docx").write_bytes(b"x")
    _, report = ingested(study)
    assert any(
        note.startswith("2025 is a folder: files are read from the raw folder itself") for note in report.warnings
    )
    assert any(note.startswith("notes.docx is of no format that is read (.csv, ") for note in report.warnings)


def test_a_title_above_the_column_names_of_a_text_file_is_skipped_and_told(tmp_path):
    content = b"Roster of the north\n\n" + text(",")
    study = with_file(tmp_path, ".csv", write=lambda path: path.write_bytes(content))
    con, report = ingested(study)
    assert rows(con, "SELECT count(*), min(source_row) FROM staging.patients") == [(4, 4)]
    assert "people.csv: the 2 rows above the column names were taken for a title and skipped" in report.warnings
