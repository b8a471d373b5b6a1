"""What the rules at the door say is said to Spark in its own words, and every word of theirs is known."""

import re
from pathlib import Path

import duckdb
import pytest

from pipeline.ingest.run import ingest
from pipeline.spark.words import CALLS, spoken
from tests.spark.faulty import faulty

ALIKE = {  # tried in both engines by tests/spark/test_same_door.py: the same answer, also for NULL
    *("abs", "bool_or", "btrim", "cast", "coalesce", "concat", "contains", "count", "greatest", "least", "left"),
    *("length", "lower", "lpad", "max", "median", "min", "nullif", "regexp_extract", "regexp_replace", "replace"),
    *("round", "row_number", "substring", "sum", "trim", "try_cast", "upper", "year"),
}
SPARKS = {
    "collect_list",
    "isnotnull",
    "listagg",
    "slice",
    "sort_array",
    "octet_length",
    "percentile",
    "pmod",
    "rint",
    "sha2",
    "translate",
    "xxhash64",
}
NO_FUNCTIONS = {"as", "over", "in", "and", "or", "on", "not", "by", "from", "exists", "when", "then", "else", "filter"}
NO_FUNCTIONS |= {"where", "group", "values", "is", "join", "between", "if", "using"}
UNKNOWN = {r"::": "write CAST", r"\[": "no lists", r"->": "no lambdas", r"\bQUALIFY\b": "number first, choose then"}


class Heard:
    """A database that remembers what it was told after the files were found."""

    def __init__(self):
        self.con, self.statements = duckdb.connect(config={"threads": 1}), []

    def execute(self, sql, *parameters):
        self.statements.append(sql)
        return self.con.execute(sql, *parameters)


@pytest.fixture(scope="module")
def statements(tmp_path_factory):
    """All that ingest says of the rows of a delivery with a fault of every kind."""
    heard = Heard()
    ingest(faulty(tmp_path_factory.mktemp("heard")), heard)
    said = [
        one for one in heard.statements if re.search(r"\b(loaded|staging|quarantine)\.(?!files|breaches|dropped)", one)
    ]
    return [one for one in said if not re.search(r"^INSERT INTO \S+_text|^CREATE .*_text |raw |read_csv|UNNEST", one)]


def test_every_function_that_a_rule_calls_is_one_that_both_engines_answer_alike(statements):
    called = set()
    for sql in statements:
        bare = re.sub(r"'(?:[^'\\]|\\.|'')*'|`[^`]*`", "x", spoken(sql))
        called |= {word.lower() for word in re.findall(r"\b([A-Za-z_]\w*)\s?\(", bare)}
        assert {why for sign, why in UNKNOWN.items() if re.search(sign, bare)} == set(), sql
    names = {word for word in called if not re.match(r"(loaded|staging|quarantine)_", word)}
    assert len(statements) > 200
    assert names - ALIKE - SPARKS - NO_FUNCTIONS == set()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ('SELECT "a" FROM loaded.t', "SELECT `a` FROM loaded_t"),
        ("SELECT 'loaded.t', 'it''s'", "SELECT 'loaded.t', 'it''s'"),
        (r"regexp_replace(x, '^(a)[.]0$', '\1', 'g')", "regexp_replace(x, '^(a)[.]0$', '$1')"),
        (r"regexp_matches(x, '\bno\b')", r"(x RLIKE '\\bno\\b')"),
        ("hash(a, COALESCE(b, ''))", "xxhash64(a, a IS NULL, COALESCE(b, ''), COALESCE(b, '') IS NULL)"),
        ("least(a), least(a, b)", "(a), least(a, b)"),
        ("min(a), min(a, 5)", "min(a), slice(sort_array(collect_list(a)), 1, 5)"),
        ("string_agg(reason, '; ' ORDER BY reason)", "listagg(reason, '; ') WITHIN GROUP (ORDER BY reason)"),
    ],
)
def test_a_statement_is_said_in_the_words_of_spark_and_text_within_quotes_stays(ours, theirs):
    assert spoken(ours) == theirs


def test_the_words_are_those_that_the_two_engines_have_under_other_names():
    code = (Path(__file__).parents[3] / "pipeline" / "ingest").rglob("*.py")
    text = "".join(path.read_text(encoding="utf-8") for path in code)
    assert {word for word in CALLS if f"{word}(" not in text} == set(), "a word that no rule says any more"
