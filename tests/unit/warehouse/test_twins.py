"""Every table of the warehouse against its slow twin: plain Python that says the same, on random records."""

from importlib import import_module
from pathlib import Path

import pytest

from pipeline.warehouse.build import table_queries
from tests.spec.staged import staged
from tests.unit.warehouse.records import SEEDS, random_records
from tests.unit.warehouse.tight_measures import build_tight
from tests.unit.warehouse.twins import Warehouse

MODULES = [
    import_module(f"tests.unit.warehouse.{path.stem}") for path in sorted(Path(__file__).parent.glob("twin_*.py"))
]
TWINS = {name: getattr(module, name) for module in MODULES for name in table_queries() if hasattr(module, name)}


def comparable(rows):
    return sorted((sorted(vars(row).items()) for row in rows), key=str)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_table_agrees_with_its_slow_twin(seed):
    con = staged(calendar=seed % 2 == 1, **random_records(seed))
    con.execute("PRAGMA enable_optimizer")
    build_tight(con, seed)
    warehouse = Warehouse(con)
    for name, twin in TWINS.items():
        found, expected = comparable(getattr(warehouse, name)), comparable(twin(warehouse))
        assert (name, found) == (name, expected)


def test_every_table_has_a_twin():
    assert set(TWINS) == set(table_queries())


def test_no_table_is_compared_without_rows_in_every_study():
    empty = set(TWINS) - {"taper_weeks"}  # chance seldom draws a course with a score a week: tests/spec has them
    for seed in SEEDS[:8]:
        con = staged(calendar=seed % 2 == 1, **random_records(seed))
        build_tight(con, seed)
        empty -= {name for name in empty if con.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchall()}
    assert empty == set(), "a table without rows proves nothing"
