"""What may be wrong with a delivery: each bend changes a drawn study in one place."""

import gzip
import io

from tests.failures.fuzz.small_study import csv_bytes

LARGE = (2_000, 20_000)  # letters of a large cell
SECRET = "Qzsecretqz"  # stands in cells only, so it may never be said
CELLS = (
    *(
        "",
        " ",
        "\t",
        "NULL",
        "NA",
        "N/A",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "Infinity",
        "None",
        "\\N",
        "#REF!",
        "-",
        "?",
        ".",
    ),
    *("0", "-1", "1e308", "1e400", "-0.0", "1,000", "1.000,5", "0x10", "1_000", "½", "٣", "９", "9" * 40, "9" * 400),
    *("1" + "0" * 18, "9223372036854775808", "2147483648", "1e-320", "3.6", "+5", "5%", "$5", "(5)", "5-", "1e5"),
    *(
        "2025-02-30",
        "0000-00-00",
        "9999-12-31",
        "10000-01-01",
        "-2025-01-01",
        "1/2/3",
        "20250101",
        "45678",
        "2025-13-01",
    ),
    *("2025-01-06T00:00:00Z", "2025-01-06 25:61", "1900-01-00", "infinity", "epoch", "now", "today", "5874898-01-01"),
    *("=1+1", "+1+1", "@SUM(A1)", "'; DROP TABLE patients; --", "{}", "{0}", "%s", "%(x)s", "${x}", "$a$b$", "\\", "'"),
    *(
        "a\nb",
        "a\rb",
        "a\r\nb",
        'a"b',
        "a,b",
        ",",
        '"',
        '""',
        "\ufeff",
        "\u200b",
        "\u202eabc",
        "é",
        "e\u0301",
        "漢字",
        "😀",
    ),
    *(
        "\x01",
        "\x1b[31m",
        "\x7f",
        "\u0085",
        "\u2028",
        "ﬀ",
        "İ",
        "ß",
        "true",
        "FALSE",
        "yes",
        "[1,2]",
        '{"a": 1}',
        "../../x",
    ),
    *(SECRET, SECRET * 3, SECRET + "1", "x" * 5000, "a b " * 400, "p1", "p1 ", "P1", "007", "7", "1.0", "attended "),
)
HEADERS = (
    *("", " ", "column0", "patient_id", "PATIENT_ID", "row", "rowid", "select", "unread", "source_row", "a\nb", "a\rb"),
    *(
        'a"b',
        "a,b",
        "a'b",
        "a;b",
        "é",
        "😀",
        "\u200b",
        "\x01",
        "x" * 300,
        "1",
        "1.5",
        "2025-01-01",
        "a@b.org",
        "$x$",
        "{x}",
    ),
    *("item_1", "item_999", "patient_day", "service_day", "service_date", "name", "kept", "fate", "reasons", "table"),
)


def some_table(study, rng):
    return rng.choice(list(study.tables))


def some_row(rows, rng):
    return rng.randrange(1, len(rows)) if len(rows) > 1 else 0


def one_cell(study, rng):
    rows = study.tables[some_table(study, rng)]
    row = rows[some_row(rows, rng)]
    row[rng.randrange(len(row))] = rng.choice(CELLS)


def one_column(study, rng):
    """The same odd value, or different ones, all the way down."""
    rows = study.tables[some_table(study, rng)]
    place, value = rng.randrange(len(rows[0])), rng.choice(CELLS)
    for row in rows[1:]:
        row[place] = value if rng.random() < 0.8 else rng.choice(CELLS)


def a_header(study, rng):
    rows = study.tables[some_table(study, rng)]
    rows[0][rng.randrange(len(rows[0]))] = rng.choice(HEADERS)


def one_more_column(study, rng):
    rows = study.tables[some_table(study, rng)]
    rows[0].append(rng.choice(HEADERS))
    for row in rows[1:]:
        row.append(rng.choice(CELLS))


def many_columns(study, rng):
    rows, more = study.tables[some_table(study, rng)], rng.choice((20, 60))
    rows[0] += [f"x{n}" for n in range(more)]
    for row in rows[1:]:
        row += [rng.choice(CELLS) for _ in range(more)]


