"""Lines of claims before they are rows of ours: reversals take lines back, a line of several nights is each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipeline.ingest.mapping.day_formats import any_date_sql
from pipeline.ingest.mapping.expressions import Writer
from pipeline.ingest.mapping.grammar import Block, Nights, Reversed
from pipeline.ingest.mapping.numbers import number_sql
from pipeline.ingest.mapping.paths import leads_somewhere
from pipeline.ingest.mapping.told import Where, text, texts

NIGHT = "night"  # what the column of each night is called
MOST_NIGHTS = 400  # of one line: more is a mistyped year


def read_nights(told: Any, where: Where) -> Nights:
    """nights = { from = "Start", to = "End", units = "Units" }.  Raises StudyError."""
    where.refuse_unknown(told, ("from", "to", "units"))
    if "from" not in told or not ({"to", "units"} & set(told)):
        raise where.error('nights lie between two days: nights = { from = "Start", to = "End", units = "Units" }')
    return Nights(*(text(told.get(key, ""), where) for key in ("from", "to", "units")))


def read_reversed(told: Any, where: Where) -> Reversed:
    """reversed = { amount = "Paid", same = ["Member", "DOS", "Proc"] }.  Raises StudyError."""
    where.refuse_unknown(told, ("amount", "bill_type", "same"))
    if "same" not in told or not ({"amount", "bill_type"} & set(told)):
        raise where.error(
            "a reversal is known by amount or bill type, and takes back the line that is the same in these: reversed ="
            ' { amount = "Paid", same = ["Member", "DOS", "Proc"] }'
        )
    return Reversed(
        text(told.get("amount", ""), where), text(told.get("bill_type", ""), where), texts(told["same"], where)
    )


def lines_left(block: Block, base: str, writer: Writer) -> str:
    """SQL of the lines that no reversal takes back; of several alike, the later ones."""
    if not block.reversed:
        return base
    amount = f"TRY_CAST({number_sql(writer.theirs(block.reversed.amount), block.decimal)} AS DOUBLE) < 0"
    void = f"ends_with({writer.theirs(block.reversed.bill_type)}, '8')"
    back = " OR ".join([*[amount] * bool(block.reversed.amount), *[void] * bool(block.reversed.bill_type)])
    same = ", ".join(writer.theirs(column) for column in block.reversed.same)
    signed = f"SELECT *, COALESCE({back}, FALSE) AS _back FROM {base}"
    placed = (
        f"SELECT *, row_number() OVER (PARTITION BY {same}, _back ORDER BY _row DESC) AS _place,"
        f" count(*) FILTER (WHERE NOT _back) OVER (PARTITION BY {same})"
        f" - count(*) FILTER (WHERE _back) OVER (PARTITION BY {same}) AS _left FROM ({signed}) AS signed"
    )
    return f"(SELECT * EXCLUDE (_back, _place, _left) FROM ({placed}) AS placed WHERE NOT _back AND _place <= _left)"


def nights_apart(block: Block, base: str, writer: Writer) -> str:
    """SQL of the rows with one of each night from the first day on: as many as the line has units, else up to its last
    day, at least one; none is named where they are more than a stay has."""
    if not block.nights:
        return base
    start, end = (
        any_date_sql(writer.theirs(column), block.dates) if column else "NULL"
        for column in (block.nights.first, block.nights.last)
    )
    units = f"TRY_CAST({writer.theirs(block.nights.units)} AS DOUBLE)" if block.nights.units else "NULL"
    many = f"greatest(1, COALESCE(CAST({units} AS INTEGER), date_diff('day', {start}, {end}), 1))"
    days = f"generate_series(0, CASE WHEN {many} <= {MOST_NIGHTS} THEN {many} END - 1)"
    number = f"unnest(COALESCE({days}, [NULL]))"
    counted = f"SELECT *, {number} AS _night FROM {base}"
    day = f"CAST({start} + CAST(_night AS INTEGER) AS VARCHAR)"
    return f"(SELECT * EXCLUDE (_night), {day} AS {NIGHT} FROM ({counted}) AS each)"


def with_night(block: Block, columns: Mapping[str, str]) -> Mapping[str, str]:
    """The columns of the file, and that of each night where the block makes it."""
    return {**columns, NIGHT: NIGHT} if block.nights else columns


def known_lines(block: Block, columns: Mapping[str, str]) -> Block:
    """The block with what the file has of the columns that say which lines are nights and which are taken back."""
    nights, taken = block.nights, block.reversed
    if nights:
        first, last, units = (known(column, columns) for column in (nights.first, nights.last, nights.units))
        nights = Nights(first, last, units) if first else None
    if taken:
        amount, bill_type = known(taken.amount, columns), known(taken.bill_type, columns)
        same = tuple(filter(None, (known(column, columns) for column in taken.same)))
        taken = Reversed(amount, bill_type, same) if (amount or bill_type) and same else None
    return replace(block, nights=nights, reversed=taken)


def known(column: str, columns: Mapping[str, str]) -> str:
    return column if leads_somewhere(column, columns) else ""
