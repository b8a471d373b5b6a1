"""The museum of files that once broke an import: each loads right, or is refused with the file, the row and what to
do."""

import gzip

import pytest

from pipeline.errors import DiskError, StructureError
from tests.unit.ingest.deliveries import HONEST, counts, csv, delivery, ingested, rows

PATIENTS = csv(HONEST["patients"])
WANTED = [("p1", 1980, "F"), ("p2", 1990, "M"), ("p3", None, "U"), ("p4", 2001, "X")]
SMALL = ("patients", "sessions")


def patients_from(folder, content, name="patients.csv"):
    """What becomes of one patients file."""
    study = delivery(folder, only=("sessions",))
    (folder / "raw" / name).write_bytes(content)
    con, _ = ingested(study)
    return rows(con, "SELECT patient_id, birth_year, sex FROM staging.patients ORDER BY patient_id")


LOADS = {
    "with a byte-order mark": b"\xef\xbb\xbf" + PATIENTS.encode(),
    "with Windows line endings": PATIENTS.replace("\n", "\r\n").encode(),
    "with old Mac line endings": PATIENTS.replace("\n", "\r").encode(),
    "with semicolons": PATIENTS.replace(",", ";").encode(),
    "with tabs": PATIENTS.replace(",", "\t").encode(),
    "with every cell in quotes": (
        "".join(",".join(f'"{cell}"' for cell in line.split(",")) + "\n" for line in PATIENTS.splitlines()).encode()
    ),
    "without a line break at its end": PATIENTS.rstrip("\n").encode(),
    "with blank lines": PATIENTS.replace("\n", "\n\n", 3).encode(),
    "with blank lines before its header": b"\n\n" + PATIENTS.encode(),
    "with blanks and capitals in its header": (
        PATIENTS.replace("patient_id,birth_year", " Patient_ID , Birth_Year ").encode()
    ),
}


@pytest.mark.parametrize("case", LOADS)
def test_a_file_loads_right(tmp_path, case):
    assert patients_from(tmp_path, LOADS[case]) == WANTED


def test_a_gzip_file_loads_right(tmp_path):
    assert patients_from(tmp_path, gzip.compress(PATIENTS.encode()), "patients.csv.gz") == WANTED


def test_a_gzip_file_that_forgot_its_ending_loads_right(tmp_path):
    assert patients_from(tmp_path, gzip.compress(PATIENTS.encode())) == WANTED


def test_a_line_break_inside_quotes_is_part_of_the_cell(tmp_path):
    con, report = ingested(
        delivery(
            tmp_path,
            only=SMALL,
            sessions=(
                b"session_id,patient_id,program_id,service_date,status,room\n"
                b's1,p1,g1,2025-01-06,attended,"A\nB"\ns2,p1,g1,2025-01-07,gone,"C"\n'
            ),
        )
    )
    assert rows(con, "SELECT session_id, source_row FROM staging.sessions") == [("s1", 2)]
    assert report.breaches[0].first == (("sessions.csv", 3),)


def test_quotes_and_commas_inside_quotes_stay_in_the_cell(tmp_path):
    con, _ = ingested(
        delivery(
            tmp_path,
            only=SMALL,
            sessions=b'session_id,patient_id,program_id,service_date,status\n"s,1",p1,"g""1",2025-01-06,attended\n',
        )
    )
    assert rows(con, "SELECT session_id, program_id FROM staging.sessions") == [("s,1", 'g"1')]


def test_a_header_without_rows_is_an_empty_table(tmp_path):
    con, report = ingested(
        delivery(tmp_path, costs=b"patient_id,service_date,amount,amount_kind,currency,price_year,perspective\n")
    )
    assert counts(report)["costs"] == (0, 0, 0, 0, 0)
    assert rows(con, "SELECT count(*) FROM staging.costs") == [(0,)]


def test_nobody_at_all_stops_the_run(tmp_path):
    assert "export the people first" in refusal(tmp_path, patients=b"patient_id,sex\n")


