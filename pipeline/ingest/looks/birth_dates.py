"""Dates in the shapes that exports write them, and the question whether a column of them is one of dates of birth."""

import re
from collections.abc import Sequence
from functools import lru_cache

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ABROAD = {  # what other languages write, where it differs from the English beginning
    1: "ene gen",
    2: "fév",
    3: "mär",
    4: "abr avr",
    5: "mai mag",
    6: "jui giu",
    7: "lug",
    8: "ago aoû",
    9: "set",
    10: "okt ott",
    12: "dez dic déc",
}
YEAR = r"((?:18|19|20)?\d\d)"
LONG_YEAR = r"((?:18|19|20)\d\d)"
WORD = r"([^\W\d_]{3,10})"
TIME = r"(?:[T ,]+[0-9]{1,2}[:.h][0-9]{2}.*)?"
YEAR_FIRST = re.compile(rf"{LONG_YEAR}\s*[-/.年 ]\s*(\d\d?)\s*[-/.月 ]\s*(\d\d?)日?{TIME}")
YEAR_LAST = re.compile(rf"(\d\d?)\s*[-/. ]\s*(\d\d?)\s*[-/. ]\s*{YEAR}{TIME}")
YEAR_MONTH = re.compile(rf"{LONG_YEAR}[-/](0?[1-9]|1[0-2])|(0?[1-9]|1[0-2])[-/]{LONG_YEAR}")
ROMAN = re.compile(rf"(\d\d?)[-./ ](?:I{{1,3}}|IV|VI{{0,3}}|IX|XI{{0,2}})[-./ ]{YEAR}")
RUN_TOGETHER = re.compile(r"(\d{8})(?:T?\d{4,6})?")
MONTH_WORD = re.compile(
    rf"(?:[^\W\d_]+,? )?(\d\d?)(?:st|nd|rd|th|\.)?[-/ ]?(?:de )?{WORD}\.?[-/, ]*(?:de )?['’]?{YEAR}{TIME}"
)
WORD_FIRST = re.compile(rf"(?:[^\W\d_]+day,? )?{WORD}\.?[-/ ]?(\d\d?)(?:st|nd|rd|th)?[-/, ]+['’]?{YEAR}{TIME}")
YEAR_THEN_WORD = re.compile(rf"{LONG_YEAR}[-/ ]{WORD}\.?[-/ ](\d\d?)")
YOUNGEST_SPAN = 15  # years between the tenth and the ninetieth of a hundred: dates of care never lie so far apart
LONG_AGO = 1990


def year_of(cell: str) -> int | None:
    """The year of a cell that is a calendar date and nothing else; None where it is none."""
    cell = cell.strip()
    if found := YEAR_FIRST.fullmatch(cell):
        return year(found[1], found[2], found[3])
    if found := YEAR_LAST.fullmatch(cell):
        read = year(found[3], found[1], found[2]) or year(found[3], found[2], found[1])
        return read or year(found[1], found[2], found[3])
    if found := YEAR_MONTH.fullmatch(cell):
        return int(found[1] or found[4])
    if found := ROMAN.fullmatch(cell):
        return year(found[2], 1, found[1])
    if found := RUN_TOGETHER.fullmatch(cell):
        return run_together(found[1])
    if found := MONTH_WORD.fullmatch(cell):
        return year(found[3], month(found[2]), found[1])
    if found := WORD_FIRST.fullmatch(cell):
        return year(found[3], month(found[1]), found[2])
    if found := YEAR_THEN_WORD.fullmatch(cell):
        return year(found[1], month(found[2]), found[3])
    return None


def year(written: str, month_number: str | int, day: str | int) -> int | None:
    """The year where month and day can be; two digits are taken for the last hundred years."""
    if not (1 <= int(month_number) <= 12 and 1 <= int(day) <= 31):
        return None
    number = int(written)
    return number if number > 99 else number + (2000 if number <= 30 else 1900)


def month(word: str) -> int:
    """The month that a word begins like; 0 for no month."""
    start = word.lower()[:3]
    if start in MONTHS:
        return MONTHS.index(start) + 1
    return next((number for number, words in ABROAD.items() if start in words.split()), 0)


def run_together(digits: str) -> int | None:
    """The year of 19530406, 04061953 or 06041953."""
    candidates = (
        (digits[:4], digits[4:6], digits[6:]),
        (digits[4:], digits[:2], digits[2:4]),
        (digits[4:], digits[2:4], digits[:2]),
    )
    for written, month_number, day in candidates:
        if 1890 <= int(written) <= 2099 and (found := year(written, month_number, day)):
            return found
    return None


@lru_cache(maxsize=50_000)  # the ids of people come again in every table
def year_inside(token: str) -> int | None:
    """The year of a date that stands within a code: PM19530406, pm-1953-04-06, 530406PM."""
    if found := year_of(token):
        return found
    bare = re.sub(r"(?<=\d)[-/._](?=\d)", "", token)
    for run in re.findall(r"\d+", bare):
        if len(run) == 6 and (found := short_date(run)):
            return found
        if len(run) == 8 and (found := run_together(run)):
            return found
    dashed = re.search(r"(?:18|19|20)\d\d-\d\d?-\d\d?|\d\d?[-/.]\d\d?[-/.](?:18|19|20)\d\d", token)
    return year_of(dashed[0]) if dashed else None


def short_date(run: str) -> int | None:
    """The year of 530406, 040653 or 060453."""
    first, middle, last = run[:2], run[2:4], run[4:]
    return year(first, middle, last) or year(last, first, middle) or year(last, middle, first)


def are_dates(cells: Sequence[str], share: float = 0.8) -> bool:
    """Most cells are calendar dates."""
    return bool(cells) and sum(year_of(cell) is not None for cell in cells) > share * len(cells)


def are_births(years: Sequence[int]) -> bool:
    """Years as far apart as those of birth, or long past."""
    if len(years) < 2:
        return bool(years) and years[0] < LONG_AGO
    ordered = sorted(years)
    low, high = ordered[len(ordered) // 10], ordered[-1 - len(ordered) // 10]
    return high - low >= YOUNGEST_SPAN or ordered[len(ordered) // 2] < LONG_AGO


def births(cells: Sequence[str]) -> bool:
    """Most cells are dates, and the dates are those of births."""
    years = [found for cell in cells if (found := year_of(cell)) is not None]
    return len(years) > 0.8 * len(cells) and are_births(years)


def births_inside(tokens: Sequence[str]) -> bool:
    """Codes made of dates of birth.  Runs of six digits are often dates by chance, so nearly all must be."""
    if are_running(tokens):
        return False
    years = [found for token in tokens if (found := year_inside(token)) is not None]
    if not years:
        alone = [re.findall(r"(?<!\d)(?:19[2-9]\d|200\d)(?!\d)", token) for token in tokens]
        years = [int(found[0]) for found in alone if len(found) == 1]
        years = years if len(set(years)) < len(years) else []  # numbers in a row are no years
    return len(tokens) >= 5 and len(years) > 0.9 * len(tokens) and are_births(years)


def are_running(tokens: Sequence[str]) -> bool:
    """Numbers that were counted up (C100001, C100002 …): most stand so close together that they cannot be days of
    birth."""
    runs = sorted({int(found[0]) for token in tokens if (found := re.search(r"\d{5,8}$", token))})
    middle = runs[len(runs) // 20 : len(runs) - len(runs) // 20]
    return len(runs) > 0.9 * len(tokens) and len(middle) > 0.3 * (middle[-1] - middle[0] + 1)
