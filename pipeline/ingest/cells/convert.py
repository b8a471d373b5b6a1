"""SQL that turns a cell's text into the value its column declares; NULL where the text is no such value."""

import re
from collections.abc import Mapping

from pipeline.ingest.cells import codes as billing
from pipeline.measures.library import instruments, restricted_zip3
from pipeline.schema import Column
from pipeline.storage.quoting import literal

BLANKS = " \t\r\n\u00a0"  # what may stand around a cell without meaning anything
TRUE = ("true", "t", "1", "1.0", "yes", "y")
FALSE = ("false", "f", "0", "0.0", "no", "n")
CALENDAR_RANGE = (-25567, 47481)  # 1900-01-01 to 2099-12-31 as days since 1970-01-01
RELATIVE_RANGE = (-60000, 60000)  # 164 years either way of a person's origin
OLDEST_SHOWN = 90  # ages from here on are one group


def cleaned(cell: str, codes: Mapping[str, str] | None = None) -> str:
    """A cell without blanks around it, its code put into ours; NULL where nothing is left.

    A code is looked up as it is written, then without case, blanks, `.0` and zeros at its front.
    """
    text = f"NULLIF(trim({cell}, {literal(BLANKS)}), '')"
    if not codes:
        return text
    exact = whens({theirs.strip(): ours for theirs, ours in codes.items()})
    loose = whens(loosely(codes))
    otherwise = f"CASE {folded(text)} {loose} ELSE {text} END" if loose else text
    return f"NULLIF(CASE {text} {exact} ELSE {otherwise} END, '')"


def whens(words: Mapping[str, str]) -> str:
    return " ".join(f"WHEN {literal(theirs)} THEN {literal(ours)}" for theirs, ours in words.items())


def loosely(codes: Mapping[str, str]) -> dict[str, str]:
    """The translations by folded code; none where two codes that fold alike mean different things."""
    found: dict[str, set[str]] = {}
    for theirs, ours in codes.items():
        found.setdefault(fold(theirs), set()).add(ours)
    return {key: next(iter(ours)) for key, ours in found.items() if len(ours) == 1}


def fold(code: str) -> str:
    """A code without case, blanks, hyphens, underscores, `.0` and zeros at its front, as `folded` has it in SQL."""
    bare = re.sub(billing.BETWEEN, r"\1", re.sub(billing.WHOLE, r"\1", code.strip().lower()))
    return re.sub("^0+([0-9]+)$", r"\1", bare)


def folded(text: str) -> str:
    """SQL of `fold`."""
    return f"regexp_replace({billing.bare(text)}, '^0+([0-9]+)$', '\\1')"


def converted(column: Column, text: str, *, dates: bool, years_only: bool) -> str:
    """SQL of the staged value of a cleaned cell.

    dates       day columns hold ISO dates: days since 1970-01-01
    years_only  periods keep their year alone (a quarter is more than Safe Harbor allows)
    """
    match column.kind:
        case "code" if column.name == "instrument_id":
            letters = f"upper(regexp_replace({text}, '[^A-Za-z0-9]', '', 'g'))"
            return spelled_as({normal(known): known for known in instruments()}, letters, text)
        case "code" if column.allowed:
            spelled = {re.sub(billing.BETWEEN, r"\1", word.lower()): word for word in column.allowed}
            return spelled_as(spelled, billing.bare(text), text)
        case "code" if column.name in billing.SPELLED:
            return billing.SPELLED[column.name](text)
        case "code" if column.name == "subscale":
            return billing.subscale(text)
        case "id":
            whole_number = f"substring({text}, 1, length({text}) - 2)"
            return f"CASE WHEN regexp_full_match({text}, '[0-9]+[.]0') THEN {whole_number} ELSE {text} END"
        case "int":
            return whole(text)
        case "age":
            years = f"CASE WHEN {text} = '90+' THEN {OLDEST_SHOWN} ELSE {completed(text)} END"
            return (
                f"CASE WHEN {years} BETWEEN {OLDEST_SHOWN} AND {column.high or 130} THEN {OLDEST_SHOWN} ELSE"
                f" {years} END"
            )
        case "num":
            number = f"TRY_CAST({text} AS DOUBLE)"
            return f"CASE WHEN isfinite({number}) THEN {number} END"
        case "bool":
            return (
                f"CASE WHEN lower({text}) IN ({', '.join(map(literal, TRUE))}) THEN TRUE "
                f"WHEN lower({text}) IN ({', '.join(map(literal, FALSE))}) THEN FALSE END"
            )
        case "day":
            return date_of(text) if dates else whole(text)
        case "zip3":
            digits = f"CASE WHEN regexp_full_match({text}, '[0-9]{{1,3}}') THEN lpad({text}, 3, '0') END"
            return f"CASE WHEN {digits} IN ({', '.join(map(literal, restricted_zip3()))}) THEN '000' ELSE {digits} END"
        case "period":
            length = 4 if years_only else 6
            return f"CASE WHEN regexp_full_match({text}, '(19|20)[0-9]{{2}}(Q[1-4])?') THEN left({text}, {length}) END"
        case _:
            return text


def date_of(text: str) -> str:
    """Days since 1970-01-01 of an ISO date; the words `infinity` and `epoch`, which databases know, are none."""
    day = f"TRY_CAST({text} AS DATE)"
    return f"CASE WHEN isfinite({day}) AND {text} < 'A' THEN {day} - DATE '1970-01-01' END"


def whole(text: str) -> str:
    """A whole number, `3` or `3.0`; 3.6 is none."""
    number = f"TRY_CAST({text} AS DOUBLE)"
    return f"CASE WHEN {number} = trunc({number}) THEN TRY_CAST({text} AS INTEGER) END"


def completed(text: str) -> str:
    """Completed years of an age that may be a decimal: 8.9 is 8."""
    return f"TRY_CAST(floor(TRY_CAST({text} AS DOUBLE)) AS INTEGER)"


def normal(code: str) -> str:
    """An instrument's id without marks: PHQ-9, phq9 and PHQ9 are one."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def spelled_as(spellings: Mapping[str, str], key: str, text: str) -> str:
    """Our spelling of a known code whatever its case; an unknown one as it came."""
    cases = " ".join(f"WHEN {literal(spelled)} THEN {literal(known)}" for spelled, known in spellings.items())
    return f"CASE {key} {cases} ELSE {text} END"


NOT_A = {
    "int": "that is not a whole number",
    "age": "that is not an age in years",
    "num": "that is not a number",
    "bool": "that is neither true nor false",
    "zip3": "that is not the first three digits of a ZIP code",
    "period": "that is neither a year (2026) nor a quarter (2026Q3)",
}


def not_a(column: Column, dates: bool) -> str:
    """What a cell of this column was found not to be."""
    if column.kind == "code":
        return billing.NOT_A[column.name]
    if column.kind == "day":
        return "that is not an ISO date such as 2026-03-05" if dates else "that is not a whole day number"
    return NOT_A[column.kind]