def a_column_less(study, rng):
    rows = study.tables[some_table(study, rng)]
    place = rng.randrange(len(rows[0]))
    for row in rows:
        row.pop(place)


def columns_moved(study, rng):
    rows = study.tables[some_table(study, rng)]
    order = list(range(len(rows[0])))
    rng.shuffle(order)
    rows[:] = [[row[place] for place in order] for row in rows]


def cells_moved(study, rng):
    """One row slips to the left or the right."""
    rows = study.tables[some_table(study, rng)]
    row = rows[some_row(rows, rng)]
    row[:] = [*row[1:], row[0]]


def a_ragged_row(study, rng):
    rows = study.tables[some_table(study, rng)]
    row = rows[some_row(rows, rng)]
    if rng.random() < 0.5:
        row.append(rng.choice(CELLS))
    else:
        row.pop()


def rows_repeated(study, rng):
    rows = study.tables[some_table(study, rng)]
    rows += [list(rows[some_row(rows, rng)]) for _ in range(rng.randint(1, 5))]


def no_rows(study, rng):
    del study.tables[some_table(study, rng)][1:]


def a_large_cell(study, rng):
    rows = study.tables[some_table(study, rng)]
    row = rows[some_row(rows, rng)]
    row[rng.randrange(len(row))] = rng.choice(("x", "ab ", "9", "é", "a,", '"')) * rng.choice(LARGE)


def bytes_of(study, rng):
    """A table's name and its bytes; what comes back replaces them."""
    table = some_table(study, rng)
    return study.name_of(table), study.content(table)


def cut_off(study, rng):
    name, content = bytes_of(study, rng)
    study.files[name] = content[: rng.randint(0, len(content))]


def a_span_lost(study, rng):
    name, content = bytes_of(study, rng)
    start = rng.randint(0, len(content))
    study.files[name] = content[:start] + content[start + rng.randint(1, 40) :]


def a_span_twice(study, rng):
    name, content = bytes_of(study, rng)
    start = rng.randint(0, len(content))
    end = start + rng.randint(1, 60)
    study.files[name] = content[:end] + content[start:end] + content[end:]


ODD = (
    b"\x00",
    b"\r",
    b"\n",
    b"\r\n",
    b'"',
    b",",
    b";",
    b"\t",
    b"|",
    b"\xff",
    b"\xc3",
    b"\xef\xbb\xbf",
    b"\x1a",
    b"\\",
    b"'",
    b"#",
)


def an_odd_byte(study, rng):
    name, content = bytes_of(study, rng)
    for _ in range(rng.randint(1, 3)):
        place = rng.randint(0, len(content))
        content = content[:place] + rng.choice(ODD) + content[place + rng.randint(0, 1) :]
    study.files[name] = content


def an_odd_byte_in_the_header(study, rng):
    name, content = bytes_of(study, rng)
    place = rng.randint(0, max(content.find(b"\n"), 0))
    study.files[name] = content[:place] + rng.choice(ODD) + content[place:]


def bits_flipped(study, rng):
    name, content = bytes_of(study, rng)
    flipped = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        if flipped:
            flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    study.files[name] = bytes(flipped)


def other_line_ends(study, rng):
    name, content = bytes_of(study, rng)
    lines = content.split(b"\n")
    ends = rng.choice(
        ((b"\r\n",), (b"\r",), (b"\n\n",), (b"\r\n", b"\n"), (b"\r", b"\n"), (b"\n\r",), (b" \n",), (b",\n",))
    )
    study.files[name] = b"".join(line + rng.choice(ends) for line in lines)


def another_delimiter(study, rng):
    name, content = bytes_of(study, rng)
    study.files[name] = content.replace(b",", rng.choice((b";", b"\t", b"|", b":", b" ", b"^", b"\x1f")))


def another_encoding(study, rng):
    name, content = bytes_of(study, rng)
    text = content.decode(errors="replace")
    study.files[name] = text.encode(
        rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-7", "cp037", "utf-8-sig")), errors="replace"
    )


