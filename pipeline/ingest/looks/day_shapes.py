"""How the days of a column are written, from its cells alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

SHARE = 0.95  # of the cells that must be days
NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?:[ T,]+\d{1,2}:.*)?")
ISO = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[ T].*)?")
WORDS = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})[ -](\d{4})(?:[ T,]+\d{1,2}:.*)?")
MONTH_FIRST = re.compile(r"([A-Za-z]{3,9}) (\d{1,2}), (\d{4})(?:[ T,]+\d{1,2}:.*)?")


@dataclass(frozen=True, slots=True)
class DayShape:
    """A way of writing days; `sure` where no other way fits the same cells."""

    form: str
    sure: bool

    @property
    def iso(self) -> bool:
        return self.form == "ISO"


def day_shape(cells: Sequence[str]) -> DayShape | None:
    """The shape of a column's days; None where it holds none, or days of several shapes."""
    if not cells:
        return None
    if share(cells, ISO):
        return DayShape("ISO", True)
    if share(cells, NUMBERS):
        return of_numbers([found for cell in cells if (found := NUMBERS.fullmatch(cell))])
    for pattern, form in ((WORDS, "D MMM YYYY"), (MONTH_FIRST, "MMM D, YYYY")):
        if share(cells, pattern):
            return DayShape(longer(form, cells), True)
    return None


def share(cells: Sequence[str], pattern: re.Pattern[str]) -> bool:
    return sum(pattern.fullmatch(cell) is not None for cell in cells) >= SHARE * len(cells)


def of_numbers(found: Sequence[re.Match[str]]) -> DayShape:
    """Month or day first: a number above 12 tells; where none is, nobody can tell."""
    first, second = max(int(one[1]) for one in found), max(int(one[3]) for one in found)
    mark, year = found[0][2], "YYYY" if len(found[0][4]) == 4 else "YY"
    day_first = first > 12 or (second <= 12 and mark == ".")
    form = mark.join(("D", "M", year) if day_first else ("M", "D", year))
    return DayShape(form, first > 12 or second > 12)


def longer(form: str, cells: Sequence[str]) -> str:
    """Months as they are written: three letters, or in full."""
    month = max((len(word) for cell in cells[:200] for word in re.findall("[A-Za-z]{3,}", cell)), default=3)
    return form.replace("MMM", "MMMM") if month > 3 else form
