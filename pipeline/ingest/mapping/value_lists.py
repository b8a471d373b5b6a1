"""Translations of a file's words into our codes: written out in mapping.toml, or our own tables of codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.ingest.known.knowledge import words
from pipeline.ingest.mapping.grammar import Values
from pipeline.ingest.mapping.told import Where, close, text
from pipeline.measures.library import level_codes
from pipeline.storage.quoting import literal

SYSTEMS = {"hcpcs": ("HCPCS", "CPT"), "revenue": ("REV",), "place_of_service": ("POS",), "condition": ("CONDITION",)}
SURE = ("definitive", "component", "supporting")
ASAM = {
    **dict.fromkeys(("1", "1.0", "1.5", "1.7"), "OP"),
    "2.1": "IOP",
    **dict.fromkeys(("2.5", "2.7"), "PHP"),
    **dict.fromkeys(("3.1", "3.3", "3.5", "3.7"), "RES"),
    **dict.fromkeys(("4", "4.0"), "IP"),
}
OURS = (*SYSTEMS, "asam")
KNOWN = "known"


def read_values(told: Any, where: Where, name: str = "") -> Values:
    """A list of translations.  Raises StudyError where it is none."""
    if not isinstance(told, Mapping):
        raise where.error('a list of values is written as "their word" = "our code"')
    pairs = {}
    for theirs, ours in told.items():
        if isinstance(ours, bool) or not isinstance(ours, (str, int, float)):
            raise where.at(theirs).error("our code is text in quotes, or a number")
        pairs[theirs.strip()] = str(ours)
    return Values(tuple(pairs.items()), name)


def values_called(told: Any, where: Where, lists: Mapping[str, Values], column: str) -> Values:
    """The list that a line means: one written within the line, one of [values.<name>], one of our code tables, the
    known words of the column, or several of them, what is written out before what is known."""
    if isinstance(told, list):
        several = [values_called(one, where, lists, column) for one in told]
        named = next((one.name for one in several if one.name), "")
        known = next((one.known for one in several if one.known), "")
        return Values(tuple(pair for one in several for pair in one.pairs), named, known)
    if isinstance(told, Mapping):
        return read_values(told, where)
    called = text(told, where)
    if called in lists:
        return lists[called]
    if called in OURS:
        return our_codes(called)
    if called == KNOWN:
        return known_words(column, where)
    raise where.error(f"there is no [values.{called}]{close(called, (*lists, *OURS, KNOWN))}")


def known_words(column: str, where: Where) -> Values:
    """The words of a column that we know; those without a star need no look at the file."""
    if not words(column):
        raise where.error(f'no words of {column} are known; write them out: values = {{ "Their word" = "ours" }}')
    if any("*" in one.theirs for one in words(column)):
        return Values((), known=column)
    return Values(tuple((one.theirs, one.ours) for one in words(column)))


def our_codes(called: str) -> Values:
    """One of our code tables as translations into levels of care; codes that name several levels are left out."""
    if called == "asam":
        return Values(tuple(ASAM.items()), called)
    rows = [row for row in level_codes() if row["system"] in SYSTEMS[called] and row["strength"] in SURE]
    known = {row["code"]: row["level_of_care"] for row in rows if "_or_" not in row["level_of_care"]}
    shorter = {code.lstrip("0"): level for code, level in known.items() if called == "revenue"}
    return Values((*known.items(), *shorter.items(), ("*", "")), called)


def translated(cell: str, values: Values) -> str:
    """SQL that puts a cell into our code, whatever its case; what no line names stays as it is."""
    exact, wild, rest = [], [], cell
    for theirs, ours in values.pairs:
        made = literal(ours) if ours else "NULL"
        if theirs == "*":
            rest = made
        elif theirs == "":
            exact.append(f"WHEN {cell} IS NULL THEN {made}")
        elif "*" in theirs:
            wild.append(f"WHEN {matches(cell, theirs)} THEN {made}")
        else:
            exact.append(f"WHEN lower({cell}) = {literal(theirs.lower())} THEN {made}")
    if rest != cell:
        wild.append(f"WHEN {cell} IS NULL THEN NULL")
    cases = [*exact, *wild]
    return f"CASE {' '.join(cases)} ELSE {rest} END" if cases else rest


def matches(cell: str, pattern: str) -> str:
    """SQL that is TRUE where a cell is as the pattern says, whatever its case; `*` stands for any letters."""
    if pattern == "":
        return f"{cell} IS NULL"
    if "*" not in pattern:
        return f"lower({cell}) = {literal(pattern.lower())}"
    escaped = pattern.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
    return f"lower({cell}) LIKE {literal(escaped)} ESCAPE '\\'"
