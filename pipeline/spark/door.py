"""Spark as the door knows its database: the statements of ingest, on views of a session instead of tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.spark.carrying import Carrier
from pipeline.spark.words import spoken
from pipeline.storage.quoting import literal

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import DataFrame, SparkSession

HERE = r"\bstaging\.(files|breaches|dropped_columns)\b"  # few rows, which no machine minds
LIST = r"(CREATE TABLE|INSERT INTO|DROP TABLE) (?P<name>loaded\.forgotten_hash)"
STATEMENTS = {  # the statements that ingest makes, each with its parts
    "made": re.compile(r"CREATE (?:OR REPLACE )?(?P<kind>TABLE|VIEW) (?P<name>\w+) AS\s(?P<sql>.*)", re.S),
    "empty": re.compile(r"CREATE TABLE (?P<once>IF NOT EXISTS )?(?P<name>\w+) \((?P<columns>.*)\)", re.S),
    "added": re.compile(r"INSERT INTO (?P<name>\w+) (?P<sql>SELECT.*)", re.S),
    "changed": re.compile(r"UPDATE (?P<name>\w+) SET `?(?P<column>\w+)`? = (?P<value>\w+) WHERE (?P<where>.*)", re.S),
    "dropped": re.compile(r"DROP TABLE (?:IF EXISTS )?(?P<name>\w+)"),
}
ROWID = "rowid"  # the row's place in its table, which DuckDB knows by itself


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement gave."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.rows


@dataclass(slots=True)
class Door:
    """Takes the statements that ingest would give its database; small tables of what was found stay in `here`."""

    spark: SparkSession
    carrier: Carrier
    here: duckdb.DuckDBPyConnection
    versions: int = 0
    names: set[str] = field(default_factory=set)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """Runs one statement; rows are had by fetchall, as from DuckDB."""
        if re.search(HERE, sql):
            return self.here.execute(sql, parameters)
        if re.match(LIST, sql):
            return self.withdrawn(sql, parameters)
        text = spoken(filled(sql, parameters)).strip()
        for kind, pattern in STATEMENTS.items():
            if found := pattern.fullmatch(text):
                getattr(self, kind)(**found.groupdict())
                return Rows()
        return Rows([tuple(row) for row in self.spark.sql(text).collect()])

    def withdrawn(self, sql: str, parameters: Sequence[Any]) -> Rows:
        """The list of withdrawn people lies here, and goes to Spark once it is filled."""
        self.here.execute(sql, parameters)
        if sql.startswith("INSERT"):
            self.carrier.send(self.here, "loaded.forgotten_hash", "loaded_forgotten_hash")
        return Rows()

    def made(self, kind: str, name: str, sql: str) -> None:
        if kind == "VIEW":
            self.names.add(name)
            self.spark.sql(f"CREATE OR REPLACE TEMPORARY VIEW {name} AS {sql}")
        else:
            self.keep(self.spark.sql(sql), name)

    def keep(self, rows: DataFrame, name: str) -> str:
        """Works rows out once; the view of that name is them from now on, and so is the one whose name is returned."""
        self.versions += 1
        version = f"{name}_{self.versions}"
        self.carrier.keep(rows, version)
        self.view(self.spark.table(version), name)
        return version

    def view(self, rows: DataFrame, name: str) -> None:
        """Rows are the view of that name from now on."""
        self.names.add(name)
        rows.createOrReplaceTempView(name)

    def empty(self, once: str | None, name: str, columns: str) -> None:
        if not (once and name in self.names):
            cells = [f"CAST(NULL AS {kind}) AS {column}" for column, kind in map(str.split, columns.split(", "))]
            self.view(self.spark.sql(f"SELECT {', '.join(cells)} WHERE FALSE"), name)

    def added(self, name: str, sql: str) -> None:
        before = self.spark.table(name)
        rows = self.spark.sql(sql).toDF(*before.columns)
        self.keep(before.union(rows), name)

    def changed(self, name: str, column: str, value: str, where: str) -> None:
        """One column of the rows that a condition holds for; views over the table see it."""
        before = self.spark.table(name)
        cells = [f"`{one}`" for one in before.columns]
        kind = before.schema[column].dataType.simpleString()
        cells[before.columns.index(column)] = (
            f"CASE WHEN {where} THEN CAST({value} AS {kind}) ELSE `{column}` END AS `{column}`"
        )
        self.view(before.selectExpr(*cells), name)

    def dropped(self, name: str) -> None:
        self.names.discard(name)
        self.spark.catalog.dropTempView(name)


def filled(sql: str, parameters: Sequence[Any]) -> str:
    """A statement with its parameters in their places."""
    for place, value in enumerate(parameters, start=1):
        said = said_as(value)
        sql = sql.replace(f"${place}", said) if f"${place}" in sql else sql.replace("?", said, 1)
    return sql


def said_as(value: Any) -> str:
    """A parameter as SQL writes it."""
    return literal(value) if isinstance(value, str) else "NULL" if value is None else repr(value).upper()
