"""Raw files that Spark reads and checks come out as DuckDB has them: every cell, every row set aside, every sentence."""

import duckdb
import pytest

from pipeline.choices.records import EngineChoices
from pipeline.errors import IdentifierError
from pipeline.ingest.cells.convert import cleaned, converted
from pipeline.ingest.cells.marks import without_marks
from pipeline.ingest.forget import forget
from pipeline.schema import TABLES
from pipeline.spark.carrying import ByFolder
from pipeline.spark.door import Door
from pipeline.spark.ingest import ingest_with
from pipeline.spark.raw import sight
from tests.spark.faulty import faulty
from tests.unit.ingest.deliveries import HONEST, delivery, ingested

NOTHING_HERE = sight(EngineChoices(remote="sc://elsewhere"))


def on_spark(spark, study, folder, seen=None):
    """A connection that holds what came back, and the report."""
    con = duckdb.connect(config={"threads": 1})
    return con, ingest_with(spark, ByFolder(spark, folder), seen or sight(study.engine), study, con, 1_000)


def held(con):
    """Every row of staging and quarantine, by table, with the names of its columns."""
    named = con.execute(
        "SELECT DISTINCT table_schema || '.' || table_name AS t FROM information_schema.tables"
        " WHERE table_schema IN ('staging', 'quarantine') ORDER BY t"
    ).fetchall()
    return {
        table: (con.execute(f"DESCRIBE {table}").fetchall(), con.execute(f"FROM {table} ORDER BY ALL").fetchall())
        for (table,) in named
    }


def test_rows_kept_rows_set_aside_and_every_sentence_are_those_of_duckdb(spark, tmp_path):
    study = faulty(tmp_path / "study", "patients", "sessions")
    forget(study, "p4")
    con, report = ingested(study)
    other, told = on_spark(spark, study, tmp_path)
    assert list(told.lines()) == list(report.lines())
    assert sum(one.forgotten for one in told.files) == 3
    assert all(one.read == one.kept + one.quarantined + one.duplicates + one.forgotten for one in told.files)
    expected, found = held(con), held(other)
    assert {
        table: (expected[table], found.get(table)) for table in expected if expected[table] != found.get(table)
    } == {}
    assert "quarantine.cells_left_out" in found
    assert {"sessions.csv", "sessions_2.csv", "sessions_3.csv.gz", "programs.parquet"} <= {
        one.file for one in told.files
    }


def test_what_stops_a_run_is_told_in_the_same_words(spark, tmp_path):
    study = delivery(
        tmp_path / "study",
        only=("patients", "episodes"),
        patients=HONEST["patients"].replace("p4,", "ann.smith@mail.org,"),
        episodes=HONEST["episodes"].replace("e2,p2,", "e2,"),
    )
    words = []
    for read in (ingested, lambda one: on_spark(spark, one, tmp_path, NOTHING_HERE)):
        with pytest.raises(IdentifierError) as raised:
            read(study)
        words.append(str(raised.value))
    assert words[0] == words[1]
    assert "episodes.csv, line 3: 7 cells where the header has 8" in words[0]


CELLS = (
    *(
        "1",
        "1.5",
        ".5",
        "5.",
        "+5",
        "-5",
        "1e5",
        "1E+5",
        "1e",
        "1_000",
        "1__0",
        "inf",
        "NaN",
        "1d",
        "1.0f",
        "0x1F",
        "1,5",
    ),
    *(
        "1e400",
        "  1 ",
        "00012",
        "2147483648",
        "3.0",
        "-0",
        "1.5.5",
        "\u00a012\u00a0",
        "12.0",
        "12.00",
        "89.9",
        "90+",
        "95",
    ),
    *("2025-01-01", "2025-1-1", "2025/01/01", "2025\\1\\1", "2025-01/01", "25-01-01", "10000-01-01", "2025-13-01"),
    *(
        "2025-02-29",
        "2024-02-29",
        "2025-01-01 10:30",
        "2025-01-01T23:00:00-05:00",
        "2025-01-01 25:00",
        "2025-01",
        "2025",
    ),
    *("20250101", "2025.01.01", "0000-01-01", "epoch", "infinity", "5\n", "a\nb", "o'x", "\\N", "a\\b", "é", "zz ", ""),
    *(
        "F33.1",
        "icd-10 f33.1 words",
        "H0015 GT",
        "90853.0",
        "905",
        "131",
        "013X",
        "TRUE",
        "no",
        "N/A",
        "null",
        ".",
        "-",
    ),
    *("036", "45", "2025Q3", "1999Q5", "phq-9", "gad 7", "Total Score", "No Show", "no_show", "male", "iop", "Unknown"),
)


def test_a_cell_is_read_the_same_however_it_is_written(spark, tmp_path):
    """In all columns of all tables at once, days as dates and as numbers."""
    asked = {
        (f"CAST({converted(column, text, dates=dates, years_only=dates)} AS {column.sql_type})")
        for table in TABLES.values()
        for column in table.columns
        for text in [without_marks(column, cleaned("cell"))]
        for dates in ((True, False) if column.kind in ("day", "period") else (False,))
    }
    with duckdb.connect() as con:
        con.execute("CREATE TABLE cells AS SELECT UNNEST(?) AS cell", [list(CELLS)])
        door = Door(spark, ByFolder(spark, tmp_path), con)
        door.carrier.send(con, "cells", "cells")
        query = f"SELECT cell, {', '.join(f'{sql} AS c{place}' for place, sql in enumerate(sorted(asked)))} FROM cells"
        expected, found = sorted(con.execute(query).fetchall()), sorted(door.execute(query).fetchall())
    assert len(asked) > 30
    assert found == expected
