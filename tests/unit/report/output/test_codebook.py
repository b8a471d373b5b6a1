"""The codebook: every column of every released table has its type and a meaning in words."""

import csv
import io

from pipeline.report.output.codebook import MEANINGS, codebook
from pipeline.results import RESULT_TABLES, table_columns


def test_every_column_of_every_table_is_in_the_codebook_with_a_meaning():
    lines = list(csv.DictReader(io.StringIO(codebook())))
    told = {(line["table"], line["column"]) for line in lines}
    assert told == {
        *((table, name) for table, kind in RESULT_TABLES.items() for name in table_columns(kind)),
        ("results", "sentence"),
    }
    assert all(line["meaning"] and line["type"] for line in lines)


def test_the_codebook_explains_nothing_that_does_not_exist():
    known = {name for kind in RESULT_TABLES.values() for name in table_columns(kind)} | {"sentence"}
    assert set(MEANINGS) == known


def test_the_codebook_lies_beside_the_tables(pages):
    assert (pages / "tables" / "codebook.csv").read_text() == codebook()
