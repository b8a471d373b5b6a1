"""Tables from DuckDB to Spark and back: as Parquet in a folder that both see, or as Arrow over the connection."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pipeline.choices.records import EngineChoices
from pipeline.storage.quoting import literal

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import DataFrame, SparkSession

SPARK_TYPES = {"VARCHAR": "STRING", "INTEGER": "INT"}


class Carrier(Protocol):
    """One way between the two engines, and where tables lie meanwhile."""

    def send(self, con: duckdb.DuckDBPyConnection, table: str, view: str) -> None:
        """Makes the rows of a DuckDB table a Spark view."""

    def keep(self, made: DataFrame, view: str) -> None:
        """Works a table out once, and makes its rows a Spark view."""

    def relation(self, con: duckdb.DuckDBPyConnection, view: str) -> AbstractContextManager[str]:
        """The rows of a kept view as DuckDB reads them in a FROM clause inside the block."""


@dataclass(frozen=True, slots=True)
class ByFolder:
    """As Parquet in a folder that this machine and every worker of Spark see under one path."""

    spark: SparkSession
    folder: Path

    def send(self, con: duckdb.DuckDBPyConnection, table: str, view: str) -> None:
        path = self.folder / f"{view}.parquet"
        con.execute(f"COPY (SELECT * FROM {table}) TO {literal(path)} (FORMAT parquet)")
        self.spark.read.parquet(path.as_uri()).createOrReplaceTempView(view)

    def keep(self, made: DataFrame, view: str) -> None:
        path = (self.folder / view).as_uri()
        made.write.mode("overwrite").parquet(path)
        self.spark.read.schema(made.schema).parquet(path).createOrReplaceTempView(view)

    @contextmanager
    def relation(self, con: duckdb.DuckDBPyConnection, view: str) -> Iterator[str]:
        yield f"read_parquet({literal(f'{self.folder / view}/*.parquet')})"


@dataclass(frozen=True, slots=True)
class ByConnection:
    """As Arrow over the connection: for a server elsewhere, which sees no folder of this machine."""

    spark: SparkSession

    def send(self, con: duckdb.DuckDBPyConnection, table: str, view: str) -> None:
        content: Any = con.sql(f"SELECT * FROM {table}").to_arrow_table()
        self.keep(self.spark.createDataFrame(content, shape_of(con, table)), view)

    def keep(self, made: DataFrame, view: str) -> None:
        made.localCheckpoint().createOrReplaceTempView(view)

    @contextmanager
    def relation(self, con: duckdb.DuckDBPyConnection, view: str) -> Iterator[str]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of pandas 3, which is not asked here
            brought = self.spark.table(view).toArrow()
        con.register("brought_back", brought)
        yield "brought_back"
        con.unregister("brought_back")


def carrier_for(spark: SparkSession, chosen: EngineChoices, folder: Path) -> Carrier:
    """The way that study.toml leaves: over the connection where a server elsewhere shares no folder with us."""
    return ByConnection(spark) if chosen.remote and not chosen.folder else ByFolder(spark, folder)


def shape_of(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """A table's columns with their types as Spark says them: of one without rows it could not guess them."""
    described = con.execute(f"DESCRIBE {table}").fetchall()
    return ", ".join(f"`{column}` {SPARK_TYPES.get(kind, kind)}" for column, kind, *_ in described)
