"""The builder: order from the SQL, grain enforced, errors that hold no value from a record."""

import duckdb
import pytest

from pipeline.errors import BuildError
from pipeline.warehouse.build import KEPT, VIEW, build, build_order, build_table, names_of, prepare, table_queries
from pipeline.warehouse.grain import declared_grain
from tests.spec.staged import built, rows_of, staged, study_of

HEAD = "-- t: a table\n-- grain: one row per patient_id and day\n-- weakness: none worth a line\n"


def test_tables_are_built_after_the_tables_they_read():
    con = duckdb.connect()
    order = build_order(
        con,
        {
            "b": "SELECT * FROM a JOIN staging.sessions AS s ON TRUE",
            "c": "SELECT * FROM b AS x",
            "a": "WITH c AS (SELECT 1 AS n) SELECT n FROM c",
        },
    )
    assert order == ["a", "b", "c"]


def test_tables_that_read_each_other_in_a_circle_are_refused():
    with pytest.raises(BuildError, match=r"circle: .*a.*take one FROM out"):
        build_order(duckdb.connect(), {"a": "SELECT * FROM b", "b": "SELECT * FROM a"})


def test_repeated_rows_are_refused_with_the_table_and_its_grain_but_without_the_row():
    con = duckdb.connect()
    with pytest.raises(
        BuildError, match="table t should have one row per patient_id and day, but 1 of them are repeated"
    ) as raised:
        build_table(
            con, "t", HEAD + "SELECT 'ann' AS patient_id, 1 AS day UNION ALL SELECT 'ann' AS patient_id, 1 AS day"
        )
    assert "ann" not in str(raised.value)
    assert build_table(con, "t", HEAD + "SELECT 'ann' AS patient_id, 1 AS day UNION ALL SELECT 'ann', 2").rows == 2


def test_a_head_without_a_grain_is_refused():
    with pytest.raises(BuildError, match='no line "-- grain: one row per'):
        declared_grain("t", "-- t: a table\nSELECT 1 AS a")


def test_the_grain_is_read_from_lists_of_columns():
    assert declared_grain("t", "-- grain: one row per a") == ("a",)
    assert declared_grain("t", "-- grain: one row per a, b and c") == ("a", "b", "c")


def test_a_select_that_fails_on_a_record_names_the_file_and_never_the_value():
    with pytest.raises(BuildError, match=r"t.sql in pipeline/warehouse did not run: ConversionException") as raised:
        build_table(
            duckdb.connect(),
            "t",
            HEAD + "SELECT CAST(name AS INTEGER) AS patient_id, 1 AS day FROM (SELECT 'secret' AS name)",
        )
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None
    with pytest.raises(BuildError, match=r"column .*nowhere"):
        build_table(duckdb.connect(), "t", HEAD + "SELECT nowhere AS patient_id")


def test_the_report_says_what_was_built_and_the_words_go_to_say():
    lines = []
    report = build(staged(sessions="patient_id | level_of_care\nann | IOP"), study_of(), lines.append)
    assert {table.name for table in report.tables} == {
        name for name, sql in table_queries().items() if not VIEW.search(sql)
    }
    assert len(report.lines()) == len(lines) == len(report.tables)
    table = next(table for table in report.as_json()["tables"] if table["name"] == "analysis_set")
    assert table == {"name": "analysis_set", "grain": ("patient_id",), "rows": 1, "seconds": table["seconds"]}


def test_building_again_gives_the_same_tables():
    con = staged(sessions="patient_id | level_of_care\nann | IOP")
    first = [(table.name, table.rows) for table in build(con, study_of()).tables]
    assert [(table.name, table.rows) for table in build(con, study_of()).tables] == first


def test_what_one_table_alone_reads_is_not_written_and_its_reader_counts_the_same():
    con = staged(sessions="patient_id | level_of_care\nann | IOP\nbob | OP")
    build(con, study_of())
    assert {"measure_members", "dose_weeks"} & (names_of(con, "TABLE") | names_of(con, "VIEW")) == set()
    assert names_of(con, "VIEW") & set(table_queries()) == {n for n, sql in table_queries().items() if KEPT.search(sql)}
    counted = rows_of(con, "measure_cells", order="ALL")
    assert counted
    assert rows_of(built(con), "measure_cells", order="ALL") == counted


def test_a_study_without_any_record_builds_empty_tables():
    con = staged()
    build(con, study_of())
    assert rows_of(con, "analysis_set") == []
    assert {row["n_left"] for row in rows_of(con, "attrition_flow")} == {0}


def test_the_study_tables_hold_the_study_s_choices():
    con = staged(calendar=True)
    prepare(
        con,
        study_of(episodes={"washout_days": 45, "gap_days": {"OP": 40}}, retention={"days": [30, 7], "gap_days": 14}),
    )
    [protocol] = rows_of(con, "protocol")
    assert (protocol["washout_days"], protocol["retention_gap_days"], protocol["calendar"]) == (45, 14, True)
    assert (protocol["baseline_from"], protocol["baseline_to"], protocol["stretch_gap_days"]) == (-7, 1, 40)
    gaps = {row["level_of_care"]: row["gap_days"] for row in rows_of(con, "care_level")}
    assert (gaps["OP"], gaps["IOP"], gaps["UNKNOWN"]) == (40, 30, 60)
    assert [row["at_day"] for row in rows_of(con, "retention_day", order="1")] == [7, 30]
    assert rows_of(con, "outcome_definition") == [
        {
            "outcome": "phq9_day90",
            "instrument_id": "PHQ9",
            "at_day": 90,
            "window_from": 60,
            "window_to": 120,
            "baseline_from": -7,
            "baseline_to": 1,
            "higher_is": "worse",
            "rci": 6.0,
            "best_score": 0.0,
        }
    ]
    assert rows_of(con, "confounder_instrument", order="role, priority")[-1] == {
        "role": "suicide_risk",
        "priority": 2,
        "instrument_id": "PHQ9",
        "item": "item_9",
    }
    codes = "(SELECT * FROM level_code WHERE code IN ('G0410', '02')) AS codes"
    assert rows_of(con, codes, "code, level_of_care, lower_level, upper_level", "code") == [
        {"code": "02", "level_of_care": None, "lower_level": None, "upper_level": None},
        {"code": "G0410", "level_of_care": None, "lower_level": "IOP", "upper_level": "PHP"},
    ]


def test_tables_are_built_on_a_connection_that_sources_have_locked():
    con = duckdb.connect()
    con.execute("CREATE SCHEMA staging")
    con.execute("CREATE TABLE staging.facts AS SELECT TRUE AS calendar")
    con.execute("SET lock_configuration = true")
    prepare(con, study_of())
    assert con.execute("SELECT COUNT(*) FROM protocol").fetchall() == [(1,)]


def test_a_drawn_test_has_its_own_study_whatever_study_another_test_wrote_before_it():
    built(staged(), "episodes")
    prepare(staged(), study_of(episodes={"washout_days": 5}))
    assert [row["washout_days"] for row in rows_of(built(staged(), "episodes"), "protocol")] == [60]