def lines_before(study, rng):
    name, content = bytes_of(study, rng)
    first = rng.choice(
        (b"\n", b"\n\n\n", b"Report of today\n", b"sep=,\n", b"# note\n", b",,,\n", b" \n", b'""\n', b"\xef\xbb\xbf\n")
    )
    study.files[name] = first + content


def lines_after(study, rng):
    name, content = bytes_of(study, rng)
    last = rng.choice(
        (b"\n", b"\n\n\n", b"Total,5\n", b",,,\n", b"(2 rows affected)\n", b"\x1a", b" ", b'"', b",", b"\x00\x00")
    )
    study.files[name] = content + last


def everything_quoted(study, rng):
    name, content = bytes_of(study, rng)
    mark = rng.choice((b'"', b"'", b"\xe2\x80\x9c"))
    lines = content.split(b"\n")
    study.files[name] = b"\n".join(
        mark + line.replace(b",", mark + b"," + mark) + mark if line else line for line in lines
    )


def only_rubbish(study, rng):
    name, _ = bytes_of(study, rng)
    study.files[name] = rng.choice(
        (b"", b"\n", b"\x00" * 50, rng.randbytes(300), b'"', b"a", b"<html></html>", b"{}", b"PK\x03\x04")
    )


def compressed(study, rng):
    name, content = bytes_of(study, rng)
    packed = gzip.compress(content)
    if rng.random() < 0.5:
        packed = packed[: rng.randint(0, len(packed))]
    study.files.pop(name, None)
    study.files[name] = None
    study.files[name + ".gz"] = packed if rng.random() < 0.8 else content


def as_parquet(study, rng):
    """A table as Parquet with odd types, whole or damaged."""
    import pandas as pd

    table = some_table(study, rng)
    rows = study.tables[table]
    if len({len(row) for row in rows}) > 1 or len(set(rows[0])) < len(rows[0]):
        return
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    column = rng.choice(rows[0])
    frame[column] = rng.choice(ODD_TYPES)(len(frame))
    content = parquet_bytes(frame)
    if rng.random() < 0.3:
        content = content[: rng.randint(0, len(content))]
    study.files[study.name_of(table)] = None
    study.files[f"{table}.parquet"] = content


ODD_TYPES = (
    lambda n: [[1, 2]] * n,
    lambda n: [{"a": 1}] * n,
    lambda n: [b"\x00\xff"] * n,
    lambda n: [True] * n,
    lambda n: [1.5] * n,
    lambda n: [float("nan")] * n,
    lambda n: [None] * n,
    lambda n: [2**62] * n,
)


def parquet_bytes(frame):
    import tempfile
    from pathlib import Path

    import duckdb

    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as con:
        con.register("frame", frame)
        con.execute(f"COPY frame TO '{scratch}/x.parquet' (FORMAT parquet)")
        return Path(scratch, "x.parquet").read_bytes()


def another_name(study, rng):
    name, content = bytes_of(study, rng)
    study.files[name] = None
    stem = name.removesuffix(".csv")
    study.files[
        rng.choice(
            (
                f"{stem}_2025.csv",
                f"{stem.upper()}.CSV",
                f"{stem}.txt",
                f"{stem}s.csv",
                f"{stem}.parquet",
                f"{stem} é.csv",
                f"{stem}-'q'.csv",
                f".{name}",
            )
        )
    ] = content


def a_second_part(study, rng):
    name, content = bytes_of(study, rng)
    lines = content.split(b"\n")
    more = rng.choice((content, lines[0], b"\n".join(lines[1:]), b"", content.replace(b",", b";")))
    study.files[f"{name.removesuffix('.csv')}_2.csv"] = more


def a_file_missing(study, rng):
    name, _ = bytes_of(study, rng)
    study.files[name] = None


def files_swapped(study, rng):
    one, other = bytes_of(study, rng), bytes_of(study, rng)
    study.files[one[0]], study.files[other[0]] = other[1], one[1]


def raw_folder_empty(study, rng):
    study.tables.clear()