def test_the_unnamed_row_numbers_of_an_export_are_left_unread(tmp_path):
    _, report = ingested(delivery(tmp_path, only=SMALL, patients=b",patient_id,sex\n1,p1,F\n2,p2,M\n3,p3,M\n4,p4,M\n"))
    assert [column.column for column in report.dropped] == ["column0"]


def refusal(folder, raw_name="", **changed):
    """What is said of a delivery that is refused."""
    study = delivery(folder, **({"only": SMALL} | changed)) if not raw_name else delivery(folder, only=("sessions",))
    if raw_name:
        (folder / "raw" / raw_name).write_bytes(changed["patients"])
    with pytest.raises(StructureError) as caught:
        ingested(study)
    return str(caught.value)


LONG = b"session_id,patient_id,program_id,service_date,status\n" + b"".join(
    b"s%d,p1,g1,2025-01-06,attended\n" % i for i in range(30_000)
)
REFUSED = {
    "empty": (b"", "patients.csv is empty (0 bytes); export it again"),
    "only blank lines": (b"\n\n\n", "patients.csv holds no header row"),
    "UTF-16": (PATIENTS.encode("utf-16"), 'patients.csv is UTF-16 text, not UTF-8; save it as "CSV UTF-8"'),
    "UTF-16 without its mark": (PATIENTS.encode("utf-16-le"), "patients.csv is UTF-16"),
    "latin-1": (PATIENTS.replace("p2", "p\xe9").encode("latin-1"), "patients.csv, line 3: not UTF-8"),
    "a spreadsheet": (b"PK\x03\x04rest", "patients.csv is a spreadsheet"),
    "binary": (PATIENTS.encode() + b"\x00\x01\x02", "patients.csv holds zero bytes"),
    "a column named twice": (
        PATIENTS.replace("race_ethnicity", "sex", 1).encode(),
        "patients.csv names a column twice: sex",
    ),
    "no header": (
        PATIENTS.split("\n", 1)[1].encode(),
        "patients.csv has no header row: its first row holds values (not shown",
    ),
    "two columns without names": (
        b"patient_id,,,sex\np1,,,F\n",
        "patients.csv has columns without a name (number 2, 3)",
    ),
    "cut off in a row": (
        PATIENTS.encode()[:-12],
        "patients.csv, line 5: 4 cells where the header has 6; the row, or the file, was cut off",
    ),
    "a row with too many cells": (
        PATIENTS.encode() + b"p5,1980,F,WHITE,OH,452,more\n",
        "patients.csv, line 6: 7 cells where the header has 6",
    ),
    "a quote that never closes": (
        PATIENTS.encode() + b'p5,1980,F,WHITE,OH,"45\n',
        "a double quote opens and never closes",
    ),
    "mixed line endings": (PATIENTS.replace("\n", "\r\n", 3).encode(), "its line endings or quotes are mixed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_is_refused_with_what_to_do(tmp_path, case):
    content, said = REFUSED[case]
    told = refusal(tmp_path, patients=content)
    assert said in told
    assert told.startswith("the raw files cannot be read as they are; nothing was replaced:")


@pytest.mark.parametrize(
    "content",
    [LONG[:-20], gzip.compress(LONG)[:-3000], LONG + b"s30001,p1,g1,2025-01-06,att\xe9nd\xe9\n"],
    ids=["cut off", "gzip cut off", "latin-1 far down"],
)
def test_faults_far_down_a_long_file_are_found(tmp_path, content):
    assert "sessions.csv" in refusal(tmp_path, only=SMALL, sessions=content)


def test_a_file_cut_off_within_its_last_cell_is_pointed_out(tmp_path):
    _, report = ingested(delivery(tmp_path, only=SMALL, patients=PATIENTS.rstrip("\n").encode()))
    assert (
        "patients.csv does not end with a line break: if the export was cut off, its last row is not whole"
        in report.warnings
    )


def test_the_row_of_a_fault_far_down_is_told(tmp_path):
    assert "sessions.csv, line 20,002" in refusal(
        tmp_path,
        only=SMALL,
        sessions=b"\n".join([*LONG.split(b"\n")[:20_001], b"s20001,p1", *LONG.split(b"\n")[20_002:]]),
    )


def test_a_gzip_name_on_plain_text_is_refused(tmp_path):
    told = refusal(tmp_path, "patients.csv.gz", patients=PATIENTS.encode())
    assert "patients.csv.gz is not a gzip file although its name says so" in told


def test_a_damaged_gzip_file_is_refused(tmp_path):
    assert "damaged" in refusal(tmp_path, "patients.csv.gz", patients=b"\x1f\x8b\x08\x00" + bytes(range(60)))


def test_a_parquet_file_that_is_none_is_refused(tmp_path):
    assert "patients.parquet is not a readable Parquet file" in refusal(
        tmp_path, "patients.parquet", patients=PATIENTS.encode()
    )


def test_no_refusal_quotes_the_row_it_stumbled_on(tmp_path):
    secret = b"SECRET99"
    for place, tail in enumerate((b",x\n", b',"open\n', b",1,2,3,4,5,6,7,8,9\n", b"\xe9\n")):
        told = refusal(tmp_path / str(place), patients=PATIENTS.encode() + secret + tail)
        assert "SECRET99" not in told


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    told = refusal(
        tmp_path,
        patients=b"",
        sessions="visit_id,client_code,dos,status\n1,p1,2025-01-06,attended\n",
        costs=b"patient_id,service_date\np1,2025-01-01\n",
    )
    for part in (
        "patients.csv is empty",
        'sessions.csv has no column "session_id"',
        'sessions.csv has no column "patient_id"',
        'sessions.csv has no column "service_day" or "service_date"',
        'costs.csv has no column "amount"',
    ):
        assert part in told


HEADERS = {
    "a line break": PATIENTS.replace("sex", '"sex\n"', 1),
    "a line break under Windows": PATIENTS.replace("\n", "\r\n").replace("sex", '"sex\n"', 1),
    "a whole Windows line break": PATIENTS.replace("\n", "\r\n").replace("sex", '"\r\nsex"', 1),
    "a bare carriage return": PATIENTS.replace("sex", '"sex\r"', 1),
    "a bare carriage return under Windows": PATIENTS.replace("\n", "\r\n").replace("sex", '"sex\r"', 1),
    "a line that names its delimiter": "sep=;\n" + PATIENTS.replace(",", ";"),
    "a lonely quote elsewhere": PATIENTS.replace("zip3", 'zip"3', 1),
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_header_with_something_odd_in_it_costs_no_row(tmp_path, case):
    assert patients_from(tmp_path, HEADERS[case].encode()) == WANTED


def test_rows_under_lines_that_stand_above_the_header_keep_the_number_a_person_sees(tmp_path):
    content = b"\n\npatient_id,sex\np1,F\np2,Q\n"
    _, report = ingested(delivery(tmp_path, only=("sessions",), patients=content))
    assert [breach.first for breach in report.breaches if breach.rule == "sex_outside_vocabulary"] == [
        (("patients.csv", 5),)
    ]


@pytest.mark.parametrize("typed_from", [0, 1 << 60])
def test_the_last_row_counts_without_a_line_break_in_files_of_any_size(tmp_path, typed_from):
    study = delivery(tmp_path, only=("sessions",), patients=PATIENTS.rstrip("\n").encode())
    con, _ = ingested(study, typed_from=typed_from)
    assert rows(con, "SELECT count(*) FROM staging.patients WHERE patient_id = 'p4'") == [(1,)]


@pytest.mark.parametrize("typed_from", [1 << 40, 0])
def test_a_last_row_without_a_line_break_is_read_where_an_id_column_is_absent(tmp_path, typed_from):
    visits = csv(HONEST["sessions"]).replace("episode_id,", "").replace(",e1,", ",").replace(",e2,", ",")
    content = visits.replace(",e3,", ",").replace("s8,p4,,", "s8,p4,").rstrip("\n").encode()
    study = delivery(tmp_path, only=("patients",), sessions=content)
    assert counts(ingested(study, typed_from=typed_from)[1])["sessions"][:2] == (8, 8)


def test_a_last_row_that_the_engine_left_out_stops_the_run(tmp_path, monkeypatch):
    from pipeline.ingest.files import last_row

    study = delivery(tmp_path, only=("sessions",), patients=PATIENTS.rstrip("\n").encode())
    monkeypatch.setattr(last_row, "last_line", lambda path: "p5,1970,F,WHITE,OH,452")
    with pytest.raises(StructureError, match=r"patients\.csv: its last row, which ends without a line break, was not"):
        ingested(study)


@pytest.mark.parametrize("fault", [PermissionError(13, "Permission denied"), OSError(28, "No space left on device")])
def test_what_the_system_says_of_a_file_is_told_as_an_error_of_ours(tmp_path, monkeypatch, fault):
    from pipeline.ingest import layout

    fault.filename = str(tmp_path / "raw" / "patients.csv")

    def broken(path):
        raise fault

    study = delivery(tmp_path, only=SMALL)
    monkeypatch.setattr(layout, "is_gzip", broken)
    with pytest.raises(DiskError, match=r"patients\.csv: (this account may not do that|the disk is full)"):
        ingested(study)


def test_a_folder_or_a_dead_link_in_the_place_of_a_file_is_named(tmp_path):
    study = delivery(tmp_path, only=("patients",))
    (tmp_path / "raw" / "sessions.csv").symlink_to(tmp_path / "nowhere.csv")
    with pytest.raises(StructureError, match=r"sessions\.csv is no file"):
        ingested(study)


def test_a_header_has_its_limits_and_says_them(tmp_path):
    wide = "patient_id," + ",".join(f"x{i}" for i in range(10_001)) + "\n"
    with pytest.raises(StructureError, match=r"names 10,002 columns.*at most 10,000"):
        ingested(delivery(tmp_path / "a", only=("sessions",), patients=wide.encode()))
    long = "patient_id," + "x" * 600 + "\np1,1\n"
    with pytest.raises(StructureError, match="the longest by 600 letters"):
        ingested(delivery(tmp_path / "b", only=("sessions",), patients=long.encode()))


def looked_at(monkeypatch):
    """A counter of the letters that Python's patterns look at."""
    from pipeline.ingest.looks import patterns

    seen = []
    real = patterns.compiled

    class Counted:
        def __init__(self, regex):
            self.found = real(regex)

        def search(self, cell):
            seen.append(len(cell))
            return self.found.search(cell)

    monkeypatch.setattr(patterns, "compiled", Counted)
    return seen


def wide_study(folder, columns, people=5):
    header = "patient_id," + ",".join(f"x{i}" for i in range(columns))
    lines = [f"p{row}," + ",".join(f"a{row} {i % 7}" for i in range(columns)) for row in range(1, people + 1)]
    return delivery(folder, only=("sessions",), patients=("\n".join([header, *lines]) + "\n").encode())


def test_the_work_on_undeclared_columns_grows_with_their_cells(tmp_path, monkeypatch):
    seen, work = looked_at(monkeypatch), {}
    for columns in (50, 100, 200):
        seen.clear()
        ingested(wide_study(tmp_path / str(columns), columns))
        work[columns] = sum(seen)
    assert work[100] <= 2.1 * work[50]
    assert work[200] <= 2.1 * work[100]


def test_of_one_enormous_cell_python_looks_at_the_beginning_and_the_run_says_what_is_wrong(tmp_path, monkeypatch):
    seen = looked_at(monkeypatch)
    for letters in (3_000, 300_000):
        seen.clear()
        people = "patient_id,education\np1,HS\np2," + f"{letters % 7} ab " * (letters // 5) + "\n"
        with pytest.raises(StructureError, match='"education" holds what looks like free text'):
            ingested(delivery(tmp_path / str(letters), only=("sessions",), patients=people.encode()))
        assert max(seen) <= 401
        assert sum(seen) < 200_000


def test_a_file_of_three_thousand_columns_comes_to_an_end_and_names_a_few_of_them(tmp_path):
    _, report = ingested(wide_study(tmp_path, 3_000))
    [line] = [line for line in report.lines() if "not in the data dictionary" in line]
    assert "and 2,960 more" in line
    assert len(report.dropped) == 3_000
