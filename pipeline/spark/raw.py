"""Raw files as Spark reads them: every cell as text, every row under its number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipeline.choices.records import EngineChoices
from pipeline.errors import StructureError
from pipeline.ingest.files.unreadable import unreadable
from pipeline.ingest.layout import Layout
from pipeline.ingest.matching import Match
from pipeline.spark.door import ROWID, Door
from pipeline.storage.quoting import name

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

WRONG = "_wrong"  # the text of a row that is not cut into as many cells as the header
PLACE, BLOCK = "_place", "_block"  # a row's place within its part of the run, and the byte where that part begins
CSV = {
    "header": "true",
    "quote": '"',
    "escape": '"',
    "emptyValue": "",
    "maxCharsPerColumn": "-1",
    "maxColumns": "20000",
    "mode": "PERMISSIVE",
    "columnNameOfCorruptRecord": WRONG,
}


@dataclass(frozen=True, slots=True)
class Sight:
    """Which files Spark sees where they lie: all, on this machine; on a cluster those within the folder that both
    share."""

    local: bool
    shared: Path | None

    def sees(self, path: Path) -> bool:
        return self.local or bool(self.shared and path.resolve().is_relative_to(self.shared.resolve()))


def sight(chosen: EngineChoices) -> Sight:
    """What the user's Spark sees of this machine."""
    local = not chosen.remote and chosen.master.startswith("local")
    return Sight(local, Path(chosen.folder) if chosen.folder else None)


def read_by_spark(layout: Layout) -> bool:
    """Whether Spark reads a file as it lies there: Parquet, and CSV whose header is its first line."""
    plain = not (layout.skip or layout.headless or layout.line_break) and layout.first_row == 2
    return not layout.made and (layout.parquet or plain)


def raw_rows(door: Door, seen: Sight, match: Match, view: str) -> int:
    """Makes a file's rows the view of that name, each under `rowid` from 0 on, and how many there are.

    Files that Spark cannot read as they are go through DuckDB on this machine.  Raises StructureError for a file that
    cannot be read to its end.
    """
    layout = match.layout
    if not (read_by_spark(layout) and seen.sees(layout.path)):
        return carried(door, match, view)
    if layout.parquet:
        rows = door.spark.read.parquet(layout.path.resolve().as_uri())
        rows.selectExpr("*", f"_metadata.row_index AS {ROWID}").createOrReplaceTempView(view)
        return int(rows.count())
    found = csv_rows(door, layout)
    counted = found.groupBy(BLOCK).agg(*measures(layout)).collect()
    if any(row["wrong"] for row in counted):
        refuse_unreadable(door, match)
        return carried(door, match, view)
    before, total = {}, 0
    for row in sorted(counted, key=lambda one: one[BLOCK]):
        before[row[BLOCK]] = total - row["first"]
        total += row["rows"]
    found.selectExpr(*map(backticked, layout.columns), f"{numbered(before)} AS {ROWID}").createOrReplaceTempView(view)
    return total


def csv_rows(door: Door, layout: Layout) -> DataFrame:
    """A CSV file as text, with what its rows are numbered by; cut into parts where no cell holds a line break."""
    from pyspark.sql.types import StringType, StructField, StructType

    path = layout.path.resolve().as_uri()
    lines = door.spark.read.text(path)
    quotes = "length(value) - length(replace(value, '\"', ''))"
    over_lines = lines.where(f"({quotes}) % 2 = 1").limit(1).count()
    shape = StructType([StructField(column, StringType()) for column in (*layout.columns, WRONG)])
    options = CSV | {"sep": layout.delimiter, "multiLine": str(bool(over_lines)).lower()}
    rows = door.spark.read.schema(shape).options(**options).csv(path)
    return rows.selectExpr("*", f"_metadata.file_block_start AS {BLOCK}", f"monotonically_increasing_id() AS {PLACE}")


def measures(layout: Layout) -> list[Column]:
    """What is asked of every part of a file: its rows, its first place, and rows that are cut otherwise or no UTF-8."""
    from pyspark.sql.functions import expr

    cells = ", ".join(map(backticked, layout.columns))
    wrong = f"{WRONG} IS NOT NULL OR contains(concat_ws('', {cells}), '\ufffd')"
    return [expr("count(*) AS rows"), expr(f"min({PLACE}) AS first"), expr(f"count_if({wrong}) AS wrong")]


def numbered(before: Mapping[int, int]) -> str:
    """SQL of a row's number, from what is added to its place in each part."""
    if len(before) < 2:
        return f"{PLACE} + {next(iter(before.values()), 0)}"
    cases = " ".join(f"WHEN {block} THEN {added}" for block, added in before.items())
    return f"{PLACE} + CASE {BLOCK} {cases} END"


def backticked(column: str) -> str:
    return f"`{column.replace('`', '``')}`"


def refuse_unreadable(door: Door, match: Match) -> None:
    """Raises StructureError in the words that DuckDB's way of reading has for the same file; nothing where it finds no
    fault."""
    cells = ", ".join(f"count({name(column)})" for column in match.layout.columns)
    try:
        door.here.execute(f"SELECT {cells} FROM {match.layout.relation()}").fetchall()
    except duckdb.Error as fault:
        raise StructureError(unreadable(match, str(fault))) from None


def carried(door: Door, match: Match, view: str) -> int:
    """The rows as DuckDB reads them on this machine, sent to Spark."""
    table = "on_the_way"
    try:
        door.here.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT row_number() OVER () - 1 AS {ROWID}, *"
            f" FROM {match.layout.relation()} AS rows"
        )
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as fault:
        raise StructureError(unreadable(match, str(fault))) from None
    door.carrier.send(door.here, table, view)
    [(rows,)] = door.here.execute(f"SELECT count(*) FROM {table}").fetchall()
    door.here.execute(f"DROP TABLE {table}")
    return int(rows)
