"""No table grows faster than its inputs: what the engine handles on the way is counted at two sizes."""

import json
from dataclasses import replace

import duckdb
import numpy as np
import pytest

from pipeline.ingest.run import ingest
from pipeline.study_toml.file import load_study
from pipeline.synthetic.output.files import write_tables
from pipeline.synthetic.population import draw
from pipeline.synthetic.records.tables import records_of
from pipeline.synthetic.scenarios import DEFAULT
from pipeline.warehouse.build import build_order, prepare, table_queries

SIZES = (250, 1000)  # people
SLACK = 2.5  # the engine may choose another order of joins, with each row met twice; everybody meeting everybody is 4 times 4
SMALL = 20_000  # rows: a table of sums over codes and days may fill up before it grows


@pytest.fixture(scope="module")
def handled(tmp_path_factory):
    """By size and table, the most rows that any step of the table's query puts out.

    One outcome and not one faulty row: with nothing to tell records apart, a careless join meets everybody.
    """
    return {people: rows_handled(tmp_path_factory.mktemp(f"people{people}"), people) for people in SIZES}


def rows_handled(folder, people):
    rng, paper = (np.random.default_rng(seed) for seed in np.random.SeedSequence(5).spawn(2))
    tables, _ = records_of(draw(people, rng, replace(DEFAULT, sites=1)), "limited-data-set", paper)
    write_tables(folder / "raw", tables, None)
    (folder / "study.toml").write_text(
        '[study]\nregime = "limited-data-set"\n\n[[outcomes]]\nname = "phq9_day90"\ninstrument = "PHQ9"\nday = 90\n'
    )
    study, con, found = load_study(folder), duckdb.connect(), {}
    con.execute("SET memory_limit = '2GB'")
    ingest(study, con)
    prepare(con, study)
    con.execute("PRAGMA enable_profiling = 'no_output'")
    queries = table_queries()
    for name in build_order(con, queries):
        con.execute(f"CREATE OR REPLACE TABLE {name} AS {queries[name]}")
        found[name] = most_rows(json.loads(con.get_profiling_information(format="json"))["operator"])
    con.close()
    return found


def most_rows(operators):
    return max((max(one["intermediate_rows"], most_rows(one.get("children", []))) for one in operators), default=0)


@pytest.mark.parametrize("table", table_queries())
def test_four_times_the_people_are_about_four_times_the_rows_at_every_step(handled, table):
    few, many = (handled[people][table] for people in SIZES)
    growth = SIZES[1] / SIZES[0] * SLACK
    assert many <= max(growth * few, SMALL), (
        f"{table}: {few:,} rows on the way for {SIZES[0]} people, {many:,} for {SIZES[1]}"
    )
