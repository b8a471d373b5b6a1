"""Instruments in a survey file: columns that are called like one, or numbered columns as many as one has items."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.ingest.drafting.profiles import FileProfile, Profile
from pipeline.ingest.known.knowledge import plain, words
from pipeline.measures.library import instruments, scoring

NUMBERED = re.compile(r"(.*?)0*(\d+)")


@dataclass(frozen=True, slots=True)
class Found:
    """An instrument in a file.

    items  as a mapping spells them, such as phq9_{1-9}
    why    what speaks for it; sure where its own name does
    """

    instrument: str
    items: str = ""
    total: str = ""
    answers: bool = False
    lowest: int | None = None
    columns: tuple[str, ...] = ()
    why: str = ""
    sure: bool = True


def instruments_in(file: FileProfile) -> list[Found]:
    """Every instrument of a file, those that are named first."""
    named = [found for key in instruments() if (found := by_name(file, key))]
    taken = {column for found in named for column in found.columns}
    return [*named, *by_count(file, taken, {found.instrument for found in named})]


def by_name(file: FileProfile, key: str) -> Found | None:
    """phq9_1 … phq9_9, PHQ9 total, DLA20."""
    short = key.lower().replace("_", "")
    items: dict[int, Profile] = {}
    total = ""
    for one in file.columns:
        squeezed = plain(one.column).replace(" ", "")
        if found := re.fullmatch(
            rf"{short}(q|i|item)?0*([1-9]\d?)",
            plain(one.column).replace(" ", "") if "_" in one.column or " " in one.column else "",
        ):
            items[int(found[2])] = one
        elif re.fullmatch(rf"{short}(total|tot|sum|score|totalscore|ts)?", squeezed) and one.numeric:
            total = one.column
    wanted = instruments()[key]["items"]
    whole = bool(wanted) and set(items) == set(range(1, int(wanted) + 1)) and key in scoring()
    if not whole and not total:
        return None
    ordered = [items[place] for place in sorted(items)] if whole else []
    columns = (*(one.column for one in ordered), *([total] if total else []))
    said = f"{len(ordered)} items, called so" if ordered else "called so"
    return with_coding(Found(key, pattern_of(ordered), total, columns=columns, why=said), ordered)


def by_count(file: FileProfile, taken: set[str], known: set[str]) -> list[Found]:
    """Groups of numbered columns answered in words, where the file is called like an instrument of as many items."""
    groups: dict[str, list[Profile]] = {}
    for one in file.columns:
        match = NUMBERED.fullmatch(one.column)
        if match and one.column not in taken and match[1]:
            groups.setdefault(match[1], []).append(one)
    found = []
    for columns in groups.values():
        if len(columns) < 4 or not all(answered_in_words(one) for one in columns):
            continue
        fits = [key for key in called_in(file) if instruments()[key]["items"] == str(len(columns)) and key not in known]
        if fits:
            why = f"{len(columns)} items answered in words, and the file is called so"
            names = tuple(one.column for one in columns)
            found.append(Found(fits[0], pattern_of(columns), answers=True, columns=names, why=why, sure=len(fits) == 1))
    return found


def called_in(file: FileProfile) -> list[str]:
    """The instruments that a file's name speaks of: PHQ-GAD names the PHQ-9 and the GAD-7."""
    letters = set(re.findall(r"[a-z]+", file.view.file.stem.lower()))
    return [key for key in scoring() if re.sub(r"[^a-z]", "", key.lower()) in letters]


def answered_in_words(one: Profile) -> bool:
    """Whether all answers are words that stand for numbers."""
    return one.is_list and all(any(word.fits(cell) for word in words("answers")) for cell, _ in one.words)


def with_coding(found: Found, items: Sequence[Profile]) -> Found:
    """How the answers are coded: in words, or counted from another number than the instrument's."""
    if not items:
        return found
    if all(answered_in_words(one) for one in items):
        return Found(found.instrument, found.items, found.total, True, None, found.columns, found.why)
    known = instruments()[found.instrument]
    low, high = int(float(known["item_min"] or 0)), int(float(known["item_max"] or 0))
    numbers = [float(cell) for one in items for cell in one.sample if re.fullmatch(r"\d+(\.\d+)?", cell)]
    inside = [number for number in numbers if number <= high + 1]
    if inside and min(inside) == low + 1 and max(inside) == high + 1:
        if high - low == 1:
            return replace(found, why=f"{found.why}; 1 and {high + 1}: which is yes?", sure=False)
        return Found(found.instrument, found.items, found.total, False, low + 1, found.columns, found.why)
    return found


def pattern_of(items: Sequence[Profile]) -> str:
    """`phq9_{1-9}` where the columns differ by their number alone; else all of them."""
    if not items:
        return ""
    ends = [re.fullmatch(r"(.*?)(0*)(\d+)", one.column) for one in items]
    stems = {end[1] for end in ends if end}
    if len(stems) != 1 or not all(ends) or not ends[0] or not ends[-1]:
        return ""
    return f"{stems.pop()}{{{ends[0][2]}{ends[0][3]}-{ends[-1][2]}{ends[-1][3]}}}"
