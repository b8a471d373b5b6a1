"""The statements of ingest as Spark says them: names, literals, and what the two engines call otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from pipeline.storage.quoting import literal

Hold = Callable[[str], str]
QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
HELD = re.compile(r"\x00(\d+)\x00")
# What DuckDB takes for a number and for a day: Spark's own casts take more (1d, 2025) and less (1_000, 2025/1/5).
NUMBER = r"^\s*[+]?([-]?(?:[0-9]+(?:_[0-9]+)*(?:[.](?:[0-9]+(?:_[0-9]+)*)?)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?)\s*$"
DAY = (
    r"^\s*([0-9]{1,5}([-/\\ ])[0-9]{1,2}\2[0-9]{1,2})"
    r"(?:\s*|[T\s]\s*(?:0*(?:1?[0-9]|2[0-3]):[0-5]?[0-9](?::[0-5]?[0-9])?|24:00(?::00)?)(?:[^0-9:].*|:)?)$"
)
OTHERWISE = (  # outside of literals
    (r"\b(loaded|staging|quarantine)\.(?=\w)", r"\1_"),  # a view of a session belongs to no schema
    (r"\bVARCHAR\b", "STRING"),
    (r"\btrim\(", "btrim("),
    (r"\btrunc\(", "rint("),  # whether a number is whole is all that is asked
    (r"\bstrlen\(", "octet_length("),
    (r"\bquantile_cont\(", "percentile("),
    (r"\bisfinite\(TRY_CAST\((.*?) AS DATE\)\)", r"isnotnull(TRY_CAST(\1 AS DATE))"),
    (r"\bstring_agg\((\w+), (\x00\d+\x00) ORDER BY (\w+)\)", r"listagg(\1, \2) WITHIN GROUP (ORDER BY \3)"),
)
FLOOR, WHOLE = ", 1.0))", ")\\z"
LARGEST = "1.7976931348623157E308"


def spoken(sql: str) -> str:
    """A statement of the door as Spark reads it."""
    quoted: list[str] = []

    def hold(text: str) -> str:
        quoted.append(text)
        return f"\x00{len(quoted) - 1}\x00"

    bare = QUOTED.sub(lambda found: hold(as_spark(found[0])), sql)
    for pattern, said in OTHERWISE:
        bare = re.sub(pattern, said, bare)
    for function, said_as in CALLS.items():
        bare = rewritten(bare, function, partial(said_as, hold))
    while HELD.search(bare):
        bare = HELD.sub(lambda found: quoted[int(found[1])], bare)
    return bare


def as_spark(quoted: str) -> str:
    """A literal whose backslashes stand for themselves, or a name."""
    if quoted.startswith('"'):
        return "`" + quoted[1:-1].replace('""', '"').replace("`", "``") + "`"
    return "'$1'" if quoted == r"'\1'" else quoted.replace("\\", "\\\\")


def rewritten(sql: str, function: str, say: Callable[[str], str]) -> str:
    """Every call of a function said otherwise, the innermost first; `say` is given what stands between its
    parentheses."""
    for found in reversed(list(re.finditer(rf"\b{function}\(", sql))):
        end = closing(sql, found.end())
        sql = sql[: found.start()] + say(sql[found.end() : end]) + sql[end + 1 :]
    return sql


def closing(sql: str, start: int) -> int:
    """The place of the parenthesis that closes the one before `start`."""
    depth = 1
    for place in range(start, len(sql)):
        depth += {"(": 1, ")": -1}.get(sql[place], 0)
        if not depth:
            return place
    raise ValueError("a parenthesis is not closed")


def arguments(inside: str) -> list[str]:
    """What stands between the commas that no inner parentheses hold."""
    found, depth = [""], 0
    for letter in inside:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return [one.strip() for one in found]


def hashed(hold: Hold, inside: str) -> str:
    """A hash of 64 bits; Spark's passes over NULL, so that it is also told where one stands."""
    cells = arguments(inside)
    return f"xxhash64({', '.join(f'{cell}, {cell} IS NULL' for cell in cells)})"


def replaced(hold: Hold, inside: str) -> str:
    """Spark replaces every match; patterns that are replaced once here match the whole text."""
    return f"regexp_replace({', '.join(arguments(inside)[:3])})"


def cast(hold: Hold, inside: str) -> str:
    """A cast of text that takes what DuckDB takes, and NULL otherwise."""
    cell, _, kind = inside.rpartition(" AS ")
    if cell.endswith(FLOOR):
        return f"TRY_CAST({cell} AS {kind})"
    mark, nothing, found = hold("'_'"), hold("''"), hold(as_spark(literal(DAY if kind == "DATE" else NUMBER)))
    text = f"regexp_extract({cell}, {found}, 1)"
    if kind == "DATE":
        marks, zero = hold(as_spark(literal("/\\ "))), hold("'0'")  # a year has four digits or more in Spark
        return f"TRY_CAST(lpad(translate({text}, {marks}, {hold(literal('---'))}), 11, {zero}) AS DATE)"
    return f"TRY_CAST(TRY_CAST(replace({text}, {mark}, {nothing}) AS DOUBLE) AS {kind})"


def floor(hold: Hold, inside: str) -> str:
    """Spark's own ends in an error where the number is beyond its integers."""
    return f"({inside} - pmod({inside}{FLOOR}"


def finite(hold: Hold, inside: str) -> str:
    """Words for what is no number were not read as one: infinite is only what is too large."""
    return f"(abs({inside}) <= {LARGEST})"


def full_match(hold: Hold, inside: str) -> str:
    """The whole text, a line break at its end included."""
    text, pattern = arguments(inside)
    start, end = hold(literal("^(?:")), hold(as_spark(literal(WHOLE)))
    return f"({text} RLIKE concat({start}, {pattern}, {end}))"


def match(hold: Hold, inside: str) -> str:
    """A part of the text."""
    text, pattern = arguments(inside)
    return f"({text} RLIKE {pattern})"


def sha256(hold: Hold, inside: str) -> str:
    """The hexadecimal digits."""
    return f"sha2({inside}, 256)"


def smallest(hold: Hold, inside: str) -> str:
    """The least value, or the least few as a list."""
    value, *few = arguments(inside)
    return f"slice(sort_array(collect_list({value})), 1, {few[0]})" if few else f"min({value})"


def of_one(function: str) -> Callable[[Hold, str], str]:
    """A function of several arguments, which Spark has not for one."""
    return lambda hold, inside: f"{function}({inside})" if len(arguments(inside)) > 1 else f"({inside})"


CALLS = {
    "hash": hashed,
    "regexp_replace": replaced,
    "floor": floor,
    "TRY_CAST": cast,
    "isfinite": finite,
    "regexp_full_match": full_match,
    "regexp_matches": match,
    "sha256": sha256,
    "min": smallest,
    "least": of_one("least"),
    "greatest": of_one("greatest"),
}
