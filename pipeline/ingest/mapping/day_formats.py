"""How days are written in a file, and the SQL that makes ISO days of them."""

from __future__ import annotations

import re

from pipeline.ingest.mapping.told import Where
from pipeline.storage.quoting import literal

EXCEL = "excel"  # days as a spreadsheet counts them: 45658 is 2025-01-01
PARTS = {"YYYY": "%Y", "YY": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%m", "DD": "%d", "D": "%d"}
TOKEN = re.compile("|".join(sorted(PARTS, key=len, reverse=True)))
TIME = re.compile(r"[ T]+[hH]{1,2}:mm.*")


def check_formats(formats: tuple[str, ...], where: Where) -> tuple[str, ...]:
    """The formats without their times, which no day needs.  Raises StudyError for one that names no day."""
    kept = tuple(TIME.sub("", one) for one in formats)
    for one in kept:
        found = sorted(token[0] for token in TOKEN.findall(one))
        rest = TOKEN.sub("", one)
        if one != EXCEL and (found != ["D", "M", "Y"] or re.search("[A-Za-z]", rest)):
            raise where.at("dates").error(
                'a date is written with YYYY (or YY), M or MMM, and D: dates = "M/D/YYYY", "D.M.YYYY", "D MMM YYYY", or'
                ' "excel" for the numbers of a spreadsheet'
            )
    return kept


def strptime(form: str) -> str:
    """The format as the engine spells it."""
    return TOKEN.sub(lambda found: PARTS[found[0]], form)


def day_sql(text: str, formats: tuple[str, ...]) -> str:
    """SQL of a cell's ISO day where it is written in one of these formats; the cell as it is elsewhere."""
    if not formats:
        return text
    return f"COALESCE({', '.join(f'CAST({date_sql(text, one)} AS VARCHAR)' for one in formats)}, {text})"


def date_sql(text: str, form: str) -> str:
    """SQL of a cell as DATE; NULL where it is written otherwise.  A time behind the day is left off."""
    if form == EXCEL:
        days = f"TRY_CAST({text} AS DOUBLE)"
        return f"CASE WHEN {days} BETWEEN 1 AND 100000 THEN DATE '1899-12-30' + CAST(floor({days}) AS INTEGER) END"
    blanks = form.count(" ")
    day = f"split_part({text}, ' ', 1)"
    if blanks:
        day = f"regexp_extract({text}, '^([^ ]+( +[^ ]+){{{blanks}}})', 1)"
    return f"CAST(try_strptime({day}, {literal(strptime(form))}) AS DATE)"


def any_date_sql(text: str, formats: tuple[str, ...]) -> str:
    """SQL of a cell as DATE in one of these formats or in ISO."""
    return f"COALESCE({', '.join([*(date_sql(text, one) for one in formats), f'TRY_CAST({text} AS DATE)'])})"


def moment_sql(text: str, formats: tuple[str, ...]) -> str:
    """SQL of a cell as a day with its time, in one of these formats or in ISO."""
    clocks = (" %I:%M %p", " %I:%M:%S %p", " %H:%M", " %H:%M:%S")
    tried = [
        f"try_strptime({text}, {literal(strptime(one) + clock)})" for one in formats if one != EXCEL for clock in clocks
    ]
    return f"COALESCE({', '.join([*tried, f'TRY_CAST({text} AS TIMESTAMP)'])})"
