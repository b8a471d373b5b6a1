"""Every table of the warehouse against its slow twin: plain Python that says the same, on random records."""

import pytest

from pipeline.warehouse.build import build, table_queries
from tests.spec.staged import staged
from tests.unit.warehouse import twin_episodes, twin_levels, twin_outcomes, twin_people
from tests.unit.warehouse.records import SEEDS, random_records, tight_study
from tests.unit.warehouse.twins import Warehouse

TWINS = {name: getattr(module, name) for module in (twin_levels, twin_episodes, twin_people, twin_outcomes)
         for name in table_queries() if hasattr(module, name)}


def comparable(rows):
    return sorted((sorted(vars(row).items()) for row in rows), key=str)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_table_agrees_with_its_slow_twin(seed):
    con = staged(calendar=seed % 2 == 1, **random_records(seed))
    con.execute("PRAGMA enable_optimizer")
    build(con, tight_study(seed))
    warehouse = Warehouse(con)
    for name, twin in TWINS.items():
        found, expected = comparable(getattr(warehouse, name)), comparable(twin(warehouse))
        assert (name, found) == (name, expected)


def test_every_table_has_a_twin():
    assert set(TWINS) == set(table_queries())
