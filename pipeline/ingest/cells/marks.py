"""Words that stand for an empty cell: what programs on the way write where nothing was recorded."""

from collections.abc import Sequence

from pipeline.schema import Column
from pipeline.storage.quoting import literals

MARKS = (
    *("NA", "N/A", "#N/A", "<NA>", "NAN", "NAT", "NULL", "(NULL)", "#NULL!", "\\N", "."),
    *("#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NUM!"),
)  # R, spreadsheets, pandas, SQL, MySQL and PostgreSQL, SPSS, SAS and Stata
NO_IDS = ("NONE", "UNKNOWN", "MISSING")  # may be a code, and is nobody's id


def marks_for(column: Column, more: Sequence[str] = ()) -> tuple[str, ...]:
    """The words, in capitals, that mean an empty cell of this column; `more` are those that study.toml adds."""
    words = (*MARKS, *(NO_IDS if column.kind == "id" else ()), *(word.strip().upper() for word in more))
    ours = {word.upper() for word in column.allowed}
    return tuple(word for word in dict.fromkeys(words) if word not in ours)


def is_mark(column: Column, cell: str, more: Sequence[str] = ()) -> str:
    """SQL that is TRUE where a cleaned cell is a word for missing."""
    words = marks_for(column, more)
    return f"length({cell}) <= {max(map(len, words))} AND upper({cell}) IN ({literals(words)})"


def without_marks(column: Column, cell: str, more: Sequence[str] = ()) -> str:
    """SQL of a cleaned cell that is NULL where it holds a word for missing."""
    return f"CASE WHEN {is_mark(column, cell, more)} THEN NULL ELSE {cell} END"