TOML = (
    *(
        '[study]\nname = ""\n',
        "[study]\nname = 5\n",
        "[study]\nraw = '/nowhere'\n",
        "[study]\nraw = '$NOT_SET/x'\n",
        "[study\n",
        "",
    ),
    *(
        "[study]\nregime = 'relative-days'\n",
        "[study]\nregime = 'x'\n",
        "[study]\nseed = 1e3\n",
        "x = 1\n",
        "[arms]\na = ['OP']\n",
    ),
    *(
        "[disclosure]\nround_to = 5\n",
        "[disclosure]\nthreshold = -1\n",
        "[study]\nseed = 99999999999999999999\n",
        "a = " + "[" * 2000,
    ),
    *(
        "[columns.sessions]\nservice_day = 'service_date'\n",
        "[columns.nobody]\nx = 'y'\n",
        "[columns.patients]\npatient_id = 'sex'\n",
    ),
    *(
        "[columns.sessions]\nstatus = ''\n",
        '[columns.sessions]\nstatus = "a\'b"\n',
        "[columns]\nsessions = 5\n",
        "[columns.sessions]\nstatus = 5\n",
    ),
    *(
        "[codes.sessions.status]\nattended = 'no_show'\n",
        "[codes.sessions.status]\n\"it's\" = 'attended'\n",
        "[codes.sessions.x]\na = 'b'\n",
    ),
    *(
        "[codes.sessions.status]\nattended = 'gone'\n",
        "[codes.patients.sex]\nF = ''\n",
        "[codes]\nsessions = []\n",
        "[codes.sessions]\nstatus = 'x'\n",
    ),
    *(
        "[retention]\ndays = []\n",
        "[retention]\ndays = [0]\n",
        "[[outcomes]]\nname = 'x'\nwindow = [1]\n",
        "[episodes.gap_days]\nOP = -5\n",
    ),
    *(
        "\ufeff[study]\nname = 'fuzz'\n",
        "[study]\nname = 'a'\nname = 'b'\n",
        "[study]\nname = 'a\\u0000b'\n",
        "[study]\nraw = ''\n",
        "[study]\nraw = '.'\n",
    ),
    *(
        "[study]\nraw = 'study.toml'\n",
        "[study]\nraw = 'raw\\u0000'\n",
        "[study]\nseed = " + "9" * 5000 + "\n",
        "[gate]\nmin_ess = nan\n",
        "[gate]\nmin_ess = inf\n",
    ),
    *(
        "[cost]\nprice_index = { 2024 = 0 }\n",
        "[satisfaction]\nwindow = [9, 1]\n",
        "[study]\nname = '" + "n" * 400 + "'\n",
        "[study]\nraw = '" + "n" * 400 + "'\n",
    ),
)


def another_toml(study, rng):
    study.toml = rng.choice(TOML)


def bytes_in_toml(study, rng):
    content = study.toml.encode() if isinstance(study.toml, str) else study.toml
    place = rng.randint(0, len(content))
    study.toml = (
        content[:place] + rng.choice((b"\xff", b"\x00", b'"', b"[", b"=", b"\r", b"#", b"'''", b"\\")) + content[place:]
    )


SQL = (
    *(
        "SELECT * FROM sessions",
        "SELECT 1",
        "",
        ";",
        "SELECT",
        "DROP TABLE sessions",
        "SELECT * FROM nowhere",
        "SELECT * FROM 'raw/sessions.csv'",
    ),
    *(
        "SELECT CAST(session_id AS INTEGER) AS session_id FROM sessions",
        "SELECT 1; SELECT 2",
        "SELECT error('Qzsecretqz')",
        "VALUES (1)",
    ),
    *(
        "WITH a AS (SELECT 1 AS x) SELECT * FROM a",
        "SELECT [1] AS session_id",
        "SELECT 1 AS a, 2 AS a",
        "FROM sessions",
        "\xff",
        "SELECT '",
    ),
    *(
        "SELECT *, session_id AS extra FROM sessions ORDER BY 1",
        "SELECT * FROM sessions -- note",
        "SELECT * FROM sessions /*",
    ),
)


