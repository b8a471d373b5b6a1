"""The user's own warehouse as a source: tables of a Spark catalog, brought as Parquet to the door that files pass."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.ingest.files.formats import TABLE
from pipeline.ingest.run import reading_faults
from pipeline.spark.carrying import Carrier, carrier_for
from pipeline.spark.faults import refuse_large, spark_faults
from pipeline.spark.session import spark_session
from pipeline.spark.wanted import Listed, wanted_columns
from pipeline.spark.work import MILLION, scratch_folder
from pipeline.storage.quoting import literal
from pipeline.store import connect
from pipeline.study import Study

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Say = Callable[[str], None]
ON_THE_WAY = "on_the_way"  # one view for each table in turn, whatever it is called
NARROWER = "make views of a shorter period in a schema of your own, and name that under [engine] tables"


@dataclass(frozen=True, slots=True)
class StudyOfTables(Study):
    """A study while the tables of its catalog lie here to be read; the same choices as ever."""

    brought: Path = field(kw_only=True)

    @property
    def raw_folder(self) -> Path:
        """Where the tables lie."""
        return self.brought


@contextlib.contextmanager
def brought(study: Study, say: Say | None = None) -> Iterator[Study]:
    """The study with the tables of its catalog in place of its raw files, in a private folder that goes with the block.

    Raises EngineError where Spark or the schema cannot be had, StructureError for tables that lack what is needed.
    """
    with scratch_folder(study, study.engine) as scratch:
        folder, way = scratch / "brought", scratch / "way"
        folder.mkdir()
        with reading_faults(study), spark_session(study.engine, scratch) as spark:
            bring_tables(spark, carrier_for(spark, study.engine, way), study, folder, say)
        shutil.rmtree(way, ignore_errors=True)
        yield StudyOfTables(**{part.name: getattr(study, part.name) for part in fields(Study)}, brought=folder)


def bring_tables(spark: SparkSession, carrier: Carrier, study: Study, folder: Path, say: Say | None = None) -> None:
    """Every table that is read, one Parquet file each, of the columns that are read."""
    schema = study.engine.tables
    with spark_faults(f"listing the tables of {schema}"):
        tables = tables_of(spark, schema)
    with connect(Path(":memory:")) as con:
        found = Listed(con, tables, folder, lambda table: columns_of(spark, schema, table))
        wanted = wanted_columns(study, found, schema)
    for table, columns in wanted.items():
        rows = bring(spark, carrier, schema, table, columns, folder, study.engine.most_million_rows * MILLION)
        every = found.readings[table].layout.columns
        if say:
            say(f"brought {schema}.{table}: {rows:,} rows, {len(columns)} of its {len(every)} columns")


def tables_of(spark: SparkSession, schema: str) -> list[str]:
    """The tables and views of a schema, by name; those that could be no file's name here are nobody's."""
    listed = spark.sql(f"SHOW TABLES IN {place(schema)}").select("tableName", "isTemporary").collect()
    return sorted(table for table, temporary in listed if not temporary and not {"/", "\0"} & set(table))


def columns_of(spark: SparkSession, schema: str, table: str) -> tuple[str, ...]:
    """The names of a table's columns, in its order."""
    with spark_faults(f"reading the columns of {schema}.{table}"):
        return tuple(spark.table(place(schema, table)).columns)


def place(schema: str, *table: str) -> str:
    """The quoted name of a schema, or of a table in it."""
    return ".".join(map(quoted, (*schema.split("."), *table)))


def quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


def as_read(column: str, kind: str) -> str:
    """SQL of a column as it comes here: a moment as the clock of the session's time zone shows it, whose day it is."""
    return f"CAST({quoted(column)} AS TIMESTAMP_NTZ) AS {quoted(column)}" if kind == "timestamp" else quoted(column)


def bring(
    spark: SparkSession, carrier: Carrier, schema: str, table: str, columns: tuple[str, ...], folder: Path, most: int
) -> int:
    """One table as a Parquet file, in an order that its rows alone decide, and how many rows it has.

    So the same rows are the same bytes, whose hash tells whether anything changed.  Raises EngineError for a table too
    large for this machine to take.
    """
    with spark_faults(f"bringing {schema}.{table}"):
        whole = spark.table(place(schema, table))
        read = whole.selectExpr(*(as_read(one, kind) for one, kind in whole.dtypes if one in columns))
        rows = int(read.count())
        refuse_large(f"{schema}.{table}", rows, most, NARROWER)
        carrier.keep(read, ON_THE_WAY)
    write(carrier, ON_THE_WAY, folder / f"{table}{TABLE}")
    return rows


def write(carrier: Carrier, view: str, path: Path) -> None:
    """The rows of a kept view in one file, sorted by all of their cells."""
    with connect(Path(":memory:")) as con, spark_faults("bringing rows"), carrier.relation(con, view) as rows:
        con.execute("SET temp_directory = ?", [str(path.parent.parent)])
        con.execute(f"COPY (SELECT * FROM {rows} ORDER BY ALL) TO {literal(path)} (FORMAT parquet)")
