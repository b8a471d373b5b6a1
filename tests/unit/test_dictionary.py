from pathlib import Path

from pipeline.dictionary import dictionary
from pipeline.schema import TABLES

ROOT = Path(__file__).parents[2]


def test_the_data_dictionary_is_current():
    assert (ROOT / "data" / "README.md").read_text() == dictionary(), "run: make dictionary"


def test_the_dictionary_names_every_table_and_every_required_column():
    text = dictionary()
    for table in TABLES.values():
        assert f"## {table.name}" in text
        for column in table.columns:
            if column.need == "required":
                assert f"| {' or '.join(column.spellings)} |" in text
