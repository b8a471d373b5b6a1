"""Spark and DuckDB make the same tables of the same SQL files, row by row; all tests here share one session."""

import re
import shutil
from contextlib import nullcontext
from pathlib import Path

import duckdb
import pytest

from pipeline.errors import BuildError, EngineError
from pipeline.results import RESULT_TABLES
from pipeline.spark.build import COMES_BACK, bring_back, build_table, build_with
from pipeline.spark.carrying import ByFolder
from pipeline.stages import DUCKDB, SPARK, run
from pipeline.store import WAREHOUSE, stage_manifest
from pipeline.study_toml.file import load_study
from pipeline.synthetic.output.run import synthesize
from pipeline.warehouse.build import BuiltTable, build_order, table_queries
from pipeline.warehouse.build import build_table as duckdb_table
from tests.spark.same_rows import differences
from tests.spark.torture import torture
from tests.spec.staged import rows_of, staged
from tests.unit.warehouse.tight_measures import prepare_tight

QUERIES = table_queries()
ANALYSIS = Path(__file__).parents[2] / "pipeline" / "analysis"


def by_both(spark, folder, seeds, calendar):
    """One database with DuckDB's tables in the schema `expected` and Spark's in `main`."""
    con = staged(calendar=calendar, **torture(seeds))
    con.execute("PRAGMA enable_optimizer")
    prepare_tight(con, seeds[0])
    con.execute("DROP SCHEMA IF EXISTS expected CASCADE")
    con.execute("CREATE SCHEMA expected")
    for name in build_order(con, QUERIES):
        duckdb_table(con, name, QUERIES[name])
    for name in QUERIES:
        con.execute(f"CREATE TABLE expected.{name} AS FROM {name}")
    build_with(spark, ByFolder(spark, folder), con, list(QUERIES), 1_000_000)
    return con


def test_every_table_is_the_same_row_by_row_where_cells_are_missing_and_days_tie(spark, tmp_path):
    con = by_both(spark, tmp_path, SEEDS, calendar=True)
    try:
        assert differences(con, "expected", "main", list(QUERIES)) == {}
        empty = {name for name in QUERIES if not rows_of(con, name)}
        assert empty <= FILLED_BY_A_STUDY, "a table without rows proves nothing"
    finally:
        con.execute("DROP SCHEMA expected CASCADE")


def test_the_same_study_gives_the_same_results_and_pages_from_spark_and_from_duckdb(spark, tmp_path, monkeypatch):
    folders = {engine: tmp_path / engine / "study" for engine in (DUCKDB, SPARK)}
    synthesize(folders[DUCKDB], patients=200, scenario="default", seed=3, regime="relative-days", say=print)
    shutil.copytree(folders[DUCKDB], folders[SPARK])
    # whoever leaves a session of its own ends it, and this one is for all tests
    monkeypatch.setattr("pipeline.spark.work.spark_session", lambda chosen, scratch: nullcontext(spark))
    results, pages = {}, {}
    for engine, folder in folders.items():
        study, pages_folder = load_study(folder), tmp_path / engine / "reports"
        run(study, upto="report", only=None, force=True, reports=pages_folder, say=print, engine=engine)
        results[engine], pages[engine] = shown(folder), pages_of(pages_folder / study.name)
        assert stage_manifest(study, WAREHOUSE, "build")["engine"] == engine
    assert results[SPARK]["results"]
    assert results[SPARK] == results[DUCKDB]
    assert len(pages[SPARK]) > 5
    assert [name for name, page in pages[SPARK].items() if page != pages[DUCKDB].get(name)] == []
    one, other = (folder / WAREHOUSE for folder in folders.values())
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{one}' AS one (READ_ONLY); ATTACH '{other}' AS other (READ_ONLY)")
        assert differences(con, "one.main", "other.main", list(COMES_BACK)) == {}
        assert con.execute("SELECT count(*) > 0 FROM other.cost_days").fetchall() == [(True,)]
    assert [path.name for path in folders[SPARK].glob(".checking*")] == [], "no row stays in a folder on the way"


def pages_of(folder):
    """Every file that is handed over."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def shown(folder):
    """Every row of the results, numbers to twelve digits."""
    with duckdb.connect(str(folder / "results.duckdb"), read_only=True) as con:
        tables = {name: con.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in RESULT_TABLES}
    return {
        name: [tuple(f"{cell:.12g}" if isinstance(cell, float) else cell for cell in row) for row in rows]
        for name, rows in tables.items()
    }


FILLED_BY_A_STUDY = {"cost_amounts", "cost_days"}  # not by these records, whose amounts are of too many kinds
SEEDS = (1, 0, 2, 3, 4, 6, 8)
HEAD = "-- t: a table\n-- grain: one row per patient_id\n-- weakness: none\n"


def test_a_table_that_repeats_its_grain_is_refused_without_the_row(spark, tmp_path):
    with pytest.raises(BuildError, match="table t should have one row per patient_id, but 1 of them") as raised:
        build_table(
            spark,
            ByFolder(spark, tmp_path),
            "t",
            HEAD + "SELECT 'ann' AS patient_id UNION ALL SELECT 'ann' AS patient_id",
        )
    assert "ann" not in str(raised.value)


def test_an_error_of_spark_s_is_told_by_its_name_and_never_with_the_value(spark, tmp_path):
    with pytest.raises(EngineError, match=r"while building t .CAST_INVALID_INPUT") as raised:
        build_table(
            spark, ByFolder(spark, tmp_path), "t", HEAD + "SELECT CAST(name AS INT) AS n FROM (SELECT 'secret' AS name)"
        )
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_table_too_large_to_come_back_is_refused_with_its_name_and_the_way_out():
    large = BuiltTable("patient_weeks", ("patient_id",), 2_000_001, 0.1)
    with pytest.raises(EngineError, match=r"patient_weeks has 2,000,001 rows.*raise \[engine\] most_million_rows"):
        bring_back(None, None, large, 2_000_000)


def test_what_analysis_reads_comes_back_and_nothing_with_a_row_per_service():
    source = "\n".join(path.read_text(encoding="utf-8") for path in ANALYSIS.rglob("*.py"))
    read = set(re.findall(r'(?:\b(?:FROM|JOIN)\s+|by_arm\("|by_number\("|of_the_kept\(")(\w+)', source)) & set(QUERIES)
    assert read == set(COMES_BACK), "keep COMES_BACK in pipeline/spark/build.py to what pipeline/analysis reads"
    assert not {"sessions", "service_days"} & set(COMES_BACK)
