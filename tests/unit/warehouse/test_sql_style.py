"""The house rules of the SQL: heads, one SELECT, words that two engines understand, total orders, one door for the
study."""

import re

import duckdb
import pytest

from pipeline.schema import TABLES
from pipeline.spark.build import COMES_BACK
from pipeline.warehouse.build import HERE, KEPT, VIEW, table_queries, tables_read
from pipeline.warehouse.grain import declared_grain
from pipeline.warehouse.protocol import COLUMNS
from tests.spec.staged import needs_of_tables

QUERIES = table_queries()
VIEWS = [name for name, sql in QUERIES.items() if VIEW.search(sql)]
ENGINES = sorted((HERE / "engine").glob("*.sql"))
FORBIDDEN = {
    r"::": "write CAST(x AS …)",
    r"\bQUALIFY\b": "number in one step, choose in the next",
    r"\bGROUP BY ALL\b": "name the columns",
    r"->": "no lambdas",
    r"\bFILTER\s*\(": "use CASE within the aggregate",
    r"\bEXCLUDE\b|\bDISTINCT ON\b": "DuckDB alone knows it",
    r"\[": "no lists",
    r'"': "Spark reads double quotes as text: write the name bare, after its table's where it is a reserved word",
    r"`": "DuckDB knows no backticks",
    r"\bUNNEST\b|\bLIST\b|\bSTRUCT": "no nested values",
    r"\bVARCHAR\b": "write STRING",
    r"\$": "choices come from the study tables",
    r"\bIGNORE NULLS\b": "the engines write it differently",
    r"\b(ANY_VALUE|ARG_MIN|ARG_MAX|MIN_BY|MAX_BY|FIRST|LAST)\s*\(": "not deterministic",
    r"\bDATE '": "days are integers",
    r"\b(DATE_DIFF|DATEDIFF|EPOCH|STRFTIME|YEAR|QUARTER)\b": "engines differ: a macro in engine/",
    r"\bRANDOM\b|\bNOW\b|\bCURRENT_DATE\b": "a build gives the same tables every time",
    r"\bSELECT \* FROM": "name the columns",
    r"\(('RES'|'IP'), ('RES'|'IP')\)": "ask care_level whether people sleep there",
    r"'ama'": "ask ending_code what is dropping out",
}

COMMON = {
    *("ABS", "CAST", "COALESCE", "COUNT", "FLOOR", "GREATEST", "LAG", "LEAD", "LEAST", "LOWER", "LPAD", "MAX", "MIN"),
    *("NULLIF", "REPLACE", "ROUND", "ROW_NUMBER", "SUBSTRING", "SUM", "TRIM", "UPPER"),
}  # tried in both engines: the same answer, also for NULL, for nothing at all and for negative numbers
MACROS = {"days_between", "period_of_day", "month_of_day"}  # said by each engine in its own way, in warehouse/engine
NO_FUNCTIONS = {"AS", "OVER", "IN", "AND", "OR", "ON", "NOT", "JOIN", "FROM", "EXISTS", "WHEN", "THEN", "ELSE"}


def words(sql: str) -> str:
    """The SQL without its comments."""
    return "\n".join(line for line in sql.splitlines() if not line.lstrip().startswith("--"))


@pytest.mark.parametrize("name", [name for name in VIEWS if not KEPT.search(QUERIES[name])])
def test_what_is_not_written_is_read_by_one_table_alone_and_never_by_analysis(name):
    [reader] = re.findall(r"^-- view: (\w+) alone reads it$", QUERIES[name], re.MULTILINE)
    assert [other for other, needed in needs_of_tables().items() if name in needed] == [reader]
    assert name not in COMES_BACK


@pytest.mark.parametrize("name", [name for name in VIEWS if KEPT.search(QUERIES[name])])
def test_a_view_that_stays_says_no_word_that_ends_with_the_connection_and_is_read_by_analysis(name):
    assert MACROS & set(re.findall(r"\w+", words(QUERIES[name]))) == set()
    assert name in COMES_BACK


@pytest.mark.parametrize("name", QUERIES)
def test_the_head_names_the_table_its_grain_and_its_weakness(name):
    first, second, third = QUERIES[name].splitlines()[:3]
    assert re.fullmatch(rf"-- {name}: .{{10,}}", first)
    assert re.fullmatch(r"-- grain: one row per \w+((, \w+)* and \w+)?", second)
    assert re.fullmatch(r"-- weakness: .{10,}", third)
    assert len(QUERIES[name].splitlines()) <= 80


@pytest.mark.parametrize("name", QUERIES)
def test_a_file_holds_one_select_in_words_that_duckdb_and_spark_understand(name):
    sql = words(QUERIES[name])
    assert ";" not in sql
    assert sql.lstrip().startswith(("SELECT", "WITH"))
    assert {reason: found for pattern, reason in FORBIDDEN.items() if (found := re.findall(pattern, sql))} == {}


@pytest.mark.parametrize("name", QUERIES)
def test_a_file_calls_no_function_that_was_not_tried_in_both_engines(name):
    called = set(re.findall(r"\b([A-Za-z_]\w*)\s?\(", re.sub(r"'[^']*'", "''", words(QUERIES[name]))))
    called -= {with_name.lower() for with_name in re.findall(r"\b(\w+) AS \(", QUERIES[name])}
    assert {one for one in called if one not in MACROS and one.upper() not in COMMON | NO_FUNCTIONS} == set()


def test_the_engines_say_the_same_three_things_in_their_own_way():
    said = {path.stem: set(re.findall(r"(?:MACRO|FUNCTION) (\w+)\(", path.read_text())) for path in ENGINES}
    assert said == {"duckdb": MACROS, "spark": MACROS}


@pytest.mark.parametrize("name", QUERIES)
def test_every_window_that_has_an_order_says_where_missing_values_go(name):
    for order in re.findall(
        r"ORDER BY ((?:[^()]|\((?:[^()]|\([^()]*\))*\))*?)(?:\)|ROWS BETWEEN)", words(QUERIES[name])
    ):
        keys = re.sub(r"\([^()]*\)", "", order).split(",")
        assert all(re.search(r"NULLS (FIRST|LAST)\s*$", key.strip()) for key in keys), order


@pytest.mark.parametrize("name", QUERIES)
def test_days_are_compared_through_the_macro_and_minutes_divided_as_numbers(name):
    sql = words(QUERIES[name])
    assert not re.search(r"_day\s-\s\w*[a-z_.]+_day\b", sql)
    assert all("CAST(" in line for line in sql.splitlines() if re.search(r"\w\)? / ", line))


def test_the_study_enters_only_through_the_study_tables():
    con = duckdb.connect()
    con.execute((HERE / "engine" / "duckdb.sql").read_text(encoding="utf-8"))
    known = QUERIES.keys() | COLUMNS.keys() | {f"staging.{name}" for name in TABLES}
    assert {
        name: sorted(tables_read(con, sql) - known) for name, sql in QUERIES.items() if tables_read(con, sql) - known
    } == {}


def test_the_grain_of_a_table_is_made_of_its_own_columns():
    con = duckdb.connect()
    for name, sql in QUERIES.items():
        assert all(re.search(rf"\b{column}\b", words(sql)) for column in declared_grain(name, sql)), name
    con.close()
