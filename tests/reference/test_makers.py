"""Every table of reference numbers has its maker beside it, names the versions it was made with, and is read by a
test."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
TABLES = sorted(HERE.glob("*.csv"))
READERS = "".join(path.read_text() for path in [*HERE.parent.rglob("test_*.py"), *HERE.glob("*.py")])


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.name)
def test_each_reference_table_was_written_by_a_script_that_is_here(table):
    makers = [script for script in HERE.glob("*.R") if table.stem in script.read_text() or table.stem == script.stem]
    assert makers, f"nothing here says how {table.name} was made"


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.name)
def test_each_reference_table_names_the_versions_that_made_it_and_is_small(table):
    head = table.read_text()[:400]
    assert head.startswith("#"), table.name
    assert "R " in head or "R version" in head, table.name
    assert table.stat().st_size < 300_000


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.name)
def test_each_reference_table_is_read_by_a_test(table):
    assert f'"{table.stem}"' in READERS or table.name in READERS, table.name