def a_query(study, rng):
    study.files[f"sources/{rng.choice((*study.tables, 'nobody', 'Sessions'))}.sql"] = rng.choice(SQL).encode("latin-1")


LINES = (
    b"{}\n",
    b"[]\n",
    b"5\n",
    b'{"sha256": 5}\n',
    b'{"sha256": "x"',
    b"\xff\n",
    b'{"sha256": "x", "check": "y"}\n',
    b"\n\n",
    b"[" * 5000 + b"\n",
)


def a_ledger(study, rng):
    name = rng.choice(("forgotten.jsonl", "audit.jsonl", "protocol.jsonl"))
    study.files[f"ledger/{name}"] = rng.choice(LINES)


CACHES = (
    b"",
    b"5",
    b"[]",
    b'{"raw/patients.csv": 5}',
    b'{"raw/patients.csv": {"settled": true}}',
    b"\xff",
    b"[" * 5000,
    b'{"raw/patients.csv": {"settled": true, "state": 1, "sha256": 5}}',
)


def a_cache(study, rng):
    study.files["./.input_hashes.json"] = rng.choice(CACHES)


def something_in_the_way(study, rng):
    """A folder where a file should be, or a file where a folder should be."""
    place = rng.choice(
        (
            ".lock/x",
            ".input_hashes.json/x",
            "ledger",
            "sources",
            "raw/patients.csv/x",
            "ledger/audit.jsonl/x",
            "fault.log/x",
        )
    )
    if place == "raw/patients.csv/x":
        study.files["patients.csv"] = None
    study.files[f"./{place}"] = b"x"


def relative_days(study, rng):
    """All days as numbers, under the regime that asks for them."""
    study.toml = '[study]\nname = "fuzz"\nregime = "relative-days"\n'
    for table, rows in study.tables.items():
        places = [place for place, cell in enumerate(rows[0]) if cell.endswith("_date")]
        for place in places:
            rows[0][place] = rows[0][place].replace("_date", "_day")
            for row in rows[1:]:
                if place < len(row):
                    row[place] = str(rng.randint(-5, 400))
        if table == "patients":
            rows[0] += ["observed_from_day", "observed_to_day"]
            for row in rows[1:]:
                row += ["0", rng.choice(("400", "-1", "1e9", ""))]


def text_around(study, rng):
    """The whole file inside something else."""
    name, content = bytes_of(study, rng)
    wrapped = io.BytesIO()
    wrapped.write(rng.choice((b"<pre>", b"```csv\n", b"version https://git-lfs.github.com/spec/v1\n", b"%PDF-1.4\n")))
    wrapped.write(content)
    study.files[name] = wrapped.getvalue()


def rows_shuffled_between_files(study, rng):
    """A row of one table lands in another."""
    one, other = some_table(study, rng), some_table(study, rng)
    rows = study.tables[one]
    study.tables[other].append(list(rows[some_row(rows, rng)]))
    study.files.setdefault(study.name_of(other), csv_bytes(study.tables[other]))


OF_CELLS = (one_cell, one_column, a_header, one_more_column, many_columns, a_column_less, columns_moved, cells_moved)
OF_ROWS = (a_ragged_row, rows_repeated, no_rows, a_large_cell, relative_days, rows_shuffled_between_files)
OF_BYTES = (
    *(cut_off, a_span_lost, a_span_twice, an_odd_byte, an_odd_byte_in_the_header, bits_flipped, other_line_ends),
    *(another_delimiter, another_encoding, lines_before, lines_after, everything_quoted, only_rubbish, text_around),
)
OF_FILES = (compressed, as_parquet, another_name, a_second_part, a_file_missing, files_swapped, raw_folder_empty)
OF_THE_STUDY = (another_toml, bytes_in_toml, a_query, a_ledger, a_cache, something_in_the_way)
"""First what changes rows, then what changes bytes, so that one bend does not undo another."""
IN_ORDER = (*OF_CELLS, *OF_ROWS, *OF_BYTES, *OF_FILES, *OF_THE_STUDY)
