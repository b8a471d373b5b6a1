"""One line of a block of mapping.toml, read: a column, a constant, or a table that says how the cell is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.ingest.mapping.day_formats import check_formats
from pipeline.ingest.mapping.grammar import Cell, Lookup, Values
from pipeline.ingest.mapping.keyed import CODE_OF, CODED_STAFF
from pipeline.ingest.mapping.told import Where, count, flag, number, text, texts
from pipeline.ingest.mapping.value_lists import values_called
from pipeline.schema import Column

WAYS = ("column", "year", "age", "minutes", "join", "any", "checked", "code_of")
FINER = (
    *("values", "dates", "decimal", "unit", "times", "after", "before", "word", "first", "code"),
    *("with", "like", "on", "file", "match", "default"),
)


def read_cell(key: str, told: Any, column: Column, where: Where, lists: Mapping[str, Values]) -> Cell:
    """`"Their column"`, `"=constant"`, `["A", "B"]` (the first that is filled) or `{ column = … }`.

    Raises StudyError.
    """
    if isinstance(told, str) and told.startswith("="):
        return Cell(key, constant=told[1:])
    if isinstance(told, (str, list)):
        return Cell(key, texts(told, where))
    if not isinstance(told, Mapping):
        raise where.error('a column of theirs stands in quotes; a constant as "=USD"')
    where.refuse_unknown(told, (*WAYS, *FINER))
    ways = [way for way in WAYS if way in told]
    if len(ways) != 1:
        raise where.error(f"say one of {', '.join(WAYS)}; which column of theirs is it?")
    if ways[0] == CODE_OF and column.name not in CODED_STAFF:
        raise where.error(
            f"{CODE_OF} makes codes of staff ({', '.join(CODED_STAFF)}); of the people in care no name is read"
        )
    return Cell(key, **(from_columns(ways[0], told, where) | finer(told, where, lists, column.name)))


def from_columns(way: str, told: Mapping[str, Any], where: Where) -> dict[str, Any]:
    """Which of their columns a cell comes from, and what is done with them."""
    if way == "checked":
        where.refuse_unknown(told[way], tuple(told[way]) if isinstance(told[way], Mapping) else ())
        pairs = tuple((box, text(ours, where)) for box, ours in told[way].items())
        return {"columns": tuple(box for box, _ in pairs), "how": "checked", "values": Values(pairs)}
    columns = texts(told[way], where)
    if way == "age":
        if "on" not in told:
            raise where.error('an age needs the day it is reached on: { age = "DOB", on = "Admit Date" }')
        columns = (*columns, text(told["on"], where))
    if way == "minutes" and len(columns) != 2:
        raise where.error('minutes lie between two columns: { minutes = ["Start", "End"] }')
    if way == "any" and "like" not in told:
        raise where.error('say what is looked for: { any = ["Dx 1", "Dx 2"], like = "F1*" }')
    return {"columns": columns} | ({} if way == "column" else {"how": way})


def finer(told: Mapping[str, Any], where: Where, lists: Mapping[str, Values], column: str) -> dict[str, Any]:
    """What else is done with a cell."""
    made: dict[str, Any] = {}
    for key in ("unit", "after", "before", "default", "decimal"):
        if key in told:
            made[key] = text(told[key], where)
    for key in ("word", "first"):
        if key in told:
            made[key] = count(told[key], where)
    if "values" in told:
        made["values"] = values_called(told["values"], where, lists, column)
    if "times" in told:
        made["times"] = number(told["times"], where)
    if "code" in told:
        made["code"] = flag(told["code"], where)
    if "with" in told:
        made["joined_with"] = text(told["with"], where)
    if "like" in told:
        made["like"] = texts(told["like"], where)
    if "dates" in told:
        made["dates"] = check_formats(texts(told["dates"], where), where)
    if "file" in told or "match" in told:
        made["lookup"] = lookup(told, where)
    return made


def lookup(told: Mapping[str, Any], where: Where) -> Lookup:
    """file = "Roster.csv", match = { "Client ID" = "MemberID" }: their column there = the column here."""
    match = told.get("match")
    if "file" not in told or not isinstance(match, Mapping) or len(match) != 1:
        raise where.error(
            'a column of another file needs the file and the column both share: file = "Roster.csv", match = {'
            ' "Client ID" = "MemberID" } (the column there = the column here)'
        )
    [(theirs, ours)] = match.items()
    return Lookup(text(told["file"], where), theirs, text(ours, where))
