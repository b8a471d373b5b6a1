"""Changes one comparison at a time in the warehouse's SQL and says which change no test would notice.

python -m tests.mutation [table …]

First each changed SELECT is run on the random records of the twin tests, whose twins the unchanged SELECT agrees with:
other rows mean a failing test.  What is left is put before the drawn examples.  Exit code 1 where something survives.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.warehouse.build import table_queries
from tests.spec.staged import staged
from tests.unit.warehouse.records import SEEDS, random_records
from tests.unit.warehouse.tight_measures import build_tight

ROOT = Path(__file__).parent.parent
OTHER = {">": ">=", ">=": ">", "<": "<=", "<=": "<", "=": "<>", "<>": "="}
COMPARISON = re.compile(r"<>|>=|<=|>|<|=")
BETWEEN = re.compile(r"BETWEEN (?P<low>[\w.]+|COALESCE\([^)]*\)) AND (?P<high>COALESCE\([^)]*\)|[\w.]+)")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One table's SQL with one comparison changed; `line` counts from 1."""

    table: str
    line: int
    before: str
    after: str
    sql: str

    def __str__(self) -> str:
        return f"{self.table}.sql:{self.line}: {self.before} became {self.after}"


def mutants(table: str, sql: str) -> Iterator[Mutant]:
    """Every mutant of a SELECT; comments are left alone."""
    position = 0
    for number, line in enumerate(sql.splitlines(keepends=True), start=1):
        if not line.lstrip().startswith("--"):
            for found in COMPARISON.finditer(line):
                yield changed(table, sql, number, position + found.start(), found[0], OTHER[found[0]])
            for found in BETWEEN.finditer(line):
                for bound, shift in (("low", "1 + "), ("high", "-1 + ")):
                    yield changed(table, sql, number, position + found.start(bound), found[bound], shift + found[bound])
        position += len(line)


def changed(table: str, sql: str, line: int, at: int, before: str, after: str) -> Mutant:
    return Mutant(table, line, before, after, sql[:at] + after + sql[at + len(before) :])


def answer(con: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """The rows of a SELECT in one order; a SELECT that does not run answers with its error."""
    try:
        return sorted(map(repr, con.execute(sql).fetchall()))
    except duckdb.Error as fault:
        return [type(fault).__name__]


def unnoticed(tables: list[str], seeds: list[int]) -> list[Mutant]:
    """The mutants that give the same rows on the random records of all seeds."""
    left = [mutant for table in tables for mutant in mutants(table, table_queries()[table])]
    for seed in seeds:
        con = staged(calendar=seed % 2 == 1, **random_records(seed))
        build_tight(con, seed)
        expected = {table: answer(con, table_queries()[table]) for table in {mutant.table for mutant in left}}
        left = [mutant for mutant in left if answer(con, mutant.sql) == expected[mutant.table]]
    return left


def survives(mutant: Mutant) -> bool:
    """Whether every drawn example passes with the mutant in place."""
    environment = os.environ | {"CARELEVELS_MUTANT": f"{mutant.table}\n{mutant.sql}", "PYTHONPATH": str(ROOT)}
    texts = {path: path.read_text() for path in (ROOT / "tests" / "spec").glob("test_*.py")}
    drawn = [
        str(path)
        for path in sorted(texts, key=lambda path: (mutant.table not in texts[path], path))
        if "tests.spec.staged" in texts[path]
    ]
    made = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.mutation", *drawn],
        capture_output=True,
        env=environment,
        cwd=ROOT,
        check=False,
    )
    return made.returncode == 0


def pytest_configure() -> None:
    """As a pytest plugin: puts the mutant in place of its table's SQL."""
    import tests.spec.staged as harness

    table, _, sql = os.environ.get("CARELEVELS_MUTANT", "").partition("\n")
    if table:
        queries = harness.table_queries
        harness.table_queries = lambda: queries() | {table: sql}


def main(tables: list[str]) -> int:
    left = unnoticed(tables or sorted(table_queries()), list(SEEDS))
    print(f"{len(left)} mutants give the same rows on all random records", flush=True)
    remaining = 0
    for mutant in left:
        lives = survives(mutant)
        remaining += lives
        print(
            f"{'SURVIVES' if lives else 'noticed '} {mutant}\n        "
            f" {mutant.sql.splitlines()[mutant.line - 1].strip()}",
            flush=True,
        )
    print(f"{remaining} survive")
    return 1 if remaining else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
